"""Checks 9 to 12: the layer among others, and the plan it makes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import permutations
from typing import Any

from planloom.discovery import HOUSE, Library
from planloom.rules.engine import check_view
from planloom.rules.planview import view_of_plan
from planloom.rules.proof import prove
from planloom.testing.made_up import typical
from planloom.testing.specimen import Specimen, wrong
from planloom_schemas.errors import PlanloomError, Problem
from planloom_schemas.plan import Plan, PlanRule
from planloom_schemas.rule import BINDINGS, SEVERITIES

# ---- 9 ----


def obeys_the_laws(specimen: Specimen) -> Iterator[Problem]:
    """With each bundled profile, order and repetition change nothing, and no requirement gets weaker."""
    bundled = sorted(
        name
        for name, offer in specimen.library.layers.items()
        if offer.distribution == HOUSE and name != specimen.id
    )
    for companion in bundled:
        yield from _with(specimen, companion)


def _with(specimen: Specimen, companion: str) -> Iterator[Problem]:
    names = (*specimen.selection["profiles"], companion)
    facts = _facts_for(specimen, names)
    wanted = _composed(specimen, names, facts)
    for order in (*list(permutations(names))[1:], (*names, *names)):
        if _composed(specimen, order, facts, backwards=True) != wanted:
            yield wrong(
                "OrderMatters",
                "with {companion} the result depends on order or repetition: {order}",
                "filters must not remember anything between two calls",
                companion=companion,
                order=", ".join(order),
            )
            return
    if isinstance(wanted, Plan):
        yield from _weakened(specimen, companion, facts, wanted)


def _facts_for(specimen: Specimen, names: Sequence[str]) -> Mapping[str, object]:
    from planloom.merge import resolve
    from planloom.stack import stack_of

    own = specimen.variants["typical"]
    try:
        merged = resolve(stack_of(specimen.library, names, specimen.selection.get("directives", ()), None))
    except PlanloomError:
        return own
    return typical(merged.items.get("facts", ()), own)


def _composed(
    specimen: Specimen, names: Sequence[str], facts: Mapping[str, object], backwards: bool = False
) -> Plan | str:
    """The plan, or what is wrong."""
    layers = specimen.library.layers
    ordered = dict(sorted(layers.items(), reverse=backwards))
    library = Library(ordered, specimen.library.code, specimen.library.problems)
    try:
        return specimen.compose(facts, profiles=list(names), library=library)
    except PlanloomError as error:
        return str(error)


def _weakened(
    specimen: Specimen, companion: str, facts: Mapping[str, object], together: Plan
) -> Iterator[Problem]:
    """L5: what law and upper union require without the layer is required with it."""
    try:
        alone = specimen.compose(facts, profiles=[companion], directives=())
    except PlanloomError:
        return
    found = {rule.code: rule for rule in together.rules}
    for rule in alone.rules:
        if rule.binding != "house" and _is_weaker(found.get(rule.code), rule):
            yield wrong(
                "Weakened",
                "with it, the rule {rule} of {companion} requires less",
                "requirements from above can only be tightened",
                rule=rule.code,
                companion=companion,
            )


def _is_weaker(found: PlanRule | None, before: PlanRule) -> bool:
    if found is None or BINDINGS.index(found.binding) < BINDINGS.index(before.binding):
        return True
    floor = {
        (name, str(entry.value))
        for name, entries in before.entries.items()
        for entry in entries
        if entry.binding != "house"
    }
    kept = {(name, str(entry.value)) for name, entries in found.entries.items() for entry in entries}
    return not floor <= kept or SEVERITIES.index(found.severity) < SEVERITIES.index(before.severity)


# ---- 10 ----


def can_be_satisfied(specimen: Specimen) -> Iterator[Problem]:
    """There is a plan that no rule complains of; if not, the rules that clash are named."""
    plan = specimen.plan
    proof = prove(
        plan.rules,
        plan.period,
        plan.facts,
        tags=plan.tags,
        documents=plan.documents,
        festivals=plan.festivals,
    )
    if proof.satisfying is None:
        yield wrong(
            "Unsatisfiable",
            "no plan can satisfy these rules together: {rules}",
            "relax one of them, or skip this check with the reason",
            rules=", ".join(proof.clash),
        )


# ---- 11 ----


def has_clean_defaults(specimen: Specimen) -> Iterator[Problem]:
    """The plan of the defaults keeps the rules of the layer, of what it extends, and of the engine."""
    plan = specimen.plan
    findings, _ = check_view(view_of_plan(plan), plan.rules, plan.facts, python_rules=specimen.python_rules)
    for finding in findings:
        yield Problem(
            code="FindingOnDefaults",
            message="{rule} at {path}: {message}",
            location=finding.location,
            params={"rule": finding.code, "path": finding.path, "message": finding.message},
            path=finding.path,
            fix="change the text or the activity, or the rule",
        )


# ---- 12 ----


def has_placed_activities(specimen: Specimen) -> Iterator[Problem]:
    """Every activity it introduces stands in a section and in a month of the year."""
    for variant in ("typical", "smallest", "fullest"):
        plan = specimen.compose(specimen.variants[variant])
        sections = {section.id for section in plan.sections}
        for activity in plan.activities:
            if activity.origin.layer == specimen.id:
                yield from _placed(activity.id, activity.section, activity.months, sections)


def _placed(
    name: str, section: str | None, months: Sequence[int], sections: Iterable[Any]
) -> Iterator[Problem]:
    path = f"activities/{name}"
    if section is None or section not in sections:
        yield wrong(
            "NoSection",
            "{item} stands in no section that is printed with it",
            "write section: with the id of a section",
            path,
            item=path,
        )
    if not months:
        yield wrong("NoMonth", "{item} falls into no month of the year", "see what on: says", path, item=path)
