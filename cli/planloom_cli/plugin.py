"""``planloom plugin``: write a new profile plugin, and run the conformance kit on one."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from planloom_cli.console import lines_of
from planloom_cli.helptext import Command, LazyGroup
from planloom_cli.messages import told, tr
from planloom_cli.options import argument, format_option, option
from planloom_cli.output import print_json
from planloom_cli.session import session_of
from planloom_cli.width import pad

if TYPE_CHECKING:
    from planloom.testing import KitReport, KitResult

_FAILED = 1

plugin = LazyGroup(
    "plugin",
    help="Write a new profile plugin, and check one before you share it.",
    examples=(
        "planloom plugin new hospital --title 医院工会 --prefix HOS",
        "planloom plugin check planloom-hospital",
    ),
    lazy={
        "new": ("planloom_cli.plugin:new", "Write a complete profile plugin to start from."),
        "check": ("planloom_cli.plugin:check", "Run the conformance kit on a plugin."),
    },
)


@click.command(
    cls=Command,
    help=(
        "Write a profile plugin that composes, installs and passes the kit as it stands. Change it from "
        "there.\n\nID is the name people will select: planloom compose -p ID."
    ),
    examples=(
        "planloom plugin new hospital --title 医院工会 --prefix HOS",
        "planloom plugin new primary --title 小学工会 --extends school --python",
    ),
)
@argument("id_", metavar="ID")
@option("--title", required=True, metavar="NAME", help="Name of the profile, for example 医院工会.")
@option(
    "--prefix", metavar="LETTERS", help="Prefix of its rule codes; by default the first three letters of ID."
)
@option("--extends", default="union", show_default=True, metavar="PROFILE", help="The profile it stands on.")
@option("--python", "with_python", is_flag=True, help="Add a rule written in Python.")
@option("-o", "--output", metavar="DIR", help="Folder to write; by default planloom-ID.")
@click.pass_context
def new(
    ctx: click.Context,
    id_: str,
    title: str,
    prefix: str | None,
    extends: str,
    with_python: bool,
    output: str | None,
) -> None:
    """Write a new plugin."""
    from planloom.scaffold import NewPlugin, plugin_files, write_plugin

    letters = "".join(filter(str.isalpha, id_))[:3].upper()
    wanted = NewPlugin(
        id=id_, title=title, prefix=prefix or letters, extends=extends, with_python=with_python
    )
    files = plugin_files(wanted, session_of(ctx).library())
    folder = Path(output or wanted.distribution)
    write_plugin(files, folder)
    click.echo(tr("{folder} was written: {count} files").format(folder=folder, count=len(files)))
    for line in (
        f"planloom --layer-path {folder} compose -p {id_} --year 2027",
        f"planloom plugin check {folder}",
        f"pip install {folder}",
    ):
        click.echo(f"  {line}")


@click.command(
    cls=Command,
    help=(
        "Run the conformance kit: 27 checks, each explained in docs/kit.md.\n\nTARGET is the folder of "
        "a plugin or of a layer, installed or not, or the id of an installed layer. Exits with 1 if a "
        "check fails."
    ),
    examples=(
        "planloom plugin check .",
        "planloom plugin check school",
        "planloom plugin check . --format json",
    ),
)
@argument("target", metavar="TARGET")
@format_option
@click.pass_context
def check(ctx: click.Context, target: str, format_: str) -> None:
    """Run the kit."""
    import datetime as dt

    from planloom.testing import check_plugin

    report = check_plugin(target, today=dt.date.today(), library=session_of(ctx).library())
    if format_ == "json":
        print_json(_data(report))
    else:
        click.echo("\n".join(_lines(report)))
    if not report.is_passed:
        ctx.exit(_FAILED)


def _lines(report: "KitReport") -> Iterator[str]:
    layer = ""
    for result in report.results:
        if result.layer != layer:
            layer = result.layer
            yield layer
        yield f"  {pad(tr(result.status), 8)}{result.number:>2}  {tr(result.name)}{_why(result)}"
        for problem in result.problems:
            yield from (f"      {line}" for line in lines_of(problem, "error"))
    counts = report.counts()
    words = tr("{count} checks: {ran} ran, {skipped} skipped, {failed} failed")
    yield words.format(
        count=len(report.results), ran=counts["ran"], skipped=counts["skipped"], failed=counts["failed"]
    )


def _why(result: "KitResult") -> str:
    return f" - {tr(result.reason)} ({result.date})" if result.reason else ""


def _data(report: "KitReport") -> dict[str, object]:
    from planloom.testing.kit import FORMAT

    return {
        "format": FORMAT,
        "target": report.target,
        "results": [_result(result) for result in report.results],
        "counts": dict(report.counts()),
    }


def _result(result: "KitResult") -> dict[str, object]:
    problems: list[dict[str, object]] = []
    for problem in result.problems:
        message, fix = told(problem)
        at = problem.location
        place = {"file": at.file, "line": at.line, "column": at.column} if at else {}
        problems.append({"code": problem.code, "message": message, "fix": fix, "path": problem.path, **place})
    return {
        "number": result.number,
        "name": result.name,
        "layer": result.layer,
        "status": result.status,
        "reason": result.reason,
        "date": result.date.isoformat() if result.date else None,
        "problems": problems,
    }
