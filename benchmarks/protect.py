"""How fast identifiers are found, and how many: on texts that the script makes and labels itself.

`python benchmarks/protect.py`. Every text is a few sentences around identifiers of Faker, in
English and Chinese, next to Chinese characters and in full-width digits too; other numbers in it
only look alike (orders, amounts, wrong check digits). `--held-out` adds texts whose makers the
patterns were not written beside, `--peer presidio` Presidio's pattern recognisers on the same
texts, run in turn; `--peer hyperscan`, `rregex` (Rust's), `re2` or `re` expressions of nine kinds
without any validation. Needs `accord[data]`, and `accord[presidio]`, `hyperscan`, `rregex` or
`google-re2` for a peer.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from statistics import median

import pyarrow as pa
from faker import Faker

from accord.data.protect.deidentify import Deidentifier
from accord.data.protect.recognise import PATTERNS, recognise
from accord.data.protect.spans import Spans as Found
from accord.recipe.protect import Protect
from expressions import ENGINES, against
from held_out import made, written

STRUCTURED = ("email", "phone", "resident_id", "card", "iban", "ssn", "ip", "mac", "url")
ENGLISH = (
    "The film was longer than it had to be, but the last act makes up for it.",
    "We shipped the parcel on 2024-03-05 and the total came to 1,284.50 dollars.",
    "Version 2.14.3 fixed the fault that 312 people had told us about.",
    "Nobody in the room had expected the vote to be that close, 217 to 214.",
)
CHINESE = (
    "这部电影比我想象的要好看得多，演员的表演也很自然。",
    "快递在2024年3月5日送到，一共花了1284.50元，包装很结实。",
    "第312次列车晚点了45分钟，乘客们都很着急。",
    "会议室里没有人想到结果会这么接近，217票对214票。",
)
LIKENESSES = ("order 48151623421", "item 4111111111111112", "build 10.2.14", "ratio 3.14159265358")


Spans = set[tuple[int, int, str]]


def _made(english: Faker, chinese: Faker) -> dict[str, tuple[Callable[[], str], ...]]:
    """Makers of each kind: English, Chinese."""
    american = english.numerify
    return {
        "email": (english.email, chinese.email),
        "phone": (lambda: american("(2##) 3##-####"), chinese.phone_number),
        "resident_id": (chinese.ssn, chinese.ssn),
        "card": (lambda: english.credit_card_number("visa16"),) * 2,
        "iban": (english.iban, english.iban),
        "ssn": (english.ssn, english.ssn),
        "ip": (english.ipv4, english.ipv6),
        "mac": (english.mac_address, english.mac_address),
        "url": (english.url, chinese.url),
    }


def corpus(
    texts: int, sentences: int, seed: int
) -> tuple[list[str], list[set[tuple[int, int, str]]]]:
    """Texts and the spans (bytes) of the identifiers in each."""
    draw = random.Random(seed)
    english, chinese = Faker("en_US"), Faker("zh_CN")
    english.seed_instance(seed)
    chinese.seed_instance(seed)
    made = _made(english, chinese)
    rows: list[str] = []
    labels: list[Spans] = []
    for number in range(texts):
        language = number % 2
        filler = CHINESE if language else ENGLISH
        text, spans = "", Spans()
        for _ in range(3):
            text += "".join(draw.choices(filler, k=sentences)) + ("" if language else " ")
            if draw.random() < 0.5:
                text += draw.choice(LIKENESSES) + ("，" if language else ", ")
            kind = draw.choice(STRUCTURED)
            value = made[kind][language]()
            if language and draw.random() < 0.3 and kind in ("phone", "resident_id", "card"):
                value = "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in value)
            text += "资料是" if language else "see "
            start = len(text.encode())
            text += value
            spans.add((start, len(text.encode()), kind))
            text += "请核对。" if language else " today. "
        rows.append(text)
        labels.append(spans)
    return rows, labels


PEER = {
    "EMAIL_ADDRESS": "email", "PHONE_NUMBER": "phone", "CREDIT_CARD": "card", "IBAN_CODE": "iban",
    "US_SSN": "ssn", "IP_ADDRESS": "ip", "URL": "url",
}  # fmt: skip
Recogniser = Callable[[pa.StringArray], Found]


def found_in(rows: list[str], recogniser: Recogniser) -> list[Spans]:
    """What a recogniser finds in each text."""
    seen = [Spans() for _ in rows]
    found = recogniser(pa.array(rows))
    cut = zip(found.row.tolist(), found.start.tolist(), found.end.tolist(), strict=True)
    for (row, start, end), kind in zip(cut, found.entities(), strict=True):
        seen[row].add((start, end, kind))
    return seen


def judge(labels: list[Spans], seen: list[Spans], kinds: tuple[str, ...], loose: bool) -> None:
    """Print recall, precision and F1 of each kind.

    Args:
        loose: A part of the identifier, of the right kind, is enough.
    """
    right, missed, wrong = Counter[str](), Counter[str](), Counter[str]()
    for truth, got in zip(labels, seen, strict=True):
        for one in truth:
            hit = any(_same(one, other, loose) for other in got)
            (right if hit else missed)[one[2]] += 1
        wrong.update(o[2] for o in got if not any(_same(o, one, loose) for one in truth))
    print("| kind | recall | precision | F1 | n |\n|---|---|---|---|---|")
    for kind in (*kinds, *sorted(set(wrong) - set(kinds)), "all"):
        counts = [c.total() if kind == "all" else c[kind] for c in (right, missed, wrong)]
        hit, lost, extra = counts
        recall, precision = hit / max(1, hit + lost), hit / max(1, hit + extra)
        f1 = 2 * hit / max(1, 2 * hit + lost + extra)
        print(f"| {kind} | {recall:.2%} | {precision:.2%} | {f1:.4f} | {hit + lost} |")
    print()


def _same(one: tuple[int, int, str], other: tuple[int, int, str], loose: bool) -> bool:
    if not loose:
        return one == other
    return one[2] == other[2] and one[0] < other[1] and other[0] < one[1]


def seconds(recogniser: Recogniser, rows: list[str]) -> float:
    """Processor time of one look."""
    array = pa.array(rows)
    began = time.process_time()
    recogniser(array)
    return time.process_time() - began


def against_presidio(rows: list[str], labels: list[Spans], repeats: int) -> None:
    """The same texts through both, in turn."""
    from accord.data.protect.presidio import Presidio, presidio

    peer = presidio(Presidio(entities=PEER), Path(), "peer")
    some, kinds = rows[:300], tuple(PEER.values())
    both = [(seconds(recognise, rows), seconds(peer, some)) for _ in range(repeats)]
    size = sum(len(row.encode()) for row in rows)
    part = sum(len(row.encode()) for row in some)
    ratios = sorted((size / ours) / (part / theirs) for ours, theirs in both)
    rate = median(part / theirs for _, theirs in both) / 1e6
    print(f"Presidio, {len(kinds)} kinds: {rate:.3f} MB/s")
    print(f"Accord, {len(PATTERNS)} kinds, is {median(ratios):.0f} times as fast "
          f"({ratios[0]:.0f} to {ratios[-1]:.0f})\n")  # fmt: skip
    own = [{s for s in spans if s[2] in kinds} for spans in labels[:2000]]
    for name, way in (("Presidio", peer), ("Accord", lambda t: recognise(t, kinds))):
        print(f"{name}, kinds that both know; a part found is enough\n")
        judge(own, found_in(rows[:2000], way), kinds, loose=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--texts", type=int, default=20_000)
    parser.add_argument("--sentences", type=int, default=3, help="before each identifier")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--held-out", action="store_true")
    parser.add_argument("--file", type=Path, nargs="*", default=[], help="texts, one a line: speed")
    parser.add_argument("--peer", choices=["presidio", *ENGINES], nargs="*", default=[])
    asked = parser.parse_args()
    for path in asked.file:
        lines = path.read_text("utf-8").splitlines()
        size = sum(len(line.encode()) for line in lines) / 1e6
        rate = size / min(seconds(recognise, lines) for _ in range(asked.repeats))
        print(f"{path.name}: {size:.1f} MB, {len(recognise(pa.array(lines)))} identifiers: "
              f"{rate:.1f} MB/s (best, one core)")  # fmt: skip
    if asked.file:
        return
    rows, labels = corpus(asked.texts, asked.sentences, asked.seed)
    size = sum(len(row.encode()) for row in rows) / 1e6
    rate = size / median(seconds(recognise, rows) for _ in range(asked.repeats))
    per_mb = sum(map(len, labels)) / size
    print(f"{size:.1f} MB, {per_mb:.0f} identifiers a MB: {rate:.1f} MB/s (median, one core)")
    step = Deidentifier(Protect(entities="all"), Path())
    rate = size / median(seconds(step, rows) for _ in range(asked.repeats))
    print(f"found and masked until nothing is left: {rate:.1f} MB/s\n")
    judge(labels, found_in(rows, recognise), STRUCTURED, loose=False)
    if asked.held_out:
        for name, (texts, truth) in (
            ("other makers", made(4000, 11 + asked.seed)),
            ("by hand", written()),
        ):
            print(f"held out: {name}\n")
            kinds = tuple(sorted({kind for spans in truth for *_, kind in spans}))
            judge(truth, found_in(texts, recognise), kinds, loose=False)
    for peer in asked.peer:
        if peer == "presidio":
            against_presidio(rows, labels, asked.repeats)
        else:
            against(peer, lambda: recognise(pa.array(rows)), rows, asked.repeats)


if __name__ == "__main__":
    main()
