"""Measures: what the observations say, with intervals, before any model is believed."""

from twocurves.observed.measures.measure import Family, Measure, Measured, Window

__all__ = ["Family", "Measure", "Measured", "Window"]
