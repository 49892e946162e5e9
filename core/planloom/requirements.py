"""How a plan answers each requirement from above: which items meet it, by whom, when."""

from collections.abc import Iterator, Mapping
from typing import Any

from planloom.conditions import evaluate, parse_condition
from planloom.render.layout import RequirementRow
from planloom.render.schedule import all_times
from planloom.rules.planview import view_of_plan
from planloom.rules.select import Selection
from planloom.rules.views import Subject
from planloom_schemas.plan import Plan, PlanRule
from planloom_schemas.rule import Selector

UNMET = "（尚未落实）"
MOST_NAMED = 6


def requirement_rows(plan: Plan) -> tuple[RequirementRow, ...]:
    """One row for every rule that a directive holds the plan to and that applies, in the order of codes."""
    rules = [rule for rule in plan.rules if is_from_above(rule, plan) and _applies(rule, plan)]
    if not rules:
        return ()
    selection = Selection(view_of_plan(plan))
    return tuple(_row(rule, selection) for rule in rules)


def is_from_above(rule: PlanRule, plan: Plan) -> bool:
    """Whether a directive of this plan speaks in a rule of binding ``upper``; what every union owes is not listed."""
    return rule.binding == "upper" and any(directive.id in rule.layers for directive in plan.directives)


def _applies(rule: PlanRule, plan: Plan) -> bool:
    return rule.when is None or evaluate(parse_condition(rule.when), plan.facts) is not False


def _row(rule: PlanRule, selection: Selection) -> RequirementRow:
    profiles = rule.profiles if rule.scope == "own" else ()
    subjects = selection.of(tuple(_selectors(rule.params)), profiles)
    met = [subject for subject in subjects if subject.what != "activity" or subject.dates]
    names = [_named(subject) for subject in met[:MOST_NAMED]]
    more = f"等{len(met)}项" if len(met) > MOST_NAMED else ""
    owners = dict.fromkeys(owner for subject in met for owner in subject.owner)
    return RequirementRow(
        requirement=rule.title, where="；".join(names) + more or UNMET, owner="、".join(owners),
        when="；".join(_times(met)),
    )  # fmt: skip


def _selectors(params: Any) -> Iterator[Selector]:
    """What a rule asks for; for a sequence both ends, for an implication what must then hold."""
    for key in ("of", "first", "then"):
        value = params.get(key) if isinstance(params, Mapping) else getattr(params, key, None)
        if isinstance(value, tuple):
            yield from (one for one in value if isinstance(one, Selector))
        elif getattr(value, "kind", None):
            yield from _selectors(value)


def _named(subject: Subject) -> str:
    return f"{subject.label}{subject.name}" if subject.what == "measure" else subject.name


def _times(subjects: list[Subject]) -> list[str]:
    times = (all_times(subject.on, subject.dates) for subject in subjects[:MOST_NAMED])
    return list(dict.fromkeys(time for time in times if time))
