"""The King James Bible, verse by verse, and a byte-pair vocabulary learnt on its training part.

From the Debian package bible-kjv-text 4.38. Its one data file holds the text in windows of 64 KiB,
each compressed as `compress` does it (LZW, Welch 1984), and is decoded here: the reader of the
package bible-kjv is not needed. The Gospel of John is the test, the Acts are for validation, and
the other 64 books for training.
"""

from __future__ import annotations

import json
import re
import struct
from itertools import pairwise
from pathlib import Path

from package import Package, deb_member, fetch
from vocabulary import save

TEXT = Package(
    "bible-kjv-text=4.38",
    "bible-kjv-text_4.38_all.deb",
    "d61b6aad4c51ba9e2800b825325fa6a09e99a0d02a9bb6dc4724fcc4995a1b7a",
    client="apt",
)
VERSE = re.compile(r"(?P<book>[0-9]?[A-Za-z]+)(?P<chapter>\d+):\d+ (?P<text>.+)")
HELD_OUT = {"Acts": "validation", "John": "test"}
VOCABULARY = 4096
END = "<|end|>"


def write(folder: Path, count: int | None) -> None:
    """Write `data/{train,validation,test}.jsonl`, a chapter a line, and `tokenizer/`."""
    parts: dict[str, list[dict[str, str]]] = {"train": [], "validation": [], "test": []}
    for book, chapter, text in chapters(read_text(fetch_data())):
        row = {"book": book, "chapter": chapter, "text": text}
        parts[HELD_OUT.get(book, "train")].append(row)
    for name, rows in parts.items():
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows[:count])
        (folder / "data" / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")
    save_tokenizer([row["text"] for row in parts["train"]], folder / "tokenizer")


def fetch_data() -> bytes:
    """The package's data file."""
    return deb_member(fetch(TEXT), "./usr/lib/bible.data")


def read_text(data: bytes) -> str:
    """The whole text: a title line, then `Ge1:1 In the beginning ...`, a verse a line.

    The file's head holds, big-endian, the number of windows at byte 0x58 and from 0x5c the bounds
    of each.
    """
    if not data.startswith(b"EC02Compressed Data File"):
        raise SystemExit("bible.data is not in the format this script knows")
    (windows,) = struct.unpack_from(">I", data, 0x58)
    bounds = struct.unpack_from(f">{windows + 1}I", data, 0x5C)
    pieces = (unpack(data[a:b]) for a, b in pairwise(bounds))
    return b"".join(pieces).decode("ascii")


def chapters(text: str) -> list[tuple[str, str, str]]:
    """(book, chapter, verses joined by newlines) in the order of the book."""
    found: dict[tuple[str, str], list[str]] = {}
    for line in text.splitlines():
        verse = VERSE.fullmatch(line)
        if verse:
            found.setdefault((verse["book"], verse["chapter"]), []).append(verse["text"])
    return [(book, chapter, "\n".join(verses)) for (book, chapter), verses in found.items()]


def unpack(data: bytes, max_bits: int = 16) -> bytes:
    """Decode one LZW stream as `compress -b16` writes it, without its three-byte head.

    Codes are packed from the low bit up, from 9 bits wide; when the width grows, and after the
    clear code 256, the stream skips to the end of a group of eight codes.
    """
    clear = 256
    table = [bytes((i,)) for i in range(256)] + [b""]
    out: list[bytes] = []
    width, place, start, last = 9, 0, 0, b""

    def group_end() -> int:
        return start + -(-(place - start) // (8 * width)) * 8 * width

    while place + width <= 8 * len(data):
        window = int.from_bytes(data[place >> 3 : (place >> 3) + 4], "little")
        code = (window >> (place & 7)) & ((1 << width) - 1)
        place += width
        if code == clear:
            place = start = group_end()
            del table[clear + 1 :]
            width, last = 9, b""
            continue
        entry = table[code] if code < len(table) else last + last[:1]
        out.append(entry)
        if last and len(table) < 1 << max_bits:
            table.append(last + entry[:1])
        if len(table) >= 1 << width and width < max_bits:
            place = start = group_end()
            width += 1
        last = entry
    return b"".join(out)


def save_tokenizer(texts: list[str], folder: Path) -> None:
    """A byte-level BPE tokenizer, so that every text can be written and none is unknown."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    save(tokenizer, folder, {"bos_token": END, "eos_token": END, "pad_token": END})
