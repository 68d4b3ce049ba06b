"""How fast the machine is at this moment: what other rows can be measured against."""

from __future__ import annotations

from bench.conftest import Timed


def test_yardstick(timed: Timed) -> None:
    timed("yardstick: a loop of a million turns in Python", _loop, rounds=9)


def _loop() -> None:
    total = 0
    for turn in range(1_000_000):
        total += turn * turn
