"""Texts and images as vectors, so that rows can be compared: each row once, however many steps
ask."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from accord.data.leakage import contents
from accord.data.places import Places
from accord.data.source import Block
from accord.data.step import Preparing
from accord.recipe.task import TASKS

Vectors = npt.NDArray[np.float32]
WIDEST = 512
"""Numbers kept of a row. Wider vectors are projected at random (Johnson and Lindenstrauss, 1984),
which keeps their distances to a few percent."""
SIDE = 16
"""Images without a base model are shrunk to squares of so many pixels."""
HASHED = 1 << 18


class RowVectors:
    """The vectors of rows that passed by; memory: at most 2 kB a row.

    With a base model, its mean last hidden states or pooled image features, scaled to length 1;
    without one, words and letter groups counted (TF-IDF by hashing), or pixels. What is asked for
    again is not computed again.

    Args:
        setting: The run.
    """

    def __init__(self, setting: Preparing) -> None:
        self.setting, self.task = setting, TASKS[setting.recipe.task]
        self.places = Places()
        self._parts: list[Vectors] = []
        self._whole: Vectors | None = None
        self._compute: Any = None

    def add(self, block: Block) -> None:
        """Take in the rows of a block that are not known yet."""
        new = block.keep(self.places.of(block) < 0)
        if not len(new.rows):
            return
        if self._compute is None:
            self._compute = self._opened()
        found = self._compute(contents(new.batch, self.setting.recipe.data, self.task))
        self._parts.append(_narrowed(found))
        self._whole = None
        self.places.add(new)
        self.setting.log.emit("embed", rows=self.places.count)

    def of(self, block: Block) -> Vectors:
        """The vectors of rows that were taken in. Shape [rows, D]."""
        if self._whole is None:
            self._whole = np.concatenate(self._parts)
            self._parts = [self._whole]
        return self._whole[self.places.of(block)]

    def _opened(self) -> Any:
        """`contents -> vectors`."""
        recipe = self.setting.recipe
        if recipe.model.base is None:
            return _pixels if self.task.modality == "image" else _counted
        from accord.model.pooled import Pooled
        from accord.parallel.placement import place_on

        folder = self.setting.base_model()
        device = place_on(recipe.machine, "fp32").device
        pooled = Pooled(folder, self.task.modality, device, recipe.data.max_tokens)
        if self.task.modality == "image":
            return lambda found: _unit(pooled.images(found))
        return lambda found: _unit(pooled.texts([text.replace("\x1f", "\n") for text in found]))


def reduced(vectors: npt.NDArray[Any], components: int) -> npt.NDArray[np.float64]:
    """The vectors along the directions in which they vary most. Shape [n, at most components].

    Signs are fixed, so that the same vectors give the same numbers.
    """
    centred = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    sizes, turned = np.linalg.eigh(centred.T @ centred)
    kept = np.argsort(-sizes, kind="stable")[:components]
    kept = kept[sizes[kept] > 1e-10 * max(float(sizes.max(initial=0)), 1e-30)]
    directions = turned[:, kept]
    largest = np.argmax(np.abs(directions), axis=0)
    directions = directions * np.sign(directions[largest, np.arange(len(kept))])
    return centred @ directions


def _unit(vectors: Vectors) -> Vectors:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(length > 0, length, 1)).astype(np.float32)


def _narrowed(vectors: Vectors) -> Vectors:
    if vectors.shape[1] <= WIDEST:
        return vectors
    chance = np.random.default_rng(vectors.shape[1])
    turned = chance.standard_normal((vectors.shape[1], WIDEST), dtype=np.float32)
    return (vectors @ (turned / np.float32(WIDEST**0.5))).astype(np.float32)


def _counted(texts: Sequence[str]) -> Vectors:
    """Hashed words, pairs of words and groups of letters, projected to `WIDEST` numbers."""
    from sklearn.feature_extraction.text import HashingVectorizer

    words = HashingVectorizer(
        n_features=HASHED, ngram_range=(1, 2), token_pattern=r"(?u)\b\w+\b", norm="l2"
    )
    letters = HashingVectorizer(
        n_features=HASHED, analyzer="char_wb", ngram_range=(2, 4), norm="l2"
    )
    both: Any = words.transform(texts) + letters.transform(texts)
    return np.asarray((both @ _directions()).todense(), dtype=np.float32)


@cache
def _directions() -> Any:
    """A sparse random projection (Achlioptas, 2001). Shape [HASHED, WIDEST]."""
    from scipy.sparse import csr_array
    from sklearn.random_projection import SparseRandomProjection

    kind: Any = SparseRandomProjection  # its annotations name the defaults only
    turned = kind(WIDEST, density=1 / 64, random_state=0)
    return turned.fit(csr_array((1, HASHED))).components_.T.tocsr()


def _pixels(contents: Sequence[bytes]) -> Vectors:
    from PIL import Image

    rows: list[npt.NDArray[np.float32]] = []
    for content in contents:
        with Image.open(io.BytesIO(content)) as image:
            small = image.convert("L").resize((SIDE, SIDE))
            rows.append(np.asarray(small, dtype=np.float32).reshape(-1) / np.float32(255))
    return np.stack(rows)
