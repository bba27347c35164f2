"""Missing values filled in: learned from training rows, done to every row."""
