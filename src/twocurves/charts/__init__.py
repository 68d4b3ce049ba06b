"""Figures: one function per figure, one theme, one way to write a file.

Each figure takes tidy polars frames and returns an Altair chart whose spec carries its data, its style and
its description, so that it draws the same in a page, a notebook, an SVG, a PNG or a file of its own.

========================  ======================================================================
module                    figure
========================  ======================================================================
``fan``, ``gap_strip``    measured dots left, fan of the projection right, paired gap below
``multiples``             many small fans
``dots``                  probabilities as twenty dots
``tornado``               an outcome at both ends of each belief
``dumbbell``              before and after
``ridgeline``             how draws are spread, row by row
``claim_grid``            beliefs that move claims
``regret``                regret by the month of moving
``value_stack``           who captures the value
``calibration``, ``pit``  how forecasts did
``interval_strip``        rows of estimates with intervals
``measured``              measured dots with intervals, fitted lines
``lines_over_time``       lines or small multiples over time, with intervals
``dispersion``            prices of many hosts per model on one log axis
``feed``                  what moves in a figure, apart from how it is drawn
``run_tables``            the tables of figures, from a stored run
``run_figures``           figures of a run by name; ``input_figures`` of other commands' findings
``catalogue``             figures of the observations by name
``export``                writes any of them as .svg, .png, .json or .html
========================  ======================================================================

Nothing is imported here: Altair and vl-convert load only with the figure modules and ``export``.
"""
