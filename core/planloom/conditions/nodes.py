"""What a condition is made of, and how each part is decided while facts are missing."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from attrs import field

from planloom_schemas.records import frozen

Values = Mapping[str, object]


class Fault(NamedTuple):
    """One thing wrong with a condition.

    Args:
        offset: Where it stands, in code points from the start of the text.
        message: English message id with ``{named}`` fields.
        params: Values of the fields.
        fix: English message id of what to do, with the same params; or "".
    """

    offset: int
    message: str
    params: Mapping[str, object]
    fix: str = ""


def fault(offset: int, message: str, fix: str, **params: object) -> Fault:
    """A fault with its fields as keywords."""
    return Fault(offset, message, params, fix)


class ConditionError(ValueError):
    """A condition that cannot be read, or that does not fit the facts.

    Args:
        problems: Everything that is wrong, in order of position.
    """

    def __init__(self, problems: Iterable[Fault]) -> None:
        self.problems: tuple[Fault, ...] = tuple(sorted(problems, key=lambda fault: fault[:2]))
        super().__init__("; ".join(fault.message.format(**fault.params) for fault in self.problems))


@frozen
class Literal:
    """A number, a text, a truth value, or a tuple of such."""

    value: object
    offset: int

    def read(self, values: Values) -> object:
        """What is written."""
        return self.value


@frozen
class Fact:
    """A fact by name; alone it is a condition if it is true or false."""

    name: str
    offset: int

    def read(self, values: Values) -> object:
        """Its value, a date in ISO form, or None."""
        value = values.get(self.name)
        return value.isoformat() if isinstance(value, date) else value

    def decide(self, values: Values) -> bool | None:
        """True, false, or None while it is open."""
        value = values.get(self.name)
        if value is None or value is True or value is False:
            return value
        raise ConditionError([not_boolean(self)])

    def undecided(self, values: Values) -> Iterator[str]:
        """The facts that leave it open."""
        if values.get(self.name) is None:
            yield self.name


Operand = Literal | Fact


@frozen
class Compare:
    """Two operands and the sign between them; open while either is missing."""

    sign: str
    left: Operand
    right: Operand
    apply: Callable[[Any, Any], bool]

    @property
    def offset(self) -> int:
        """Where it begins."""
        return self.left.offset

    def decide(self, values: Values) -> bool | None:
        """True, false, or None while it is open."""
        left, right = self.left.read(values), self.right.read(values)
        if left is None or right is None:
            return None
        try:
            return self.apply(left, right)
        except TypeError:
            words = {"left": _named(left), "sign": self.sign, "right": _named(right)}
            raise ConditionError([unlike(self.offset, words)]) from None

    def undecided(self, values: Values) -> Iterator[str]:
        """The facts that leave it open."""
        for side in (self.left, self.right):
            if isinstance(side, Fact):
                yield from side.undecided(values)


@frozen
class Not:
    """The opposite of a condition."""

    part: "Test"

    def decide(self, values: Values) -> bool | None:
        """True, false, or None while it is open."""
        verdict = self.part.decide(values)
        return None if verdict is None else not verdict

    def undecided(self, values: Values) -> Iterator[str]:
        """The facts that leave it open."""
        return self.part.undecided(values)


@frozen
class Join:
    """``and`` (settled by a false part) or ``or`` (settled by a true one)."""

    settles: bool
    members: "tuple[Test, ...]"

    def decide(self, values: Values) -> bool | None:
        """True, false, or None while it is open."""
        verdict: bool | None = not self.settles
        for part in self.members:
            found = part.decide(values)
            if found is self.settles:
                return found
            if found is None:
                verdict = None
        return verdict

    def undecided(self, values: Values) -> Iterator[str]:
        """The facts that leave it open."""
        for part in self.members:
            if part.decide(values) is None:
                yield from part.undecided(values)


Test = Fact | Compare | Not | Join


@frozen
class Condition:
    """A condition; equal to every other that says the same in other spacing or quotes.

    Args:
        text: The condition in canonical spelling.
        names: The facts it speaks of.
    """

    text: str
    names: frozenset[str]
    root: Test = field(eq=False, repr=False)


def _named(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case tuple() | list():
            return "[" + ", ".join(_named(member) for member in value) + "]"
        case _:
            return repr(value)


def said(side: Operand) -> str:
    """An operand as it is written."""
    return side.name if isinstance(side, Fact) else _named(side.value)


def unlike(offset: int, words: Mapping[str, object]) -> Fault:
    """A comparison of things that are not of one kind."""
    return Fault(offset, "{left} {sign} {right} compares unlike things", words, "compare like with like")


def not_boolean(fact: Fact) -> Fault:
    """A fact that stands alone and is no truth value."""
    message = "{name} is neither true nor false"
    return fault(fact.offset, message, "compare it, for example {name} == 1", name=fact.name)
