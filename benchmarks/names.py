"""Names of people and addresses in free text: what is found with and without a tagger.

    python examples/fetch name-tagger && python examples/fetch film-reviews
    python benchmarks/names.py --peer presidio

Sentences made with Faker's names of thirteen lands, lines written by hand, film reviews and Chinese
lines, all but the first labelled by hand before anything was run on them. Accord's patterns alone,
with the tagger, and Presidio's `HuggingFaceNerRecognizer` with the same model, all on the same
texts. `overlap`: a part found of the right kind is enough; `exact`: the same first and last
byte; `covered`: share of the labelled bytes that would be masked. Speed: processor time of one
core, in turn. Needs `accord[train,data]`, and `accord[presidio]` for the peer.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import pyarrow as pa

from accord.data.protect.deidentify import Deidentifier
from accord.data.protect.recogniser import Recogniser, recogniser
from accord.data.protect.spans import characters
from accord.recipe.protect import Protect
from held_out import Spans
from named_texts import by_hand, chinese, made, reviews

HERE = Path(__file__).parent
RESULT = HERE / "results" / "names.json"
MODEL = HERE.parent / "examples" / "name-tagger" / "base"
NAMES = ("GIVEN_NAME", "SURNAME")
PLACES = ("BUILDING_NUMBER", "STREET_NAME", "SECONDARY_ADDRESS", "CITY", "STATE", "ZIP_CODE")
KINDS = {**dict.fromkeys(NAMES, "name"), **dict.fromkeys(PLACES, "address")}
Labelled = tuple[list[str], list[Spans]]
CORPORA: dict[str, Callable[[], Labelled]] = {
    "made": lambda: made(1500, 0),
    "by hand": by_hand,
    "reviews": reviews,
    "chinese": chinese,
    "chinese, fresh": lambda: chinese("names_chinese_fresh.txt"),
}


def ways(part: dict[str, Any], peer: bool) -> dict[str, Recogniser]:
    """What is compared."""
    found = {
        "patterns": recogniser(Protect(entities="all"), Path()),
        "tagger": recogniser(Protect(entities="all", recognisers=[part]), Path()),
    }
    return found | ({"presidio": presidio(Path(part["model"]))} if peer else {})


def presidio(model: Path) -> Recogniser:
    """Presidio's analyser with its own patterns and this model; parts of one kind between which
    only blanks stand are joined, as its anonymiser joins them."""
    import presidio_analyzer
    from presidio_analyzer.predefined_recognizers.ner import HuggingFaceNerRecognizer

    from accord.data.protect.presidio import patterns_alone

    engine: Any = patterns_alone(presidio_analyzer, "en")
    mapping = {label: kind.upper() for label, kind in KINDS.items()}
    engine.registry.add_recognizer(
        HuggingFaceNerRecognizer(model_name=str(model), label_mapping=mapping, device="cpu")
    )

    def found(texts: pa.StringArray) -> Any:
        rows: list[str] = texts.to_pylist()
        spans: list[tuple[int, int, int, str]] = []
        for row, text in enumerate(rows):
            hits = engine.analyze(text, language="en", entities=["NAME", "ADDRESS"])
            own: list[tuple[int, int, str]] = []
            for hit in sorted(hits, key=lambda h: h.start):
                kind = hit.entity_type.lower()
                if own and own[-1][2] == kind and not text[own[-1][1] : hit.start].strip():
                    own[-1] = (own[-1][0], max(own[-1][1], hit.end), kind)
                else:
                    own.append((hit.start, hit.end, kind))
            spans += [(row, *span) for span in own]
        return characters(rows, spans)

    return found


def spans_in(rows: list[str], way: Recogniser) -> list[Spans]:
    """What is found in each text."""
    seen = [Spans() for _ in rows]
    found = way(pa.array(rows))
    cut = zip(found.row.tolist(), found.start.tolist(), found.end.tolist(), strict=True)
    for (row, start, end), kind in zip(cut, found.entities(), strict=True):
        seen[row].add((start, end, kind))
    return seen


def judged(labels: Sequence[Spans], seen: Sequence[Spans], kind: str) -> dict[str, Any]:
    """Recall, precision and F1 of one kind, by overlap and exactly."""
    pairs = [
        ([s for s in truth if s[2] == kind], [s for s in got if s[2] == kind])
        for truth, got in zip(labels, seen, strict=True)
    ]
    due, given = sum(len(truth) for truth, _ in pairs), sum(len(got) for _, got in pairs)
    result: dict[str, Any] = {"n": due, "found": given}
    tests: dict[str, Callable[[Any, Any], bool]] = {"overlap": _meet, "exact": _equal}
    for name, same in tests.items():
        hit = sum(any(same(one, o) for o in got) for truth, got in pairs for one in truth)
        right = sum(any(same(one, o) for o in truth) for truth, got in pairs for one in got)
        recall, precision = hit / max(1, due), right / max(1, given)
        both = 2 * recall * precision / max(1e-9, recall + precision)
        figures = {"recall": recall, "precision": precision, "f1": both}
        result[name] = {key: round(value, 4) for key, value in figures.items()}
    inside = sum(len(_bytes(truth) & _bytes(got)) for truth, got in pairs)
    result["covered"] = round(inside / max(1, sum(len(_bytes(truth)) for truth, _ in pairs)), 4)
    return result


def masks(rows: list[str], part: dict[str, Any]) -> list[int]:
    """How much is found in the texts, then in what was masked, until nothing is."""
    step = Deidentifier(Protect(entities="all", recognisers=[part]), Path())
    look, counts = step._recognise, list[int]()

    def counted(texts: pa.StringArray) -> Any:
        spans = look(texts)
        counts.append(len(spans))
        return spans

    step._recognise = counted
    step(pa.array(rows))
    return counts


def _meet(one: tuple[int, int, str], other: tuple[int, int, str]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _equal(one: tuple[int, int, str], other: tuple[int, int, str]) -> bool:
    return one == other


def _bytes(spans: Sequence[tuple[int, int, str]]) -> set[int]:
    return {place for start, end, _ in spans for place in range(start, end)}


def speed(compared: dict[str, Recogniser], rows: list[str], rounds: int) -> dict[str, Any]:
    """Texts and megabytes a second of processor time, in turn; lowest and highest ratio."""
    taken: dict[str, list[float]] = {name: [] for name in compared}
    array = pa.array(rows)
    for _ in range(rounds):
        for name, way in compared.items():
            began = time.process_time()
            way(array)
            taken[name].append(time.process_time() - began)
    size = sum(len(row.encode()) for row in rows)
    found: dict[str, Any] = {"texts": len(rows), "bytes": size}
    for name, times in taken.items():
        middle = median(times)
        found[name] = {
            "texts_per_second": round(len(rows) / middle, 1),
            "mb_per_second": round(size / middle / 1e6, 4),
        }
        if name == "presidio":
            over = sorted(b / a for a, b in zip(taken["tagger"], times, strict=True))
            found["tagger over presidio"] = [round(r, 2) for r in (median(over), over[0], over[-1])]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--texts", type=int, default=1500, help="made with Faker")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=5, help="of the timing; 0 for none")
    parser.add_argument("--peer", choices=["presidio"])
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--score", type=float, help="probability from which on a word counts")
    parser.add_argument("--without", nargs="*", default=[], help="labels that are passed over")
    parser.add_argument("--only", choices=CORPORA, nargs="*", default=list(CORPORA))
    parser.add_argument("--missed", action="store_true", help="show what the tagger got wrong")
    parser.add_argument("--save", action="store_true", help=f"into {RESULT.name}; the rest stays")
    asked = parser.parse_args()
    kinds = {label: kind for label, kind in KINDS.items() if label not in asked.without}
    part: dict[str, Any] = {"kind": "transformers", "model": str(asked.model)}
    part |= {"entities": kinds, "window_tokens": 128}
    part |= {} if asked.score is None else {"score": asked.score}
    compared = ways(part, asked.peer == "presidio")
    result: dict[str, Any] = {}
    print("| texts | kind | way | recall | precision | F1 | exact F1 | covered | n |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name in asked.only:
        labelled = made(asked.texts, asked.seed) if name == "made" else CORPORA[name]()
        more = {"jieba": with_jieba()} if "chinese" in name else {}
        result[name] = {"texts": len(labelled[0]), "masks": masks(labelled[0], part)}
        result[name] |= compare(name, labelled, compared | more, asked.missed)
    if asked.rounds:
        rows = made(300, 1)[0]
        result["speed"] = {"sentences": speed(compared, rows, asked.rounds)}
        long = [" ".join(rows[at : at + 30]) for at in range(0, 300, 30)]
        result["speed"]["documents"] = speed(compared, long, asked.rounds)
        result["speed"]["chinese"] = speed({"jieba": with_jieba()}, chinese()[0] * 10, asked.rounds)
        print(json.dumps(result["speed"], indent=1))
    if asked.save:
        before = json.loads(RESULT.read_text("utf-8")) if RESULT.is_file() else {}
        RESULT.write_text(json.dumps(before | result, indent=1) + "\n", encoding="utf-8")


def with_jieba() -> Recogniser:
    """Patterns, and names by jieba's parts of speech."""
    return recogniser(Protect(entities="all", recognisers=[{"kind": "jieba"}]), Path())


def compare(
    name: str, labelled: Labelled, compared: dict[str, Recogniser], missed: bool
) -> dict[str, Any]:
    """The figures of each kind and way."""
    rows, labels = labelled
    result: dict[str, Any] = {}
    for way, look in compared.items():
        seen = spans_in(rows, look)
        for kind in ("name", "address"):
            if any(kind == label for truth in labels for *_, label in truth):
                found = judged(labels, seen, kind)
                result.setdefault(kind, {})[way] = found
                _row(name, kind, way, found)
        if missed and way in ("tagger", "jieba"):
            _show(rows, labels, seen)
    return result


def _row(name: str, kind: str, way: str, found: dict[str, Any]) -> None:
    loose, exact = found["overlap"], found["exact"]
    print(f"| {name} | {kind} | {way} | {loose['recall']:.1%} | {loose['precision']:.1%} | "
          f"{loose['f1']:.3f} | {exact['f1']:.3f} | {found['covered']:.1%} | {found['n']} |",
          flush=True)  # fmt: skip


def _show(rows: list[str], labels: Sequence[Spans], seen: Sequence[Spans]) -> None:
    for text, truth, got in zip(rows, labels, seen, strict=True):
        if truth != got:
            cut = [
                [f"{kind}:{text.encode()[a:b].decode()}" for a, b, kind in sorted(spans)]
                for spans in (truth - got, got - truth)
            ]
            print(f"    {text!r}\n        due {cut[0]}\n        got {cut[1]}")


if __name__ == "__main__":
    main()
