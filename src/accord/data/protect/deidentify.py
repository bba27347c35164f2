"""Texts in, texts without identifiers out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from accord.data.protect.generalise import generalised
from accord.data.protect.pseudonym import pseudonym
from accord.data.protect.recogniser import Recogniser, recogniser
from accord.data.protect.replace import found_texts, replaced
from accord.data.protect.spans import Spans
from accord.data.protect.surrogate import surrogate
from accord.recipe.protect import Action, Protect
from accord.secret_key import read_secret

_PASSES = 64
"""None but a recogniser at odds with itself takes more than a few."""
_CJK = range(0xE4, 0xEA)


@dataclass(frozen=True, slots=True)
class Protected:
    """Texts as they may be seen.

    Args:
        texts: Shape [rows].
        held: The rows that held each kind of identifier. Shape of each [rows].
        why: The kind for which a row must be left out; empty where it stays. Shape [rows].
    """

    texts: pa.StringArray
    held: Mapping[str, npt.NDArray[np.bool_]]
    why: npt.NDArray[np.object_]

    @property
    def changed(self) -> npt.NDArray[np.bool_]:
        """Rows that are not as they were. Shape [rows]."""
        none = np.zeros(len(self.why), dtype=bool)
        return np.logical_or.reduce([none, *self.held.values()])

    @property
    def dropped(self) -> npt.NDArray[np.bool_]:
        """Rows that must be left out. Shape [rows]."""
        return self.why != ""


class Deidentifier:
    """Finds what `protect:` asks for and acts on it; the same text always becomes the same.

    Args:
        spec: The section.
        base: Folder that relative paths start from.

    Raises:
        RecipeError: A pattern, list or key cannot be used.
        MissingExtra: A recogniser, or Faker, is not installed.
    """

    def __init__(self, spec: Protect, base: Path) -> None:
        self.spec = spec
        self._recognise: Recogniser = recogniser(spec, base)
        self._key = read_secret(spec.key, base, "protect.key") if spec.keyed and spec.key else b""
        self._made: dict[tuple[str, bytes, bool], bytes] = {}

    def action(self, kind: str) -> Action:
        """What is done with a kind of identifier."""
        return self.spec.actions.get(kind, self.spec.action)

    def __call__(self, texts: pa.StringArray) -> Protected:
        """Protect texts.

        Guarantees:
            Unless surrogates are made, nothing that is looked for is found in the result.
        """
        held: dict[str, npt.NDArray[np.bool_]] = {}
        why = np.full(len(texts), "", dtype=object)
        rows = np.arange(len(texts))
        left = texts
        for _ in range(_PASSES):
            spans = self._recognise(left)
            if not len(spans):
                break
            seen = rows[spans.row]
            for code in np.unique(spans.entity).tolist():
                kind, own = spans.names[code], seen[spans.entity == code]
                held.setdefault(kind, np.zeros(len(why), dtype=bool))[own] = True
                if self.action(kind) == "drop":
                    why[own[why[own] == ""]] = kind
            left = replaced(left, spans, self.values(left, spans))
            texts = _put_back(texts, rows, left)
            # What was taken out may bring together what then looks like another identifier.
            final = np.array([self.action(kind) != "surrogate" for kind in spans.names])
            again = np.unique(spans.row[final[spans.entity]])
            rows, left = rows[again], left.take(pa.array(again))
        return Protected(texts, held, why)

    def whole(self, texts: pa.StringArray, kind: str) -> pa.StringArray:
        """Every value of a column as one identifier of this kind; nulls stay null."""
        sizes = pc.call_function("binary_length", [texts]).fill_null(0)
        size = sizes.to_numpy(zero_copy_only=False).astype(np.int64)
        row = np.flatnonzero(size)
        zeros = np.zeros(len(row), dtype=np.int64)
        spans = Spans(row, zeros, size[row], zeros, (kind,))
        return replaced(texts, spans, self.values(texts, spans))

    def values(self, texts: pa.StringArray, spans: Spans) -> list[bytes]:
        """What each span becomes."""
        actions = {self.action(kind) for kind in spans.names}
        if actions <= {"mask", "drop", "remove"}:
            fixed = [self._value(kind, b"", False) for kind in spans.names]
            return [fixed[code] for code in spans.entity.tolist()]
        found = found_texts(texts, spans)
        # Only what is invented must fit the language of its text.
        speaks = _contexts(texts, spans) if "surrogate" in actions else [False] * len(spans)
        return [
            self._value(kind, value, chinese)
            for kind, value, chinese in zip(spans.entities(), found, speaks, strict=True)
        ]

    def _value(self, kind: str, value: bytes, chinese: bool) -> bytes:
        match self.action(kind):
            case "mask" | "drop":
                return f"[{kind.upper()}]".encode()
            case "remove":
                return b""
            case "generalise":
                return generalised(kind, value)
            case action:
                known = (kind, value, chinese)
                if known not in self._made:
                    self._made[known] = (
                        pseudonym(kind, value, self._key)
                        if action == "pseudonym"
                        else surrogate(kind, value, self._key, chinese)
                    )
                return self._made[known]


def _contexts(texts: pa.StringArray, spans: Spans) -> Sequence[bool]:
    """Whether the text of each span is Chinese."""
    rows, place = np.unique(spans.row, return_inverse=True)
    chosen = texts.take(pa.array(rows)).to_pylist()
    chinese = [any("\u4e00" <= c <= "\u9fff" for c in text or "") for text in chosen]
    return [chinese[at] for at in place.tolist()]


def _put_back(
    texts: pa.StringArray, rows: npt.NDArray[np.int64], left: pa.StringArray
) -> pa.StringArray:
    """Texts with those at `rows` replaced."""
    if len(rows) == len(texts):
        return left
    order = np.arange(len(texts))
    order[rows] = len(texts) + np.arange(len(rows))
    return pa.concat_arrays([texts, left]).take(pa.array(order))
