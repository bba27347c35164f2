"""Losses of a residual, for targets that are partly wrong or skewed: parts of one slot."""
