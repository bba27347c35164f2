"""How fast identifiers are found, and how many: on texts that the script makes and labels itself.

`python benchmarks/protect.py`. Every text is a few sentences around identifiers of Faker, in
English and Chinese, next to Chinese characters and in full-width digits too; other numbers in it
only look alike (orders, amounts, wrong check digits). Needs `accord[data]`.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from collections.abc import Callable

import pyarrow as pa
from faker import Faker

from accord.data.protect.recognise import recognise

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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--texts", type=int, default=20_000)
    parser.add_argument("--sentences", type=int, default=3, help="before each identifier")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--repeats", type=int, default=5)
    asked = parser.parse_args()
    rows, labels = corpus(asked.texts, asked.sentences, asked.seed)
    array = pa.array(rows)
    size = sum(len(row.encode()) for row in rows) / 1e6
    seconds: list[float] = []
    for _ in range(asked.repeats):
        began = time.perf_counter()
        found = recognise(array)
        seconds.append(time.perf_counter() - began)
    rate = size / sorted(seconds)[len(seconds) // 2]
    per_mb = len(found) / size
    print(f"{size:.1f} MB, {per_mb:.0f} identifiers a MB: {rate:.1f} MB/s (median, one core)\n")
    right, missed, wrong = Counter[str](), Counter[str](), Counter[str]()
    seen = [Spans() for _ in rows]
    cut = zip(found.row.tolist(), found.start.tolist(), found.end.tolist(), strict=True)
    for (row, start, end), kind in zip(cut, found.entities(), strict=True):
        seen[row].add((start, end, kind))
    for truth, got in zip(labels, seen, strict=True):
        right.update(kind for *_, kind in truth & got)
        missed.update(kind for *_, kind in truth - got)
        wrong.update(kind for *_, kind in got - truth)
    print("| kind | recall | precision | n |\n|---|---|---|---|")
    for kind in (*STRUCTURED, *sorted(set(wrong) - set(STRUCTURED))):
        n, given = right[kind] + missed[kind], right[kind] + wrong[kind]
        recall = f"{right[kind] / n:.2%}" if n else "-"
        print(f"| {kind} | {recall} | {right[kind] / max(1, given):.2%} | {n} |")
    n, given = right.total() + missed.total(), right.total() + wrong.total()
    print(f"| all | {right.total() / n:.2%} | {right.total() / given:.2%} | {n} |")


if __name__ == "__main__":
    main()
