"""The eighteen kinds of rules, each a function from a case to its hits."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

import attrs

from planloom.rules.cases import Case, Hit
from planloom.rules.festivals import check_festival
from planloom.rules.item_kinds import check_field, check_require, check_total, check_unique
from planloom.rules.layout_kinds import check_numbering, check_typography
from planloom.rules.remembered import Remembered
from planloom.rules.residue import check_stale
from planloom.rules.text_kinds import check_cite, check_duplicate, check_length, check_pattern, check_wording
from planloom.rules.time_kinds import check_count, check_coverage, check_order, check_window
from planloom_schemas.plan import PlanRule
from planloom_schemas.rule import KINDS, Rule, RuleParams, Selector
from planloom_schemas.statement import UNSET, key_of

Check = Callable[[Case], Iterator[Hit]]


def check_implies(case: Case) -> Iterator[Hit]:
    """If something is there, a rule must hold."""
    case.some("if")
    kind, params = consequence(case.params["then"])
    return CHECKS[kind](attrs.evolve(case, params=params))


def consequence(then: object) -> tuple[str, Mapping[str, Any]]:
    """Kind and parameters of what an `implies` rule demands."""
    assert isinstance(then, Rule)
    return str(then.kind), _stated(then)


def demanded(rule: PlanRule) -> tuple[str, Mapping[str, Any]]:
    """Kind and parameters of what a rule checks in the end: of `implies`, those of its last consequence."""
    return in_the_end(rule.kind, rule.params)


def in_the_end(kind: str, params: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """The same of a kind with its parameters."""
    while kind == "implies":
        kind, params = consequence(params["then"])
    return kind, params


def stated_params(rule: RuleParams) -> dict[str, Any]:
    """What a rule states of its parameters, by their words in the file."""
    stated = (
        (key_of(attribute), getattr(rule, attribute.name))
        for attribute in attrs.fields(cast(Any, RuleParams))
    )
    return {key: value for key, value in stated if value is not UNSET}


_stated = Remembered(stated_params)

CHECKS: Mapping[str, Check] = {
    "require": check_require,
    "count": check_count,
    "window": check_window,
    "order": check_order,
    "coverage": check_coverage,
    "field": check_field,
    "total": check_total,
    "unique": check_unique,
    "implies": check_implies,
    "wording": check_wording,
    "pattern": check_pattern,
    "length": check_length,
    "numbering": check_numbering,
    "typography": check_typography,
    "cite": check_cite,
    "stale": check_stale,
    "festival": check_festival,
    "duplicate": check_duplicate,
}
assert CHECKS.keys() == KINDS.keys()


def selectors_of(kind: str, params: Mapping[str, Any]) -> Iterator[Selector]:
    """Every selector a rule states, those of a consequence too."""
    for name in ("of", "first", "if", "against"):
        yield from params.get(name) or ()
    then = params.get("then")
    if kind == "implies":
        yield from selectors_of(*consequence(then))
    else:
        yield from then or ()
