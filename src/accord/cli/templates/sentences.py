"""Small texts of our own (CC0-1.0), made by combining phrases; the same on every machine."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Language = Literal["en", "zh"]

_OBJECTS: Mapping[Language, Sequence[str]] = {
    "en": (
        *("the kettle", "this lamp", "the backpack", "my new desk", "the bicycle", "that novel"),
        *("the train ride", "the small hotel", "the soup", "this concert", "the garden tour"),
        *("the night bus", "the coat", "the printer", "this course", "the museum", "the tent"),
        *("the old cinema", "the bakery", "the headphones"),
    ),
    "zh": (
        *("这只水壶", "这盏台灯", "这个背包", "新书桌", "这辆自行车", "那本小说", "这趟火车"),
        *("这家小旅馆", "那碗汤", "这场音乐会", "花园的导览", "夜班车", "这件外套", "打印机"),
        *("这门课", "博物馆", "这顶帐篷", "老电影院", "那家面包店", "这副耳机"),
    ),
}
_GOOD: Mapping[Language, Sequence[str]] = {
    "en": (
        *("made me smile", "works exactly as promised", "was worth every coin", "is a joy to use"),
        *("exceeded what we hoped for", "never let us down", "was warm and welcoming"),
        *("is well made and quiet", "felt generous and fresh", "is the best I have had"),
        *("was easy to love", "arrived early and in perfect order"),
    ),
    "zh": (
        *("让我很开心", "和承诺的一模一样", "每一分钱都值", "用起来是一种享受", "比期待的还好"),
        *("从没让我们失望", "温暖又亲切", "做工精良而且安静", "大方又新鲜", "是我遇到过最好的"),
        *("很容易让人喜欢", "来得早而且完好无损"),
    ),
}
_BAD: Mapping[Language, Sequence[str]] = {
    "en": (
        *("broke after two days", "was a waste of money", "left a bitter taste", "is far too loud"),
        *("made us wait for hours", "fell short of every promise", "was cold and careless"),
        *("is poorly made", "felt stale and cheap", "is the worst I have had"),
        *("was hard to bear", "arrived late and scratched"),
    ),
    "zh": (
        *("两天就坏了", "纯属浪费钱", "让人心里发苦", "实在太吵", "让我们等了好几个小时"),
        *("没有兑现任何承诺", "冷淡又马虎", "做工很差", "又陈旧又廉价", "是我遇到过最差的"),
        *("让人难以忍受", "来得晚还有划痕"),
    ),
}
_FRAMES: Mapping[Language, Sequence[str]] = {
    "en": ("{0} {1}.", "Honestly, {0} {1}.", "For me {0} {1}, nothing more to say.", "{0} {1}!"),
    "zh": ("{0}{1}。", "说实话，{0}{1}。", "对我来说{0}{1}，没什么可多说的。", "{0}{1}！"),
}
_NAMES = ("Ada", "Bela", "Carl", "Dina", "Emil", "Fara", "Goran", "Hanna", "Ivo", "Jana")
_PLACES = ("Lindau", "Oulu", "Porto", "Quito", "Riga", "Sendai", "Turin", "Utrecht", "Varna")
_TAGGED = (
    "{p} took the morning train to {l} .",
    "In {l} it rained while {p} worked .",
    "We met {p} near the harbour of {l} .",
    "The letter from {p} reached {l} late .",
    "{p} and {q} moved from {l} to {m} .",
    "Nobody in {l} had heard of {p} .",
)
_STORY: Mapping[Language, Sequence[Sequence[str]]] = {
    "en": (
        ("In the morning", "At noon", "Before the rain", "On the last day", "After supper"),
        ("the gardener", "a patient nurse", "the young clerk", "her brother", "the ferryman"),
        ("opened the gate", "wrote a letter", "counted the boats", "mended the lamp", "sat down"),
        ("and waited for the bell", "and thought of home", "while the wind turned", "in silence"),
    ),
    "zh": (
        ("清晨", "正午", "下雨之前", "最后一天", "晚饭以后"),
        ("园丁", "一位耐心的护士", "年轻的职员", "她的哥哥", "摆渡的人"),
        ("打开了大门", "写了一封信", "数着小船", "修好了灯", "坐了下来"),
        ("等待钟声", "想起了家", "风向正在转变", "一言不发"),
    ),
}


@dataclass(frozen=True, slots=True)
class Opinion:
    """A sentence and whether it praises."""

    text: str
    label: Literal["positive", "negative"]


def opinions(language: Language, count: int = 600) -> list[Opinion]:
    """`count` different sentences, half of them praise, in a fixed shuffled order."""
    draw = random.Random(0)
    found: dict[str, Opinion] = {}
    while len(found) < count:
        good = len(found) % 2 == 0
        thing = draw.choice(_OBJECTS[language])
        says = draw.choice((_GOOD if good else _BAD)[language])
        text = draw.choice(_FRAMES[language]).format(thing, says)
        text = text[0].upper() + text[1:]
        found.setdefault(text, Opinion(text, "positive" if good else "negative"))
    return list(found.values())


def tagged(count: int = 400) -> list[tuple[list[str], list[str]]]:
    """`count` different sentences as words and their IOB2 tags for people and places."""
    draw = random.Random(0)
    found: dict[str, tuple[list[str], list[str]]] = {}
    while len(found) < count:
        p, q = draw.sample(_NAMES, 2)
        here, there = draw.sample(_PLACES, 2)
        line: str = draw.choice(_TAGGED).format(p=p, q=q, l=here, m=there)
        words = [str(word) for word in line.split()]
        tags = ["B-PER" if w in _NAMES else "B-LOC" if w in _PLACES else "O" for w in words]
        found.setdefault(" ".join(words), (words, tags))
    return list(found.values())


def stories(language: Language, count: int = 300) -> list[str]:
    """`count` different paragraphs of four sentences."""
    draw = random.Random(0)
    space, stop = (" ", ". ") if language == "en" else ("", "。")
    found: dict[str, None] = {}
    while len(found) < count:
        lines = [space.join(draw.choice(part) for part in _STORY[language]) for _ in range(4)]
        found.setdefault((stop.join(lines) + stop).strip(), None)
    return list(found)
