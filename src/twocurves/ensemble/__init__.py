"""Ensembles: many draws of the economy, in padded micro-batches of one fixed size."""
