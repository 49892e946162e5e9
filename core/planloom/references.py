"""Names that items use of each other: each must exist, and what it leads to must not have been removed."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from planloom.conditions import ConditionError, FactType, check_condition, parse_condition
from planloom.dangling import Use, Whole, base_of, removed_reference, unknown_reference
from planloom.definitions import Path
from planloom.precheck import dates_named
from planloom.quarrels import problem_of
from planloom.stack import Stack
from planloom_schemas.dates import ActivityRef, Festival, On, festival_name
from planloom_schemas.errors import Problem, nearest
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
        stack: The layers.
    """

    def __init__(
        self, items: Items, removed: set[Path], provenance: Mapping[str, Provenance], stack: Stack
    ) -> None:
        self.items = items
        self.removed = removed
        self.provenance = provenance
        self.whole = Whole(items, provenance, stack)
        self.ids: dict[Path, set[str]] = {}
        for path in items:
            self.ids.setdefault(path[:-1], set()).add(path[-1])

    def problems(self, only: Items | None = None) -> list[Problem]:
        """Every name that leads nowhere, of all items or of some; what needs one removed item in one problem."""
        facts = {path[-1]: self._fact(item) for path, item in self.items.items() if path[0] == "facts"}
        found: list[Problem] = []
        gone: dict[Path, list[Use]] = {}
        for item in (self.items if only is None else only).values():
            for use in self._uses(item, facts):
                if use.target in self.removed:
                    gone.setdefault(use.target, []).append(use)
                else:
                    found.append(unknown_reference(use, self.ids.get(use.base, ()), self.whole))
            found += self._faults(item, facts)
        return [*found, *(removed_reference(target, uses, self.whole) for target, uses in gone.items())]

    def _fact(self, item: Any) -> FactType:
        """What a fact may hold, as the layer says that introduces it: what narrows it breaks no condition."""
        said = self.provenance.get(f"facts/{item.id}/one_of", Provenance()).holds
        own: Any = next((one.value for one in said if one.origin.layer == item.origin.layer), ())
        return FactType(item.values["type"], tuple(own))

    # ---- names ----

    def _uses(self, item: Any, facts: Mapping[str, FactType]) -> Iterator[Use]:
        """The names of an item that lead nowhere; those that may lead to what was removed drop out."""
        values, kind = item.values, item.path[0]
        yield from self._broken(item.path, "tags", ("tags",), values.get("tags", ()))
        if kind == "activities":
            section = values.get("section")
            yield from self._broken(item.path, "section", ("sections",), () if section is None else [section])
        if kind in {"activities", "sections"}:
            yield from self._broken(item.path, "on", ("activities",), base_of(values.get("on")))
        if kind == "sections":
            for key, base in (
                ("after", item.path[:-1]),
                ("before", item.path[:-1]),
                ("activities", ("activities",)),
            ):
                yield from self._unless_removed(item.path, key, base, values.get(key, ()))
        if kind == "rules":
            yield from self._of_rule(item)
        when = values.get("when")
        if isinstance(when, str):
            lost = [name for name in sorted(parse_condition(when).names) if ("facts", name) in self.removed]
            yield from (Use(item.path, "when", ("facts",), name) for name in lost if name not in facts)

    def _of_rule(self, item: Any) -> Iterator[Use]:
        for key in ("of", "if", "first", "then", "against"):
            for selector in _selectors(item.values.get(key)):
                yield from self._broken(item.path, key, ("tags",), (*selector.tags, *selector.all_tags))
        for key, on in dates_named(item.values):
            yield from self._unless_removed(item.path, key, ("activities",), base_of(on))
        sections = [one for one in item.values.get("allow_empty", ()) if isinstance(one, str)]
        yield from self._unless_removed(item.path, "allow_empty", ("sections",), sections)
        cited = [basis.document for basis in item.values.get("basis", ())]
        yield from self._unless_removed(item.path, "basis", ("documents",), cited)

    def _broken(self, path: Path, key: str, base: Path, names: Iterable[str]) -> Iterator[Use]:
        known = self.ids.get(base, ())
        for name in names:
            if name not in known:
                yield Use(path, key, base, name)

    def _unless_removed(self, path: Path, key: str, base: Path, names: Iterable[str]) -> Iterator[Use]:
        for use in self._broken(path, key, base, names):
            if use.target not in self.removed:
                yield use

    # ---- what else leads nowhere ----

    def _faults(self, item: Any, facts: Mapping[str, FactType]) -> Iterator[Problem]:
        values = item.values
        yield from self._festival(item.path, "on", values.get("on"))
        yield from self._condition(item.path, values.get("when"), facts)
        if item.path[0] == "rules":
            yield from self._parameters(item)
            for key, on in dates_named(values):
                yield from self._festival(item.path, key, on)
        if item.path[0] == "festivals":
            yield from self._own_festival(item)

    def _own_festival(self, item: Any) -> Iterator[Problem]:
        """A festival of a layer rests on a date in the end: on no activity, and not on itself."""
        names, on = [item.id], item.values["on"]
        base = on.base
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
        elif isinstance(base, ActivityRef):
            yield self._problem(
                "FestivalFromActivity", "the festival {name} is reckoned from the activity {activity}", item.path,
                "on", "give the festival a date, a weekday or another festival", name=item.id,
                activity=base.activity,
            )  # fmt: skip

    def _parameters(self, item: Any) -> Iterator[Problem]:
        """What others state of a rule must be something that its kind takes."""
        kind = KINDS.get(item.values["kind"])
        for key in item.values if kind else ():
            name = "words" if key.startswith("words/") else key
            if kind and (name == "words" or key in item.entries) and name not in {"severity", *kind.params}:
                yield self._problem(
                    "UnknownParameter", "{path}: {kind} takes no {key}", item.path, key, "it takes: {known}",
                    kind=item.values["kind"], known=", ".join(kind.params),
                )  # fmt: skip

    def _festival(self, path: Path, key: str, on: object) -> Iterator[Problem]:
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
        if not isinstance(when, str):
            return
        try:
            check_condition(parse_condition(when), facts)
        except ConditionError as error:
            for offset, message, params, fix in error.problems:
                if ("facts", params.get("name")) not in self.removed:
                    yield self._problem(
                        "BadCondition",
                        message,
                        path,
                        "when",
                        fix,
                        condition=when,
                        column=offset + 1,
                        **params,
                    )

    def _problem(self, code: str, message: str, path: Path, key: str, fix: str, **params: Any) -> Problem:
        voices = self.whole.voices((*path, key))
        return problem_of(
            code, message, voices, self.whole.stack, at=voices[-1] if voices else None, fix=fix,
            path="/".join((*path, key)), **{"key": key, **params},
        )  # fmt: skip


def _selectors(value: object) -> Iterator[Selector]:
    for element in value if isinstance(value, tuple) else ():
        if isinstance(element, Selector):
            yield element
    # `then` of an implication is a rule of its own.
    if getattr(value, "kind", None):
        for key in ("of", "if_", "first", "then", "against"):
            yield from _selectors(getattr(value, key, None))
