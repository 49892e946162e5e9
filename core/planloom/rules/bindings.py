"""Whose requirement a finding fails: the strongest definition that alone would give the same finding."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, cast

import attrs

from planloom.rules.cases import Case, Hit, NotApplicable
from planloom_schemas.plan import Entry, PlanRule
from planloom_schemas.rule import BINDINGS, RuleParams
from planloom_schemas.statement import Join, key_of

Rerun = Callable[[Case], list[Hit]]


class Bindings:
    """Finds the binding of each hit of one rule; asks the kind again only where layers bind differently."""

    def __init__(self, rule: PlanRule, case: Case, check: Rerun) -> None:
        self.rule = rule
        self.case = case
        self.check = check
        self._reruns: dict[tuple[str, str], set[tuple[object, ...]]] = {}

    def of(self, hit: Hit) -> str:
        """The binding of the strongest definition that the hit fails."""
        # What lies too far from a day may fail the day as well as the distance.
        params = ("near", "within") if hit.param in ("near", "within") else (hit.param,)
        entries = {name: said for name in params if (said := self.rule.entries.get(name, ()))}
        if not entries:
            return self.rule.binding
        stated = {entry.binding for said in entries.values() for entry in said}
        present = [binding for binding in reversed(BINDINGS) if binding in stated]
        if "/" in hit.param:
            # One word of a keyed parameter: whoever states it at all is failed.
            return present[0]
        for binding in present[:-1]:
            if identity(hit) in self._hits(binding, entries):
                return binding
        return present[-1]

    def _hits(self, binding: str, entries: Mapping[str, tuple[Entry, ...]]) -> set[tuple[object, ...]]:
        """What the kind says when the parameters hold only what is bound so, or more strongly."""
        key = (",".join(entries), binding)
        if key not in self._reruns:
            rank = BINDINGS.index(binding)
            values = {
                name: [entry.value for entry in said if BINDINGS.index(entry.binding) >= rank]
                for name, said in entries.items()
            }
            held = {name: joined(name, said) for name, said in values.items() if said}
            try:
                hits = self.check(self.case.put(**held))
            except NotApplicable:
                hits = []
            self._reruns[key] = {identity(hit) for hit in hits}
        return self._reruns[key]


def identity(hit: Hit) -> tuple[object, ...]:
    """What makes two hits the same, whatever number was wanted."""
    path = hit.subject.path if hit.subject else hit.path
    return hit.message, path, hit.part, hit.start, hit.param, hit.data.get("window")


@cache
def _joins() -> Mapping[str, Join]:
    return {
        key_of(one): one.metadata["join"]
        for one in attrs.fields(cast(Any, RuleParams))
        if one.metadata["join"]
    }


def joined(param: str, values: list[Any]) -> Any:
    """What some definitions of one parameter say together."""
    if param not in _joins():
        return values[0]
    return _JOINED[_joins()[param]](values)


def _union(values: list[Any]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(one for value in values for one in value))


_JOINED: Mapping[Join, Callable[[list[Any]], Any]] = {
    Join.MAX: max,
    Join.MIN: min,
    Join.INTERSECTION: lambda values: tuple(
        one for one in values[0] if all(one in value for value in values)
    ),
    Join.UNION: _union,
    Join.OR: any,
    Join.AGREE: lambda values: values[0],
    Join.CONJUNCTION: lambda values: tuple(dict.fromkeys(values)),
    Join.SEVERITY: max,
}
