"""One row of two, and of their labels, while training."""
