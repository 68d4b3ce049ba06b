"""The run that answers when none is named: the newest whole one."""

from __future__ import annotations

from twocurves.ensemble.results import StoredRun, open_run
from twocurves.ensemble.runs import find_run, list_runs
from twocurves.errors import BadInputError


def run_or_newest(given: str | None, purpose: str) -> StoredRun:
    """Return the run asked for, or the newest whole one.

    Parameters
    ----------
    given
        Name, folder or URL; None for the newest.
    purpose
        What it is for, as in "There is no run to decide in yet".

    Raises
    ------
    BadInputError
        There is none; the message says which command makes one.
    """
    if given is not None:
        return open_run(find_run(given))
    whole = [summary for summary in list_runs() if summary.status == "complete"]
    if not whole:
        raise BadInputError(
            f"There is no run to {purpose} yet; make one with `twocurves run`.",
            field="--run",
            given=None,
            allowed="a stored run",
        )
    return open_run(whole[0].path)
