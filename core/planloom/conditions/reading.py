"""Reading a condition: tokens that name slips of Chinese input, Python's grammar, an allow-list."""

import ast
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import pairwise
from operator import eq, ge, gt, le, lt, ne
from typing import Any, NamedTuple

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
)
from planloom.regexes import compiled

MAX_LENGTH = 1_000
MAX_DEPTH = 20

_TOKEN = r"""(?xs)(?P<space>\s+)
    |(?P<string>'[^'\\\n]*'|"[^"\\\n]*")
    |(?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?![A-Za-z0-9_.]))
    |(?P<name>[a-z][a-z0-9_]*(?![A-Za-z0-9_.]))
    |(?P<sign>==|!=|<=|>=|<(?![>=])|>(?![=])|[()\[\],])
    |(?P<other>&&|\|\||<>|=>|=<|={3}|＝＝|[A-Za-z0-9_.]+|[０-９]+|[\u4e00-\u9fff]+|[“”][^“”]*”|[‘’][^‘’]*’|.)"""
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
    found = [
        _Token(str(match.lastgroup), match.group(), match.start())
        for match in compiled(_TOKEN).finditer(text)
    ]
    return [token for token in found if token.kind != "space"]


def _foreign(token: _Token) -> Fault:
    """The true name of what does not belong in a condition."""
    found, offset = token.text, token.offset
    if found[0] in "“”‘’":
        wanted = "'" + found.strip("“”‘’") + "'"
        return fault(
            offset, "{found} has Chinese quotation marks", "write {wanted}", found=found, wanted=wanted
        )
    wanted = _MEANT.get(found) or found.translate(_FULL_WIDTH)
    if wanted != found:
        return fault(offset, "{found} is not understood here", "write {wanted}", found=found, wanted=wanted)
    if "\u4e00" <= found[0] <= "\u9fff":
        return fault(offset, "{found} stands without quotation marks", "write '{found}'", found=found)
    return fault(offset, _UNUSABLE, _ALLOWED, found=found)


def _gap(before: _Token, after: _Token) -> Fault:
    """Two operands side by side: a call, an index, or a forgotten sign."""
    if before.is_fact() and after.text in {"(", "["}:
        return fault(before.offset, _UNUSABLE, _ALLOWED, found=before.text + after.text)
    message = "between {left} and {right} something is missing"
    fix = "write a comparison, `and` or `or` between them"
    return fault(after.offset, message, fix, left=before.text, right=after.text)


def _unbalanced(tokens: list[_Token]) -> Iterator[Fault]:
    opened: list[_Token] = []
    for token in tokens:
        if token.text in {"(", "["}:
            opened.append(token)
        elif token.text in {")", "]"} and (not opened or opened.pop().text + token.text not in {"()", "[]"}):
            yield fault(token.offset, "{found} closes nothing", "take it out or open it", found=token.text)
            return
    if opened:
        yield fault(opened[-1].offset, "{found} is never closed", "close it", found=opened[-1].text)


def _slips(tokens: list[_Token]) -> list[Fault]:
    """What is wrong on the surface; the coarsest kind of slip hides the finer ones it would cause."""
    return (
        [_foreign(token) for token in tokens if token.kind == "other"]
        or [_gap(one, two) for one, two in pairwise(tokens) if one.closes() and two.opens()]
        or list(_unbalanced(tokens))
    )[:_MOST_FAULTS]


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
        return ConditionError([fault(self._offset(node), message, fix, found=ast.unparse(node))])

    def test(self, node: ast.expr, depth: int = 0) -> Test:
        if depth > MAX_DEPTH:
            raise ConditionError([fault(self._offset(node), _TOO_DEEP, _SPLIT)])
        match node:
            case ast.BoolOp():
                members = tuple(self.test(part, depth + 1) for part in node.values)
                return Join(isinstance(node.op, ast.Or), members)
            case ast.UnaryOp(op=ast.Not()):
                return Not(self.test(node.operand, depth + 1))
            case ast.Compare():
                return self._comparison(node)
            case ast.Name() if node.id not in _TRUTH:
                return Fact(node.id, self._offset(node))
            case _:
                raise self._refuse(node, "{found} alone is not a condition", "compare a fact with it")

    def _comparison(self, node: ast.Compare) -> Test:
        sides = [self._operand(side) for side in (node.left, *node.comparators)]
        steps: list[Test] = []
        for kind, (left, right) in zip(node.ops, pairwise(sides), strict=True):
            if type(kind) not in _SIGNS:
                raise self._refuse(node, _UNUSABLE, _ALLOWED)
            sign, apply = _SIGNS[type(kind)]
            steps.append(Compare(sign, left, right, apply))
        return steps[0] if len(steps) == 1 else Join(False, tuple(steps))

    def _operand(self, node: ast.expr) -> Operand:
        match node:
            case ast.Name() if node.id not in _TRUTH:
                return Fact(node.id, self._offset(node))
            case ast.List(elts=[_, *_] as members):
                return Literal(tuple(self._scalar(member) for member in members), self._offset(node))
            case _:
                return Literal(self._scalar(node), self._offset(node))

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
        raise ConditionError([fault(0, "the condition is empty", "write a condition, or leave out `when`")])
    if len(text) > MAX_LENGTH:
        message = "the condition has {found} characters, at most {most}"
        raise ConditionError([fault(MAX_LENGTH, message, _SPLIT, found=len(text), most=MAX_LENGTH)])
    tokens = _tokens(text)
    if slips := _slips(tokens):
        raise ConditionError(slips)
    root = _read(text)
    canonical = " ".join(repr(token.text[1:-1]) if token.kind == "string" else token.text for token in tokens)
    return Condition(
        canonical, frozenset(token.text for token in tokens if token.is_fact()) - _TRUTH.keys(), root
    )


def _read(text: str) -> Test:
    body = re.sub(r"\s", " ", text).lstrip()
    shift = len(text) - len(text.lstrip())
    try:
        tree = ast.parse(body, mode="eval")
    except SyntaxError as error:
        offset = min(shift + max((error.offset or 1) - 1, 0), len(text))
        raise ConditionError(
            [fault(offset, "the condition breaks off or is out of order here", _ALLOWED)]
        ) from None
    except (RecursionError, MemoryError):
        raise ConditionError([fault(shift, _TOO_DEEP, _SPLIT)]) from None
    return _Reader(body, shift).test(tree.body)
