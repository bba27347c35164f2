"""Axis 3, what is protected: sampling, clipping and noise as one plan, and the gradient by it."""
