"""Rows and values that are unlike the others: found by a part, handled by the step."""
