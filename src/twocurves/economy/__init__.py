"""The economy: pure functions of state, beliefs and shocks, one room for each mechanism.

No file, no clock, no randomness of its own; it imports nothing of the package's other rooms. Beliefs come in
as a mapping from parameter names to arrays, one number (or one per entity) for one draw; ``jax.vmap`` makes
it many.
"""
