"""The command line as a whole process: help, speed of start, faults in one sentence, exit codes."""

import json
import os
import subprocess
import sys
from typing import Annotated, Literal

import pytest
import typer

from twocurves.cli import app
from twocurves.cli.entry import run


def twocurves(*arguments, **environment):
    """Run the command line in a process of its own and return what it did."""
    return subprocess.run(
        [sys.executable, "-m", "twocurves", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, **environment},
    )


def modules_after(*arguments):
    """Return the modules that a command imports."""
    code = (
        "import sys\n"
        "from twocurves.cli.entry import run\n"
        f"code = run({list(arguments)!r})\n"
        "print('\\n'.join(sys.modules), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    return set(done.stderr.split())


@pytest.mark.parametrize(
    "arguments", [["--help"], ["data", "list"], ["data", "show", "eci"], ["beliefs", "--help"]]
)
def test_light_commands_do_not_import_heavy_libraries(arguments):
    heavy = {"jax", "altair", "pandera", "vl_convert", "genai_prices", "numpy", "scipy", "pandas", "pint"}
    assert not heavy & modules_after(*arguments)


COMMANDS = (
    *("run", "claims", "compare", "fit", "score", "forecast", "drivers", "decide", "report", "serve"),
    *("runs", "measure", "data", "plot", "beliefs"),
)


def test_help_names_every_command():
    done = twocurves("--help")
    assert done.returncode == 0
    for command in COMMANDS:
        assert f" {command} " in done.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command):
    done = twocurves(command, "--help")
    assert done.returncode == 0
    assert "Usage" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["mesure"], "did you mean 'measure'"),
        (["prophesy"], "No command 'prophesy'"),
        (["data", "shwo", "eci"], "did you mean 'show'"),
        (["measure", "--form", "2024-01"], "did you mean --from"),
        (["measure", "--from", "2024-13"], "--from must be a month such as 2026-06"),
        (["measure", "--as-of", "yesterday"], "--as-of must be a day such as 2026-06-30"),
        (["measure", "--json", "--csv"], "not both"),
        (["data", "list", "--csv", "--json"], "not both"),
        (["data", "show", "eci", "--csv", "--json"], "not both"),
        (["beliefs", "list", "--csv", "--json"], "not both"),
        (["measure", "--from", ""], "--from must be a month such as 2026-06; you gave ''"),
        (["measure", "--to", "2024-01-15"], "--to takes a month, not a day: 2024-01; you gave '2024-01-15'"),
        (["plot", "lag", "-o", "x.svg", "--from", "2024-01-15"], "--from takes a month, not a day: 2024-01"),
        (["measure", "--as-of", "20240101"], "--as-of must be a day such as 2026-06-30"),
        (["measure", "--as-of", "1999-01-01"], "the first observation counts from 2019-02-14"),
        (["data", "show", "eci", "--as-of", "1990-01-01"], "(--as-of) nothing was known"),
        (["data", "show", "eci", "--as-of", "2020-01-01"], "its first row counts from 2023-02-24"),
        (
            ["measure", "--from", "2030-01"],
            "with --from 2030-01: the observations describe 2019-02 to 2026-06",
        ),
        (["measure", "--to", "2001-01", "--csv"], "with --to 2001-01: the observations describe"),
        (["measure", "a", "b"], "twocurves measure takes one argument at most; 'b' is too much"),
        (["--json"], "--json belongs behind a command, for example: twocurves run --json"),
        (["data", "list", "here"], "takes no arguments; 'here' is too much"),
        (
            ["beliefs", "draw", "--draws", "1e3"],
            "--draws must be a whole number such as 1024; you gave '1e3'",
        ),
        (["data", "remove", "nothing"], "No imported table 'nothing'"),
        (["beliefs", "show", "zzzzqq"], "for example adopters_per_tuned_model"),
        (["data", "show", "ecii"], "did you mean 'eci'"),
        (["data", "show"], "Missing"),
        (["beliefs", "draw", "centrl"], "did you mean 'central'"),
        (["beliefs", "draw", "--set", "lagg_pub=4"], "did you mean 'lag_pub'"),
        (["beliefs", "draw", "--set", "lag_pub=nan"], "lag_pub"),
        (["beliefs", "draw", "--set", "lag_pub=4000"], "lag_pub"),
        (["beliefs", "draw", "--set", "lag_pub"], "="),
        (["beliefs", "draw", "--draws", "0"], "--draws must be at least 1"),
        (["beliefs", "draw", "--draws", "many"], "--draws"),
        (["beliefs", "draw", "--output", "draws.xlsx"], ".parquet"),
        (["plot", "nothing_such", "-o", "x.svg"], "No figure"),
        (["plot", "frontier"], "Say where to write"),
        (["plot", "frontier", "-o", "x.gif"], ".svg"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_two(arguments, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TWOCURVES_DATA", str(tmp_path / "data"))
    code = run(arguments)
    streams = capsys.readouterr()
    assert code == 2, streams.err
    assert said in " ".join([streams.err, *_message(streams.err)])
    assert len(streams.err.strip().splitlines()) == 1
    assert streams.out == ""
    assert list(tmp_path.iterdir()) == []


def _message(err):
    return [json.loads(err)["error"]["message"]] if err.startswith("{") else []


def test_bad_input_of_a_whole_process():
    done = twocurves("data", "shwo", "eci")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "No command 'shwo' in twocurves data; did you mean 'show'?\n"


def test_a_choice_that_is_none_is_told_with_the_choices(monkeypatch, capsys):
    one = typer.Typer()

    @one.command()
    def draw(paper: Annotated[Literal["light", "dark"], typer.Option("--paper")] = "light"):
        """Draw."""

    monkeypatch.setattr(app, "app", one)
    assert run(["--paper", "blue"]) == 2
    assert capsys.readouterr().err == "--paper must be light or dark; you gave 'blue'.\n"
    assert run(["--paper=drak"]) == 2
    assert "you gave 'drak'" in capsys.readouterr().err


def test_a_fault_under_json_is_an_object_on_standard_error():
    done = twocurves("data", "show", "ecii", "--json")
    assert done.returncode == 2
    assert done.stdout == ""
    fault = json.loads(done.stderr)["error"]
    assert set(fault) == {"field", "given", "allowed", "suggestion", "message"}
    assert fault["given"] == "ecii"
    assert fault["suggestion"] == "eci"


def test_a_fault_of_ours_is_one_sentence_and_exit_code_one():
    code = (
        "import sys\n"
        "from twocurves.cli import entry, app\n"
        "import typer\n"
        "broken = typer.Typer()\n"
        "@broken.command()\n"
        "def fall(): raise ZeroDivisionError('by zero')\n"
        "app.app = broken\n"
        "sys.argv = ['twocurves']\n"
        "entry.main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Twocurves itself failed: ZeroDivisionError: by zero")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("moment", ["import", "run", "hook"])
def test_ctrl_c_is_quiet_whenever_it_comes(moment):
    interrupted = {
        "import": "import builtins; real = builtins.__import__\n"
        "def stop(name, *rest):\n"
        "    if name == 'typer': raise KeyboardInterrupt\n"
        "    return real(name, *rest)\n"
        "builtins.__import__ = stop\n",
        "run": "def stop(*_): raise KeyboardInterrupt\nimport typer.main\ntyper.main.get_command = stop\n",
        "hook": "def stop(*_): raise KeyboardInterrupt\nentry.run = stop\n",
    }[moment]
    done = subprocess.run(
        [sys.executable, "-c", f"from twocurves.cli import entry\n{interrupted}\nentry.main()"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "Stopped.\n")


def test_output_into_a_closed_pipe_is_quiet():
    done = subprocess.run(
        f"{sys.executable} -m twocurves data list | head -1",
        shell=True,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""


def test_version():
    assert twocurves("--version").stdout.startswith("twocurves 0.")


def test_colour_can_be_turned_off():
    assert "\x1b[" not in twocurves("data", "list", NO_COLOR="1", FORCE_COLOR="").stdout
