"""Choice: nested CES demand over closed and open products, in logs."""

import numpy as np
from scipy.special import expit

from tests.economy.numpy_month.axes import Array, Bag, Numbers, fit
from twocurves.economy.structure import Structure

#: Lowest reach in a logarithm, and fewest products on a market.
_LEAST_REACH = 1e-30
_LEAST = 1e-9


def substitution(b: Numbers) -> Bag:
    """Return elasticities of substitution between the nests and within each."""
    alpha = b["closed_open_price_sensitivity"]
    closed = np.maximum(np.maximum(b["closed_substitution"], alpha), 1.02)
    return Bag(alpha=alpha, closed=closed, open=np.maximum(b["open_substitution"], alpha))


def appeal(
    b: Numbers,
    s: Structure,
    good: Bag,
    premium: Array,
    presence: Array,
    here: Array,
    device_reach: Array,
) -> Bag:
    """Return appeal, prices apart, and ln reach of products.

    Closed products are ``[r, s, v, l, c, t]``, open ones ``[r, s, v, o]``; ``premium`` is ``[s, c]``.
    """
    weight = fit(b["quality_weight"] * b["band_quality_weight"], "v", "sv")
    haste = b["speed_value"] * np.log(b["fast_tier_speed"] / b["standard_speed"])
    haste = haste * fit(b["speed_weight"], "s", "sv") * fit(b["band_speed_weight"], "v", "sv")
    by_tier = np.stack([0.0 * haste, haste], axis=2)

    closed = fit(weight, "sv", "svlct") * fit(good.closed, "slc", "svlct") + fit(by_tier, "svt", "svlct")
    closed = closed + fit(premium, "sc", "svlct") + fit(b["lab_brand_appeal"], "l", "svlct")
    walled = fit(b["region_wall"] * b["region_wall_policy"], "r", "rl") * s.foreign_lab
    there = np.maximum((1.0 - walled) * presence, _LEAST_REACH)
    tiers, channels = len(s.names.tiers), len(s.channel_plan)

    builders = len(s.names.builders)
    integration = b["integration_premium"]
    hosted, local = integration[s.hosted_channel], integration[s.local_channel]
    liked = np.stack([*(brand + hosted for brand in b["builder_brand_appeal"]), hosted, local])
    is_fast = np.array([float(place == builders) for place in range(builders + 2)])[:, None]
    opened = fit(weight, "sv", "rsvo") * fit(good.open, "rso", "rsvo") + fit(liked, "o", "rsvo")
    opened = opened + fit(haste, "sv", "rsvo") * fit(is_fast, "o", "rsvo")
    walled = fit(b["open_weights_wall"] * b["region_wall_policy"], "r", "rm") * s.foreign_builder
    pooled = np.ones((len(walled), 2, walled.shape[-1]))
    reach = np.concatenate([(1.0 - walled) * here, pooled], axis=1)
    on_device = fit(s.segment_local, "s", "so") * fit(s.open_local, "o", "so")
    able = 1.0 - on_device * (1.0 - device_reach)
    reach = np.maximum(fit(reach, "ro", "rso") * fit(able, "so", "rso"), _LEAST_REACH)
    return Bag(
        closed=fit(closed, "svlct", "rsvlct"),
        open=opened,
        log_reach_closed=fit(np.log(there), "rl", "rsvlct"),
        log_reach_open=fit(np.log(reach), "rso", "rsvo"),
        count_closed=np.maximum(np.sum(presence, axis=0) * channels * tiers, _LEAST),
        count_open=np.sum(here, axis=0) + 2.0,
    )


def nest(
    alpha: Array, sigma: Array, appeals: Array, log_reach: Array, count: Array, log_price: Array
) -> tuple[Array, Array]:
    """Return shares within a nest, of the shape of the appeals, and the nest's inclusive value ``[r, s, v]``.

    ``I = lam ln( sum a exp(u / lam) / count )``, ``u = A - alpha ln P``, ``lam = alpha / sigma``.
    """
    lam = alpha / sigma
    inside = log_reach + (appeals - alpha * log_price) / lam
    products = tuple(range(3, inside.ndim - 1))
    most = np.max(inside, axis=products, keepdims=True)
    attraction = np.exp(inside - most)
    whole = np.sum(attraction, axis=products, keepdims=True)
    log_sum = np.squeeze(np.log(whole) + most, axis=products)
    return attraction / whole, lam * (log_sum - np.log(count))


def closed_nest(substitutes: Bag, pull: Bag, log_price: Array) -> tuple[Array, Array]:
    """Return the closed nest's shares and value."""
    return nest(
        substitutes.alpha,
        substitutes.closed,
        pull.closed,
        pull.log_reach_closed,
        pull.count_closed,
        log_price,
    )


def open_nest(substitutes: Bag, pull: Bag, log_price: Array) -> tuple[Array, Array]:
    """Return the open nest's shares and value."""
    return nest(
        substitutes.alpha, substitutes.open, pull.open, pull.log_reach_open, pull.count_open, log_price
    )


def target_shares(substitutes: Bag, pull: Bag, closed_price: Array, open_price: Array) -> tuple[Array, Array]:
    """Return the shares of a cell's work that those who choose afresh give to closed and open products."""
    within_closed, value_closed = closed_nest(substitutes, pull, np.log(closed_price))
    within_open, value_open = open_nest(substitutes, pull, np.log(open_price))
    share = expit(value_closed - value_open)
    return (
        fit(share, "rsv", "rsvlct") * within_closed,
        fit(1.0 - share, "rsv", "rsvo") * within_open,
    )
