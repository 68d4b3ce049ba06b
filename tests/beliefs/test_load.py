from pathlib import Path

import pytest

from tests.beliefs.small import FILES, WHY, entity, load_small, write, write_small
from twocurves.beliefs import Beliefs, draws, load_beliefs, scenario
from twocurves.beliefs.distributions import of_prior
from twocurves.beliefs.schema import ENTITY_KINDS, EntityKind
from twocurves.errors import BadFileError, BadInputError


def test_everything_is_there_in_order(small: Beliefs) -> None:
    assert list(small.parameters) == list(small.groups[0].names)
    assert small.names[:3] == ("open_lag", "spillover", "points")
    assert small.full_names("half_life") == ("half_life.chat", "half_life.coding")
    assert set(small.priors) == set(small.distributions)
    assert set(small.names) - set(small.priors) == {
        "catch_up",
        "relative_half_life.chat",
        "relative_half_life.coding",
    }
    assert [entry.name for entry in small.derived] == ["catch_up", "relative_half_life"]
    assert tuple(small.entities) == ENTITY_KINDS


def test_entities_take_their_own_prior_or_the_default(small: Beliefs) -> None:
    assert small.priors["half_life.chat"].p50 == 60
    assert small.priors["half_life.coding"].p50 == 90


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("open_lag", ("open_lag",)),
        ("lag", ("open_lag",)),
        ("hl", ("half_life.chat", "half_life.coding")),
        ("hl.coding", ("half_life.coding",)),
        (" half_life.chat ", ("half_life.chat",)),
    ],
)
def test_names_and_symbols_resolve(small: Beliefs, given: str, expected: tuple[str, ...]) -> None:
    assert small.resolve(given) == expected


@pytest.mark.parametrize(
    ("given", "suggestion"),
    [
        ("open_lagg", "open_lag"),
        ("lagg", "lag"),
        ("hl.codng", "coding"),
        ("half_lif.coding", "half_life"),
        ("open_lag.chat", "open_lag"),
        ("", None),
        (".", None),
        ("hl.", None),
    ],
)
def test_an_unknown_name_is_one_sentence_with_the_nearest(
    small: Beliefs, given: str, suggestion: str | None
) -> None:
    with pytest.raises(BadInputError) as caught:
        small.resolve(given)
    assert caught.value.suggestion == suggestion
    assert "\n" not in caught.value.message


def test_a_folder_over_another_replaces_by_name_and_adds_behind(tmp_path: Path) -> None:
    over = tmp_path / "over"
    changed = FILES["parameters/small.toml"].split("\n\n")[1].replace("p50 = 4.5", "p50 = 5.5")
    write(over / "parameters/mine.toml", f'group = "Mine"\nabout = "Mine too"\n\n{changed}\n')
    write(over / "segments.toml", entity("segment", "law", 'buyers = "enterprises"') + _PRIOR)
    beliefs = load_small(tmp_path / "small", over)
    base = load_small(tmp_path / "small")
    assert beliefs.priors["open_lag"].p50 == 5.5
    assert tuple(beliefs.parameters) == tuple(base.parameters)
    assert tuple(beliefs.entities["segment"]) == ("chat", "coding", "law")
    assert beliefs.priors["half_life.law"].p50 == 60
    assert sum(len(group.names) for group in beliefs.groups) == len(beliefs.parameters)


_PRIOR = 'priors.difficulty = { p05 = 1, p50 = 2, p95 = 3, evidence = "J", source = "a test" }\n'

_MORE: dict[EntityKind, str] = {
    "lab": 'region = "world"',
    "builder": 'region = "world"\nfunding = "state"\nstrategy = "release all"\nlicence = "open"',
    "segment": 'buyers = "enterprises"\n' + _PRIOR,
    "band": "from_percentile = 0\nto_percentile = 50",
    "channel": 'economy = "open"\npays_by = "token"',
    "region": 'walled_from = ["world"]',
    "layer": 'competition = "capacity"',
}


def _same_elsewhere(before: Beliefs, after: Beliefs, *, new: int) -> None:
    assert len(after.names) == len(before.names) + new
    old, fresh = (draws(beliefs, seed=3, first=5, count=70) for beliefs in (before, after))
    for name in before.names:
        assert old.values[name].tobytes() == fresh.values[name].tobytes(), name


@pytest.mark.parametrize("kind", ENTITY_KINDS)
def test_one_entity_of_each_kind_is_added_by_file_alone(tmp_path: Path, kind: EntityKind) -> None:
    before = load_small(tmp_path / "small")
    write(tmp_path / f"over/{kind}s.toml", entity(kind, "newcomer", _MORE[kind]))
    after = load_small(tmp_path / "small", tmp_path / "over")
    assert "newcomer" in after.entities[kind]
    indexed = sum(entry.index == kind for entry in after.parameters.values())
    _same_elsewhere(before, after, new=indexed)


def test_a_parameter_an_event_and_a_scenario_are_added_by_file_alone(tmp_path: Path) -> None:
    before = load_small(tmp_path / "small")
    over = tmp_path / "over"
    write(over / "parameters/more.toml", _ONE_MORE)
    write(over / "events.toml", FILES["events.toml"].replace("an_entry", "another"))
    write(over / "scenarios/odd.toml", f'id = "odd"\ntitle = "Odd"\nwhy = "{WHY}"\n[set]\nextra = 3\n')
    write(over / "correlations.toml", _CORRELATED_WITH_IT)
    after = load_small(tmp_path / "small", over)
    assert set(after.events) == {"an_entry", "another"}
    assert scenario(after, "odd").settings["extra"].numbers == (3.0,)
    _same_elsewhere(before, after, new=1)


_ONE_MORE = """\
group = "More"
about = "One more"
[[parameter]]
name = "extra"
meaning = "One more number"
unit = "1"
distribution = "uniform"
bounds = [0, 10]
identified_by = "nothing"
default = { low = 0, high = 10, evidence = "J", source = "a test" }
"""

_CORRELATED_WITH_IT = """\
[[correlation]]
first = "extra"
second = "tracking"
rank_correlation = -0.6
evidence = "J"
source = "a test"
"""

#: A file, what is replaced in it and what by, the text on the line named (the new text when empty), a word.
_FAULTS = [
    ("parameters/small.toml", "p50 = 4.5", "p50 = = 4.5", "", "not TOML"),
    ("parameters/small.toml", "p50 = 4.5", "p50 = 2.5", "[parameter.default]", "must rise"),
    ("parameters/small.toml", "p50 = 4.5", "p50 = nan", "[parameter.default]", "finite"),
    ("parameters/small.toml", "p50 = 4.5", 'p50 = "4.5"', "", "p50 of open_lag"),
    ("parameters/small.toml", "p50 = 4.5", "p51 = 4.5", "", "did you mean"),
    ("parameters/small.toml", "p50 = 4.5\n", "", "[parameter.default]", "p50 is missing"),
    ("parameters/small.toml", "p50 = 4.5", "p50 = 4.5\nlow = 3", "[parameter.default]", "not low"),
    ("parameters/small.toml", "p95 = 8.0", "p95 = 45.0", "[parameter.default]", "inside 0.5 to 40"),
    (
        "parameters/small.toml",
        "bounds = [0.5, 40.0]",
        "bounds = [2.9, 40.0]",
        "[parameter.default]",
        "lies beyond the bounds",
    ),
    ("parameters/small.toml", "bounds = [0.5, 40.0]", "bounds = [40.0, 0.5]", "[[parameter]]", "must rise"),
    ("parameters/small.toml", 'symbol = "lag"\n', 'symbols = "lag"\n', "", "unknown key 'symbols'"),
    (
        "parameters/small.toml",
        'symbol = "lag"',
        'symbol = "s"',
        'symbol = "s"\nmeaning = "Share',
        "already means open_lag",
    ),
    ("parameters/small.toml", 'symbol = "lag"', 'symbol = "a.b"', "", "must not hold"),
    (
        "parameters/small.toml",
        'name = "spillover"',
        'name = "open_lag"',
        'name = "open_lag"\nsymbol = "s"',
        "declared twice",
    ),
    ("parameters/small.toml", 'name = "spillover"', 'name = "Spill over"', "", "name of Spill over"),
    ("parameters/small.toml", 'formula = "(1', 'formula = "(2 ** 1', "", "allowed are names"),
    ("parameters/small.toml", "(open_lag -", "(open_lg -", "", "did you mean 'open_lag'"),
    ("parameters/small.toml", "(open_lag -", "(half_life -", "", "indexed by segment"),
    ("parameters/small.toml", "(open_lag -", "(catch_up -", "", "circle"),
    ("parameters/small.toml", "(1 - tau) /", "(1 - tau) / /", "formula", "cannot be read"),
    ("segments.toml", "priors.difficulty =", "priors.difficulti =", "", "did you mean 'difficulty'"),
    ("segments.toml", "priors.difficulty =", "priors.open_lag =", "", "indexed by nothing"),
    ("segments.toml", "[segment.priors.difficulty]", "[segment.priors.half_life_]", "", "did you mean"),
    ("segments.toml", "p50 = 136", "p50 = 110", "[segment.priors.difficulty]", "must rise"),
    ("segments.toml", "free_tier = true", 'free_tier = "yes"', "", "free_tier of chat"),
    ("segments.toml", 'buyers = "consumers"', 'buyers = "everybody"', "", "buyers of chat"),
    ("labs.toml", "[[lab]]", "[lab]", "", "two brackets"),
    (
        "segments.toml",
        'id = "coding"',
        'id = "chat"',
        'id = "chat"\n' + entity("", "").split("\n", 2)[2].rstrip() + '\nbuyers = "developers"',
        "declared twice",
    ),
    ("labs.toml", 'region = "world"', 'region = "wrld"', "", "did you mean 'world'"),
    ("labs.toml", 'entered = "2022-11"', 'entered = "2022-13"', "", "entered must be a month"),
    ("labs.toml", "[[lab]]", "[[labs]]", "", "did you mean 'lab'"),
    ("events.toml", 'actor = "first_lab"', 'actor = "frist_lab"', "", "did you mean 'first_lab'"),
    ("events.toml", 'month = "2024-05"', 'month = "2024-5"', "", "month of an_entry"),
    (
        "correlations.toml",
        'second = "spillover"',
        'second = "spilover"',
        'first = "open_lag"',
        "did you mean 'spillover'",
    ),
    ("correlations.toml", 'second = "spillover"', 'second = "open_lag"', 'first = "open_lag"', "itself"),
    ("correlations.toml", 'second = "spillover"', 'second = "catch_up"', 'first = "open_lag"', "derived"),
    ("correlations.toml", "rank_correlation = 0.5", "rank_correlation = 1.5", "", "less than 1"),
    ("targets.toml", "p50 = 33.0", "p50 = 53.0", "", "must rise"),
    ("targets.toml", 'source = "a test"\n', "", "[[target]]", "source of closed_revenue is missing"),
    ("scenarios/slow.toml", "open_lag =", "open_lagg =", "", "did you mean 'open_lag'"),
    ("scenarios/slow.toml", '"1.5x"', '"1.5z"', "", "takes a number"),
    ("scenarios/slow.toml", "hl = 100", "hl = 0.5", "", "between 1 and 2000 months"),
    ("scenarios/slow.toml", "hl = 100", '"half_life.coding" = 100', 'half_life.coding = "50', "set twice"),
    ("scenarios/slow.toml", 'title = "Slow followers"', "title = 3", "", "title of slow"),
    ("scenarios/slow.toml", f'why = "{WHY}"', "why = 3", "", "why of slow"),
    ("scenarios/slow.toml", "why =", "wy =", "", "did you mean 'why'"),
    ("scenarios/slow.toml", 'title = "Slow', 'titel = "Slow', "", "did you mean 'title'"),
]


@pytest.mark.parametrize(("file", "old", "new", "where", "word"), _FAULTS)
def test_a_malformed_file_is_named_by_file_and_line(
    tmp_path: Path, file: str, old: str, new: str, where: str, word: str
) -> None:
    write_small(tmp_path)
    assert old in FILES[file]
    text = FILES[file].replace(old, new, 1)
    write(tmp_path / file, text)
    with pytest.raises(BadFileError) as caught:
        load_beliefs(tmp_path, packaged=False)
    fault = caught.value
    expected = text[: text.index(where or new)].count("\n") + 1
    assert fault.field == f"{tmp_path}/{file}:{expected}", fault.message
    assert word in fault.message
    assert fault.message.startswith(str(fault.field))
    assert "\n" not in fault.message
    assert fault.message.endswith((".", "?"))


def test_what_is_no_text_is_named(tmp_path: Path) -> None:
    write_small(tmp_path)
    (tmp_path / "labs.toml").write_bytes(b"# fine\n# not: \xff\xfe\x00\n")
    with pytest.raises(BadFileError, match="UTF-8") as caught:
        load_beliefs(tmp_path, packaged=False)
    assert caught.value.field == f"{tmp_path}/labs.toml:2"


def test_a_missing_folder_and_a_misspelt_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(BadFileError, match="no such folder"):
        load_beliefs(tmp_path / "nowhere", packaged=False)
    write(tmp_path / "lab.toml", "")
    with pytest.raises(BadFileError, match=r"did you mean labs\.toml"):
        load_beliefs(tmp_path, packaged=False)


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    write_small(tmp_path)
    (tmp_path / "bands.toml").mkdir()
    with pytest.raises(BadFileError, match="cannot be read"):
        load_beliefs(tmp_path, packaged=False)


def test_an_entity_without_a_needed_prior_is_named(tmp_path: Path) -> None:
    write_small(tmp_path)
    write(tmp_path / "over/segments.toml", entity("segment", "law", 'buyers = "enterprises"'))
    with pytest.raises(BadFileError, match="'law' has no prior for difficulty"):
        load_beliefs(tmp_path, tmp_path / "over", packaged=False)


def test_correlations_that_contradict_each_other_are_named(tmp_path: Path) -> None:
    write_small(tmp_path)
    one = '[[correlation]]\nfirst = "{}"\nsecond = "{}"\nrank_correlation = {}\nevidence = "J"\n'
    one += 'source = "a test"\n'
    pairs = [("points", "open_lag", 0.9), ("open_lag", "tracking", 0.9), ("points", "tracking", -0.9)]
    write(tmp_path / "correlations.toml", "".join(one.format(*pair) for pair in pairs))
    with pytest.raises(BadFileError, match="cannot hold together") as caught:
        load_beliefs(tmp_path, packaged=False)
    for first, second, _ in pairs:
        assert f"{first} with {second}" in caught.value.message
    assert str(caught.value.field).endswith("correlations.toml:16")


def test_distributions_are_those_of_the_priors(small: Beliefs) -> None:
    for name, prior in small.priors.items():
        parameter = small.parameter_of(name)
        assert small.distributions[name] == of_prior(prior, parameter.distribution, parameter.bounds)
