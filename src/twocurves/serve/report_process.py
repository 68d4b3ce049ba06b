"""Makes the report of a run in a process of its own, so that no slider waits for its drawings."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from twocurves.errors import Fault

#: The outcome whose deciding assumptions the report shows.
TARGET = "net_revenue_open"

_POLITENESS = 10


def make(place: str, target: Path) -> None:
    """Write the report of a run with all that its sections can show.

    Parameters
    ----------
    place
        Folder or URL of the run.
    target
        The file to write.

    Raises
    ------
    BadInputError
        The run cannot be reported.
    """
    from twocurves.fit.packaged_scores import packaged_scores
    from twocurves.report.build import write_report
    from twocurves.run_result import Run

    run = Run.at(place)
    write_report(run, target, scorecard=packaged_scores(), drivers=_drivers(run), decision=_decision(run))


def _drivers(run: Any) -> dict[str, Any] | None:
    from twocurves.drivers.report import find_drivers

    try:
        return find_drivers(run, TARGET).as_record()
    except Fault:
        return None  # too few draws to say: the report says that the section is missing, and how to make it


def _decision(run: Any) -> dict[str, Any] | None:
    from twocurves.decide.decision import decide
    from twocurves.serve.services.decide import usual, workload

    try:
        return decide(workload(usual()), run).as_record()
    except Fault:
        return None  # as above


if __name__ == "__main__":
    os.nice(_POLITENESS)
    try:
        make(sys.argv[1], Path(sys.argv[2]))
    except Fault as fault:
        sys.exit(fault.message)
