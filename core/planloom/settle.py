"""The strata after the merge: facts get values, conditions hide, and what is missing is said at once."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from attrs import evolve, field

from planloom import conditions
from planloom.facts import FactError, Words, check_limits, from_words, typed
from planloom.merge import Item, Resolution
from planloom.quarrels import flow, party_of, said
from planloom.references import place
from planloom_schemas.dates import ActivityRef
from planloom_schemas.errors import Location, MergeConflictError, PlanFileError, Problem
from planloom_schemas.plan import PlanFact
from planloom_schemas.records import frozen

ABOUT = "the fact {fact} ({title}): "


@frozen
class Facts:
    """Facts with their values.

    Args:
        values: Id to plain value; a missing fact is absent.
        info: What else is known of each.
        assumed: Ids that stand on their default.
    """

    values: Mapping[str, object]
    info: tuple[PlanFact, ...]
    assumed: tuple[str, ...] = ()


def settle_facts(resolution: Resolution) -> Facts:
    """Give every fact its value: what was stated, else its default.

    Raises:
        PlanFileError: A value is of the wrong type; names also those outside their limits.
        MergeConflictError: A value lies outside what layers allow (code ``Unsatisfiable``).
    """
    wrong: list[Problem] = []
    outside: list[Problem] = []
    values: dict[str, object] = {}
    info: list[PlanFact] = []
    for item in resolution.items.get("facts", ()):
        key, value = _stated(item)
        try:
            value = _typed(item, value)
        except FactError as error:
            wrong.append(_wrong(item, key, error, resolution))
            continue
        try:
            _limit(item, value)
        except FactError as error:
            outside.append(_outside(item, key, error, resolution))
        if value is not None:
            values[item.id] = value
        info.append(_info(item, "missing" if value is None else "stated" if key == "value" else "default"))
    if wrong:
        raise PlanFileError(*wrong, *outside)
    if outside:
        raise MergeConflictError(*outside)
    return Facts(values, tuple(info), tuple(fact.id for fact in info if fact.source == "default"))


def _stated(item: Item) -> tuple[str, Any]:
    return ("value", item.values["value"]) if "value" in item.values else ("default", item.get("default"))


def _typed(item: Item, value: Any) -> Any:
    kind = item.values["type"]
    if isinstance(value, Words):
        return from_words(kind, str(value))
    if value is None and "value" not in item.values:
        return None
    return typed(kind, value)


def _limit(item: Item, value: Any) -> None:
    if value is not None:
        check_limits(value, item.get("min"), item.get("max"), item.get("one_of"))


@lru_cache(maxsize=1_024)
def _info(item: Item, source: str) -> PlanFact:
    return PlanFact(
        id=item.id, title=item.get("title") or item.id, type=item.values["type"], source=source,
        one_of=tuple(item.get("one_of", ())), default=item.get("default"), origin=item.origin,
    )  # fmt: skip


def _wrong(item: Item, key: str, error: FactError, resolution: Resolution) -> Problem:
    path = f"facts/{item.id}/{key}"
    return Problem(
        code="WrongType", lead=ABOUT, message=error.message,
        params={"fact": item.id, "title": item.get("title") or item.id, **error.params}, path=path,
        location=place(resolution.provenance[path]), fix="change the value of {fact}",
    )  # fmt: skip


def _outside(item: Item, key: str, error: FactError, resolution: Resolution) -> Problem:
    path = f"facts/{item.id}/{key}"
    statements = [
        statement
        for name in (key, "min", "max", "one_of")
        for statement in getattr(resolution.provenance.get(f"facts/{item.id}/{name}"), "holds", ())
    ]
    return Problem(
        code="Unsatisfiable", lead=ABOUT, message=error.message,
        params={"fact": item.id, "title": item.get("title") or item.id, **error.params}, path=path,
        location=place(resolution.provenance[path]),
        parties=tuple(party_of(statement, said(statement.value)) for statement in statements),
        fix="change the value of {fact}",
    )  # fmt: skip


def assumption(facts: Facts) -> Iterable[Problem]:
    """One note that names every fact that was not stated, with the value assumed."""
    if facts.assumed:
        titles = {fact.id: fact.title for fact in facts.info}
        rows = [(titles[name], f"= {flow(facts.values[name])}", f"({name})") for name in facts.assumed]
        named = ", ".join(
            f"{name} ({title}) {value}" for (title, value, _), name in zip(rows, facts.assumed, strict=True)
        )
        yield Problem(
            code="AssumedFacts", message="{count} facts were not stated; assumed: {facts}",
            params={"count": len(facts.assumed), "facts": named, "rows": rows},
            fix="state what differs under facts: or with --set",
        )  # fmt: skip


# ---- hiding ----


@frozen
class Shown:
    """What conditions leave: sections and activities in order, measures by section, and facts that were missing."""

    sections: tuple[Item, ...]
    measures: Mapping[str, tuple[Item, ...]]
    activities: Mapping[str, Item]
    missing: Mapping[str, tuple[str, ...]] = field(factory=dict)


class Hiding:
    """Decides every `when`; remembers which facts left one undecided, and where."""

    def __init__(self, values: Mapping[str, object]) -> None:
        self.values = values
        self.missing: dict[str, list[str]] = {}

    def visible(self, item: Item) -> bool:
        """Whether an item's own condition holds; undecided counts as visible and is remembered."""
        when = item.get("when")
        if when is None:
            return True
        condition = conditions.parse_condition(when)
        decided = conditions.evaluate(condition, self.values)
        if decided is None:
            for name in conditions.missing(condition, self.values):
                self.missing.setdefault(name, []).append("/".join(item.path))
        return decided is not False


def hide(resolution: Resolution, facts: Facts) -> Shown:
    """Take out what conditions hide, and what hangs on it."""
    hiding = Hiding(facts.values)
    sections = tuple(item for item in resolution.items.get("sections", ()) if hiding.visible(item))
    kept = {section.id for section in sections}
    measures = {s.id: tuple(m for m in s.children if hiding.visible(m)) for s in sections}
    activities = {
        item.id: item
        for item in resolution.items.get("activities", ())
        if item.get("section") in {None, *kept} and hiding.visible(item)
    }
    missing = {name: tuple(places) for name, places in sorted(hiding.missing.items())}
    return Shown(sections, measures, _with_bases(activities), missing)


def _with_bases(activities: dict[str, Item]) -> dict[str, Item]:
    """Without activities that are dated from a hidden one, directly or through others."""
    while True:
        orphans = [
            name for name, item in activities.items()
            if isinstance(item.values["on"].base, ActivityRef) and item.values["on"].base.activity not in activities
        ]  # fmt: skip
        if not orphans:
            return activities
        for name in orphans:
            del activities[name]


def missing_facts(
    missing: Mapping[str, Iterable[str]], facts: Facts, resolution: Resolution
) -> PlanFileError:
    """The error that lists all missing facts with title, why each is needed and a block to paste."""
    titles = {fact.id: fact.title for fact in facts.info}
    problems = [
        Problem(
            code="MissingFact", message="the fact {fact} ({title}) is not stated; {count} places need it, such as {where}",
            params={"fact": name, "title": titles.get(name, name), "count": len(list(places)), "where": min(places)},
            path=f"facts/{name}", location=_plan_facts(resolution), fix="state it under facts: or with --set {fact}=…",
        )
        for name, places in sorted(missing.items())
    ]  # fmt: skip
    block = "facts: {" + ", ".join(f"{name}: " for name in sorted(missing)) + "}"

    problems[-1] = evolve(problems[-1], paste=block)
    return PlanFileError(*problems)


def _plan_facts(resolution: Resolution) -> Location | None:
    plan = resolution.stack.layers[-1]
    return plan.source.key_at(("facts",)) if plan.kind == "plan" and plan.source else None
