"""The templates of texts: Jinja's grammar, our own evaluation, contained by construction.

Jinja parses a text; an allow-list turns the few syntax nodes a plan needs into closures over plain data. No
template ever becomes Python code: there is no attribute access, no call and no operator that could reach
anything but the strings, numbers, lists and mappings of the context. Costs are counted, not timed, so that
the same text always ends the same way: see the ``MAX_…`` figures.
"""

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from attrs import field, frozen

from planloom.text_filters import FILTERS, WANTS
from planloom_schemas.errors import nearest

if TYPE_CHECKING:
    from jinja2 import Environment, nodes

MAX_SOURCE = 100_000
MAX_OUTPUT = 200_000
MAX_ITERATIONS = 10_000
MAX_WORK = 5_000_000
MAX_LOOPS = 3
MAX_DEPTH = 40
MAX_NUMBER = 10**15
MAX_FAULTS = 50

Filter = Callable[..., object]
_MARKS = ("{{", "{%", "{#")
_ABSENT = object()
_ALLOWED = "use only values, filters, if, for, comparisons, and, or, not, + - ~"
_STATE = "state {name} under facts"
_ASK = "check the spelling, or ask first with if … in …"


class Fault(NamedTuple):
    """One thing wrong with a text.

    Args:
        line: 1-based line of the template.
        message: English message id with ``{named}`` fields.
        params: Values of the fields.
        fix: English message id of what to do, with the same params; or "".
        name: What is missing (``staff``, ``activities['x']``), if that is the matter.
    """

    line: int
    message: str
    params: Mapping[str, object]
    fix: str = ""
    name: str | None = None


class TextError(ValueError):
    """A text that cannot be read as a template, or not be rendered with these values.

    Args:
        problems: Everything that is wrong, in order of lines; the first also stands in the attributes
            ``line``, ``msgid``, ``params``, ``fix`` and ``name``.
    """

    def __init__(self, problems: Iterable[Fault]) -> None:
        unique = {(fault.line, fault.message, str(fault.params)): fault for fault in problems}
        self.problems: tuple[Fault, ...] = tuple(unique[key] for key in sorted(unique))
        self.line, self.msgid, self.params, self.fix, self.name = self.problems[0]
        super().__init__(
            "; ".join(f"{fault.line}: {fault.message.format(**fault.params)}" for fault in self.problems)
        )


class _Stop(Exception):  # noqa: N818 - it steers, and never leaves this module
    """Ends one output or statement; the rest of the text is still looked at for more problems."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


def _stop(line: int, message: str, fix: str, missing: str | None = None, **params: object) -> NoReturn:
    raise _Stop(Fault(line, message, params, fix, missing))


class _Run:
    """One rendering: the names in scope, what was written, what was spent."""

    __slots__ = ("faults", "iterations", "left", "room", "scope", "written")

    def __init__(self, context: Mapping[str, object]) -> None:
        self.scope = dict(context)
        self.written: list[str] = []
        self.faults: list[Fault] = []
        self.room = MAX_OUTPUT
        self.iterations = MAX_ITERATIONS
        self.left = MAX_WORK

    def note(self, stop: _Stop) -> None:
        self.faults.append(stop.fault)
        if len(self.faults) > MAX_FAULTS:
            raise TextError(self.faults)

    def write(self, text: str, line: int) -> None:
        self.written.append(text)
        self.room -= len(text)
        if self.room < 0:
            message = "the text grows past {most} characters"
            raise TextError([Fault(line, message, {"most": MAX_OUTPUT}, "make it shorter")])

    def spend(self, work: int, line: int, iterations: int = 0) -> None:
        self.left -= work
        self.iterations -= iterations
        if self.left < 0 or self.iterations < 0:
            message = "the text takes too long: more than {most} repetitions, or too much in each"
            raise TextError(
                [Fault(line, message, {"most": MAX_ITERATIONS}, "take out a loop, or loop over less")]
            )


_Value = Callable[[_Run], Any]
_Step = Callable[[_Run], None]


@frozen
class Template:
    """A text that has been read and may be rendered.

    Args:
        source: The text as written.
        names: The top-level names it reads.
        literal: Whether it holds no template mark and is its own result.
    """

    source: str
    names: frozenset[str]
    literal: bool
    _body: _Step | None = field(default=None, eq=False, repr=False)


def is_plain(value: object) -> bool:
    """Whether a value is nothing but text, numbers, truth values, None, lists and mappings of such."""
    if type(value) is list:
        return all(is_plain(member) for member in value)
    if type(value) is dict:
        return all(type(key) in {str, int} and is_plain(member) for key, member in value.items())
    return value is None or type(value) in {str, int, float, bool}


def _printed(value: Any, line: int, said: str) -> str:
    kind = type(value)
    if kind is str:
        return str(value)
    if kind in {int, float} and abs(value) <= MAX_NUMBER:
        return str(int(value)) if value == int(value) else str(value)
    if value is None:
        _stop(line, "{name} has no value", "state it, or give a value with default", said, name=said)
    fix = "join its members with join" if kind is list else "print a text or a number"
    return _stop(line, "{name} cannot be printed", fix, name=said)


class Renderer:
    """Reads and renders texts with the built-in filters and some more.

    Args:
        filters: Further filters by name; they get plain values and must return plain values.
    """

    def __init__(self, filters: Mapping[str, Filter] | None = None) -> None:
        clashing = sorted(FILTERS.keys() & (filters or {}))
        if clashing:
            raise ValueError(f"filters cannot be replaced: {', '.join(clashing)}")
        self._filters: dict[str, Filter] = {**FILTERS, **(filters or {})}
        self._environment: Environment | None = None
        self._read_once = lru_cache(maxsize=4_096)(self._read)

    def parse(self, source: str) -> Template:
        """Reads a text; the same text is read once.

        Args:
            source: The text as written.

        Returns:
            The template.

        Raises:
            TextError: If it is no template, or uses what texts may not use; names every such place.
        """
        return self._read_once(source)

    def render(self, template: Template, context: Mapping[str, object]) -> str:
        """The text with the values of a context; trailing line breaks are cut off.

        Args:
            template: What `parse` gave.
            context: Plain values by name (see `is_plain`); never read as templates themselves.

        Raises:
            TextError: If names are missing, naming all of them; or if the text grows or repeats too much.
        """
        if template._body is None:
            return template.source.rstrip("\n")
        run = _Run(context)
        template._body(run)
        if run.faults:
            raise TextError(run.faults)
        return "".join(run.written).rstrip("\n")

    def _read(self, source: str) -> Template:
        if len(source) > MAX_SOURCE:
            message, params = (
                "the text has {found} characters, at most {most}",
                {"found": len(source), "most": MAX_SOURCE},
            )
            raise TextError([Fault(1, message, params, "make it shorter")])
        if not any(mark in source for mark in _MARKS):
            return Template(source, frozenset(), True)
        reader = _Reader(self._filters)
        body = reader.body(self._syntax(source).body)
        if reader.faults:
            raise TextError(reader.faults)
        return Template(source, frozenset(reader.names), False, body)

    def _syntax(self, source: str) -> "nodes.Template":
        from jinja2 import TemplateSyntaxError
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        # Nothing is ever compiled from this environment; it is the sandbox so that nothing could be.
        if self._environment is None:
            self._environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
        try:
            return self._environment.parse(source)
        except TemplateSyntaxError as error:
            raise TextError([_syntax_fault(error.lineno, error.message or "")]) from None
        except (RecursionError, MemoryError, ValueError, OverflowError):
            raise TextError([Fault(1, _UNREADABLE, {"found": ""}, "make it simpler")]) from None


# ---- reading: Jinja's syntax tree to closures -------------------------------------------------------

_UNREADABLE = "this cannot be read as a template ({found})"
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


def _syntax_fault(line: int, reason: str) -> Fault:
    for pattern, message, fix in _SYNTAX:
        if match := re.search(pattern, reason):
            found = next((group for group in match.groups() if group), "")
            return Fault(line, message, {"found": found}, fix)
    return Fault(line, _UNREADABLE, {"found": reason}, "write it anew")


def _said(node: "nodes.Node") -> str:
    """A value as its template spells it: ``activities['x'].months``."""
    entry: Any = node
    match type(node).__name__:
        case "Name":
            return str(entry.name)
        case "Getattr":
            return f"{_said(entry.node)}.{entry.attr}"
        case "Getitem":
            key = entry.arg
            return f"{_said(entry.node)}[{getattr(key, 'name', None) or repr(getattr(key, 'value', '…'))}]"
        case "Filter":
            return f"{_said(entry.node)} | {entry.name}"
        case _:
            return "…"


def _weight(value: object) -> int:
    return len(value) + 1 if isinstance(value, str | list) else 1


def _is_number(value: object) -> bool:
    return type(value) in {int, float}


class _Reader:
    """The allow-list: turns the syntax tree of one text into closures and collects what is not allowed."""

    def __init__(self, filters: Mapping[str, Filter]) -> None:
        self._filters = filters
        self._bound: list[str] = []
        self._size = 0
        self.names: set[str] = set()
        self.faults: list[Fault] = []
        self._values: dict[str, Callable[[Any, int], _Value]] = {
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
        self._steps: dict[str, Callable[[Any, int], _Step]] = {
            "Output": self._output,
            "If": self._if,
            "For": self._for,
        }

    def _fault(self, line: int, message: str, fix: str = "", **params: object) -> None:
        self.faults.append(Fault(line, message, params, fix))

    def _refuse(self, node: "nodes.Node") -> None:
        kind = type(node).__name__
        found = _SPELLED.get(kind, kind.lower())
        self._fault(node.lineno, "{found} may not be used in texts", _ALLOWED, found=found)

    def _too_deep(self, node: "nodes.Node", depth: int) -> bool:
        if depth > MAX_DEPTH:
            self._fault(node.lineno, "the text is nested too deeply", "make it simpler")
        return depth > MAX_DEPTH

    # ---- statements

    def body(self, steps: "Iterable[nodes.Node]", depth: int = 0) -> _Step:
        """One closure for several statements."""
        read = [self._step(step, depth + 1) for step in steps]
        if len(read) == 1:
            return read[0]

        def run_all(run: _Run) -> None:
            for step in read:
                step(run)

        return run_all

    def _step(self, node: "nodes.Node", depth: int) -> _Step:
        self._size += 1
        read = self._steps.get(type(node).__name__)
        if self._too_deep(node, depth):
            return _nothing
        if read is None:
            self._refuse(node)
            return _nothing
        return read(node, depth)

    def _output(self, node: "nodes.Output", depth: int) -> _Step:
        parts = [self._part(part, depth) for part in node.nodes]

        def write(run: _Run) -> None:
            for text, line, value, said in parts:
                try:
                    run.write(text if value is None else _printed(value(run), line, said), line)
                except _Stop as stop:
                    run.note(stop)

        return write

    def _part(self, node: Any, depth: int) -> tuple[str, int, _Value | None, str]:
        if type(node).__name__ == "TemplateData":
            return (node.data, node.lineno, None, "")
        return ("", node.lineno, self.value(node, depth), _said(node))

    def _if(self, node: "nodes.If", depth: int) -> _Step:
        branches = [
            (self.value(branch.test, depth), self.body(branch.body, depth)) for branch in (node, *node.elif_)
        ]
        otherwise = self.body(node.else_, depth)

        def choose(run: _Run) -> None:
            try:
                step = next((step for test, step in branches if test(run)), otherwise)
            except _Stop as stop:
                run.note(stop)
            else:
                step(run)

        return choose

    def _for(self, node: Any, depth: int) -> _Step:
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

    def value(self, node: "nodes.Node", depth: int) -> _Value:
        """The closure that gives a value."""
        self._size += 1
        read = self._values.get(type(node).__name__)
        if self._too_deep(node, depth):
            return _nothing
        if read is None:
            self._refuse(node)
            return _nothing
        return read(node, depth + 1)

    def _constant(self, node: "nodes.Const", depth: int) -> _Value:
        value = node.value
        if _is_number(value) and abs(value) > MAX_NUMBER:
            self._fault(node.lineno, "a number is too large", "write a smaller one")
        return _constantly(value)

    def _list(self, node: "nodes.List", depth: int) -> _Value:
        members = [self.value(member, depth) for member in node.items]
        return lambda run: [member(run) for member in members]

    def _strict(self, node: "nodes.Name | nodes.Getattr | nodes.Getitem", depth: int) -> _Value:
        find, line, said = self._find(node, depth), node.lineno, _said(node)
        fix = _STATE if said.isidentifier() else _ASK

        def read(run: _Run) -> object:
            value = find(run)
            return value if value is not _ABSENT else _stop(line, "{name} is missing", fix, said, name=said)

        return read

    def _find(self, node: Any, depth: int) -> _Value:
        """The closure that gives a value or _ABSENT."""
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

    def _name(self, node: "nodes.Name") -> _Value:
        name = node.name
        self._check_private(node, name)
        if name not in self._bound:
            self.names.add(name)
        return lambda run: run.scope.get(name, _ABSENT)

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

    def _filter(self, node: Any, depth: int) -> _Value:
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

    def _compare(self, node: "nodes.Compare", depth: int) -> _Value:
        first, line = self.value(node.expr, depth), node.lineno
        steps = [(_SIGNS[operand.op], self.value(operand.expr, depth)) for operand in node.ops]

        def compare(run: _Run) -> bool:
            left = first(run)
            for sign, side in steps:
                right = side(run)
                run.spend(_weight(right), line)
                try:
                    if not sign(left, right):
                        return False
                except TypeError:
                    _stop(line, "unlike things are compared", "compare like with like")
                left = right
            return True

        return compare

    def _and(self, node: "nodes.And", depth: int) -> _Value:
        left, right = self.value(node.left, depth), self.value(node.right, depth)
        return lambda run: left(run) and right(run)

    def _or(self, node: "nodes.Or", depth: int) -> _Value:
        left, right = self.value(node.left, depth), self.value(node.right, depth)
        return lambda run: left(run) or right(run)

    def _not(self, node: "nodes.Not", depth: int) -> _Value:
        part = self.value(node.node, depth)
        return lambda run: not part(run)

    def _choice(self, node: "nodes.CondExpr", depth: int) -> _Value:
        if node.expr2 is None:
            self._fault(node.lineno, "if has no else", "write what stands there otherwise, or else ''")
            return _nothing
        test, yes, no = (self.value(part, depth) for part in (node.test, node.expr1, node.expr2))
        return lambda run: yes(run) if test(run) else no(run)

    def _negative(self, node: "nodes.Neg", depth: int) -> _Value:
        return self._arithmetic(operator.sub, [lambda run: 0, self.value(node.node, depth)], node.lineno)

    def _sum(self, node: "nodes.BinExpr", depth: int) -> _Value:
        apply = operator.add if type(node).__name__ == "Add" else operator.sub
        sides = [self.value(node.left, depth), self.value(node.right, depth)]
        return self._arithmetic(apply, sides, node.lineno)

    def _arithmetic(self, apply: Callable[[Any, Any], Any], sides: list[_Value], line: int) -> _Value:
        def compute(run: _Run) -> object:
            left, right = (side(run) for side in sides)
            if not (_is_number(left) and _is_number(right)):
                _stop(line, "+ and - want numbers", "join texts with ~")
            return apply(left, right)

        return compute

    def _concat(self, node: "nodes.Concat", depth: int) -> _Value:
        parts = [(self.value(part, depth), _said(part)) for part in node.nodes]
        line = node.lineno

        def join(run: _Run) -> str:
            text = "".join([_printed(part(run), line, said) for part, said in parts])
            run.spend(len(text), line)
            return text

        return join


def _constantly(value: object) -> _Value:
    return lambda run: value


def _nothing(run: _Run) -> None:
    """Stands for what was refused; never runs, since a refused text is not rendered."""


def _entry(holder: _Value, key: _Value) -> _Value:
    """One entry of a mapping or a list; nothing else has entries, whatever attributes Python gives it."""

    def find(run: _Run) -> object:
        within, wanted = holder(run), key(run)
        if type(within) is dict and type(wanted) in {str, int}:
            return within.get(wanted, _ABSENT)
        if type(within) is list and type(wanted) is int and -len(within) <= wanted < len(within):
            return within[wanted]
        return _ABSENT

    return find


def _filtered(
    name: str, apply: Filter, subject: _Value, extras: list[_Value], line: int, said: str
) -> _Value:
    def read(run: _Run) -> object:
        value = subject(run)
        arguments = [extra(run) for extra in extras]
        run.spend(_weight(value), line)
        try:
            result = apply(None if value is _ABSENT else value, *arguments)
        except Exception:  # a plug-in's filter may raise anything; it must not end the whole run
            fix = WANTS.get(name, "look up what {filter} wants")
            _stop(line, "{filter} cannot be applied to {name}", fix, filter=name, name=said)
        run.spend(_weight(result), line)
        return result

    return read


def _loop(
    target: str, source: _Value, said: str, body: _Step, otherwise: _Step, line: int, cost: int
) -> _Step:
    def members(run: _Run) -> list[object]:
        found = source(run)
        if not isinstance(found, list | dict):
            _stop(line, "{name} is not a list", "loop over a list", name=said)
        run.spend(len(found), line)
        return list(found)

    def repeat(run: _Run) -> None:
        try:
            found = members(run)
        except _Stop as stop:
            run.note(stop)
            return
        outer = {name: run.scope.get(name, _ABSENT) for name in (target, "loop")}
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
