"""The economy: pure functions of state, beliefs and shocks, one room for each mechanism.

No file, no clock, no randomness of its own; it imports nothing of the package's other rooms. Beliefs come in
as a mapping from parameter names to arrays, whose last axis, like that of every array here, is that of draws.
"""
