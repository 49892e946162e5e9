"""docs/cli.md holds the help of every command as it is printed, and names every variable that is read.

``UPDATE_GOLDEN=1 pytest tests/test_cli_docs.py`` writes the help anew.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import click

from planloom_cli.helptext import Lazy
from planloom_cli.main import cli

from .conftest import Run

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "cli.md"
HEADING = "## Help on every command\n"


def commands(command: click.Command, *names: str) -> Iterator[tuple[str, ...]]:
    """The names of a command and of all under it, as they are typed."""
    loaded = command.load() if isinstance(command, Lazy) else command
    yield names
    if isinstance(loaded, click.Group):
        for name, inner in loaded.commands.items():
            yield from commands(inner, *names, name)


def test_help_of_every_command_is_current(run: Run) -> None:
    """Under the last heading stands the English help of each command, in the order of the program."""
    page = PAGE.read_text(encoding="utf-8")
    head, heading, rest = page.partition(HEADING)
    introduction, _, _ = rest.partition("\n### ")
    parts = [
        f"### `{' '.join(('planloom', *names))}`\n\n```text\n{run(*names, '--help').stdout}```\n"
        for names in commands(cli)
    ]
    wanted = "\n".join((head + heading + introduction.rstrip("\n") + "\n", *parts))
    if os.environ.get("UPDATE_GOLDEN"):
        PAGE.write_text(wanted, encoding="utf-8")
    assert wanted == page


def test_every_variable_is_named() -> None:
    """The page names every environment variable of planloom that the code reads."""
    code = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "cli").rglob("*.py"))
    page = PAGE.read_text(encoding="utf-8")
    for name in {*re.findall(r"\bPLANLOOM_[A-Z_]+", code), "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"}:
        assert f"`{name}`" in page


def test_every_exit_code_is_named() -> None:
    """The page has a row for each exit code of the contract, and no other."""
    rows = re.findall(r"^\| (\d+) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == ["0", "1", "2", "3", "4"]
