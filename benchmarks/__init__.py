"""What Accord claims about speed, memory and effect, measured beside its peers."""
