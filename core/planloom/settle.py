"""The strata after the merge: facts get values, conditions hide, and what is missing is said at once."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from attrs import evolve, field

from planloom import conditions
from planloom.dangling import voices_of
from planloom.facts import FactError, Words, check_limits, from_words, typed
from planloom.merge import Item, Resolution
from planloom.pasting import flow, paste, plain_of
from planloom.quarrels import Cited, problem_of
from planloom_schemas.dates import ActivityRef
from planloom_schemas.errors import Location, MergeConflictError, PlanFileError, Problem, nearest
from planloom_schemas.plan import PlanFact
from planloom_schemas.records import frozen

LIMITS = ("min", "max", "one_of")
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
        if value is not None and (refusal := _refusal(value, item.values)):
            outside.append(_outside(item, key, value, refusal, resolution))
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


@lru_cache(maxsize=1_024)
def _info(item: Item, source: str) -> PlanFact:
    return PlanFact(
        id=item.id, title=item.get("title") or item.id, type=item.values["type"], source=source,
        one_of=tuple(item.get("one_of", ())), default=item.get("default"), origin=item.origin,
    )  # fmt: skip


def _wrong(item: Item, key: str, error: FactError, resolution: Resolution) -> Problem:
    return _about(item, "WrongType", error, voices_of(resolution.provenance, (*item.path, key)), resolution)


def _outside(item: Item, key: str, value: Any, error: FactError, resolution: Resolution) -> Problem:
    """A value outside its limits: the statement of the value, and the one that rules it out."""
    voices = voices_of(resolution.provenance, (*item.path, key))
    limits = [one for name in LIMITS for one in voices_of(resolution.provenance, (*item.path, name))]
    strict = [one for one in limits if _refusal(value, {one.path.rpartition("/")[2]: one.statement.value})]
    decides = next(
        (one for one in strict if one.statement.value == item.get(one.path.rpartition("/")[2])), None
    )
    problem = _about(
        item, "Unsatisfiable", error, [*voices[:1], *([decides] if decides else strict[:1])], resolution
    )
    within = _within(item, value)
    # What the command line says cannot be mended in a file.
    return problem if within is None or not voices[0].statement.origin.line else evolve(
        problem, paste=paste(item.path, within)
    )  # fmt: skip


def _about(
    item: Item, code: str, error: FactError, voices: Sequence[Cited], resolution: Resolution
) -> Problem:
    problem = problem_of(
        code, error.message, voices, resolution.stack, at=voices[0], fix="change the value of {fact}",
        fact=item.id, title=item.get("title") or item.id, **dict[str, Any](error.params),
    )  # fmt: skip
    return evolve(problem, lead=ABOUT)


def _refusal(value: Any, limits: Mapping[str, Any]) -> FactError | None:
    try:
        check_limits(value, limits.get("min"), limits.get("max"), limits.get("one_of"))
    except FactError as error:
        return error
    return None


def _within(item: Item, value: Any) -> object:
    """The nearest value inside the limits that can be offered, or None."""
    low, high = item.get("min"), item.get("max")
    if item.get("one_of"):
        offered = nearest(str(value), item.get("one_of")) or None
    else:
        offered = low if low is not None and value < low else high
    try:
        near = typed(item.values["type"], plain_of(offered))
    except FactError:
        return None
    return near if _refusal(near, item.values) is None else None


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


def hide(resolution: Resolution, facts: Facts) -> Shown:
    """Take out what conditions hide, and what hangs on it."""

    def visible(item: Item) -> bool:  # what is undecided counts as visible
        when = item.get("when")
        return (
            when is None or conditions.evaluate(conditions.parse_condition(when), facts.values) is not False
        )

    sections = tuple(item for item in resolution.items.get("sections", ()) if visible(item))
    kept = {section.id for section in sections}
    measures = {s.id: tuple(m for m in s.children if visible(m)) for s in sections}
    activities = _with_bases({
        item.id: item
        for item in resolution.items.get("activities", ())
        if item.get("section") in {None, *kept} and visible(item)
    })  # fmt: skip
    staying = (*sections, *(m for inner in measures.values() for m in inner), *activities.values())
    return Shown(sections, measures, activities, _undecided(staying, facts))


def _undecided(items: Iterable[Item], facts: Facts) -> Mapping[str, tuple[str, ...]]:
    """Facts that nobody stated and that conditions of what stays read, with the items."""
    missing: dict[str, tuple[str, ...]] = {}
    for item in items:
        condition = conditions.parse_condition(item.values["when"]) if item.get("when") else None
        if condition and conditions.evaluate(condition, facts.values) is None:
            for name in conditions.missing(condition, facts.values):
                missing[name] = (*missing.get(name, ()), "/".join(item.path))
    return dict(sorted(missing.items()))


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
