"""Names of new series: a name near one that there is already is most often that one, misspelt."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from twocurves.errors import BadInputError

#: Share of equal letters from which two names count as near.
_NEAR = 0.8

_PIECES = re.compile(r"[a-z0-9]+")


def near_series(name: str, known: Iterable[str]) -> str | None:
    """Return the series that a new name was probably meant to be, None when it is like none.

    Near are names of almost the same letters, and names of which one begins with all the words of the other.

    >>> near_series("eci_score", ["arr_usd_bn", "eci"])
    'eci'
    """
    names = sorted(known)
    close = get_close_matches(name.lower(), names, n=1, cutoff=_NEAR)
    if close:
        return close[0]
    words = _words(name)
    begun = [other for other in names if _begins(words, _words(other)) or _begins(_words(other), words)]
    return max(begun, key=len) if begun else None


def refuse_near(names: Sequence[str], known: Iterable[str], path: object) -> None:
    """Refuse new series whose names are near those of others.

    Raises
    ------
    BadInputError
        One is; the message names both, and how to insist.
    """
    others = set(known)
    for name in names:
        meant = near_series(name, others)
        if meant is not None:
            raise BadInputError(
                f"{path} was not imported: no table has a series {name!r}; did you mean {meant!r}? "
                "If it is another one, give --new-series.",
                field="series",
                given=name,
                allowed=sorted(others),
                suggestion=meant,
            )


def _words(name: str) -> list[str]:
    return _PIECES.findall(name.lower())


def _begins(words: list[str], first: list[str]) -> bool:
    return bool(first) and words[: len(first)] == first
