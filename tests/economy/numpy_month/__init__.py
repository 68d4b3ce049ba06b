"""The economy once more, in plain NumPy: written from the equations, to be read beside the engine.

It shares with the engine the names of the state and of the measures, the skeleton and a few constants, and no
function. Where the engine has a trick there is here what the trick stands for: a sum is ``np.sum`` or
``np.einsum``, the rental price is found by bisection, the nest of products in logs.

Every array ends with the axis of draws, ``n``; the others are named by letters::

    r region   s segment   v value band   l lab   c closed channel   t tier
    o open product   m builder   k layer   h channel of any kind   a months ago   p stage   q priority
"""

from tests.economy.numpy_month.path import plain_months, run_path

__all__ = ["plain_months", "run_path"]
