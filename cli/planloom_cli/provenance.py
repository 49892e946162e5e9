"""Where a value of a plan comes from, what it beat, and why: found in a plan, told in words or as data."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, cast

from attrs import field, frozen

from planloom.conditions import evaluate, missing, parse_condition
from planloom.pasting import said
from planloom_schemas.convert import plain
from planloom_schemas.dates import ActivityRef
from planloom_schemas.errors import Party, PlanFileError, Problem
from planloom_schemas.plan import DateSpan, Plan, Provenance, Statement

WHY: Mapping[str, str] = {
    "only": "only one layer speaks of it",
    "agreed": "all layers that speak of it agree",
    "more-specific": "the more specific layer wins: plan file before directive before profile",
    "joined": "what the layers say is joined; of requirements the strictest holds",
    "introduced": "this layer introduces it",
    "restored": "it was removed, and a more specific layer restores it",
    "removed": "a layer removes it",
    "default": "nobody states it; the default holds",
    "computed": "it is computed",
    "capped": "what the layers say is joined; no basis of the rule is verified, so it warns at most",
}
"""What each reason of `Provenance.why` means: English message ids."""

_ALIASES = {"dates": "on", "months": "on", "label": "title"}
_NEAREST = 3


@frozen(kw_only=True)
class Hidden:
    """Why an item is not in the plan although nobody removed it.

    Args:
        path: The item whose condition decides: itself, its section, or the activity it is dated from.
        when: The condition.
        facts: The facts it reads, with their values.
    """

    path: str
    when: str
    facts: Mapping[str, object] = field(factory=dict[str, object])


@frozen(kw_only=True)
class Explained:
    """What a plan knows of one path.

    Args:
        path: The path.
        value: The value in plain form, as the plan has it.
        provenance: Who said it.
        dates: The days it means, for dates.
        fields: For items: the paths of its fields and of the items in it.
        hidden: Why the plan does not show it, or None.
    """

    path: str
    value: object
    provenance: Provenance
    dates: tuple[DateSpan, ...] = ()
    fields: tuple[str, ...] = ()
    hidden: Hidden | None = None


def explained(plan: Plan, path: str) -> Explained:
    """What the plan knows of a path.

    Raises:
        PlanFileError: It has no such path (with the nearest).
    """
    known = _known(plan, path.strip("/"))
    parts = known.split("/")
    provenance = plan.origins[known]
    fields = tuple(_fields(plan, known)) if _is_item(plan, known) else ()
    if known.startswith("facts/") and known.endswith("/default") and known != path.strip("/"):
        provenance = Provenance(holds=provenance.holds, why="default")
    return Explained(
        path=known, value=None if fields else _value(plan, parts, provenance), provenance=provenance,
        dates=_dates(plan, parts), fields=fields, hidden=_hidden(plan, parts),
    )  # fmt: skip


# ---- finding the path ----


def _known(plan: Plan, path: str) -> str:
    if path in plan.origins:
        return path
    head, _, last = path.rpartition("/")
    for other in (f"{head}/{_ALIASES.get(last, '')}", f"{head}/default" if last == "value" else ""):
        if other in plan.origins:
            return other
    # What was said of a removed item is found at the item.
    item = path.rpartition("/")[0]
    while item and item not in plan.origins:
        item = item.rpartition("/")[0]
    if item and plan.origins[item].why == "removed":
        return item
    raise PlanFileError(_unknown(plan, path))


def _unknown(plan: Plan, path: str) -> Problem:
    near = get_close_matches(path, list(plan.origins), n=_NEAREST, cutoff=0.5)
    last = path.rpartition("/")[2]
    near += [known for known in plan.origins if known.rpartition("/")[2] == last and known not in near]
    lost = "write for example activities/ID/on; planloom profiles NAME lists the ids"
    return Problem(
        code="UnknownPath", message="the plan has no path “{path}”", path=path,
        params={"path": path, "near": ", ".join(near[:_NEAREST])},
        fix="did you mean {near}?" if near else lost,
    )  # fmt: skip


def _is_item(plan: Plan, path: str) -> bool:
    return plan.origins[path].why in {"introduced", "restored"} or any(_fields(plan, path))


def _fields(plan: Plan, path: str) -> Iterator[str]:
    start = path + "/"
    deeper = start + "measures/"
    for known in plan.origins:
        if known.startswith(deeper):
            if known.count("/") == deeper.count("/"):
                yield known
        elif known.startswith(start):
            yield known


# ---- values ----


def _value(plan: Plan, parts: Sequence[str], provenance: Provenance) -> object:
    match parts:
        case ["facts", name, "value"]:
            return plan.facts.get(name)
        case ["heading"]:
            return plan.title
        case ["signature"]:
            return plain(plan.signature)
        case ["rules", code, key]:
            found = next((rule for rule in plan.rules if rule.code == code), None)
            return plain(found.params.get(key, getattr(found, key, None))) if found else None
        case [*_, key] if (item := item_of(plan, parts[:-1])) is not None and hasattr(item, key):
            return plain(getattr(item, key))
        case _:
            pass
    values = [plain(statement.value) for statement in provenance.holds if statement.op == "set"]
    return values[0] if len(values) == 1 or provenance.why in {"agreed", "more-specific"} else values


def item_of(plan: Plan, parts: Sequence[str]) -> Any:
    """The printed item of a path, or None."""
    match parts:
        case ["activities", name]:
            return next((one for one in plan.activities if one.id == name), None)
        case ["sections", name]:
            return next((one for one in plan.sections if one.id == name), None)
        case ["sections", name, "measures", measure]:
            section = next((one for one in plan.sections if one.id == name), None)
            return next((one for one in section.measures if one.id == measure), None) if section else None
        case ["rules", code]:
            return next((rule for rule in plan.rules if rule.code == code), None)
        case ["facts", name]:
            return next((fact for fact in plan.fact_info if fact.id == name), None)
        case _:
            return None


def _dates(plan: Plan, parts: Sequence[str]) -> tuple[DateSpan, ...]:
    item = item_of(plan, parts[:-1] if parts[-1] == "on" else parts)
    dates: tuple[DateSpan, ...] = getattr(item, "dates", ())
    return dates


# ---- hiding ----


def _hidden(plan: Plan, parts: Sequence[str]) -> Hidden | None:
    """Why the item that a path belongs to is not shown: its own condition, or that of what it hangs on."""
    item = tuple(parts[:4] if parts[2:3] == ["measures"] and len(parts) > 3 else parts[:2])
    if item[0] not in {"activities", "sections"} or item_of(plan, item) is not None:
        return None
    provenance = plan.origins.get("/".join(item))
    if provenance is None or provenance.why == "removed":
        return None
    return next(_reasons(plan, item, set()), None)


def _reasons(plan: Plan, item: tuple[str, ...], seen: set[tuple[str, ...]]) -> Iterator[Hidden]:
    if item in seen:
        return
    seen.add(item)
    path = "/".join(item)
    when = _stated(plan, f"{path}/when")
    if isinstance(when, str):
        condition = parse_condition(when)
        if evaluate(condition, plan.facts) is False:
            read = missing(condition, {})
            yield Hidden(path=path, when=when, facts={name: plan.facts.get(name) for name in read})
    if item[0] == "activities":
        section, on = _stated(plan, f"{path}/section"), _stated(plan, f"{path}/on")
        if isinstance(section, str):
            yield from _reasons(plan, ("sections", section), seen)
        base = _base_activity(on)
        if base:
            yield from _reasons(plan, ("activities", base), seen)
    elif len(item) > 2:
        yield from _reasons(plan, item[:2], seen)


def _stated(plan: Plan, path: str) -> object:
    provenance = plan.origins.get(path)
    return provenance.holds[0].value if provenance and provenance.holds else None


def _base_activity(on: Any) -> str:
    if isinstance(on, dict):  # from JSON
        return str(cast("dict[str, object]", on).get("activity", ""))
    base = getattr(on, "base", None)
    return base.activity if isinstance(base, ActivityRef) else ""


# ---- telling ----


def party(statement: Statement, longest: int = 0) -> Party:
    """A statement as one line of a table."""
    from planloom_cli.width import clipped

    text = (
        said(statement.value)
        if statement.op in {"set", "if_present"}
        else f"{statement.op}: {statement.reason}"
    )
    if statement.op == "loosen":
        text = f"loosen: {said(statement.value)} ({statement.reason})"
    origin = statement.origin
    return Party(
        layer=origin.layer, distribution=origin.distribution, version=origin.version, file=origin.file,
        line=origin.line, value=clipped(text, longest) if longest else text,
    )  # fmt: skip


def spoken_dates(spans: Sequence[DateSpan]) -> str:
    """Spans in a line."""
    return ", ".join(_span(span.start, span.end) for span in spans)


def _span(start: dt.date, end: dt.date) -> str:
    return start.isoformat() if start == end else f"{start.isoformat()} - {end.isoformat()}"
