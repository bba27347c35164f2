"""Techniques put to the proof on real data."""
