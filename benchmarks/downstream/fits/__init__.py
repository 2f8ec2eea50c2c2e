"""What is fitted: for each package a module with ``PROGRAMS``, functions by name that return numbers by quantity.

Quantities are those of ``comparison.TOLERANCES``, which says how closely they must agree.
"""
