"""The words for contradictions: each names every party with file and line and ends in what to do."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import evolve

from planloom.definitions import Definition, Path
from planloom.pasting import edited, flow, line, lines, on_top, paste, plain_of, said
from planloom.stack import Stack
from planloom_schemas.dates import DateError, parse_period
from planloom_schemas.errors import Location, Party, Problem, nearest
from planloom_schemas.plan import Statement
from planloom_schemas.records import frozen
from planloom_schemas.statement import Edit

if TYPE_CHECKING:
    from planloom.merge import Item, Said


@frozen(eq=False)
class Cited:
    """A statement with the path it stands under, as provenance keeps it; it takes part like a definition."""

    path: str
    statement: Statement

    @property
    def layer(self) -> str:
        """Layer id."""
        return self.statement.origin.layer


Voice = Definition | Cited


def party_of(statement: Statement, value: str | None = None) -> Party:
    """The party behind a statement, with what it says."""
    origin = statement.origin
    return Party(
        layer=origin.layer, distribution=origin.distribution, version=origin.version, file=origin.file,
        line=origin.line, value=said(statement.value) if value is None else value,
    )  # fmt: skip


def _parties(voices: Iterable[Voice], stack: Stack) -> tuple[Party, ...]:
    ordered = sorted(
        dict.fromkeys(voices),
        key=lambda voice: (stack.rank[voice.layer], voice.statement.origin.line, voice.path),
    )
    return tuple(dict.fromkeys(party_of(voice.statement) for voice in ordered))


def _keys(definition: Definition) -> Path:
    """The keys that lead to a field in a file."""
    if definition.item[:1] == ("festivals",):
        return definition.item  # the date is the item
    return (*definition.item, *definition.key.split("/", 1))


def place_of(voice: Voice) -> Location | None:
    """Where something is said, if it stands in a file."""
    origin = voice.statement.origin
    return Location(file=origin.file, line=origin.line, column=origin.column) if origin.line else None


def problem_of(
    code: str, message: str, voices: Sequence[Voice], stack: Stack, *, fix: str = "",
    paste: str = "", path: str = "", at: Voice | None = None, **params: Any,
) -> Problem:  # fmt: skip
    """A problem that names every party.

    Args:
        code: Its code.
        message: What is wrong.
        voices: Who takes part.
        stack: The layers.
        fix: What to do.
        paste: The line to paste into the plan file, or "".
        path: The path concerned; by default that of the first voice.
        at: The voice at which it is told.
        **params: Values of the message and of the fix, beside ``path`` and ``plan``.
    """
    path = path or voices[0].path
    plan = stack.layers[-1]
    file = plan.shown if plan.kind == "plan" else ""
    return Problem(
        code=code, message=message, params={"path": path, "plan": file or "plan.yaml", **params}, path=path,
        location=place_of(at) if at else None, parties=_parties(voices, stack), fix=fix, paste=paste,
    )  # fmt: skip


IN_PLAN = "say in {plan} what holds"


def value_conflict(top: Sequence[Definition], stack: Stack) -> Problem:
    """Unbeaten definitions of a field that differ."""
    ordered = sorted(top, key=lambda d: stack.rank[d.layer])
    return problem_of(
        "ValueConflict", "{count} layers say different things of {path}", ordered, stack, fix=IN_PLAN,
        paste=line(stack, _keys(ordered[0]), plain_of(ordered[0].value)), count=len(ordered),
    )  # fmt: skip


def element_conflict(contested: Mapping[Any, Sequence[Definition]], stack: Stack) -> Problem:
    """Elements that one layer adds and another takes away, and neither beats the other."""
    top = [definition for definitions in contested.values() for definition in definitions]
    elements = [plain_of(element) for element in contested]
    return problem_of(
        "ValueConflict", "one layer adds {element} to {path}, another takes it away", top, stack,
        fix=IN_PLAN, element=", ".join(map(flow, elements)),
        paste=paste(top[0].item, {top[0].key: edited(stack, top[0].item, top[0].key, add=tuple(contested))}),
    )  # fmt: skip


def unknown_element(
    definition: Definition, element: Any, definitions: Sequence[Definition], stack: Stack
) -> Problem:
    """Something is taken away that nobody adds."""
    known = sorted({said(e) for d in definitions for e in d.value.add})
    near = nearest(said(element), known)
    return problem_of(
        "UnknownRemoval", "{element} is taken away from {path}, but nobody adds it", [definition], stack,
        at=definition, fix="did you mean {near}?" if near else "leave it out",
        element=said(element), near=near,
    )  # fmt: skip


def redefined(definitions: Sequence[Definition], first: Definition, stack: Stack) -> Problem:
    """A field that only the introducing layer may state is stated by another."""
    path = definitions[0].path
    fix = "leave it out elsewhere, or give the item another name"
    if definitions[0].item[0] == "facts" and definitions[0].key == "default":
        fix = "write “value:” instead of “default:”"
    return problem_of(
        "Redefined", "{path} belongs to “{owner}”, which introduces the item; nobody else may state it",
        [*definitions, first], stack, fix=fix, owner=first.layer, path=path,
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
    fix = "did you mean “{near}”? otherwise state {missing}" if near else "state {missing}"
    text = ""
    # A plan file takes away only what others say, no fact that conditions may read, and nothing that binds.
    if (
        one.path[0] != "facts"
        and not on_top(stack, one.path)
        and {d.binding for d in definitions} <= {"", "house"}
    ):
        fix = "did you mean “{near}”? otherwise state {missing}, or leave the item out in {plan}" if near else (
            "state {missing}, or leave the item out in {plan}"
        )  # fmt: skip
        text = paste(one.path, {"remove": "本计划没有此项"})
    return problem_of(
        "Incomplete", "{path} is not complete: nobody states {missing}", definitions, stack,
        at=definitions[0], fix=fix, paste=text, path="/".join(one.path), missing=", ".join(missing), near=near,
    )  # fmt: skip


def not_applied(one: "Said", layer: str, stack: Stack) -> Problem:
    """What a layer says under ``if_present`` of an item that is not there."""
    definitions = [d for d in one.all() if d.layer == layer]
    return problem_of(
        "NotApplied", "what “{layer}” says of {path} is not applied: no other layer has it",
        [d for d in definitions if d.op == "if_present"], stack, at=definitions[0], path="/".join(one.path), layer=layer,
    )  # fmt: skip


def unknown_removal(gone: Definition, stack: Stack) -> Problem:
    """A removal of something that nobody states."""
    known = {d.item[-1] for layer in stack.layers for d in layer.definitions
             if d.item[:-1] == gone.item[:-1] and d.item != gone.item and d.op == "set"}  # fmt: skip
    near = nearest(gone.item[-1], known)
    return problem_of(
        "UnknownRemoval", "{path} is removed, but no layer has it", [gone], stack, at=gone,
        fix="did you mean “{near}”?" if near else "leave the removal out", near=near,
    )  # fmt: skip


def idle_restore(back: Definition, stack: Stack) -> Problem:
    """A restore of something that nobody removed."""
    return problem_of(
        "IdleRestore", "{path} is restored, but no layer below removes it", [back], stack, at=back,
        fix="leave the restore out",
    )  # fmt: skip


def removed_yet_changed(
    path: Path, standing: Sequence[Definition], change: Definition, stack: Stack
) -> Problem:
    """An item is removed by one layer and spoken of by another that the removal does not beat."""
    reason = standing[0].reason
    return problem_of(
        "RemovedYetChanged", "{path} is removed by one layer, and another speaks of it ({change})",
        [*standing, change], stack, path="/".join(path), change=change.path,
        fix="restore it in {plan}, or take out what is said of it",
        paste=paste(path, {"restore": f"保留：{reason}"}),
    )  # fmt: skip


def floor_removed(gone: Definition, floors: Sequence[Definition], stack: Stack) -> Problem:
    """A rule that law or the upper union holds is removed."""
    return problem_of(
        "FloorError", "{path} cannot be removed: the law or the upper union requires it", [gone, *floors],
        stack, at=gone, fix="leave the removal out; a waiver with a reason, a name and an end date answers the finding",
        paste=_waiver(gone, stack),
    )  # fmt: skip


def floor_broken(loosen: Definition, floors: Sequence[Definition], stack: Stack) -> Problem:
    """A requirement is loosened below what law or the upper union set."""
    return problem_of(
        "FloorError", "{path} cannot be loosened to {value}: the law or the upper union sets more",
        [loosen, *floors], stack, at=loosen,
        fix="leave the loosening out; a waiver with a reason, a name and an end date answers the finding",
        paste=_waiver(loosen, stack), value=said(loosen.value),
    )  # fmt: skip


def floor_sapped(
    basis: Any, takes: Sequence[Definition], floors: Sequence[Definition], stack: Stack
) -> Problem:
    """A basis on which a rule of law or the upper union rests is taken away."""
    item = takes[0].item
    return problem_of(
        "FloorError", "{element} cannot be taken away from {path}: the law or the upper union rests on it",
        [*takes, *floors], stack, at=takes[0], fix="say in {plan} what holds", element=said(basis),
        paste=paste(item, {"basis": edited(stack, item, "basis", add=[basis])}),
    )  # fmt: skip


def _waiver(instead: Definition, stack: Stack) -> str:
    """The waiver that a plan file may state where it wanted to remove or loosen a rule."""
    plan = stack.layers[-1]
    if plan.kind != "plan" or instead.layer != plan.id:
        return ""  # what another layer loosens is not mended in the plan file
    try:
        until = parse_period(plan.content.period).end.isoformat()
    except DateError:
        until = ""
    waiver = {
        "rule": instead.item[-1],
        "reason": instead.statement.reason,
        "by": "（审批人姓名）",
        "until": until,
    }
    return paste(("waivers",), [waiver])


def idle_loosen(loosen: Definition, stack: Stack) -> Problem:
    """A loosening of something that no layer below requires."""
    return problem_of(
        "IdleLoosen", "{path} is loosened, but no layer below sets it", [loosen], stack, at=loosen,
        fix="leave it out of “loosen”",
    )  # fmt: skip


def no_effect(definition: Definition, lower: Sequence[Definition], floored: bool, stack: Stack) -> Problem:
    """A value that does not tighten what stands below."""
    fix = "write it under “loosen:” with a reason"
    if floored:
        fix = "the law or the upper union sets more; only a waiver answers the finding"
    return problem_of(
        "NoEffect", "{path}: {value} has no effect, a layer below requires as much or more",
        [definition, *lower], stack, at=definition, fix=fix, value=said(definition.value),
    )  # fmt: skip


def unsatisfiable(
    clash: Sequence[Definition], stack: Stack, loosened: tuple[str, Any] | None = None
) -> Problem:
    """Requirements that nothing can meet together.

    Args:
        clash: The least set of them.
        stack: The layers.
        loosened: The parameter that the plan file can loosen, and to what, so that the rest can be met.
    """
    fix, text = "change one of them", ""
    if loosened is not None:
        fix = "change one of them, or loosen the house requirement in {plan} with a reason"
        text = paste(
            clash[0].item,
            {"loosen": {"reason": "与其他规定不能同时满足", loosened[0]: plain_of(loosened[1])}},
        )
    elif clash[0].item[0] == "rules":
        fix = "change one of them; what the law or the upper union sets cannot be loosened"
    return problem_of(
        "Unsatisfiable", "nothing can meet these requirements of {path} together", clash, stack,
        path="/".join(clash[0].item), fix=fix, paste=text,
    )  # fmt: skip


def order_cycles(
    stuck: "Mapping[str, Item]", followers: Mapping[str, set[str]], stack: Stack
) -> list[Problem]:
    """Edges of order that run in a circle: one problem for each set of items that lead to each other."""
    return [
        _order_cycle({name: stuck[name] for name in circle}, stack) for circle in _circles(stuck, followers)
    ]


def _circles(names: Iterable[str], followers: Mapping[str, set[str]]) -> list[list[str]]:
    reach = {name: _reached(name, followers) for name in names}
    circles = {
        frozenset(other for other in reach[n] if n in reach.get(other, ())) for n in names if n in reach[n]
    }
    return sorted(sorted(circle) for circle in circles)


def _order_cycle(circle: "Mapping[str, Item]", stack: Stack) -> Problem:
    path = next(iter(circle.values())).path[:-1]
    edges = [
        (d, other) for layer in stack.layers for d in layer.definitions
        if d.item[:-1] == path and d.item[-1] in circle and d.key in {"after", "before"} and isinstance(d.value, Edit)
        for other in d.value.add if other in circle and other in circle[d.item[-1]].get(d.key)
    ]  # fmt: skip
    edges.sort(key=lambda edge: (stack.rank[edge[0].layer], edge[0].path, edge[1]))
    parties = (party_of(d.statement, f"{d.item[-1]}: {{{d.key}: [{other}]}}") for d, other in edges)
    takes = {
        (*keys, key): edited(stack, tuple(keys), key, take=others)
        for (*keys, key), others in _closing(edges, stack).items()
    }
    problem = problem_of(
        "OrderCycle", "“after” and “before” run in a circle: {members}", [], stack, path="/".join(path),
        fix="take one of these edges away in {plan}", paste=lines(takes), members=", ".join(circle),
    )  # fmt: skip
    return evolve(problem, parties=tuple(dict.fromkeys(parties)))


def _closing(edges: Sequence[tuple[Definition, str]], stack: Stack) -> dict[Path, list[str]]:
    """Path of a field to its edges that close a circle with more specific ones; {} if the plan file's own do."""
    behind: dict[str, set[str]] = {}
    closing: dict[Path, list[str]] = {}
    for d, other in reversed(edges):
        one, after = (other, d.item[-1]) if d.key == "after" else (d.item[-1], other)
        if one in {after, *_reached(after, behind)}:
            if d.layer == stack.layers[-1].id:
                return {}
            closing.setdefault((*d.item, d.key), []).append(other)
        else:
            behind.setdefault(one, set()).add(after)
    return closing


def _reached(start: str, behind: Mapping[str, set[str]]) -> set[str]:
    """What stands behind an item, directly or through others."""
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        new = behind.get(waiting.pop(), set()) - reached
        reached |= new
        waiting += new
    return reached
