"""Measures: what is shown of a month, and of the path."""

import numpy as np
from scipy.special import expit

from tests.economy.numpy_month import adoption, cost
from tests.economy.numpy_month.axes import BILLION_A_YEAR, Array, Bag, Numbers, contract, fit
from twocurves.economy.measures import NEAR_POINTS
from twocurves.economy.structure import Structure

_LEAST = 1e-12


def ratio(part: Array, whole: Array) -> Array:
    """Return a part of a whole that may be zero."""
    return part / np.maximum(whole, _LEAST)


def measure(b: Numbers, s: Structure, after: Bag, seen: Bag) -> dict[str, Array]:
    """Return the measures of a month."""
    lab = seen.account.lab
    out = _capability(b, s, after, seen) | _money(seen)
    out |= _shares(s, seen) | _prices(b, s, seen) | _people(b, s, after, seen) | _compute(b, s, after, seen)
    share = ratio(lab.revenue, np.sum(lab.revenue, axis=0))
    whole = np.sum(lab.revenue, axis=0) + seen.account.flows.spending
    return out | {
        "subsidy": after.subsidy,
        "plan_margin_top": after.plan_margin[-1],
        "firms": np.exp(after.log_firms),
        "value_by_lab": seen.worth,
        "cash_by_lab": after.cash,
        "presence": seen.presence,
        "hhi_closed": np.sum(share**2, axis=0),
        "hhi_all": np.sum((lab.revenue / whole) ** 2, axis=0),
        "cr3_closed": np.sum(np.sort(share, axis=0)[-3:], axis=0),
        "sentiment": after.sentiment,
    }


def _capability(b: Numbers, s: Structure, after: Bag, seen: Bag) -> dict[str, Array]:
    known = seen.known
    near_labs = expit(known.capability - known.frontier + NEAR_POINTS)
    near_builders = expit(known.open_public - known.frontier + NEAR_POINTS)
    best = known.capability >= known.frontier
    cheapest_hours = np.min(seen.found.hours.closed[:, :, 0], axis=1)
    hours_of_best = np.sum(best * cheapest_hours, axis=0) / np.maximum(np.sum(best, axis=0), 1)
    return {
        "capability_closed": known.frontier,
        "capability_open": known.best_open,
        "gap_points": known.frontier - known.best_open,
        "capability_by_lab": known.capability,
        "capability_by_builder": known.open_public,
        "labs_near_frontier": np.sum(near_labs * seen.presence, axis=0),
        "builders_near_frontier": np.sum(near_builders * seen.here, axis=0),
        "frontier_effort": after.frontier_effort,
        "flagship_open": after.flagship_open,
        "software_capped": known.capped,
        "api_delay": after.api_delay,
        "api_delay_best": np.sum(best * after.api_delay, axis=0) / np.maximum(np.sum(best, axis=0), 1),
        "work_per_kwh": cost.work_per_kilowatt_hour(b, seen.month, hours_of_best),
    }


def _money(seen: Bag) -> dict[str, Array]:
    account = seen.account
    lab, flows, closed, opened = account.lab, account.flows, account.closed_value, account.open_value
    out = {
        "revenue_by_lab": lab.revenue,
        "revenue_closed": np.sum(lab.revenue, axis=0),
        "spending_open": flows.spending,
        "spending_hosted": flows.applied,
        "revenue_hosts": flows.host,
        "value_mixed": account.mixed,
        "gross_margin_by_lab": ratio(lab.gross, lab.revenue),
        "research_by_lab": lab.research,
        "layer_value_added": flows.value_added,
        "lerner_closed": 1.0
        - contract("rslct,slct->", seen.served.closed, seen.found.costs.closed)
        * BILLION_A_YEAR
        / np.maximum(np.sum(lab.sales, axis=(0, 1, 2)), _LEAST),
        "host_lerner": 1.0
        - seen.found.stack.host_cost / (seen.found.stack.host * (1.0 - seen.found.stack.royalty)),
    }
    for name in ("net_revenue", "gross_profit", "rent"):
        by_lab, of_open = getattr(closed, name), getattr(opened, name)
        out[f"{name}_closed"] = np.sum(by_lab, axis=0)
        out[f"{name}_open"] = of_open
        out[f"{name}_closed_with_compute"] = np.sum(by_lab + closed.compute_rent, axis=0)
        out[f"{name}_open_with_compute"] = of_open + opened.compute_rent
        out[f"{name}_by_lab"] = by_lab
        out[f"{name}_by_lab_with_compute"] = by_lab + closed.compute_rent
    return out


def _shares(s: Structure, seen: Bag) -> dict[str, Array]:
    served, lab = seen.served, seen.account.lab
    closed = np.sum(served.closed, axis=(2, 3, 4))
    opened = np.sum(served.open, axis=2)
    hosted = contract("rso,o->rs", served.open, 1.0 - s.open_local)
    everywhere = (0, 1)
    developers = s.segment_developers
    firms = 1.0 - developers - s.segment_consumers
    by_token = np.sum(served.closed[:, :, :, list(s.api_channels)], axis=(2, 3, 4))
    paid_closed = np.maximum(np.sum(lab.sales, axis=(0, 1, 2)), _LEAST) / BILLION_A_YEAR
    paid_open = np.sum(served.open_paid, axis=(0, 1, 2))
    open_hours = np.sum(served.open_hours, axis=(0, 1, 2))
    closed_hours = np.sum(lab.serving_hours, axis=0)
    api = np.sum(lab.sales[:, list(s.api_channels)], axis=(1, 2))
    top_closed = np.sum(seen.orders.spent_closed_by_cell[:, :, -2:], axis=(0, 1, 2))
    top_open = np.sum(seen.orders.spent_open_by_cell[:, :, -2:], axis=(0, 1, 2))
    work = np.sum(closed + opened, axis=everywhere)
    return {
        "work": work,
        "api_share": np.sum(api, axis=0) / (paid_closed * BILLION_A_YEAR),
        "api_share_by_lab": ratio(api, np.sum(lab.sales, axis=(1, 2))),
        "fast_share": np.sum(lab.sales[:, :, 1:], axis=(0, 1, 2)) / (paid_closed * BILLION_A_YEAR),
        "open_share_tokens": np.sum(opened, axis=everywhere) / work,
        "open_share_dollars": paid_open / (paid_open + paid_closed),
        "open_share_hours": open_hours / (open_hours + closed_hours),
        "open_share_hosted_tokens": np.sum(hosted, axis=everywhere)
        / np.sum(hosted + closed, axis=everywhere),
        "open_share_router": ratio(
            contract("rs,s->", hosted, developers), contract("rs,s->", hosted + by_token, developers)
        ),
        "open_share_enterprise": ratio(
            contract("rs,s->", opened, firms), contract("rs,s->", opened + closed, firms)
        ),
        "open_share_by_segment": ratio(np.sum(opened, axis=0), np.sum(opened + closed, axis=0)),
        "closed_share_top_spend": ratio(top_closed, top_closed + top_open),
        "price_closed": ratio(paid_closed, np.sum(closed, axis=everywhere)),
        "price_open": ratio(paid_open, np.sum(opened, axis=everywhere)),
    }


def _prices(b: Numbers, s: Structure, seen: Bag) -> dict[str, Array]:
    """Return what can be bought at a price, and the premium of the best lab.

    List prices are means of logs over bands and segments, where each lab is at home, of the standard tier.
    """
    found, known = seen.found, seen.known
    at_home = [seen.posted[region, :, :, lab, :, 0] for lab, region in enumerate(s.lab_region)]
    log_list = np.mean(np.log(np.stack(at_home, axis=2)), axis=1)  # [s, l, c]
    habits = np.log(found.hours.tokens)
    api = list(s.api_channels)
    closed_price = np.mean(log_list - fit(habits, "s", "slc"), axis=0)[:, api]
    open_price = np.min(np.mean(np.log(found.costs.open) - fit(habits, "s", "rso"), axis=1), axis=0)
    hosted = len(s.names.builders) + 1
    there = (seen.presence > 0.5) | ~np.any(seen.presence > 0.5, axis=0)
    out = {}
    for dollars in (1.0, 10.0):
        dearer = np.maximum(closed_price - np.log(dollars), 0.0)
        closed = found.sold[:, api] - dearer / b["capability_cost_slope"]
        dearer = np.maximum(open_price[:hosted] - np.log(dollars), 0.0)
        opened = found.opened[:hosted] - dearer / b["capability_cost_slope"]
        opened[:-1] = np.where(seen.here > 0.5, opened[:-1], -np.inf)
        name = f"{dollars:.0f}usd"
        out[f"best_buyable_closed_{name}"] = np.max(np.where(there[:, None], closed, -np.inf), axis=(0, 1))
        out[f"best_buyable_open_{name}"] = np.max(opened, axis=0)

    by_lab = np.mean(log_list[:, :, api[0]], axis=0)
    order = np.argsort(-np.where(there, known.capability, -np.inf), axis=0, kind="stable")
    ranked = np.take_along_axis(by_lab, order, axis=0)
    rivalled = np.sum(there, axis=0) > 1
    second = np.where(rivalled, ranked[1], ranked[0])  # a lab that is alone has no premium over another
    out["premium_best"] = np.exp(ranked[0] - second)
    return out


def _people(b: Numbers, s: Structure, after: Bag, seen: Bag) -> dict[str, Array]:
    everybody = after.adopters + after.forced
    top_bill = seen.orders.spent_closed_by_cell[:, :, -1] + seen.orders.spent_open_by_cell[:, :, -1]
    one = contract("rsvlct,v->rsl", after.closed_shares, s.band_share)
    several = b["multi_homing"]
    using = (1.0 - several) * one + several * (1.0 - (1.0 - one) ** 3)
    people = adoption.potential(b)
    surplus = people * adoption.surplus(
        b,
        seen.found.value,
        after.quality_used,
        np.exp(after.log_price_used),
        seen.found.market_work,
        after.adopters / people,
    )
    return {
        "adopters": np.sum(after.adopters, axis=0),
        "adopters_by_lab": contract("rsl,rs->l", using, everybody),
        "forced_users": np.sum(after.forced, axis=(0, 1)),
        "forced_share": ratio(np.sum(after.forced, axis=(0, 1)), np.sum(everybody, axis=(0, 1))),
        "forced_exits": seen.people.forced_exits,
        "free_users": np.sum(after.free_users, axis=(0, 1)),
        "consumer_surplus": np.sum(surplus, axis=(0, 1)) * BILLION_A_YEAR,
        "top_user_spend": ratio(np.sum(top_bill, axis=0), np.sum(everybody, axis=0) * s.band_share[-1]),
    }


def _compute(b: Numbers, s: Structure, after: Bag, seen: Bag) -> dict[str, Array]:
    cleared = seen.cleared
    firms = 1.0 - s.segment_developers - s.segment_consumers
    opened = np.sum(seen.served.open, axis=2)
    hosted = contract("rso,o->rs", seen.served.open, 1.0 - s.open_local)
    return {
        "rental": seen.rental,
        "cover": seen.cover,
        "scarce": np.where(seen.cover > b["scarcity_threshold"], 1.0, 0.0),
        "glut": np.where(seen.cover < b["glut_threshold"], 1.0, 0.0),
        "stock": np.sum(after.stock, axis=0),
        "idle_share": np.sum(cleared.idle, axis=0) / np.sum(cleared.supplied, axis=0),
        "rationed_share": np.sum(cleared.rationed, axis=0) / np.sum(cleared.demanded, axis=0),
        "investment": after.investment,
        "vintage_age": ratio(
            contract("rs,s,rs->", opened, firms, after.vintage_age), contract("rs,s->", opened, firms)
        ),
        "old_vintage_share": ratio(
            contract("rs,rs->", hosted, after.vintage_old), np.sum(hosted, axis=(0, 1))
        ),
    }


def lag(leader: Array, follower: Array) -> Array:
    """Return by how many months the follower trails the leader's highest so far, paths ``[months, n]``."""
    months = np.arange(len(leader), dtype=float)
    highest = np.maximum.accumulate(leader, axis=0)
    out = np.zeros_like(highest)
    for draw in range(leader.shape[1]):
        since = np.interp(follower[:, draw], highest[:, draw], months)
        behind = follower[:, draw] < highest[:, draw]
        out[:, draw] = np.where(behind, np.maximum(months - since, 0.0), 0.0)
    return out


def of_the_path(shown: dict[str, Array]) -> dict[str, Array]:
    """Return the lag of open weights and the lead of the first lab, months."""
    present = shown["presence"] > 0.5
    counts = present | ~np.any(present, axis=1, keepdims=True)
    there = np.where(counts, shown["capability_by_lab"], -np.inf)
    ranked = -np.sort(-there, axis=1)
    first = ranked[:, 0]
    second = np.where(np.isfinite(ranked[:, 1]), ranked[:, 1], first)
    return {
        "lag_months": lag(shown["capability_closed"], shown["capability_open"]),
        "lead_months": lag(first, second),
    }
