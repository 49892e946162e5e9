"""Names that items use of each other: each must exist, and what it leads to must not have been removed."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from planloom.conditions import ConditionError, FactType, check_condition, parse_condition
from planloom.definitions import Path
from planloom.precheck import condition_problems, dates_named
from planloom_schemas.dates import ActivityRef, Festival, On, festival_name
from planloom_schemas.errors import Location, Problem, nearest
from planloom_schemas.plan import Provenance
from planloom_schemas.rule import KINDS, Selector

Items = Mapping[Path, Any]
_PARAMS = frozenset(name for kind in KINDS.values() for name in kind.params)


class References:
    """Checks every name in a set of merged items.

    Args:
        items: Path to item (with ``path`` and ``values``).
        removed: Paths that were removed.
        provenance: Where each field was said.
    """

    def __init__(self, items: Items, removed: set[Path], provenance: Mapping[str, Provenance]) -> None:
        self.items = items
        self.removed = removed
        self.provenance = provenance
        self.ids: dict[Path, set[str]] = {}
        for path in items:
            self.ids.setdefault(path[:-1], set()).add(path[-1])

    def problems(self, only: Items | None = None) -> list[Problem]:
        """Every name that leads nowhere, of all items or of some."""
        facts = {
            path[-1]: FactType(item.values["type"], tuple(item.values.get("one_of", ())))
            for path, item in self.items.items()
            if path[0] == "facts"
        }
        found: list[Problem] = []
        for item in (self.items if only is None else only).values():
            values = item.values
            found += self._tags(item.path, "tags", values.get("tags", ()))
            found += self._festival(item.path, values.get("on"))
            found += self._condition(item.path, values.get("when"), facts)
            found += self._of_kind(item)
        return found

    def _of_kind(self, item: Any) -> Iterator[Problem]:
        kind: str = item.path[0]
        if kind == "activities":
            yield from self._activity(item)
        elif kind == "rules":
            yield from self._rule(item)
        elif kind == "sections":
            yield from self._section_or_measure(item)
        elif kind == "festivals":
            yield from self._own_festival(item)

    def _own_festival(self, item: Any) -> Iterator[Problem]:
        """A festival of a layer rests on a date in the end: on no activity, and not on itself."""
        names, on = [item.id], item.values["on"]
        while isinstance(on.base, Festival) and ("festivals", on.base.name) in self.items:
            names.append(on.base.name)
            if names[-1] in names[:-1]:
                break
            on = self.items["festivals", names[-1]].values["on"]
        if names[-1] == item.id and names[1:]:
            yield self._problem(
                "FestivalCycle", "these dates are reckoned from each other: {cycle}", item.path, "on",
                "give one of them a date of its own", cycle=" → ".join(names),
            )  # fmt: skip
        elif isinstance(item.values["on"].base, ActivityRef):
            yield self._problem(
                "FestivalFromActivity", "the festival {name} is reckoned from the activity {activity}", item.path,
                "on", "give the festival a date, a weekday or another festival", name=item.id,
                activity=on.base.activity,
            )  # fmt: skip

    def _section_or_measure(self, item: Any) -> Iterator[Problem]:
        path, values = item.path, item.values
        yield from self._dated_from(path, "on", values.get("on"), forbid_removed=True)
        for edge in ("after", "before"):
            yield from self._known(path, edge, path[:-1], values.get(edge, ()))
        yield from self._known(path, "activities", ("activities",), values.get("activities", ()))

    def _activity(self, item: Any) -> Iterator[Problem]:
        section = item.values.get("section")
        if section is not None:
            yield from self._known(item.path, "section", ("sections",), [section], forbid_removed=True)
        yield from self._dated_from(item.path, "on", item.values.get("on"), forbid_removed=True)

    def _dated_from(
        self, path: Path, key: str, on: object, *, forbid_removed: bool = False
    ) -> Iterator[Problem]:
        if isinstance(on, On) and isinstance(on.base, ActivityRef):
            named = [on.base.activity]
            yield from self._known(path, key, ("activities",), named, forbid_removed=forbid_removed)

    def _rule(self, item: Any) -> Iterator[Problem]:
        kind = item.values["kind"]
        for key in {name.partition("/")[0]: None for name in item.values}:
            if key in _PARAMS and key not in KINDS[kind].params:
                yield self._problem(
                    "UnknownParameter", "{kind} takes no {key}", item.path, key, "it takes: {known}",
                    kind=kind, known=", ".join(KINDS[kind].params),
                )  # fmt: skip
        for key in ("of", "if", "first", "then", "against"):
            for selector in _selectors(item.values.get(key)):
                yield from self._tags(item.path, key, (*selector.tags, *selector.all_tags))
        for key, on in dates_named(item.values):
            yield from self._festival(item.path, on, key)
            yield from self._dated_from(item.path, key, on)
        sections = [one for one in item.values.get("allow_empty", ()) if isinstance(one, str)]
        yield from self._known(item.path, "allow_empty", ("sections",), sections)
        cited = [basis.document for basis in item.values.get("basis", ())]
        yield from self._known(item.path, "basis", ("documents",), cited)

    def _tags(self, path: Path, key: str, tags: Iterable[str]) -> Iterator[Problem]:
        yield from self._known(path, key, ("tags",), tags)

    def _known(
        self, path: Path, key: str, base: Path, names: Iterable[str], *, forbid_removed: bool = False
    ) -> Iterator[Problem]:
        known = self.ids.get(base, set())
        for name in names:
            if name in known:
                continue
            if (*base, name) not in self.removed:
                yield self._unknown(path, key, base, name, known)
            elif forbid_removed:
                yield self._gone(path, key, (*base, name))

    def _unknown(self, path: Path, key: str, base: Path, name: str, known: set[str]) -> Problem:
        near = nearest(name, known)
        return self._problem(
            "UnknownReference", "{path} names “{name}”, which no layer has under {base}", path, key,
            "did you mean “{near}”?" if near else "declare it under {base}, or leave it out",
            name=name, base="/".join(base), near=near,
        )  # fmt: skip

    def _gone(self, path: Path, key: str, gone: Path) -> Problem:
        return self._problem(
            "RemovedReference", "{path} needs {gone}, which is removed", path, key,
            "remove this item too, change {key}, or restore {gone}", gone="/".join(gone),
        )  # fmt: skip

    def _festival(self, path: Path, on: object, key: str = "on") -> Iterator[Problem]:
        if isinstance(on, On) and isinstance(on.base, Festival):
            own = self.ids.get(("festivals",), set())
            name = on.base.name
            if name not in own and festival_name(name) is None:
                from planloom.calendar import FESTIVALS

                near = nearest(name, {*FESTIVALS, *own})
                yield self._problem(
                    "UnknownFestival", "{path} is dated from the festival “{name}”, which is unknown", path,
                    key, "did you mean “{near}”?" if near else "declare it under festivals:, or give a date",
                    name=name, near=near,
                )  # fmt: skip

    def _condition(self, path: Path, when: object, facts: Mapping[str, FactType]) -> Iterator[Problem]:
        if isinstance(when, str):
            try:
                check_condition(parse_condition(when), facts)
            except ConditionError as error:
                at = self._place((*path, "when")) or Location(file="", line=0, column=0)
                yield from condition_problems(error, when, (*path, "when"), at)

    def _problem(self, code: str, message: str, path: Path, key: str, fix: str, **params: object) -> Problem:
        full = (*path, key)
        return Problem(
            code=code, message=message, params={"path": "/".join(full), "key": key, **params},
            path="/".join(full), location=self._place(full), fix=fix,
        )  # fmt: skip

    def _place(self, path: Path) -> Location | None:
        return place(self.provenance.get("/".join(path)))


def place(provenance: Provenance | None) -> Location | None:
    """Where the first definition that holds stands, if it stands in a file."""
    if provenance is None or not provenance.holds:
        return None
    origin = provenance.holds[-1].origin
    return Location(file=origin.file, line=origin.line, column=origin.column) if origin.file else None


def _selectors(value: object) -> Iterator[Selector]:
    for element in value if isinstance(value, tuple) else ():
        if isinstance(element, Selector):
            yield element
    # `then` of an implication is a rule of its own.
    if getattr(value, "kind", None):
        for key in ("of", "if_", "first", "then", "against"):
            yield from _selectors(getattr(value, key, None))
