"""What is found is gone afterwards; the same value becomes the same; the rest is left alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.data.account import Account
from accord.data.protect.deidentify import Deidentifier
from accord.data.protect.recognise import recognise
from accord.data.protect.replace import shifted
from accord.data.protect.step import Protection
from accord.data.source import Block
from accord.errors import RecipeError
from accord.recipe.data import Data
from accord.recipe.protect import Protect
from tests.data.protect.test_recognise import ALL

HERE = Path()


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PSEUDONYMS", "0123456789abcdef0123456789abcdef")


def _deidentify(texts: list[str | None], **fields: Any) -> list[str | None]:
    spec = Protect(**{"entities": "all", "key": "env:PSEUDONYMS"} | fields)
    return Deidentifier(spec, HERE)(pa.array(texts, pa.string())).texts.to_pylist()


@pytest.mark.parametrize("action", ["mask", "remove", "pseudonym", "generalise"])
def test_nothing_found_is_left(action: str) -> None:
    texts = [f"call or write: {value} and {other}" for _, value in ALL for _, other in ALL[::4]]
    after = _deidentify(texts, action=action)
    assert not len(recognise(pa.array(after)))
    assert _deidentify(after, action=action) == after
    assert not any(
        value in str(text) for (_, value), text in zip(ALL, after[:: len(ALL[::4])], strict=True)
    )


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.one_of(st.text(max_size=30), st.sampled_from([v for _, v in ALL])), max_size=6),
    st.sampled_from(["mask", "remove", "pseudonym", "generalise"]),
)
def test_idempotent(pieces: list[str], action: str) -> None:
    import os

    os.environ["PSEUDONYMS"] = "0123456789abcdef0123456789abcdef"
    text = " ".join(pieces).encode("utf-8", "ignore").decode()
    once = _deidentify([text], action=action)
    assert _deidentify(once, action=action) == once


def test_what_comes_together_is_looked_at_again() -> None:
    """The number stands between the name and the place of an address."""
    text = "call + a@b.co86 138 0013 8000 now"
    once = _deidentify([text], action="remove", entities=("email", "phone"))
    assert "@" not in once[0]
    assert _deidentify(once, action="remove", entities=("email", "phone")) == once


def test_pseudonyms_are_the_same_however_written() -> None:
    first, second, third = _deidentify(
        ["13812345678", "电话：１３８１２３４５６７８", "+86 138-1234-5678"], action="pseudonym"
    )
    assert first is not None and first.startswith("[PHONE ")
    assert second == f"电话：{first}" and third == first


def test_another_key_gives_other_pseudonyms(monkeypatch: pytest.MonkeyPatch) -> None:
    before = _deidentify(["a@x.com"], action="pseudonym")
    monkeypatch.setenv("PSEUDONYMS", "another key that is long enough")
    assert _deidentify(["a@x.com"], action="pseudonym") != before


def test_surrogates_are_of_the_same_kind_and_language() -> None:
    (text, again) = _deidentify(["电话13812345678"] * 2, action="surrogate")
    assert text == again and text is not None and "13812345678" not in text
    assert recognise(pa.array([text])).entities() == ["phone"]


def test_nulls_and_other_texts_are_left() -> None:
    texts = ["nothing here", None, "", "什么都没有"]
    assert _deidentify(texts) == texts
    assert _deidentify([None, "a@x.com", None]) == [None, "[EMAIL]", None]


def test_your_own_kinds(tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_text("Apollo\nApollo Thirteen\n星火\n", encoding="utf-8")
    spec = Protect(patterns={"employee": r"EMP-\d{4}"}, lists={"project": "names.txt"})
    found = Deidentifier(spec, tmp_path)(
        pa.array(["EMP-1234 on Apollo Thirteen, Apollos, 在星火上"])
    )
    assert found.texts.to_pylist() == ["[EMPLOYEE] on [PROJECT], Apollos, 在[PROJECT]上"]
    counts = {kind: int(rows.sum()) for kind, rows in found.held.items()}
    assert counts == {"employee": 1, "project": 1}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"patterns": {"x": "["}}, "pattern-invalid"),
        ({"patterns": {"x": "a*"}}, "pattern-invalid"),
        ({"lists": {"x": "none.txt"}}, "list-unreadable"),
        ({"entities": "all", "action": "pseudonym", "key": "env:NOBODY_SET_THIS"}, "key-secret"),
        ({"entities": "all", "action": "pseudonym", "key": "my secret"}, "key-secret"),
    ],
)
def test_what_cannot_be_used(fields: dict[str, Any], code: str, tmp_path: Path) -> None:
    with pytest.raises(RecipeError) as caught:
        Deidentifier(Protect(**fields), tmp_path)
    assert caught.value.code == code
    assert "my secret" not in str(caught.value)


def _block(**columns: pa.Array) -> Block:
    batch = pa.RecordBatch.from_pydict(columns)
    return Block(batch, np.arange(batch.num_rows), "x", "own")


def _data(**fields: Any) -> Data:
    return Data(agreement="own", train="x", **fields)


def test_rows_are_dropped_and_counted() -> None:
    spec = Protect(entities="all", actions={"secret": "drop", "url": "remove"})
    block = _block(t=pa.array(["AKIAIOSFODNN7EXAMPLE", "a@x.com", "ok", "www.foo.org",
                              "a@x.com, b@x.com, 13812345678"]))  # fmt: skip
    account = Account()
    left = Protection(spec, _data(text="t"), HERE)(block, account)
    assert left.batch["t"].to_pylist() == ["[EMAIL]", "ok", "[EMAIL], [EMAIL], [PHONE]"]
    assert left.rows.tolist() == [1, 2, 4]
    assert +account.removed == {("protect", "secret"): 1, ("protect", "nothing-left"): 1}
    # A row that is left out is not changed, and one with two identifiers is one row.
    assert +account.changed == {("protect", "email"): 2, ("protect", "phone"): 1}
    assert account.touched == {"protect": 2}


def test_words_keep_their_number() -> None:
    words = ["call", "138", "1234", "5678", "or", "a@x.com", "!"]
    block = _block(w=pa.array([words], pa.list_(pa.string())))
    left = Protection(Protect(entities="all"), _data(tokens="w"), HERE)(block, Account())
    (after,) = left.batch["w"].to_pylist()
    assert len(after) == len(words)
    assert after[0] == "call" and after[4:] == ["or", "[EMAIL]", "!"]
    assert set(after[1:4]) == {"[PHONE]"}


def test_conversations_at_any_depth() -> None:
    turns = [
        {"role": "user", "content": "I am a@x.com"},
        {"role": "assistant", "content": None, "tool_calls": [{"arguments": {"ip": "10.0.0.1"}}]},
    ]
    block = _block(m=pa.array([json.dumps(turns)]))
    left = Protection(Protect(entities="all"), _data(messages="m"), HERE)(block, Account())
    after = json.loads(left.batch["m"][0].as_py())
    assert after[0] == {"role": "user", "content": "I am [EMAIL]"}
    assert after[1]["tool_calls"] == [{"arguments": {"ip": "[IP]"}}]


def test_whole_values() -> None:
    spec = Protect(values={"who": "name"}, action="pseudonym", key="env:PSEUDONYMS")
    block = _block(who=pa.array(["Ann", None, "Ann"]), x=pa.array(["a@x.com"] * 3))
    left = Protection(spec, _data(categorical=("who", "x")), HERE)(block, Account())
    first, none, third = left.batch["who"].to_pylist()
    assert first == third and first.startswith("[NAME ") and none is None
    assert left.batch["x"].to_pylist() == ["a@x.com"] * 3


def test_labelled_parts_stay_where_they_were() -> None:
    text = "I saw a@x.com and Bob there"
    spans = recognise(pa.array([text]), ("email",))
    at = np.array([text.index("Bob"), text.index("Bob") + 3, 0, 5])
    new = text.replace("a@x.com", "[EMAIL]x")
    assert shifted(spans, 0, [b"[EMAIL]x"], at).tolist() == [
        new.index("Bob"), new.index("Bob") + 3, 0, 5,
    ]  # fmt: skip


def test_an_expression_that_takes_forever_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accord.data.protect.own.SECONDS", 0.1)
    protect = Deidentifier(Protect(patterns={"code": r"(?:a|aa)+!"}), HERE)
    assert protect(pa.array(["aaa!"])).texts.to_pylist() == ["[CODE]"]
    with pytest.raises(RecipeError) as caught:
        protect(pa.array(["a" * 80]))
    assert caught.value.code == "pattern-slow"


def test_a_table_column_is_searched_where_it_is_named() -> None:
    spec = Protect(entities="all", columns=("remarks",))
    block = _block(remarks=pa.array(["call 13812345678", None]), x=pa.array(["a@x.com"] * 2))
    left = Protection(spec, _data(categorical=("remarks", "x")), HERE)(block, Account())
    assert left.batch["remarks"].to_pylist() == ["call [PHONE]", None]
    assert left.batch["x"].to_pylist() == ["a@x.com"] * 2
