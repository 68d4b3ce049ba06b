"""HTML in which every text is escaped: only what these functions made counts as markup."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

_NOT_IN_HTML = re.compile("[^\\t\\n\\r\\x20-\\x7e\\xa0-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
_VOID = frozenset({"meta", "hr", "br"})


class Html(str):
    """Text that is markup already."""

    __slots__ = ()


Child = str | Html | None | Iterable["str | Html | None"]


def text(given: str) -> Html:
    """Return a text as markup: escaped, without characters that a page has no place for."""
    return given if isinstance(given, Html) else Html(escape(_NOT_IN_HTML.sub("", given)))


def joined(children: Iterable[str | Html | None], between: str = "") -> Html:
    """Return several pieces as one; None is nothing."""
    return Html(between.join(text(child) for child in children if child is not None))


def tag(name: str, /, *children: Child, **attributes: str | bool | None) -> Html:
    """Return an element.

    Parameters
    ----------
    name
        Of the element.
    children
        Texts (escaped), markup, or lists of these.
    attributes
        ``class_`` for ``class``, ``aria_label`` for ``aria-label``; True has no value, None and False leave
        the attribute out.
    """
    said = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{text(str(value))}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if name in _VOID:
        return Html(f"<{name}{said}>")
    inside = joined(
        piece
        for child in children
        if child is not None
        for piece in ((child,) if isinstance(child, str) else child)
    )
    return Html(f"<{name}{said}>{inside}</{name}>")
