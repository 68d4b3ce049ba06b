"""Figures: one function per figure, one theme, one way to write a file.

Each figure takes tidy polars frames and returns an Altair chart whose spec carries its data, its style and
its description, so that it draws the same in a page, a notebook, an SVG, a PNG or a file of its own.

========================  ======================================================================
module                    figure
========================  ======================================================================
``measured``              measured dots with intervals, fitted lines
``fan``                   measured dots left, fan of the projection right, paired gap below
``gap_strip``             the paired gap alone
``interval_strip``        rows of estimates with intervals
``lines_over_time``       lines or small multiples over time, with intervals
``dispersion``            prices of many hosts per model on one log axis
``export``                writes any of them as .svg, .png, .json or .html
========================  ======================================================================

Nothing is imported here: Altair and vl-convert load only with the figure modules and ``export``.
"""
