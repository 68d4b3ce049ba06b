"""The report: one HTML page that stands alone, made from a stored run.

========================  ======================================================================
module                    what
========================  ======================================================================
``build``                 the whole page, and writing it
``measured`` … ``made``   its sections, one a file
``drawing``               figures in a page: for desk and phone, light and dark, with their numbers
``parts``                 tables, intervals and dots as HTML
``markup``                HTML in which every text is escaped
``style``                 the style sheet, for screen and paper
========================  ======================================================================
"""
