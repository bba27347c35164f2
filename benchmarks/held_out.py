"""Texts with labelled identifiers whose makers the patterns were not written beside."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from faker import Faker

Spans = set[tuple[int, int, str]]
LINES = Path(__file__).with_name("held_out.txt")
_MARK = re.compile(r"\[\[([a-z_]+):(.*?)\]\]")
_LOCALES = {
    "en": ("en_GB", "en_AU", "en_CA", "en_IN", "de_DE", "fr_FR", "it_IT", "es_ES", "nl_NL", "pl_PL",
           "pt_BR", "sv_SE", "tr_TR", "cs_CZ"),
    "zh": ("zh_CN", "zh_TW", "ja_JP", "ko_KR"),
}  # fmt: skip
_CARDS = ("visa13", "visa16", "mastercard", "amex", "discover", "jcb16", "diners", "maestro")
ENGLISH = (
    "Thanks for getting back so quickly, and sorry about the mix-up at the counter. ",
    "The second half drags, though the lead is worth the ticket. ",
    "Row {0} of the sheet shows {1}.{2} units, {3} % more than in {4}. ",
    "They moved the meeting from {5}:15 to {5}:45, room {1}. ",
)
CHINESE = (
    "谢谢您的回复，之前的事情实在不好意思。",
    "后半段有点拖沓，不过主角的表演值回票价。",
    "表格第{0}行是{1}.{2}件，比{4}年多{3}%。",
    "会议从{5}点15分改到{5}点45分，在{1}会议室。",
)


def written(path: Path = LINES) -> tuple[list[str], list[Spans]]:
    """The lines of a file such as `held_out.txt` and what is in each."""
    rows: list[str] = []
    labels: list[Spans] = []
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("# ") or not line:
            continue
        text, spans, last = "", Spans(), 0
        for match in _MARK.finditer(line):
            text += line[last : match.start()]
            start = len(text.encode())
            text += match[2]
            spans.add((start, len(text.encode()), match[1]))
            last = match.end()
        rows.append(text + line[last:])
        labels.append(spans)
    return rows, labels


def made(texts: int, seed: int) -> tuple[list[str], list[Spans]]:
    """Texts around identifiers of Faker's other locales and makers."""
    draw = random.Random(seed)
    fakes = {
        locale: Faker(locale) for language in _LOCALES.values() for locale in language
    }  # a dictionary keeps their order
    for number, fake in enumerate(fakes.values()):
        fake.seed_instance(seed * 1000 + number)
    rows: list[str] = []
    labels: list[Spans] = []
    for number in range(texts):
        language = ("en", "zh")[number % 2]
        text, spans = "", Spans()
        for _ in range(draw.randint(1, 4)):
            filler = draw.choice(ENGLISH if language == "en" else CHINESE)
            text += filler.format(*(draw.randint(1, 999) for _ in range(4)),
                                  draw.randint(1990, 2030), draw.randint(8, 18))  # fmt: skip
            kind, value, before = _identifier(draw, fakes, draw.choice(_LOCALES[language]))
            text += before[language == "zh"]
            start = len(text.encode())
            text += value
            spans.add((start, len(text.encode()), kind))
            text += draw.choice((" ", ", ", ". ")) if language == "en" else draw.choice("，。；")
        rows.append(text)
        labels.append(spans)
    return rows, labels


def _identifier(
    draw: random.Random, fakes: dict[str, Faker], locale: str
) -> tuple[str, str, tuple[str, str]]:
    """Kind, value, and the words before it in English and Chinese."""
    fake = fakes[locale]
    makers: dict[str, Callable[[], str]] = {
        "email": lambda: draw.choice((fake.ascii_company_email, fake.ascii_free_email))(),
        "url": lambda: draw.choice((fake.uri, fake.image_url))(),
        "iban": lambda: _grouped(draw, fakes[draw.choice(_LOCALES["en"][4:])].iban(), 4),
        "card": lambda: _carded(draw, fakes["en_GB"].credit_card_number(draw.choice(_CARDS))),
        "ip": lambda: draw.choice((fake.ipv4_public, fake.ipv6, fake.ipv4_private))(),
        "mac": lambda: fake.hexify(draw.choice((":", "-")).join(["^^"] * 6), upper=True),
        "ssn": lambda: fakes["en_CA"].numerify("5##-4#-####".replace("#", "%")),
        "resident_id": lambda: fakes["zh_CN"].ssn(min_age=1, max_age=99),
        "phone": lambda: _dialled(draw, fake),
        "date_of_birth": lambda: fake.date_of_birth().strftime(
            draw.choice(("%d.%m.%Y", "%Y/%m/%d", "%d %B %Y", "%B %d, %Y", "%d/%m/%Y"))
        ),
    }
    kind = draw.choice(tuple(makers))
    told = {"date_of_birth": ("born on ", "出生日期"), "ssn": ("SSN ", "社会安全号")}
    return kind, makers[kind](), told.get(kind, ("it is ", "就是"))


def _grouped(draw: random.Random, text: str, size: int) -> str:
    if draw.random() < 0.5:
        return text
    return " ".join(text[at : at + size] for at in range(0, len(text), size))


def _carded(draw: random.Random, number: str) -> str:
    sign = draw.choice(("", " ", "-"))
    cuts = {15: (4, 10), 14: (4, 10), 16: (4, 8, 12), 19: (4, 8, 12, 16)}.get(len(number), ())
    places = (0, *cuts, len(number))
    return sign.join(number[a:b] for a, b in pairwise(places))


def _dialled(draw: random.Random, fake: Faker) -> str:
    """Numbers with their country code, and mobile ones of China and North America."""
    forms = ("+44 7### ######", "+49 1## #######", "+33 6 ## ## ## ##", "+61 4## ### ###",
             "+86 13# #### ####", "+8615#########", "+1-6##-5##-####", "(6##) 5##-####",
             "6##.5##.####", "13#########", "18#-####-####", "+81 90-####-####", "+82-10-####-####",
             "0086 139########", "+852 9### ####", "+34 6## ## ## ##")  # fmt: skip
    return fake.numerify(draw.choice(forms).replace("#", "%"))
