"""How requirements combine: the stricter wins, and what cannot hold together is named.

Joins take definitions in order of introduction, so that equal input gives equal output, text included.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from operator import gt, lt
from typing import Any

from planloom import quarrels
from planloom.definitions import Definition
from planloom.layers import Stack
from planloom_schemas.errors import Problem
from planloom_schemas.rule import SEVERITIES
from planloom_schemas.statement import Join

Beats = Callable[[Definition, Definition], bool]
Binding = Callable[[Definition], str]


def combine(definitions: Sequence[Definition]) -> Any:
    """The joined value of definitions of one field."""
    return _COMBINE[definitions[0].join]([definition.value for definition in definitions])


def _extreme(choose: Callable[[Any], Any]) -> Callable[[list[Any]], Any]:
    def pick(values: list[Any]) -> Any:
        one_unit = [value for value in values if type(value) is type(values[0])]
        return choose(one_unit)

    return pick


def _intersection(values: list[Any]) -> tuple[Any, ...]:
    return tuple(element for element in values[0] if all(element in other for other in values[1:]))


def _union(values: list[Any]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(element for value in values for element in value))


def _conjunction(values: list[Any]) -> Any:
    # One window stands as it was written; several stand side by side and must all hold.
    distinct = tuple(dict.fromkeys(values))
    return distinct[0] if len(distinct) == 1 else distinct


_COMBINE: Mapping[Join, Callable[[list[Any]], Any]] = {
    Join.MAX: _extreme(max),
    Join.MIN: _extreme(min),
    Join.INTERSECTION: _intersection,
    Join.UNION: _union,
    Join.OR: any,
    Join.AGREE: lambda values: values[0],
    Join.CONJUNCTION: _conjunction,
    Join.SEVERITY: lambda values: max(values, key=SEVERITIES.index),
}


def join_field(
    definitions: Sequence[Definition], beats: Beats, binding: Binding, stack: Stack
) -> tuple[Sequence[Definition], list[Problem], list[Problem]]:
    """Which definitions of a joined field hold once loosenings are settled.

    Returns:
        Those that hold, the problems (a floor broken, a loosening of nothing) and the notes (no effect).
    """
    loosened: set[Definition] = set()
    problems: list[Problem] = []
    for loosen in (d for d in definitions if d.op == "loosen"):
        beaten = {d for d in definitions if beats(loosen, d)}
        victims = {d for d in beaten if binding(d) == "house"}
        floors = [d for d in definitions if binding(d) != "house"]
        if not beaten:
            problems.append(quarrels.idle_loosen(loosen, stack))
        if floors and not _alike(combine([loosen]), combine([*floors, loosen])):
            problems.append(quarrels.floor_broken(loosen, floors, stack))
        loosened |= victims
    holds = [d for d in definitions if d not in loosened]
    notes = [] if problems else list(_without_effect(holds, beats, binding, stack))
    return holds, problems, notes


def _alike(one: Any, other: Any) -> bool:
    """Whether two joined values are one; sets stand in any order."""
    if isinstance(one, tuple) and isinstance(other, tuple):
        return all(element in other for element in one) and all(element in one for element in other)
    return bool(one == other)


def _without_effect(
    holds: Sequence[Definition], beats: Beats, binding: Binding, stack: Stack
) -> Iterator[Problem]:
    for definition in holds:
        lower = [d for d in holds if beats(definition, d)]
        plain = definition.op == "set" and binding(definition) == "house"
        if lower and plain and _alike(combine([*lower, definition]), combine(lower)):
            yield quarrels.no_effect(definition, lower, stack)


def is_unverified(basis: Iterable[Any]) -> bool:
    """Whether a rule rests on bases none of which is verified, so that it is no more than a warning."""
    verified = [one.verified for one in basis]
    return bool(verified) and not any(verified)


# ---- what cannot hold together ----

_PAIRS = (("at_least", "at_most"), ("min_length", "max_length"), ("min", "max"))


def crossings(
    held: Mapping[str, Sequence[Definition]], values: Mapping[str, Any], stack: Stack
) -> list[Problem]:
    """Every least set of requirements on one item that nothing can meet."""
    problems = [*_crossed_bounds(held, stack), *_empty_choices(held, stack), *_disagreements(held, stack)]
    if values.get("required") and values.get("forbidden") and "required" in held and "forbidden" in held:
        clash = [_first(held["required"], True), _first(held["forbidden"], True)]
        problems.append(quarrels.unsatisfiable(clash, stack))
    return problems


def _first(definitions: Sequence[Definition], value: Any) -> Definition:
    return next(definition for definition in definitions if definition.value == value)


def _crossed_bounds(held: Mapping[str, Sequence[Definition]], stack: Stack) -> Iterator[Problem]:
    for low, high in _PAIRS:
        if low in held and high in held:
            least, most = combine(held[low]), combine(held[high])
            if type(least) is type(most) and least > most:
                yield quarrels.unsatisfiable([_first(held[low], least), _first(held[high], most)], stack)
    for bound, outside in (("at_least", lt), ("at_most", gt)):
        if "equals" in held and bound in held:
            exact, limit = combine(held["equals"]), combine(held[bound])
            if type(exact) is type(limit) and outside(exact, limit):
                yield quarrels.unsatisfiable(
                    [_first(held["equals"], exact), _first(held[bound], limit)], stack
                )


def _empty_choices(held: Mapping[str, Sequence[Definition]], stack: Stack) -> Iterator[Problem]:
    for key, ban in (("one_of", "not_in"), ("months", "")):
        stated = [*held.get(key, ()), *held.get(ban, ())]
        if key in held and not _choices(stated):
            yield quarrels.unsatisfiable(_least_empty(stated), stack)


def _choices(definitions: Sequence[Definition]) -> tuple[Any, ...] | None:
    """What may still be chosen; None if nobody limits the choice."""
    offered = [d.value for d in definitions if d.join is Join.INTERSECTION]
    banned = [element for d in definitions if d.join is Join.UNION for element in d.value]
    return tuple(e for e in _intersection(offered) if e not in banned) if offered else None


def _least_empty(definitions: Sequence[Definition]) -> Sequence[Definition]:
    for size in range(1, len(definitions)):
        for some in combinations(definitions, size):
            if _choices(some) == ():
                return some
    return definitions


def _disagreements(held: Mapping[str, Sequence[Definition]], stack: Stack) -> Iterator[Problem]:
    for definitions in held.values():
        first = definitions[0]
        for other in definitions[1:]:
            agree = first.join is not Join.AGREE or other.value == first.value
            bounds = first.join not in {Join.MAX, Join.MIN} or type(other.value) is type(first.value)
            if not (agree and bounds):
                yield quarrels.unsatisfiable([first, other], stack)
                break
