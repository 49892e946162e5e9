"""What can be wrong with a rule before it meets a plan."""

from collections.abc import Iterator, Mapping
from typing import Any

from planloom.rules.kinds import consequence, demanded, selectors_of, stated_params
from planloom.rules.messages import check_message
from planloom.rules.patterns import pattern_problems
from planloom.rules.remembered import Remembered
from planloom.rules.select import field_problems, selector_problems
from planloom_schemas.errors import Problem, nearest
from planloom_schemas.plan import PlanRule
from planloom_schemas.rule import Rule
from planloom_schemas.statement import Unset

Params = Mapping[str, Any]

_CHECKS: Mapping[str, tuple[str, ...]] = {
    "typography": ("quotes", "dates", "width", "spaces"),
    "stale": ("year", "era", "ordinal", "signature", "similar"),
}


def rule_problems(rule: PlanRule, tags: Mapping[str, object]) -> Iterator[Problem]:
    """Everything wrong with one merged rule: selectors, fields, patterns, named checks, messages.

    Args:
        rule: The rule.
        tags: The vocabulary of the plan; only its keys matter.
    """
    wanted = _sound(rule)
    if wanted is None or not wanted <= tags.keys():
        yield from _problems(rule, tags)


def _find_sound(rule: PlanRule) -> frozenset[str] | None:
    """The tags of a rule that has no fault but tags that nobody may know; None: it has others."""
    if next(_problems(rule, None), None) is not None:
        return None
    selectors = selectors_of(rule.kind, rule.params)
    return frozenset(tag for one in selectors for tag in (*one.tags, *one.all_tags))


_sound = Remembered(_find_sound)


def _problems(rule: PlanRule, tags: Mapping[str, object] | None) -> Iterator[Problem]:
    path = f"rules/{rule.code}"
    for selector in selectors_of(rule.kind, rule.params):
        yield from selector_problems(selector, tags, path)
    kind, params = demanded(rule)
    yield from _wrong_params(kind, params, path)
    for id, text in rule.messages.items():
        yield from check_message(kind, id, text, f"{path}/messages/{id}")


def stated_problems(code: str, rule: Rule) -> Iterator[Problem]:
    """What is wrong with what one layer says of a rule, before any other layer is known.

    A layer that introduces the rule is checked but for its tags, which other layers may declare; one that
    changes somebody else's rule is checked for its patterns.

    Args:
        code: Code of the rule.
        rule: What the layer states.
    """
    path, params = f"rules/{code}", stated_params(rule)
    if isinstance(rule.kind, Unset):
        yield from _bad_patterns(params, path)
        return
    for selector in selectors_of(rule.kind, params):
        yield from selector_problems(selector, None, path)
    kind, wanted = consequence(params["then"]) if rule.kind == "implies" else (rule.kind, params)
    yield from _wrong_params(kind, wanted, path)
    for id, text in ({} if isinstance(rule.messages, Unset) else rule.messages).items():
        yield from check_message(kind, id, text, f"{path}/messages/{id}")


def _wrong_params(kind: str, params: Params, path: str) -> Iterator[Problem]:
    yield from _named_fields(params, path)
    yield from _bad_patterns(params, path)
    for name in params.get("checks") or ():
        known = _CHECKS.get(kind, ())
        if name not in known:
            near = nearest(str(name), known)
            values = {"name": name, "near": near, "known": ", ".join(known), "kind": kind}
            yield Problem(
                code="UnknownCheck",
                message="the kind {kind} has no check {name}",
                params=values,
                path=path,
                fix="did you mean {near}?" if near else "use one of: {known}",
            )


def _bad_patterns(params: Params, path: str) -> Iterator[Problem]:
    for pattern in (*(params.get("must") or ()), *(params.get("must_not") or ())):
        yield from pattern_problems(str(pattern), path)


def _named_fields(params: Params, path: str) -> Iterator[Problem]:
    """Fields that `field` and `unique` name must be ones of everything they look at."""
    field, by = params.get("field"), params.get("by")
    names = [*([field] if field else []), *(by or ())]
    for selector in params.get("of") or ():
        for name in names:
            yield from field_problems(selector.what, name, path)
