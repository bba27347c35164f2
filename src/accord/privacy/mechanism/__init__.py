"""Which units take part in which steps, and how the noise of the steps hangs together."""
