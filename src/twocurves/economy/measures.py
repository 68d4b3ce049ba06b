"""Measures: everything shown, computed from the month; the state holds none of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from twocurves.economy import adoption
from twocurves.economy.accounts import BILLION_A_YEAR, Accounts, Served, Value
from twocurves.economy.adoption import Adoption
from twocurves.economy.axes import greatest, least, total
from twocurves.economy.capability import Capability
from twocurves.economy.clearing import Cleared
from twocurves.economy.cost import Costs, Hours, Stack, work_per_kilowatt_hour
from twocurves.economy.measure_table import MEASURES, OF_THE_PATH
from twocurves.economy.state import State
from twocurves.economy.structure import Structure
from twocurves.economy.supply import Supply

PARAMETERS = (
    "glut_threshold",
    "scarcity_threshold",
    "capability_cost_slope",
    "multi_homing",
)

#: Points within which a maker counts as near the frontier.
NEAR_POINTS = 10.0

#: Width of the smooth count, ECI points.
_SOFT_POINTS = 1.0

_LEAST = 1e-12
_HALF = 0.5


class Seen(NamedTuple):
    """What the month computed on its way; see the rooms for shapes."""

    month: Array
    known: Capability
    sold: Array
    opened: Array
    served: Served
    spent_closed: Array
    spent_open: Array
    posted: Array
    costs: Costs
    hours: Hours
    stack: Stack
    cleared: Cleared
    rental: Array
    made: Supply
    cover: Array
    account: Accounts
    people: Adoption
    value: Array
    market_work: Array
    worth: Array
    presence: Array
    here: Array


def measure(b: Mapping[str, Array], structure: Structure, after: State, seen: Seen) -> dict[str, Array]:
    """Compute the measures of a month from its state and what was computed on the way.

    Returns
    -------
    dict
        A value for each of :data:`MEASURES` but those of the whole path, axes as given there, then draws.
    """
    known, account, served = seen.known, seen.account, seen.served
    closed_value, open_value = account.closed_value, account.open_value
    revenue = account.revenue
    all_revenue = total(revenue)
    share = revenue / jnp.maximum(all_revenue, _LEAST)
    sales = account.sales
    all_sales = jnp.maximum(total(sales, (0, 1, 2)), _LEAST)
    api_sales = total(jnp.stack([total(sales[:, place], 1) for place in structure.api_channels]))
    closed_work = total(served.closed, (2, 3, 4))
    open_work = total(served.open, 2)
    work = total(closed_work + open_work, (0, 1))
    hosted = served.open * (1.0 - structure.open_local)
    hosted_work = total(hosted, 2)
    paid_closed, paid_open = all_sales / BILLION_A_YEAR, total(served.open_paid, (0, 1, 2))
    open_hours = total(served.open_hours, (0, 1, 2))
    closed_hours = total(account.lab_hours, (0, 1, 2)) + total(served.free_hours)
    enterprise = 1.0 - structure.segment_developers - structure.segment_consumers
    developers = structure.segment_developers
    token_work = total(
        total(jnp.stack([total(served.closed[:, :, :, place], (2, 3)) for place in structure.api_channels]))
        * developers,
        (0, 1),
    )
    routed = total(hosted_work * developers, (0, 1))
    firm_open = total(open_work * enterprise, (0, 1))
    spenders = structure.band_share.shape[0]
    top = slice(spenders - 2, spenders)
    top_closed, top_open = (
        total(seen.spent_closed[:, :, top], (0, 1, 2)),
        total(seen.spent_open[:, :, top], (0, 1, 2)),
    )
    everybody = after.adopters + after.forced
    people = total(everybody, 0)
    in_top = people * structure.band_share[-1]
    top_spend = total(seen.spent_closed[:, :, -1] + seen.spent_open[:, :, -1])
    best_lab = known.capability >= known.frontier
    closed_cost = total(served.closed * seen.costs.closed, (0, 1, 2, 3, 4)) * BILLION_A_YEAR
    buyable = _buyable(b, structure, seen)
    net, gross, rent = (total(part) for part in closed_value[:3])
    closed_rent = total(closed_value.compute_rent)
    vintage_weight = jnp.maximum(total(open_work * enterprise, (0, 1)), _LEAST)
    values = {
        "capability_closed": known.frontier,
        "capability_open": known.best_open,
        "gap_points": known.frontier - known.best_open,
        "capability_by_lab": known.capability,
        "capability_by_builder": known.open_public,
        **buyable,
        "labs_near_frontier": total(_near(known.capability, known.frontier) * seen.presence),
        "builders_near_frontier": total(_near(known.open_public, known.frontier) * seen.here),
        "frontier_effort": after.frontier_effort,
        "flagship_open": after.flagship_open,
        "revenue_by_lab": revenue,
        "revenue_closed": all_revenue,
        "spending_open": account.open_spending,
        "spending_hosted": account.open_hosted,
        "revenue_hosts": account.open_hosted / (seen.stack.applied * seen.stack.tuned),
        "net_revenue_closed": net,
        "net_revenue_open": open_value.net_revenue,
        "gross_profit_closed": gross,
        "gross_profit_open": open_value.gross_profit,
        "rent_closed": rent,
        "rent_open": open_value.rent,
        "net_revenue_closed_with_compute": net + closed_rent,
        "net_revenue_open_with_compute": open_value.net_revenue + open_value.compute_rent,
        "gross_profit_closed_with_compute": gross + closed_rent,
        "gross_profit_open_with_compute": open_value.gross_profit + open_value.compute_rent,
        "rent_closed_with_compute": rent + closed_rent,
        "rent_open_with_compute": open_value.rent + open_value.compute_rent,
        **_by_lab(closed_value),
        "value_mixed": account.mixed_value,
        "gross_margin_by_lab": account.gross_profit / jnp.maximum(revenue, _LEAST),
        "research_by_lab": account.research,
        "api_share": total(api_sales) / all_sales,
        "api_share_by_lab": api_sales / jnp.maximum(total(sales, (1, 2)), _LEAST),
        "api_delay": after.api_delay,
        "api_delay_best": total(after.api_delay * best_lab) / jnp.maximum(total(best_lab * 1.0), 1.0),
        "open_share_tokens": total(open_work, (0, 1)) / work,
        "open_share_dollars": paid_open / (paid_open + paid_closed),
        "open_share_hours": open_hours / (open_hours + closed_hours),
        "open_share_hosted_tokens": total(hosted_work, (0, 1)) / total(hosted_work + closed_work, (0, 1)),
        "open_share_router": routed / jnp.maximum(routed + token_work, _LEAST),
        "open_share_enterprise": firm_open
        / jnp.maximum(total((open_work + closed_work) * enterprise, (0, 1)), _LEAST),
        "open_share_by_segment": total(open_work) / jnp.maximum(total(open_work + closed_work), _LEAST),
        "closed_share_top_spend": top_closed / jnp.maximum(top_closed + top_open, _LEAST),
        "top_user_spend": top_spend / jnp.maximum(in_top, _LEAST),
        "premium_best": _premium_best(structure, seen),
        "price_closed": paid_closed / jnp.maximum(total(closed_work, (0, 1)), _LEAST),
        "price_open": paid_open / jnp.maximum(total(open_work, (0, 1)), _LEAST),
        "lerner_closed": 1.0 - closed_cost / all_sales,
        "host_lerner": 1.0 - seen.stack.host_cost / (seen.stack.host * (1.0 - seen.stack.royalty)),
        "work": work,
        "adopters": total(after.adopters),
        "adopters_by_lab": _users_by_lab(b, structure, after, everybody),
        "forced_users": total(after.forced, (0, 1)),
        "forced_share": total(after.forced, (0, 1)) / jnp.maximum(total(people), _LEAST),
        "forced_exits": seen.people.forced_exits,
        "free_users": total(after.free_users, (0, 1)),
        "consumer_surplus": _surplus(b, structure, after, seen),
        "fast_share": total(sales[:, :, 1:], (0, 1, 2)) / all_sales,
        "work_per_kwh": work_per_kilowatt_hour(b, seen.month, _hours_of_best(seen, best_lab)),
        "subsidy": after.subsidy,
        "plan_margin_top": after.plan_margin[-1],
        "rental": seen.rental,
        "cover": seen.cover,
        "glut": (seen.cover < b["glut_threshold"]).astype(work.dtype),
        "scarce": (seen.cover > b["scarcity_threshold"]).astype(work.dtype),
        "stock": total(seen.made.stock),
        "idle_share": total(seen.cleared.idle) / total(seen.cleared.supplied),
        "rationed_share": total(seen.cleared.rationed) / total(seen.cleared.demanded),
        "investment": after.investment,
        "firms": jnp.exp(after.log_firms),
        "layer_value_added": account.layer_value_added,
        "vintage_age": total(open_work * enterprise * after.vintage_age, (0, 1)) / vintage_weight,
        "old_vintage_share": total(hosted_work * after.vintage_old, (0, 1))
        / jnp.maximum(total(hosted_work, (0, 1)), _LEAST),
        "value_by_lab": seen.worth,
        "cash_by_lab": after.cash,
        "presence": seen.presence,
        "hhi_closed": total(share**2),
        "hhi_all": total((revenue / (all_revenue + account.open_spending)) ** 2),
        "cr3_closed": _three_largest(share),
        "sentiment": after.sentiment,
        "software_capped": known.capped,
    }
    return {name: values[name] for name in MEASURES if name not in OF_THE_PATH}


def _there(presence: Array) -> Array:
    """Return who counts: labs more likely present than not; all of them when none is."""
    return (presence > _HALF) | (greatest(presence) <= _HALF)


def _near(own: Array, frontier: Array) -> Array:
    return jax.nn.sigmoid((own - frontier + NEAR_POINTS) / _SOFT_POINTS)


def _by_lab(value: Value) -> dict[str, Array]:
    parts = {"net_revenue": value.net_revenue, "gross_profit": value.gross_profit, "rent": value.rent}
    out = {f"{name}_by_lab": part for name, part in parts.items()}
    out |= {f"{name}_by_lab_with_compute": part + value.compute_rent for name, part in parts.items()}
    return out


def _three_largest(share: Array) -> Array:
    """Return the sum of the three largest entries along the first axis."""
    first = second = third = jnp.zeros_like(share[0])
    for place in range(share.shape[0]):
        own = share[place]
        third = jnp.maximum(third, jnp.minimum(own, second))
        second = jnp.maximum(second, jnp.minimum(own, first))
        first = jnp.maximum(first, own)
    return first + second + third


def _buyable(b: Mapping[str, Array], structure: Structure, seen: Seen) -> dict[str, Array]:
    """Return the best capability on sale at a price per WU of January 2025's token habits.

    A maker whose flagship is dearer sells smaller models down its cost slope: a point less costs ``k_th``
    less in logs. Prices are means over segments; of open products, in the region where they are cheapest.
    """
    slope = b["capability_cost_slope"]
    segments = seen.posted.shape[1]
    places = structure.api_channels
    sold = jnp.stack([seen.sold[:, place] for place in places])
    log_list = _log_list_at_home(structure, seen) - jnp.log(seen.hours.tokens)[:, None, None]
    log_closed = jnp.stack([total(log_list[:, :, place]) / segments for place in places])
    log_open = least(total(jnp.log(seen.costs.open / seen.hours.tokens[:, None]), 1) / segments)
    hosted = range(len(structure.names.builders) + 1)
    out = {}
    for dollars in (1.0, 10.0):
        over = jnp.log(dollars)
        closed = sold - jnp.maximum(log_closed - over, 0.0) / slope
        closed = jnp.where(_there(seen.presence), closed, -jnp.inf)
        opened = jnp.stack(
            [seen.opened[place] - jnp.maximum(log_open[place] - over, 0.0) / slope for place in hosted]
        )
        opened = jnp.where(jnp.concatenate([seen.here, jnp.ones_like(seen.here[:1])]) > 0.5, opened, -jnp.inf)
        name = f"{dollars:.0f}usd"
        out[f"best_buyable_closed_{name}"] = greatest(closed, (0, 1))
        out[f"best_buyable_open_{name}"] = greatest(opened)
    return out


def _log_list_at_home(structure: Structure, seen: Seen) -> Array:
    """Return mean ln list prices at home over bands, standard tier, shape ``(segments, labs, channels)``."""
    at_home = jnp.stack(
        [seen.posted[region, :, :, lab, :, 0] for lab, region in enumerate(structure.lab_region)], axis=2
    )
    return total(jnp.log(at_home), 1) / seen.posted.shape[2]


def _premium_best(structure: Structure, seen: Seen) -> Array:
    """Return the API price of the most capable lab over that of the next, means of logs over segments."""
    place = structure.api_channels[0]
    log_price = total(_log_list_at_home(structure, seen)[:, :, place]) / seen.posted.shape[1]
    there = _there(seen.presence)
    first = jnp.full_like(seen.known.frontier, -jnp.inf)
    second, first_price, second_price = first, log_price[0], log_price[0]
    for lab in range(log_price.shape[0]):
        own = jnp.where(there[lab], seen.known.capability[lab], -jnp.inf)
        leads, beats = own > first, own > second
        second_price = jnp.where(leads, first_price, jnp.where(beats, log_price[lab], second_price))
        second = jnp.where(leads, first, jnp.where(beats, own, second))
        first_price = jnp.where(leads, log_price[lab], first_price)
        first = jnp.where(leads, own, first)
    return jnp.where(jnp.isfinite(second), jnp.exp(first_price - second_price), 1.0)


def _hours_of_best(seen: Seen, best_lab: Array) -> Array:
    own = least(seen.hours.closed[:, :, 0], 1)
    return total(own * best_lab) / jnp.maximum(total(best_lab * 1.0), 1.0)


def _users_by_lab(b: Mapping[str, Array], structure: Structure, after: State, everybody: Array) -> Array:
    """Return adopters who use each lab, millions; those with several makers are counted by each.

    A share ``multi_homing`` of adopters uses three, drawn by share of users; the others one.
    """
    by_band = total(after.closed_shares, (4, 5)) * structure.band_share[:, None]
    one = total(by_band, 2)
    several = 1.0 - (1.0 - one) ** 3
    using = (1.0 - b["multi_homing"]) * one + b["multi_homing"] * several
    return total(using * everybody[:, :, None], (0, 1))


def _surplus(b: Mapping[str, Array], structure: Structure, after: State, seen: Seen) -> Array:
    """Return consumer surplus of those who adopted by choice, USD billions a year."""
    people = adoption.potential(b)
    price = jnp.exp(after.log_price_used)
    each = adoption.surplus(
        b, seen.value, after.quality_used, price, seen.market_work, after.adopters / people
    )
    return total(each * people, (0, 1)) * BILLION_A_YEAR


def lag(leader: Array, follower: Array) -> Array:
    """Return by how many months the follower's path trails the leader's, shape ``(months, draws)`` both.

    The time since the leader's path, made to never fall, stood where the follower stands now, interpolated
    between months; zero when the follower leads, and the months since the start when the leader began above.
    """
    months = leader.shape[0]
    path = jax.lax.cummax(leader, axis=0)
    reached = path[None] <= follower[:, None]
    count = jnp.sum(reached, axis=1)
    at = jnp.clip(count - 1, 0, months - 1)
    below = jnp.take_along_axis(path, at, axis=0)
    above = jnp.take_along_axis(path, jnp.minimum(at + 1, months - 1), axis=0)
    part = jnp.clip((follower - below) / jnp.maximum(above - below, _LEAST), 0.0, 1.0)
    when = jnp.where(count > 0, at + jnp.where(at + 1 < months, part, 0.0), 0.0)
    now = jnp.arange(months, dtype=leader.dtype)[:, None]
    return jnp.where(follower >= path, 0.0, jnp.maximum(now - when, 0.0))


#: Monthly measures that the measures of the whole path are made of.
NEEDED_BY_THE_PATH = ("presence", "capability_by_lab", "capability_closed", "capability_open")


def of_the_path(measures: Mapping[str, Array]) -> dict[str, Array]:
    """Return the measures that need the whole path; months first, then axes, then draws."""
    present = measures["presence"]
    nobody = greatest(present, 1) <= _HALF
    by_lab = jnp.where((present > _HALF) | nobody[:, None], measures["capability_by_lab"], -jnp.inf)
    first = jnp.full_like(measures["capability_closed"], -jnp.inf)
    second = first
    for place in range(by_lab.shape[1]):
        own = by_lab[:, place]
        second = jnp.maximum(second, jnp.minimum(own, first))
        first = jnp.maximum(first, own)
    second = jnp.where(jnp.isfinite(second), second, first)
    return {
        "lag_months": lag(measures["capability_closed"], measures["capability_open"]),
        "lead_months": lag(first, second),
    }
