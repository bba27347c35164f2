"""`accord vault`: data are sealed, opened where an agreement lets them, given to another key."""
