"""``planloom new``: ask for the facts and write a plan file."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from attrs import evolve

from planloom.discovery import Library
from planloom.facts import FactError
from planloom.layers import plan_layer
from planloom.merge import Item, Resolution
from planloom.pasting import flow
from planloom.pipeline import Request as Composing
from planloom.pipeline import compose_plan
from planloom.planfile import load_plan_file
from planloom.plugins import load_plugins
from planloom.source import parse_source
from planloom.stack import stack_of
from planloom_cli import asking
from planloom_cli.console import tell
from planloom_cli.drafting import Draft, plan_id, seen_from, text_of
from planloom_cli.helptext import Command, stdin_is_terminal
from planloom_cli.messages import tr
from planloom_cli.options import option, request_options
from planloom_cli.output import refuse_existing, write_all
from planloom_cli.request import no_profile, period_of, typed_facts
from planloom_cli.rolling import next_period, renamed, roll
from planloom_cli.session import Session, session_of
from planloom_schemas.convert import structure_plan_file
from planloom_schemas.dates import parse_period
from planloom_schemas.errors import Location, MergeConflictError, PlanFileError, Problem


@click.command(
    cls=Command,
    help=(
        "Ask for the facts and write a commented plan file. Where nobody can be asked, --set must state "
        "what has no default.\n\nWith --from, move last year's plan file on to the next period: facts, "
        "changes and comments stay; waivers that have ended are commented out, and what names a year is "
        "listed for review."
    ),
    examples=(
        "planloom new -p school",
        "planloom new -p school --year 2027 --set staff=86 --set members=84 \\",
        "    --set women_members=60 --no-input",
        "planloom new --from school-2027.yaml --year 2028",
    ),
)
@request_options()
@option("--from", "origin", metavar="PLAN", help="Last year's plan file, to be moved on.")
@option("-o", "--output", metavar="FILE", help="File to write; by default named after the plan.")
@option("--no-input", is_flag=True, help="Ask nothing.")
@option("--force", is_flag=True, help="Overwrite an existing file.")
@click.pass_context
def new(
    ctx: click.Context, /, profiles: Sequence[str], origin: str | None, output: str | None, no_input: bool,
    force: bool, **given: Any,
) -> None:  # fmt: skip
    """Write a plan file."""
    session = session_of(ctx)
    if origin is not None:
        if profiles or given["directives"]:
            raise click.UsageError(tr("--from takes its profiles and directives from the file"), ctx)
        file, text = _rolled(origin, output, session, given)
        ready = True
    else:
        if not profiles:
            raise PlanFileError(no_profile(session.library()))
        asks = not no_input and stdin_is_terminal()
        file, text, ready = _drafted(profiles, output, session, given, asks=asks, force=force)
    refuse_existing(file, force)
    write_all([(Path(file), text.encode("utf-8"))])
    done = "wrote {file}; next: planloom compose {file} -o {stem}.docx"
    unsettled = "wrote {file}; before it can be composed, settle in it what the profiles say differently"
    if session.quiet:
        return
    click.echo(tr(done if ready else unsettled).format(file=file, stem=Path(file).stem), err=True)


# ---- from last year's plan ----


def _rolled(origin: str, output: str | None, session: Session, given: Mapping[str, Any]) -> tuple[str, str]:
    library = session.library()
    layer = load_plan_file(Path(origin), library)
    content = layer.content
    if content.period is None or not content.period:
        raise PlanFileError(
            Problem(
                code="NoPeriod", message="the plan does not say which year or term it is for",
                location=Location(file=origin, line=0, column=0), fix="write period: 2027 in it",
            )
        )  # fmt: skip
    stated = str(content.period)
    words = given["period"]
    if words is None:
        words = next_period(parse_period(content.period), stated)
    period = period_of(words)
    stack = stack_of(library, content.profiles or (), content.directives or (), layer)
    facts = typed_facts(given["facts"], stack)
    done = roll(layer, period, words, facts, given["organisation"])
    file = output
    if file is None:
        file = str(Path(origin).with_name(f"{renamed(layer.id, stated, words)}.yaml"))
    if not session.quiet:
        tell(done.notes, "note")
    return file, done.text


# ---- from nothing ----


def _drafted(
    profiles: Sequence[str],
    output: str | None,
    session: Session,
    given: Mapping[str, Any],
    *,
    asks: bool,
    force: bool,
) -> tuple[str, str, bool]:
    library = session.library()
    stack = stack_of(library, profiles, given["directives"], None)
    facts = typed_facts(given["facts"], stack)
    words = given["period"]
    if words is None:
        words = asking.ask_period() if asks else asking.coming_year()
    period = period_of(words)
    plan = plan_id(stack.profiles, words)
    file = f"{plan}.yaml" if output is None else output
    refuse_existing(file, force)
    folder = Path(file).parent
    draft = Draft(
        id=plan, profiles=tuple(profiles), period=words, facts=facts,
        organisation=given["organisation"] or "",
        directives=tuple(seen_from(folder, directive) for directive in given["directives"]),
    )  # fmt: skip
    draft, merged = _agreed(draft, library, folder, asks=asks)
    _check_limits(merged, facts)
    draft = _asked(draft, merged) if asks else _complete(draft, merged)
    text = text_of(draft, merged, period, file)
    if not draft.open:
        _prove(text, file, library)
    return file, text, not draft.open


def _agreed(draft: Draft, library: Library, folder: Path, *, asks: bool) -> tuple[Draft, Resolution]:
    """The draft with an answer wherever the layers differ.

    Raises:
        PlanloomError: The layers contradict each other in what no plan file can settle.
    """
    answers: dict[str, str] = {}
    while True:
        try:
            merged = evolve(draft, answers=tuple(answers.items())).merged(library, folder)
            break
        except MergeConflictError as error:
            if any(problem.code != "ValueConflict" or problem.path in answers for problem in error.problems):
                raise
            for conflict in error.problems:
                answers[conflict.path] = asking.ask_conflict(conflict) if asks else conflict.parties[0].value
            if not asks:
                tell(error.problems, "note")
    settled = tuple(answers.items())
    return evolve(draft, answers=settled) if asks else evolve(draft, open=settled), merged


def _check_limits(merged: Resolution, facts: Mapping[str, object]) -> None:
    """Refuse facts outside their limits before anything is asked.

    Raises:
        PlanFileError: With every such fact.
    """
    problems: list[Problem] = []
    for item in merged.items.get("facts", ()):
        if item.id in facts:
            try:
                asking.check_fact(item, facts[item.id])
            except FactError as error:
                problems.append(
                    Problem(
                        code="Unsatisfiable", message="the fact {fact} ({title}): " + error.message,
                        params={"fact": item.id, "title": item.get("title") or item.id, **error.params},
                        location=Location(file=f"--set {item.id}={flow(facts[item.id])}", line=0, column=0),
                        fix="change the value of {fact}",
                    )
                )  # fmt: skip
    if problems:
        raise PlanFileError(*problems)


def _asked(draft: Draft, merged: Resolution) -> Draft:
    """The draft with what the officer answers."""
    organisation = draft.organisation or asking.ask_text("Name of the union", "")
    facts = {**draft.facts, **asking.ask_facts(merged.items.get("facts", ()), draft.facts)}
    return evolve(draft, organisation=organisation, facts=_in_order(merged, facts))


def _complete(draft: Draft, merged: Resolution) -> Draft:
    """The draft, if nothing is missing.

    Raises:
        PlanFileError: With every fact that has no default and was not stated.
    """
    missing = asking.missing_facts(merged.items.get("facts", ()), draft.facts)
    if missing:
        raise PlanFileError(*missing)
    return evolve(draft, facts=_in_order(merged, draft.facts))


def _in_order(merged: Resolution, facts: Mapping[str, object]) -> dict[str, object]:
    items: Sequence[Item] = merged.items.get("facts", ())
    return {item.id: facts[item.id] for item in items if item.id in facts}


def _prove(text: str, file: str, library: Library) -> None:
    """Compose the new file before it is written.

    Raises:
        PlanloomError: It would not compose.
    """
    source = parse_source(text, file)
    layer = plan_layer(structure_plan_file(source.data), source)
    compose_plan(layer, Composing(), library, load_plugins(library))
