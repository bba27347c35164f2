"""Encryption at rest: sealed files, their envelopes, and the keys that are open in this process."""
