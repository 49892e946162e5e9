"""What can be wrong with a rule before it meets a plan."""

from collections.abc import Iterator, Mapping
from typing import Any

from planloom.rules.kinds import demanded, in_the_end, selectors_of, stated_params
from planloom.rules.messages import check_message
from planloom.rules.patterns import pattern_problems
from planloom.rules.remembered import Remembered
from planloom.rules.select import field_problems, selector_problems
from planloom_schemas.errors import Problem, nearest
from planloom_schemas.plan import PlanRule
from planloom_schemas.rule import Percent, Rule
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
    kind, wanted = in_the_end(rule.kind, params)
    yield from _wrong_params(kind, wanted, path)
    for id, text in ({} if isinstance(rule.messages, Unset) else rule.messages).items():
        yield from check_message(kind, id, text, f"{path}/messages/{id}")


def _wrong_params(kind: str, params: Params, path: str) -> Iterator[Problem]:
    yield from _named_fields(params, path)
    yield from _bad_patterns(params, path)
    yield from _shares(kind, params, path)
    yield from _says_nothing(kind, params, path)
    yield from _out_of_range(kind, params, path)
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


def _shares(kind: str, params: Params, path: str) -> Iterator[Problem]:
    """A share needs something that it is a share of; with `against` there is nothing but shares."""
    has_whole = kind == "total" and bool(params.get("against"))
    for name in ("at_least", "at_most", "equals"):
        value = params.get(name)
        if value is not None and isinstance(value, Percent) != has_whole:
            message = "with against, {name} is a share" if has_whole else "{name} is a share of nothing"
            yield _unfit(message, "write for example 100%" if has_whole else "write a number", path, name)


def _says_nothing(kind: str, params: Params, path: str) -> Iterator[Problem]:
    """Parameters that are there and ask nothing."""
    for name in ("by", "words", "checks"):
        if not params.get(name, kind != "wording" or name != "words"):
            yield _unfit("{name} is empty", "say something under it", path, name)
    if "" in (params.get("words") or ()):
        yield _unfit("{name} has an empty word", "write the word that is wrong", path, "words")
    if kind == "window" and "within" in params and "near" not in params:
        yield _unfit("{name} says nothing without near", "add near", path, "within")


_NUMBERS: Mapping[str, range] = {"month": range(1, 13), "quarter": range(1, 5)}


def _out_of_range(kind: str, params: Params, path: str) -> Iterator[Problem]:
    """Values of the right type that name nothing: a thirteenth month, an outline without levels."""
    if kind == "length" and params.get("unit") not in ("chars", "items"):
        yield _unfit("{name} is none of: {known}", "use one of: {known}", path, "unit", known="chars, items")
    every = str(params.get("every"))
    numbers = _NUMBERS.get(every)
    for one in params.get("allow_empty") or ():
        if not (isinstance(one, str) if numbers is None else one in numbers):
            known = f"{numbers[0]}-{numbers[-1]}" if numbers else "sections/ID"
            message = "{name} names {found}, which is no {every}"
            yield _unfit(
                message, "use one of: {known}", path, "allow_empty", found=str(one), every=every, known=known
            )
    depth = params.get("depth")
    if depth is not None and depth < 1:
        yield _unfit("{name} is at least 1", "write a whole number from 1 on", path, "depth")
    similarity = params.get("similarity")
    if isinstance(similarity, Percent) and similarity.value > 100:
        yield _unfit("{name} is at most 100%", "write for example 80%", path, "similarity")


def _unfit(message: str, fix: str, path: str, name: str, **params: str) -> Problem:
    return Problem(
        code="BadValue", message=message, params={"name": name, **params}, path=f"{path}/{name}", fix=fix
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
