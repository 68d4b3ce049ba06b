"""What each command prints: the JSON contract, tables, files written."""

import csv
import io
import json
import xml.etree.ElementTree as ET

import polars as pl
import pytest

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


def test_the_same_seed_gives_the_same_draws_and_another_seed_others(printed):
    def medians(seed):
        _, out, _ = printed("beliefs", "draw", "--draws", "64", "--seed", str(seed), "--json")
        return [row["p50"] for row in json.loads(out)["parameters"]]

    assert medians(1) == medians(1)
    assert medians(1) != medians(2)
