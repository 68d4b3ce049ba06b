"""The figures that tables of measures are drawn with, in one place."""

from twocurves.charts.dispersion import dispersion
from twocurves.charts.interval_strip import interval_strip
from twocurves.charts.lines_over_time import lines_over_time

__all__ = ["dispersion", "interval_strip", "lines_over_time"]
