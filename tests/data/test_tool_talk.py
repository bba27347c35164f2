"""Whatever a chat template may use of a conversation reaches it, as it was written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from accord.errors import DataError, RecipeError
from accord.model.chat import CHATML, render
from accord.model.encode_row import RowEncoder
from accord.model.tokenizer import load_tokenizer, train_tokenizer
from tests.data.sources import accounting, csv_text, prepared, recipe

TEMPLATE = """
{%- if tools is not none %}<tools>{{ tools | tojson }}</tools>{% endif %}
{%- for m in messages %}
  {%- if m.role == 'assistant' %}<a>
    {%- generation %}{{ m.content or '' }}
      {%- if m.tool_calls is defined %}{{ m.tool_calls | tojson }}{% endif %}</a>
    {%- endgeneration %}
  {%- else %}<{{ m.role }}>{{ m | tojson }}
  {%- endif %}
{%- endfor %}{% if add_generation_prompt %}<a>{% endif %}"""


def _call(city: str, days: int | None = None) -> dict[str, Any]:
    arguments: dict[str, Any] = {"city": city} if days is None else {"city": city, "days": days}
    return {"type": "function", "id": "c1", "function": {"name": "sky", "arguments": arguments}}


TOOLS: list[dict[str, Any]] = [
    {"type": "function", "function": {"name": "sky", "parameters": {"type": "object"}}}
]


def _talks() -> list[dict[str, Any]]:
    """Conversations with unlike fields, of which no two rows have the same."""
    talks: list[dict[str, Any]] = []
    for i in range(60):
        called = [
            {"role": "assistant", "content": None, "tool_calls": [_call(f"town{i}", i or None)]},
            {"role": "tool", "content": f"rain {i}", "tool_call_id": "c1", "name": "sky"},
        ]
        plain = [{"role": "user", "content": f"ask {i}"}, *(called if i % 2 else [])]
        talk = [*plain, {"role": "assistant", "content": f"take an umbrella {i}"}]
        talks.append({"talk": talk, "tools": TOOLS if i % 3 else None})
    return talks


def _jsonl(folder: Path, rows: list[dict[str, Any]]) -> str:
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return "rows.jsonl"


def _csv(folder: Path, rows: list[dict[str, Any]]) -> str:
    texts = [(json.dumps(r["talk"]), json.dumps(r["tools"]) if r["tools"] else "") for r in rows]
    (folder / "rows.csv").write_text(csv_text([("talk", "tools"), *texts]))
    return "rows.csv"


def _parquet(folder: Path, rows: list[dict[str, Any]]) -> str:
    """Arrow gives every structure of a column all fields, null where a row has none."""
    pq.write_table(pa.Table.from_pylist(rows), folder / "rows.parquet")
    return "rows.parquet"


def _asked(train: str, **data: Any) -> Any:
    model = {"config": {"model_type": "gpt2"}, "tokenizer": "base"}
    fields = {"messages": "talk", "tools": "tools", "pack": False, "max_tokens": 1000} | data
    return recipe("causal-lm", model, train=train, leakage={"action": "off"}, **fields)


def _base(folder: Path, template: str = TEMPLATE) -> None:
    train_tokenizer([render(TEMPLATE, _talks()[1]["talk"], {})], 300, "bpe").save(folder / "base")
    (folder / "base" / "chat_template.jinja").write_text(template)


@pytest.mark.parametrize("write", [_jsonl, _csv, _parquet])
def test_every_field_reaches_the_template(
    tmp_path: Path, write: Callable[[Path, list[dict[str, Any]]], str]
) -> None:
    transformers = pytest.importorskip("transformers")
    _base(tmp_path)
    talks = _talks()
    dataset = prepared(tmp_path, _asked(write(tmp_path, talks)))
    assert accounting(dataset)["removed"] == []
    schema = json.loads((dataset.path / "schema.json").read_text())
    assert schema["columns"] == {"messages": "talk", "tools": "tools"}
    reference = transformers.AutoTokenizer.from_pretrained(dataset.path / "tokenizer")
    with pa.memory_map(str(dataset.path / "train.arrow")) as stream:
        rows = pa.ipc.open_file(stream).read_all().to_pylist()
    assert len(rows) == 42
    for row in rows:
        asked = talks[row["documents"][0]]
        expected = reference.apply_chat_template(
            asked["talk"], tools=asked["tools"], return_dict=True, return_assistant_tokens_mask=True
        )
        assert row["input_ids"] == expected["input_ids"]
        assert row["loss_mask"] == [bool(m) for m in expected["assistant_masks"]]


def test_predicting_sees_the_same_fields(tmp_path: Path) -> None:
    _base(tmp_path)
    codec = load_tokenizer(tmp_path / "base")
    facts = {
        "modality": "text",
        "task": "causal-lm",
        "columns": {"messages": "talk", "tools": "tools"},
    }
    asked = _talks()[1]
    talk = asked["talk"][:-1]
    found = RowEncoder(facts, codec).prompt({"talk": talk, "tools": TOOLS}, 0)
    text = codec.tokenizer.decode(found, skip_special_tokens=False)
    assert text == render(TEMPLATE, talk, {}, prompt=True, tools=TOOLS)
    assert '"tool_call_id": "c1"' in text and text.startswith("<tools>")


def test_predicting_refuses_what_is_no_conversation(tmp_path: Path) -> None:
    _base(tmp_path)
    facts = {"modality": "text", "task": "causal-lm", "columns": {"messages": "talk"}}
    with pytest.raises(DataError) as caught:
        RowEncoder(facts, load_tokenizer(tmp_path / "base")).prompt(["hello"], 3)
    assert caught.value.code == "predict-row" and caught.value.path == "row 3"


@pytest.mark.parametrize(
    ("talk", "reason"),
    [
        ([{"role": "assistant", "content": None}], "invalid-messages"),
        ([{"role": "assistant"}], "invalid-messages"),
        ([{"role": "user", "content": None, "tool_calls": []}], "invalid-messages"),
        ([{"content": "x"}], "invalid-messages"),
        (["hello"], "invalid-messages"),
        ({"role": "assistant", "content": "x"}, "invalid-messages"),
        ([{"role": "tool", "content": "x", "tool_call_id": "c"}], "no-assistant"),
    ],
)
def test_conversations_that_are_none(tmp_path: Path, talk: Any, reason: str) -> None:
    _base(tmp_path)
    name = _jsonl(tmp_path, [*_talks(), {"talk": talk}])
    found = accounting(prepared(tmp_path, _asked(name, on_bad_row="skip")))["removed"]
    assert {e["reason"]: e["rows"] for e in found} == {reason: 1}


def test_tools_that_are_no_list_are_bad_rows(tmp_path: Path) -> None:
    _base(tmp_path)
    rows = [*_talks(), {"talk": _talks()[0]["talk"], "tools": "{"}, _talks()[0] | {"tools": [1]}]
    name = _jsonl(tmp_path, rows)
    found = accounting(prepared(tmp_path, _asked(name, on_bad_row="skip")))["removed"]
    assert {e["reason"]: e["rows"] for e in found} == {"invalid-tools": 2}


@pytest.mark.parametrize("lost", ["tools", "tool_calls"])
def test_a_template_without_a_place_for_tools_is_refused(lost: str) -> None:
    """Rendered in silence, the model would learn answers to what it was never shown."""
    talk = _talks()[1]["talk"] if lost == "tool_calls" else _talks()[0]["talk"]
    tools = TOOLS if lost == "tools" else None
    with pytest.raises(DataError) as caught:
        render(CHATML, talk, {}, tools=tools)
    assert caught.value.code == "chat-template"
    assert f"`{lost}`" in str(caught.value)


def test_tools_need_conversations() -> None:
    with pytest.raises(RecipeError) as caught:
        recipe("causal-lm", {"base": "b"}, text="text", tools="tools")
    assert caught.value.code == "recipe-conflict"
