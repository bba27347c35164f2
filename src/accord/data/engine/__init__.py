"""Where the work on the data is done: in this process, in several, or on a Ray cluster."""
