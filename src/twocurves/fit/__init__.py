"""Fitting: likelihood of what was observed, the posterior, forecasts from it, and their scores."""
