"""Conversations are written as Transformers writes them, and only the assistant is learned."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.errors import DataError
from accord.model.chat import CHATML, learned_spans, render
from accord.model.tokenizer import train_tokenizer
from tests.data.sources import accounting, prepared, recipe

PLAIN = (
    "{{ bos_token }}{% for m in messages %}[{{ m['role'] }}]{{ m['content'] }}{{ eos_token }}"
    "{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}"
)
"""Without marks."""
REWRITES = (
    "{% for m in messages %}[{{ m['role'] }}]"
    "{% if m['role'] == 'assistant' and not loop.last %}...{% else %}{{ m['content'] }}{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}"
)
"""Leaves out what the assistant said earlier."""
LINES = """
{%- for m in messages %}
  {%- if m.role == 'assistant' %}
<a>
{% generation %}
{{ m.content | trim }}
{% endgeneration %}
</a>
  {%- else %}
<u>{{ m | tojson }} {{ m.content | tojson(indent=1) }}</u>
  {%- endif %}
{%- endfor %}
"""
SPECIAL = {"bos": "<s>", "eos": "</s>"}
TALK = [
    {"role": "system", "content": "Be brief. \"<é>\" & 'so'"},
    {"role": "user", "content": "One?"},
    {"role": "assistant", "content": "Two."},
    {"role": "user", "content": "Three?"},
    {"role": "assistant", "content": " Four, five.\n"},
]

words = st.text(st.characters(codec="utf-8", exclude_categories=["Co", "Cs"]), max_size=20)
turns = st.lists(st.tuples(words, words), min_size=1, max_size=4).map(
    lambda pairs: [
        {"role": role, "content": text}
        for pair in pairs
        for role, text in zip(("user", "assistant"), pair, strict=True)
    ]
)


def _expected(template: str, messages: Any, prompt: bool) -> tuple[str, list[Any]]:
    utils = pytest.importorskip("transformers.utils.chat_template_utils")
    marked = "endgeneration" in template
    texts, spans = utils.render_jinja_template(
        conversations=[messages],
        chat_template=template,
        return_assistant_tokens_mask=marked,
        add_generation_prompt=prompt,
        bos_token="<s>",
        eos_token="</s>",
    )
    return texts[0], spans[0] if marked else []


@pytest.mark.parametrize("template", [CHATML, PLAIN, REWRITES, LINES, "\n" + CHATML])
@settings(max_examples=25, deadline=None)
@given(messages=turns | st.just(TALK), prompt=st.booleans())
def test_text_is_that_of_transformers(template: str, messages: Any, prompt: bool) -> None:
    expected, spans = _expected(template, messages, prompt)
    assert render(template, messages, SPECIAL, prompt=prompt) == expected
    if spans and not prompt:
        text, found = learned_spans(template, messages, SPECIAL)
        assert text == expected
        assert found == [tuple(span) for span in spans]


@given(turns)
def test_spans_hold_what_the_assistant_said(messages: Any) -> None:
    said = [m["content"] for m in messages if m["role"] == "assistant"]
    text, spans = learned_spans(CHATML, messages, {})
    assert [text[a:b] for a, b in spans] == [f"{content}<|im_end|>\n" for content in said]
    text, spans = learned_spans(PLAIN, messages, SPECIAL)
    assert [text[a:b] for a, b in spans] == [f"{content}</s>" for content in said]


def test_a_template_that_rewrites_is_refused() -> None:
    with pytest.raises(DataError) as caught:
        learned_spans(REWRITES, TALK, {})
    assert caught.value.code == "chat-template"
    text, spans = learned_spans(REWRITES, TALK[:3], {})
    assert [text[a:b] for a, b in spans] == ["Two."]


@pytest.mark.parametrize(
    "template",
    ["{{ raise_exception('no system') }}", "{{ messages[0].content + 1 }}", "{% for %}"],
)
def test_templates_that_fail(template: str) -> None:
    with pytest.raises(DataError) as caught:
        render(template, TALK, {})
    assert caught.value.code == "chat-template"


def test_templates_run_in_a_sandbox() -> None:
    with pytest.raises(DataError):
        render("{{ messages.__class__.__mro__[1].__subclasses__() }}", TALK, {})
    with pytest.raises(DataError):
        render("{{ messages.append(1) }}", TALK, {})


def test_marks_in_a_conversation_are_refused() -> None:
    with pytest.raises(DataError):
        learned_spans(CHATML, [{"role": "assistant", "content": "\ue000accord:"}], {})
    text, spans = learned_spans(CHATML, [{"role": "assistant", "content": "\ue001"}], {})
    assert text[slice(*spans[0])] == "\ue001<|im_end|>\n"


def test_only_the_assistant_is_learned(tmp_path: Path) -> None:
    base = tmp_path / "tokenizer"
    train_tokenizer([m["content"] for m in TALK], 300, "bpe").save(base)
    (base / "chat_template.jinja").write_text(CHATML)
    talks = [
        [
            {"role": "user", "content": f"ask {i}"},
            {"role": "assistant", "content": f"say {i}"},
            {"role": "user", "content": "more"},
            {"role": "assistant", "content": "end"},
        ]
        for i in range(30)
    ]
    bad = [
        [{"role": "user", "content": "alone"}],
        [{"role": "assistant", "content": None}],
        [{"role": "assistant", "content": [{"type": "text"}]}],
        "no list",
    ]
    lines = [json.dumps({"messages": talk}) + "\n" for talk in [*talks, *bad]]
    (tmp_path / "rows.jsonl").write_text("".join(lines))
    asked = recipe(
        "causal-lm",
        {"config": {"model_type": "gpt2", "vocab_size": 300}, "tokenizer": "tokenizer"},
        train="rows.jsonl",
        messages="messages",
        pack=False,
        max_tokens=200,
        on_bad_row="skip",
        leakage={"action": "off"},
    )
    dataset = prepared(tmp_path, asked)
    reasons = {e["reason"]: e["rows"] for e in accounting(dataset)["removed"]}
    assert reasons == {"no-assistant": 1, "invalid-messages": 3}
    tokenizer = train_tokenizer([m["content"] for m in TALK], 300, "bpe").tokenizer
    with pa.memory_map(str(dataset.path / "test.arrow")) as stream:
        rows = pa.ipc.open_file(stream).read_all().to_pylist()
    assert len(rows) == 6
    for row in rows:
        talk = talks[row["documents"][0]]
        pairs = zip(row["input_ids"], row["loss_mask"], strict=True)
        learned = tokenizer.decode([i for i, due in pairs if due], skip_special_tokens=False)
        assert learned == f"{talk[1]['content']}<|im_end|>\n" + "end<|im_end|>\n"
        assert row["bytes"] == len(learned.encode())


def test_masks_are_those_of_transformers(tmp_path: Path) -> None:
    """Where a token reaches over the edge of what the assistant said, too."""
    transformers = pytest.importorskip("transformers")
    from accord.data.encode_causal import learned_tokens

    template = CHATML.replace("<|im_start|>", " ").replace("<|im_end|>\\n", " ")
    codec = train_tokenizer([render(template, TALK, {})] * 3, 400, "bpe")
    codec.save(tmp_path)
    (tmp_path / "chat_template.jinja").write_text(template)
    reference = transformers.AutoTokenizer.from_pretrained(tmp_path)
    expected = reference.apply_chat_template(
        TALK, return_dict=True, return_assistant_tokens_mask=True
    )
    text, spans = learned_spans(template, TALK, {})
    found = codec.tokenizer.encode(text, add_special_tokens=False)
    assert found.ids == expected["input_ids"]
    assert learned_tokens(found.offsets, spans) == [bool(m) for m in expected["assistant_masks"]]
