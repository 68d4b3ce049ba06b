"""From belief files to what the engine takes: the structure, one draw's numbers, observed paths, shocks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray
from scipy.special import ndtri

from twocurves.beliefs import Beliefs, Draws
from twocurves.beliefs.schema import Band, Builder, Channel, Lab, Layer, Region, Segment
from twocurves.economy.month import Exogenous
from twocurves.economy.structure import Names, Structure
from twocurves.months import Month
from twocurves.observed.history import capital_spending, shipments
from twocurves.observed.tables import Observations
from twocurves.randomness import normals

#: First and last month of the simulated economy.
FIRST = Month.of(2023, 1)
LAST = Month.of(2036, 12)

#: Month (after January 2023) whose spending the year 2026's announced plans stand for: its middle.
PLANS_MONTH = 41

#: Entry month of a lab that is not there unless the entry rule brings it.
_NEVER = 10**6

_SHIPPED_STOCK = 18e6  # the stock at the end of 2025 that the shipments, as reported, lead to at their median


def structure_of(beliefs: Beliefs) -> Structure:
    """Return the fixed skeleton of the economy that the belief files describe."""
    labs = _all(beliefs, "lab", Lab)
    builders = _all(beliefs, "builder", Builder)
    segments = _all(beliefs, "segment", Segment)
    bands = _all(beliefs, "band", Band)
    channels = _all(beliefs, "channel", Channel)
    regions = _all(beliefs, "region", Region)
    layers = _all(beliefs, "layer", Layer)
    region_ids = [region.id for region in regions]

    products: list[dict[str, Any]] = []
    for index, channel in enumerate(channels):
        if channel.economy == "closed":
            products += [
                {
                    "name": f"{lab.id}/{channel.id}/{tier}",
                    "lab": place,
                    "channel": index,
                    "fast": tier == "fast",
                }
                for place, lab in enumerate(labs)
                for tier in ("standard", "fast")
            ]
        elif channel.pays_by == "token":
            products += [
                {"name": f"{builder.id}/{channel.id}/standard", "builder": place, "channel": index}
                for place, builder in enumerate(builders)
            ]
            products.append({"name": f"open/{channel.id}/fast", "channel": index, "fast": True})
        else:
            products.append({"name": f"open/{channel.id}/standard", "channel": index})
    count = len(products)
    closed = np.array([channels[product["channel"]].economy == "closed" for product in products])
    pays = np.array([channels[product["channel"]].pays_by for product in products])
    lab_matrix = np.zeros((count, len(labs)))
    builder_matrix = np.zeros((count, len(builders)))
    foreign_closed = np.zeros((len(regions), count), dtype=bool)
    foreign_open = np.zeros((len(regions), count), dtype=bool)
    for row, product in enumerate(products):
        if "lab" in product:
            lab_matrix[row, product["lab"]] = 1.0
            foreign_closed[:, row] = [labs[product["lab"]].region in region.walled_from for region in regions]
        if "builder" in product:
            builder_matrix[row, product["builder"]] = 1.0
            foreign_open[:, row] = [
                builders[product["builder"]].region in region.walled_from for region in regions
            ]

    markets = [(r, s) for r in range(len(regions)) for s in range(len(segments))]
    cells = [(m, v) for m in range(len(markets)) for v in range(len(bands))]
    cell_market = np.zeros((len(markets), len(cells)))
    for column, (market, _) in enumerate(cells):
        cell_market[market, column] = 1.0
    entries = np.array([_entry(builder.entered) for builder in builders])
    entries[entries == entries.min()] = min(0, int(entries.min()))  # some open weights are always there
    return Structure(
        names=Names(
            labs=tuple(lab.id for lab in labs),
            builders=tuple(builder.id for builder in builders),
            segments=tuple(segment.id for segment in segments),
            bands=tuple(band.id for band in bands),
            regions=tuple(region_ids),
            layers=tuple(layer.id for layer in layers),
            channels=tuple(channel.id for channel in channels),
            products=tuple(product["name"] for product in products),
        ),
        product_closed=jnp.asarray(closed),
        product_fast=jnp.asarray([product.get("fast", False) for product in products]),
        product_plan=jnp.asarray(pays == "plan"),
        product_api=jnp.asarray(closed & (pays == "token")),
        product_hosted=jnp.asarray(~closed & (pays == "token")),
        product_local=jnp.asarray(pays == "hardware"),
        product_lab=jnp.asarray(lab_matrix),
        product_builder=jnp.asarray(builder_matrix),
        product_channel=jnp.asarray([product["channel"] for product in products]),
        market_region=jnp.asarray([r for r, _ in markets]),
        market_segment=jnp.asarray([s for _, s in markets]),
        cell_market=jnp.asarray(cell_market),
        cell_segment=jnp.asarray([markets[m][1] for m, _ in cells]),
        cell_band=jnp.asarray([v for _, v in cells]),
        cell_region=jnp.asarray([markets[m][0] for m, _ in cells]),
        band_share=jnp.asarray([(band.to_percentile - band.from_percentile) / 100.0 for band in bands]),
        band_z=jnp.asarray(
            [float(ndtri((band.from_percentile + band.to_percentile) / 200.0)) for band in bands]
        ),
        foreign_closed=jnp.asarray(foreign_closed),
        foreign_open=jnp.asarray(foreign_open),
        lab_region=jnp.asarray([region_ids.index(lab.region) for lab in labs]),
        builder_region=jnp.asarray([region_ids.index(builder.region) for builder in builders]),
        lab_entry_month=jnp.asarray(
            [_NEVER if lab.potential and not lab.entered else _entry(lab.entered) for lab in labs]
        ),
        lab_potential=jnp.asarray([lab.potential and not lab.entered for lab in labs]),
        builder_entry_month=jnp.asarray(entries),
        segment_developers=jnp.asarray([segment.buyers == "developers" for segment in segments]),
        segment_consumers=jnp.asarray([segment.buyers == "consumers" for segment in segments]),
        segment_interruptible=jnp.asarray([segment.interruptible for segment in segments]),
        segment_free_tier=jnp.asarray([segment.free_tier for segment in segments]),
        segment_advertising=jnp.asarray([segment.advertising for segment in segments]),
        segment_local=jnp.asarray([segment.local_eligible for segment in segments]),
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
    structure: Structure,
    numbers: Mapping[str, NDArray[np.float64]],
    held: Observations,
    drawn: Draws,
    months: int,
) -> Exogenous:
    """Return observed paths and shocks, each of shape ``(draws, months, ...)``."""
    n = len(drawn)
    shipped, shipped_known = shipments(held, FIRST, months)
    capex, spending_known = capital_spending(held, FIRST, months)
    scale = numbers["compute_stock_2025"] / _SHIPPED_STOCK
    everybody = numbers["ai_share_of_capex"] / numbers["hyperscaler_share"]
    spending = _with_plans(capex, spending_known, numbers["investment_2026"])
    spending_known = np.arange(months) <= PLANS_MONTH
    first = int(drawn.index[0]) if n else 0

    def shock(name: str) -> NDArray[np.float64]:
        return normals(drawn.seed, f"shock/{name}", first, n, months)

    def shocks(name: str, entities: tuple[str, ...]) -> NDArray[np.float64]:
        return np.stack([shock(f"{name}.{entity}") for entity in entities], axis=-1)

    def every(path: NDArray[np.generic]) -> Array:
        return jnp.asarray(np.broadcast_to(path, (n, months)))

    return Exogenous(
        month=every(np.arange(months, dtype=np.float64)),
        shipped=jnp.asarray(scale[:, None] * shipped),
        shipped_known=every(shipped_known),
        spending=jnp.asarray(everybody[:, None] * spending),
        spending_known=every(spending_known),
        capability_shock=jnp.asarray(shocks("capability", structure.names.labs)),
        value_shock=jnp.asarray(shocks("value", structure.names.labs)),
        premium_shock=jnp.asarray(shocks("closed_premium", structure.names.segments)),
        supply_shock=jnp.asarray(shock("supply")),
        sentiment_shock=jnp.asarray(shock("sentiment")),
    )


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
