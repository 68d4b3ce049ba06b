"""Faults of stored runs, each with the sentence that tells what to do."""

from __future__ import annotations

from twocurves.errors import BadFileError, BadInputError, Fault


class Interrupted(Fault):
    """A run was stopped before its last draw; what is finished is stored.

    Parameters
    ----------
    message
        One sentence.
    resume
        The command that continues the run.
    path
        Where the run lies.
    done, asked
        Draws stored and draws asked for.
    """

    exit_code = 130

    def __init__(
        self, message: str, *, resume: str = "", path: str = "", done: int = 0, asked: int = 0
    ) -> None:
        super().__init__(message, field="run", given=path, allowed=resume)
        self.resume = resume
        self.path = path
        self.done = done
        self.asked = asked


class PlanChangedError(BadInputError):
    """A run cannot be continued: its plan, the code or the data are not what they were."""


class RunLockedError(BadInputError):
    """Another process is writing the run."""


class UnusablePlaceError(BadInputError):
    """A run's folder cannot be made or written; nothing was written."""


class UnwritableRunError(Fault):
    """A run's folder takes no more: no space, or no permission any more."""


class DamagedRunError(BadFileError):
    """A file of a stored run is missing or not as it was written."""


class WorkerDiedError(Fault):
    """Worker processes die before they begin; more of them would die too."""
