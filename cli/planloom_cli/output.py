"""Results on standard output and in files."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from planloom.render import cannot_write, is_stream, write_whole
from planloom_schemas.errors import Location, PlanFileError, Problem, RenderError


def print_json(data: Any) -> None:
    """Print plain data as JSON a person can read."""
    import json  # most commands print none

    click.echo(json.dumps(data, ensure_ascii=False, indent=2))


def print_bytes(data: bytes) -> None:
    """Print a document as it is."""
    click.echo(data, nl=False)


def refuse_existing(file: str, force: bool) -> None:
    """Keep a file of the user's, unless it may be overwritten.

    Raises:
        PlanFileError: It exists.
    """
    if not force and os.path.exists(file):
        raise PlanFileError(
            Problem(
                code="FileExists", message="{file} exists already", params={"file": file},
                location=Location(file=file, line=0, column=0),
                fix="choose another name with -o, or overwrite it with --force",
            )
        )  # fmt: skip


def write_all(documents: Sequence[tuple[Path, bytes]]) -> None:
    """Write every document, or change nothing.

    Raises:
        RenderError: One cannot be written; those written before it are as they were.
    """
    written: list[tuple[Path, bytes | None]] = []
    try:
        for path, data in documents:
            before = _read(path)
            write_whole(path, data)
            if not is_stream(path):
                written.append((path, before))
    except (RenderError, KeyboardInterrupt):
        for path, before in reversed(written):
            if before is None:
                path.unlink()
            else:
                write_whole(path, before)
        raise


def _read(path: Path) -> bytes | None:
    """What stands in a file, or None if it is not there."""
    try:
        return path.read_bytes() if os.path.isfile(path) else None
    except OSError as error:
        raise RenderError(cannot_write(str(path), error)) from error
