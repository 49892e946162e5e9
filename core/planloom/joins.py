"""How requirements combine: the stricter wins, and what cannot hold together is named.

Joins take definitions in order of introduction, so that equal input gives equal output, text included.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from attrs import evolve

from planloom import quarrels
from planloom.definitions import Definition
from planloom.stack import Stack
from planloom_schemas.errors import Problem
from planloom_schemas.rule import SEVERITIES
from planloom_schemas.statement import Join

Beats = Callable[[Definition, Definition], bool]
Binding = Callable[[Definition], str]
Held = Mapping[str, Sequence[Definition]]
"""The definitions that hold, by the field they are of."""


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
    floors = [d for d in definitions if binding(d) != "house"]
    for loosen in (d for d in definitions if d.op == "loosen"):
        beaten = {d for d in definitions if beats(loosen, d)}
        if not beaten:
            problems.append(quarrels.idle_loosen(loosen, stack))
        if _undercuts(loosen, floors):
            problems.append(quarrels.floor_broken(loosen, floors, stack))
        loosened |= {d for d in beaten if binding(d) == "house"}
    holds = [d for d in definitions if d not in loosened]
    notes = [] if problems else list(_without_effect(holds, beats, binding, stack))
    return holds, problems, notes


def _undercuts(loosen: Definition, floors: Sequence[Definition]) -> bool:
    """Whether a value asks for less than what law or the upper union set."""
    return bool(floors) and not _alike(combine([loosen]), combine([*floors, loosen]))


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
            floors = [d for d in holds if binding(d) != "house"]
            yield quarrels.no_effect(definition, lower, _undercuts(definition, floors), stack)


def is_unverified(basis: Iterable[Any]) -> bool:
    """Whether a rule rests on bases none of which is verified, so that it is no more than a warning."""
    verified = [one.verified for one in basis]
    return bool(verified) and not any(verified)


# ---- what cannot hold together ----

_BOUNDS = (
    ("at_least", "at_most"), ("min_length", "max_length"), ("min", "max"), ("at_least", "equals"),
    ("equals", "at_most"),
)  # fmt: skip
_DIFFER: Mapping[Join, Callable[[Any, Any], bool]] = {
    Join.AGREE: lambda one, other: one != other,
    Join.MAX: lambda one, other: type(one) is not type(other),
    Join.MIN: lambda one, other: type(one) is not type(other),
}
"""Joins of which two values may be too different to combine."""


def crossings(held: Held, binding: Binding, stack: Stack) -> list[Problem]:
    """Every least set of requirements on one item that nothing can meet."""
    return [
        quarrels.unsatisfiable(clash, stack, _milder(clash, held, binding, stack))
        for clash in _clashes(held, binding)
    ]


def _clashes(held: Held, binding: Binding) -> Iterator[Sequence[Definition]]:
    def pair(one: str, other: str, impossible: Callable[[Any, Any], bool]) -> Iterator[Sequence[Definition]]:
        """Two definitions that cannot both be met; rather floors, which nobody can loosen."""
        if one in held and other in held and impossible(combine(held[one]), combine(held[other])):
            pairs = [(a, b) for a in held[one] for b in held[other] if impossible(a.value, b.value)]
            yield min(pairs, key=lambda some: _loose(some, binding))

    for low, high in _BOUNDS:
        yield from pair(low, high, lambda least, most: type(least) is type(most) and least > most)
    for key, ban in (("one_of", "not_in"), ("months", "")):
        stated = [*held.get(key, ()), *held.get(ban, ())]
        if key in held and not _choices(stated):
            yield _least_empty(stated, binding)
    yield from pair("required", "forbidden", lambda wanted, banned: wanted and banned)
    for definitions in held.values():
        differ = _DIFFER.get(definitions[0].join)
        if differ and any(differ(definitions[0].value, other.value) for other in definitions[1:]):
            pairs = [some for some in combinations(definitions, 2) if differ(some[0].value, some[1].value)]
            yield min(pairs, key=lambda some: _loose(some, binding))


def _loose(definitions: Sequence[Definition], binding: Binding) -> int:
    """How many of some definitions are house requirements."""
    return sum(binding(d) == "house" for d in definitions)


def _choices(definitions: Sequence[Definition]) -> tuple[Any, ...] | None:
    """What may still be chosen; None if nobody limits the choice."""
    offered = [d.value for d in definitions if d.join is Join.INTERSECTION]
    banned = [element for d in definitions if d.join is Join.UNION for element in d.value]
    return tuple(e for e in _intersection(offered) if e not in banned) if offered else None


def _least_empty(definitions: Sequence[Definition], binding: Binding) -> Sequence[Definition]:
    for size in range(1, len(definitions)):
        found = [some for some in combinations(definitions, size) if _choices(some) == ()]
        if found:
            return min(found, key=lambda some: _loose(some, binding))
    return definitions


# ---- how it can be mended ----


def _milder(
    clash: Sequence[Definition], held: Held, binding: Binding, stack: Stack
) -> tuple[str, Any] | None:
    """A parameter that a plan file can loosen, and the value with which this clash ends and no other begins."""
    top = stack.layers[-1]
    if top.kind != "plan" or clash[0].item[0] != "rules":
        return None
    before = len(list(_clashes(held, binding)))
    for one in clash:
        staying = [d for d in held[one.key] if binding(d) != "house" or d.layer == top.id]
        for value in _milder_values(one, [d for d in clash if d is not one]) if one not in staying else ():
            loosened = evolve(one, value=value)
            floors = [d for d in staying if binding(d) != "house"]
            after = {**held, one.key: [*staying, loosened]}
            if not _undercuts(loosened, floors) and len(list(_clashes(after, binding))) < before:
                return one.key, value
    return None


def _milder_values(one: Definition, others: Sequence[Definition]) -> Sequence[Any]:
    if one.join is Join.OR:
        return [False]
    if one.join is Join.UNION:
        wanted = [d.value for d in others if d.join is Join.INTERSECTION]
        return [tuple(e for e in one.value if not any(e in value for value in wanted))]
    return [d.value for d in others if d.join is not Join.UNION]
