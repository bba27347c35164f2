"""How the gradient of a unit is cut before it is summed, one file each."""
