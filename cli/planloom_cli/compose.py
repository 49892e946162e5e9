"""``planloom compose``: a plan from a plan file or from options, as documents."""

import datetime as dt
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from planloom.checking import check
from planloom.pasting import flow
from planloom.plugins import Plugins, load_plugins
from planloom.render import format_of, render_bytes
from planloom.reports import FAIL_ON, FailOn, exit_code, summary_line
from planloom_cli.console import CRASHED, patience, tell, tell_assumed
from planloom_cli.helptext import Command, is_terminal
from planloom_cli.messages import tr
from planloom_cli.options import argument, option, request_options
from planloom_cli.output import print_bytes, write_all
from planloom_cli.request import Request
from planloom_cli.session import Session, session_of
from planloom_schemas.errors import PlanFileError, Problem
from planloom_schemas.plan import Plan

_BINARY = frozenset({"docx", "pdf", "xlsx"})
_PRINTED = "md"


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
    targets = _targets(plan, outputs, format_, code)
    composed = Request(plan=plan, **request).compose(library, code)
    report = check(composed, library=library, plugins=code, today=dt.date.today(), translate=tr)
    documents = [(file, _rendered(composed, name, code, file)) for file, name in targets]
    write_all([(Path(file), data) for file, data in documents if file])
    for file, data in documents:
        if not file:
            print_bytes(data)
    tell_notes(session, composed)
    if not session.quiet:
        click.echo(summary_line(report, tr), err=True)
    if code.problems:
        ctx.exit(CRASHED)
    if fail_on is not None:
        ctx.exit(exit_code(report, fail_on))


def _targets(
    plan: str | None, outputs: Sequence[str], format_: str | None, code: Plugins
) -> list[tuple[str, str]]:
    """The files to write with their formats; "" stands for standard output.

    Raises:
        PlanFileError: A file is named twice, is the plan file, or cannot be printed.
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
    targets = [
        (_file(o), format_ or (_PRINTED if not _file(o) else format_of(o, code.renderers))) for o in outputs
    ]
    targets = targets or [("", format_ or _PRINTED)]
    problems = [*_clashes([file for file, _ in targets if file], plan), *_unprintable(targets)]
    if problems:
        raise PlanFileError(*problems)
    return targets


def _file(output: str) -> str:
    return "" if output == "-" else output


def _clashes(files: Sequence[str], plan: str | None) -> list[Problem]:
    real = [os.path.realpath(file) for file in files]
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
    if plan is not None and os.path.realpath(plan) in real:
        problems.append(
            Problem(
                code="OutputIsInput", message="-o {file} would overwrite the plan file",
                params={"file": plan}, fix="name another file",
            )
        )  # fmt: skip
    return problems


def _unprintable(targets: Sequence[tuple[str, str]]) -> list[Problem]:
    return [
        Problem(
            code="NotPrintable", message="{format} is no text and cannot be printed on a terminal",
            params={"format": name}, fix="name a file: -o plan.{format}",
        )
        for file, name in targets
        if not file and name in _BINARY and is_terminal(sys.stdout)
    ]  # fmt: skip


def _rendered(plan: Plan, format_: str, code: Plugins, file: str) -> bytes:
    with patience(tr("writing {file}").format(file=file or format_)):
        return render_bytes(plan, format_, extra=code.renderers)


def tell_notes(session: Session, plan: Plan) -> None:
    """Say what composing assumed and found worth saying."""
    if session.quiet:
        return
    assumed = [fact for fact in plan.fact_info if fact.source == "default"]
    for note in plan.notes:
        if note.code == "AssumedFacts":
            tell_assumed(len(assumed), {fact.id: (fact.title, flow(plan.facts[fact.id])) for fact in assumed})
        else:
            tell([note], "note")
