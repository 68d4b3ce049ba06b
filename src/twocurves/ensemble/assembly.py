"""From belief files to what the engine takes: the structure, one draw's numbers, observed paths, shocks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from twocurves.beliefs import Beliefs, Draws
from twocurves.beliefs.schema import Band, Builder, Channel, Lab, Layer, Region, Segment
from twocurves.economy.month import Exogenous
from twocurves.economy.structure import Names, Structure
from twocurves.errors import BadInputError
from twocurves.months import Month
from twocurves.observed.history import capital_spending, shipments
from twocurves.observed.tables import Observations
from twocurves.randomness import normals

#: First and last month of the simulated economy.
FIRST = Month.of(2023, 1)
LAST = Month.of(2036, 12)

#: Month (after January 2023) whose spending the year 2026's announced plans stand for: its middle.
PLANS_MONTH = 41

#: Month at the end of which the stock of 2025 is counted: December 2025.
STOCK_MONTH = 35

#: Entry month of a lab that is not there unless the entry rule brings it.
_NEVER = 10**6


def structure_of(beliefs: Beliefs) -> Structure:
    """Return the fixed skeleton of the economy that the belief files describe.

    Raises
    ------
    BadInputError
        The channels are not one or more closed ones, one hosted and one self-hosted open one.
    """
    labs = _all(beliefs, "lab", Lab)
    builders = _all(beliefs, "builder", Builder)
    segments = _all(beliefs, "segment", Segment)
    bands = _all(beliefs, "band", Band)
    channels = _all(beliefs, "channel", Channel)
    regions = _all(beliefs, "region", Region)
    layers = _all(beliefs, "layer", Layer)
    region_ids = [region.id for region in regions]
    closed = tuple(place for place, channel in enumerate(channels) if channel.economy == "closed")
    hosted = [p for p, c in enumerate(channels) if c.economy != "closed" and c.pays_by == "token"]
    local = [p for p, c in enumerate(channels) if c.economy != "closed" and c.pays_by == "hardware"]
    plans = tuple(channels[place].pays_by == "plan" for place in closed)
    if len(hosted) != 1 or len(local) != 1 or all(plans) or not any(plans):
        given = ", ".join(channel.id for channel in channels)
        raise BadInputError(
            "The engine needs closed channels paid by plan and by token, one open channel paid by token and "
            f"one paid by hardware; the channels are {given}.",
            field="channels",
            given=given,
        )
    entries = np.array([_entry(builder.entered) for builder in builders])
    entries[entries == entries.min()] = min(0, int(entries.min()))  # some open weights are always there
    open_products = (
        *(f"{builder.id}/{channels[hosted[0]].id}" for builder in builders),
        f"open/{channels[hosted[0]].id}/fast",
        f"open/{channels[local[0]].id}",
    )

    def flags(values: Iterable[bool]) -> NDArray[np.float64]:
        return np.array(list(values), dtype=np.float64)[:, None]

    return Structure(
        names=Names(
            labs=tuple(lab.id for lab in labs),
            builders=tuple(builder.id for builder in builders),
            segments=tuple(segment.id for segment in segments),
            bands=tuple(band.id for band in bands),
            regions=tuple(region_ids),
            layers=tuple(layer.id for layer in layers),
            channels=tuple(channel.id for channel in channels),
            tiers=("standard", "fast"),
            open_products=open_products,
        ),
        open_local=flags(place == len(builders) + 1 for place in range(len(open_products))),
        closed_channel=closed,
        hosted_channel=hosted[0],
        local_channel=local[0],
        channel_plan=plans,
        lab_region=tuple(region_ids.index(lab.region) for lab in labs),
        builder_region=tuple(region_ids.index(builder.region) for builder in builders),
        lab_entry_month=np.array(
            [[_NEVER if lab.potential and not lab.entered else _entry(lab.entered)] for lab in labs], float
        ),
        lab_potential=flags(lab.potential and not lab.entered for lab in labs),
        builder_entry_month=entries[:, None].astype(float),
        segment_developers=flags(segment.buyers == "developers" for segment in segments),
        segment_consumers=flags(segment.buyers == "consumers" for segment in segments),
        segment_interruptible=flags(segment.interruptible for segment in segments),
        segment_free_tier=flags(segment.free_tier for segment in segments),
        segment_advertising=flags(segment.advertising for segment in segments),
        segment_local=flags(segment.local_eligible for segment in segments),
        band_share=np.array([[(band.to_percentile - band.from_percentile) / 100.0] for band in bands]),
        band_z=np.array(
            [[float(ndtri((band.from_percentile + band.to_percentile) / 200.0))] for band in bands]
        ),
        foreign_lab=np.array(
            [[[float(lab.region in region.walled_from)] for lab in labs] for region in regions]
        ),
        foreign_builder=np.array(
            [[[float(builder.region in region.walled_from)] for builder in builders] for region in regions]
        ),
        layer_chips=_layer(layers, "chips"),
        layer_cloud=_layer(layers, "cloud"),
        layer_host=_layer(layers, "host"),
        layer_tuning=_layer(layers, "tuning"),
        layer_application=_layer(layers, "application"),
    )


def numbers_of(beliefs: Beliefs, drawn: Draws) -> dict[str, NDArray[np.float64]]:
    """Return every parameter's values, shape ``(draws,)`` or ``(draws, entities)``."""
    return {name: drawn.array(name) for name in beliefs.parameters}


def outside_of(
    beliefs: Beliefs,
    structure: Structure,
    numbers: Mapping[str, NDArray[np.float64]],
    held: Observations,
    drawn: Draws,
    months: int,
) -> Exogenous:
    """Return observed paths and shocks; draws first where they differ by draw, then months, then entities.

    Shipments are scaled in each draw so that the stock at the end of 2025 is the one it believes in, whatever
    of them has worn out by then.
    """
    n = len(drawn)
    shipped, shipped_known = shipments(held, FIRST, months)
    capex, spending_known = capital_spending(held, FIRST, months)
    everybody = numbers["ai_share_of_capex"] / numbers["hyperscaler_share"]
    spending = _with_plans(capex, spending_known, numbers["investment_2026"])
    first = int(drawn.index[0]) if n else 0
    given: dict[str, Any] = {
        "month": np.arange(months, dtype=np.float64),
        "shipped": _scale(numbers, shipped)[:, None] * shipped,
        "shipped_known": shipped_known,
        "spending": everybody[:, None] * spending,
        "spending_known": np.arange(months) <= PLANS_MONTH,
        "flagship_closed": _closings(beliefs, structure, months),
        **_shocks(structure.names, drawn.seed, first, n, months),
    }
    return Exogenous(**given)


@lru_cache(maxsize=40)
def _shocks(
    names: Names, seed: int, first: int, count: int, months: int
) -> Mapping[str, NDArray[np.float64]]:
    """Return the shocks of some draws, which no setting changes; those of 1,280 draws stay in memory."""

    def shock(name: str) -> NDArray[np.float64]:
        return normals(seed, f"shock/{name}", first, count, months)

    def shocks(name: str, entities: tuple[str, ...]) -> NDArray[np.float64]:
        return np.stack([shock(f"{name}.{entity}") for entity in entities], axis=-1)

    made = {
        "capability_shock": shocks("capability", names.labs),
        "value_shock": shocks("value", names.labs),
        "premium_shock": shocks("closed_premium", names.segments),
        "supply_shock": shock("supply"),
        "sentiment_shock": shock("sentiment"),
    }
    for values in made.values():
        values.flags.writeable = False
    return MappingProxyType(made)


def _scale(numbers: Mapping[str, NDArray[np.float64]], shipped: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each draw's factor on shipments, so that its stock at the end of 2025 comes out."""
    kept = 1.0 - 1.0 / (12.0 * numbers["hardware_life"])
    ends = min(len(shipped), STOCK_MONTH + 1)
    ages = STOCK_MONTH - np.arange(ends)
    arrived = (shipped[:ends] * kept[:, None] ** ages).sum(axis=1)
    left = numbers["compute_stock_2023"] * kept ** (STOCK_MONTH + 1)
    factor: NDArray[np.float64] = (numbers["compute_stock_2025"] - left) / arrived
    return factor


def _closings(beliefs: Beliefs, structure: Structure, months: int) -> NDArray[np.float64]:
    """Return 1 where a builder is known to have closed its flagship in a month, ``(months, builders)``."""
    closed = np.zeros((months, len(structure.names.builders)))
    for event in beliefs.events.values():
        if event.kind == "flagship_closed" and event.actor in structure.names.builders:
            month = Month.parse(event.month) - FIRST
            if 0 <= month < months:
                closed[month, structure.names.builders.index(event.actor)] = 1.0
    return closed


def _with_plans(
    observed: NDArray[np.float64], known: NDArray[np.bool_], plans: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Join observed spending to the year's announced spending, in logs; shape ``(draws, months)``."""
    months = np.arange(len(observed))
    last = int(np.flatnonzero(known)[-1])
    begun = np.log(observed[last])
    way = np.clip((months - last) / (PLANS_MONTH - last), 0.0, 1.0)
    joined = np.exp(begun + way * (np.log(plans)[:, None] - begun))
    return np.where(months <= last, observed, joined)


def _all(beliefs: Beliefs, kind: Any, model: type[Any]) -> list[Any]:
    return [model.model_validate(entity.model_dump()) for entity in beliefs.entities[kind].values()]


def _entry(entered: str | None) -> int:
    return 0 if entered is None else Month.parse(entered) - FIRST


def _layer(layers: list[Layer], identifier: str) -> int:
    return [layer.id for layer in layers].index(identifier)
