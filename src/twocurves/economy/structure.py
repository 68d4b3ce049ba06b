"""What the economy consists of: how many labs, builders, segments ..., and which product is whose.

Everything here is fixed before the first month and comes from the belief files; the
engine counts nothing itself. Two structures of equal sizes share one compiled program.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple

from jax import Array
from jax.typing import DTypeLike


class Names(NamedTuple):
    """Identifiers along each axis, in order."""

    labs: tuple[str, ...]
    builders: tuple[str, ...]
    segments: tuple[str, ...]
    bands: tuple[str, ...]
    regions: tuple[str, ...]
    layers: tuple[str, ...]
    channels: tuple[str, ...]
    products: tuple[str, ...]


@dataclass(frozen=True)
class Structure:
    """The fixed skeleton.

    A *market* is a region and a segment; a *cell* is a market and a value band. A *product* is a maker, a
    channel and a tier; the fast tier of hosted weights and self-hosting are pooled over builders.

    Attributes
    ----------
    product_closed, product_fast, product_plan, product_api, product_hosted, product_local
        Flags, shape ``(products,)``.
    product_lab
        1 where the product is a lab's, shape ``(products, labs)``; rows of open products are zero.
    product_builder
        Each builder's own hosted product, shape ``(products, builders)``; pooled products are zero.
    product_channel
        Index into channels, shape ``(products,)``.
    market_region, market_segment
        Index of each market's region and segment, shape ``(markets,)``.
    cell_market
        1 where a cell belongs to a market, shape ``(markets, cells)``.
    cell_segment, cell_band, cell_region
        Indices, shape ``(cells,)``.
    band_share
        Share of a market's adopters in each band, shape ``(bands,)``; sums to one.
    band_z
        Standard normal score of each band's middle user, shape ``(bands,)``.
    foreign_closed, foreign_open
        Whether a product's maker is walled from a region, shape ``(regions, products)``.
    """

    names: Names
    product_closed: Array
    product_fast: Array
    product_plan: Array
    product_api: Array
    product_hosted: Array
    product_local: Array
    product_lab: Array
    product_builder: Array
    product_channel: Array
    market_region: Array
    market_segment: Array
    cell_market: Array
    cell_segment: Array
    cell_band: Array
    cell_region: Array
    band_share: Array
    band_z: Array
    foreign_closed: Array
    foreign_open: Array
    lab_region: Array
    builder_region: Array
    lab_entry_month: Array
    lab_potential: Array
    builder_entry_month: Array
    segment_developers: Array
    segment_consumers: Array
    segment_interruptible: Array
    segment_free_tier: Array
    segment_advertising: Array
    segment_local: Array
    layer_chips: int
    layer_cloud: int
    layer_host: int
    layer_tuning: int
    layer_application: int

    def cast(self, dtype: DTypeLike) -> Structure:
        """Return the structure with its floating arrays in ``dtype``, so that the engine computes in it."""
        floating: dict[str, Any] = {
            entry.name: array.astype(dtype)
            for entry in fields(self)
            if isinstance(array := getattr(self, entry.name), Array) and array.dtype.kind == "f"
        }
        return replace(self, **floating)
