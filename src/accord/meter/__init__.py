"""How long, how much and how well used: the efficiency of a run."""
