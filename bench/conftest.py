"""What every timing shares: one fixture that times wall and processor, and the table at the end."""

from __future__ import annotations

import datetime as dt
import os
import platform
import resource
import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

import pytest

from bench.summary import ratios_of, table_of


@pytest.fixture(scope="session", autouse=True)
def packaged_data_only(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Time the packaged data, not what the user has imported or updated."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TWOCURVES_DATA", str(tmp_path_factory.mktemp("data")))
        yield


Timed = Callable[..., Any]


@pytest.fixture
def timed(benchmark: Any) -> Timed:
    """Return a function that times ``work`` some rounds, after ``warm_up`` rounds that do not count.

    ``title`` names the row, ``per`` divides it (draws in a round, for microseconds per draw), ``before`` runs
    untimed before each round, and ``children`` counts the processor time of child processes.
    """

    def time_it(
        title: str,
        work: Callable[[], object],
        *,
        rounds: int,
        warm_up: int = 1,
        per: int = 1,
        before: Callable[[], object] | None = None,
        children: bool = False,
    ) -> None:
        used: list[float] = []

        def work_on_the_clock() -> None:
            start = _processor_seconds(children=children)
            work()
            used.append(_processor_seconds(children=children) - start)

        def prepare() -> None:
            if before is not None:
                before()

        benchmark.extra_info.update(title=title, per=per)
        benchmark.pedantic(work_on_the_clock, setup=prepare, rounds=rounds, warmup_rounds=warm_up)
        benchmark.extra_info["processor_seconds"] = median(used[warm_up:])

    return time_it


def _processor_seconds(*, children: bool) -> float:
    if not children:
        return time.process_time()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_LOAD_BEFORE] = os.getloadavg()[0]


_LOAD_BEFORE = pytest.StashKey[float]()


def pytest_benchmark_update_json(
    config: pytest.Config, benchmarks: list[Any], output_json: dict[str, Any]
) -> None:
    """Add to the file what a reader needs to judge the figures, and the ratios."""
    output_json["twocurves"] = {
        "day": dt.date.today().isoformat(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "machine": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        # Processes that wanted a core in the minute before: the run itself adds one.
        "load_before": config.stash[_LOAD_BEFORE],
        "ratios": ratios_of(output_json),
    }
    config.stash[_REPORT] = table_of(output_json)


_REPORT = pytest.StashKey[str]()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the compact table."""
    if _REPORT in config.stash:
        terminalreporter.write_line(config.stash[_REPORT])
