"""What can be wrong with a rule before it meets a plan."""

from collections.abc import Iterator, Mapping
from typing import Any

from planloom.rules.kinds import demanded, selectors_of
from planloom.rules.messages import check_message
from planloom.rules.patterns import pattern_problems
from planloom.rules.select import field_problems, selector_problems
from planloom_schemas.errors import Problem, nearest
from planloom_schemas.plan import PlanRule

Params = Mapping[str, Any]

_CHECKS: Mapping[str, tuple[str, ...]] = {
    "typography": ("quotes", "dates", "width", "spaces"),
    "stale": ("year", "era", "ordinal", "similar"),
}


def rule_problems(rule: PlanRule, tags: Mapping[str, object]) -> Iterator[Problem]:
    """Everything wrong with one merged rule: selectors, fields, patterns, named checks, messages.

    Args:
        rule: The rule.
        tags: The vocabulary of the plan; only its keys matter.
    """
    path = f"rules/{rule.code}"
    for selector in selectors_of(rule.kind, rule.params):
        yield from selector_problems(selector, tags, path)
    kind, params = demanded(rule)
    yield from _named_fields(params, path)
    for pattern in (*(params.get("must") or ()), *(params.get("must_not") or ())):
        yield from pattern_problems(str(pattern), path)
    for name in params.get("checks") or ():
        known = _CHECKS.get(kind, ())
        if name not in known:
            values = {"name": name, "near": nearest(str(name), known), "known": ", ".join(known)}
            message = "the kind {kind} has no check {name}"
            fix = "did you mean {near}?" if values["near"] else "use one of: {known}"
            yield Problem(
                code="UnknownCheck", message=message, params={**values, "kind": kind}, path=path, fix=fix
            )
    for id, text in rule.messages.items():
        yield from check_message(kind, id, text, f"{path}/messages/{id}")


def _named_fields(params: Params, path: str) -> Iterator[Problem]:
    """Fields that `field` and `unique` name must be ones of everything they look at."""
    field, by = params.get("field"), params.get("by")
    names = [*([field] if field else []), *(by or ())]
    for selector in params.get("of") or ():
        for name in names:
            yield from field_problems(selector.what, name, path)
