"""Classes under several names are one; what names none is left out, and every row is counted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from accord.data.account import Account
from accord.data.class_names import Naming
from accord.data.source import Block
from accord.diagnose.spelling import SLIP, unknown, variants
from accord.errors import AccordError
from accord.recipe.class_names import ClassNames
from accord.recipe.load import recipe_from

SPEC = ClassNames(rename={"Pos": "positive", "pos ": "positive"}, drop=("?",))


def named(values: list[Any], *, tags: bool = False) -> tuple[list[Any], Account]:
    account = Account()
    batch = pa.RecordBatch.from_pydict({"label": values})
    block = Block(batch, np.arange(len(values)), "f", "a")
    found = Naming(SPEC, "label", tags=tags)(block, account)
    again = Naming(SPEC, "label", tags=tags)(found, Account())
    assert again.batch == found.batch, "naming twice is naming once"
    assert len(found.rows) == len(values) - account.removed.total()
    return found.batch["label"].to_pylist(), account


def test_one_name_each() -> None:
    found, account = named(["Pos", "positive", "?", "pos ", "negative"])
    assert found == ["positive", "positive", "positive", "negative"]
    assert account.changed["classes", "renamed"] == 2
    assert account.removed["classes", "no-class"] == 1


def test_several_labels_lose_one_and_tags_their_row() -> None:
    rows = [["Pos", "positive", "?"], ["?"], [], ["negative"]]
    assert named(rows)[0] == [["positive"], [], ["negative"]]
    assert named(rows, tags=True)[0] == [[], ["negative"]]


def test_spellings_are_found_and_their_remedy_leads_to_the_end() -> None:
    counts = {"positive": 5000, "Positive ": 90, "positve": 40, "pos": 12, "n/a": 9, "none": 4000}
    found = variants(counts, SLIP)
    assert found == dict.fromkeys(("Positive ", "positve", "pos"), "positive")
    assert unknown(counts) == {"n/a": 9}, "what many rows have is a class"


@pytest.mark.parametrize(
    ("classes", "word"),
    [
        ({"rename": {"a": "b", "b": "c"}}, "renamed itself"),
        ({"rename": {"a": "b"}, "drop": ["b"]}, "dropped too"),
    ],
)
def test_what_leads_nowhere_is_refused(classes: dict[str, Any], word: str) -> None:
    tree: dict[str, Any] = {
        "task": "text-classification",
        "model": {"base": "m"},
        "data": {"agreement": "own", "train": "x", "text": "t", "label": "y"},
        "clean": {"classes": classes},
    }
    with pytest.raises(AccordError, match=word):
        recipe_from(tree)
