from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from twocurves.observed.updating.compare import Cell, Change, Rows, compare

cells: st.SearchStrategy[Cell] = st.one_of(
    st.none(),
    st.sampled_from(["yes", "no", "2026-06"]),
    st.floats(min_value=0, allow_nan=False, allow_infinity=False),
)
tables = st.dictionaries(
    st.sampled_from("abcdefg"), st.dictionaries(st.sampled_from(["x", "y", "z"]), cells, max_size=3)
)


@given(tables, tables)
def test_every_row_is_in_exactly_one_part(old: Rows, new: Rows) -> None:
    found = compare(old, new)
    parts = [found.added, found.removed, found.changed, found.same]
    names = [name for part in parts for name in part]
    assert sorted(names) == sorted(old.keys() | new.keys())
    assert set(found.added) == new.keys() - old.keys()
    assert set(found.removed) == old.keys() - new.keys()
    assert all(part == tuple(sorted(part)) for part in parts)


@given(tables, tables)
def test_the_other_way_round_is_the_mirror_image(old: Rows, new: Rows) -> None:
    there, back = compare(old, new), compare(new, old)
    assert (there.added, there.removed) == (back.removed, back.added)
    assert (there.changed, there.same) == (back.changed, back.same)
    assert [(c.row, c.field, c.new, c.old) for c in there.changes] == [
        (c.row, c.field, c.old, c.new) for c in back.changes
    ]
    assert [c.ratio for c in there.changes] == [c.ratio for c in back.changes]


@given(tables)
def test_nothing_differs_from_itself(table: Rows) -> None:
    found = compare(table, table)
    assert found.nothing
    assert found.same == tuple(sorted(table))
    assert found.largest is None


@given(tables, tables)
def test_the_changes_turn_the_old_into_the_new(old: Rows, new: Rows) -> None:
    found = compare(old, new)
    turned = {name: dict(old[name]) for name in (*found.changed, *found.same)}
    for change in found.changes:
        turned[change.row][change.field] = change.new
    turned |= {name: dict(new[name]) for name in found.added}

    def bare(rows: Rows) -> dict[str, dict[str, Cell]]:
        return {name: {k: v for k, v in row.items() if v is not None} for name, row in rows.items()}

    assert bare(turned) == bare(new)


@given(st.floats(min_value=1e-300, max_value=1e300), st.floats(min_value=1e-300, max_value=1e300))
def test_ratios(old: float, new: float) -> None:
    ratio = Change("row", "field", old, new).ratio
    assert ratio is not None
    assert ratio >= 1
    assert ratio == Change("row", "field", new, old).ratio


@given(tables, tables)
def test_the_largest_change_is_the_largest(old: Rows, new: Rows) -> None:
    found = compare(old, new)
    if found.largest is None:
        assert not found.changes
    else:
        assert all((change.ratio or 0) <= (found.largest.ratio or 0) for change in found.changes)


def test_no_ratio_where_there_is_none() -> None:
    pairs: list[tuple[Cell, Cell]] = [(0.0, 1.0), (1.0, 0.0), (None, 1.0), ("1", 2.0), (-1.0, 1.0)]
    for old, new in [*pairs, (math.inf, 1.0), (math.nan, 1.0)]:
        assert Change("row", "field", old, new).ratio is None


def test_in_words() -> None:
    assert str(Change("a: b", "input price", 8.0, 12.0)) == "a: b: input price 8 → 12, ×1.5"
    assert str(Change("a: b", "input price", 1_200.0, 0.5)) == "a: b: input price 1,200 → 0.5, ÷2,400"
    assert str(Change("a: b", "open_weights", None, "yes")) == "a: b: open_weights nothing → yes"
