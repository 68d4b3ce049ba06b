"""Open or closed, per model: a curated list, then the alias table, then a vote over the offers' flags."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Literal, get_args

from twocurves.errors import BadFileError
from twocurves.observed.aliases import alias_table

Licence = Literal["open", "restricted", "closed"]


@dataclass(frozen=True, slots=True)
class Openness:
    """Whether the weights of a model may be downloaded, and how that was decided.

    Attributes
    ----------
    open
        True for weights that may be downloaded, on whatever terms; None when nothing decides.
    licence
        ``restricted`` where some commercial use is forbidden or limited; None where only a vote decided that
        the weights are open, because a flag does not tell.
    by
        ``list``, ``aliases``, ``vote`` or ``nothing``.
    why
        One line: the licence and its source, or the count of votes.
    """

    open: bool | None
    licence: Licence | None
    by: Literal["list", "aliases", "vote", "nothing"]
    why: str


@dataclass(frozen=True, slots=True)
class Votes:
    """Flags that the offers of one model carry: how many say open, how many closed, and the maker's own."""

    open: int
    closed: int
    maker_says: bool | None = None


def decide(model: str, votes: Votes) -> Openness:
    """Return whether a model is open.

    Parameters
    ----------
    model
        Canonical id.
    votes
        The flags of its offers. A strict majority decides; a tie goes to the maker's own offer.
    """
    curated = _curated(model)
    if curated is not None:
        return curated
    listed = alias_table().models.get(model)
    if listed is not None and listed.economy is not None:
        is_open = listed.economy == "open"
        return Openness(is_open, None if is_open else "closed", "aliases", "economy in the alias table")
    return _by_vote(votes)


def _by_vote(votes: Votes) -> Openness:
    count = f"{votes.open} offers say open, {votes.closed} closed"
    if votes.open != votes.closed:
        is_open = votes.open > votes.closed
        return Openness(is_open, None if is_open else "closed", "vote", count)
    if votes.maker_says is not None:
        is_open = votes.maker_says
        return Openness(
            is_open, None if is_open else "closed", "vote", f"{count}; the maker's own offer decides"
        )
    return Openness(None, None, "nothing", count)


@lru_cache(maxsize=8_192)
def _curated(model: str) -> Openness | None:
    for pattern, openness in _lines():
        if pattern.fullmatch(model):
            return openness
    return None


@lru_cache(maxsize=1)
def _lines() -> tuple[tuple[re.Pattern[str], Openness], ...]:
    text = (resources.files("twocurves.observed.catalogues") / "openness.toml").read_text(encoding="utf-8")
    lines: list[tuple[re.Pattern[str], Openness]] = []
    for line in tomllib.loads(text)["line"]:
        licence: Licence = line["decision"]
        if licence not in get_args(Licence):
            raise BadFileError(
                f"openness.toml decides {licence!r} for {line['pattern']!r}, which is no decision.",
                field="openness.toml",
                given=licence,
                allowed=get_args(Licence),
            )
        why = "; ".join(part for part in (line.get("licence", ""), line["source"]) if part)
        lines.append((re.compile(line["pattern"]), Openness(licence != "closed", licence, "list", why)))
    return tuple(lines)
