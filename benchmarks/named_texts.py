"""Texts with labelled names and addresses: made with Faker, written by hand, real film reviews."""

from __future__ import annotations

import csv
import random
from pathlib import Path

from faker import Faker

from held_out import Spans, written

HERE = Path(__file__).parent
REVIEWS = HERE.parent / "examples" / "film-reviews" / "data" / "reviews.csv"
LOCALES = ("en_US", "en_GB", "en_IN", "en_AU", "en_NG", "de_DE", "fr_FR", "es_ES", "it_IT",
           "pl_PL", "tr_TR", "vi_VN", "id_ID")  # fmt: skip
ADDRESSES = ("en_US", "en_GB", "en_AU", "en_IN", "en_CA")
TEMPLATES = (
    "{name} called about the refund and wants an answer today.",
    "I am writing on behalf of my mother, {name}, who is eighty.",
    "Could you ask {first} whether the keys are still in the office?",
    "The report that {name} wrote was clearer than the one by {name}.",
    "{first} and {first} are both away this week.",
    "Meeting notes: {name} will send the figures, {first} books the room.",
    "Payment received from {name} on the third.",
    "hi {first}, any news about my order?",
    "My doctor is Dr. {last} and she is on holiday.",
    "Mr. {last}'s car blocks the gate again.",
    "Regards,\n{name}",
    "{last}, {first} | seat 14C | vegetarian",
    "We have two candidates, {name} and {name}; I prefer the first.",
    "As {first} said: nothing is ever finished.",
    "It was {name} who trained the new staff.",
    "{name} ({email}) has not confirmed yet.",
    "please forward to {lower}, she knows the case",
    "The plaintiff, {name}, lives at {address}.",
    "Ship it to {name}, {address}.",
    "The new address is {address}, valid from May.",
    "{first}'s brother, {name}, moved to {address} last year.",
    "My colleague {initial} {last} found the fault.",
    "Deliver between nine and eleven to {address}; ring twice.",
    "Who is {name}? I have never heard of her.",
    "Customer {name}, phone {phone}, complains about a broken lid.",
)
PLAIN = (
    "The invoice is attached, please pay within thirty days.",
    "Our shop in London is closed on Monday and Tuesday.",
    "The second half drags, though the lead is worth the ticket.",
    "Row 12 of the sheet shows 48 units, 3 % more than in March.",
    "Is the new Python release compatible with Windows?",
    "He said that the meeting in Paris was a waste of time.",
    "Thanks for your quick reply, the lamp works again.",
    "The Smithfield office reports to headquarters in Berlin.",
)


def made(texts: int, seed: int) -> tuple[list[str], list[Spans]]:
    """Sentences around names of many lands, and some without any."""
    draw = random.Random(seed)
    fakes = {locale: Faker(locale) for locale in dict.fromkeys((*LOCALES, *ADDRESSES))}
    for number, fake in enumerate(fakes.values()):
        fake.seed_instance(seed * 1000 + number)
    rows: list[str] = []
    labels: list[Spans] = []
    for _ in range(texts):
        template = draw.choice(PLAIN) if draw.random() < 0.2 else draw.choice(TEMPLATES)
        text, spans = "", Spans()
        for piece in template.split("{"):
            field, closed, rest = piece.partition("}")
            if not closed:
                text += piece
                continue
            value, kind = _value(field, fakes, draw)
            start = len(text.encode())
            text += value
            spans.add((start, len(text.encode()), kind))
            text += rest
        rows.append(text)
        labels.append(_one_person(text, spans))
    return rows, labels


def by_hand() -> tuple[list[str], list[Spans]]:
    """The English lines written by hand."""
    return written(HERE / "names_held_out.txt")


def chinese(file: str = "names_chinese.txt") -> tuple[list[str], list[Spans]]:
    """Chinese lines written by hand."""
    return written(HERE / file)


def reviews() -> tuple[list[str], list[Spans]]:
    """The film reviews that were labelled by hand."""
    if not REVIEWS.is_file():
        raise SystemExit(f"{REVIEWS} is missing: run `python examples/fetch film-reviews`")
    with REVIEWS.open(encoding="utf-8", newline="") as file:
        texts = {row["id"]: row["text"] for row in csv.DictReader(file)}
    rows: list[str] = []
    labels: list[Spans] = []
    for line in (HERE / "names_reviews.txt").read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        name, _, found = line.partition("\t")
        text = texts[name]
        rows.append(text)
        labels.append({span for value in found.split("; ") if value for span in _all(text, value)})
    return rows, labels


def _all(text: str, value: str) -> Spans:
    """Every place of a name in a text, as a word."""
    found, at = Spans(), text.find(value)
    while at >= 0:
        end = at + len(value)
        if not (text[at - 1 : at].isalnum() or text[end : end + 1].isalnum()):
            found.add((len(text[:at].encode()), len(text[:end].encode()), "name"))
        at = text.find(value, end)
    return found


def _value(field: str, fakes: dict[str, Faker], draw: random.Random) -> tuple[str, str]:
    fake, american = fakes[draw.choice(LOCALES)], fakes["en_US"]
    first, last = fake.first_name(), fake.last_name()
    if field == "address":
        place = fakes[draw.choice(ADDRESSES)].address()
        return place.replace("\n", ", "), "address"
    if field == "email":
        return american.email(), "email"
    if field == "phone":
        return american.numerify("(2##) 3##-####"), "phone"
    made = {
        "name": f"{first} {last}",
        "first": first,
        "last": last,
        "lower": f"{first} {last}".lower(),
        "initial": f"{first[0]}.",
    }
    return made[field], "name"


def _one_person(text: str, spans: Spans) -> Spans:
    """Initial and surname, or surname and first name, are one name."""
    raw, ordered = text.encode(), sorted(spans)
    out: list[tuple[int, int, str]] = []
    for start, end, kind in ordered:
        joined = out and kind == "name" == out[-1][2] and raw[out[-1][1] : start] in (b" ", b", ")
        if joined:
            out[-1] = (out[-1][0], end, kind)
        else:
            out.append((start, end, kind))
    return set(out)
