"""``planloom import``: a document that somebody wrote becomes a plan file."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import click
from attrs import evolve, frozen

from planloom.discovery import Library
from planloom.documents import Document, read_document
from planloom.documents.importing import (
    Titles,
    import_document,
    losses,
    organisation_of,
    period_text,
    titles_of,
    told_by_profiles,
)
from planloom.layers import LoadedLayer
from planloom.merge import Item, resolve
from planloom.pipeline import Request as Composing
from planloom.pipeline import compose_plan
from planloom.planfile import plan_of_source
from planloom.plugins import Plugins, load_plugins
from planloom.source import Source, parse_source
from planloom.stack import stack_of
from planloom_cli import asking
from planloom_cli.console import CRASHED, tell, tell_table
from planloom_cli.drafting import plan_id
from planloom_cli.helptext import Command, stdin_is_terminal
from planloom_cli.messages import tr
from planloom_cli.options import argument, option, request_options
from planloom_cli.output import refuse_existing, write_all
from planloom_cli.request import no_profile, period_of, typed_facts
from planloom_cli.session import session_of
from planloom_schemas.dates import Period, parse_period
from planloom_schemas.errors import Location, PlanFileError, PlanloomError, Problem
from planloom_schemas.plan import Plan


@click.command(
    name="import",
    cls=Command,
    help=(
        "Read an existing document (.docx .md .txt) into a plan file. No line is lost: what is not "
        "recognised stands in the plan file as a comment.\n\nWith -p, sections and activities that are "
        "called like those of the profiles become theirs; so do measures with nearly the same words, "
        "once the facts are stated."
    ),
    examples=(
        "planloom import 2026.docx -p school -o plan.yaml",
        "planloom import 2026.docx -p school --set staff=86 --no-input -o plan.yaml",
    ),
)
@argument("file", metavar="FILE")
@request_options("profiles", "period", "facts", "organisation")
@option("-o", "--output", metavar="FILE", help="File to write; by default named after the plan.")
@option("--no-input", is_flag=True, help="Ask nothing.")
@option("--force", is_flag=True, help="Overwrite an existing file.")
@click.pass_context
def import_file(
    ctx: click.Context, /, file: str, profiles: Sequence[str], period: str | None, facts: Mapping[str, str],
    organisation: str | None, output: str | None, no_input: bool, force: bool,
) -> None:  # fmt: skip
    """Write a plan file."""
    session = session_of(ctx)
    library = session.library()
    code = load_plugins(library)
    tell((*library.problems, *code.problems), "warning")
    if output:
        _refuse_target(file, output, force)
    if facts and not profiles:
        raise PlanFileError(no_profile(library))
    titles = titles_of(library, profiles)
    document = read_document(
        file, period=period_of(period) if period else None, sections=titles.sections, readers=code.importers
    )
    known = typed_facts(facts, stack_of(library, profiles, (), None)) if facts else {}
    draft = _Draft(
        document=document, titles=titles, profiles=tuple(profiles), period=document.period, facts=known,
        organisation=organisation,
    )  # fmt: skip
    target = output or f"{draft.id}.yaml"
    _refuse_target(file, target, force)
    made = draft.made(target, library, code)
    if not no_input and stdin_is_terminal():
        made = _asked(draft, made).made(target, library, code)
    _refuse_losses(document, made.source.text)
    write_all([(Path(target), made.source.text.encode("utf-8"))])
    if not session.quiet:
        _report(document, target, made, library, code)
    if code.problems:
        ctx.exit(CRASHED)


@frozen(kw_only=True)
class _Made:
    """A plan file made of a document.

    Args:
        source: Its text, parsed.
        layer: The same as a layer.
        facts: The facts of its profiles, as they are in it.
        problems: Where its profiles contradict each other or it.
    """

    source: Source
    layer: LoadedLayer
    facts: Sequence[Item]
    problems: tuple[Problem, ...] = ()

    @property
    def data(self) -> Mapping[str, Any]:
        """What the file says."""
        return cast(Mapping[str, Any], self.source.data)


@frozen(kw_only=True)
class _Draft:
    """A document, with what is known beside it.

    Args:
        document: The document.
        titles: What the profiles call their sections and activities.
        profiles: The profiles selected.
        period: What the plan is for, if that is known.
        facts: Fact id to value.
        organisation: Its name; None: what the document says.
    """

    document: Document
    titles: Titles
    profiles: tuple[str, ...]
    period: Period | None
    facts: Mapping[str, object]
    organisation: str | None

    @property
    def id(self) -> str:
        """The id of the plan."""
        return plan_id(self.profiles or ("plan",), period_text(self.period) if self.period else "imported")

    def made(self, file: str, library: Library, code: Plugins) -> _Made:
        """The plan file.

        Raises:
            PlanloomError: A fact is outside its limits, or a profile cannot be used.
        """
        text = import_document(
            self.document, plan_id=self.id, profiles=self.profiles, period=self.period, facts=self.facts,
            organisation=self.organisation, titles=evolve(self.titles, plan=self._plan(library, code)),
        )  # fmt: skip
        source = parse_source(text, file)
        layer = plan_of_source(source)
        try:
            facts = resolve(stack_of(library, self.profiles, (), layer)).items.get("facts", ())
        except PlanloomError as error:
            return _Made(source=source, layer=layer, facts=(), problems=error.problems)
        return _Made(source=source, layer=layer, facts=facts)

    def _plan(self, library: Library, code: Plugins) -> Plan | None:
        """What the profiles make by themselves; None if something they need is not known yet."""
        request = Composing(
            profiles=self.profiles, period=self.period and period_text(self.period), facts=self.facts,
            organisation=self.organisation or organisation_of(self.document),
        )  # fmt: skip
        try:
            return compose_plan(None, request, library, code) if self.profiles else None
        except PlanloomError:
            return None


def _asked(draft: _Draft, made: _Made) -> _Draft:
    """The draft with what the officer answers."""
    period = draft.period or parse_period(asking.ask_period())
    organisation = draft.organisation
    if organisation is None and "organisation" not in made.data:
        organisation = asking.ask_text("Name of the union", "") or None
    facts = {**draft.facts, **asking.ask_facts(made.facts, draft.facts)}
    return evolve(draft, period=period, organisation=organisation, facts=facts)


def _refuse_target(file: str, target: str, force: bool) -> None:
    """Keep the document, and other files of the user's.

    Raises:
        PlanFileError: The target is the document, or exists and may not be overwritten.
    """
    if os.path.realpath(file) == os.path.realpath(target):
        raise PlanFileError(
            Problem(
                code="OutputIsInput", message="-o {file} would overwrite the document that is read",
                params={"file": target}, fix="name another file",
            )
        )  # fmt: skip
    refuse_existing(target, force)


def _refuse_losses(document: Document, text: str) -> None:
    """The promise of the command, proved for this document.

    Raises:
        PlanFileError: A line of it is missing in the plan file.
    """
    lost = losses(document, text)
    if lost:
        raise PlanFileError(
            *(
                Problem(
                    code="LinesLost", message="this line would be lost: {text}", params={"text": each.text},
                    location=Location(file=document.file, line=each.line, column=1),
                    fix="nothing was written; please report this document to the makers of planloom",
                )
                for each in lost
            )
        )  # fmt: skip


# ---- what is said ----


def _report(document: Document, target: str, made: _Made, library: Library, code: Plugins) -> None:
    """Say what was recognised, and what is still to do before the file can be composed."""
    tell_table(tr("read from {file}:").format(file=document.file), list(_recognised(document, made)))
    missing = list(_missing(made))
    if missing:
        fix = "write it in {file}"
        if any(key.startswith("facts:") for key, _ in missing):
            fix = "import again with --set FACT=VALUE, so that measures of the profiles are not said twice"
        tell_table(tr("to be filled in:"), missing, tr(fix).format(file=target))
    problems = made.problems if missing or made.problems else _unsettled(made.layer, library, code)
    tell(problems, "warning")
    done = "wrote {file}; next: planloom compose {file} -o {stem}.docx"
    if missing or problems:
        done = "wrote {file}; once what is named above is settled: planloom compose {file} -o {stem}.docx"
    click.echo(tr(done).format(file=target, stem=Path(target).stem), err=True)


def _recognised(document: Document, made: _Made) -> Iterator[tuple[str, str]]:
    data = made.data
    parts = document.outline.parts
    entries = [entry for part in parts for entry in part.entries]
    said = [entry for part in parts if part.is_said for entry in part.entries]
    signature: Mapping[str, str] = data.get("signature") or {}
    unknown = tr("not found")
    yield tr("sections"), str(sum(part.is_said for part in parts))
    yield tr("measures"), str(sum(entry.kind in ("measure", "subheading") for entry in said))
    yield tr("activities"), str(len({entry.title for entry in entries if entry.kind == "activity"}))
    yield tr("as in the profiles"), str(told_by_profiles(made.source.text))
    yield tr("signature"), " ".join(str(words) for words in signature.values()) or unknown
    yield tr("period"), str(data.get("period", unknown))
    yield tr("organisation"), str(data.get("organisation", unknown))
    yield tr("kept as comments"), str(sum("# 原文" in line for line in made.source.text.split("\n")))


def _missing(made: _Made) -> Iterator[tuple[str, str]]:
    """What must be written in the file: the key, and what it means."""
    for key, meaning in (
        ("profiles", tr("the profile of the union")),
        ("period", tr("the year, school year or term")),
        ("organisation", tr("the name of the union")),
    ):
        if not made.data.get(key):
            yield key, meaning
    for problem in asking.missing_facts(made.facts, {}):
        yield f"facts: {problem.params['fact']}", str(problem.params["title"])


def _unsettled(layer: LoadedLayer, library: Library, code: Plugins) -> tuple[Problem, ...]:
    """Why the file cannot be composed as it is."""
    try:
        compose_plan(layer, Composing(), library, code)
    except PlanloomError as error:
        return error.problems
    return ()
