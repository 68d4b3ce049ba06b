"""Demand: what buyers pay, how they move between products, how the premium and the vintage age."""

import numpy as np
from scipy.special import expit, ndtri

from tests.economy.numpy_month.axes import Array, Bag, Numbers, contract, fit
from twocurves.economy.demand import OLD_MONTHS
from twocurves.economy.structure import Structure

_FAR = 1e9
_LEAST = 1e-9


def band_use(b: Numbers, s: Structure) -> Array:
    """Return work per user of each band over that of the mean user ``[v]``."""
    use: Array = b["band_usage"] / np.sum(b["band_usage"] * s.band_share, axis=0)
    return use


def band_value(b: Numbers, s: Structure) -> Array:
    """Return value of each band's middle user over the median user's ``[v]``, lognormal and top-coded."""
    return np.exp(b["value_spread"] * np.minimum(s.band_z, ndtri(b["value_top_percentile"])))


def integration(b: Numbers, s: Structure) -> Array:
    """Return the integration premium of closed channels ``[c]``."""
    return b["integration_premium"][list(s.closed_channel)]


def next_premium(b: Numbers, s: Structure, premium: Array, shock: Array) -> Array:
    """Return next month's closed premium ``[s, c]``: half of the part above its floor goes in a half-life."""
    half_life = b["closed_premium_half_life"] * b["closed_premium_half_life_factor"]
    floor = b["closed_premium_floor"] + integration(b, s)
    kept = fit(0.5 ** (1.0 / half_life), "s", "sc")
    noise = fit(b["closed_premium_noise"] * shock, "s", "sc")
    return kept * premium + (1.0 - kept) * fit(floor, "c", "sc") + noise


def near_rivals(b: Numbers, capability: Array, presence: Array) -> Array:
    """Return how many labs besides the leader stand near it."""
    leader = np.max(np.where(presence > 0.5, capability, -_FAR), axis=0)
    near = expit(capability - leader + b["leader_group_width"])
    rivals: Array = np.maximum(np.sum(near * presence, axis=0) - 1.0, 0.0)
    return rivals


def paid(
    b: Numbers,
    s: Structure,
    posted: Array,
    found: Bag,
    team: Array,
    rivals: Array,
    presence: Array,
    here: Array,
    plan_margin: Array,
    premium: Array,
) -> Bag:
    """Return prices paid for closed ``[r, s, v, l, c, t]`` and open products ``[r, s, v, o]``, USD per WU.

    A plan's fee is the list price, bounded by the price of the next-best alternative and the share ``k`` of
    what the product is worth above it, ``v (q - q_next)``, not below zero. It is not below cost. Open
    alternatives count at the price at which buyers would be indifferent, ``P exp(xi / alpha)``.
    """
    worth = fit(found.value, "rs", "rsv") * fit(band_value(b, s), "v", "rsv")
    # To buyers who hardly mind prices open work may be beyond any price: beyond e to the 30.
    liking = np.exp(np.minimum(np.max(premium, axis=1) / b["closed_open_price_sensitivity"], 30.0))
    by_host = fit(found.costs.open, "rso", "rsvo")
    by_host = by_host + fit(team, "rsv", "rsvo") * fit(s.open_local, "o", "rsvo")
    there = np.ones_like(by_host[0, 0, 0])
    there[: len(here)] = here
    asked = np.where(fit(there, "o", "rsvo") > 0.5, by_host * fit(liking, "s", "rsvo"), 1e30)
    other_price, other_lacks = next_best(worth, posted, found, asked, presence)
    k = b["plan_fee_extraction"] * np.exp(-b["plan_fee_rivalry"] * rivals)
    over_cap = 1.0 - np.minimum(b["plan_usage_cap"] / band_use(b, s), 1.0)
    covered = 1.0 - over_cap * expit(-plan_margin / 0.05)

    closed = posted.copy()
    for place in s.plan_channels:
        listed = posted[:, :, :, :, place]
        lacks = fit(found.good.closed_lacks[:, :, place], "sl", "rsvl")
        above = fit(worth, "rsv", "rsvl") * (other_lacks - lacks)
        most = other_price + k * np.maximum(above, 0.0)
        least = fit(found.costs.closed[:, :, place], "slt", "rsvlt")
        fee = np.minimum(listed, np.maximum(fit(most, "rsvl", "rsvlt"), least))
        plan_part = fit(covered, "v", "rsvlt")
        closed[:, :, :, :, place] = plan_part * fee + (1.0 - plan_part) * listed
    return Bag(closed=closed, open=by_host)


def next_best(worth: Array, posted: Array, found: Bag, asked: Array, presence: Array) -> tuple[Array, Array]:
    """Return price of the best alternative to each lab and what its quality lacks, both ``[r, s, v, l]``.

    The best has the highest ``v q - P``, that is the lowest ``v (1 - q) + P``: with a value of millions of
    prices and quality near one the first form would have no digits left. Each other lab that is likely there
    offers the better of its channels in the standard tier, open weights the best of theirs, the team that
    self-hosting takes included.
    """
    lab_price = posted[:, :, :, :, :, 0]
    lab_lacks = np.broadcast_to(fit(found.good.closed_lacks, "slc", "rsvlc"), lab_price.shape)
    lab_loss = fit(worth, "rsv", "rsvlc") * lab_lacks + lab_price
    lab_loss = np.where(fit(presence, "l", "lc") > 0.5, lab_loss, 1e30)
    open_price = asked
    open_lacks = fit(found.good.open_lacks, "rso", "rsvo")
    open_loss = fit(worth, "rsv", "rsvo") * open_lacks + open_price
    open_price, open_lacks = (np.broadcast_to(part, open_loss.shape) for part in (open_price, open_lacks))

    prices, lacks = np.empty_like(lab_price[:, :, :, :, 0]), np.empty_like(lab_price[:, :, :, :, 0])
    labs = lab_price.shape[3]
    for lab in range(labs):
        others = [place for place in range(labs) if place != lab]

        def all_offers(of_labs: Array, of_open: Array, others: list[int] = others) -> Array:
            flat = of_labs[:, :, :, others].reshape(*of_open.shape[:3], -1, of_open.shape[-1])
            return np.concatenate([flat, of_open], axis=3)

        best = np.argmin(all_offers(lab_loss, open_loss), axis=3, keepdims=True)
        prices[:, :, :, lab] = np.take_along_axis(all_offers(lab_price, open_price), best, axis=3)[:, :, :, 0]
        lacks[:, :, :, lab] = np.take_along_axis(all_offers(lab_lacks, open_lacks), best, axis=3)[:, :, :, 0]
    return prices, lacks


def move(b: Numbers, s: Structure, before: Bag, wanted: tuple[Array, Array], joined: Array) -> Bag:
    """Return shares after the month's moves; ``joined`` is the share of newcomers ``[r, s]``."""
    developers, consumers = s.segment_developers, s.segment_consumers
    chi_open = developers * b["developer_model_reconsideration"]
    chi_open = chi_open + consumers * b["consumer_vendor_reconsideration"]
    chi_open = chi_open + (1.0 - developers - consumers) * b["enterprise_vendor_reconsideration"]
    withdrawn = b["forced_migration"] * b["deprecation_policy"] * b["forced_migration_leave"]
    chi_closed = np.minimum(chi_open + withdrawn, 1.0)

    stay_closed = fit(1.0 - chi_closed, "s", "rsvlct") * before.closed_shares
    stay_open = fit(1.0 - chi_open, "s", "rsvo") * before.open_shares
    loose = fit(chi_closed, "s", "rsv") * np.sum(before.closed_shares, axis=(3, 4, 5))
    loose = loose + fit(chi_open, "s", "rsv") * np.sum(before.open_shares, axis=3)
    a = joined
    closed = stay_closed + fit(loose, "rsv", "rsvlct") * wanted[0]
    closed = fit(1.0 - a, "rs", "rsvlct") * closed + fit(a, "rs", "rsvlct") * wanted[0]
    opened = stay_open + fit(loose, "rsv", "rsvo") * wanted[1]
    opened = fit(1.0 - a, "rs", "rsvo") * opened + fit(a, "rs", "rsvo") * wanted[1]
    kept_open = fit(1.0 - a, "rs", "rsv") * np.sum(stay_open, axis=3)
    return Bag(closed=closed, open=opened, kept_open=kept_open)


def vintage(b: Numbers, before: Bag, moved: Bag, opened: Array, use: Array) -> tuple[Array, Array, Array]:
    """Return capability, mean age and share over a year old of the open weights in use ``[r, s]``.

    ``use`` is each band's share of a market's work ``[v]``.
    """
    in_use = contract("rsvo,v->rs", moved.open, use) + _LEAST
    newest = contract("rsvo,v,o->rs", moved.open, use, opened) / in_use
    stayed = np.clip(contract("rsv,v->rs", moved.kept_open, use) / in_use, 0.0, 1.0)
    replaced = b["open_vintage_replacement"]
    renewed = before.vintage + replaced * np.maximum(newest - before.vintage, 0.0)
    same = stayed * (1.0 - replaced)
    old = same * (before.vintage_old + (1.0 - before.vintage_old) / OLD_MONTHS)
    return stayed * renewed + (1.0 - stayed) * newest, same * (before.vintage_age + 1.0), old
