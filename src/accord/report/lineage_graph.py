"""Which works are in a model and how they came in, as boxes and arrows, from its permit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from accord.permit import ANSWERING, Granted, Permit
from accord.work import Passage, Work

PREFIXES = ("model:", "data:")
EVALUATED = "evaluated with"
WRITTEN = "train on its output"
LABELS = ("copy", "adapt", "distil", "generate", WRITTEN, "train", f"train, {EVALUATED}", EVALUATED)
"""What is written on arrows, in the order in which they reach a box, from above."""


@dataclass(frozen=True, slots=True)
class Box:
    """A work, or the model at the end.

    Args:
        title: Its name for people, or its id.
        kind: `data`, `model`, `service`, `code`.
        license: Under which it was taken; the model's is the one it is given on under.
        verdict: On it; empty for what nobody gave.
    """

    title: str
    kind: str
    license: str
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class Arrow:
    """What one box was made of.

    Args:
        source, target: Places of the two among the boxes.
        label: One of `LABELS`.
    """

    source: int
    target: int
    label: str

    @property
    def measured(self) -> bool:
        """The source only measured the target and is not in it."""
        return self.label == EVALUATED


@dataclass(frozen=True, slots=True)
class Graph:
    """Boxes and arrows without circles; every box leads to the last one."""

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def lineage_graph(permit: Permit, model: str) -> Graph:
    """What a model that learns under a permit is made of.

    A work without a role is inside the base model, or the teacher, by the way that the permit's
    terms keep.

    Args:
        permit: Of the run.
        model: Name of what comes out.
    """
    given: dict[str, Work] = {work.id: work for work in permit.terms.works()}
    passages: dict[str, set[Passage]] = {}
    for bond in permit.terms.bonds:
        passages.setdefault(bond.work.id, set()).add(bond.passage)
    boxes = [_box(work, given.get(work.id)) for work in permit.works]
    end = len(boxes)
    base = next((i for i, work in enumerate(permit.works) if "base" in (work.roles or ())), end)
    teacher = next((i for i, w in enumerate(permit.works) if "teacher" in (w.roles or ())), None)
    outbound = permit.use.get("license")
    boxes.append(Box(model, "model", str(outbound or "no licence yet"), permit.verdict))
    arrows: list[Arrow] = []
    for i, work in enumerate(permit.works):
        arrows += [Arrow(i, end, label) for label in _direct(work)]
        if i in (base, teacher):
            continue
        found = passages.get(work.id, set())
        # What the recipe itself takes is in the terms as a copy besides, or as output.
        direct: set[Passage] = {"copy"}
        if ANSWERING.intersection(work.roles or ()):
            direct.add("output")
        inside = sorted(found - direct if work.roles else found)
        for passage in inside:
            if passage == "output" and teacher is not None:
                label = "train" if boxes[i].kind in ("data", "code") else "adapt"
                arrows.append(Arrow(i, teacher, label))
            elif passage == "output" and boxes[i].kind in ("data", "code"):
                boxes.append(Box(f"outputs of what learnt from {boxes[i].title}", "data", ""))
                arrows.append(Arrow(i, len(boxes) - 1, "generate"))
                arrows.append(Arrow(len(boxes) - 1, base, "train"))
            else:
                arrows.append(Arrow(i, base, _inherited(passage, boxes[i].kind)))
        if not inside and not work.roles:
            arrows.append(Arrow(i, base, "train"))
    return _end_last(boxes, arrows, end)


def _box(work: Granted, given: Work | None) -> Box:
    title = work.title or (given.title if given else "") or work.id
    for prefix in PREFIXES:
        title = title.removeprefix(prefix)
    is_model = not {"base", "teacher", *ANSWERING}.isdisjoint(work.roles or ())
    kind = "model" if is_model else given.kind if given else "data"
    return Box("own data" if work.id == "own" else title, kind, work.license, work.verdict)


def _direct(work: Granted) -> Iterator[str]:
    """Labels of the arrows from a work to the model, by what the recipe takes it for."""
    roles = work.roles or ()
    if "base" in roles:
        yield "adapt"
    if not ANSWERING.isdisjoint(roles):
        yield WRITTEN
    if "teacher" in roles:
        yield "distil"
    learnt = not {"train", "task", "files"}.isdisjoint(roles)
    measured = "validation" in roles or "test" in roles
    if learnt or measured:
        yield ", ".join((*["train"] * learnt, *[EVALUATED] * measured))


def _inherited(passage: Passage, kind: str) -> str:
    """The label of a work inside a base model."""
    if passage == "output":
        return "distil"
    if passage == "trained":
        return "train"
    return "adapt" if kind == "model" else "copy"


def _end_last(boxes: list[Box], arrows: list[Arrow], end: int) -> Graph:
    """The same with the box at `end` moved behind the others."""
    order = [i for i in range(len(boxes)) if i != end] + [end]
    place = {old: new for new, old in enumerate(order)}
    moved = (Arrow(place[a.source], place[a.target], a.label) for a in arrows)
    return Graph(tuple(boxes[i] for i in order), tuple(dict.fromkeys(moved)))
