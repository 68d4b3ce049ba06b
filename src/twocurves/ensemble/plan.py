"""The plan of a run: everything its numbers depend on, resolved before the first draw.

Two runs with the same plan have the same numbers. What a plan does not hold (workers, size of the chunks,
order, where the run lies) changes no bit of them.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from twocurves.ensemble.microbatch import MICRO_BATCH
from twocurves.errors import BadInputError
from twocurves.months import Month, months_from

#: What of the package decides numbers: rooms and files below ``twocurves``.
DECIDES_NUMBERS = (
    "beliefs",
    "claims",
    "economy",
    "ensemble",
    "fit/latent.py",
    "fit/posterior.py",
    "months.py",
    "observed/history.py",
    "randomness.py",
    "units.py",
)

_EVERY = {"all": 1, "quarterly": 3, "yearly": 12}

_WORDS = {
    "scenario": "the scenario",
    "settings": "the settings",
    "seed": "the seed",
    "draws": "the number of draws",
    "from_month": "the first month",
    "until": "the last month",
    "precision": "the precision",
    "device": "the kind of device",
    "measures": "the measures kept",
    "months_kept": "the months kept",
    "beliefs_from": "where the beliefs are drawn from",
    "beliefs_digest": "the beliefs",
    "posterior": "the posterior",
    "code_version": "the version of twocurves",
    "code_digest": "the code",
    "data_digest": "the observations",
    "data_to": "the date of the observations",
    "jax_version": "the version of jax",
    "numpy_version": "the version of numpy",
    "compiler_flags": "the flags of the compiler",
    "micro_batch": "the size of the micro-batch",
}


class Plan(BaseModel):
    """An immutable plan.

    Attributes
    ----------
    scenario
        Name of the scenario.
    settings
        What was set over the scenario, name and value as text, sorted by name; a mapping is accepted.
    seed
        Seed of all random streams.
    draws
        Number of draws, from draw 0.
    from_month, until
        First and last month simulated, ``YYYY-MM``.
    precision
        In which the engine computes and figures are stored.
    device
        Kind of device ("cpu", "gpu"); results of two kinds agree to a tolerance only.
    measures
        Names of the measures kept, in the order of their columns.
    months_kept
        "all", "quarterly" (March, June, ...), "yearly" (Decembers), each with the last month, or the months.
    beliefs_from, beliefs_digest
        Whether draws come from the prior or a posterior, and the digest of that source.
    posterior
        Which posterior: ``packaged``, or the path of a file; empty for the prior.
    code_version, code_digest
        Version of the package and digest of what of its source decides numbers.
    data_digest, data_to
        Digest of the observations used, and the date to which they reach.
    jax_version, numpy_version
        Versions of the libraries that compute.
    compiler_flags
        With which their compiler works, sorted; the last bits depend on them.
    micro_batch
        Draws in a micro-batch; the last bits depend on it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))

    scenario: str = Field(min_length=1)
    settings: tuple[tuple[str, str], ...] = ()
    seed: int
    draws: int = Field(ge=1)
    from_month: str
    until: str
    precision: Literal["float32", "float64"] = "float32"
    device: str = "cpu"
    measures: tuple[str, ...] = Field(min_length=1)
    months_kept: Literal["all", "quarterly", "yearly"] | tuple[str, ...] = "all"
    beliefs_from: Literal["prior", "posterior"] = "prior"
    beliefs_digest: str
    posterior: str = ""
    code_version: str
    code_digest: str
    data_digest: str
    data_to: dt.date
    jax_version: str
    numpy_version: str
    compiler_flags: tuple[str, ...] = ()
    micro_batch: int = Field(default=MICRO_BATCH, ge=1)

    @field_validator("settings", mode="before")
    @classmethod
    def _sorted_settings(cls, given: Any) -> Any:
        pairs = given.items() if isinstance(given, Mapping) else given
        return tuple(sorted((str(name), str(value)) for name, value in pairs))

    @field_validator("from_month", "until")
    @classmethod
    def _month(cls, given: str) -> str:
        return str(Month.parse(given))

    @model_validator(mode="after")
    def _in_order(self) -> Plan:
        if Month.parse(self.until) < Month.parse(self.from_month):
            raise BadInputError(
                f"until must be {self.from_month} or later; you gave {self.until}.",
                field="until",
                given=self.until,
                allowed=f">= {self.from_month}",
            )
        kept_months(self.from_month, self.until, self.months_kept)
        return self

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the plan's canonical JSON (sorted names, no spaces)."""
        return digest_of(self.model_dump(mode="json"))

    @property
    def drawn_from(self) -> str:
        """Where beliefs are drawn from, as a job takes it: "prior", "posterior" or a file."""
        return {"": "prior", "packaged": "posterior"}.get(self.posterior, self.posterior)

    @property
    def name(self) -> str:
        """Short name of the run, for folders and commands: scenario, seed, eight letters of the digest."""
        readable = re.sub(r"[^a-z0-9]+", "-", self.scenario.lower()).strip("-")[:40] or "run"
        return f"{readable}-{self.seed}-{self.digest[:8]}"

    @property
    def months(self) -> tuple[Month, ...]:
        """The months kept, in order."""
        return kept_months(self.from_month, self.until, self.months_kept)

    @property
    def months_simulated(self) -> int:
        """Number of months simulated."""
        return int(Month.parse(self.until)) - int(Month.parse(self.from_month)) + 1

    @property
    def micro_batches(self) -> int:
        """Number of micro-batches; only the last may be short."""
        return -(-self.draws // self.micro_batch)

    def span(self, micro_batch: int) -> tuple[int, int]:
        """Return first draw and number of draws of a micro-batch."""
        first = micro_batch * self.micro_batch
        return first, min(self.micro_batch, self.draws - first)


def make_plan(**fields: Any) -> Plan:
    """Return the plan with these fields.

    Raises
    ------
    BadInputError
        A field is missing, unknown or not what it may be; the message names the first such field.
    """
    try:
        return Plan.model_validate(fields)
    except ValidationError as fault:
        first = fault.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "plan"
        what = first["msg"][:1].lower() + first["msg"][1:]
        given = first["input"] if first["type"] != "missing" else None
        said = "" if given is None else f"; you gave {given!r}"
        raise BadInputError(f"{field}: {what}{said}.", field=field, given=given, allowed=what) from fault


def kept_months(first: str, until: str, kept: str | tuple[str, ...]) -> tuple[Month, ...]:
    """Return the months that a run keeps, in order.

    Raises
    ------
    BadInputError
        ``kept`` is no known spacing, or names a month outside the run.
    """
    begins, ends = Month.parse(first, "from_month"), Month.parse(until, "until")
    if isinstance(kept, str):
        if kept not in _EVERY:
            raise BadInputError(
                f"months kept must be all, quarterly, yearly or months such as 2026-12; you gave {kept!r}.",
                field="months_kept",
                given=kept,
                allowed=sorted(_EVERY),
            )
        every = _EVERY[kept]
        return tuple(
            month for month in months_from(begins, ends) if month.month % every == 0 or month == ends
        )
    chosen = sorted({Month.parse(text, "months_kept") for text in kept})
    outside = [month for month in chosen if not begins <= month <= ends]
    if outside or not chosen:
        raise BadInputError(
            f"months kept must lie between {begins} and {ends}; you gave "
            f"{', '.join(map(str, outside)) or 'none'}.",
            field="months_kept",
            given=[str(month) for month in outside],
            allowed=f"{begins} to {ends}",
        )
    return tuple(chosen)


def differences(stored: Plan, now: Plan) -> list[str]:
    """Say in words what differs between two plans, one phrase each; empty when nothing does."""
    before, after = stored.model_dump(mode="json"), now.model_dump(mode="json")
    return [
        f"{words} ({_differing(before[field], after[field])})"
        for field, words in _WORDS.items()
        if before[field] != after[field]
    ]


def digest_of(value: object) -> str:
    """Return the SHA-256 of a value's canonical JSON."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return sha256(text.encode()).hexdigest()


def files_digest(root: Path, parts: Iterable[str]) -> str:
    """Return the SHA-256 of files: their paths below ``root`` and their bytes.

    Parameters
    ----------
    parts
        Files, or folders of which every file counts (compiled Python aside), relative to ``root``; what does
        not exist counts as empty, so that adding it later changes the digest.
    """
    digest = sha256()
    for path in sorted(set(_files(root, parts))):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(root).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def code_digest() -> str:
    """Return the digest of what of this package's source decides numbers (see :data:`DECIDES_NUMBERS`)."""
    return files_digest(Path(__file__).parents[1], DECIDES_NUMBERS)


def versions() -> dict[str, str]:
    """Return ``code_version``, ``jax_version`` and ``numpy_version`` as a plan takes them."""
    return {
        "code_version": _version("twocurves"),
        "jax_version": _version("jax"),
        "numpy_version": _version("numpy"),
    }


def _files(root: Path, parts: Iterable[str]) -> Iterator[Path]:
    for part in parts:
        place = root / part
        if place.is_dir():
            yield from (
                path for path in place.rglob("*") if path.is_file() and "__pycache__" not in path.parts
            )
        elif place.is_file():
            yield place


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # a source tree that is not installed
        return "0"


def _differing(before: Any, after: Any) -> str:
    if isinstance(before, list) and isinstance(after, list):
        gone = [_short(item) for item in before if item not in after]
        new = [_short(item) for item in after if item not in before]
        said = [f"without {', '.join(gone)}"] if gone else []
        said += [f"with {', '.join(new)}"] if new else []
        return " and ".join(said) or "in another order"
    return f"{_short(before)} then, {_short(after)} now"


def _short(value: Any) -> str:
    if isinstance(value, list):
        return "=".join(map(str, value))
    text = str(value)
    return f"{text[:8]}…" if re.fullmatch(r"[0-9a-f]{32,}", text) else text
