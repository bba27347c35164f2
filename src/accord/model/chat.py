"""Conversations as text, and which of it the model is to learn."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import jinja2
import jinja2.ext
import jinja2.nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from accord.errors import DataError

Message = Mapping[str, Any]
Tools = Sequence[Mapping[str, Any]] | None
Span = tuple[int, int]

CHATML = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\\n' }}"
    "{% if message['role'] == 'assistant' %}{% generation %}"
    "{{ message['content'] + '<|im_end|>\\n' }}{% endgeneration %}"
    "{% else %}{{ message['content'] + '<|im_end|>\\n' }}{% endif %}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
"""For tokenizers without a template of their own."""


def render(
    template: str,
    messages: Sequence[Message],
    special: Mapping[str, str],
    *,
    prompt: bool = False,
    marks: bool = False,
    tools: Tools = None,
) -> str:
    """A conversation as its tokenizer's template writes it, exactly as Transformers does.

    Args:
        template: Jinja source; rendered in a sandbox.
        messages: `role` and `content` each, and any further field.
        special: Special tokens by role, given to the template as `bos_token` and so on.
        prompt: End with the opening of an assistant turn.
        marks: Fence what stands in `{% generation %}`.
        tools: Descriptions of what the assistant may call.

    Raises:
        DataError: The template refuses the conversation, or has no place for its tools.
    """
    _require_place(template, messages, tools)
    names = {f"{role}_token": token for role, token in special.items()}
    try:
        return _compiled(template, marks).render(
            messages=messages, add_generation_prompt=prompt, tools=tools, documents=None, **names
        )
    except (jinja2.TemplateError, TypeError, ValueError) as error:
        raise DataError(
            "the chat template refuses a conversation",
            code="chat-template",
            path="data.messages",
            got=str(error)[:200],
            fix="correct the roles and their order, or give the tokenizer another template",
        ) from error


def _require_place(template: str, messages: Sequence[Message], tools: Tools) -> None:
    """Refuse a template that would leave out in silence what was said."""
    called = any(m.get("tool_calls") for m in messages)
    for name, given in (("tools", bool(tools)), ("tool_calls", called)):
        if given and name not in template:
            raise DataError(
                f"the chat template has no place for `{name}`",
                code="chat-template",
                path=f"data.{'tools' if name == 'tools' else 'messages'}",
                why="the model would learn answers to what it was never shown",
                fix="give the tokenizer a template for tools, or leave these conversations out",
            )


def learned_spans(
    template: str,
    messages: Sequence[Message],
    special: Mapping[str, str],
    tools: Tools = None,
) -> tuple[str, list[Span]]:
    """The whole text and the character spans of what the assistant wrote.

    Spans come from the template's `{% generation %}` marks, or else from rendering the
    conversation up to and including each assistant turn: the text before it must not change
    with what follows.

    Raises:
        DataError: The template has no marks and rewrites earlier turns.
    """
    if "endgeneration" in template:
        return _marked(template, messages, special, tools)
    whole = render(template, messages, special, tools=tools)
    spans: list[Span] = []
    for index, message in enumerate(messages):
        if message["role"] != "assistant":
            continue
        before = render(template, messages[:index], special, prompt=True, tools=tools)
        through = render(template, messages[: index + 1], special, tools=tools)
        if not (through.startswith(before) and whole.startswith(through)):
            raise DataError(
                "the chat template rewrites earlier turns, so what the model learns is unclear",
                code="chat-template",
                path="data.messages",
                why="a loss on anything but the assistant's own words teaches the wrong thing",
                fix="mark the assistant's words in the template with "
                "{% generation %} ... {% endgeneration %}",
            )
        spans.append((len(before), len(through)))
    return whole, spans


_OPEN, _CLOSE = "\ue000accord:", "\ue001accord;"
"""Fences of private-use characters, which no text of people holds."""


def _marked(
    template: str, messages: Sequence[Message], special: Mapping[str, str], tools: Tools
) -> tuple[str, list[Span]]:
    given = json.dumps([list(messages), tools], ensure_ascii=False, default=str)
    if _OPEN in given or _CLOSE in given:
        raise DataError(
            "a conversation holds the characters that mark what is learned",
            code="chat-template",
            path="data.messages",
            fix=f"take {_OPEN!r} and {_CLOSE!r} out of it",
        )
    pieces = _split_marks(render(template, messages, special, marks=True, tools=tools))
    text, spans = "", list[Span]()
    for piece, learned in pieces:
        if learned:
            spans.append((len(text), len(text) + len(piece)))
        text += piece
    return text, spans


def _split_marks(text: str) -> list[tuple[str, bool]]:
    pieces: list[tuple[str, bool]] = []
    while _OPEN in text:
        before, rest = text.split(_OPEN, 1)
        learned, text = rest.split(_CLOSE, 1)
        pieces += [(before, False), (learned, True)]
    return [*pieces, (text, False)]


class _Generation(jinja2.ext.Extension):
    """`{% generation %}`: transparent, or fenced by private-use characters where asked for."""

    tags = {"generation"}  # noqa: RUF012 - Jinja's interface

    def parse(self, parser: Any) -> Any:
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        call = self.call_method("_fence")
        return jinja2.nodes.CallBlock(call, [], [], body).set_lineno(line)

    def _fence(self, caller: Any) -> str:
        text = caller()
        return f"{_OPEN}{text}{_CLOSE}" if self.environment.globals["accord_marks"] else text


@cache
def _compiled(template: str, marks: bool) -> jinja2.Template:
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[_Generation, jinja2.ext.loopcontrols]
    )
    environment.filters["tojson"] = _to_json
    names: dict[str, Any] = environment.globals
    names |= {"raise_exception": _raise, "strftime_now": _now, "accord_marks": marks}
    return environment.from_string(template)


def _to_json(
    value: Any,
    ensure_ascii: bool = False,
    indent: int | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
) -> str:
    """Options and defaults are those of Transformers' filter of this name."""
    return json.dumps(
        value,
        ensure_ascii=ensure_ascii,
        indent=indent,
        separators=separators,
        sort_keys=sort_keys,
    )


def _now(form: str) -> str:
    return datetime.now().strftime(form)


def _raise(message: str) -> None:
    raise jinja2.TemplateError(message)
