"""Names of assumptions as people read them."""

from __future__ import annotations


def belief_label(name: str) -> str:
    """Return an assumption's name as people read it.

    >>> belief_label("lag_pub"), belief_label("cash_start.openai")
    ('Lag pub', 'Cash start, openai')
    """
    plain, _, entity = name.partition(".")
    words = plain.replace("_", " ")
    return words[:1].upper() + words[1:] + (f", {entity.replace('_', ' ')}" if entity else "")
