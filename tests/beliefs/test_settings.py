import string
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.beliefs.small import WHY, write
from twocurves.beliefs import (
    Beliefs,
    Change,
    Settings,
    from_query,
    from_toml,
    parse_setting,
    read_settings,
    scenario,
    to_query,
    to_toml,
)
from twocurves.beliefs.changes import allowed_values, changed_distribution, read_change
from twocurves.beliefs.settings import NO_SETTINGS
from twocurves.errors import BadFileError, BadInputError

NAMES = ["open_lag", "spillover", "points", "tracking", "feedback", "start_year", "half_life", "catch_up"]
FULL = [*NAMES, "half_life.chat", "half_life.coding", "relative_half_life.chat", "difficulty.coding"]


@st.composite
def changes(draw: st.DrawFn) -> dict[str, str]:
    """Changes that the small beliefs allow: any factor near one, any value or range inside the bounds."""
    made = {}
    for name in draw(st.lists(st.sampled_from(FULL), unique=True)):
        kind = draw(st.sampled_from(["fix", "scale"]))
        low, high = BOUNDS[name.partition(".")[0]]
        if kind == "fix":
            made[name] = repr(draw(st.floats(low, high)))
        else:
            largest = 1.0 if name in ("tracking", "spillover", "start_year") else 1.2
            made[name] = f"{draw(st.floats(0.99, largest))!r}x"
    return made


BOUNDS = {
    "open_lag": (0.5, 40.0),
    "spillover": (0.0, 1.0),
    "points": (-10.0, 40.0),
    "tracking": (0.0, 1.0),
    "feedback": (0.0, 3.0),
    "start_year": (2000.0, 2100.0),
    "half_life": (1.0, 2000.0),
    "catch_up": (0.0, 1.0),
    "relative_half_life": (0.0, 10000.0),
    "difficulty": (0.0, 300.0),
}


@given(given_changes=changes())
def test_round_trips_are_the_identity(small: Beliefs, given_changes: dict[str, str]) -> None:
    settings = read_settings(small, given_changes)
    assert read_settings(small, settings.as_strings()) == settings
    link = from_query(small, to_query(settings, "slow"), strict=True)
    assert (link.settings, link.start, link.dropped) == (settings, "slow", ())
    saved = from_toml(small, to_toml(settings, title="Mine", why="Because"))
    assert (saved.settings, saved.title, saved.why) == (settings, "Mine", "Because")
    assert list(link.settings) == list(settings) == list(saved.settings)


@given(p=st.tuples(st.floats(0.01, 0.99), st.floats(0.01, 0.99)).map(sorted).filter(lambda p: p[0] < p[1]))
def test_ranges_round_trip_too(small: Beliefs, p: list[float]) -> None:
    settings = read_settings(small, {"spillover": f"{p[0]!r}..{p[1]!r}"})
    assert settings["spillover"].numbers == tuple(p)
    assert from_query(small, to_query(settings)).settings == settings
    assert from_toml(small, to_toml(settings)).settings == settings


def test_the_link_is_readable(small: Beliefs) -> None:
    settings = read_settings(small, ["lag=4.5", "hl.coding=0.7x", "spillover=0.3..0.6"])
    assert to_query(settings) == "from=central&open_lag=4.5&half_life.coding=0.7x&spillover=0.3..0.6"
    assert to_toml(settings) == (
        'from = "central"\n\n[set]\nopen_lag = 4.5\n"half_life.coding" = "0.7x"\nspillover = "0.3..0.6"\n'
    )


@pytest.mark.parametrize(
    ("text", "kind", "numbers"),
    [
        ("a=4.5", "fix", (4.5,)),
        ("a=-3", "fix", (-3.0,)),
        ("a = 1e-3 ", "fix", (0.001,)),
        ("a=.5", "fix", (0.5,)),
        ("a=0.7x", "scale", (0.7,)),
        ("a=2 ×", "scale", (2.0,)),
        ("a=3..9", "range", (3.0, 9.0)),
        ("a=-1.5 .. 2e1", "range", (-1.5, 20.0)),
    ],
)
def test_the_three_forms(text: str, kind: str, numbers: tuple[float, ...]) -> None:
    assert parse_setting(text) == ("a", Change(kind, numbers))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "", "=", "=4", "a", "a=", "a=nan", "a=inf", "a=-inf", "a=1e999", "a=four", "a=0x10", "a=1_000",
        "a=0x", "a=-2x", "a=9..3", "a=3..3", "a=3...5", "a=3..", "a=..3", "a=nan..3", "a=1..inf", "a=x",
        "a=1x..2x", "a=1,5", "a=1..2..3", "a=٣", "a=" + "9" * 5000,
    ],
)  # fmt: skip
def test_what_is_no_setting_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(BadInputError) as caught:
        parse_setting(text)
    assert "\n" not in caught.value.message
    assert len(caught.value.message) < 300


@given(text=st.text(alphabet=string.printable + "×é\x00", max_size=12))
def test_any_text_is_a_setting_or_one_fault(small: Beliefs, text: str) -> None:
    try:
        settings = read_settings(small, [f"open_lag={text}"])
    except BadInputError:
        return
    assert read_settings(small, settings.as_strings()) == settings


@pytest.mark.parametrize("value", [True, False, float("nan"), float("inf")])
def test_values_that_are_no_numbers_are_refused(small: Beliefs, value: float) -> None:
    with pytest.raises(BadInputError):
        read_settings(small, {"open_lag": value})


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("open_lag=400", "open_lag must be between 0.5 and 40 months; you gave 400."),
        ("lag=0", "between 0.5 and 40 months"),
        ("open_lag=9x", "open_lag must stay between 0.5 and 40 months; with 9x"),
        ("open_lag=3..90", "between 0.5 and 40 months"),
        ("open_lag=0.5..39", "must lie strictly inside 0.5 to 40"),
        ("spillover=1.5", "spillover must be between 0 and 1; you gave 1.5."),
        ("spillover=1.5x", "must stay between 0 and 1"),
        ("tracking=0..0.5", "must stay between 0 and 1; with 0..0.5, a percentile on a bound"),
        ("feedback=0.1..0.5", "60% of its probability is at zero"),
        ("half_life=0.1", "half_life.chat must be between 1 and 2000 months"),
        ("catch_up=2", "catch_up must be between 0 and 1 1/month; you gave 2."),
        ("catch_up=0.1..2", "must stay between 0 and 1"),
    ],
)
def test_what_is_out_of_range_names_the_bounds(small: Beliefs, setting: str, words: str) -> None:
    with pytest.raises(BadInputError) as caught:
        read_settings(small, [setting])
    assert words in caught.value.message
    assert caught.value.field in small.names


def test_a_range_near_the_bounds_is_met_with_shorter_tails(small: Beliefs) -> None:
    for name, low, high in (("open_lag", 0.6, 39.0), ("tracking", 0.01, 0.99), ("points", -9.0, 39.0)):
        change = read_settings(small, {name: f"{low}..{high}"})[name]
        moved = changed_distribution(small, name, change)
        assert moved is not None
        assert moved.quantile(np.array([0.1, 0.9])).tolist() == pytest.approx([low, high])
        assert moved.support == small.parameters[name].bounds


def test_unknown_names_suggest_the_nearest(small: Beliefs) -> None:
    with pytest.raises(BadInputError) as caught:
        read_settings(small, ["open_lagg=4"])
    assert caught.value.suggestion == "open_lag"


def test_later_settings_win(small: Beliefs) -> None:
    first = read_settings(small, ["open_lag=3", "spillover=0.2", "open_lag=4"])
    assert first.as_strings() == ["spillover=0.2", "open_lag=4"]
    merged = first.merge(read_settings(small, ["s=0.3"]))
    assert merged.as_strings() == ["open_lag=4", "spillover=0.3"]
    assert merged.without("open_lag").as_strings() == ["spillover=0.3"]
    assert first.as_strings() == ["spillover=0.2", "open_lag=4"]


def test_a_later_source_changes_a_whole_name_in_all_its_entities(small: Beliefs) -> None:
    slow = scenario(small, "slow").settings
    assert slow.change_of("half_life.coding") != slow.change_of("half_life.chat")
    later = slow.merge(read_settings(small, ["half_life=7"]))
    fixed = Change("fix", (7.0,))
    assert {later.change_of(full) for full in small.full_names("half_life")} == {fixed}
    assert later.change_of("open_lag") == slow.change_of("open_lag")


def test_a_saved_file_and_a_link_are_later_sources_too(small: Beliefs, tmp_path: Path) -> None:
    saved = scenario(small, write(tmp_path / "saved.toml", 'from = "slow"\n[set]\nhalf_life = 7\n'))
    link = from_query(small, "from=slow&half_life=7", strict=True)
    linked = scenario(small, link.start).settings.merge(link.settings)
    for settings in (saved.settings, linked):
        assert settings.change_of("half_life.coding") == Change("fix", (7.0,))


@pytest.mark.parametrize("pairs", [["hl.coding=9", "hl=7"], ["hl=7", "hl.coding=9"]])
def test_within_one_source_the_entity_beats_the_whole(small: Beliefs, pairs: list[str]) -> None:
    sources = (
        read_settings(small, pairs),
        from_query(small, "&".join(pairs)).settings,
        NO_SETTINGS.merge(read_settings(small, pairs)),
        scenario(small, "slow").settings.merge(read_settings(small, pairs)),
    )
    for settings in sources:
        assert settings.change_of("half_life.coding") == Change("fix", (9.0,))
        assert settings.change_of("half_life.chat") == Change("fix", (7.0,))


@given(first=changes(), second=changes(), third=changes())
def test_sources_stack_in_any_grouping(
    small: Beliefs, first: dict[str, str], second: dict[str, str], third: dict[str, str]
) -> None:
    one, two, three = (read_settings(small, given_) for given_ in (first, second, third))
    left, right = one.merge(two).merge(three), one.merge(two.merge(three))
    assert [left.change_of(name) for name in small.names] == [right.change_of(name) for name in small.names]


def test_the_order_matters_neither_to_equality_nor_to_hashing(small: Beliefs) -> None:
    one, other = (read_settings(small, pairs) for pairs in (["s=0.2", "lag=3"], ["lag=3", "s=0.2"]))
    assert one == other
    assert hash(one) == hash(other)
    assert one != NO_SETTINGS
    assert str(one) == "spillover=0.2 open_lag=3"


def test_beliefs_and_choices_are_told_apart(small: Beliefs) -> None:
    parts = read_settings(small, ["lag=3", "start_year=2024"]).by_nature(small)
    assert parts["belief"].as_strings() == ["open_lag=3"]
    assert parts["choice"].as_strings() == ["start_year=2024"]


def test_an_old_link_says_what_it_drops(small: Beliefs) -> None:
    query = "?from=gone&open_lag=4&lost=3&spillover=7&half_life.sold=2&page=2&points="
    link = from_query(small, query, other_keys={"page"})
    assert link.settings.as_strings() == ["open_lag=4"]
    assert link.start == "central"
    assert [part.name for part in link.dropped] == ["from", "lost", "spillover", "half_life.sold", "points"]
    assert all(part.reason.endswith((".", "?")) for part in link.dropped)
    with pytest.raises(BadInputError, match="scenario 'gone'"):
        from_query(small, query, strict=True)


@given(query=st.text(max_size=80))
def test_any_query_is_read(small: Beliefs, query: str) -> None:
    link = from_query(small, query)
    assert isinstance(link.settings, Settings)


def test_a_flood_of_fields_is_refused(small: Beliefs) -> None:
    with pytest.raises(BadInputError, match="at most"):
        from_query(small, "&".join("a=1" for _ in range(6000)))


def test_a_scenario_by_id_and_by_path(small: Beliefs, tmp_path: Path) -> None:
    slow = scenario(small, "slow")
    assert slow.settings.as_strings() == ["open_lag=1.5x", "half_life=100", "half_life.coding=50..200"]
    text = f'id = "mine"\ntitle = "Mine"\nwhy = "{WHY}"\n[set]\nlag = 3\nhalf_life.coding = 5\n'
    mine = scenario(small, write(tmp_path / "mine.toml", text))
    assert (mine.id, mine.settings.as_strings()) == ("mine", ["open_lag=3", "half_life.coding=5"])
    saved = scenario(small, write(tmp_path / "saved.toml", 'from = "slow"\n[set]\nlag = 3\n'))
    assert (saved.id, saved.title) == ("saved", "")
    assert saved.settings.as_strings() == ["half_life=100", "half_life.coding=50..200", "open_lag=3"]


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ('from = "slo"\n', 1, "did you mean 'slow'"),
        ('from = "slow"\n[set]\n\nlagg = 3\n', 4, "did you mean 'lag'"),
        ('from = "slow"\n[set]\nlag = 300\n', 3, "between 0.5 and 40"),
        ('from = "slow"\n[set]\nlag = [3]\n', 3, "cannot be"),
        ('from = "slow"\n[set]\nlag = true\n', 3, ""),
        ('from = "slow"\nset = 3\n', 2, "cannot be 3"),
        ('from = "slow"\nsets = 3\n', 2, "unknown key"),
        ('from = "slow"\n[set]\nlag = 3\nopen_lag = 3\n', 4, "set twice"),
        ("[set]\nlag = 3\n", 1, 'write from = "central"'),
        ('form = "slow"\n[set]\nlag = 3\n', 1, "did you mean 'from'"),
        ('from = "slow"\nwy = "because"\n[set]\nlag = 3\n', 2, "did you mean 'why'"),
        ('id = "mine"\ntitle = "Mine"\nwy = "because"\n', 3, "did you mean 'why'"),
        ("from = slow\n", 1, "not TOML"),
    ],
)
def test_a_faulty_scenario_file_is_named_by_line(
    small: Beliefs, tmp_path: Path, text: str, line: int, word: str
) -> None:
    path = write(tmp_path / "mine.toml", text)
    with pytest.raises(BadFileError) as caught:
        scenario(small, path)
    assert caught.value.field == f"{path}:{line}", caught.value.message
    assert word in caught.value.message


def test_missing_scenarios_are_named(small: Beliefs, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="did you mean 'slow'"):
        scenario(small, "slw")
    with pytest.raises(BadFileError, match="cannot be read"):
        scenario(small, tmp_path / "nowhere.toml")
    other = write(tmp_path / "mine.txt", 'from = "slow"\n')
    with pytest.raises(BadInputError, match=r"mine\.txt is no scenario file: its name must end in \.toml"):
        scenario(small, other)


def test_a_scenario_of_ones_own_needs_no_story_and_may_begin_with_a_mark(
    small: Beliefs, tmp_path: Path
) -> None:
    text = 'id = "mine"\ntitle = "Mine"\n[set]\nlag = 3\n'
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    mine = scenario(small, path)
    assert (mine.id, mine.why, mine.settings.as_strings()) == ("mine", "", ["open_lag=3"])


def test_symbols_are_understood_and_never_listed(small: Beliefs) -> None:
    with pytest.raises(BadInputError) as caught:
        small.canonical("zzzz")
    allowed = caught.value.allowed
    assert isinstance(allowed, list)
    assert set(allowed) == set(small.parameters)
    with pytest.raises(BadInputError, match="did you mean 'lag'"):
        small.canonical("lagg")


def test_bounds_in_words(small: Beliefs) -> None:
    lag = small.parameters["open_lag"]
    infinite = float("inf")
    words = [
        allowed_values(lag.model_copy(update={"bounds": bounds, "unit": unit}))
        for bounds in ((0.0, infinite), (-infinite, 3.0), (-infinite, infinite))
        for unit in ("months", "1")
    ]
    assert words == [
        "at least 0 months",
        "at least 0",
        "at most 3 months",
        "at most 3",
        "any number of months",
        "any number",
    ]


def test_a_scaled_formula_has_no_distribution(small: Beliefs) -> None:
    assert changed_distribution(small, "catch_up", read_change("2x", "catch_up")) is None
