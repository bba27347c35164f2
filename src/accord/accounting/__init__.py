"""What privacy costs: mechanisms and the figures of their composition. Knows of no data and no run.

`unit` (whose contribution, which neighbours), `mechanism` (what a step releases), `curve` (Renyi
curves), `odometer` (the tight number), `calibrate` (the noise for an epsilon).
"""
