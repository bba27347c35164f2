"""`accord init`: a ready project for a task, runnable offline."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Task(StrEnum):
    """The tasks, as the command line completes them."""

    TEXT = "text-classification"
    TOKENS = "token-classification"
    CAUSAL = "causal-lm"
    IMAGE = "image-classification"
    TABLE = "table-classification"
    REGRESSION = "table-regression"


class Tongue(StrEnum):
    """Language of the example texts."""

    ENGLISH = "en"
    CHINESE = "zh"


def init(
    task: Annotated[Task, typer.Argument(help="What the model shall do.", show_default=False)],
    directory: Annotated[
        Path | None, typer.Argument(help="Where; by default a folder named like the task.")
    ] = None,
    language: Annotated[
        Tongue, typer.Option("--language", "-l", help="Language of the example texts.")
    ] = Tongue.ENGLISH,
) -> None:
    """Write a project that checks and trains as it is, without a network."""
    from accord.cli.templates.project import PROJECTS
    from accord.errors import RecipeError

    folder = directory or Path(task.value)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise RecipeError(
            "the folder is not empty",
            code="output-exists",
            path=str(folder),
            why="`init` never overwrites your files",
            fix="name another folder: accord init TASK DIRECTORY",
        )
    folder.mkdir(parents=True, exist_ok=True)
    project = PROJECTS[task.value](folder, "zh" if language is Tongue.CHINESE else "en")
    (folder / "recipe.yaml").write_text(
        _RECIPE.format(
            task=task.value,
            model=f"model:\n{_indented(project.model)}\n" if project.model else "",
            source=project.source,
            columns=_indented(project.columns),
            train=_indented(project.train),
        ),
        encoding="utf-8",
    )
    about = {"task": task.value, "origin": project.origin, "licence": project.licence}
    (folder / "agreement.yaml").write_text(_AGREEMENT.format(**about), encoding="utf-8")
    (folder / "README.md").write_text(_README.format(**about), encoding="utf-8")
    typer.echo(f"{folder}: recipe.yaml, agreement.yaml, {project.source}, README.md")
    typer.echo(f"next: cd {folder} && accord check recipe.yaml && accord train recipe.yaml")


def _indented(lines: str) -> str:
    return "\n".join(f"  {line}" for line in lines.splitlines())


_RECIPE = """\
# yaml-language-server: $schema=recipe.schema.json
# (write that file with: accord schema --output recipe.schema.json)
task: {task}
{model}data:
  agreement: agreement.yaml   # the data's terms; `own` for data one holds all rights to
  train: {source}
  validation: 0.1             # a share of train, or a file
  test: 0.2
{columns}
train:
{train}
"""

_AGREEMENT = """\
# Under what terms this project uses its data. Replace it when you replace the data.
id: example
license: {licence}
source: {origin}
"""

_README = """\
# {task} with Accord

    accord check recipe.yaml      # looks at recipe and data, trains nothing
    accord train recipe.yaml      # trains, evaluates, writes runs/.../report.html

- `recipe.yaml`: what is made. Put your own data and columns here.
- `agreement.yaml`: under what terms the data may be used.
- Data: {origin} Licence: {licence}.
"""
