"""Clearing: the rental price by bisection, and who is served when hours are short."""

import numpy as np
from scipy.special import ndtr

from tests.economy.numpy_month.axes import Array, Bag, Numbers

_LEAST = 1e-9

#: Halvings of the bracket in ln p: ten log units come down to rounding.
_HALVINGS = 56


def by_priority(wants: Bag, log_price: Array) -> Array:
    """Return hours demanded at a price ``[q, r]`` in the order in which they are served."""
    research = wants.research / np.exp(log_price)
    other = other_uses(wants, log_price)
    background = wants.background * awake(wants, log_price)
    owned = wants.plans + research + other
    return np.stack([owned, wants.enterprise, wants.other_buyers, wants.free, background])


def other_uses(wants: Bag, log_price: Array) -> Array:
    """Return hours of other uses at a price ``[r]``."""
    hours: Array = wants.other * (np.exp(log_price) / wants.reference) ** -wants.elasticity
    return hours


def awake(wants: Bag, log_price: Array) -> Array:
    """Return the share of background work that goes on at a price ``[r]``."""
    share: Array = ndtr((wants.log_reservation - log_price) / wants.spread)
    return share


def clearing_price(wants: Bag, supplied: Array, floor: Array, ceiling: Array) -> Array:
    """Return the ln price ``[r]`` at which demand, which falls in it, meets supply, within its bounds."""
    low = np.broadcast_to(floor, supplied.shape)
    high = np.broadcast_to(ceiling, supplied.shape)
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        short = np.sum(by_priority(wants, middle), axis=0) > supplied
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    found = 0.5 * (low + high)
    glut = np.sum(by_priority(wants, floor + 0.0 * found), axis=0) <= supplied
    dearth = np.sum(by_priority(wants, ceiling + 0.0 * found), axis=0) >= supplied
    return np.where(dearth, ceiling, np.where(glut, floor, found))


def lost(wanted: Array, shortage: Array, step: Array) -> Array:
    """Return the share ``[k, r]`` that each priority loses: ``min(1, step^k x)``, ``x`` found by halving."""
    weights = np.stack([step**rank * np.ones_like(shortage) for rank in range(len(wanted))])
    low, high = np.zeros_like(shortage), np.ones_like(shortage)
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        enough = np.sum(wanted * np.minimum(weights * middle, 1.0), axis=0) >= shortage
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    found = np.where(shortage > 0.0, high, 0.0)
    return np.minimum(weights * found, 1.0)


def clear(b: Numbers, wants: Bag, supplied: Array, before: Array, running_cost: Array) -> Bag:
    """Return price, hours and shares served; the price charged follows the clearing price with a delay."""
    floor = np.log(running_cost)
    ceiling = np.log(b["rental_price_ceiling"] * wants.reference)
    goal = clearing_price(wants, supplied, floor, ceiling)
    smooth = b["rental_price_smoothing"]
    log_price = (1.0 - smooth) * before + smooth * goal

    wanted = by_priority(wants, log_price)
    demanded = np.sum(wanted, axis=0)
    served = np.minimum(demanded, supplied)
    share = 1.0 - lost(wanted, demanded - served, b["rationing_step"])
    given = wanted * share
    free = (goal > floor) & (goal < ceiling)
    off = np.where(free, np.abs(np.sum(by_priority(wants, goal), axis=0) / supplied - 1.0), 0.0)
    return Bag(
        log_price=log_price,
        demanded=demanded,
        supplied=supplied,
        served=served,
        idle=supplied - served,
        rationed=demanded - served,
        share=share,
        awake=awake(wants, log_price),
        other=other_uses(wants, log_price) * share[0],
        residual=np.maximum(off, np.abs(np.sum(given, axis=0) - served) / supplied),
    )
