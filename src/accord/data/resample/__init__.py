"""New rows for rare classes of a table, and ambiguous ones taken out."""
