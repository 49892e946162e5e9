"""The words for contradictions: each names every party with file and line and ends in what to do."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from planloom.definitions import Definition, Path
from planloom.layers import Stack
from planloom_schemas.errors import Location, Party, Problem, nearest
from planloom_schemas.plan import Statement
from planloom_schemas.statement import Edit

if TYPE_CHECKING:
    from planloom.merge import Item, Said

_BARE = re.compile(r"[^\W\d_][\w \-—、。（）/%]*(?<! )")
_CONSTANTS = {True: "true", False: "false", None: "null"}


def flow(value: Any) -> str:
    """A value as one line of YAML that can be pasted."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow(key)}: {flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(inner) for inner in value) + "]"
    if isinstance(value, str) and _BARE.fullmatch(value) and value.casefold() not in _CONSTANTS.values():
        return value
    if value is None or isinstance(value, bool):
        return _CONSTANTS[value]
    if isinstance(value, int):
        return str(value)
    import json  # most values need none of it

    return json.dumps(value, ensure_ascii=False, default=str)


def said(value: Any) -> str:
    """What a definition says, in one line."""
    return flow(_plain(value))


def _plain(value: Any) -> Any:
    from planloom_schemas.convert import plain  # wanted only where something is wrong

    return plain(value)


def party(definition: Definition, stack: Stack) -> Party:
    """A layer that takes part in a quarrel."""
    return party_of(definition.statement, said(definition.value))


def party_of(statement: Statement, value: str) -> Party:
    """The party behind a statement."""
    origin = statement.origin
    return Party(
        layer=origin.layer, distribution=origin.distribution, version=origin.version, file=origin.file,
        line=origin.line, value=value,
    )  # fmt: skip


def _parties(definitions: Iterable[Definition], stack: Stack) -> tuple[Party, ...]:
    ordered = sorted(dict.fromkeys(definitions), key=lambda d: (stack.rank[d.layer], d.path))
    return tuple(party(definition, stack) for definition in ordered)


def paste(path: Path, value: Any) -> str:
    """The line that states a value at a path: ``activities: {x: {on: {month: 3}}}``."""
    for key in reversed(path[1:]):
        value = {key: value}
    return f"{path[0]}: {flow(value)}"


def _keys(definition: Definition) -> Path:
    """The keys that lead to a field in a file."""
    if definition.item[:1] == ("festivals",):
        return definition.item  # the date is the item
    return (*definition.item, *definition.key.split("/", 1))


def place_of(definition: Definition) -> Location | None:
    """Where a definition stands, if it stands in a file."""
    origin = definition.origin
    return Location(file=origin.file, line=origin.line, column=origin.column) if origin.line else None


def _problem(
    code: str, message: str, definitions: Sequence[Definition], stack: Stack, *, fix: str = "",
    paste: str = "", path: str = "", at: Definition | None = None, **params: object,
) -> Problem:  # fmt: skip
    path = path or definitions[0].path
    plan = stack.layers[-1]
    file = plan.shown if plan.kind == "plan" else ""
    return Problem(
        code=code, message=message, params={"path": path, "plan": file or "plan.yaml", **params}, path=path,
        location=place_of(at) if at else None, parties=_parties(definitions, stack), fix=fix, paste=paste,
    )  # fmt: skip


IN_PLAN = "say in {plan} what holds"


def value_conflict(top: Sequence[Definition], stack: Stack) -> Problem:
    """Unbeaten definitions of a field that differ."""
    ordered = sorted(top, key=lambda d: stack.rank[d.layer])
    return _problem(
        "ValueConflict", "{count} layers say different things of {path}", ordered, stack, fix=IN_PLAN,
        paste=paste(_keys(ordered[0]), _plain(ordered[0].value)), count=len(ordered),
    )  # fmt: skip


def element_conflict(contested: Mapping[Any, Sequence[Definition]], stack: Stack) -> Problem:
    """Elements that one layer adds and another takes away, and neither beats the other."""
    top = [definition for definitions in contested.values() for definition in definitions]
    elements = [_plain(element) for element in contested]
    return _problem(
        "ValueConflict", "one layer adds {element} to {path}, another takes it away", top, stack,
        fix=IN_PLAN, paste=paste(_keys(top[0]), elements), element=", ".join(map(flow, elements)),
    )  # fmt: skip


def unknown_element(
    definition: Definition, element: Any, definitions: Sequence[Definition], stack: Stack
) -> Problem:
    """Something is taken away that nobody adds."""
    known = sorted({said(e) for d in definitions for e in d.value.add})
    near = nearest(said(element), known)
    return _problem(
        "UnknownRemoval", "{element} is taken away from {path}, but nobody adds it", [definition], stack,
        at=definition, fix="did you mean {near}?" if near else "leave it out",
        element=said(element), near=near,
    )  # fmt: skip


def redefined(definitions: Sequence[Definition], first: Definition, stack: Stack) -> Problem:
    """A field that only the introducing layer may state is stated by another."""
    return _problem(
        "Redefined", "{path} is stated by “{owner}”, which introduces the item; nobody else may state it",
        [first, *definitions] if first.path == definitions[0].path else [*definitions, first], stack,
        fix="leave it out elsewhere, or give the item another name", owner=first.layer,
        path=definitions[0].path,
    )  # fmt: skip


def incomplete(
    one: "Said", missing: Sequence[str], everything: Mapping[Path, "Said"], stack: Stack
) -> Problem:
    """An item of which nobody states a required field."""
    siblings = {path[-1] for path in everything if path[:-1] == one.path[:-1] and path != one.path}
    near = nearest(one.path[-1], siblings)
    definitions = sorted(one.all(), key=lambda d: (stack.rank[d.layer], d.key))
    definitions = definitions or [
        d for path, s in everything.items() if path[:2] == one.path for d in s.all()
    ]
    return _problem(
        "Incomplete", "{path} is not complete: nobody states {missing}", definitions, stack,
        at=definitions[0],
        fix="did you mean “{near}”? otherwise state {missing}" if near else "state {missing}",
        path="/".join(one.path), missing=", ".join(missing), near=near,
    )  # fmt: skip


def not_applied(one: "Said", layer: str) -> Problem:
    """What a layer says under ``if_present`` of an item that is not there."""
    definitions = [d for d in one.all() if d.layer == layer]
    origin = definitions[0].origin
    return Problem(
        code="NotApplied", message="what “{layer}” says of {path} is not applied: no other layer has it",
        params={"layer": layer, "path": "/".join(one.path)}, path="/".join(one.path),
        location=Location(file=origin.file, line=origin.line, column=origin.column) if origin.line else None,
    )  # fmt: skip


def unknown_removal(gone: Definition, stack: Stack) -> Problem:
    """A removal of something that nobody states."""
    known = {d.item[-1] for layer in stack.layers for d in layer.definitions
             if d.item[:-1] == gone.item[:-1] and d.op == "set"}  # fmt: skip
    near = nearest(gone.item[-1], known)
    return _problem(
        "UnknownRemoval", "{path} is removed, but no layer has it", [gone], stack, at=gone,
        fix="did you mean “{near}”?" if near else "leave the removal out", near=near,
    )  # fmt: skip


def idle_restore(back: Definition, stack: Stack) -> Problem:
    """A restore of something that nobody removed."""
    return _problem(
        "IdleRestore", "{path} is restored, but no layer below removes it", [back], stack, at=back,
        fix="leave the restore out",
    )  # fmt: skip


def removed_yet_changed(
    path: Path, standing: Sequence[Definition], change: Definition, stack: Stack
) -> Problem:
    """An item is removed by one layer and spoken of by another that the removal does not beat."""
    reason = standing[0].reason
    return _problem(
        "RemovedYetChanged", "{path} is removed by one layer, and another speaks of it ({change})",
        [*standing, change], stack, path="/".join(path), change=change.path,
        fix="restore it in {plan}, or take out what is said of it",
        paste=paste(path, {"restore": f"保留：{reason}"}),
    )  # fmt: skip


def floor_removed(gone: Definition, floors: Sequence[Definition], stack: Stack) -> Problem:
    """A rule that law or the upper union holds is removed."""
    return _problem(
        "FloorError", "{path} cannot be removed: the law or the upper union requires it", [gone, *floors],
        stack, at=gone, fix="answer the finding with a waiver that has a reason, a name and an end date",
    )  # fmt: skip


def floor_broken(loosen: Definition, floors: Sequence[Definition], stack: Stack) -> Problem:
    """A requirement is loosened below what law or the upper union set."""
    return _problem(
        "FloorError", "{path} cannot be loosened to {value}: the law or the upper union sets more",
        [loosen, *floors], stack, at=loosen, fix="keep to their value, or answer the finding with a waiver",
        value=said(loosen.value),
    )  # fmt: skip


def idle_loosen(loosen: Definition, stack: Stack) -> Problem:
    """A loosening of something that no layer below requires."""
    return _problem(
        "IdleLoosen", "{path} is loosened, but no layer below sets it", [loosen], stack, at=loosen,
        fix="leave it out of “loosen”",
    )  # fmt: skip


def no_effect(definition: Definition, lower: Sequence[Definition], stack: Stack) -> Problem:
    """A value that does not tighten what stands below."""
    return _problem(
        "NoEffect", "{path}: {value} has no effect, a layer below requires as much or more",
        [definition, *lower], stack, at=definition, fix="write it under “loosen:” with a reason",
        value=said(definition.value),
    )  # fmt: skip


def unsatisfiable(clash: Sequence[Definition], stack: Stack) -> Problem:
    """Requirements that nothing can meet together."""
    return _problem(
        "Unsatisfiable", "nothing can meet these requirements of {path} together", clash, stack,
        path="/".join(clash[0].item),
        fix="change one of them; a house requirement can be loosened with a reason",
    )  # fmt: skip


def order_cycle(stuck: "Mapping[str, Item]", followers: Mapping[str, set[str]], stack: Stack) -> Problem:
    """Edges of order that run in a circle."""
    path = next(iter(stuck.values())).path[:-1]
    edges = [
        d for layer in stack.layers for d in layer.definitions
        if d.item[:-1] == path and d.item[-1] in stuck and d.key in {"after", "before"}
        and isinstance(d.value, Edit) and any(other in stuck for other in d.value.add)
    ]  # fmt: skip
    return _problem(
        "OrderCycle", "“after” and “before” run in a circle: {members}", edges, stack, path="/".join(path),
        fix="take one of these edges away: after: {{remove: [...]}}", members=", ".join(stuck),
    )  # fmt: skip
