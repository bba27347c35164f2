"""How each kind of layer gives its units' gradients, one file a family."""
