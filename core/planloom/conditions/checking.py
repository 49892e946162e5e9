"""Checking a condition against the types of the facts it speaks of."""

from collections.abc import Iterator, Mapping

from planloom.conditions.nodes import (
    Compare,
    Condition,
    ConditionError,
    Fact,
    Fault,
    Join,
    Literal,
    Not,
    Operand,
    Test,
    fault,
    not_boolean,
    said,
    unlike,
)
from planloom.regexes import compiled
from planloom_schemas.errors import nearest
from planloom_schemas.records import frozen

_KINDS = {"integer": "number", "choice": "text"}
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"


@frozen
class FactType:
    """What a fact may hold.

    Args:
        type: integer, number, text, boolean, date, choice or list.
        one_of: The values a choice or a list draws from; empty for any.
    """

    type: str
    one_of: tuple[str, ...] = ()


Facts = Mapping[str, FactType]


def check_condition(cond: Condition, facts: Facts) -> None:
    """Checks a condition against the facts there are.

    Args:
        cond: The condition.
        facts: Every declared fact with its type.

    Raises:
        ConditionError: Naming every unknown fact and every comparison that cannot be meant.
    """
    if faults := list(_faults(cond.root, facts)):
        raise ConditionError(faults)


def _faults(test: Test, facts: Facts) -> Iterator[Fault]:
    match test:
        case Not():
            yield from _faults(test.part, facts)
        case Join():
            for part in test.members:
                yield from _faults(part, facts)
        case Compare():
            unknown = [*_unknown(test.left, facts), *_unknown(test.right, facts)]
            yield from unknown or _type_faults(test, facts)
        case Fact():
            yield from _unknown(test, facts)
            if test.name in facts and facts[test.name].type != "boolean":
                yield not_boolean(test)


def _unknown(side: Operand, facts: Facts) -> Iterator[Fault]:
    if isinstance(side, Fact) and side.name not in facts:
        near = nearest(side.name, facts)
        fix = "write {near}, or declare {name} under facts" if near else "declare {name} under facts"
        yield fault(side.offset, "there is no fact {name}", fix, name=side.name, near=near)


def _kind(side: Operand, facts: Facts) -> str:
    """The kind of an operand: number, text, boolean, date or list."""
    if isinstance(side, Fact):
        return _KINDS.get(facts[side.name].type, facts[side.name].type)
    match side.value:
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case tuple():
            return "list"
        case _:
            return "text"


def _type_faults(test: Compare, facts: Facts) -> Iterator[Fault]:
    left, right = _kind(test.left, facts), _kind(test.right, facts)
    words = {"left": said(test.left), "sign": test.sign, "right": said(test.right)}
    if test.sign in {"in", "not in"}:
        yield from _membership_faults(test, left, right, facts)
    elif "list" in (left, right):
        fix = "with a list use `in` or `not in`"
        yield fault(test.offset, "{left} {sign} {right} compares a list", fix, **words)
    elif not _alike(test.left, test.right, facts):
        yield unlike(test.offset, words)
    elif test.sign not in {"==", "!="} and not {left, right} & {"number", "date"}:
        yield fault(test.offset, "{left} {sign} {right} orders what has no order", "use == or !=", **words)
    else:
        yield from _choice_faults(test.left, test.right, facts)
        yield from _choice_faults(test.right, test.left, facts)


def _alike(left: Operand, right: Operand, facts: Facts) -> bool:
    """Whether two operands can be compared; quoted text is a date beside a date if it is written like one."""
    kinds = {_kind(left, facts): left, _kind(right, facts): right}
    if kinds.keys() == {"date", "text"}:
        text = kinds["text"]
        return isinstance(text, Literal) and compiled(_DATE).fullmatch(str(text.value)) is not None
    return len(kinds) == 1


def _membership_faults(test: Compare, left: str, right: str, facts: Facts) -> Iterator[Fault]:
    words = {"left": said(test.left), "sign": test.sign, "right": said(test.right)}
    if right != "list":
        fix = "write a list such as ['甲', '乙']"
        yield fault(test.right.offset, "{right} after `in` is not a list", fix, **words)
    elif left in {"list", "boolean"}:
        yield unlike(test.offset, words)
    elif isinstance(test.right, Fact):
        yield from _choice_faults(test.right, test.left, facts)
    elif isinstance(test.right.value, tuple):
        for member in test.right.value:
            literal = Literal(member, test.right.offset)
            if _alike(test.left, literal, facts):
                yield from _choice_faults(test.left, literal, facts)
            else:
                yield unlike(
                    test.offset, {"left": said(test.left), "sign": test.sign, "right": said(literal)}
                )


def _choice_faults(side: Operand, other: Operand, facts: Facts) -> Iterator[Fault]:
    """A literal that the fact on the other side can never hold."""
    if isinstance(side, Fact) and isinstance(other, Literal):
        choices = facts[side.name].one_of
        if choices and other.value not in choices:
            params = {"name": side.name, "found": said(other), "choices": "、".join(choices)}
            yield fault(other.offset, "{name} is never {found}", "choose one of {choices}", **params)
