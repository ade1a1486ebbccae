"""LB1##: faults in what the user wrote."""

from albatross.catalog.problems.row import Row

ROWS: tuple[Row, ...] = ()
