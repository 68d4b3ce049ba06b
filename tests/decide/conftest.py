"""Worlds, markets and workloads made by hand, so that every figure of a test can be reasoned about."""

import datetime as dt

import numpy as np
import pytest

from tests.real_run import real_run
from twocurves.decide.load import Load
from twocurves.decide.market import Market, Offer
from twocurves.decide.token_cost import TokenPrice
from twocurves.decide.workload import Workload
from twocurves.decide.world import World
from twocurves.months import Month

__all__ = ["real_run"]

START = Month.of(2026, 7)
SEGMENT = "niche_enterprise"


def offer(model, provider, price, *, is_open, kind="host", maker="maker", country="us"):
    return Offer(
        model=model,
        provider=provider,
        kind=kind,
        maker=maker,
        first_party=kind == "maker",
        is_open=is_open,
        price=TokenPrice(price, price, price),
        catalogue="made",
        date=dt.date(2026, 6, 1),
        region="",
        country=country,
        context_tokens=128_000,
    )


def small_market(closed_price=10.0, open_price=1.0, open_score=150.0):
    return Market(
        (
            offer("frontier", "lab", closed_price, is_open=False, kind="maker", maker="lab"),
            offer("frontier", "bigcloud", closed_price * 1.1, is_open=False, kind="cloud", maker="lab"),
            offer("weights-30b-a3b", "cheaphost", open_price, is_open=True),
            offer("weights-30b-a3b", "dearhost", open_price * 3, is_open=True, country="cn"),
        ),
        {"frontier": 155.0, "weights-30b-a3b": open_score},
    )


def workload(**changes):
    given = {
        "name": "made",
        "segment": SEGMENT,
        "usage": {"input_tokens_per_month": 1e9, "output_tokens_per_month": 1e8},
        "now": {"model": "frontier"},
        "quality": {"eci": 150.0},
        "horizon": {"months": 24},
        "constraints": {"options": ("closed_api", "hosted_open")},
    }
    for name, value in changes.items():
        held = given.get(name, {})
        given[name] = {**held, **value} if isinstance(value, dict) and isinstance(held, dict) else value
    return Workload.model_validate(given)


def load(of=None, **changes):
    usage = of.usage if of is not None else None
    figures = {
        "input_tokens": usage.input_tokens_per_month if usage else 1e9,
        "output_tokens": usage.output_tokens_per_month if usage else 1e8,
        "cached_tokens": 0.0,
        "tasks": (usage.tasks_per_month or 0.0) if usage else 0.0,
        "growth_per_year": (usage.growth_per_year or 0.0) if usage else 0.0,
        "peak_over_mean": 2.0,
    }
    return Load(**{**figures, **changes})


def path(draws, months, values):
    return np.broadcast_to(np.asarray(values, dtype=float), (draws, months)).copy()


def world(draws=40, months=24, *, seed=0, spread=0.0, **paths):
    """A world in which nothing changes, but for the paths given and a spread of prices and gains."""
    random = np.random.default_rng(seed)

    def walk(scale):
        return np.exp(
            np.cumsum(random.normal(0.0, scale * spread, (draws, months)), axis=1) * (np.arange(months) > 0)
        )

    flat = path(draws, months, 1.0)
    zero = path(draws, months, 0.0)
    ones = np.ones(draws)
    made = {
        "price_closed": flat * walk(1.0),
        "price_open": flat * walk(1.0),
        "rental": flat,
        "machine": flat,
        "hours": flat,
        "closed_gain": zero,
        "closed_api_gain": zero,
        "open_gain": zero,
        "api_delay": zero,
        "lag": path(draws, months, 6.0),
        "presence": {},
        "subsidy": {},
        "flagship_open": flat,
        "beliefs": {
            f"difficulty_width.{SEGMENT}": 6.0 * ones,
            f"task_difficulty.{SEGMENT}": 140.0 * ones,
            f"ood_exposure.{SEGMENT}": 0.0 * ones,
            f"customisation_weight.{SEGMENT}": 0.5 * ones,
            "ood_penalty": 0.0 * ones,
            "customisation_uplift": 8.0 * ones,
            "customisation_life": 12.0 * ones,
            "forced_migration": 0.0 * ones,
            "luck": random.normal(size=draws),
        },
        "draws": np.arange(draws),
        "name": "made",
    }
    return World(start=START, **{**made, **paths})


@pytest.fixture(scope="session")
def today():
    """The market of the installed catalogues."""
    from twocurves.decide.market import market

    return market()
