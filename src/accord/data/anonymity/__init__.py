"""k-anonymity, l-diversity, t-closeness: measured, and reached by coarser values."""
