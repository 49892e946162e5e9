"""``planloom compose``: a plan from a plan file or from options, as documents."""

import datetime as dt
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from planloom.checking import check
from planloom.plugins import Plugins, load_plugins
from planloom.render import format_of, render_bytes
from planloom.reports import FAIL_ON, FailOn, exit_code, summary_line
from planloom_cli.console import CRASHED, patience, tell, tell_notes
from planloom_cli.helptext import Command, is_terminal
from planloom_cli.messages import tr
from planloom_cli.options import argument, option, request_options
from planloom_cli.output import print_bytes, write_all
from planloom_cli.request import Request
from planloom_cli.session import session_of
from planloom_schemas.errors import PlanFileError, Problem
from planloom_schemas.plan import Plan

_BINARY = frozenset({"docx", "pdf", "xlsx"})
_PRINTED = "md"
_STDOUT = "-"


@click.command(
    cls=Command,
    help=(
        "Compose a plan from a plan file, from options, or from both; options win.\n\nEach -o is written "
        "in the format of its ending: .docx .md .html .pdf .xlsx .ics .json .yaml. Without -o the plan "
        "is printed as Markdown. Nothing is written unless everything can be."
    ),
    examples=(
        "planloom compose plan.yaml -o plan.docx -o plan.md",
        "planloom compose -p school --year 2027 --set staff=86 --set members=84 \\",
        "    --set women_members=60 -o plan.docx",
    ),
)
@argument("plan", required=False, metavar="[PLAN]")
@request_options()
@option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    metavar="FILE",
    help="Write a document; repeatable; - prints it.",
)
@option("-f", "--format", "format_", metavar="FORMAT", help="Format, where the ending does not say it.")
@option(
    "--fail-on",
    type=click.Choice(FAIL_ON),
    default=None,
    help="End with exit code 1 if a finding is at least this severe.",
)
@click.pass_context
def compose(
    ctx: click.Context, /, plan: str | None, outputs: Sequence[str], format_: str | None, fail_on: FailOn | None,
    **request: Any,
) -> None:  # fmt: skip
    """Compose a plan and write it."""
    session = session_of(ctx)
    library = session.library()
    code = load_plugins(library)
    tell((*library.problems, *code.problems), "warning")
    targets = _targets([*filter(None, [plan]), *request["directives"]], outputs, format_, code)
    composed = Request(plan=plan, **request).compose(library, code)
    report = check(composed, library=library, plugins=code, today=dt.date.today(), translate=tr)
    documents = [(file, _rendered(composed, name, code, file)) for file, name in targets]
    write_all([(Path(file), data) for file, data in documents if file != _STDOUT])
    for file, data in documents:
        if file == _STDOUT:
            print_bytes(data)
    if not session.quiet:
        tell_notes(composed.notes)
        click.echo(summary_line(report, tr), err=True)
    if code.problems:
        ctx.exit(CRASHED)
    if fail_on is not None:
        ctx.exit(exit_code(report, fail_on))


def _targets(
    inputs: Sequence[str], outputs: Sequence[str], format_: str | None, code: Plugins
) -> list[tuple[str, str]]:
    """The files to write with their formats; - stands for standard output.

    Raises:
        PlanFileError: A file is named twice, is one that is read, or cannot be printed.
        RenderError: No format has that name.
    """
    if format_ is not None:
        format_ = format_of(f".{format_}" if format_.startswith(".") else f"plan.{format_}", code.renderers)
    if format_ is not None and len(outputs) > 1:
        raise PlanFileError(
            Problem(
                code="FormatOfSeveral", message="--format goes with one -o, found {count}",
                params={"count": len(outputs)}, fix="leave --format out; each file's ending says its format",
            )
        )  # fmt: skip
    outputs = outputs or [_STDOUT]
    targets = [
        (file, format_ or (_PRINTED if file == _STDOUT else format_of(file, code.renderers)))
        for file in outputs
    ]
    problems = [*_clashes(outputs, inputs), *_unprintable(targets)]
    if problems:
        raise PlanFileError(*problems)
    return targets


def _clashes(files: Sequence[str], inputs: Sequence[str]) -> list[Problem]:
    real = [file if file == _STDOUT else os.path.realpath(file) for file in files]
    problems = [
        Problem(
            code="OutputTwice",
            message="{file} is named twice with -o",
            params={"file": file},
            fix="name it once",
        )
        for number, file in enumerate(files)
        if real[number] in real[:number]
    ]
    problems += [
        Problem(
            code="OutputIsInput", message="-o {file} would overwrite a file that is read",
            params={"file": file}, fix="name another file",
        )
        for file in inputs if os.path.realpath(file) in real
    ]  # fmt: skip
    return problems


def _unprintable(targets: Sequence[tuple[str, str]]) -> list[Problem]:
    return [
        Problem(
            code="NotPrintable", message="{format} is no text and cannot be printed on a terminal",
            params={"format": name}, fix="name a file: -o plan.{format}",
        )
        for file, name in targets
        if file == _STDOUT and name in _BINARY and is_terminal(sys.stdout)
    ]  # fmt: skip


def _rendered(plan: Plan, format_: str, code: Plugins, file: str) -> bytes:
    with patience(tr("writing {file}").format(file=format_ if file == _STDOUT else file)):
        return render_bytes(plan, format_, extra=code.renderers)
