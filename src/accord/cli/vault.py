"""`accord vault`: data encrypted at rest, with a key that stays outside."""

from __future__ import annotations

import json
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from accord.cli.options import JsonOption

if TYPE_CHECKING:
    from accord.vaulting.seal import Form

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
KEY = "env:ACCORD_VAULT_KEY"
KeyOption = Annotated[
    str,
    typer.Option(
        "--key", "-k", metavar="SOURCE", help="env:NAME, file:PATH, command:PROGRAM; never a key."
    ),
]
PathArgument = Annotated[Path, typer.Argument(help="A sealed file or folder.", show_default=False)]


class As(StrEnum):
    """What `--form` may be."""

    AUTO = "auto"
    PARQUET = "parquet"
    FILE = "file"


@app.command()
def seal(  # noqa: PLR0913 - each is a part of what is sealed
    path: Annotated[Path, typer.Argument(help="A file, or a folder as one data set.")],
    agreement: Annotated[
        str, typer.Option("--agreement", "-a", help="Its agreement file, or `own`.")
    ],
    key: KeyOption = KEY,
    dataset: Annotated[
        str | None, typer.Option("--dataset", help="Name of the data set; else the path's own.")
    ] = None,
    version: Annotated[str, typer.Option("--version", help="Of the data set.")] = "1",
    form: Annotated[
        As,
        typer.Option(
            "--form",
            help="parquet: CSV, JSONL, Arrow become encrypted Parquet; file: Parquet is sealed as "
            "any other file.",
        ),
    ] = As.AUTO,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="By default beside it, NAME.sealed.")
    ] = None,
    remove: Annotated[
        bool, typer.Option("--remove", help="Delete the plain files once all was read back.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Encrypt data, bound to its agreement, its name and its version.

    The key of the data lies beside them, wrapped by yours: FILE.envelope, or vault.envelope in a
    folder. Whoever moves the data moves it along.
    """
    from accord.agreement.reading_right import named
    from accord.vaulting.keys import service_named
    from accord.vaulting.seal import Binding
    from accord.vaulting.seal import seal as seal_path

    service = service_named(key)
    forms: dict[As, Form] = {As.AUTO: "auto", As.PARQUET: "parquet", As.FILE: "file"}
    binding = Binding(named(agreement), dataset, version)
    found = seal_path(path, service, binding, form=forms[form], output=output, remove=remove)
    if as_json:
        _json(asdict(found) | {"key": service.key_id, "agreement": binding.agreement})
        return
    typer.echo(f"sealed {found.path} ({found.files} files, {found.sealed_bytes:,} bytes)")
    typer.echo(f"envelope {found.envelope}, key {service.key_id}")
    if not remove:
        typer.echo(f"{path} is still there in the open; --remove deletes it", err=True)
    else:
        typer.echo(
            "deleted files may still stand on the disk, in snapshots and in backups", err=True
        )


@app.command(name="open")
def open_(
    path: PathArgument,
    output: Annotated[
        str,
        typer.Option("--output", "-o", help="File or folder to write in the open; - for stdout."),
    ],
    agreement: Annotated[
        str | None,
        typer.Option(
            "--agreement", "-a", help="Its agreement file, or `own`; a run has its permit."
        ),
    ] = None,
    key: KeyOption = KEY,
    as_json: JsonOption = False,
) -> None:
    """Write the plaintext, where the agreement lets the data be read."""
    from accord.vaulting.keys import service_named
    from accord.vaulting.opened import STDOUT, open_to

    files = open_to(path, service_named(key), agreement, output)
    if as_json:
        _json({"path": output, "files": files})
    elif output != STDOUT:
        typer.echo(f"{output}: {files} files in the open, for you alone to read")


@app.command()
def rotate(
    paths: Annotated[
        list[Path], typer.Argument(help="Sealed files, folders, runs, or envelopes; folders whole.")
    ],
    new_key: Annotated[str, typer.Option("--new-key", "-n", metavar="SOURCE", help="As of --key.")],
    key: KeyOption = KEY,
    as_json: JsonOption = False,
) -> None:
    """Wrap data keys by another key; the data are not touched, however large."""
    from accord.vaulting.keys import service_named
    from accord.vaulting.opened import rotate as rewrap

    before, after = service_named(key), service_named(new_key)
    changed = rewrap(paths, before, after)
    if as_json:
        _json({"changed": [str(p) for p in changed], "from": before.key_id, "to": after.key_id})
        return
    for place in changed:
        typer.echo(f"{place}: {before.key_id} -> {after.key_id}")
    if not changed:
        typer.echo(f"all have the key {after.key_id} already")


@app.command()
def show(path: PathArgument, as_json: JsonOption = False) -> None:
    """Show what a sealed file, folder or run is. No key is needed."""
    from accord.vaulting.opened import show as look

    found = look(path)
    if as_json:
        _json(asdict(found))
        return
    lines = {"form": found.form, **found.about, "envelope": found.envelope, "files": found.files}
    lines["sealed bytes"] = f"{found.sealed_bytes:,}"
    lines["plain bytes"] = "" if found.plain_bytes is None else f"{found.plain_bytes:,}"
    lines["missing"] = ", ".join(found.missing)
    for name, value in lines.items():
        if value not in (None, ""):
            typer.echo(f"{name:<13} {value}")


@app.command()
def verify(path: PathArgument, key: KeyOption = KEY, as_json: JsonOption = False) -> None:
    """Decrypt everything in memory and say whether it is what was sealed. Nothing is written."""
    from accord.vaulting.keys import service_named
    from accord.vaulting.opened import verify as read_all

    files = read_all(path, service_named(key))
    if as_json:
        _json({"path": str(path), "files": files, "whole": True})
        return
    typer.echo(f"{path}: {files} files, whole")


@app.command()
def key(
    file: Annotated[Path, typer.Argument(help="The key; only you may read it.")],
    as_json: JsonOption = False,
) -> None:
    """Make a key in FILE; name it as file:FILE. What is sealed with it is lost without it."""
    from accord.vaulting.keys import new_key

    found = new_key(file)
    if as_json:
        _json({"path": str(file), "key": found})
        return
    typer.echo(f"{file}: {found}; keep a copy of it elsewhere")


def _json(value: dict[str, Any]) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False))
