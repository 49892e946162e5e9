"""Checking: a plan, a plan file, a composed plan in JSON or a document, put to the rules in force.

Each becomes a view; the rules look at it; what they find gets its place, its repair, the status that waivers
and a baseline give it; and everything together is the report.
"""

import datetime as dt
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve

from planloom import pipeline
from planloom.conditions import parse_condition
from planloom.discovery import Library, discover, read_source_cached
from planloom.facts import typed
from planloom.force import owners_of, recorded_claims, rules_in_force
from planloom.layers import ENGINE
from planloom.merge import resolve
from planloom.pasting import said
from planloom.pipeline import Request
from planloom.planfile import plan_of_source
from planloom.plugins import PLUGIN_FAILED, Plugins, load_plugins
from planloom.reading import COMPOSED, PLAN_FILES, read_composed, read_content
from planloom.rules.engine import check_view, settle
from planloom.rules.placing import chosen_lines, placed
from planloom.rules.planview import view_of_plan
from planloom.rules.remembered import Remembered
from planloom.rules.validity import rule_problems
from planloom.rules.views import View, place_of
from planloom.rules.waivers import Codes, codes_of, read_waivers, waive
from planloom.settle import settle_facts
from planloom.source import Source
from planloom.stack import Stack, stack_of
from planloom_schemas.dates import DateError, Period, parse_period
from planloom_schemas.errors import (
    Location,
    PlanFileError,
    PlanloomError,
    Problem,
    ProfileError,
    Translate,
)
from planloom_schemas.finding import Finding, Report, RuleOutcome
from planloom_schemas.plan import LayerRef, Plan, PlanRule, PlanTag, Waiver
from planloom_schemas.records import frozen
from planloom_schemas.rule import KINDS, Rule

if TYPE_CHECKING:
    from planloom.rules.baseline import Baseline
    from planloom.rules.plugged import Layers

PathLike = str | os.PathLike[str]
WAIVERS = "waivers.yaml"


def check(
    source: Plan | PathLike,
    *,
    profiles: Sequence[str] = (),
    directives: Sequence[str] = (),
    facts: Mapping[str, object] | None = None,
    period: object = None,
    organisation: str | None = None,
    layer_path: Iterable[PathLike] = (),
    today: dt.date | None = None,
    baseline: "Baseline | PathLike | None" = None,
    waivers: PathLike | None = None,
    library: Library | None = None,
    plugins: Plugins | None = None,
    translate: Translate = str,
) -> Report:
    """Check a plan against the rules of everyone who contributed.

    Args:
        source: What `compose` gave; a plan file; a composed plan in JSON, checked with the rules and facts it
            records; or a document (.docx, .md, .txt), checked with the rules of ``profiles``.
        profiles: Profiles to select; for a plan file they replace its own.
        directives: Directives beside the plan file's.
        facts: Fact id to value; wins over the plan file's.
        period: ``2027``, ``"2026-09/2027-08"``; wins over what the file says.
        organisation: Wins over the plan file's.
        layer_path: Folders that hold layers, beside the installed ones.
        today: The day on which waivers must still hold; None: none has run out.
        baseline: Findings to set aside.
        waivers: The waivers of a document; by default ``waivers.yaml`` beside it.
        library: What `discover` gave, instead of ``layer_path``.
        plugins: Code plugins; by default those of the library.
        translate: Turns messages into the user's language.

    Returns:
        The findings, and one outcome for every rule.

    Raises:
        PlanloomError: What is to be checked, or a waiver or the baseline, cannot be used.
    """
    known = library or discover(tuple(Path(folder) for folder in layer_path))
    request = Request(
        profiles=tuple(profiles),
        directives=tuple(directives),
        facts=dict(facts or {}),
        period=period,
        organisation=organisation,
    )
    checker = Checker(
        request=request,
        library=known,
        plugins=plugins if plugins is not None else load_plugins(known),
        today=today,
        waivers=Path(waivers) if waivers is not None else None,
        translate=translate,
    )
    report = checker.plan(source) if isinstance(source, Plan) else checker.file(source)
    if baseline is None:
        return report
    from planloom.rules.baseline import Baseline, read_baseline

    known_ones = baseline if isinstance(baseline, Baseline) else read_baseline(baseline)
    return with_baseline(report, known_ones)


@frozen(kw_only=True, eq=False)
class Checker:
    """Everything a check needs beside what is checked.

    Args:
        request: What was said beside the file.
        library: The layers on offer.
        plugins: What code plugins contribute.
        today: The day on which waivers must still hold; None: none has run out.
        waivers: The file of waivers of a document; None: the one beside it, if any.
        translate: Turns messages into the user's language.
    """

    request: Request
    library: Library
    plugins: Plugins
    today: dt.date | None = None
    waivers: Path | None = None
    translate: Translate = str

    def file(self, path: PathLike) -> Report:
        """Check a file of any sort.

        Raises:
            PlanloomError: It cannot be read, or what it says allows no check.
        """
        ending = Path(path).suffix.lower()
        if ending in PLAN_FILES or not ending:
            return self.plan_source(read_source_cached(Path(path)))
        if ending in COMPOSED:
            if self.request != Request():
                raise PlanFileError(_is_recorded(str(path)))
            return self.plan(read_composed(Path(path)), file=str(path))
        return self.document(read_content(Path(path)), str(path))

    def plan_source(self, source: Source) -> Report:
        """Check a plan file that was parsed."""
        layer = pipeline.with_request(plan_of_source(source, self.library), self.request)
        stack = pipeline.stack_of_plan(layer, self.library)
        plan = pipeline.compose_stack(stack, self.plugins)
        return self._plan(plan, _Party.of_stack(stack, source), source.file)

    def plan(self, plan: Plan, file: str = "") -> Report:
        """Check a composed plan with the rules, facts and waivers that it records."""
        notes = plan.notes or tuple(recorded_claims(plan))  # JSON keeps no notes
        return self._plan(evolve(plan, notes=notes), _Party.of_plan(plan), file or plan.file)

    def _plan(self, plan: Plan, party: "_Party", file: str) -> Report:
        _refuse_broken(plan.rules, plan.tags)
        last, notes = _last_year(plan)
        findings, outcomes = self._run(view_of_plan(plan, last), plan.rules, plan.facts, party)
        findings = placed(findings, plan.origins, party.source, party.chosen_for(findings, plan.file), file)
        if party.source is not None:
            from planloom.rules.fixing import with_edits

            findings = with_edits(findings, plan.origins, party.source)
        titles = {document.id: document.title for document in plan.documents}
        titles |= {f"facts/{fact.id}": fact.title for fact in plan.fact_info}
        notes = (*plan.notes, *_facts_off_default(plan), *notes)
        return self._report(findings, outcomes, plan.waivers, notes, party, file, titles)

    def document(self, content: bytes, file: str) -> Report:
        """Check a document that somebody wrote."""
        from planloom.documents import read_bytes
        from planloom.documents.viewing import Vocabulary

        layer = pipeline.with_request(None, self.request)
        named = tuple(layer.content.profiles or ()), tuple(layer.content.directives or ())
        stack = stack_of(self.library, *named, layer)
        resolution = resolve(stack)
        rules = rules_in_force(resolution, owners_of(stack))
        tags, cited = pipeline.tags_of(resolution), pipeline.documents_of(resolution)
        _refuse_broken(rules, tags)
        words = Vocabulary(
            tags=tags,
            documents=cited,
            festivals=pipeline.festivals_of(resolution),
            sections={item.id: item.values["title"] for item in resolution.items.get("sections", ())},
        )
        document = read_bytes(
            content, file, period=_period(self.request.period), words=words, readers=self.plugins.importers
        )
        party = _Party.of_stack(stack, None)
        facts = settle_facts(resolution)
        findings, outcomes = self._run(document.view, rules, facts.values, party)
        findings = placed(findings, {}, None, {}, file)
        waivers = self._waivers_beside(file, codes_of(rules, self.plugins.rule_names()))
        notes = (*_of_document(stack, document.period, file), *resolution.notes)
        titles = {one.id: one.title for one in cited}
        titles |= {f"facts/{fact.id}": fact.title for fact in facts.info}
        return self._report(findings, outcomes, waivers, notes, party, file, titles)

    def _waivers_beside(self, file: str, codes: Codes) -> tuple[Waiver, ...]:
        beside = Path(file).parent / WAIVERS
        if self.waivers is None and not os.path.isfile(beside):
            return ()
        return read_waivers(self.waivers or beside, codes)

    def _run(
        self, view: View, rules: Sequence[PlanRule], facts: Mapping[str, object], party: "_Party"
    ) -> tuple[tuple[Finding, ...], tuple[RuleOutcome, ...]]:
        if not self.plugins.rules:
            return check_view(view, rules, facts, translate=self.translate)
        from planloom.rules.plugged import plugged_rules

        codes = [rule.code for rule in rules]
        ours, crashed = plugged_rules(self.plugins.rules, party.layers, codes, party.prefixes)
        found, outcomes = check_view(view, rules, facts, python_rules=ours, translate=self.translate)
        return found, tuple(sorted((*outcomes, *crashed), key=lambda one: (one.code, one.plugin)))

    def _report(
        self,
        findings: Sequence[Finding],
        outcomes: Sequence[RuleOutcome],
        waivers: Sequence[Waiver],
        notes: Iterable[Problem],
        party: "_Party",
        file: str,
        titles: Mapping[str, str],
    ) -> Report:
        waived = waive(findings, waivers, self.today)
        notes = (*self.plugins.problems, *waived.notes, *notes)
        if any(note.code == PLUGIN_FAILED for note in notes):
            from planloom.rules.plugged import crashed_plugins

            outcomes = sorted((*outcomes, *crashed_plugins(notes)), key=lambda one: (one.code, one.plugin))
        code = tuple(
            LayerRef(id=one.name, distribution=one.distribution, version=one.version, trusted=False)
            for one in self.plugins.loaded
        )
        return Report(
            findings=tuple(sorted(waived.findings, key=_place)),
            outcomes=settle(waived.findings, outcomes),
            files=(file,) if file else (),
            plugins=(*party.refs, *code),
            code=code,
            notes=notes,
            titles=titles,
        )


def with_baseline(report: Report, baseline: "Baseline") -> Report:
    """The report on one file, with the findings that a baseline knows set aside."""
    from planloom.rules.baseline import set_aside

    findings = set_aside(report.findings, baseline.of("".join(report.files)))
    return evolve(report, findings=findings, outcomes=settle(findings, report.outcomes))


# ---- who takes part ----


@frozen(kw_only=True, eq=False)
class _Party:
    """The layers that take part in a check.

    Args:
        layers: What `plugged_rules` asks for.
        refs: The layers as reports list them.
        prefixes: Id of a layer to the prefix of its rules.
        stack: The layers themselves, unless only their names are known.
        source: The plan file.
    """

    layers: "Layers"
    refs: tuple[LayerRef, ...]
    prefixes: Mapping[str, str] = {}
    stack: Stack | None = None
    source: Source | None = None

    @classmethod
    def of_stack(cls, stack: Stack, source: Source | None) -> "_Party":
        standing = {
            layer.id: tuple(name for name in stack.profiles if layer.id in {name, *stack.ancestors[name]})
            for layer in stack.layers
        }
        refs = tuple(layer.ref() for layer in stack.layers if layer.kind != "plan")
        prefixes = {layer.id: layer.prefix for layer in stack.layers}
        return cls(layers=standing, refs=refs, prefixes=prefixes, stack=stack, source=source)

    @classmethod
    def of_plan(cls, plan: Plan) -> "_Party":
        engine = LayerRef(id=ENGINE.id, distribution=ENGINE.distribution, version=ENGINE.version)
        refs = (engine, *plan.profiles, *plan.directives)
        layers = {name: rule.profiles for rule in plan.rules for name in rule.layers}
        prefixes = {rule.origin.layer: rule.code[:-3] for rule in plan.rules}
        return cls(layers={**{ref.id: () for ref in refs}, **layers}, refs=refs, prefixes=prefixes)

    def chosen_for(self, findings: Sequence[Finding], file: str) -> Mapping[str, Location]:
        """The lines that chose layers, if anything was found in another file than the plan's."""
        inherited = any(one.location is not None and one.location.file != file for one in findings)
        return chosen_lines(self.stack) if self.stack is not None and inherited else {}


def _place(finding: Finding) -> tuple[object, ...]:
    at = finding.location
    return (
        *((at.file, at.line, at.column) if at else ("", 0, 0)),
        finding.path,
        finding.code,
        finding.message_id,
    )


# ---- what is refused, and what is said beside the findings ----


def _refuse_broken(rules: Iterable[PlanRule], tags: Iterable[PlanTag]) -> None:
    """Stop at rules that can never work.

    Raises:
        ProfileError: Selectors, fields, patterns or messages that are wrong, each at its rule.
    """
    known = {tag.id: tag for tag in tags}
    problems = [
        evolve(problem, location=problem.location or place_of(rule.origin))
        for rule in rules
        for problem in _lacking(rule) or rule_problems(rule, known)
    ]
    if problems:
        raise ProfileError(*problems)


def _find_lacking(rule: PlanRule) -> list[Problem]:
    """What a rule needs and does not say; only one that was read from JSON can lack it."""
    lacking = [key for key in KINDS[rule.kind].needs if key not in rule.params]
    if not lacking and rule.kind == "implies" and not isinstance(rule.params["then"], Rule):
        lacking = ["then"]
    return [
        Problem(
            code="MissingKey", message="{kind} needs {key}", params={"kind": rule.kind, "key": key},
            path=f"rules/{rule.code}", fix="add {key}",
        )
        for key in lacking
    ]  # fmt: skip


_lacking = Remembered(_find_lacking)


def _facts_off_default(plan: Plan) -> list[Problem]:
    """Facts that a law or upper rule reads and that somebody set to something else than the default."""
    readers: dict[str, list[str]] = {}
    for rule in plan.rules:
        if rule.when and rule.binding != "house":
            for name in parse_condition(rule.when).names:
                readers.setdefault(name, []).append(rule.code)
    notes = []
    for fact in plan.fact_info:
        value = plan.facts.get(fact.id)
        if fact.id not in readers or fact.default is None or value == typed(fact.type, fact.default):
            continue
        holds = getattr(plan.origins.get(f"facts/{fact.id}/value"), "holds", ())
        by = holds[0].origin if holds else fact.origin
        notes.append(
            Problem(
                code="FactOffDefault",
                message="{rules} read the fact {fact} ({title}): {layer} says {value}, not {default}",
                params={
                    "rules": ", ".join(readers[fact.id]), "fact": fact.id, "title": fact.title,
                    "value": said(value), "default": said(fact.default), "layer": by.layer,
                },
                path=f"facts/{fact.id}",
                location=place_of(by),
            )
        )  # fmt: skip
    return notes


def _last_year(plan: Plan) -> tuple[tuple[str, ...], tuple[Problem, ...]]:
    """The paragraphs of last year's plan, or a note that it cannot be read."""
    if not plan.last:
        return (), ()
    from planloom.documents import read_document

    try:
        document = read_document(Path(plan.file).parent / plan.last)
    except PlanloomError as error:
        return (), tuple(evolve(problem, code="NoLastYear") for problem in error.problems)
    return tuple(paragraph.text for paragraph in document.paragraphs), ()


def _of_document(stack: Stack, period: Period | None, file: str) -> Iterable[Problem]:
    at = Location(file=file, line=0, column=0)
    if not stack.profiles:
        yield Problem(
            code="OnlyCoreRules",
            message="no profile was named, so only the rules of any plan were put to it",
            location=at,
            fix="name a profile with -p NAME",
        )
    if period is None:
        yield Problem(
            code="NoPeriod", message="the document does not say which year it is for", location=at,
            fix="give --year 2027",
        )  # fmt: skip


# ---- reading ----


def _period(words: object) -> Period | None:
    if words is None:
        return None
    try:
        return parse_period(words)
    except DateError as error:
        raise PlanFileError(
            *(Problem(code="BadPeriod", message=i.message, params=i.params, fix=i.fix) for i in error.issues)
        ) from error


def _is_recorded(file: str) -> Problem:
    return Problem(
        code="RecordedPlan",
        message="{file} is a composed plan: it is checked with the rules and facts that it records",
        params={"file": file},
        location=Location(file=file, line=0, column=0),
        fix="leave -p, --year and --set out, or check the plan file",
    )
