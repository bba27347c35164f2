"""Axis 2: where tensors live."""
