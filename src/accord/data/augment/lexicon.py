"""Where words that may stand for each other come from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from accord.data.augment.known import Known
from accord.errors import RecipeError
from accord.part import Reading

Lexicon = Callable[[str], tuple[str, ...]]
"""A word in small letters to others that may stand for it; none for most."""
CODE = re.compile(r"[A-L][a-z]\d\d[A-Z]\d\d([=#@])\s+")
"""Of a line of the Chinese thesaurus Cilin; `=` says that its words mean the same."""


class LexiconFields(BaseModel):
    """Fields that say where synonyms come from."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    source: Literal["wordnet", "embeddings", "file"] = "wordnet"
    """`wordnet`: the English thesaurus; `embeddings`: words that a model's token embeddings put
    near, in any language; `file`: your own."""
    file: str | None = None
    """Of `file`: words that mean the same, a group a line, with blanks, commas or tabs between
    them; lines of Cilin (`Aa01A01= ...`) are read too. Of `wordnet`: the folder of its database,
    by default where a system package puts it."""
    model: str | None = None
    """Of `embeddings`: directory or hub id of a Hugging Face model."""
    agreement: str | None = None
    """That of the model, or `own`; by default as that of `model.base`."""
    revision: str | None = None
    """Commit, tag or branch of a hub id."""
    near: float = Field(default=0.5, ge=-1, le=1)
    """Of `embeddings`: least cosine of two words."""
    top: int = Field(default=5, ge=1)
    """Of `embeddings`: most words for one."""

    @model_validator(mode="after")
    def _is_named(self) -> LexiconFields:
        needed = {"embeddings": "model", "file": "file"}.get(self.source)
        if needed is not None and getattr(self, needed) is None:
            raise ValueError(f"`source: {self.source}` needs `{needed}`")
        return self

    @property
    def read_model(self) -> tuple[Reading, ...]:
        """The model whose embeddings are read."""
        if self.source != "embeddings" or self.model is None:
            return ()
        return (Reading(self.model, self.agreement, self.revision),)

    @property
    def read_file(self) -> Mapping[str, str]:
        """The file or folder that is read."""
        if self.source == "embeddings":
            return {}
        if self.source == "wordnet" and self.file is None:
            from accord.data.augment.wordnet import place_of

            return {"file": str(place_of(None))}
        return {"file": self.file or ""}


def lexicon_of(fields: LexiconFields, known: Known) -> Lexicon:
    """The lexicon that the fields name.

    Raises:
        RecipeError: Its files are not there.
        ModelError: Its model cannot be read.
    """
    path = None if fields.file is None else known.base / Path(fields.file).expanduser()
    if fields.source == "embeddings":
        from accord.data.augment.neighbours import Nearness, neighbours

        assert fields.model is not None
        asked = Nearness(fields.near, fields.top)
        return neighbours(fields.model, known.base, fields.revision, asked)
    if fields.source == "wordnet":
        from accord.data.augment.wordnet import wordnet

        return wordnet(path)
    assert path is not None
    return grouped(read_groups(path))


def grouped(groups: Iterable[tuple[str, ...]]) -> Lexicon:
    """A lexicon of words that may stand for each other."""
    alike: dict[str, dict[str, None]] = {}
    for group in groups:
        for word in group:
            alike.setdefault(word.lower(), {}).update(dict.fromkeys(group))
    return lambda word: tuple(o for o in alike.get(word, ()) if o.lower() != word)


def read_groups(path: Path) -> list[tuple[str, ...]]:
    """Groups of words of a file.

    Raises:
        RecipeError: It cannot be read, or holds no group.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise _unread(path, str(error)) from error
    groups = [tuple(found) for line in lines if len(found := _words(line)) > 1]
    if not groups:
        raise _unread(path, "no line holds two words")
    return groups


def _words(line: str) -> list[str]:
    if line.startswith("#"):
        return []
    code = CODE.match(line)
    if code is not None:
        line = line[code.end() :] if code[1] == "=" else ""
    apart = re.split(r"[\t,，]", line) if re.search(r"[\t,，]", line) else line.split()
    return [word.strip() for word in apart if word.strip()]


def _unread(path: Path, problem: str) -> RecipeError:
    return RecipeError(
        "the file of synonyms cannot be read",
        code="list-unreadable",
        path="augment.rows",
        got=f"{path}: {problem}",
        expected="words that mean the same, a group a line: `good, fine, nice`",
        fix="check the path and the file",
    )
