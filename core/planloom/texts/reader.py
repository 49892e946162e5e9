"""The allow-list: Jinja's syntax tree becomes a tree of the few things a text may do, and everything else a fault."""

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from planloom.texts.run import MAX_NUMBER, Fault
from planloom.texts.steps import Tree, is_number
from planloom_schemas.errors import nearest

if TYPE_CHECKING:
    from jinja2 import nodes

MAX_LOOPS = 3
MAX_DEPTH = 40
MAX_SAID = 6

_ALLOWED = "use only values, filters, if, for, comparisons, and, or, not, + - ~"
_STATE = "declare {name} under facts"
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
_NOTHING: Tree = ("nothing",)
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


class Reader:
    """The allow-list: turns the syntax tree of one text into ours and collects what is not allowed."""

    def __init__(self, filters: Iterable[str]) -> None:
        self._filters = frozenset(filters)
        self._bound: list[str] = []
        self._size = 0
        self.faults: list[Fault] = []
        self._values: dict[str, Callable[[Any, int], Tree]] = {
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
        self._steps: dict[str, Callable[[Any, int], list[Tree]]] = {
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

    def body(self, steps: "Iterable[nodes.Node]", depth: int = 0) -> Tree:
        """One tree for several statements."""
        return "sequence", [part for step in steps for part in self._step(step, depth + 1)]

    def _step(self, node: "nodes.Node", depth: int) -> "list[Tree]":
        self._size += 1
        read = self._steps.get(type(node).__name__)
        if self._too_deep(node, depth):
            return []
        if read is None:
            self._refuse(node)
            return []
        return read(node, depth)

    def _output(self, node: "nodes.Output", depth: int) -> "list[Tree]":
        return [self._part(part, depth) for part in node.nodes]

    def _part(self, node: Any, depth: int) -> Tree:
        if type(node).__name__ == "TemplateData":
            return "literal", node.data, node.lineno
        return "output", self.value(node, depth), node.lineno, _said(node)

    def _if(self, node: "nodes.If", depth: int) -> "list[Tree]":
        branches = [
            (self.value(branch.test, depth), self.body(branch.body, depth)) for branch in (node, *node.elif_)
        ]
        tests, steps = [test for test, _ in branches], [step for _, step in branches]
        return [("choose", tests, steps, self.body(node.else_, depth))]

    def _for(self, node: Any, depth: int) -> "list[Tree]":
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
        otherwise = self.body(node.else_, depth)
        return [("loop", target, source, said, body, otherwise, line, self._size - before)]

    # ---- values

    def value(self, node: "nodes.Node", depth: int) -> Tree:
        """The tree of a value."""
        self._size += 1
        read = self._values.get(type(node).__name__)
        if self._too_deep(node, depth):
            return _NOTHING
        if read is None:
            self._refuse(node)
            return _NOTHING
        return read(node, depth + 1)

    def _constant(self, node: "nodes.Const", depth: int) -> Tree:
        value = node.value
        if is_number(value) and abs(value) > MAX_NUMBER:
            self._fault(node.lineno, TOO_LARGE, "write a smaller one")
        return "constant", value

    def _list(self, node: "nodes.List", depth: int) -> Tree:
        return "list", [self.value(member, depth) for member in node.items]

    def _strict(self, node: "nodes.Name | nodes.Getattr | nodes.Getitem", depth: int) -> Tree:
        said = _said(node)
        return "strict", self._find(node, depth), node.lineno, said, _STATE if said.isidentifier() else _ASK

    def _find(self, node: Any, depth: int) -> Tree:
        """The tree of a value that may be absent."""
        match type(node).__name__:
            case "Name":
                return self._name(node)
            case "Getattr":
                self._check_entry(node, node.attr)
                return "entry", self.value(node.node, depth), ("constant", node.attr)
            case _:
                if type(node.arg).__name__ not in {"Const", "Name", "Neg"}:
                    self._refuse(node.arg)
                    return _NOTHING
                self._check_entry(node, getattr(node.arg, "value", ""))
                return "entry", self.value(node.node, depth), self.value(node.arg, depth)

    def _name(self, node: "nodes.Name") -> Tree:
        self._check_private(node, node.name)
        return "name", node.name

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

    def _filter(self, node: Any, depth: int) -> Tree:
        name, line = node.name, node.lineno
        if name not in self._filters:
            near = nearest(name, self._filters)
            fix = "write {near}" if near else "use one of the filters of texts"
            self._fault(line, "there is no filter {found}", fix, found=name, near=near)
            return _NOTHING
        if node.node is None or node.kwargs or node.dyn_args or node.dyn_kwargs:
            self._fault(
                line, "{found} is used in a way texts do not know", "give it plain values only", found=name
            )
            return _NOTHING
        for argument in node.args:
            if type(argument).__name__ not in {"Const", "Name", "Neg", "List"}:
                self._refuse(argument)
        lenient = name == "default" and type(node.node).__name__ in {"Name", "Getattr", "Getitem"}
        subject = self._find(node.node, depth) if lenient else self.value(node.node, depth)
        extras = [self.value(argument, depth) for argument in node.args]
        return "filtered", name, subject, extras, line, _said(node.node)

    def _compare(self, node: "nodes.Compare", depth: int) -> Tree:
        first = self.value(node.expr, depth)
        signs = [operand.op for operand in node.ops]
        return "compare", first, signs, [self.value(one.expr, depth) for one in node.ops], node.lineno

    def _and(self, node: "nodes.And", depth: int) -> Tree:
        return "and", self.value(node.left, depth), self.value(node.right, depth)

    def _or(self, node: "nodes.Or", depth: int) -> Tree:
        return "or", self.value(node.left, depth), self.value(node.right, depth)

    def _not(self, node: "nodes.Not", depth: int) -> Tree:
        return "not", self.value(node.node, depth)

    def _choice(self, node: "nodes.CondExpr", depth: int) -> Tree:
        if node.expr2 is None:
            self._fault(node.lineno, "if has no else", "write what stands there otherwise, or else ''")
            return _NOTHING
        test, yes, no = (self.value(part, depth) for part in (node.test, node.expr1, node.expr2))
        return "choice", test, yes, no

    def _negative(self, node: "nodes.Neg", depth: int) -> Tree:
        return "arithmetic", "-", [("constant", 0), self.value(node.node, depth)], node.lineno

    def _sum(self, node: "nodes.BinExpr", depth: int) -> Tree:
        sign = "+" if type(node).__name__ == "Add" else "-"
        return "arithmetic", sign, [self.value(node.left, depth), self.value(node.right, depth)], node.lineno

    def _concat(self, node: "nodes.Concat", depth: int) -> Tree:
        names = [_said(part) for part in node.nodes]
        return "concat", [self.value(part, depth) for part in node.nodes], names, node.lineno
