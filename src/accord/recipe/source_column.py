"""The column of which source a row is from, which no data have: `@source` stands for it."""

SOURCE = "@source"
"""Stands for a column that says which of the sources under `data.train` a row is from."""
