"""Finds typical problems before they cost anything: one file a problem."""
