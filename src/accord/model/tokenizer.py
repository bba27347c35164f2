"""Tokenizers without a tensor library: `tokenizer.json`, special tokens, chat template."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

from accord.errors import ModelError, RecipeError

Side = Literal["left", "right"]

ROLES = ("pad", "bos", "eos", "unk", "cls", "sep", "mask")
FILES = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "chat_template.jinja",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
    "tokenizer.model",
)

LONG = 1 << 16
"""Characters up to which a text is tokenised whole, whatever is cut from it then."""
CHARACTERS_A_TOKEN = 64
"""More than tokens have: some sixteen times as much is tokenised as is left."""
BREAK = 1024
"""A long text is parted at a space, if there is one among so many characters."""


@dataclass(frozen=True, slots=True)
class TextCodec:
    """A tokenizer and what its configuration says of it.

    Args:
        tokenizer: Thread-parallel; its own truncation and padding are off.
        special: Token of each role (`pad`, `eos`, ...) that has one.
        chat_template: Jinja source, if the tokenizer has one.
        folder: The files it was read from; None for one that was just trained.
        truncation_side: Where what does not fit is cut away.
    """

    tokenizer: Tokenizer
    special: Mapping[str, str]
    chat_template: str | None = None
    folder: Path | None = None
    truncation_side: Side = "right"

    def cut_at(self, tokens: int, *, pair: bool = False) -> None:
        """Cut every text, or pair of texts, to `tokens` with its special tokens; of a pair the
        longer one first, as Transformers does.

        Raises:
            RecipeError: The special tokens leave no room for a token of each text.
        """
        least = self.tokenizer.num_special_tokens_to_add(pair) + (2 if pair else 1)
        if tokens < least:
            raise RecipeError(
                "`data.max_tokens` leaves no room between the tokenizer's special tokens",
                code="max-tokens",
                path="data.max_tokens",
                got=tokens,
                expected=f"{least} or more",
                why="nothing of the text would reach the model",
                fix=f"raise it to {least} at least, better to the length of most texts",
            )
        self.tokenizer.enable_truncation(
            tokens, strategy="longest_first", direction=self.truncation_side
        )

    def before_the_cut(self, text: str) -> str:
        """What of a very long text is tokenised once `cut_at` was called: enough of it that every
        token that is left is the same. All of its tokens would take hundreds of times its size.
        """
        cut: Any = self.tokenizer.truncation
        most = 0 if cut is None else max(LONG, CHARACTERS_A_TOKEN * int(cut["max_length"]))
        if cut is None or len(text) <= most:
            return text
        if self.truncation_side == "right":
            part = text[:most]
            part = part[: max(part.rfind(" ", most - BREAK), 0) or most]
        else:
            part = text[-most:]
            part = part[max(part.find(" ", 0, BREAK), 0) :]
        # Fewer tokens than are wanted: one word goes on for ever, or signs that count for nothing.
        return part if self.tokenizer.encode(part, add_special_tokens=False).overflowing else text

    def special_id(self, role: str) -> int | None:
        """Id of a special token, or None if there is none."""
        token = self.special.get(role)
        return None if token is None else self.tokenizer.token_to_id(token)

    @property
    def pad_id(self) -> int:
        """What rows are padded with: the pad token, else the end token, else 0."""
        for role in ("pad", "eos", "unk"):
            found = self.special_id(role)
            if found is not None:
                return found
        return 0

    @property
    def vocabulary(self) -> int:
        """Number of ids, added tokens included."""
        return self.tokenizer.get_vocab_size(with_added_tokens=True)

    def spaced(self, words: Sequence[str]) -> list[str]:
        """Words of one text as the tokenizer is to be given them, one by one.

        Byte-level vocabularies hold the space before a word in the word's token; without it the
        words would be read as one long word.
        """
        if not self.byte_level:
            return list(words)
        return [*words[:1], *(f" {word}" for word in words[1:])]

    @property
    def byte_level(self) -> bool:
        """Whether spaces are part of the tokens, as in GPT-2 and RoBERTa."""
        splitter: Any = self.tokenizer.pre_tokenizer
        return splitter is not None and b'"ByteLevel"' in splitter.__getstate__()

    def save(self, folder: Path) -> None:
        """Write the files Transformers reads; a copy where there was a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        if self.folder is not None:
            for name in FILES:
                if (self.folder / name).is_file():
                    (folder / name).write_bytes((self.folder / name).read_bytes())
        if not (folder / "tokenizer.json").is_file():
            self.tokenizer.save(str(folder / "tokenizer.json"))
        if not (folder / "tokenizer_config.json").is_file():
            config: dict[str, Any] = {"tokenizer_class": "PreTrainedTokenizerFast"}
            config |= {f"{role}_token": token for role, token in self.special.items()}
            text = json.dumps(config, indent=2, ensure_ascii=False)
            (folder / "tokenizer_config.json").write_text(text, encoding="utf-8")
        if self.chat_template is not None and load_tokenizer(folder).chat_template is None:
            (folder / "chat_template.jinja").write_text(self.chat_template, encoding="utf-8")


def load_tokenizer(folder: Path) -> TextCodec:
    """The tokenizer of a model directory.

    Raises:
        ModelError: There is none, or it cannot be read.
    """
    path = folder / "tokenizer.json"
    tokenizer = _from_file(path) if path.is_file() else _converted(folder)
    config = _json(folder / "tokenizer_config.json")
    side = _side(config, tokenizer)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    special = {**_special(_json(folder / "special_tokens_map.json")), **_special(config)}
    template = folder / "chat_template.jinja"
    chat = template.read_text("utf-8") if template.is_file() else config.get("chat_template")
    return TextCodec(tokenizer, special, _default_template(chat), folder, side)


def alike(one: TextCodec, other: TextCodec) -> bool:
    """Whether two tokenizers give the same tokens for every text, wherever it is cut."""
    return _rules(one.tokenizer) == _rules(other.tokenizer)


def _rules(tokenizer: Tokenizer) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(tokenizer.to_str())
    return {name: value for name, value in found.items() if name not in ("truncation", "padding")}


def _side(config: Mapping[str, Any], tokenizer: Tokenizer) -> Side:
    """That of the configuration, else of the tokenizer file, as Transformers reads them."""
    own: Any = tokenizer.truncation or {}
    side = config.get("truncation_side") or own.get("direction")
    return "left" if str(side).lower() == "left" else "right"


def _default_template(chat: Any) -> str | None:
    """Of several named templates, the one called `default`."""
    if isinstance(chat, list):
        chat = {entry.get("name"): entry.get("template") for entry in chat}
    if isinstance(chat, dict):
        chat = chat.get("default")
    return chat if isinstance(chat, str) else None


def train_tokenizer(texts: Iterable[str], vocabulary: int, style: str) -> TextCodec:
    """A new tokenizer for a model that is trained from scratch.

    Args:
        texts: Training texts; read once.
        vocabulary: Number of ids.
        style: `bert` frames rows with [CLS] and [SEP] and keeps characters and word pieces
            (WordPiece); anything else is byte-level BPE (Radford et al., 2019), which any text
            survives unchanged.
    """
    if style == "bert":
        return _word_pieces(texts, vocabulary)
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=["<|endoftext|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    token = "<|endoftext|>"
    return TextCodec(tokenizer, {"bos": token, "eos": token, "pad": token})


def _word_pieces(texts: Iterable[str], vocabulary: int) -> TextCodec:
    special = {"pad": "[PAD]", "unk": "[UNK]", "cls": "[CLS]", "sep": "[SEP]", "mask": "[MASK]"}
    texts = list(texts)
    # Pieces inside words get ids in the order of a hash that changes from run to run, and ties
    # between merges fall by id. A first pass finds these pieces, a second is given them in order.
    found = _trained_pieces(texts, 0, list(special.values())).get_vocab()
    inner = sorted(piece for piece in found if piece.startswith("##"))
    given = [*special.values(), *inner]
    vocab = _trained_pieces(texts, vocabulary, given).get_vocab()
    tokenizer = _pieces(models.WordPiece(vocab, unk_token="[UNK]"))
    tokenizer.add_special_tokens(list(special.values()))
    ids = [(token, tokenizer.token_to_id(token)) for token in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=ids
    )
    return TextCodec(tokenizer, special)


def _pieces(model: models.WordPiece) -> Tokenizer:
    from tokenizers import normalizers

    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    return tokenizer


def _trained_pieces(texts: list[str], vocabulary: int, given: list[str]) -> Tokenizer:
    tokenizer = _pieces(models.WordPiece(unk_token="[UNK]"))
    trainer = trainers.WordPieceTrainer(
        vocab_size=vocabulary, special_tokens=given, show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def _from_file(path: Path) -> Tokenizer:
    try:
        return Tokenizer.from_file(str(path))
    except Exception as error:
        raise ModelError(
            "the tokenizer file cannot be read",
            code="tokenizer-missing",
            path=str(path),
            got=str(error)[:200],
            fix="copy it again from where the model came from",
        ) from error


def _converted(folder: Path) -> Tokenizer:
    """A fast tokenizer from the slow format's files, by Transformers."""
    from accord.part import require

    transformers = require("transformers", "train", "a tokenizer without tokenizer.json")
    try:
        return transformers.AutoTokenizer.from_pretrained(folder).backend_tokenizer
    except (OSError, ValueError, AttributeError) as error:
        raise ModelError(
            "the model directory holds no tokenizer",
            code="tokenizer-missing",
            path=str(folder),
            expected="tokenizer.json",
            fix="name another one as `model.tokenizer`",
        ) from error


def _special(config: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for role in ROLES:
        token = config.get(f"{role}_token")
        if isinstance(token, Mapping):
            token = token.get("content")
        if isinstance(token, str):
            found[role] = token
    return found


def _json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        return json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise ModelError(
            "a file of the tokenizer is no JSON",
            code="tokenizer-missing",
            path=str(path),
            got=str(error)[:200],
            fix="copy it again from where the model came from",
        ) from error
