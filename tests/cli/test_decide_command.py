"""``twocurves decide`` as it is called."""

import json

import pytest
import typer
from typer.main import get_command

from twocurves.cli.decide_command import decide
from twocurves.cli.entry import report
from twocurves.cli.wrong_use import as_fault
from twocurves.errors import Fault

TOKENS = "input_tokens_per_month = 1_000_000_000\noutput_tokens_per_month = 100_000_000"

WORK = """name = "made"
segment = "niche_enterprise"
[usage]
input_tokens_per_month = 1_000_000_000
output_tokens_per_month = 100_000_000
[now]
model = "gpt-5.4"
[quality]
eci = 145
[switching]
engineering_days = 20
"""


@pytest.fixture
def called(capsys):
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command("decide")(decide)

    @app.callback()
    def _root():
        pass

    def call(*arguments):
        as_json = "--json" in arguments
        try:
            code = get_command(app).main(["decide", *map(str, arguments)], standalone_mode=False) or 0
        except Fault as fault:
            code = report(fault, as_json=as_json)
        except typer.TyperException as wrong:
            code = report(as_fault(wrong, list(arguments)), as_json=as_json)
        streams = capsys.readouterr()
        return code, streams.out, streams.err

    return call


@pytest.fixture
def work(tmp_path):
    path = tmp_path / "work.toml"
    path.write_text(WORK, encoding="utf-8")
    return path


def test_a_template_is_written_and_decided(runs, called, tmp_path):
    path = tmp_path / "new.toml"
    code, out, err = called("new", path)
    assert (code, err) == (0, "")
    assert "twocurves decide" in " ".join(out.split())
    code, out, err = called(path)
    assert (code, err) == (0, "")
    assert "Net present cost" in out
    assert "With hindsight" in out


def test_json_is_one_object_and_a_memo_is_written_beside(runs, called, work, tmp_path):
    code, out, err = called(work, "--json", "--memo", tmp_path / "memo.html")
    assert (code, err) == (0, "")
    record = json.loads(out)
    assert record["workload"] == "made"
    assert record["answer"] in (tmp_path / "memo.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("width", [60, 90, 140])
def test_it_fits_the_width(runs, called, work, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    _, out, _ = called(work)
    assert all(len(line.rstrip()) <= width for line in out.splitlines())


def test_without_a_run_it_says_which_command_makes_one(empty, called, work):
    code, out, err = called(work)
    assert (code, out) == (2, "")
    assert "twocurves run" in err


def test_a_run_can_be_named(runs, called, work, real_run):
    code, out, _ = called(work, "--run", real_run.name[:10], "--json")
    assert code == 0
    assert json.loads(out)["run"] == real_run.name
    assert called(work, "--run", "none-such")[0] == 2


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('model = "gpt-5.4"', 'model = "gtp-5.4"', "did you mean 'gpt-5.4'"),
        ('model = "gpt-5.4"', 'model = "muse-spark"', "states a price"),
        ("input_tokens_per_month = 1_000_000_000", "input_tokens_per_month = -1", "0 or more"),
        ('name = "made"', 'name = "made"\ncurrency = "EUR"', "USD"),
        (
            "[switching]",
            '[constraints]\nresidency = "on_premises"\noptions = ["hosted_open"]\n[switching]',
            "conflict",
        ),
        (TOKENS, 'export = "none.csv"', "none.csv"),
        ("eci = 145", "eci = ", "not TOML"),
        ('segment = "niche_enterprise"', 'segment = "niche"', "niche_enterprise"),
    ],
)  # fmt: skip
def test_bad_input_is_one_sentence_and_code_2(runs, called, work, old, new, said):
    work.write_text(WORK.replace(old, new), encoding="utf-8")
    code, out, err = called(work)
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1
    code, out, err = called(work, "--json")
    assert (code, out) == (2, "")
    assert set(json.loads(err)["error"]) == {"field", "given", "allowed", "suggestion", "message"}


def test_wrong_use_of_new(called, tmp_path, work):
    assert called("new")[0] == 2
    assert "leave out" in called("new", tmp_path / "a.toml", "--run", "x")[2]
    assert "a second" in called(work, tmp_path / "b.toml")[2]
    assert not (tmp_path / "a.toml").exists()
