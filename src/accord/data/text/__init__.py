"""Texts tidied in every split, and training texts left out that teach nothing."""
