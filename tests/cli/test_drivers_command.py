"""``twocurves drivers``: what it prints, in terminals of any width, and what it refuses."""

import json

import pytest
import typer

from tests.drivers.made_run import MATTERS, made_run
from twocurves.cli.drivers_command import drivers
from twocurves.errors import BadInputError

CLAIM = "C10.net_revenue"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("runs")
    made_run(place / "made-run", draws=1024)
    return place


@pytest.fixture
def call(folder, monkeypatch, capsys):
    monkeypatch.setenv("TWOCURVES_RUNS", str(folder))
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(drivers)

    def run(*arguments, columns=120):
        monkeypatch.setenv("COLUMNS", str(columns))
        app(list(arguments), standalone_mode=False)
        return capsys.readouterr().out

    return run


@pytest.mark.parametrize("columns", [40, 60, 80, 100, 120])
@pytest.mark.parametrize("target", [CLAIM, "net_revenue_open@2024-12"])
def test_a_page_fits_its_terminal(call, columns, target):
    page = call(target, columns=columns)
    assert max(map(len, page.splitlines())) <= columns
    for name in MATTERS:
        assert name in page
    for head in ("Beliefs: how the world is", "Choices: what somebody decides", "In which worlds"):
        assert head in page
    assert "What would change the answer" in page or target != CLAIM
    assert "Noise floor" in " ".join(page.split())


def test_the_newest_run_answers_and_another_one_by_its_name(call, folder):
    assert "1,024 futures" in call(CLAIM)
    assert "1,024 futures" in call(CLAIM, "--run", "made")
    assert "1,024 futures" in call(CLAIM, "--run", str(folder / "made-run"))


def test_json_is_one_object_of_the_contract(call):
    record = json.loads(call(CLAIM, "--json"))
    assert record["target"] == CLAIM
    assert record["run"].startswith("central-7-")
    assert record["beliefs"][0]["name"] == MATTERS[0]
    assert record["beliefs"][0]["above_noise"] is True
    assert record["choices"][0]["name"] == MATTERS[2]
    assert {"conditions", "coverage", "density"} <= set(record["worlds"][0])
    assert record["flips"][0]["moves"]
    assert 0 < record["noise_floor"] < 0.2


def test_all_claims_when_none_is_named(call, folder):
    page = call()
    assert MATTERS[0] in page
    assert "true in all 1,024 futures" in page
    assert (folder / "made-run" / "drivers" / "claims.json").is_file()
    record = json.loads(call("--json"))
    assert record["claims"][CLAIM]["decided_by_belief"] == MATTERS[0]
    assert record["claims"][CLAIM]["decided_by_choice"] == MATTERS[2]


@pytest.mark.parametrize("columns", [40, 80])
def test_the_table_of_claims_fits_its_terminal(call, columns):
    assert max(map(len, call(columns=columns).splitlines())) <= columns


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["net_revenue_opne"], "did you mean 'net_revenue_open'"),
        (["constant"], "the same in all of"),
        (["C01"], "true in all of"),
        ([CLAIM, "--run", "nothing"], "No run 'nothing'"),
        ([CLAIM, "--sobol"], "was not drawn for Sobol indices"),
        ([CLAIM, "--local"], "it has no slope"),
        (["--try"], "--try needs an outcome or a claim"),
        ([CLAIM, "--try", "--against", "made-run"], "leave out --try"),
        ([CLAIM, "--draws", "64"], "--draws belongs to --try or --against"),
        ([CLAIM, "--try", "--draws", "0"], "--draws must be 1 or more"),
        ([CLAIM, "--inputs", "3"], "beside --draw-sobol"),
        ([CLAIM, "--draw-sobol", "1"], "must be 2 or more"),
        (["--draw-sobol", "16"], "needs an outcome or a claim"),
        ([CLAIM, "--try"], "other belief files"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(call, arguments, sentence):
    with pytest.raises(BadInputError) as fault:
        call(*arguments)
    assert sentence in fault.value.message
    assert fault.value.message.count("\n") == 0


def test_without_a_run_it_says_how_to_make_one(call, monkeypatch, tmp_path):
    monkeypatch.setenv("TWOCURVES_RUNS", str(tmp_path / "none"))
    app = typer.Typer()
    app.command()(drivers)
    with pytest.raises(BadInputError, match="make one with `twocurves run`"):
        app([CLAIM], standalone_mode=False)
