"""The sources file: where newer data may come from, and within which limits it is believed."""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from twocurves.errors import BadFileError

Kind = Literal["catalogue:models-dev", "catalogue:genai-prices", "observations", "epoch-eci"]

#: What ``[source.expected]`` must name for each kind: fields of a provider and a model, or columns.
EXPECTED: dict[Kind, frozenset[str]] = {
    "catalogue:models-dev": frozenset({"provider", "model"}),
    "catalogue:genai-prices": frozenset({"provider", "model"}),
    "observations": frozenset({"columns"}),
    "epoch-eci": frozenset({"columns"}),
}

#: What ``[source.columns]`` must map for each kind.
MAPPED: dict[Kind, frozenset[str]] = {
    "catalogue:models-dev": frozenset(),
    "catalogue:genai-prices": frozenset(),
    "observations": frozenset(),
    "epoch-eci": frozenset(
        {"entity", "organisation", "date", "value", "low", "high", "access_group", "access_detail"}
    ),
}

#: Plain HTTP is allowed to these hosts only.
LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})

_STRICT = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Limits(BaseModel):
    """Within which limits newer data is believed; beyond them the old is kept.

    Attributes
    ----------
    least_rows
        Rows that there must be.
    greatest_vanished_share
        Share of the held rows that may be gone.
    greatest_ratio
        A figure that is this many times larger or smaller than the held one is taken for a fault.
    greatest_median_ratio
        Half of the changed figures moving this many times is taken for a change of unit ...
    least_changed_for_median
        ... once so many figures changed.
    lowest, highest
        Range of every figure, in the unit of the source; None leaves an end open.
    days_ahead
        Days past the day of fetching that a date may lie.
    """

    model_config = _STRICT

    least_rows: Annotated[int, Field(ge=1)]
    greatest_vanished_share: Annotated[float, Field(ge=0, le=1)]
    greatest_ratio: Annotated[float, Field(gt=1)]
    greatest_median_ratio: Annotated[float, Field(gt=1)]
    least_changed_for_median: Annotated[int, Field(ge=1)]
    lowest: float | None = None
    highest: float | None = None
    days_ahead: Annotated[int, Field(ge=0)]

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.lowest is not None and self.highest is not None and self.lowest >= self.highest:
            raise ValueError(f"lowest ({self.lowest}) must be below highest ({self.highest})")
        return self


class Source(BaseModel):
    """One public source of newer data.

    Attributes
    ----------
    id
        Stable name; also the name of the file in the data folder.
    title
        A few words for a person.
    kind
        How it is read.
    url
        Its public address: https, or http to this machine.
    licence, credit
        Under which terms, and who is to be named.
    unit
        Unit of its figures.
    timeout_seconds
        For the whole of it: name, connection, every redirect, the last byte.
    max_bytes
        Largest answer, as sent and unpacked.
    max_redirects
        Redirects that are followed.
    expected
        Fields or columns that must be there; see :data:`EXPECTED`.
    columns
        Our names of its columns, for the kinds in :data:`MAPPED` that need them.
    limits
        Within which it is believed.
    """

    model_config = _STRICT

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    title: str
    kind: Kind
    url: str
    licence: str
    credit: str
    unit: str
    timeout_seconds: Annotated[float, Field(gt=0)]
    max_bytes: Annotated[int, Field(gt=0)]
    max_redirects: Annotated[int, Field(ge=0, le=4)]  # the standard library follows a loop four times
    expected: dict[str, tuple[str, ...]]
    columns: dict[str, str] = Field(default_factory=dict)
    limits: Limits

    @field_validator("url")
    @classmethod
    def _allowed(cls, url: str) -> str:
        if not allowed_address(url):
            raise ValueError("must be an https address (plain http to this machine only)")
        return url

    @model_validator(mode="after")
    def _complete(self) -> Self:
        for table, needed, given in (
            ("expected", EXPECTED[self.kind], self.expected.keys()),
            ("columns", MAPPED[self.kind], self.columns.keys()),
        ):
            if needed != set(given):
                wanted = ", ".join(sorted(needed)) or "nothing"
                raise ValueError(f"{table} must name {wanted} for kind {self.kind!r}")
        return self

    @property
    def is_catalogue(self) -> bool:
        """Whether it is a catalogue of offers; otherwise it is a table of observations."""
        return self.kind.startswith("catalogue:")


def allowed_address(url: str) -> bool:
    """Return whether data may be fetched from an address: https anywhere, http from this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in LOCAL_HOSTS))


def load_sources(path: Path | None = None) -> tuple[Source, ...]:
    """Read a sources file.

    Parameters
    ----------
    path
        The file; the packaged ``sources.toml`` when left out.

    Raises
    ------
    BadFileError
        It cannot be read, is no TOML, or a source breaks the schema; the message names the field.
    """
    if path is None:
        name = "sources.toml"
        text = (resources.files("twocurves.observed") / "data" / name).read_text(encoding="utf-8")
    else:
        name = str(path)
        text = _read(path)
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadFileError(f"{name} is not valid TOML: {error}.", field=name) from error
    entries = table.get("source")
    if not isinstance(entries, list) or not entries or set(table) != {"source"}:
        raise BadFileError(f"{name} must hold [[source]] tables and nothing else.", field=name)
    found: dict[str, Source] = {}
    for number, entry in enumerate(entries, start=1):
        source = _one(entry, f"{name}: source {number}")
        if source.id in found:
            raise BadFileError(f"{name} names the source {source.id!r} twice.", field=name, given=source.id)
        found[source.id] = source
    return tuple(found.values())


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise BadFileError(f"{path} is not a text file in UTF-8.", field=str(path)) from error
    except OSError as error:
        raise BadFileError(f"{path} cannot be read: {error.strerror}.", field=str(path)) from error


def _one(entry: object, where: str) -> Source:
    try:
        return Source.model_validate(entry)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        at = ".".join(str(part) for part in first["loc"])
        reason = first["msg"].removeprefix("Value error, ")
        raise BadFileError(
            f"{where}{', ' + at if at else ''}: {reason[:1].lower()}{reason[1:]}.",
            field=f"{where} {at}".strip(),
            given=first["input"] if at else None,
        ) from error
