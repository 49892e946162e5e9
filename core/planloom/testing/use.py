"""Checks 16, 18, 20 and 27: the layer in use - strange plans, places, waivers, and when it is gone."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import evolve

from planloom.discovery import Library
from planloom.facade import compose
from planloom.rules.engine import check_view
from planloom.rules.limits import TimeUp, within_limit
from planloom.rules.planview import view_of_plan
from planloom.rules.proof import prove
from planloom.rules.python import NotApplicable, PythonRule, Remark, RuleView
from planloom.rules.select import Selection
from planloom.rules.trials import view_of_case
from planloom.rules.views import View
from planloom.rules.waivers import codes_of, waive, waivers_of
from planloom.testing.rule_checks import NO_RULES
from planloom.testing.specimen import YEAR, NothingToCheck, Specimen, wrong
from planloom_schemas.dates import parse_period
from planloom_schemas.errors import Msg, PlanloomError, Problem
from planloom_schemas.finding import Finding
from planloom_schemas.layer import Content, WaiverEntry
from planloom_schemas.plan import PlanRule

_MANY = 5_000
_SECONDS = 2.0
_TODAY, _LATER = dt.date(YEAR, 6, 30), dt.date(YEAR + 1, 1, 1)


def python_findings(
    rule: PythonRule,
    plan: Mapping[str, Any],
    facts: Mapping[str, object] | None = None,
    *,
    period: object = YEAR,
) -> tuple[Finding, ...]:
    """What a rule in Python finds in one small plan.

    Args:
        rule: The rule.
        plan: In the shape of a layer: ``{"activities": {"a": {"on": {"month": 3}}}}``; what lacks is added.
        facts: Fact id to value.
        period: What the plan is for.

    Raises:
        AssertionError: The rule crashed.
    """
    view = evolve(view_of_case(plan, Content(), parse_period(period)), facts=dict(facts or {}))
    findings, (outcome,) = check_view(view, (), dict(facts or {}), python_rules=[rule])
    if outcome.outcome == "crashed":
        raise AssertionError(outcome.error)
    return findings


# ---- 16 ----


def survives_strange_plans(specimen: Specimen) -> Iterator[Problem]:
    """No rule crashes on an empty plan, a huge one, missing facts, or strange characters."""
    rules = [rule for rule in specimen.plan.rules if specimen.is_own(rule.code)]
    seen: set[str] = set()
    for name, view in _strange_views(specimen):
        for facts in ({}, specimen.plan.facts):
            _, outcomes = check_view(view, rules, facts, python_rules=specimen.python_rules)
            for outcome in outcomes:
                if outcome.outcome == "crashed" and outcome.code not in seen:
                    seen.add(outcome.code)
                    yield wrong(
                        "RuleCrashed",
                        "{rule} crashes on a plan that is {what}: {reason}",
                        "see that it works on any plan",
                        f"rules/{outcome.code}",
                        rule=outcome.code,
                        what=name,
                        reason=outcome.error,
                    )
    if not rules and not specimen.python_rules:
        raise NothingToCheck(NO_RULES)


def _strange_views(specimen: Specimen) -> Iterator[tuple[str, View]]:
    content, period = specimen.layer.content, parse_period(YEAR)
    tags = sorted(content.tags or {})[:1]
    one = {"title": "活动", "on": {"month": 3}, **({"tags": tags} if tags else {})}
    yield "empty", view_of_case({}, content, period)
    yield "of one activity", view_of_case({"activities": {"a": one}}, content, period)
    many = {
        f"a{number}": {**one, "title": f"活动{number}", "on": {"month": number % 12 + 1}}
        for number in range(_MANY)
    }
    yield "of 5,000 activities", view_of_case({"activities": many}, content, period)
    odd = {"title": "\ufeff２０２７年１月👷‍♀️\r\n“”《", "owner": "\u200b", "place": "１０１"}
    yield "of strange characters", view_of_case({"activities": {"a": {**one, **odd}}}, content, period)
    yield (
        "a Windows file",
        view_of_case({}, content, period, "\ufeff# 计划\r\n一、工作👍\r\n１.　内容{{ x }}\r\n\r\n"),
    )
    yield "long ago", view_of_case({"activities": {"a": one}}, content, parse_period("1951-02/1951-07"))


# ---- 18 ----


def points_into_files(specimen: Specimen) -> Iterator[Problem]:
    """What provenance and findings point at is there: lines of the file, characters of the text."""
    lines = specimen.source.text.splitlines() if specimen.source.text else [""]
    origins = [one.origin for said in specimen.plan.origins.values() for one in (*said.holds, *said.beat)]
    for origin in origins:
        if origin.layer == specimen.id and not (
            0 < origin.line <= len(lines) and 0 < origin.column <= len(lines[origin.line - 1]) + 1
        ):
            yield wrong(
                "PlaceOutside",
                "a place leads out of the file: line {line}, column {column}",
                "report this to planloom",
                line=origin.line,
                column=origin.column,
            )
            break
    for name, view in (("of its own", view_of_plan(specimen.plan)), *_strange_views(specimen)):
        for rule in specimen.python_rules:
            for remark in _remarks(rule, view):
                yield from _outside(rule, remark, name)


def _remarks(rule: PythonRule, view: View) -> Sequence[Remark]:
    try:
        return within_limit(
            lambda: [one for one in rule.check(RuleView(Selection(view))) if isinstance(one, Remark)],
            _SECONDS,
        )
    except (Exception, TimeUp, NotApplicable):
        return ()


def _outside(rule: PythonRule, remark: Remark, name: str) -> Iterator[Problem]:
    hit = remark.hit
    length = len(hit.subject.text) if hit.subject else 0
    if not 0 <= hit.start <= hit.end <= length:
        yield wrong(
            "SpanOutside",
            "{rule} points at characters {start} to {end} of a text of {length}, in a plan {what}",
            "give start and end inside the subject's text",
            f"rules/{rule.code}",
            rule=rule.code,
            start=hit.start,
            end=hit.end,
            length=length,
            what=name,
        )


# ---- 20 ----


def can_be_waived(specimen: Specimen) -> Iterator[Problem]:
    """A waiver by code or slug covers a finding, ends on its day, and is reported if it covers nothing."""
    plan = specimen.plan
    tried = False
    for rule in plan.rules:
        if not specimen.is_own(rule.code):
            continue
        bare = evolve(rule, when=None)
        proof = prove(
            [bare],
            plan.period,
            plan.facts,
            tags=plan.tags,
            documents=plan.documents,
            festivals=plan.festivals,
        )
        for view in proof.breaking.values():
            findings, _ = check_view(view, [bare], plan.facts)
            if not findings:  # the rule crashed, which other checks report
                continue
            for name in filter(None, (rule.code, rule.slug)):
                tried = True
                yield from _waived(name, rule, findings[:1], plan.rules)
    if not tried:
        raise NothingToCheck("no rule of the layer can be made to complain")


def _waived(
    name: str, rule: PlanRule, findings: Sequence[Finding], rules: Sequence[PlanRule]
) -> Iterator[Problem]:
    where = findings[0].path
    entry = WaiverEntry(rule=name, where=where, reason="换届推迟到下半年", by="王芳", until=f"{YEAR}-12-31")
    try:
        waivers = waivers_of([entry], codes_of(rules), "kit", None)
        now, later = waive(findings, waivers, _TODAY), waive(findings, waivers, _LATER)
        idle = waive((), waivers, _TODAY)
    except PlanloomError as error:
        yield from error.problems
        return
    if now.findings[0].status != "waived":
        yield _unwaived(name, rule, Msg("it does not cover the finding"))
    if later.findings[0].status != "open":
        yield _unwaived(name, rule, Msg("it does not end"))
    if [note.code for note in idle.notes] != ["UnusedWaiver"]:
        yield _unwaived(name, rule, Msg("it is not reported when it covers nothing"))


def _unwaived(name: str, rule: PlanRule, reason: str) -> Problem:
    return wrong(
        "CannotBeWaived",
        "a waiver that names {rule} as “{name}” does not work: {reason}",
        "give each rule a slug of its own",
        f"rules/{rule.code}",
        rule=rule.code,
        name=name,
        reason=reason,
    )


# ---- 27 ----


def is_missed_clearly(specimen: Specimen) -> Iterator[Problem]:
    """The example plan composes; without the layer there is one finding, which names it."""
    if specimen.example is not None:
        yield from _composes(specimen)
    known = {name: offer for name, offer in specimen.library.layers.items() if name != specimen.id}
    without = Library(known, (), ())
    try:
        chosen: dict[str, Any] = {**specimen.selection, "period": YEAR}
        if specimen.example is not None:
            compose(specimen.example, library=without)
        else:
            compose(**chosen, library=without)
    except PlanloomError as error:
        problems = error.problems
    else:
        problems = ()
    if len(problems) != 1 or specimen.id not in problems[0].text():
        said = "; ".join(problem.text() for problem in problems) or "-"
        yield wrong(
            "MissedUnclearly",
            "without the layer, a plan that needs it should give one finding that names it: {said}",
            "see that the example plan needs nothing else that is not installed",
            said=said,
        )


def _composes(specimen: Specimen) -> Iterator[Problem]:
    assert specimen.example is not None
    try:
        compose(specimen.example, library=specimen.library, plugins=specimen.code)
    except PlanloomError as error:
        yield from error.problems
