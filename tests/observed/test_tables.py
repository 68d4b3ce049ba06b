"""The long table: what it holds, what was known when, and what it costs to load."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.observed.rows import as_csv, fetched, row, tidied, write
from twocurves.errors import BadDataError, BadFileError, BadInputError
from twocurves.months import Month
from twocurves.observed.series import FAMILIES, describe_series, series_catalogue, series_rows
from twocurves.observed.tables import (
    IMPORTED,
    PACKAGED,
    UPDATED,
    Observations,
    observations,
    packaged_table,
    user_data_folder,
)
from twocurves.observed.tidying import COLUMNS, read_period

DAYS = st.dates(dt.date(2019, 1, 1), dt.date(2027, 1, 1))


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Observations:
    return observations(folder=tmp_path_factory.mktemp("empty"))


def counted_from(frame: pl.DataFrame) -> pl.Series:
    return frame.select(
        pl.when("pseudo_real_time").then(pl.coalesce("date", "known_on")).otherwise("known_on")
    ).to_series()


def test_columns_and_types(held: Observations) -> None:
    assert dict(held.frame.schema) == COLUMNS
    filled = ("table", "series", "entity", "unit", "known_on", "date_precision", "source", "row", "conflict")
    assert held.frame.select(filled).null_count().sum_horizontal().item() == 0


def test_every_packaged_table_is_there_and_rows_are_named_once(held: Observations) -> None:
    assert set(held.frame["table"]) == set(PACKAGED)
    assert held.frame["row"].is_unique().all()
    assert held.data_to == dt.date(2026, 6, 30)


def test_row_names_point_at_the_line_of_the_file(held: Observations) -> None:
    import csv
    from importlib import resources

    for name in PACKAGED:
        text = (resources.files("twocurves.observed") / "data" / f"{name}.csv").read_text(encoding="utf-8")
        lines = dict(enumerate(csv.DictReader(text.splitlines()), 2))
        named = held.frame.filter(pl.col("table") == name).select("row", "series", "entity")
        for line, series, entity in named.iter_rows():
            cells = lines[int(line.rsplit(":", 1)[1])]
            assert (cells["series"], cells["entity"]) == (series, entity)


def test_every_row_says_where_it_comes_from_and_no_note_runs_on(held: Observations) -> None:
    assert (held.frame["source"].str.len_chars() > 2).all()
    assert (held.frame["note"].drop_nulls().str.len_chars() <= 90).all()


def test_the_catalogue_and_the_tables_have_the_same_series(held: Observations) -> None:
    catalogue = series_catalogue()
    assert set(catalogue) == set(held.frame["series"])
    for entry in catalogue.values():
        assert entry.title
        assert entry.meaning
        assert entry.units
        assert entry.family in FAMILIES
        assert entry.scale in ("log", "logit", "linear")
        assert set(entry.never_join) <= set(catalogue)


def test_epoch_is_credited_wherever_it_is_used(held: Observations) -> None:
    by_epoch = held.frame.filter(pl.col("source").str.contains("Epoch AI, (ECI|benchmark)"))
    assert by_epoch.height > 500
    catalogue = series_catalogue()
    for name in by_epoch["series"].unique():
        assert "Epoch AI" in catalogue[name].credit
        assert "CC BY 4.0" in catalogue[name].credit
    assert by_epoch["source"].str.contains("CC BY 4.0").all()


def test_unknown_series_names_the_nearest(held: Observations) -> None:
    with pytest.raises(BadInputError, match="did you mean 'eci'") as caught:
        held.series("ecii")
    assert caught.value.suggestion == "eci"
    assert set(held.series("eci", "arr_usd_bn")["series"]) == {"eci", "arr_usd_bn"}
    assert held.until(dt.date(2015, 1, 1)).series("eci").is_empty()


@given(as_of=DAYS)
def test_nothing_is_seen_before_it_was_known(as_of: dt.date, held: Observations) -> None:
    seen = held.until(as_of)
    assert seen.as_of == as_of
    assert (counted_from(seen.frame) <= as_of).all()
    real_time = seen.frame.filter(~pl.col("pseudo_real_time"))
    assert (real_time["known_on"] <= as_of).all()
    dated = seen.frame.filter(pl.col("pseudo_real_time") & pl.col("date").is_not_null())
    assert (dated["date"] <= as_of).all()


@given(one=DAYS, other=DAYS)
def test_knowledge_only_grows(one: dt.date, other: dt.date, held: Observations) -> None:
    early, late = sorted((one, other))
    seen_early, seen_late = set(held.until(early).frame["row"]), set(held.until(late).frame["row"])
    assert seen_early <= seen_late
    assert set(held.until(late).until(early).frame["row"]) == seen_early
    assert held.until(early).until(late).as_of == early
    assert set(held.until(early).until(late).frame["row"]) == seen_early


def test_as_of_of_loading_is_until(tmp_path: Path, held: Observations) -> None:
    day = dt.date(2025, 3, 15)
    assert observations(day, tmp_path).frame.equals(held.until(day).frame)


def test_only_declared_refits_are_pseudo_real_time(held: Observations) -> None:
    flagged = set(held.frame.filter("pseudo_real_time")["series"])
    assert flagged == {name for name, entry in series_catalogue().items() if entry.single_refit}
    eci = held.series("eci")
    assert eci["pseudo_real_time"].all()
    assert (eci["known_on"] == dt.date(2026, 8, 11)).all()
    assert not held.series("arr_usd_bn")["pseudo_real_time"].any()


@given(first=st.integers(0, 100), length=st.integers(0, 60))
def test_described_limits_the_dates(first: int, length: int, held: Observations) -> None:
    start = Month.parse("2018-01") + first
    end = Month(int(start) + length)
    dates = held.described(start, end).frame["date"]
    assert dates.null_count() == 0
    assert ((dates >= start.first_day) & (dates <= end.last_day)).all()
    assert held.described().frame.height == held.frame.height


@pytest.mark.parametrize(
    ("text", "at", "end", "precision"),
    [
        ("2026-06-30", "2026-06-30", "2026-06-30", "day"),
        ("2026-02", "2026-02-15", "2026-02-28", "month"),
        ("2026-Q1", "2026-02-15", "2026-03-31", "quarter"),
        ("2025H2", "2025-10-01", "2025-12-31", "half"),
        ("2024", "2024-07-01", "2024-12-31", "year"),
    ],
)
def test_periods_stand_at_their_middle_and_are_known_at_their_end(
    text: str, at: str, end: str, precision: str, tmp_path: Path
) -> None:
    period = read_period(text)
    assert period is not None
    assert (period.at.isoformat(), period.end.isoformat(), period.precision) == (at, end, precision)
    one = tidied(tmp_path, row(date=text)).row(0, named=True)
    assert (one["date"], one["known_on"], one["date_precision"]) == (period.at, period.end, precision)


@given(st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)))
def test_a_period_ends_no_earlier_than_it_stands(day: dt.date) -> None:
    quarter, half = (day.month - 1) // 3 + 1, (day.month - 1) // 6 + 1
    texts = (
        day.isoformat(),
        f"{day:%Y-%m}",
        f"{day.year:04d}-Q{quarter}",
        f"{day.year:04d}-H{half}",
        f"{day.year:04d}",
    )
    periods = [read_period(text) for text in texts]
    for period in periods:
        assert period is not None
        assert period.at <= period.end
        assert day <= period.end
    ends = [period.end for period in periods if period is not None]
    assert ends == sorted(ends)


@pytest.mark.parametrize("text", ["2026-13", "2026-02-30", "Q1 2026", "june", "06/2026", "2026-Q5", "12"])
def test_what_is_no_date_is_refused_with_its_row(text: str, tmp_path: Path) -> None:
    with pytest.raises(BadDataError, match=r"table.csv:3: date must be a date") as caught:
        tidied(tmp_path, row(), row(date=text))
    assert caught.value.given == text


@pytest.mark.parametrize("text", ["1,5", "twelve", "nan", "inf", "$3"])
@pytest.mark.parametrize("column", ["value", "low", "high"])
def test_what_is_no_number_is_refused_with_its_row(text: str, column: str, tmp_path: Path) -> None:
    with pytest.raises(BadDataError, match=rf"table.csv:2: {column} must be a number"):
        tidied(tmp_path, row(**{column: text}))


def test_known_on_is_always_filled_and_never_too_early(tmp_path: Path) -> None:
    frame = tidied(
        tmp_path,
        row(date="2025-05"),
        row(date="", entity="undated"),
        row(date="2025-01-01", known_on="2025-09", entity="late"),
    )
    assert frame["known_on"].to_list() == [dt.date(2025, 5, 31), dt.date(2025, 9, 30), dt.date(2025, 9, 30)]
    assert frame["exclude"].to_list() == [None, "undated", None]


def test_economy_comes_from_access_then_licence_then_the_alias_table(tmp_path: Path) -> None:
    frame = tidied(
        tmp_path,
        row(entity="GPT-5", access="Open"),
        row(entity="GPT-5", licence_class="Open weights (Open weights (unrestricted))", date="2026-01"),
        row(entity="Kimi K2.6", date="2026-01"),
        row(entity="GPT-5", date="2026-02"),
        row(entity="nobody knows", date="2026-02"),
    )
    assert frame["economy"].to_list() == ["open", "open", "open", "closed", None]
    assert frame["model"].to_list() == ["gpt-5", "gpt-5", "kimi-k2.6", "gpt-5", None]
    assert frame["maker"].to_list() == ["openai", "openai", "moonshot", "openai", None]


def test_organisation_and_product_resolve_to_the_organisation(held: Observations) -> None:
    users = held.series("active_users_weekly", "tokens_processed_daily")
    assert users["maker"].null_count() <= 1  # one host has no entry of its own product
    assert held.series("arr_usd_bn")["maker"].null_count() == 0
    assert held.series("valuation_usd_bn")["maker"].null_count() == 0


def test_conflicting_rows_are_both_kept_and_flagged(tmp_path: Path) -> None:
    frame = tidied(tmp_path, row(value="0.5"), row(value="0.4"), row(value="0.5", date="2026-02"))
    assert frame["conflict"].to_list() == [True, True, False]


def test_a_table_never_seen_loads_with_only_the_required_columns(tmp_path: Path) -> None:
    write(
        tmp_path / IMPORTED / "fresh.csv",
        [
            row(series="brand_new", unit="furlongs"),
            row(series="brand_new", unit="furlongs", value="0.7"),
            row(series="brand_new", date="2026-05", entity="Someone else", unit="furlongs"),
        ],
    )
    frame = observations(folder=tmp_path).series("brand_new")
    assert frame["row"].to_list() == ["fresh.csv:2", "fresh.csv:3", "fresh.csv:4"]
    assert frame["conflict"].to_list() == [True, True, False]
    assert frame["table"].unique().to_list() == ["fresh"]
    described = describe_series(observations(folder=tmp_path))
    assert described.filter(pl.col("series") == "brand_new")["family"].item() == "imported"


def test_an_update_takes_the_place_of_its_series_and_of_no_other(tmp_path: Path, held: Observations) -> None:
    fetched(tmp_path, "newer", as_csv([row(series="eci", entity="GPT-5", value="151", unit="ECI points")]))
    newer = observations(folder=tmp_path)
    assert newer.series("eci")["value"].to_list() == [151.0]
    assert newer.frame.height == held.frame.height - held.series("eci").height + 1


def test_a_fetched_table_changed_by_other_hands_is_refused(tmp_path: Path) -> None:
    content = as_csv([row(series="eci", entity="GPT-5", value="151", unit="ECI points")])
    path = fetched(tmp_path, "newer", content)
    assert observations(folder=tmp_path).series("eci")["value"].to_list() == [151.0]
    path.write_text(content.replace("151", "190"))
    with pytest.raises(BadFileError, match=r"newer.csv is not as it was fetched"):
        observations(folder=tmp_path)
    path.unlink()
    write(tmp_path / UPDATED / "by_hand.csv", [row(series="eci", entity="GPT-5", value="190")])
    with pytest.raises(BadFileError, match=r"by_hand.csv is not as it was fetched"):
        observations(folder=tmp_path)


def test_a_misspelt_column_among_imported_tables_is_refused(tmp_path: Path) -> None:
    write(tmp_path / IMPORTED / "mine.csv", [row(series="mine", knownon="2026-06-30")])
    with pytest.raises(BadFileError, match=r"mine.csv:1 has a column 'knownon'.*'known_on'"):
        observations(folder=tmp_path)


def test_a_broken_file_of_the_user_is_named(tmp_path: Path) -> None:
    write(tmp_path / IMPORTED / "bad.csv", [row(value="many")])
    with pytest.raises(BadDataError, match=r"bad.csv:2"):
        observations(folder=tmp_path)
    (tmp_path / IMPORTED / "bad.csv").write_text("a;b\n1;2\n")
    with pytest.raises(BadFileError, match=r"bad.csv:1 lacks the columns"):
        observations(folder=tmp_path)


def test_data_to_of_nothing_is_refused(held: Observations) -> None:
    with pytest.raises(BadDataError, match="no dated observations"):
        _ = held.until(dt.date(2000, 1, 1)).data_to


def test_user_data_folder_follows_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TWOCURVES_DATA", str(tmp_path))
    assert user_data_folder() == tmp_path
    monkeypatch.delenv("TWOCURVES_DATA")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    monkeypatch.setattr(sys, "platform", "linux")
    assert user_data_folder() == tmp_path / "share" / "twocurves"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert user_data_folder().name == "twocurves"
    assert "Application Support" in str(user_data_folder())


def test_the_rows_of_a_series_stand_by_date_then_name(held: Observations) -> None:
    for name in sorted(set(held.frame["series"])):
        rows = series_rows(name, held)
        keys = [
            (day is None, day or dt.date.min, entity)
            for day, entity in rows.select("date", "entity").iter_rows()
        ]
        assert keys == sorted(keys), name


def test_describe_series_counts_what_is_there(held: Observations) -> None:
    described = describe_series(held)
    assert described["rows"].sum() == held.frame.height
    assert described["series"].is_unique().all()
    assert described.filter(pl.col("from") > pl.col("to")).is_empty()
    assert (described["days_old"].drop_nulls() >= 0).all()
    order = [FAMILIES.index(family) for family in described["family"]]
    assert order == sorted(order)
    empty = describe_series(held.until(dt.date(2000, 1, 1)))
    assert empty.is_empty()


def test_series_rows_are_by_date(held: Observations) -> None:
    dates = series_rows("arr_usd_bn", held)["date"]
    assert dates.is_sorted()


def test_loading_is_quick_and_light(tmp_path: Path) -> None:
    code = (
        "import sys; from twocurves.observed.tables import observations; observations();"
        "from twocurves.observed.series import describe_series; describe_series();"
        "print([m for m in ('pandera','pydantic','jax','altair','scipy','genai_prices') if m in sys.modules])"
    )
    environment = {**os.environ, "TWOCURVES_DATA": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout.strip() == "[]"
    packaged_table()
    times = []
    for _ in range(5):
        start = time.perf_counter()
        observations(folder=tmp_path)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.3  # 0.06 to 0.08 s on two idle cores


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b"]),
            st.dates(dt.date(2020, 1, 1), dt.date(2026, 6, 30)),
            st.dates(dt.date(2020, 1, 1), dt.date(2026, 12, 31)) | st.none(),
            st.floats(-1e6, 1e6),
        ),
        min_size=1,
        max_size=20,
    ),
    DAYS,
)
def test_as_of_of_any_table(
    tmp_path: Path, cells: list[tuple[str, dt.date, dt.date | None, float]], as_of: dt.date
) -> None:
    frame = tidied(
        tmp_path,
        *(
            row(entity=entity, date=str(day), known_on=str(known or ""), value=repr(value))
            for entity, day, known, value in cells
        ),
    )
    expected = sum((known or day) <= as_of for _, day, known, _ in cells)
    assert Observations(frame).until(as_of).frame.height == expected
