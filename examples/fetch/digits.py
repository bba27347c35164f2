"""1,797 handwritten digits of 8x8 pixels (Alpaydin and Kaynak, 1998), from scikit-learn.

Written as grey PNG files, one folder a class.
"""

from __future__ import annotations

from pathlib import Path

from tables import sample


def write(folder: Path, count: int | None) -> None:
    """Write `data/images/<digit>/<number>.png`."""
    import numpy as np
    from PIL import Image
    from sklearn.datasets import load_digits

    digits = load_digits()
    for i in sample(range(len(digits.target)), count):
        path = folder / "data" / "images" / str(digits.target[i]) / f"{i:04}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        grey = np.round(digits.images[i] * 255 / 16).astype(np.uint8)
        Image.fromarray(grey, mode="L").save(path)
