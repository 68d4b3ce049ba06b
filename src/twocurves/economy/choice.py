"""Choice: nested CES demand over products, closed against open, in each cell (region, segment, value band).

Products are grouped in two nests, closed and open. Within a nest appeal is compared at the nest's own
substitution elasticity, between nests at ``alpha``; the inclusive value uses the *mean* over products, so
that listing one thing many times creates no appeal (no red-bus/blue-bus gain). The closed nest carries the
premium ``xi``, the part of its demand that neither quality nor price explains.

With lower-level scale ``lam = alpha / sigma``::

    u_j     = A_j - alpha ln P_j
    w_{j|g} = exp(u_j / lam_g) / sum_{k in g} exp(u_k / lam_g)
    I_g     = lam_g ln( mean_{k in g} exp(u_k / lam_g) ) + xi_g
    w_g     = exp(I_g) / sum_h exp(I_h),      w_j = w_g w_{j|g}

Source: Atkeson and Burstein (2008) for the finite-firm nested CES; Berry (1994) for the inversion.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

#: Stands for minus infinity in a masked logarithm; finite, so that gradients stay finite.
_MASKED = -1e30
_LEAST = 1e-30


class Shares(NamedTuple):
    """Shares of each cell's work.

    Attributes
    ----------
    product
        ``w_j``, shape ``(cells, products)``; sums to one over products.
    within
        ``w_{j|g}`` of each product in its own nest, shape ``(cells, products)``; sums to one over a nest.
    closed
        ``w_closed``, shape ``(cells,)``.
    """

    product: Array
    within: Array
    closed: Array


def _nest(utility: Array, weight: Array, scale: Array) -> tuple[Array, Array]:
    """Return shares within a nest and its inclusive value; ``scale`` broadcasts over cells."""
    reach = jnp.where(weight > 0, utility / scale + jnp.log(jnp.maximum(weight, _LEAST)), _MASKED)
    log_sum = jax.nn.logsumexp(reach, axis=-1, keepdims=True)
    within = jnp.where(weight > 0, jnp.exp(reach - log_sum), 0.0)
    inclusive = scale * (log_sum[..., 0] - jnp.log(jnp.maximum(weight.sum(axis=-1), _LEAST)))
    return within, inclusive


def nested_ces(
    appeal: Array,
    price: Array,
    premium: Array,
    alpha: Array,
    sigma_closed: Array,
    sigma_open: Array,
    closed: Array,
    weight: Array,
) -> Shares:
    """Return the shares that buyers who choose afresh would give to each product.

    Parameters
    ----------
    appeal
        ``A_j``, utility without price, shape ``(cells, products)``.
    price
        USD per WU, shape ``(cells, products)``, positive.
    premium
        ``xi`` of the closed nest, log units, shape ``(cells,)``.
    alpha, sigma_closed, sigma_open
        Substitution elasticities between nests and within each (``sigma >= alpha``).
    closed
        Whether each product is closed, shape ``(products,)``.
    weight
        How far each product is on the market, 0 to 1, shape ``(products,)``; each nest needs one that is.
    """
    utility = appeal - alpha * jnp.log(price)
    in_closed, value_closed = _nest(utility, weight * closed, alpha / sigma_closed)
    in_open, value_open = _nest(utility, weight * ~closed, alpha / sigma_open)
    share_closed = jax.nn.sigmoid(value_closed + premium - value_open)
    within = in_closed + in_open
    nest = jnp.where(closed, share_closed[:, None], 1.0 - share_closed[:, None])
    return Shares(product=within * nest, within=within, closed=share_closed)


def invert_premium(shares_closed: Array, value_closed: Array, value_open: Array) -> Array:
    """Return the premium that makes the closed nest's share what it is (Berry inversion)."""
    return jnp.log(shares_closed) - jnp.log1p(-shares_closed) - (value_closed - value_open)
