"""A user's own tables: in whole or not at all, with one clear sentence either way."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.observed.rows import as_csv, row, write
from twocurves.errors import BadDataError, BadFileError, BadInputError
from twocurves.observed.importing import import_table
from twocurves.observed.new_series import near_series
from twocurves.observed.reading import read_text_table
from twocurves.observed.removing import remove_table
from twocurves.observed.series import series_catalogue
from twocurves.observed.tables import IMPORTED, PACKAGED, observations
from twocurves.observed.tidying import tidy

TODAY = dt.date(2026, 6, 30)
RELAXED = settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)

CELLS = st.fixed_dictionaries(
    {
        "entity": st.sampled_from(["Anthropic", "GPT-5", 'Nobody, Sons & "Co"', "δ-lab"]),
        "date": st.one_of(
            st.dates(dt.date(2015, 1, 1), TODAY).map(str),
            st.sampled_from(["2024", "2025-03", "2024-Q3", "2025-H1"]),
        ),
        "value": st.floats(-1e9, 1e9, allow_subnormal=False).map(repr),
        "note": st.sampled_from(["", "a note", "with, comma", "two\nlines"]),
    }
)


@RELAXED
@given(st.lists(CELLS, min_size=1, max_size=8, unique_by=lambda cells: (cells["entity"], cells["date"])))
def test_what_goes_in_comes_out(tmp_path: Path, cells: list[dict[str, str]]) -> None:
    rows = [row(series="mine", unit="pebbles", **one) for one in cells]
    path, home = write(tmp_path / "table.csv", rows), tmp_path / "home"
    report = import_table(path, "mine", home, TODAY)
    assert report.rows == len(rows)
    held = observations(folder=home).series("mine").drop("row", "table", "conflict")
    given_ = tidy(read_text_table(path), "mine").drop("row", "table", "conflict")
    assert held.equals(given_)
    again = import_table(path, "mine", home, TODAY)
    assert again.replaced == len(rows)
    assert observations(folder=home).series("mine").height == len(rows)


def test_parquet_and_csv_of_one_table_are_the_same(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "series": ["mine", "mine"],
            "entity": ["a", "b"],
            "date": [dt.date(2026, 1, 2), dt.date(2026, 2, 3)],
            "value": [1.5, None],
            "unit": ["pebbles", "pebbles"],
            "source": ["x", "y"],
            "known_on": [dt.datetime(2026, 3, 1), None],
        }
    )
    frame.write_parquet(tmp_path / "mine.parquet")
    report = import_table(tmp_path / "mine.parquet", folder=tmp_path / "home", today=TODAY)
    assert (report.name, report.rows) == ("mine", 2)
    held = observations(folder=tmp_path / "home").series("mine")
    assert held["date"].to_list() == frame["date"].to_list()
    assert held["known_on"].to_list() == [dt.date(2026, 3, 1), dt.date(2026, 2, 3)]
    assert held["exclude"].to_list() == [None, "event"]


def test_the_report_says_what_happened(tmp_path: Path) -> None:
    rows = [
        row(series="arr_usd_bn", entity="Anthropic", date="2025-12-31", value="9", unit="USD billion/yr"),
        row(series="arr_usd_bn", entity="OpenAI", date="2025-12-31", value="20", unit="USD billion/yr"),
        row(series="pebbles_found", entity="Anthropic", unit="pebbles"),
    ]
    report = import_table(write(tmp_path / "revenue.csv", rows), folder=tmp_path / "home", today=TODAY)
    assert report.name == "own-revenue"
    assert (report.rows, report.already_held, report.replaced) == (2, 1, None)
    assert report.new_series == ("pebbles_found",)
    assert len(report.conflicts) == 2
    assert any("revenue.csv:47" in line for line in report.conflicts)
    assert any(f"{tmp_path / 'revenue.csv'}:3" in line for line in report.conflicts)
    assert "New series: pebbles_found." in report.lines()
    assert report.as_record()["rows"] == 2
    openai = (
        observations(folder=tmp_path / "home")
        .series("arr_usd_bn")
        .filter(pl.col("entity") == "OpenAI", pl.col("date") == dt.date(2025, 12, 31))
    )
    assert openai["value"].to_list() == [21.4, 20.0]
    assert openai["conflict"].all()


def test_nothing_new_writes_nothing(tmp_path: Path) -> None:
    rows = [row(series="arr_usd_bn", entity="Anthropic", date="2025-12-31", value="9", unit="USD billion/yr")]
    report = import_table(write(tmp_path / "mine.csv", rows), folder=tmp_path / "home", today=TODAY)
    assert report.path is None
    assert report.lines() == ["Nothing added: all 1 rows are held already."]
    assert not (tmp_path / "home").exists()


def test_a_flow_is_recognised_under_the_day_that_was_listed(tmp_path: Path) -> None:
    rows = [row(series="revenue_year_usd_bn", date="2025-12-31", value="4.6", unit="USD billion/yr")]
    report = import_table(write(tmp_path / "mine.csv", rows), folder=tmp_path / "home", today=TODAY)
    assert report.already_held == 1


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_marks_and_line_ends_do_not_matter(mark: bytes, end: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_bytes(
        mark
        + as_csv([row(), row(date="2026-02", note="two\nlines"), row(date="2025")])
        .replace("\n", end)
        .encode()
    )
    report = import_table(path, folder=tmp_path / "home", today=TODAY)
    assert report.rows == 3


def test_rows_are_named_by_line_even_when_cells_span_lines(tmp_path: Path) -> None:
    path = write(tmp_path / "mine.csv", [row(note="two\nlines"), row(date="2026-01", low="0.9")])
    with pytest.raises(BadDataError, match=r"mine.csv:4: low 0.9 is above value 0.5"):
        import_table(path, folder=tmp_path / "home", today=TODAY)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"  \n \n", "is empty"),
        (b"\x00\x01\x02PNG", "is no text file"),
        ("a,b\n1,2\n".encode("utf-16"), "is no text file"),
        (b"series,entity,date,value,unit,source\n\xe9\xe8,a,2026,1,u,s\n", "mine.csv:2 is not UTF-8"),
        (b"series;entity;date;value;unit;source\na;b;2026;1;u;s\n", "told apart by commas"),
        (b"series,entity,day,value,unit,source\n", "lacks the column date"),
        (b"serie,entity,date,val,unit,source\n", "'serie' looks like 'series'"),
        (b"series,entity,date,value,unit,source,unit\n", "names the column 'unit' twice"),
        (
            b"series,entity,date,value,unit,source\na,b,2026,1,u,s,too,many\n",
            "line 2 has 8 cells, the header has 6",
        ),
        (b'series,entity,date,value,unit,source\na,"b,2026,1,u,s\n', "mine.csv"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_one_sentence(
    content: bytes, says: str, tmp_path: Path
) -> None:
    path = tmp_path / "mine.csv"
    path.write_bytes(content)
    with pytest.raises(BadFileError) as caught:
        import_table(path, folder=tmp_path / "home", today=TODAY)
    assert says in caught.value.message
    assert caught.value.message.endswith(".")
    assert "\n" not in caught.value.message
    assert not (tmp_path / "home").exists()


def test_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFileError, match="cannot be read"):
        import_table(tmp_path / "none.csv")
    with pytest.raises(BadFileError, match="cannot be read"):
        import_table(tmp_path)
    (tmp_path / "mine.parquet").write_bytes(b"PAR1 not really")
    with pytest.raises(BadFileError, match="no Parquet file"):
        import_table(tmp_path / "mine.parquet")
    with pytest.raises(BadFileError, match="cannot be read"):
        import_table(tmp_path / "none.parquet")
    pl.DataFrame({"series": [["a"]]}).write_parquet(tmp_path / "nested.parquet")
    with pytest.raises(BadFileError, match="nested"):
        import_table(tmp_path / "nested.parquet")


def test_a_table_without_rows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("series,entity,date,value,unit,source\n")
    with pytest.raises(BadDataError, match="has no rows"):
        import_table(path, folder=tmp_path / "home")


def test_broken_rows_are_told_and_nothing_is_written(tmp_path: Path) -> None:
    rows = [row(date=f"20{year}", low="0.9") for year in range(15, 24)]
    with pytest.raises(
        BadDataError, match=r"mine.csv:2: low 0.9 is above value 0.5; .*; and 4 more\."
    ) as caught:
        import_table(write(tmp_path / "mine.csv", rows), folder=tmp_path / "home", today=TODAY)
    assert caught.value.exit_code == 2
    assert len(caught.value.as_record()["given"]) == 9
    assert not (tmp_path / "home").exists()


def test_a_refused_import_leaves_the_earlier_one(tmp_path: Path) -> None:
    home = tmp_path / "home"
    import_table(write(tmp_path / "mine.csv", [row()]), folder=home, today=TODAY)
    before = (home / IMPORTED / "mine.csv").read_bytes()
    with pytest.raises(BadDataError):
        import_table(write(tmp_path / "mine.csv", [row(value="x")]), folder=home, today=TODAY)
    assert (home / IMPORTED / "mine.csv").read_bytes() == before
    assert [path.name for path in (home / IMPORTED).iterdir()] == ["mine.csv"]


@pytest.mark.parametrize("name", ["capability", "a/b", "..", "", "Big Name", "-x"])
def test_names_that_no_table_can_have(name: str, tmp_path: Path) -> None:
    path = write(tmp_path / "mine.csv", [row()])
    with pytest.raises(BadInputError, match="--name"):
        import_table(path, name, tmp_path / "home", TODAY)


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file where the folder should be")
    with pytest.raises(BadFileError, match="cannot be written"):
        import_table(write(tmp_path / "mine.csv", [row()]), folder=tmp_path / "home", today=TODAY)


@RELAXED
@given(st.binary(max_size=400))
def test_any_bytes_are_a_table_or_a_fault_of_ours(tmp_path: Path, content: bytes) -> None:
    for suffix in (".csv", ".parquet"):
        path = tmp_path / f"mine{suffix}"
        path.write_bytes(content)
        with pytest.raises(BadInputError):
            import_table(path, folder=tmp_path / "home", today=TODAY)


@RELAXED
@given(
    st.lists(
        st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12), max_size=6),
        max_size=5,
    )
)
def test_any_cells_are_rows_or_a_fault_of_ours(tmp_path: Path, cells: list[list[str]]) -> None:
    columns = ("series", "entity", "date", "value", "unit", "source")
    rows = [dict(zip(columns, line, strict=False)) for line in cells]
    path = write(tmp_path / "mine.csv", rows, columns)
    try:
        report = import_table(path, folder=tmp_path / "home", today=TODAY)
    except BadInputError:
        return
    assert report.rows <= len(rows)


@pytest.mark.parametrize(
    ("given_", "meant"),
    [("knownon", "known_on"), ("Known On", "known_on"), ("notes", "note"), ("licence", "licence_class")],
)
def test_a_misspelt_column_is_refused_with_the_one_that_was_meant(
    tmp_path: Path, given_: str, meant: str
) -> None:
    path = write(tmp_path / "mine.csv", [row(series="mine", **{given_: "2026-06-30"})])
    with pytest.raises(BadFileError) as caught:
        import_table(path, folder=tmp_path / "home", today=TODAY)
    assert caught.value.suggestion == meant
    assert caught.value.field == f"{path}:1"
    assert repr(meant) in caught.value.message
    assert not (tmp_path / "home").exists()


def test_other_columns_are_ignored_and_listed(tmp_path: Path) -> None:
    cells = row(series="mine", unit="pebbles", known_on="2026-05-01", n="12", reviewer="me")
    path = write(tmp_path / "mine.csv", [cells | {"notes": "beside a note", "note": "kept"}])
    report = import_table(path, folder=tmp_path / "home", today=TODAY)
    assert report.ignored_columns == ("n", "reviewer", "notes")
    assert report.as_record()["ignored_columns"] == ["n", "reviewer", "notes"]
    assert "Columns not used: n, reviewer, notes." in report.lines()
    again = import_table(path, "other", folder=tmp_path / "home", today=TODAY)
    assert again.path is None
    assert "Columns not used: n, reviewer, notes." in again.lines()
    plain = import_table(write(tmp_path / "plain.csv", [row(series="plain")]), folder=tmp_path, today=TODAY)
    assert plain.ignored_columns == ()
    assert not any("not used" in line for line in plain.lines())


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("eci_score", "eci"),
        ("arr_usd_bnn", "arr_usd_bn"),
        ("arr_usd", "arr_usd_bn"),
        ("take-rate", "take_rate"),
        ("metr_p50_minute", "metr_p50_minutes"),
    ],
)
def test_a_new_series_near_another_is_refused_unless_insisted_on(
    tmp_path: Path, name: str, meant: str
) -> None:
    path = write(tmp_path / "mine.csv", [row(series=name, unit="pebbles")])
    with pytest.raises(BadInputError, match=rf"did you mean '{meant}'\? .*--new-series") as caught:
        import_table(path, folder=tmp_path / "home", today=TODAY)
    assert caught.value.suggestion == meant
    assert not (tmp_path / "home").exists()
    report = import_table(path, folder=tmp_path / "home", today=TODAY, new_series=True)
    assert report.new_series == (name,)
    again = import_table(path, folder=tmp_path / "home", today=TODAY)
    assert again.replaced == 1


def test_names_like_no_other_are_near_none() -> None:
    known = series_catalogue()
    for name in ("mine", "pebbles_found", "my_series", "chip_imports", "x"):
        assert near_series(name, known) is None


@pytest.mark.parametrize("name", ["ECI", "my series", "größe", "a/b"])
def test_series_are_named_in_small_letters(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / "mine.csv", [row(series=name)])
    with pytest.raises(BadDataError, match="series must be named in small letters"):
        import_table(path, folder=tmp_path / "home", today=TODAY, new_series=True)


def test_a_row_without_a_value_is_told(tmp_path: Path) -> None:
    rows = [row(series="mine"), row(series="mine", date="2026-02", value="")]
    report = import_table(write(tmp_path / "mine.csv", rows), folder=tmp_path / "home", today=TODAY)
    (doubt,) = report.doubts
    assert (doubt.row, doubt.severity) == ("mine.csv:3", "doubtful")
    assert "kept as an event" in doubt.message


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ({"series": "metr_p50_minutes", "unit": "minutes", "value": "60000"}, "far above"),
        ({"series": "metr_p50_minutes", "unit": "minutes", "value": "0.00001"}, "far below"),
        ({"series": "eci", "unit": "ECI points", "value": "240", "entity": "GPT-5"}, "far above"),
        (
            {"series": "arr_usd_bn", "unit": "USD billion/yr", "value": "0.009", "date": "2026-01-31"},
            "below the one before it",
        ),
    ],
)
def test_an_outlier_among_what_is_held_is_doubted_and_kept(
    tmp_path: Path, cells: dict[str, str], says: str
) -> None:
    path = write(tmp_path / "revenue.csv", [row(**cells)])
    report = import_table(path, folder=tmp_path / "home", today=TODAY)
    assert report.rows == 1
    assert any(doubt.row == "revenue.csv:2" and says in doubt.message for doubt in report.doubts)
    assert any(says in line for line in report.lines())


def test_what_lies_among_the_others_is_no_outlier(tmp_path: Path) -> None:
    cells = {"series": "metr_p50_minutes", "unit": "minutes", "value": "60", "entity": "GPT-5"}
    report = import_table(write(tmp_path / "mine.csv", [row(**cells)]), folder=tmp_path, today=TODAY)
    assert report.doubts == ()


def test_packaged_rows_are_no_outliers_among_themselves(tmp_path: Path) -> None:
    """Each packaged series, imported under another name beside itself, raises no doubt of this kind."""
    from importlib import resources

    for name in PACKAGED:
        text = (resources.files("twocurves.observed") / "data" / f"{name}.csv").read_text(encoding="utf-8")
        path = tmp_path / f"again_{name}.csv"
        path.write_text(text, encoding="utf-8")
        report = import_table(path, folder=tmp_path / "home", today=TODAY)
        assert not [str(doubt) for doubt in report.doubts if "far " in doubt.message]


def test_a_report_of_many_doubts_is_short(tmp_path: Path) -> None:
    rows = [row(series="mine", entity=f"E{number}", value="") for number in range(50)]
    report = import_table(write(tmp_path / "mine.csv", rows), folder=tmp_path / "home", today=TODAY)
    assert len(report.doubts) == 50
    assert "  and 30 more (--json has them all)" in report.lines()
    assert len(report.lines()) < 30


def test_an_import_is_removed_by_name_even_when_broken(tmp_path: Path) -> None:
    report = import_table(write(tmp_path / "mine.csv", [row(series="mine")]), folder=tmp_path, today=TODAY)
    assert report.lines()[-1] == "To take it away again: twocurves data remove mine"
    (tmp_path / IMPORTED / "bad.csv").write_bytes(b"\x00")
    with pytest.raises(BadFileError, match="remove it: twocurves data remove bad"):
        observations(folder=tmp_path)
    with pytest.raises(BadInputError, match="No imported table 'bda'; did you mean 'bad'"):
        remove_table("bda", tmp_path)
    with pytest.raises(BadInputError, match="No imported table"):
        remove_table("../imported/bad", tmp_path)
    assert remove_table("bad.csv", tmp_path) == (tmp_path / IMPORTED / "bad.csv",)
    assert observations(folder=tmp_path).series("mine").height == 1
    remove_table("mine", tmp_path)
    with pytest.raises(BadInputError, match="there are none"):
        remove_table("mine", tmp_path)


def test_a_mended_file_takes_the_place_of_a_broken_one(tmp_path: Path) -> None:
    broken = tmp_path / IMPORTED / "mine.csv"
    broken.parent.mkdir()
    broken.write_bytes(b"\x00")
    import_table(write(tmp_path / "mine.csv", [row(series="mine")]), folder=tmp_path, today=TODAY)
    assert observations(folder=tmp_path).series("mine").height == 1


def test_a_large_table_is_imported_quickly(tmp_path: Path) -> None:
    day = dt.date(2015, 1, 1)
    lines = ["series,entity,date,value,unit,source"]
    lines += [
        f"mine,E{n // 100},{day + dt.timedelta(days=n % 4000)},{n % 97 + 1},pebbles,me" for n in range(50_000)
    ]
    path = tmp_path / "large.csv"
    path.write_text("\n".join(lines))
    start = time.process_time()
    assert import_table(path, folder=tmp_path / "home", today=TODAY).rows == 50_000
    assert time.process_time() - start < 5  # 1 s on an idle core


@pytest.mark.parametrize("end", [".", "?"])
def test_a_refusal_ends_as_a_sentence_does(tmp_path: Path, end: str) -> None:
    cells = row(value="50") if end == "?" else row(low="0.9")
    with pytest.raises(BadDataError) as caught:
        import_table(write(tmp_path / "mine.csv", [cells]), folder=tmp_path / "home", today=TODAY)
    assert caught.value.message.endswith(end)
    assert "?." not in caught.value.message
