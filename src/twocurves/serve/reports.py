"""The report of the run shown: made once in the background, kept between starts of the server."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Literal

from twocurves.ensemble.plan import files_digest
from twocurves.ensemble.precision import cache_folder
from twocurves.run_result import Run

_LONGEST_SECONDS = 600.0

Status = Literal["making", "done", "failed"]


@dataclass
class Report:
    """Where the report of a run stands.

    Attributes
    ----------
    status
        Whether it is being made, done or failed.
    path
        Its file.
    words
        Why it failed.
    begun
        When making it began, by the monotonic clock.
    """

    status: Status
    path: Path
    words: str = ""
    begun: float = 0.0

    @property
    def seconds(self) -> int:
        """For how long it has been in the making."""
        return int(time.monotonic() - self.begun)


class Reports:
    """Reports by run; asking for one that is not there begins it."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._known: dict[str, Report] = {}
        self._lock = threading.Lock()

    def of(self, run: Run) -> Report:
        """Return the report of a run, begun now if nobody has asked for it yet."""
        path = self.path_of(run)
        with self._lock:
            found = self._known.get(run.name)
            if found is None or (found.status == "done" and not found.path.is_file()):
                done = path.is_file()
                found = Report("done" if done else "making", path, begun=time.monotonic())
                self._known[run.name] = found
                if not done:
                    threading.Thread(
                        target=self._make, args=(found, str(run.path)), name="report", daemon=True
                    ).start()
            return found

    def path_of(self, run: Run) -> Path:
        """Return where the report of a run is kept: other results, or other code of it, is another file."""
        folder = cache_folder() / "serve" / "reports" if self._folder is None else self._folder
        mark = sha256(f"{run.name}|{run.digest}|{_code()}".encode()).hexdigest()[:16]
        return folder / f"{run.name}-{mark}.html"

    def again(self, run: Run) -> None:
        """Forget a report that failed, so that asking for it begins it anew."""
        with self._lock:
            if run.name in self._known and self._known[run.name].status == "failed":
                del self._known[run.name]

    @staticmethod
    def _make(report: Report, place: str) -> None:
        try:
            report.path.parent.mkdir(parents=True, exist_ok=True)
            ended = subprocess.run(  # noqa: S603  (this interpreter, this package, a run's own folder)
                [sys.executable, "-m", "twocurves.serve.report_process", place, str(report.path)],
                capture_output=True,
                text=True,
                timeout=_LONGEST_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as fault:
            report.words, report.status = f"It could not be made: {fault}"[:300], "failed"
            return
        if ended.returncode:
            last = ended.stderr.strip().splitlines()[-1:] or ["no reason was given"]
            report.words, report.status = f"It could not be made: {last[0]}"[:300], "failed"
            return
        report.status = "done"


@cache
def _code() -> str:
    return files_digest(Path(__file__).parents[1], ("report", "charts"))
