"""No byte of a row of sealed data is written while a run prepares, trains, evaluates and reports.

Every file that is written is looked through, those that are gone again too, for pieces of rows in
many forms. The same search over the plain run finds them: it can fail. The sealed run is killed in
between and resumed, and still ends with the weights and metrics of the plain one.
"""

from __future__ import annotations

import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from accord.model.tokenizer import train_tokenizer
from accord.vaulting.keys import new_key, service_named
from accord.vaulting.seal import Binding, seal
from tests.vault import needles

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
ROWS = 128
BERT = {
    "model_type": "bert", "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
    "intermediate_size": 32, "max_position_embeddings": 64, "vocab_size": 300,
}  # fmt: skip
GPT = {"model_type": "gpt2", "n_embd": 16, "n_layer": 1, "n_head": 2, "n_positions": 64}
VIT = {
    "model_type": "vit", "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
    "intermediate_size": 32, "image_size": 16, "patch_size": 8,
}  # fmt: skip
LETTERS = "bcdfghjkmpqrtvwxz"
STYLES = {
    "text-classification": "bert",
    "token-classification": "bert",
    "causal-lm": "gpt2",
}
Made = tuple[str, dict[str, Any], list[bytes]]


@dataclass(frozen=True)
class Case:
    """Data of a task, and what is looked for.

    Args:
        task: The recipe's.
        make: Writes the data; gives their name, sections of the recipe, and needles.
    """

    task: str
    make: Callable[[Path, random.Random], Made]


def _word(draw: random.Random) -> str:
    return "".join(draw.choice(LETTERS) for _ in range(12))


def _texts(draw: random.Random) -> tuple[list[str], list[str], list[bytes]]:
    """Rows, each with a word of its own, and labels."""
    words = [_word(draw) for _ in range(ROWS)]
    labels = [draw.choice(("yes", "no")) for _ in words]
    mood = {"yes": "warm bright kind", "no": "cold dull rude"}
    texts = [f"{mood[y]} soup {w} day" for w, y in zip(words, labels, strict=True)]
    texts[3] = texts[40]  # the search for leaks finds one, wherever it ends up
    return texts, labels, [n for word in words[::8] for n in needles.of_text(word)]


def text(folder: Path, draw: random.Random) -> Made:
    texts, labels, wanted = _texts(draw)
    bad = _word(draw)
    lines = [*(f"{t},{y}" for t, y in zip(texts, labels, strict=True)), f"{bad},", f"{bad} {bad},"]
    (folder / "rows.csv").write_text("text,label\n" + "\n".join(lines) + "\n")
    data = {"text": "text", "label": "label", "max_tokens": 48, "on_bad_row": "quarantine"}
    sections = {"model": {"config": BERT}, "data": data, "clean": {"duplicates": {}}}
    return "rows.csv", sections, [*wanted, *needles.of_text(bad)]


def chat(folder: Path, draw: random.Random) -> Made:
    texts, labels, wanted = _texts(draw)
    rows = [{"q": t, "a": y} for t, y in zip(texts, labels, strict=True)]
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    data = {"prompt": "q", "completion": "a", "max_tokens": 48}
    return "rows.jsonl", {"model": {"config": GPT}, "data": data}, wanted


def token(folder: Path, draw: random.Random) -> Made:
    texts, _, wanted = _texts(draw)
    rows = [
        {"tokens": t.split(), "tags": ["B-X" if len(w) == 12 else "O" for w in t.split()]}
        for t in texts
    ]
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    data = {"tokens": "tokens", "label": "tags", "max_tokens": 48}
    return "rows.jsonl", {"model": {"config": BERT}, "data": data}, wanted


def table(folder: Path, draw: random.Random) -> Made:
    values = [[round(draw.gauss(0, 1) * 1e4, 9) for _ in "ab"] for _ in range(ROWS)]
    values[7][0] = 987654.321987
    lines = [f"{a!r},{b!r},{'yes' if a > b else 'no'}" for a, b in values]
    (folder / "rows.csv").write_text("a,b,label\n" + "\n".join(lines) + "\n")
    data = {"numeric": ["a", "b"], "label": "label"}
    outliers = [{"by": {"kind": "mad"}, "handle": "quarantine"}]
    wanted = [n for row in values for value in row for n in needles.of_numbers([value])]
    # Four bytes may stand anywhere by chance.
    wanted = [needle for needle in wanted if len(needle) > 4]
    config = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2}
    return (
        "rows.csv",
        {"model": {"config": config}, "data": data, "clean": {"outliers": outliers}},
        wanted,
    )


def image(folder: Path, draw: random.Random) -> Made:
    from PIL import Image

    numbers = np.random.default_rng(draw.randrange(1 << 30))
    wanted: list[bytes] = []
    for i in range(60):
        place = folder / "images" / ("dark" if i % 2 else "light") / f"{i}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        pixels = numbers.integers(0, 120, (16, 16, 3)) + 120 * (1 - i % 2)
        buffer = io.BytesIO()
        Image.fromarray(pixels.astype(np.uint8)).save(buffer, "png")
        place.write_bytes(buffer.getvalue())
        wanted += [buffer.getvalue()[60:92], pixels.astype(np.uint8).tobytes()[:24]]
    data = {"image": "image", "label": "label"}
    return "images", {"model": {"config": VIT}, "data": data}, wanted


CASES = {
    "text": Case("text-classification", text),
    "chat": Case("causal-lm", chat),
    "token": Case("token-classification", token),
    "table": Case("table-classification", table),
    "image": Case("image-classification", image),
}
# Two runs a case take half a minute; the other three differ in how rows are read and encoded.
ASKED = tuple(CASES) if os.environ.get("ACCORD_EVERY_LEAK") else ("text", "table")


class Server:
    """Forks watched runs from one process that has imported what they need.

    Args:
        home: Of all of them.
    """

    def __init__(self, home: Path) -> None:
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
            **{"HF_HUB_OFFLINE": "1", "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"},
        }
        self.home = home
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("watched.py"))],
            env=env,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def told(self) -> dict[str, int]:
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())

    def start(self, **job: Any) -> int:
        """The process of a job."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        return self.told()["pid"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    found = Server(tmp_path_factory.mktemp("home"))
    try:
        yield found
    finally:
        found.process.kill()
        found.process.communicate()


class Sandbox:
    """Folders of its own for all that a process writes.

    Args:
        folder: Of the sandbox.
        case: What is run in it.
        server: Runs it.
    """

    def __init__(self, folder: Path, case: Case, server: Server) -> None:
        self.folder, self.cwd, self.server = folder, folder / "cwd", server
        for name in ("cwd", "tmp", "kept"):
            (folder / name).mkdir(parents=True)
        new_key(folder / "key")
        self.key = f"file:{folder / 'key'}"
        (folder / "source").mkdir()
        self.name, self.sections, self.needles = case.make(folder / "source", random.Random(5))
        self.task = case.task
        if self.task in STYLES:
            # One that is made from the rows would hold words of them, as the documentation says.
            letters = [f"{a}{b} warm cold soup day" for a in LETTERS for b in LETTERS]
            codec = train_tokenizer(letters, 300, STYLES[self.task])
            (self.cwd / "tokenizer").mkdir()
            codec.save(self.cwd / "tokenizer")
            model = self.sections["model"] | {"tokenizer": "tokenizer"}
            self.sections = self.sections | {"model": model}

    def recipe(self, name: str, train: str, *, sealed: bool) -> str:
        """Write a recipe beside the data."""
        vault = {"vault": {"key": self.key}} if sealed else {}
        content = {
            "task": self.task,
            **self.sections,
            "data": {"agreement": "own", "train": train, **self.sections["data"], **vault},
            "train": {"epochs": 2, "batch_size": 8, "precision": "fp32", "seed": 1},
            "evaluate": {"resamples": 0},
            "machine": {"threads": 1, "checkpoint_every": 0.01, "log_every": 1},
        }
        (self.cwd / name).write_text(json.dumps(content))
        return name

    def sealed(self) -> str:
        """Seal the data; of the plain ones nothing is left where the run may write."""
        found = seal(
            self.folder / "source" / self.name,
            service_named(self.key),
            Binding("own"),
            output=self.cwd / f"{self.name}.sealed",
        )
        return Path(found.path).name

    def start(self, *steps: dict[str, Any]) -> int:
        places = {name: str(self.folder / name) for name in ("cwd", "tmp", "kept", "log")}
        return self.server.start(**places, steps=steps)

    def run(self, *steps: dict[str, Any]) -> str:
        """All steps in one process; what it printed."""
        self.start(*steps)
        status, told = self.server.told()["status"], (self.folder / "log").read_text()
        assert status == 0, told[-3000:]
        return told

    def leaks(self, since: float, more: list[bytes]) -> dict[str, bytes]:
        places = [self.folder / name for name in ("cwd", "tmp", "kept")]
        shared = [Path(p) for p in needles.SHARED if not self.folder.is_relative_to(p)]
        log = [self.folder / "log"] if (self.folder / "log").is_file() else []
        wanted = [*self.needles, *more]
        return needles.found_in([*places, self.server.home, *shared], since, wanted, log)


def steps_of(recipe: str, output: str, source: str) -> list[dict[str, Any]]:
    return [
        {"verb": "train", "recipe": recipe, "output": output},
        {"verb": "evaluate", "model": output, "data": source, "output": f"{output}-again"},
        {"verb": "report", "arguments": [output]},
        {"verb": "compare", "arguments": [output, output, "--json"]},
        {"verb": "check", "arguments": [recipe]},
    ]


def token_needles(run: Path) -> list[bytes]:
    """Runs of token ids from the middle of the plain run's prepared rows."""
    found: list[bytes] = []
    for path in run.glob("artifacts/dataset-*/*.arrow"):
        with pa.memory_map(str(path)) as source:
            rows = pa.ipc.open_file(source).read_all()
        if "input_ids" in rows.column_names:
            for ids in rows["input_ids"].to_pylist():
                middle = ids[len(ids) // 2 - 4 : len(ids) // 2 + 4]
                if len(set(middle)) > 5:
                    found += needles.of_tokens(middle)
    return found[:: max(1, len(found) // 120)]


def metrics(run: Path) -> Any:
    return json.loads((run / "summary.json").read_text())["metrics"]


def killed_at_step(box: Sandbox, step: dict[str, Any], number: int) -> None:
    process, events = box.start(step), box.cwd / step["output"] / "events.jsonl"
    while not (events.is_file() and f'"event": "step", "step": {number}' in events.read_text()):
        time.sleep(0.005)
    os.kill(process, signal.SIGKILL)
    assert box.server.told()["status"] == -signal.SIGKILL


@pytest.mark.parametrize("name", ASKED)
def test_a_sealed_run_writes_no_byte_of_a_row(tmp_path: Path, name: str, server: Server) -> None:
    plain = Sandbox(tmp_path / "plain", CASES[name], server)
    shutil.move(plain.folder / "source" / plain.name, plain.cwd / plain.name)
    since = needles.now()
    recipe = plain.recipe("recipe.yaml", plain.name, sealed=False)
    plain.run(*steps_of(recipe, "run", plain.name))
    ids = token_needles(plain.cwd / "run")
    leaked = {Path(path).name for path in plain.leaks(since, ids)}
    due = {"table": {"quarantine.jsonl"}}.get(name, {"train.arrow", "test.arrow"})
    assert leaked & due, "the search finds nothing in a plain run"
    assert name in ("image", "table") or any("predictions" in file for file in leaked)
    # A table may be through before its open files are looked at.
    assert name == "table" or any(file.startswith("fd-") for file in leaked)
    known = (plain.cwd / "run/model/accord.json").read_bytes()

    sealed = Sandbox(tmp_path / "sealed", CASES[name], server)
    source = sealed.sealed()
    # Medians of a table's columns are in the model, as the documentation says.
    sealed.needles = [needle for needle in sealed.needles if needle not in known]
    since = needles.now()
    train, *others = steps_of(sealed.recipe("recipe.yaml", source, sealed=True), "run", source)
    killed_at_step(sealed, train, 10)
    assert not sealed.leaks(since, ids)
    sealed.run({**train, "resume": True}, *others)
    assert not sealed.leaks(since, ids)
    assert list((sealed.folder / "kept").iterdir()), "nothing was watched"
    assert json.loads((sealed.folder / "dumps").read_text()) == [0, 0, 0], "core dumps are on"

    weights = "run/model/model.safetensors"
    assert (plain.cwd / weights).read_bytes() == (sealed.cwd / weights).read_bytes()
    assert metrics(plain.cwd / "run") == metrics(sealed.cwd / "run")
