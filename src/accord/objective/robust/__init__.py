"""Which rows count, by their losses: parts of one slot, weighed over the whole global batch."""
