"""One file a typical problem: finds it, measures it, names the remedy."""
