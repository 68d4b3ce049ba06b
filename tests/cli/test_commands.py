"""What each command prints: the JSON contract, tables, files written."""

import csv
import io
import json
import re
import xml.etree.ElementTree as ET

import polars as pl
import pytest

from twocurves.beliefs import load_beliefs, read_settings, to_toml
from twocurves.cli.entry import run


@pytest.fixture(autouse=True)
def _own_data_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("TWOCURVES_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "140")


@pytest.fixture
def printed(capsys):
    """Run a command and return its exit code, standard output and standard error."""

    def call(*arguments):
        code = run(list(arguments))
        streams = capsys.readouterr()
        return code, streams.out, streams.err

    return call


MEASURE_KEYS = {"id", "estimate", "low", "high", "unit", "method", "n", "from", "to", "sources"}
PROMISED = {
    "capability_growth_closed",
    "capability_growth_open",
    "capability_growth_difference",
    "metr_doubling_days",
    "premium_at_matched_capability",
    "lag_months:weekly",
    "gap_points:weekly",
    "lag_months:releases",
    "lag_months:frontiers",
}


def test_measure_prints_the_promised_object(printed):
    code, out, err = printed("measure", "--json")
    assert (code, err) == (0, "")
    record = json.loads(out)
    assert record["data_to"] == "2026-06-30"
    by_id = {row["id"]: row for row in record["measures"]}
    assert len(by_id) == len(record["measures"])
    assert by_id.keys() >= PROMISED
    assert any(name.startswith("host_price_dispersion:") for name in by_id)
    for row in by_id.values():
        assert row.keys() >= MEASURE_KEYS
        assert row["method"]
        if row["estimate"] is None:
            assert row["note"], row["id"]
        else:
            assert row["sources"], row["id"]
            assert row["n"] > 0
        if row["low"] is not None and row["high"] is not None and row["estimate"] is not None:
            assert row["low"] <= row["estimate"] <= row["high"], row["id"]


def test_a_period_limits_what_is_described(printed):
    _, out, _ = printed("measure", "lag_months:weekly", "--from", "2024-01", "--to", "2024-12", "--json")
    (row,) = [row for row in json.loads(out)["measures"] if row["id"] == "lag_months:weekly"]
    assert row["from"] >= "2024-01"
    assert row["to"] <= "2024-12"


def test_what_was_known_limits_what_is_seen(printed):
    _, out, _ = printed("measure", "--as-of", "2024-12-31", "--json")
    record = json.loads(out)
    assert record["as_of"] == "2024-12-31"
    assert record["data_to"] <= "2024-12-31"
    assert all(row["to"] is None or row["to"] <= "2024-12" for row in record["measures"])


def test_before_anything_was_known_there_are_reasons_and_no_crash(printed):
    code, out, _ = printed("measure", "--as-of", "2020-01-01", "--json")
    assert code == 0
    assert all(row["estimate"] is None and row["note"] for row in json.loads(out)["measures"])


def test_measure_as_csv_has_a_row_for_each(printed):
    _, out, _ = printed("measure", "lag_months", "--csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert rows
    assert {row["id"].split(":")[0] for row in rows} == {"lag_months"}


def test_the_overview_begins_with_the_sentence_and_credits_its_source(printed):
    code, out, _ = printed("measure")
    assert code == 0
    assert "exponentials" in out.strip().splitlines()[0]
    assert "Epoch AI, CC BY 4.0" in out
    assert "lag_months:weekly" in out


def test_one_measure_is_shown_with_method_and_sources(printed):
    _, out, _ = printed("measure", "metr_doubling_days")
    assert "How:" in out
    assert "Source:" in out
    assert "90% interval" in out


def test_a_break_is_printed_as_a_month_and_never_as_a_number(printed):
    _, out, _ = printed("measure", "metr_break_month", "--json")
    (row,) = json.loads(out)["measures"]
    assert 2019 < row["low"] <= row["estimate"] <= row["high"] < 2027
    for arguments in (["measure", "metr_break_month"], ["measure", "--all"]):
        _, out, _ = printed(*arguments)
        assert "2,02" not in out
        assert "2024-05" in out
    _, out, _ = printed("measure", "metr_break_month")
    assert re.search(r"90% interval 20\d\d-\d\d to 20\d\d-\d\d", out)


def test_the_footer_names_what_is_pseudo_real_time(printed):
    _, out, _ = printed("measure", "--as-of", "2025-01-01")
    foot = " ".join(out[out.index("Observations to") :].split())
    assert "pseudo-real-time" in foot
    for family in ("capability", "lag", "compute"):
        assert family in foot
    _, out, _ = printed("measure")
    assert "pseudo-real-time" not in out[out.index("Observations to") :]


def test_thin_ground_is_weighed_in_the_first_sentence_and_the_table(printed):
    _, out, _ = printed("measure", "--as-of", "2025-01-01")
    words = " ".join(out.split())
    assert words.startswith("These data do not settle whether")
    assert re.search(r"in capability open probably gains faster, with probability 0\.8\d", words)
    assert re.search(r"probably, open faster with probability 0\.8\d", words)


def test_what_is_shown_of_a_series_is_in_order(printed):
    _, out, _ = printed("data", "show", "arr_usd_bn", "--json")
    shown = [(row["date"] is None, row["date"], row["entity"]) for row in json.loads(out)["observations"]]
    assert shown == sorted(shown)
    _, out, _ = printed("data", "show", "nvidia_h100e_by_owner")
    assert "18 observations from 1 source:" in out


def test_a_misspelt_column_stops_an_import_with_the_nearest_name(printed, tmp_path):
    table = tmp_path / "mine.csv"
    table.write_text(
        "series,entity,date,value,unit,knownon,source\nmy_series,Somebody,2026-05,5,USD,2026-06-30,me\n"
    )
    code, out, err = printed("data", "import", str(table))
    assert (code, out) == (2, "")
    assert "did you mean 'known_on'" in err


def test_data_list_and_show(printed):
    code, out, _ = printed("data", "list", "--json")
    listed = json.loads(out)["series"]
    assert code == 0
    assert {"eci", "arr_usd_bn", "openrouter_weekly_revenue_backfill"} <= {row["series"] for row in listed}
    code, out, _ = printed("data", "show", "eci", "--json")
    shown = json.loads(out)
    assert code == 0
    assert "Epoch AI" in shown["credit"]
    assert len(shown["observations"]) > 150
    code, out, _ = printed("data", "show", "arr_usd_bn")
    assert code == 0
    assert "Anthropic" in out


def test_data_check_finds_the_packaged_tables_sound(printed):
    code, out, _ = printed("data", "check", "--json")
    record = json.loads(out)
    assert code == 0
    assert record["catalogue"]["offers"] > 4000
    assert len(record["overrides"]) > 500


def test_a_broken_table_of_the_user_is_named_and_the_exit_code_says_so(printed, tmp_path):
    folder = tmp_path / "data" / "imported"
    folder.mkdir(parents=True)
    (folder / "mine.csv").write_text(
        "series,entity,date,value,unit,low,high,source\narr_usd_bn,OpenAI,2026-05,5,USD billion/yr,9,10,me\n"
    )
    code, out, _ = printed("data", "check")
    assert code == 1
    assert "mine.csv:2" in out


def test_garbage_is_named_in_words_and_in_json_and_can_be_removed(printed, tmp_path):
    folder = tmp_path / "data" / "imported"
    folder.mkdir(parents=True)
    (folder / "bad.csv").write_bytes(b"\x00garbage")
    code, out, err = printed("data", "check")
    assert (code, err) == (1, "")
    assert "bad.csv" in out
    assert "Every override of the open flag" in out
    code, out, _ = printed("data", "check", "--json")
    record = json.loads(out)
    assert code == 1
    assert [problem["row"] for problem in record["observations"]["problems"]] == ["bad.csv"]
    assert record["catalogue"]["offers"] > 4000
    for command in (["measure"], ["data", "list"]):
        code, out, err = printed(*command)
        assert (code, out) == (2, "")
        assert "twocurves data remove bad" in err
    code, out, _ = printed("data", "remove", "bad", "--json")
    assert (code, json.loads(out)) == (0, {"removed": [str(folder / "bad.csv")]})
    assert printed("data", "list")[0] == 0


def test_a_changed_catalogue_is_named_and_the_tables_are_checked_all_the_same(printed, tmp_path):
    folder = tmp_path / "data" / "catalogues"
    folder.mkdir(parents=True)
    (folder / "models-dev.json").write_text("{}")
    code, out, _ = printed("data", "check")
    assert code == 1
    assert "Observations: 1,615 rows" in out
    assert "models-dev.json is not as it was fetched" in " ".join(out.split())
    code, out, _ = printed("data", "check", "--json")
    record = json.loads(out)
    assert code == 1
    assert record["catalogue"] is None
    assert "models-dev.json" in record["catalogue_fault"]


def test_broken_rows_are_records_under_json(printed, tmp_path):
    table = tmp_path / "neg.csv"
    table.write_text("series,entity,date,value,unit,source\narr_usd_bn,OpenAI,2026-05,-5,USD billion/yr,me\n")
    code, _, err = printed("data", "import", str(table), "--json")
    assert code == 2
    (problem,) = json.loads(err)["error"]["given"]
    assert problem == {
        "row": "neg.csv:2",
        "severity": "broken",
        "message": "value -5 must be above 0 and at most 10000 (USD billion/yr); it is negative",
    }


def test_a_near_name_is_taken_when_insisted_on(printed, tmp_path):
    table = tmp_path / "mine.csv"
    table.write_text("series,entity,date,value,unit,source\neci_score,GPT-5,2026-05,150,points,me\n")
    code, _, err = printed("data", "import", str(table))
    assert code == 2
    assert "did you mean 'eci'" in err
    code, out, _ = printed("data", "import", str(table), "--new-series")
    assert code == 0
    assert "New series: eci_score" in out


@pytest.mark.parametrize("width", [40, 60, 80, 140])
def test_names_and_words_are_whole_at_any_width(printed, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    _, out, _ = printed("data", "list", "--json")
    names = {row["series"] for row in json.loads(out)["series"]}
    _, out, _ = printed("data", "list")
    assert max(len(line) for line in out.splitlines()) <= width
    firsts = {line.split(" ")[0] for line in out.splitlines()}
    assert {name for name in names if len(name) <= width} <= firsts
    _, out, _ = printed("beliefs", "list")
    firsts = {line.split(" ")[0] for line in out.splitlines()}
    assert {name for name in load_beliefs().names if len(name) <= width} <= firsts
    _, out, _ = printed("measure")
    assert max(len(line) for line in out.splitlines()) <= width
    for word in ("probability", "Capability", "closed", "exponentials"):
        assert word in out


def test_lists_in_csv_can_be_read_back(printed):
    _, out, _ = printed("measure", "arena_growth_difference", "--json")
    (row,) = json.loads(out)["measures"]
    _, out, _ = printed("measure", "arena_growth_difference", "--csv")
    (cells,) = csv.DictReader(io.StringIO(out))
    assert json.loads(cells["sources"]) == row["sources"]


def test_a_day_behind_the_data_is_said(printed):
    for command in (["data", "list"], ["data", "show", "eci"], ["measure"]):
        _, out, _ = printed(*command, "--as-of", "2030-01-01")
        assert "though the data end on 2026-06-30" in " ".join(out.split())
    _, out, _ = printed("data", "list", "--as-of", "2024-12-31")
    assert "as known on 2024-12-31). Days" in " ".join(out.split())


def test_importing_is_one_command_and_the_rows_are_measured(printed, tmp_path):
    table = tmp_path / "mine.csv"
    table.write_text(
        "series,entity,date,value,unit,low,high,interval_kind,known_on,source,note\n"
        "my_series,Somebody,2026-05,5,USD billion/yr,4,6,,,my own count,\n"
    )
    code, out, _ = printed("data", "import", str(table), "--json")
    assert code == 0, out
    code, out, _ = printed("data", "show", "my_series", "--json")
    assert json.loads(out)["observations"][0]["value"] == 5


@pytest.mark.parametrize("suffix", ["svg", "png", "json", "html"])
def test_a_figure_is_written_in_each_form(printed, tmp_path, suffix):
    path = tmp_path / f"lag.{suffix}"
    code, out, _ = printed("plot", "lag", "-o", str(path), "--json")
    assert code == 0
    assert json.loads(out)["written"] == [str(path)]
    assert path.stat().st_size > 1000


def test_all_figures_make_a_page(printed, tmp_path):
    code, out, _ = printed("plot", "all", "-o", str(tmp_path / "figures"), "--json")
    written = json.loads(out)["written"]
    assert code == 0
    assert written[-1].endswith("index.html")
    for path in written[:-1]:
        ET.parse(path)
    page = (tmp_path / "figures" / "index.html").read_text()
    assert page.count("<figure>") == len(written) - 1
    assert "src=" not in page


def test_a_period_without_data_for_a_figure_is_said(printed, tmp_path):
    code, _, _ = printed("plot", "all", "-o", str(tmp_path / "early"), "--as-of", "2023-02-01")
    assert code == 0
    assert "nothing to draw" in (tmp_path / "early" / "index.html").read_text().lower()


def test_beliefs_are_listed_shown_and_drawn(printed, tmp_path):
    _, out, _ = printed("beliefs", "list", "--json")
    record = json.loads(out)
    assert len(record["parameters"]) > 250
    assert {"central", "open_surge", "closed_moat"} <= {row["id"] for row in record["scenarios"]}
    _, out, _ = printed("beliefs", "show", "lag_pub", "--json")
    assert json.loads(out)["unit"] == "months"
    path = tmp_path / "draws.parquet"
    code, out, _ = printed(
        "beliefs", "draw", "--draws", "100", "--set", "lag_pub=4.5", "-o", str(path), "--json"
    )
    record = json.loads(out)
    assert code == 0
    assert record["draws"]["asked"] == 100
    drawn = pl.read_parquet(path)
    assert drawn.height == 100
    assert drawn["lag_pub"].unique().to_list() == [4.5]


def test_an_event_is_shown_as_an_event(printed):
    name, event = next(iter(load_beliefs().events.items()))
    _, out, _ = printed("beliefs", "show", name, "--json")
    record = json.loads(out)
    assert (record["kind"], record["event_kind"]) == ("event", event.kind)


def test_the_command_line_goes_over_the_scenario_and_a_saved_file_is_drawn(printed, tmp_path):
    def regions(*arguments):
        code, out, _ = printed("beliefs", "draw", *arguments, "--draws", "32", "--json")
        assert code == 0
        rows = json.loads(out)["parameters"]
        return {row["full_name"]: row["p50"] for row in rows if row["full_name"].startswith("region_wall.")}

    told = regions("china_wall")
    assert len(set(told.values())) > 1
    assert set(regions("china_wall", "--set", "region_wall=0.5").values()) == {0.5}
    kept = regions("china_wall", "--set", "region_wall=0.5", "--set", "region_wall.rest=0.9")
    assert (kept["region_wall.rest"], kept["region_wall.china"]) == (0.9, 0.5)

    beliefs = load_beliefs()
    saved = tmp_path / "saved.toml"
    saved.write_text(to_toml(read_settings(beliefs, ["region_wall=0.5"]), "china_wall"))
    assert set(regions(str(saved)).values()) == {0.5}


def test_the_same_seed_gives_the_same_draws_and_another_seed_others(printed):
    def medians(seed):
        _, out, _ = printed("beliefs", "draw", "--draws", "64", "--seed", str(seed), "--json")
        return [row["p50"] for row in json.loads(out)["parameters"]]

    assert medians(1) == medians(1)
    assert medians(1) != medians(2)
