"""``planloom explain``: where a value comes from, or what a rule wants."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from planloom.pasting import said
from planloom.reading import read_composed
from planloom_cli import provenance as sources
from planloom_cli.console import party_lines
from planloom_cli.helptext import Command
from planloom_cli.messages import tr
from planloom_cli.options import argument, format_option, request_options
from planloom_cli.output import print_json
from planloom_cli.provenance import WHY, Explained, explained
from planloom_cli.request import Request
from planloom_cli.session import Session, session_of
from planloom_cli.width import aligned, clipped
from planloom_schemas.convert import plain
from planloom_schemas.errors import Location, PlanFileError, Problem
from planloom_schemas.plan import DateSpan, Plan, Statement

FORMAT = "planloom-explain/1"
_LONGEST = 60
_CODE = re.compile(r"[A-Z]{2,5}[0-9]{3}")


@click.command(
    cls=Command,
    help=(
        "Say where a value of a plan comes from: who says it, whom that beats, and why. PATH names an "
        "item (activities/ID) or one of its fields (activities/ID/on); PLAN is a plan file or a composed "
        "plan in JSON; with -p it may be left out.\n\nWith the CODE or the short name of a rule: what it "
        "wants, on which legal basis, and how to comply."
    ),
    examples=(
        "planloom explain plan.yaml activities/staff-congress/on",
        "planloom explain -p school --year 2027 --set staff=86 --set members=84 \\",
        "    --set women_members=60 activities/staff-congress",
        "planloom explain SCH001",
    ),
)
@argument("what", nargs=-1, required=True, metavar="[PLAN] PATH | CODE")
@request_options()
@format_option
@click.pass_context
def explain(ctx: click.Context, /, what: Sequence[str], format_: str, **request: Any) -> None:
    """Explain a path of a plan or a rule."""
    session = session_of(ctx)
    if len(what) > 2:
        raise click.UsageError(tr("explain takes a plan and one path, or the code of one rule"), ctx)
    *plan, name = what
    if not plan and (_CODE.fullmatch(name) or ("/" not in name and not request["profiles"])):
        from planloom_cli.rulebook import explain_rule

        explain_rule(name, session, as_json=format_ == "json")
        return
    composed = _plan(plan[0] if plan else None, request, session)
    found = explained(composed, name)
    if format_ == "json":
        print_json(_data(found))
    else:
        click.echo("\n".join([*_lines(found), *_field_lines(found, composed)]))


def _plan(file: str | None, request: dict[str, Any], session: Session) -> Plan:
    if file is not None and file.lower().endswith(".json"):
        return _composed(Path(file))
    return Request(plan=file, **request).compose(session.library())


def _composed(file: Path) -> Plan:
    """A composed plan from its JSON.

    Raises:
        SchemaError: The file cannot be read, or is no composed plan.
        PlanFileError: It keeps no record of where its values come from.
    """
    plan = read_composed(file)
    if not plan.origins:
        raise PlanFileError(
            Problem(
                code="NoOrigins", message="{file} keeps no record of where its values come from",
                params={"file": str(file)}, location=Location(file=str(file), line=0, column=0),
                fix="explain the plan file instead",
            )
        )  # fmt: skip
    return plan


# ---- in words ----


def _lines(found: Explained) -> Iterator[str]:
    yield found.path
    yield from (f"  {line}" for line in aligned(_facts_of(found)))
    if found.hidden is not None:
        hidden = found.hidden
        yield "  " + tr("not in this plan: {path} has the condition {when}, and").format(
            path=hidden.path, when=hidden.when
        )
        yield from (
            f"    {line}"
            for line in aligned((name, f"= {said(value)}") for name, value in hidden.facts.items())
        )
    statements = found.provenance
    if statements.holds:
        yield f"  {tr('removed by') if statements.why == 'removed' else tr('said by')}"
        yield from _parties(statements.holds)
    if statements.beat:
        yield f"  {tr('beats')}"
        yield from _parties(statements.beat)


def _facts_of(found: Explained) -> Iterator[tuple[str, str]]:
    if not found.fields and found.provenance.why != "removed":
        yield tr("value"), said(found.value)
    if found.dates:
        yield tr("dates"), sources.spoken_dates(found.dates)
    yield tr("why"), tr(WHY[found.provenance.why])


def _field_lines(found: Explained, plan: Plan) -> Iterator[str]:
    if not found.fields:
        return
    yield f"  {tr('fields')}"
    table: list[tuple[str, str, str]] = []
    for path in found.fields:
        one = explained(plan, path)
        value = "" if one.fields else clipped(said(one.value), _LONGEST)
        table.append((path.removeprefix(found.path + "/"), value, one.provenance.holds[0].origin.layer))
    yield from (f"    {line}" for line in aligned(table))


def _parties(statements: Sequence[Statement]) -> Iterator[str]:
    yield from (f"  {line}" for line in party_lines([sources.party(one, _LONGEST) for one in statements]))


# ---- as data ----


def _data(found: Explained) -> dict[str, object]:
    hidden = found.hidden
    return {
        "format": FORMAT, "path": found.path, "value": plain(found.value), "why": found.provenance.why,
        "dates": [_span(span) for span in found.dates], "fields": list(found.fields),
        "hidden": {"path": hidden.path, "when": hidden.when, "facts": dict(hidden.facts)} if hidden else None,
        "holds": [_statement(one) for one in found.provenance.holds],
        "beat": [_statement(one) for one in found.provenance.beat],
    }  # fmt: skip


def _span(span: DateSpan) -> dict[str, str]:
    return {"start": span.start.isoformat(), "end": span.end.isoformat()}


def _statement(one: Statement) -> dict[str, object]:
    origin = one.origin
    return {
        "layer": origin.layer, "distribution": origin.distribution, "version": origin.version,
        "file": origin.file, "line": origin.line, "column": origin.column,
        "op": one.op, "value": plain(one.value), "reason": one.reason,
    }  # fmt: skip
