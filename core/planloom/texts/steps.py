"""Trees to closures: how the few things a text may do are done, over plain data only."""

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from planloom.texts.filters import WANTS
from planloom.texts.run import ABSENT, Fault, Run, Step, Stop, Value, printed, stop
from planloom_schemas.errors import PlanloomError

Tree = tuple[Any, ...]
"""What a text says, as plain data: the name of one of the `_MAKERS` and its arguments. A tuple among the
arguments is a tree again, a list holds several of them; anything else is what it is."""

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


def build(tree: Tree, filters: Mapping[str, Callable[..., object]]) -> Any:
    """The closure of a tree.

    Args:
        tree: What `planloom.texts.reader` made of a text.
        filters: The filters by name.
    """
    name, *arguments = tree
    made = [_built(argument, filters) for argument in arguments]
    if name == "filtered":
        return _filtered(made[0], filters[made[0]], *made[1:])
    return _MAKERS[name](*made)


def _built(argument: Any, filters: Mapping[str, Callable[..., object]]) -> Any:
    if type(argument) is tuple:
        return build(argument, filters)
    return [_built(one, filters) for one in argument] if type(argument) is list else argument


def weight(value: object) -> int:
    """What handling a value costs."""
    return len(value) + 1 if isinstance(value, str | list) else 1


def is_number(value: object) -> bool:
    """Whether a value is a number, which a truth value is not."""
    return type(value) in {int, float}


# ---- statements


def _nothing() -> Step:
    """Stands for what was refused; never runs, since a refused text is not rendered."""
    return lambda run: None


def _sequence(steps: Sequence[Step]) -> Step:
    if len(steps) == 1:
        return steps[0]

    def run_all(run: Run) -> None:
        for step in steps:
            step(run)

    return run_all


def _literal(text: str, line: int) -> Step:
    return lambda run: run.write(text, line)


def _output(value: Value, line: int, said: str) -> Step:
    def write(run: Run) -> None:
        try:
            run.write(printed(value(run), line, said), line)
        except Stop as halt:
            run.note(halt)

    return write


def _choose(tests: Sequence[Value], steps: Sequence[Step], otherwise: Step) -> Step:
    def choose(run: Run) -> None:
        try:
            chosen = next((step for test, step in zip(tests, steps, strict=True) if test(run)), otherwise)
        except Stop as halt:
            run.note(halt)
        else:
            chosen(run)

    return choose


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


# ---- values


def _constant(value: object) -> Value:
    return lambda run: value


def _list(members: Sequence[Value]) -> Value:
    return lambda run: [member(run) for member in members]


def _name(name: str) -> Value:
    return lambda run: run.scope.get(name, ABSENT)


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


def _strict(find: Value, line: int, said: str, fix: str) -> Value:
    def read(run: Run) -> object:
        value = find(run)
        return value if value is not ABSENT else stop(line, "{name} is missing", fix, said, name=said)

    return read


def _filtered(
    name: str, apply: Callable[..., object], subject: Value, extras: list[Value], line: int, said: str
) -> Value:
    def read(run: Run) -> object:
        value = subject(run)
        arguments = [extra(run) for extra in extras]
        run.spend(weight(value), line)
        try:
            result = apply(None if value is ABSENT else value, *arguments)
        except PlanloomError as error:  # a plugin failed, and not the text
            failed = error.problems[0]
            raise Stop(Fault(line, failed.message, failed.params, failed.fix, code=failed.code)) from error
        except Exception:
            fix = WANTS.get(name, "look up what {filter} wants")
            stop(line, "{filter} cannot be applied to {name}", fix, filter=name, name=said)
        run.spend(weight(result), line)
        return result

    return read


def _compare(first: Value, signs: Sequence[str], sides: Sequence[Value], line: int) -> Value:
    steps = [(_SIGNS[sign], side) for sign, side in zip(signs, sides, strict=True)]

    def compare(run: Run) -> bool:
        left = first(run)
        for sign, side in steps:
            right = side(run)
            run.spend(weight(right), line)
            try:
                if not sign(left, right):
                    return False
            except TypeError:
                stop(line, "unlike things are compared", "compare like with like")
            left = right
        return True

    return compare


def _and(left: Value, right: Value) -> Value:
    return lambda run: left(run) and right(run)


def _or(left: Value, right: Value) -> Value:
    return lambda run: left(run) or right(run)


def _not(part: Value) -> Value:
    return lambda run: not part(run)


def _choice(test: Value, yes: Value, no: Value) -> Value:
    return lambda run: yes(run) if test(run) else no(run)


def _arithmetic(sign: str, sides: Sequence[Value], line: int) -> Value:
    apply = operator.add if sign == "+" else operator.sub

    def compute(run: Run) -> object:
        left, right = (side(run) for side in sides)
        if not (is_number(left) and is_number(right)):
            stop(line, "+ and - want numbers", "join texts with ~")
        return apply(left, right)

    return compute


def _concat(parts: Sequence[Value], names: Sequence[str], line: int) -> Value:
    def join(run: Run) -> str:
        texts: list[str] = []
        for part, said in zip(parts, names, strict=True):
            texts.append(printed(part(run), line, said))
            run.spend(len(texts[-1]), line)  # before joining: the sum must never be built
        return "".join(texts)

    return join


_MAKERS: Mapping[str, Callable[..., Any]] = {
    maker.__name__[1:]: maker
    for maker in (
        _nothing, _sequence, _literal, _output, _choose, _loop, _constant, _list, _name, _entry, _strict,
        _compare, _and, _or, _not, _choice, _arithmetic, _concat,
    )
}  # fmt: skip
