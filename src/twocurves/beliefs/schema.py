"""The shapes of the belief files: what a parameter, an actor, a target and a scenario must say of itself.

Numbers are data. A *parameter* is declared once (name, meaning, unit, role, bounds, what identifies it).
A parameter without an index carries its prior in its declaration; one that is indexed by a kind of entity
(labs, segments, ...) takes a prior from each entity's own table, or its declared default. So adding an
entity is adding one table to one file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

_IDENTIFIER = r"^[a-z][a-z0-9_]*$"
_PARAMETER_NAME = r"^[a-z][A-Za-z0-9_]*$"
_MONTH = r"^\d{4}-\d{2}$"
_YEAR_OR_MONTH = r"^\d{4}(-\d{2})?$"

#: What each pattern asks for, for messages.
PATTERNS_IN_WORDS: Mapping[str, str] = MappingProxyType(
    {
        _IDENTIFIER: "a small letter, then small letters, digits and _",
        _PARAMETER_NAME: "a small letter, then letters, digits and _",
        _MONTH: "a month such as 2026-06",
        _YEAR_OR_MONTH: "a year or a month, such as 2026 or 2026-06",
    }
)

Identifier = Annotated[str, Field(pattern=_IDENTIFIER)]
ParameterName = Annotated[str, Field(pattern=_PARAMETER_NAME)]
Words = Annotated[str, Field(min_length=3)]

#: V read in the cited source; S read in a secondary page; D derived by the arithmetic shown;
#: J judgement without direct evidence; U from memory, unverified.
Evidence = Literal["V", "S", "D", "J", "U"]
Family = Literal[
    "split_normal", "split_lognormal", "split_logitnormal", "uniform", "zero_inflated_exponential", "fixed"
]
#: input: drawn and fed to the model; initial: the state at the first month; derived: computed from other
#: parameters by a named formula. (Targets, what the model must reproduce, live in files of their own.)
Role = Literal["input", "initial", "derived"]
#: belief: how the world is; choice: what somebody decides.
Nature = Literal["belief", "choice"]
EntityKind = Literal["lab", "builder", "segment", "band", "channel", "region", "layer"]


@dataclass(frozen=True, slots=True)
class Refers:
    """Mark on a field: its value is the id of an entity of ``kind`` (of any kind when None)."""

    kind: EntityKind | None = None


class Strict(BaseModel):
    """Base of every table: unknown keys are errors, values never change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Prior(Strict):
    """A distribution through its percentiles, with the evidence for it.

    ``p05``, ``p50`` and ``p95`` are in the parameter's unit. A ``uniform`` prior has ``low`` and ``high``,
    a ``zero_inflated_exponential`` has ``zero_mass`` and ``mean`` (of the part above zero), a ``fixed`` one
    has ``value``. The others are named by the scale on which they are two-piece normal.
    """

    distribution: Family | None = None
    p05: float | None = None
    p50: float | None = None
    p95: float | None = None
    low: float | None = None
    high: float | None = None
    zero_mass: Annotated[float, Field(ge=0, le=1)] | None = None
    mean: Annotated[float, Field(gt=0)] | None = None
    value: float | None = None
    evidence: Evidence
    source: Words
    note: str = ""


class Parameter(Strict):
    """One named number of the model (or one per entity of a kind, when ``index`` is given).

    ``symbol`` is the short sign used in the equations; it is understood wherever the name is.
    ``default`` is the prior itself for a parameter without index, and the prior of any entity that says
    nothing for one with an index.
    """

    name: ParameterName
    symbol: str = ""
    meaning: Words
    unit: Words | Literal["1"]
    role: Role = "input"
    nature: Nature = "belief"
    index: EntityKind | None = None
    distribution: Family
    bounds: tuple[float, float]
    identified_by: Words
    formula: str = ""
    default: Prior | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Parameter:
        if not self.bounds[0] < self.bounds[1]:
            raise ValueError(f"bounds of {self.name} must rise, not {list(self.bounds)}")
        if self.role == "derived":
            if not self.formula or self.default is not None:
                raise ValueError(f"{self.name} is derived, so it needs a formula and no prior")
        elif self.index is None and self.default is None:
            raise ValueError(f"{self.name} has no index, so it needs a prior under default")
        return self


class ParameterFile(Strict):
    """A file of parameters that belong together."""

    group: Words
    about: Words
    parameter: tuple[Parameter, ...]


class Entity(Strict):
    """What every actor, segment, band, channel, region or layer says of itself."""

    id: Identifier
    title: Words
    meaning: Words
    evidence: Evidence
    source: Words
    priors: dict[ParameterName, Prior] = {}


class Lab(Entity):
    """A closed lab: sells one integrated product and perhaps an API."""

    region: Annotated[Identifier, Refers("region")]
    parent: str = ""
    entered: Annotated[str, Field(pattern=_MONTH)] | None = None
    potential: bool = False  # a possible entrant, not there at the start
    aliases: tuple[str, ...] = ()


class Builder(Entity):
    """A builder of open weights, with who pays for it and why."""

    region: Annotated[Identifier, Refers("region")]
    funding: Literal["own_business", "venture", "state", "hardware_sales", "public_markets", "philanthropy"]
    strategy: Words
    licence: Literal["open", "restricted_open", "mixed"]
    entered: Annotated[str, Field(pattern=_MONTH)] | None = None
    aliases: tuple[str, ...] = ()


class Segment(Entity):
    """A kind of work that models are bought for."""

    buyers: Literal["consumers", "developers", "enterprises"]
    interruptible: bool = False
    free_tier: bool = False
    advertising: bool = False
    local_eligible: bool = False


class Band(Entity):
    """A band of users by the value they get."""

    from_percentile: Annotated[float, Field(ge=0, lt=100)]
    to_percentile: Annotated[float, Field(gt=0, le=100)]


class Channel(Entity):
    """A way in which work reaches a model."""

    economy: Literal["closed", "open"]
    pays_by: Literal["plan", "token", "hardware"]


class Region(Entity):
    """A market with its own demand and compute."""

    walled_from: Annotated[tuple[Identifier, ...], Refers("region")] = ()


class Layer(Entity):
    """A layer of the stack that serves open weights; ``buys_from`` is the layer under it."""

    buys_from: Annotated[Identifier | None, Refers("layer")] = None
    competition: Literal["cournot_free_entry", "differentiated", "bertrand_cost_plus", "capacity"]


class Event(Strict):
    """Something dated that happened (or is scheduled), as the model is told of it."""

    id: Identifier
    title: Words
    month: Annotated[str, Field(pattern=_MONTH)]
    kind: Literal[
        "entry", "exit", "flagship_closed", "api_withheld", "supply", "regulation", "price", "funding"
    ]
    actor: Annotated[Identifier | None, Refers()] = None
    meaning: Words
    evidence: Evidence
    source: Words
    size: float | None = None
    unit: str = ""


class Correlation(Strict):
    """A rank correlation between two parameters, imposed by the Gaussian copula."""

    first: str
    second: str
    rank_correlation: Annotated[float, Field(gt=-1, lt=1)]
    evidence: Evidence
    source: Words


class Target(Strict):
    """What the model must reproduce; never drawn."""

    name: Identifier
    symbol: str = ""
    meaning: Words
    unit: Words | Literal["1"]
    month: Annotated[str, Field(pattern=_YEAR_OR_MONTH)]
    p05: float | None = None
    p50: float
    p95: float | None = None
    evidence: Evidence
    source: Words
    series: tuple[str, ...] = ()
    note: str = ""


class Scenario(Strict):
    """A story of the debate: changes of beliefs and choices, nothing else.

    ``set`` maps names to a number (fix), ``"0.7x"`` (scale) or ``"3..9"`` (a new 10th and 90th percentile).
    ``why`` may be left out by a scenario for one's own use; the packaged ones must tell their story.
    """

    id: Identifier
    title: Words
    why: str = ""
    set: dict[str, float | str] = {}


#: Every kind of entity, in the order in which they are listed.
ENTITY_KINDS: tuple[EntityKind, ...] = get_args(EntityKind)

#: The shape of each kind; its tables are called by the kind, in the file called by its plural.
ENTITY_MODELS: Mapping[EntityKind, type[Entity]] = MappingProxyType(
    {
        "lab": Lab,
        "builder": Builder,
        "segment": Segment,
        "band": Band,
        "channel": Channel,
        "region": Region,
        "layer": Layer,
    }
)
