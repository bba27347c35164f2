"""`accord vault`: data are sealed, opened where an agreement lets them, and given to another key."""
