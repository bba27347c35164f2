"""Accord trains large models under agreements."""
