"""Reading the data and measuring both economies, in a process that has everything imported."""

from __future__ import annotations

from bench.conftest import Timed
from twocurves.observed.catalogues import identity, offers, openness
from twocurves.observed.measures.report import measure_all
from twocurves.observed.tables import observations


def test_observations(timed: Timed) -> None:
    timed("`observations()`", observations, rounds=15)


def test_offers(timed: Timed) -> None:
    timed(
        '`offers("models-dev")`, nothing kept from before',
        lambda: offers.offers("models-dev"),
        before=_forget_offers,
        rounds=7,
    )


def test_measure_all(timed: Timed) -> None:
    timed(
        "`measure_all()`, offers read anew",
        measure_all,
        before=_forget_offers,
        rounds=5,
    )


def _forget_offers() -> None:
    for kept in (offers._installed, identity.identify, openness._curated):
        kept.cache_clear()
