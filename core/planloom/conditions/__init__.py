"""The `when` expressions: read, checked against the facts' types, and decided in three-valued logic.

A condition compares facts with literals and joins comparisons by ``and``, ``or``, ``not``. Reading goes in
three steps: a tokenizer that gives the usual slips of Chinese input their true name, Python's own expression
parser for the grammar, and an allow-list that turns the syntax tree into the few nodes below. Nothing is ever
executed as Python.
"""

from planloom.conditions.checking import FactType, check_condition
from planloom.conditions.nodes import Condition, ConditionError, Fault, Values
from planloom.conditions.reading import parse_condition

__all__ = [
    "Condition",
    "ConditionError",
    "FactType",
    "Fault",
    "check_condition",
    "evaluate",
    "missing",
    "parse_condition",
]


def evaluate(cond: Condition, values: Values) -> bool | None:
    """Decides a condition in three-valued (Kleene) logic.

    Args:
        cond: The condition.
        values: The facts stated; one that is absent or None is missing.

    Returns:
        True or False, or None if a missing fact could make it either.

    Raises:
        ConditionError: If a value is of a kind that `check_condition` would have refused.
    """
    return cond.root.decide(values)


def missing(cond: Condition, values: Values) -> tuple[str, ...]:
    """The facts whose absence leaves a condition undecided, in order of appearance; none if it is decided."""
    if cond.root.decide(values) is not None:
        return ()
    return tuple(dict.fromkeys(cond.root.undecided(values)))
