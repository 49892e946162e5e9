"""How planloom speaks on standard error: problems with every party, notes, and what takes long."""

import sys
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import cast

import click

from planloom_cli.helptext import is_terminal
from planloom_cli.messages import language, told, tr
from planloom_cli.width import aligned
from planloom_schemas.errors import Location, Party, PlanloomError, Problem

WRONG_INPUT, CRASHED = 2, 3
_CRASHES = frozenset(
    {
        "RendererFailed",
        "ImporterFailed",
        "PluginFailed",
        "LinesLost",
        "BrokenPlugin",
        "PluginClash",
        "UnknownHook",
    }
)
_PATIENCE_SECONDS = 1.0


def exit_code(error: PlanloomError) -> int:
    """The exit code of an error: 3 where only planloom or a plugin failed, else 2."""
    return CRASHED if all(problem.code in _CRASHES for problem in error.problems) else WRONG_INPUT


def tell(problems: Iterable[Problem], kind: str = "error") -> None:
    """Print problems on standard error.

    Args:
        problems: What to tell.
        kind: Message id of the word before each: ``error``, ``warning`` or ``note``.
    """
    told = tuple(problems)
    for problem in told:
        click.echo("\n".join(lines_of(problem, kind)), err=True)
    if kind == "error" and sum(bool(problem.paste) for problem in told) > 1:
        _tell_together(told)


def _tell_together(problems: Sequence[Problem]) -> None:
    """What several errors offer for pasting, once more in one piece: a key may stand in a file only once."""
    from planloom.pasting import together

    block = together(problems)
    if block:
        head = f"{tr('note')} {tr('all of it together, each key once:')}"
        click.echo("\n".join([head, *(f"    {line}" for line in block.splitlines())]), err=True)


def lines_of(problem: Problem, kind: str) -> Iterator[str]:
    """A problem as lines: what, where, who says what, what to do."""
    message, fix = told(problem)
    yield f"{tr(kind)} {message}"
    if problem.location is not None and problem.location.file:
        yield f"  {place(problem.location)}"
    yield from party_lines(problem.parties)
    if fix or problem.paste:
        yield from _fix_lines(fix, problem.paste)


def place(location: Location) -> str:
    """File, line and column; what the command line said has no line."""
    return str(location) if location.line else location.file


def party_lines(parties: Sequence[Party]) -> Iterator[str]:
    """One line for each party, in columns."""
    yield from (f"  {line}" for line in aligned([_cells(party) for party in parties]))


def _cells(party: Party) -> tuple[str, str, str, str]:
    shipped = f"({party.distribution} {party.version})" if party.distribution else ""
    where = f"{party.file}:{party.line}" if party.line else party.file
    return party.layer, shipped, where, party.value


def _fix_lines(fix: str, paste: str) -> Iterator[str]:
    colon = "：" if language() == "zh" else ":"
    head = f"  {tr('fix')} {fix}".rstrip()
    if "\n" in paste:
        yield head + colon
        yield from (f"    {line}" for line in paste.splitlines())
    else:
        yield f"{head}{colon} {paste}" if paste else head


def tell_notes(notes: Iterable[Problem]) -> None:
    """Print notes; facts that nobody stated one on each line, with the values taken."""
    for note in notes:
        if note.code == "AssumedFacts":
            head = tr("{count} facts were not stated; assumed:").format(**note.params)
            tell_table(head, cast("Sequence[Sequence[str]]", note.params["rows"]), note.fix_text(tr))
        else:
            tell([note], "note")


def tell_table(head: str, rows: Sequence[Sequence[str]], fix: str = "") -> None:
    """Print a note with lines of columns under it, in words that are translated already.

    Args:
        head: What the lines are.
        rows: The lines.
        fix: What to do about them, or "".
    """
    lines = [f"{tr('note')} {head}", *(f"  {line}" for line in aligned(rows))]
    lines += _fix_lines(fix, "") if fix else ()
    click.echo("\n".join(lines), err=True)


@contextmanager
def patience(what: str) -> Generator[None]:
    """Say what is being done if it takes more than a second and somebody watches."""
    if not is_terminal(sys.stderr):
        yield
        return
    from threading import Timer

    line = f"{what} …"
    timer = Timer(_PATIENCE_SECONDS, lambda: click.echo(line, err=True))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
