"""Names that lead nowhere, in words: who uses them, who removed what they lead to, and what to paste."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attrs import evolve

from planloom.definitions import Path
from planloom.pasting import edited, lines, on_top, paste, plain_of
from planloom.quarrels import Cited, problem_of
from planloom.stack import Stack
from planloom_schemas.dates import ActivityRef, On
from planloom_schemas.errors import Problem, nearest
from planloom_schemas.plan import Provenance
from planloom_schemas.records import frozen
from planloom_schemas.rule import Basis
from planloom_schemas.statement import Edit

SETS = frozenset({"tags", "after", "before", "activities", "basis"})
"""Fields that hold a set of names, except where a rule has dates of that name."""


@frozen
class Use:
    """A name that an item uses of another.

    Args:
        item: Path of the item.
        key: The field, or "" for the item as a whole.
        base: Where the name was looked for, ``("activities",)``.
        name: The name.
    """

    item: Path
    key: str
    base: Path
    name: str

    @property
    def target(self) -> Path:
        """Path of what the name leads to."""
        return (*self.base, self.name)

    @property
    def in_set(self) -> bool:
        """Whether the name stands in a set, from which it can be taken."""
        return self.key in SETS and (self.item[0] != "rules" or self.key == "basis")


@frozen(eq=False)
class Whole:
    """The merged items with where everything was said.

    Args:
        items: Path to item (with ``path`` and ``values``).
        provenance: Where each field was said.
        stack: The layers.
    """

    items: Mapping[Path, Any]
    provenance: Mapping[str, Provenance]
    stack: Stack

    def voices(self, path: Path) -> list[Cited]:
        """The statements of a field or an item that hold."""
        return voices_of(self.provenance, path)

    def of_use(self, use: Use) -> list[Cited]:
        """The statements that use a name."""
        voices = self.voices((*use.item, use.key))
        return [
            one for one in voices if _elements(one, use.name) or not isinstance(one.statement.value, Edit)
        ]

    def top(self) -> str:
        """Id of the plan file, or "" if there is none."""
        layer = self.stack.layers[-1]
        return layer.id if layer.kind == "plan" else ""


def voices_of(provenance: Mapping[str, Provenance], path: Path) -> list[Cited]:
    """The statements of a field or an item that hold."""
    name = "/".join(path)
    return [Cited(name, one) for one in provenance.get(name, Provenance()).holds]


def base_of(on: object) -> tuple[str, ...]:
    """The activity that something is dated from, if it is."""
    return (on.base.activity,) if isinstance(on, On) and isinstance(on.base, ActivityRef) else ()


def _elements(voice: Cited, name: str) -> list[Any]:
    """The elements with which a statement adds a name to a set."""
    added = voice.statement.value.add if isinstance(voice.statement.value, Edit) else ()
    return [one for one in added if (one.document if isinstance(one, Basis) else one) == name]


# ---- what nobody has ----


def unknown_reference(use: Use, known: Iterable[str], whole: Whole) -> Problem:
    """A name that no layer has."""
    near = nearest(use.name, {*known} - {use.item[-1] if use.item[:-1] == use.base else ""})
    voices = whole.of_use(use)
    return problem_of(
        "UnknownReference", "{path} names “{name}”, which no layer has under {base}", voices, whole.stack,
        at=voices[-1] if voices else None, path="/".join((*use.item, use.key)),
        fix="did you mean “{near}”?" if near else "declare it under {base}, or leave it out",
        paste=_corrected(use, near, voices, whole), name=use.name, base="/".join(use.base), near=near,
    )  # fmt: skip


def _corrected(use: Use, near: str, voices: Sequence[Cited], whole: Whole) -> str:
    """The line that names what was meant, or nothing, instead."""
    if use.in_set:
        wrong = list(dict.fromkeys(element for voice in voices for element in _elements(voice, use.name)))
        meant = [evolve(one, document=near) if isinstance(one, Basis) else near for one in wrong if near]
        return paste(use.item, {use.key: _without(use, wrong, whole, meant)})
    if use.key == "section":
        return paste(use.item, {"section": near or None})
    if use.key == "on" and near:
        return paste(use.item, {"on": {**plain_of(voices[-1].statement.value), "activity": near}})
    return ""


def _without(use: Use, wrong: Sequence[Any], whole: Whole, add: Sequence[Any] = ()) -> Any:
    """The set without some elements, as the plan file has to state it."""
    said = whole.provenance["/".join((*use.item, use.key))]
    adding = [Cited("", one) for one in (*said.holds, *said.beat)]
    others = any(_elements(one, use.name) for one in adding if one.layer != whole.top())
    return edited(whole.stack, use.item, use.key, add=add, take=wrong if others else (), drop=wrong)


# ---- what was removed ----


def removed_reference(target: Path, uses: Sequence[Use], whole: Whole) -> Problem:
    """Items need what was removed: all of them in one message, which names the removal and its reason."""
    removals = [one for one in whole.voices(target) if one.statement.op == "remove"]
    reason = removals[0].statement.reason
    fix, text = _mended(target, uses, removals, whole)
    users = ", ".join(dict.fromkeys("/".join(use.item) for use in uses))
    return problem_of(
        "RemovedReference", "{gone} is removed ({reason}), and these still need it: {users}",
        [*removals, *(voice for use in uses for voice in whole.of_use(use))], whole.stack, at=removals[0],
        path="/".join(target), fix=fix, paste=text, gone="/".join(target), reason=reason, users=users,
        keys=", ".join(dict.fromkeys(use.key for use in uses)),
    )  # fmt: skip


def _mended(target: Path, uses: Sequence[Use], removals: Sequence[Cited], whole: Whole) -> tuple[str, str]:
    """What to do, and the line for it: the first way that a plan file can go."""
    reason = removals[0].statement.reason
    restore = (
        {} if any(one.layer == whole.top() for one in removals) else {target: {"restore": f"保留：{reason}"}}
    )
    ways = [
        ("restore it in {plan}, or change what needs it", restore),
        ("let them go with it in {plan}, or give each another {keys}", _fallen(uses, reason, whole)),
        ("move them out of it in {plan}, or name another section", _moved(uses)),
        ("take it out of them in {plan}, or leave the removal out", _taken(uses, reason, whole)),
    ]
    if target[0] in {"sections", "activities"}:  # what stands there, or follows from it, goes with it
        ways.append(ways.pop(0))
    stated = next(
        ((fix, said) for fix, said in ways if said), ("change {keys}, or leave the removal out", {})
    )
    return stated[0], lines(stated[1])


def _fallen(uses: Sequence[Use], reason: str, whole: Whole) -> dict[Path, Any]:
    """The removal of everything that needs it, and of what is dated from that; {} if the plan file speaks of it."""
    if not all(use.key in {"section", "on"} for use in uses):
        return {}
    dated: dict[str, list[Path]] = {}
    for path, item in whole.items.items():
        for name in base_of(item.values.get("on")) if path[0] != "rules" else ():
            dated.setdefault(name, []).append(path)
    fallen = list(dict.fromkeys(use.item for use in uses))
    for path in fallen:
        fallen += [one for one in dated.get(path[-1], ()) if path[0] == "activities" and one not in fallen]
    if any(on_top(whole.stack, path) for path in fallen):
        return {}
    return {path: {"remove": reason} for path in fallen}


def _moved(uses: Sequence[Use]) -> dict[Path, Any]:
    """The activities of a section, outside it."""
    return {use.item: {"section": None} for use in uses} if all(use.key == "section" for use in uses) else {}


def _taken(uses: Sequence[Use], reason: str, whole: Whole) -> dict[Path, Any]:
    """The name taken out of every set; house rules that look for it go. {} if it stands elsewhere too."""
    stated: dict[Path, Any] = {}
    for use in uses:
        if use.in_set:
            voices = whole.of_use(use)
            wrong = list(dict.fromkeys(element for voice in voices for element in _elements(voice, use.name)))
            stated[use.item] = {use.key: _without(use, wrong, whole)}
        elif use.item[0] == "rules" and use.key != "when" and _can_go(use.item, whole):
            stated[use.item] = {"remove": reason}
        else:
            return {}
    return stated


def _can_go(rule: Path, whole: Whole) -> bool:
    return whole.items[rule].values["binding"] == "house" and not on_top(whole.stack, rule)
