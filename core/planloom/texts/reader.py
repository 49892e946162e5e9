"""The allow-list: Jinja's syntax tree to closures over plain data."""

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from planloom.texts.filters import WANTS
from planloom.texts.run import ABSENT, MAX_NUMBER, Fault, Run, Step, Stop, Value, printed, stop
from planloom_schemas.errors import nearest

if TYPE_CHECKING:
    from jinja2 import nodes

MAX_LOOPS = 3
MAX_DEPTH = 40
MAX_SAID = 6

_ALLOWED = "use only values, filters, if, for, comparisons, and, or, not, + - ~"
_STATE = "state {name} under facts"
_ASK = "check the spelling, or ask first with if … in …"


UNREADABLE = "this cannot be read as a template ({found})"
TOO_DEEP = "the text is nested too deeply"
TOO_LARGE = "a number is too large"
_HALF_WIDTH = "inside the braces write half-width signs"
_SYNTAX = (
    (r"unexpected char '(?P<found>.)'", "{found} is not understood inside the braces", _HALF_WIDTH),
    (r"unknown tag '(?P<found>\w+)'", "{found} may not be used in texts", "use only if, elif, else, for"),
    (r"to be closed is '(?P<found>\w+)'", "{found} is never closed", "write end{found} where it ends"),
    (r"[Uu]nexpected end of template|unexpected end of print", "a brace is never closed", "close it"),
    (
        r"got '(?P<found>[^']*)'|unexpected '(?P<alone>[^']*)'",
        "{found} is out of place",
        "take it out, or quote it",
    ),
)
_SIGNS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "lteq": operator.le,
    "gt": operator.gt,
    "gteq": operator.ge,
    "in": lambda left, right: left in right,
    "notin": lambda left, right: left not in right,
}
_LOOP_ENTRIES = frozenset({"first", "last", "index", "length"})
_SPELLED = {
    "Call": "(…)", "Test": "is", "Slice": "[:]", "Tuple": "a, b", "Dict": "{…}", "Mul": "*", "Div": "/",
    "FloorDiv": "//", "Mod": "%", "Pow": "**", "Assign": "set", "AssignBlock": "set", "FilterBlock": "filter",
    "CallBlock": "call", "FromImport": "from", "ScopedEvalContextModifier": "autoescape",
}  # fmt: skip


def syntax_fault(line: int, reason: str) -> Fault:
    """What Jinja's parser found, in our words."""
    for pattern, message, fix in _SYNTAX:
        if match := re.search(pattern, reason):
            found = next((group for group in match.groups() if group), "")
            return Fault(line, message, {"found": found}, fix)
    return Fault(line, UNREADABLE, {"found": reason}, "write it anew")


def _said(node: "nodes.Node", depth: int = 0) -> str:
    """A value as its template spells it: ``activities['x'].months``; … for what is long or has no name."""
    entry: Any = node
    match type(node).__name__ if depth < MAX_SAID else "":
        case "Name":
            return str(entry.name)
        case "Getattr":
            return f"{_said(entry.node, depth + 1)}.{entry.attr}"
        case "Getitem":
            key = getattr(entry.arg, "name", None) or repr(getattr(entry.arg, "value", "…"))
            return f"{_said(entry.node, depth + 1)}[{key}]"
        case "Filter":
            return f"{_said(entry.node, depth + 1)} | {entry.name}"
        case _:
            return "…"


def _weight(value: object) -> int:
    return len(value) + 1 if isinstance(value, str | list) else 1


def _is_number(value: object) -> bool:
    return type(value) in {int, float}


class Reader:
    """The allow-list: turns the syntax tree of one text into closures and collects what is not allowed."""

    def __init__(self, filters: Mapping[str, Callable[..., object]]) -> None:
        self._filters = filters
        self._bound: list[str] = []
        self._size = 0
        self.names: set[str] = set()
        self.faults: list[Fault] = []
        self._values: dict[str, Callable[[Any, int], Value]] = {
            "Const": self._constant,
            "Name": self._strict,
            "Getattr": self._strict,
            "Getitem": self._strict,
            "Filter": self._filter,
            "List": self._list,
            "Compare": self._compare,
            "And": self._and,
            "Or": self._or,
            "Not": self._not,
            "Neg": self._negative,
            "Add": self._sum,
            "Sub": self._sum,
            "Concat": self._concat,
            "CondExpr": self._choice,
        }
        self._steps: dict[str, Callable[[Any, int], Step]] = {
            "Output": self._output,
            "If": self._if,
            "For": self._for,
        }

    def _fault(self, line: int, message: str, fix: str = "", **params: object) -> None:
        self.faults.append(Fault(line, message, params, fix))

    def _refuse(self, node: "nodes.Node") -> None:
        kind = type(node).__name__
        found = _SPELLED.get(kind, kind.lower())
        # Jinja makes some nodes of its own, which stand on no line.
        self._fault(node.lineno or 1, "{found} may not be used in texts", _ALLOWED, found=found)

    def _too_deep(self, node: "nodes.Node", depth: int) -> bool:
        if depth > MAX_DEPTH:
            self._fault(node.lineno, TOO_DEEP, "make it simpler")
        return depth > MAX_DEPTH

    # ---- statements

    def body(self, steps: "Iterable[nodes.Node]", depth: int = 0) -> Step:
        """One closure for several statements."""
        read = [self._step(step, depth + 1) for step in steps]
        if len(read) == 1:
            return read[0]

        def run_all(run: Run) -> None:
            for step in read:
                step(run)

        return run_all

    def _step(self, node: "nodes.Node", depth: int) -> Step:
        self._size += 1
        read = self._steps.get(type(node).__name__)
        if self._too_deep(node, depth):
            return _nothing
        if read is None:
            self._refuse(node)
            return _nothing
        return read(node, depth)

    def _output(self, node: "nodes.Output", depth: int) -> Step:
        parts = [self._part(part, depth) for part in node.nodes]

        def write(run: Run) -> None:
            for text, line, value, said in parts:
                try:
                    run.write(text if value is None else printed(value(run), line, said), line)
                except Stop as halt:
                    run.note(halt)

        return write

    def _part(self, node: Any, depth: int) -> tuple[str, int, Value | None, str]:
        if type(node).__name__ == "TemplateData":
            return (node.data, node.lineno, None, "")
        return ("", node.lineno, self.value(node, depth), _said(node))

    def _if(self, node: "nodes.If", depth: int) -> Step:
        branches = [
            (self.value(branch.test, depth), self.body(branch.body, depth)) for branch in (node, *node.elif_)
        ]
        otherwise = self.body(node.else_, depth)

        def choose(run: Run) -> None:
            try:
                step = next((step for test, step in branches if test(run)), otherwise)
            except Stop as halt:
                run.note(halt)
            else:
                step(run)

        return choose

    def _for(self, node: Any, depth: int) -> Step:
        line, target = node.lineno, getattr(node.target, "name", "")
        if node.recursive or node.test or not target or target == "loop" or target.startswith("_"):
            message, fix = "this form of for is not known", "write for, one name, in, and a list"
            self._fault(line, message, fix)
        if self._bound.count("loop") >= MAX_LOOPS:
            self._fault(line, "loops are nested more than {most} deep", "take one out", most=MAX_LOOPS)
        source, said = self.value(node.iter, depth), _said(node.iter)
        before = self._size
        self._bound += [target, "loop"]
        body = self.body(node.body, depth)
        del self._bound[-2:]
        return _loop(target, source, said, body, self.body(node.else_, depth), line, self._size - before)

    # ---- values

    def value(self, node: "nodes.Node", depth: int) -> Value:
        """The closure that gives a value."""
        self._size += 1
        read = self._values.get(type(node).__name__)
        if self._too_deep(node, depth):
            return _nothing
        if read is None:
            self._refuse(node)
            return _nothing
        return read(node, depth + 1)

    def _constant(self, node: "nodes.Const", depth: int) -> Value:
        value = node.value
        if _is_number(value) and abs(value) > MAX_NUMBER:
            self._fault(node.lineno, TOO_LARGE, "write a smaller one")
        return _constantly(value)

    def _list(self, node: "nodes.List", depth: int) -> Value:
        members = [self.value(member, depth) for member in node.items]
        return lambda run: [member(run) for member in members]

    def _strict(self, node: "nodes.Name | nodes.Getattr | nodes.Getitem", depth: int) -> Value:
        find, line, said = self._find(node, depth), node.lineno, _said(node)
        fix = _STATE if said.isidentifier() else _ASK

        def read(run: Run) -> object:
            value = find(run)
            return value if value is not ABSENT else stop(line, "{name} is missing", fix, said, name=said)

        return read

    def _find(self, node: Any, depth: int) -> Value:
        """The closure that gives a value or ABSENT."""
        match type(node).__name__:
            case "Name":
                return self._name(node)
            case "Getattr":
                self._check_entry(node, node.attr)
                return _entry(self.value(node.node, depth), _constantly(node.attr))
            case _:
                if type(node.arg).__name__ not in {"Const", "Name", "Neg"}:
                    self._refuse(node.arg)
                    return _nothing
                self._check_entry(node, getattr(node.arg, "value", ""))
                return _entry(self.value(node.node, depth), self.value(node.arg, depth))

    def _name(self, node: "nodes.Name") -> Value:
        name = node.name
        self._check_private(node, name)
        if name not in self._bound:
            self.names.add(name)
        return lambda run: run.scope.get(name, ABSENT)

    def _check_private(self, node: "nodes.Node", name: object) -> None:
        if isinstance(name, str) and name.startswith("_"):
            fix = "no name in a text begins with an underscore"
            self._fault(node.lineno, "{found} may not be used in texts", fix, found=name)

    def _check_entry(self, node: Any, key: object) -> None:
        self._check_private(node, key)
        is_loop = getattr(node.node, "name", "") == "loop" and "loop" in self._bound
        if is_loop and key not in _LOOP_ENTRIES:
            fix = "use loop.first, loop.last, loop.index or loop.length"
            self._fault(node.lineno, "loop.{found} is not known", fix, found=key)

    def _filter(self, node: Any, depth: int) -> Value:
        name, line = node.name, node.lineno
        if name not in self._filters:
            near = nearest(name, self._filters)
            fix = "write {near}" if near else "use one of the filters of texts"
            self._fault(line, "there is no filter {found}", fix, found=name, near=near)
            return _nothing
        if node.node is None or node.kwargs or node.dyn_args or node.dyn_kwargs:
            self._fault(
                line, "{found} is used in a way texts do not know", "give it plain values only", found=name
            )
            return _nothing
        for argument in node.args:
            if type(argument).__name__ not in {"Const", "Name", "Neg", "List"}:
                self._refuse(argument)
        lenient = name == "default" and type(node.node).__name__ in {"Name", "Getattr", "Getitem"}
        subject = self._find(node.node, depth) if lenient else self.value(node.node, depth)
        extras = [self.value(argument, depth) for argument in node.args]
        return _filtered(name, self._filters[name], subject, extras, line, _said(node.node))

    def _compare(self, node: "nodes.Compare", depth: int) -> Value:
        first, line = self.value(node.expr, depth), node.lineno
        steps = [(_SIGNS[operand.op], self.value(operand.expr, depth)) for operand in node.ops]

        def compare(run: Run) -> bool:
            left = first(run)
            for sign, side in steps:
                right = side(run)
                run.spend(_weight(right), line)
                try:
                    if not sign(left, right):
                        return False
                except TypeError:
                    stop(line, "unlike things are compared", "compare like with like")
                left = right
            return True

        return compare

    def _and(self, node: "nodes.And", depth: int) -> Value:
        left, right = self.value(node.left, depth), self.value(node.right, depth)
        return lambda run: left(run) and right(run)

    def _or(self, node: "nodes.Or", depth: int) -> Value:
        left, right = self.value(node.left, depth), self.value(node.right, depth)
        return lambda run: left(run) or right(run)

    def _not(self, node: "nodes.Not", depth: int) -> Value:
        part = self.value(node.node, depth)
        return lambda run: not part(run)

    def _choice(self, node: "nodes.CondExpr", depth: int) -> Value:
        if node.expr2 is None:
            self._fault(node.lineno, "if has no else", "write what stands there otherwise, or else ''")
            return _nothing
        test, yes, no = (self.value(part, depth) for part in (node.test, node.expr1, node.expr2))
        return lambda run: yes(run) if test(run) else no(run)

    def _negative(self, node: "nodes.Neg", depth: int) -> Value:
        return self._arithmetic(operator.sub, [lambda run: 0, self.value(node.node, depth)], node.lineno)

    def _sum(self, node: "nodes.BinExpr", depth: int) -> Value:
        apply = operator.add if type(node).__name__ == "Add" else operator.sub
        sides = [self.value(node.left, depth), self.value(node.right, depth)]
        return self._arithmetic(apply, sides, node.lineno)

    def _arithmetic(self, apply: Callable[[Any, Any], Any], sides: list[Value], line: int) -> Value:
        def compute(run: Run) -> object:
            left, right = (side(run) for side in sides)
            if not (_is_number(left) and _is_number(right)):
                stop(line, "+ and - want numbers", "join texts with ~")
            return apply(left, right)

        return compute

    def _concat(self, node: "nodes.Concat", depth: int) -> Value:
        parts = [(self.value(part, depth), _said(part)) for part in node.nodes]
        line = node.lineno

        def join(run: Run) -> str:
            texts: list[str] = []
            for part, said in parts:
                texts.append(printed(part(run), line, said))
                run.spend(len(texts[-1]), line)  # before joining: the sum must never be built
            return "".join(texts)

        return join


def _constantly(value: object) -> Value:
    return lambda run: value


def _nothing(run: Run) -> None:
    """Stands for what was refused; never runs, since a refused text is not rendered."""


def _entry(holder: Value, key: Value) -> Value:
    """One entry of a mapping or a list; nothing else has entries, whatever attributes Python gives it."""

    def find(run: Run) -> object:
        within, wanted = holder(run), key(run)
        if type(within) is dict and type(wanted) in {str, int}:
            return within.get(wanted, ABSENT)
        if type(within) is list and type(wanted) is int and -len(within) <= wanted < len(within):
            return within[wanted]
        return ABSENT

    return find


def _filtered(
    name: str, apply: Callable[..., object], subject: Value, extras: list[Value], line: int, said: str
) -> Value:
    def read(run: Run) -> object:
        value = subject(run)
        arguments = [extra(run) for extra in extras]
        run.spend(_weight(value), line)
        try:
            result = apply(None if value is ABSENT else value, *arguments)
        except Exception:  # a plug-in's filter may raise anything; it must not end the whole run
            fix = WANTS.get(name, "look up what {filter} wants")
            stop(line, "{filter} cannot be applied to {name}", fix, filter=name, name=said)
        run.spend(_weight(result), line)
        return result

    return read


def _loop(target: str, source: Value, said: str, body: Step, otherwise: Step, line: int, cost: int) -> Step:
    def members(run: Run) -> list[object]:
        found = source(run)
        if not isinstance(found, list | dict):
            stop(line, "{name} is not a list", "loop over a list", name=said)
        run.spend(len(found), line)
        return list(found)

    def repeat(run: Run) -> None:
        try:
            found = members(run)
        except Stop as halt:
            run.note(halt)
            return
        outer = {name: run.scope.get(name, ABSENT) for name in (target, "loop")}
        for index, member in enumerate(found, start=1):
            run.spend(cost, line, iterations=1)
            run.scope[target] = member
            run.scope["loop"] = {
                "index": index, "first": index == 1, "last": index == len(found), "length": len(found)
            }  # fmt: skip
            body(run)
        for name, value in outer.items():
            run.scope[name] = value
        if not found:
            otherwise(run)

    return repeat
