"""Numbers of a table scaled: learned from training rows, done to every row."""
