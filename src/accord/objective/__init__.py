"""Axis 1: what is minimised."""
