"""What tokens cost at a price per million: the arithmetic of price lists, for numbers and arrays alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Count = TypeVar("Count", float, NDArray[np.float64])

TOKENS_PER_PRICE = 1e6


@dataclass(frozen=True, slots=True)
class TokenPrice:
    """A price list's three figures, US dollars per million tokens.

    Attributes
    ----------
    input, output
        Tokens read and written; None where the list has no price, which then costs nothing.
    cached
        Tokens read from a cache; the price of ``input`` where the list has none.
    """

    input: float | None
    output: float | None
    cached: float | None = None

    def usd(self, input_tokens: Count, output_tokens: Count, cached_tokens: Count) -> Count:
        """Return the cost of tokens; ``cached_tokens`` are part of ``input_tokens``.

        ``(input - cached) P_in + cached P_cached + output P_out``, each over a million, as genai-prices
        computes it.
        """
        read = self.input or 0.0
        cached = read if self.cached is None else self.cached
        written = self.output or 0.0
        return (
            (input_tokens - cached_tokens) * read + cached_tokens * cached + output_tokens * written
        ) / TOKENS_PER_PRICE
