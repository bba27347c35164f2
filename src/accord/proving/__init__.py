"""Proof: a recipe with and without a remedy, over several seeds, and what the remedy did."""
