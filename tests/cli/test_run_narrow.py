"""Commands of runs in narrow terminals: nothing runs over, no name is broken."""

import re

import pytest

from twocurves.claims import load_ledger

COMMANDS = {
    "run": ["run", "--draws", "64"],
    "list": ["runs", "list"],
    "show": ["runs", "show", "central"],
    "claims": ["claims"],
    "claim": ["claims", "C10"],
    "compare": ["compare", "{run}", "{run}"],
    "history": ["run", "--history"],
}

#: Lines that hold a path, a command or a name longer than the terminal may run over: they are to be copied.
WHOLE = re.compile(r"\S{30,}")


@pytest.mark.parametrize("columns", [40, 60])
@pytest.mark.parametrize("what", ["run", "list", "show", "claims", "claim", "compare"])
def test_nothing_runs_over_and_no_name_is_broken(runs, real_run, printed, monkeypatch, columns, what):
    monkeypatch.setenv("COLUMNS", str(columns))
    code, out, err = printed(*(word.format(run=real_run.name) for word in COMMANDS[what]))
    assert (code, err) == (0, "")
    too_long = [line for line in out.splitlines() if len(line.rstrip()) > columns and not WHOLE.search(line)]
    assert too_long == []
    named = {
        "run": ["Net revenue, closed", "net revenue", "gross profit", "economic rent", "C01", "C20"],
        "list": [real_run.name, "complete"],
        "show": ["Net revenue, closed", "economic rent", "C20"],
        "claims": [claim.id for claim in load_ledger().claims],
        "claim": ["C10.net_revenue", "C10.rent_with_compute"],
        "compare": ["Net revenue, closed", "Lag of open"],
    }[what]
    for name in named:
        assert name in out, name
