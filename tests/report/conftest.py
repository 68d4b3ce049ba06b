"""What the tests of the report share: a run of the real economy and the report of it."""

from __future__ import annotations

import pytest

from tests.real_run import real_run
from tests.report.inputs import decision, drivers, score
from twocurves.charts.run_figures import measured
from twocurves.ensemble.results import StoredRun
from twocurves.report.build import report_html
from twocurves.report.claims import claims
from twocurves.report.decides import decides
from twocurves.report.findings import Findings
from twocurves.report.hindcast import hindcast
from twocurves.report.made import made
from twocurves.report.markup import tag
from twocurves.report.opening import opening
from twocurves.report.weak import weak

__all__ = ["real_run"]


@pytest.fixture(scope="session")
def words_alone(real_run: StoredRun) -> str:
    """The sections without figures, of a report that was given nothing but the run."""
    found = Findings(real_run, measured())
    return str(tag("div", [make(found) for make in (opening, claims, decides, hindcast, weak, made)]))


@pytest.fixture(scope="session")
def full_page(real_run: StoredRun) -> str:
    """A report with all that can be given."""
    return report_html(real_run, drivers=drivers(), scorecard=score(), decision=decision())
