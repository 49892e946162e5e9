"""The `when` expressions: read, checked against the facts' types, and decided in three-valued logic.

A condition compares facts with literals and joins comparisons by ``and``, ``or``, ``not``. Reading goes in
three steps: a tokenizer that gives the usual slips of Chinese input their true name, Python's own expression
parser for the grammar, and an allow-list that turns the syntax tree into the few nodes below. Nothing is ever
executed as Python.
"""

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from itertools import pairwise
from operator import eq, ge, gt, le, lt, ne
from typing import Any, NamedTuple

from attrs import field, frozen

from planloom_schemas.errors import nearest

MAX_LENGTH = 1_000
MAX_DEPTH = 20

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


def _fault(offset: int, message: str, fix: str, **params: object) -> Fault:
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
class FactType:
    """What a fact may hold.

    Args:
        type: integer, number, text, boolean, date, choice or list.
        one_of: The values a choice or a list draws from; empty for any.
    """

    type: str
    one_of: tuple[str, ...] = ()


# ---- the nodes --------------------------------------------------------------------------------------


@frozen
class _Literal:
    value: object
    offset: int

    def read(self, values: Values) -> object:
        return self.value


@frozen
class _Fact:
    name: str
    offset: int

    def read(self, values: Values) -> object:
        value = values.get(self.name)
        return value.isoformat() if isinstance(value, date) else value

    def decide(self, values: Values) -> bool | None:
        value = values.get(self.name)
        if value is None or value is True or value is False:
            return value
        raise ConditionError([_not_boolean(self)])

    def undecided(self, values: Values) -> Iterator[str]:
        if values.get(self.name) is None:
            yield self.name


_Operand = _Literal | _Fact


@frozen
class _Compare:
    sign: str
    left: _Operand
    right: _Operand
    apply: Callable[[Any, Any], bool]

    @property
    def offset(self) -> int:
        return self.left.offset

    def decide(self, values: Values) -> bool | None:
        left, right = self.left.read(values), self.right.read(values)
        if left is None or right is None:
            return None
        try:
            return self.apply(left, right)
        except TypeError:
            said = {"left": _named(left), "sign": self.sign, "right": _named(right)}
            raise ConditionError([_unlike(self.offset, said)]) from None

    def undecided(self, values: Values) -> Iterator[str]:
        for side in (self.left, self.right):
            if isinstance(side, _Fact):
                yield from side.undecided(values)


@frozen
class _Not:
    part: "_Test"

    def decide(self, values: Values) -> bool | None:
        verdict = self.part.decide(values)
        return None if verdict is None else not verdict

    def undecided(self, values: Values) -> Iterator[str]:
        return self.part.undecided(values)


@frozen
class _Join:
    """``and`` (settled by a false part) or ``or`` (settled by a true one)."""

    settles: bool
    members: "tuple[_Test, ...]"

    def decide(self, values: Values) -> bool | None:
        verdict: bool | None = not self.settles
        for part in self.members:
            found = part.decide(values)
            if found is self.settles:
                return found
            if found is None:
                verdict = None
        return verdict

    def undecided(self, values: Values) -> Iterator[str]:
        for part in self.members:
            if part.decide(values) is None:
                yield from part.undecided(values)


_Test = _Fact | _Compare | _Not | _Join


@frozen
class Condition:
    """A condition; equal to every other that says the same in other spacing or quotes.

    Args:
        text: The condition in canonical spelling.
        names: The facts it speaks of.
    """

    text: str
    names: frozenset[str]
    _root: _Test = field(eq=False, repr=False)


def _named(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case tuple() | list():
            return "[" + ", ".join(_named(member) for member in value) + "]"
        case _:
            return repr(value)


def _said(side: _Operand) -> str:
    return side.name if isinstance(side, _Fact) else _named(side.value)


def _unlike(offset: int, said: Mapping[str, object]) -> Fault:
    return Fault(offset, "{left} {sign} {right} compares unlike things", said, "compare like with like")


def _not_boolean(fact: _Fact) -> Fault:
    message = "{name} is neither true nor false"
    return _fault(fact.offset, message, "compare it, for example {name} == 1", name=fact.name)


# ---- reading: tokens ------------------------------------------------------------------------------

_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<string>'[^'\\\n]*'|"[^"\\\n]*")
    |(?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?![A-Za-z0-9_.]))
    |(?P<name>[a-z][a-z0-9_]*(?![A-Za-z0-9_.]))
    |(?P<sign>==|!=|<=|>=|<(?![>=])|>(?![=])|[()\[\],])
    |(?P<other>&&|\|\||<>|=>|=<|={3}|＝＝|[A-Za-z0-9_.]+|[０-９]+|[\u4e00-\u9fff]+|[“”][^“”]*”|[‘’][^‘’]*’|.)""",
    re.VERBOSE | re.DOTALL,
)
_MEANT = {
    found: wanted
    for wanted, slips in {
        "==": "= === ＝ ＝＝ 等于",
        "!=": "<> ≠ 不等于",
        ">": "＞ 大于 超过",
        "<": "＜ 小于",
        ">=": "≥ => 不少于 不小于",
        "<=": "≤ =< 不超过 不大于",
        "(": "（",
        ")": "）",
        ",": "， 、",
        "[": "【 ［",
        "]": "】 ］",
        "and": "&& & 且 并且 而且 和 AND And",
        "or": "|| | 或 或者 OR Or",
        "not": "! ！ 非 不是 NOT Not",
        "in": "属于 IN In",
        "true": "是 真 True TRUE",
        "false": "否 假 False FALSE",
    }.items()
    for found in slips.split()
}
_WORDS = frozenset({"and", "or", "not", "in"})
_FULL_WIDTH = str.maketrans("０１２３４５６７８９", "0123456789")
_MOST_FAULTS = 10
_UNUSABLE = "{found} cannot stand in a condition"
_ALLOWED = "use only fact names, numbers, quoted text, lists, comparisons, and, or, not and parentheses"
_TOO_DEEP = "the condition is nested too deeply"
_SPLIT = "make it shorter, or split it over several items"


class _Token(NamedTuple):
    kind: str
    text: str
    offset: int

    def is_fact(self) -> bool:
        return self.kind == "name" and self.text not in _WORDS

    def opens(self) -> bool:
        """Whether an operand begins here."""
        return self.kind in {"string", "number"} or self.text in {"(", "["} or self.is_fact()

    def closes(self) -> bool:
        """Whether an operand ends here."""
        return self.kind in {"string", "number"} or self.text in {")", "]"} or self.is_fact()


def _tokens(text: str) -> list[_Token]:
    found = [_Token(str(match.lastgroup), match.group(), match.start()) for match in _TOKEN.finditer(text)]
    return [token for token in found if token.kind != "space"]


def _foreign(token: _Token) -> Fault:
    """The true name of what does not belong in a condition."""
    found, offset = token.text, token.offset
    if found[0] in "“”‘’":
        wanted = "'" + found.strip("“”‘’") + "'"
        return _fault(
            offset, "{found} has Chinese quotation marks", "write {wanted}", found=found, wanted=wanted
        )
    wanted = _MEANT.get(found) or found.translate(_FULL_WIDTH)
    if wanted != found:
        return _fault(offset, "{found} is not understood here", "write {wanted}", found=found, wanted=wanted)
    if "\u4e00" <= found[0] <= "\u9fff":
        return _fault(offset, "{found} stands without quotation marks", "write '{found}'", found=found)
    return _fault(offset, _UNUSABLE, _ALLOWED, found=found)


def _gap(before: _Token, after: _Token) -> Fault:
    """Two operands side by side: a call, an index, or a forgotten sign."""
    if before.is_fact() and after.text in {"(", "["}:
        return _fault(before.offset, _UNUSABLE, _ALLOWED, found=before.text + after.text)
    message = "between {left} and {right} something is missing"
    fix = "write a comparison, `and` or `or` between them"
    return _fault(after.offset, message, fix, left=before.text, right=after.text)


def _unbalanced(tokens: list[_Token]) -> Iterator[Fault]:
    opened: list[_Token] = []
    for token in tokens:
        if token.text in {"(", "["}:
            opened.append(token)
        elif token.text in {")", "]"} and (not opened or opened.pop().text + token.text not in {"()", "[]"}):
            yield _fault(token.offset, "{found} closes nothing", "take it out or open it", found=token.text)
            return
    if opened:
        yield _fault(opened[-1].offset, "{found} is never closed", "close it", found=opened[-1].text)


def _slips(tokens: list[_Token]) -> list[Fault]:
    """What is wrong on the surface; the coarsest kind of slip hides the finer ones it would cause."""
    return (
        [_foreign(token) for token in tokens if token.kind == "other"]
        or [_gap(one, two) for one, two in pairwise(tokens) if one.closes() and two.opens()]
        or list(_unbalanced(tokens))
    )[:_MOST_FAULTS]


# ---- reading: the allow-list over Python's tree -----------------------------------------------------


def _within(left: object, right: object) -> bool:
    if not isinstance(right, tuple | list):
        raise TypeError
    return left in right


def _outside(left: object, right: object) -> bool:
    return not _within(left, right)


_SIGNS: dict[type[ast.cmpop], tuple[str, Callable[[Any, Any], bool]]] = {
    ast.Eq: ("==", eq),
    ast.NotEq: ("!=", ne),
    ast.Lt: ("<", lt),
    ast.LtE: ("<=", le),
    ast.Gt: (">", gt),
    ast.GtE: (">=", ge),
    ast.In: ("in", _within),
    ast.NotIn: ("not in", _outside),
}
_TRUTH = {"true": True, "false": False}


class _Reader:
    """Turns Python's tree of one text into the nodes above, refusing whatever is not on the list."""

    def __init__(self, body: str, shift: int) -> None:
        self._body = body.encode()
        self._shift = shift

    def _offset(self, node: ast.expr) -> int:
        return self._shift + len(self._body[: node.col_offset].decode())

    def _refuse(self, node: ast.expr, message: str, fix: str) -> ConditionError:
        return ConditionError([_fault(self._offset(node), message, fix, found=ast.unparse(node))])

    def test(self, node: ast.expr, depth: int = 0) -> _Test:
        if depth > MAX_DEPTH:
            raise ConditionError([_fault(self._offset(node), _TOO_DEEP, _SPLIT)])
        match node:
            case ast.BoolOp():
                members = tuple(self.test(part, depth + 1) for part in node.values)
                return _Join(isinstance(node.op, ast.Or), members)
            case ast.UnaryOp(op=ast.Not()):
                return _Not(self.test(node.operand, depth + 1))
            case ast.Compare():
                return self._comparison(node)
            case ast.Name() if node.id not in _TRUTH:
                return _Fact(node.id, self._offset(node))
            case _:
                raise self._refuse(node, "{found} alone is not a condition", "compare a fact with it")

    def _comparison(self, node: ast.Compare) -> _Test:
        sides = [self._operand(side) for side in (node.left, *node.comparators)]
        steps: list[_Test] = []
        for kind, (left, right) in zip(node.ops, pairwise(sides), strict=True):
            if type(kind) not in _SIGNS:
                raise self._refuse(node, _UNUSABLE, _ALLOWED)
            sign, apply = _SIGNS[type(kind)]
            steps.append(_Compare(sign, left, right, apply))
        return steps[0] if len(steps) == 1 else _Join(False, tuple(steps))

    def _operand(self, node: ast.expr) -> _Operand:
        match node:
            case ast.Name() if node.id not in _TRUTH:
                return _Fact(node.id, self._offset(node))
            case ast.List(elts=[_, *_] as members):
                return _Literal(tuple(self._scalar(member) for member in members), self._offset(node))
            case _:
                return _Literal(self._scalar(node), self._offset(node))

    def _scalar(self, node: ast.expr) -> object:
        match node:
            case ast.Constant(value=str() | int() | float() as value) if not isinstance(value, bool):
                return value
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
                return -value
            case ast.Name(id="true" | "false" as word):
                return _TRUTH[word]
            case _:
                raise self._refuse(node, _UNUSABLE, _ALLOWED)


@lru_cache(maxsize=4_096)
def parse_condition(text: str) -> Condition:
    """Reads a condition.

    Args:
        text: As written after `when`.

    Returns:
        The condition, with the facts it names.

    Raises:
        ConditionError: If it is not a condition, naming every slip of spelling with its position.
    """
    if not text.strip():
        raise ConditionError([_fault(0, "the condition is empty", "write a condition, or leave out `when`")])
    if len(text) > MAX_LENGTH:
        message = "the condition has {found} characters, at most {most}"
        raise ConditionError([_fault(MAX_LENGTH, message, _SPLIT, found=len(text), most=MAX_LENGTH)])
    tokens = _tokens(text)
    if slips := _slips(tokens):
        raise ConditionError(slips)
    root = _read(text)
    canonical = " ".join(repr(token.text[1:-1]) if token.kind == "string" else token.text for token in tokens)
    return Condition(
        canonical, frozenset(token.text for token in tokens if token.is_fact()) - _TRUTH.keys(), root
    )


def _read(text: str) -> _Test:
    body = re.sub(r"\s", " ", text).lstrip()
    shift = len(text) - len(text.lstrip())
    try:
        tree = ast.parse(body, mode="eval")
    except SyntaxError as error:
        offset = min(shift + max((error.offset or 1) - 1, 0), len(text))
        raise ConditionError(
            [_fault(offset, "the condition breaks off or is out of order here", _ALLOWED)]
        ) from None
    except (RecursionError, MemoryError):
        raise ConditionError([_fault(shift, _TOO_DEEP, _SPLIT)]) from None
    return _Reader(body, shift).test(tree.body)


# ---- checking against the types of the facts --------------------------------------------------------

_KINDS = {"integer": "number", "choice": "text"}
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

Facts = Mapping[str, FactType]


def check_condition(cond: Condition, facts: Facts) -> None:
    """Checks a condition against the facts there are.

    Args:
        cond: The condition.
        facts: Every declared fact with its type.

    Raises:
        ConditionError: Naming every unknown fact and every comparison that cannot be meant.
    """
    if faults := list(_faults(cond._root, facts)):
        raise ConditionError(faults)


def _faults(test: _Test, facts: Facts) -> Iterator[Fault]:
    match test:
        case _Not():
            yield from _faults(test.part, facts)
        case _Join():
            for part in test.members:
                yield from _faults(part, facts)
        case _Compare():
            unknown = [*_unknown(test.left, facts), *_unknown(test.right, facts)]
            yield from unknown or _type_faults(test, facts)
        case _Fact():
            yield from _unknown(test, facts)
            if test.name in facts and facts[test.name].type != "boolean":
                yield _not_boolean(test)


def _unknown(side: _Operand, facts: Facts) -> Iterator[Fault]:
    if isinstance(side, _Fact) and side.name not in facts:
        near = nearest(side.name, facts)
        fix = "write {near}, or declare {name} under facts" if near else "declare {name} under facts"
        yield _fault(side.offset, "there is no fact {name}", fix, name=side.name, near=near)


def _kind(side: _Operand, facts: Facts) -> str:
    """The kind of an operand: number, text, boolean, date or list."""
    if isinstance(side, _Fact):
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


def _type_faults(test: _Compare, facts: Facts) -> Iterator[Fault]:
    left, right = _kind(test.left, facts), _kind(test.right, facts)
    said = {"left": _said(test.left), "sign": test.sign, "right": _said(test.right)}
    if test.sign in {"in", "not in"}:
        yield from _membership_faults(test, left, right, facts)
    elif "list" in (left, right):
        fix = "with a list use `in` or `not in`"
        yield _fault(test.offset, "{left} {sign} {right} compares a list", fix, **said)
    elif not _alike(test.left, test.right, facts):
        yield _unlike(test.offset, said)
    elif test.sign not in {"==", "!="} and not {left, right} & {"number", "date"}:
        yield _fault(test.offset, "{left} {sign} {right} orders what has no order", "use == or !=", **said)
    else:
        yield from _choice_faults(test.left, test.right, facts)
        yield from _choice_faults(test.right, test.left, facts)


def _alike(left: _Operand, right: _Operand, facts: Facts) -> bool:
    """Whether two operands can be compared; quoted text is a date beside a date if it is written like one."""
    kinds = {_kind(left, facts): left, _kind(right, facts): right}
    if kinds.keys() == {"date", "text"}:
        text = kinds["text"]
        return isinstance(text, _Literal) and _DATE.fullmatch(str(text.value)) is not None
    return len(kinds) == 1


def _membership_faults(test: _Compare, left: str, right: str, facts: Facts) -> Iterator[Fault]:
    said = {"left": _said(test.left), "sign": test.sign, "right": _said(test.right)}
    if right != "list":
        fix = "write a list such as ['甲', '乙']"
        yield _fault(test.right.offset, "{right} after `in` is not a list", fix, **said)
    elif left in {"list", "boolean"}:
        yield _unlike(test.offset, said)
    elif isinstance(test.right, _Fact):
        yield from _choice_faults(test.right, test.left, facts)
    elif isinstance(test.right.value, tuple):
        for member in test.right.value:
            literal = _Literal(member, test.right.offset)
            if _alike(test.left, literal, facts):
                yield from _choice_faults(test.left, literal, facts)
            else:
                yield _unlike(
                    test.offset, {"left": _said(test.left), "sign": test.sign, "right": _said(literal)}
                )


def _choice_faults(side: _Operand, other: _Operand, facts: Facts) -> Iterator[Fault]:
    """A literal that the fact on the other side can never hold."""
    if isinstance(side, _Fact) and isinstance(other, _Literal):
        choices = facts[side.name].one_of
        if choices and other.value not in choices:
            params = {"name": side.name, "found": _said(other), "choices": "、".join(choices)}
            yield _fault(other.offset, "{name} is never {found}", "choose one of {choices}", **params)


# ---- deciding ---------------------------------------------------------------------------------------


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
    return cond._root.decide(values)


def missing(cond: Condition, values: Values) -> tuple[str, ...]:
    """The facts whose absence leaves a condition undecided, in order of appearance; none if it is decided."""
    if cond._root.decide(values) is not None:
        return ()
    return tuple(dict.fromkeys(cond._root.undecided(values)))
