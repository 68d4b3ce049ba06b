"""Choice: nested CES demand over products, closed against open, in each cell (region, segment, value band).

Products are grouped in two nests, closed and open. Within a nest appeal is compared at the nest's own
substitution elasticity, between nests at ``alpha``; the inclusive value uses the *mean* over products, so
that listing one thing many times creates no appeal (no red-bus/blue-bus gain). The closed nest carries the
premium ``xi``, the part of its demand that neither quality nor price explains.

With lower-level scale ``lam = alpha / sigma``::

    u_j     = A_j - alpha ln P_j
    w_{j|g} = a_j exp(u_j / lam_g) / sum_{k in g} a_k exp(u_k / lam_g)
    I_g     = lam_g ln( sum_{k in g} a_k exp(u_k / lam_g) / n_g )
    w_g     = exp(I_g) / sum_h exp(I_h),      w_j = w_g w_{j|g}

``a_j`` is the share of buyers that a wall lets a product reach, ``n_g`` the number of products that makers of
the nest have on the market.

Source: Atkeson and Burstein (2008) for the finite-firm nested CES; Berry (1994) for the inversion.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from twocurves.economy.axes import greatest, once, total

PARAMETERS = (
    "closed_open_price_sensitivity",
    "closed_substitution",
    "open_substitution",
)

_LEAST = 1e-30

#: Lowest substitution elasticity used within the closed nest: at one and below no price is finite.
_LEAST_ELASTICITY = 1.02


class Substitution(NamedTuple):
    """Elasticities of substitution: ``alpha`` between the nests, ``closed`` and ``open`` within them."""

    alpha: Array
    closed: Array
    open: Array


class Pull(NamedTuple):
    """What draws buyers to the products of a nest, prices apart.

    Attributes
    ----------
    log_odds
        ``ln a_j + (A_j - level) / lam``, closed ``[region, segment, band, lab, channel, tier]``, open
        ``[region, segment, band, open]``.
    level
        Appeal taken out of the odds so that they keep their digits, closed ``[segment, band]``, open
        ``[region, segment, band]``.
    number
        Of products on the market.
    """

    log_odds: Array
    level: Array
    number: Array


class Nest(NamedTuple):
    """A nest at given prices.

    Attributes
    ----------
    attraction
        ``exp(u_k / lam)`` over that of the most attractive product, shape of the odds.
    whole
        Their sum, shape ``(regions, segments, bands)``.
    value
        Inclusive value, shape ``(regions, segments, bands)``.
    """

    attraction: Array
    whole: Array
    value: Array


def substitution(b: Mapping[str, Array]) -> Substitution:
    """Return ``alpha`` and the elasticities within the closed and the open nest, none below ``alpha``.

    A nest scale above one would make products of a nest worse substitutes than those of different nests.
    """
    alpha = b["closed_open_price_sensitivity"]
    closed = jnp.maximum(jnp.maximum(b["closed_substitution"], alpha), _LEAST_ELASTICITY)
    return Substitution(alpha, closed, jnp.maximum(b["open_substitution"], alpha))


def most_attractive(pull: Pull, log_price: Array, sigma: Array) -> Array:
    """Return ``u_k / lam`` of the most attractive product, shape ``(regions, segments, bands)``."""
    products = tuple(range(3, pull.log_odds.ndim - 1))
    return jax.lax.stop_gradient(greatest(pull.log_odds - sigma * log_price, products))


def nest(pull: Pull, log_price: Array, alpha: Array, sigma: Array, most: Array | None = None) -> Nest:
    """Return a nest at prices, ln USD per WU, of a shape that broadcasts to that of the odds.

    Attractions are stated in those of the most attractive product, or in ``most`` where a level near it is
    known, which saves a search.
    """
    products = tuple(range(3, pull.log_odds.ndim - 1))
    level = once(most_attractive(pull, log_price, sigma) if most is None else most)
    of_products = level.reshape(*level.shape[:3], *(1,) * len(products), -1)
    attraction = once(jnp.exp(pull.log_odds - sigma * log_price - of_products))
    whole = jnp.maximum(total(attraction, products), _LEAST)
    value = alpha / sigma * (jnp.log(whole) + level - jnp.log(pull.number)) + pull.level
    return Nest(attraction, whole, value)


def closed_share(inclusive_closed: Array, inclusive_open: Array) -> Array:
    """Return the closed nest's share."""
    return jax.nn.sigmoid(inclusive_closed - inclusive_open)


class Target(NamedTuple):
    """Shares that buyers who choose afresh give to each product; over both they sum to one in each cell.

    Attributes
    ----------
    closed
        Shape ``(regions, segments, bands, labs, channels, tiers)``.
    open
        Shape ``(regions, segments, bands, open)``.
    """

    closed: Array
    open: Array


def target_shares(
    substitutes: Substitution, pull_closed: Pull, pull_open: Pull, log_closed: Array, log_open: Array
) -> Target:
    """Return target shares at the prices paid, ln USD per WU, of the shapes of the odds."""
    closed = nest(pull_closed, log_closed, substitutes.alpha, substitutes.closed)
    opened = nest(pull_open, log_open, substitutes.alpha, substitutes.open)
    share = closed_share(closed.value, opened.value)
    of_closed = share / closed.whole
    of_open = (1.0 - share) / opened.whole
    return Target(
        closed.attraction * of_closed[:, :, :, None, None, None], opened.attraction * of_open[:, :, :, None]
    )


def invert_premium(shares_closed: Array, value_closed: Array, value_open: Array) -> Array:
    """Return the premium that makes the closed nest's share what it is (Berry inversion)."""
    return jnp.log(shares_closed) - jnp.log1p(-shares_closed) - (value_closed - value_open)
