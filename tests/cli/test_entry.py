"""The command line as a whole process: help, speed of start, faults in one sentence, exit codes."""

import json
import subprocess
import sys

import pytest


def twocurves(*arguments, **environment):
    """Run the command line in a process of its own and return what it did."""
    import os

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
    heavy = {"jax", "altair", "pandera", "vl_convert", "genai_prices", "scipy.stats", "pandas", "pint"}
    assert not heavy & modules_after(*arguments)


def test_help_names_every_command_and_what_is_still_to_come():
    done = twocurves("--help")
    assert done.returncode == 0
    for command in ("measure", "data", "plot", "beliefs"):
        assert command in done.stdout
    assert "Still to come" in done.stdout


@pytest.mark.parametrize("command", ["measure", "data", "plot", "beliefs"])
def test_every_command_has_help(command):
    done = twocurves(command, "--help")
    assert done.returncode == 0
    assert "Usage" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["mesure"], "did you mean 'measure'"),
        (["run"], "No command 'run'"),
        (["data", "shwo", "eci"], "did you mean 'show'"),
        (["measure", "--form", "2024-01"], "did you mean --from"),
        (["measure", "--from", "2024-13"], "--from must be a month such as 2026-06"),
        (["measure", "--as-of", "yesterday"], "--as-of must be a day such as 2026-06-30"),
        (["measure", "--json", "--csv"], "not both"),
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
def test_bad_input_is_one_sentence_and_exit_code_two(arguments, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = twocurves(*arguments)
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stdout == ""
    assert list(tmp_path.iterdir()) == []


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
