"""What the economy consists of: how many labs, builders, segments ..., and what each of them is.

Everything here is fixed before the first month and comes from the belief files; the engine counts nothing
itself. Two structures of equal sizes share one compiled program.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple

import numpy as np

#: NumPy arrays, which the compiler takes as constants; where JAX is expected they pass for its own.
Constant = Any


class Names(NamedTuple):
    """Identifiers along each axis, in order."""

    labs: tuple[str, ...]
    builders: tuple[str, ...]
    segments: tuple[str, ...]
    bands: tuple[str, ...]
    regions: tuple[str, ...]
    layers: tuple[str, ...]
    channels: tuple[str, ...]
    tiers: tuple[str, ...]
    open_products: tuple[str, ...]


@dataclass(frozen=True)
class Structure:
    """The fixed skeleton.

    A *cell* is a region, a segment and a value band. A closed product is a lab, a closed channel and a tier,
    so closed arrays end with the axes ``(labs, channels, tiers)``. Open products are each builder's hosted
    weights, then the fast tier of hosted weights, pooled over builders, then self-hosting, pooled likewise.

    Attributes
    ----------
    open_local
        1 for open products that the buyer hosts, else 0, shape ``(open,)``.
    closed_channel, hosted_channel, local_channel
        Places of the channels among all channels; the closed ones in the order of their axis.
    channel_plan
        For each closed channel whether it is paid by plan.
    lab_region, builder_region
        Place of the home region of each lab and builder.
    lab_entry_month, lab_potential, builder_entry_month
        Months after January 2023; whether the lab comes only by the entry rule. Shape ``(labs, 1)``,
        ``(builders, 1)``.
    segment_developers, segment_consumers, segment_interruptible, segment_free_tier, segment_advertising, \
segment_local
        1 or 0, shape ``(segments, 1)``.
    band_share, band_z
        Share of adopters in each band (sums to one) and the normal score of its middle user,
        shape ``(bands, 1)``.
    foreign_lab, foreign_builder
        Whether a maker is walled from a region, shape ``(regions, makers, 1)``.
    layer_chips, layer_cloud, layer_host, layer_tuning, layer_application
        Places of the layers.
    """

    names: Names
    open_local: Constant
    closed_channel: tuple[int, ...]
    hosted_channel: int
    local_channel: int
    channel_plan: tuple[bool, ...]
    lab_region: tuple[int, ...]
    builder_region: tuple[int, ...]
    lab_entry_month: Constant
    lab_potential: Constant
    builder_entry_month: Constant
    segment_developers: Constant
    segment_consumers: Constant
    segment_interruptible: Constant
    segment_free_tier: Constant
    segment_advertising: Constant
    segment_local: Constant
    band_share: Constant
    band_z: Constant
    foreign_lab: Constant
    foreign_builder: Constant
    layer_chips: int
    layer_cloud: int
    layer_host: int
    layer_tuning: int
    layer_application: int

    @property
    def plan_channels(self) -> tuple[int, ...]:
        """Places of the channels paid by plan, along the axis of closed channels."""
        return tuple(place for place, plan in enumerate(self.channel_plan) if plan)

    @property
    def api_channels(self) -> tuple[int, ...]:
        """Places of the channels paid by token, along the axis of closed channels."""
        return tuple(place for place, plan in enumerate(self.channel_plan) if not plan)

    def cast(self, dtype: np.dtype[np.floating]) -> Structure:
        """Return the structure with its arrays in ``dtype``, so that the engine computes in it."""
        arrays: dict[str, Any] = {
            entry.name: array.astype(dtype)
            for entry in fields(self)
            if isinstance(array := getattr(self, entry.name), np.ndarray)
        }
        return replace(self, **arrays)
