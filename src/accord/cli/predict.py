"""`accord predict`: a trained model on new rows, one JSON line each."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

BATCH = 64


def predict(
    model: Annotated[Path, typer.Argument(help="A run or model directory.", show_default=False)],
    texts: Annotated[
        list[str] | None, typer.Argument(help="Rows to predict; stdin if there are none.")
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", "-f", help="Rows to predict: .jsonl, .csv, .tsv or lines of text."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="JSONL file; stdout by default.")
    ] = None,
    agreement: Annotated[
        str | None,
        typer.Option("--agreement", "-a", help="Of a sealed file: its agreement file, or `own`."),
    ] = None,
    key: Annotated[
        str, typer.Option("--key", "-k", metavar="SOURCE", help="Of a sealed file; never a key.")
    ] = "env:ACCORD_VAULT_KEY",
) -> None:
    """Predict rows and print JSON lines, in the order of the rows."""
    from accord.directories import model_folder

    folder = model_folder(model)
    from accord.vaulting.rows import opened_rows, seems_sealed

    if file is not None and not texts and seems_sealed(file):
        rows: Iterator[Any] = opened_rows(file, key, agreement, open_output=output is not None)
    else:
        rows = _rows(texts, file)
    from accord.api import load
    from accord.data.incoming import unlisted

    predictor = load(folder)
    if kinds := unlisted(predictor.facts):
        typer.echo(
            f"warning: lists do not go with a model; not looked for: {', '.join(kinds)}", err=True
        )
    target = nullcontext(sys.stdout) if output is None else output.open("w", encoding="utf-8")
    with target as stream:
        for chunk in _chunks(rows):
            for found in predictor.predict(chunk):
                stream.write(json.dumps(found, ensure_ascii=False) + "\n")
            stream.flush()


def _rows(texts: list[str] | None, file: Path | None) -> Iterator[Any]:
    from accord.errors import RecipeError

    if texts and file:
        raise RecipeError(
            "texts as arguments and --file exclude each other",
            code="arguments-conflict",
            why="the order of the results would not be clear",
            fix="give one of the two",
        )
    if texts:
        return iter(texts)
    if file is None:
        return (_line(line) for line in sys.stdin if line.strip())
    if not file.is_file():
        raise RecipeError(
            "the file of rows does not exist",
            code="file-missing",
            path=str(file),
            fix="check the path",
        )
    return _from_file(file)


def _from_file(file: Path) -> Iterator[Any]:
    with file.open(encoding="utf-8", newline="") as stream:
        if file.suffix in (".csv", ".tsv"):
            delimiter = "\t" if file.suffix == ".tsv" else ","
            yield from csv.DictReader(stream, delimiter=delimiter)
        else:
            yield from (_line(line) for line in stream if line.strip())


def _line(line: str) -> Any:
    """A JSON object or string where the line is one, else the text itself."""
    text = line.rstrip("\r\n")
    if not text.lstrip().startswith(("{", "[", '"')):
        return text
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _chunks(rows: Iterator[Any]) -> Iterator[list[Any]]:
    chunk: list[Any] = []
    for row in rows:
        chunk.append(row)
        # A terminal wants each answer at once; a file is faster in batches.
        if len(chunk) == BATCH or sys.stdin.isatty():
            yield chunk
            chunk = []
    if chunk:
        yield chunk
