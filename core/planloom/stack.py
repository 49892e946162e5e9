"""From layers to a stack: what is named, closed under `extends`, in order of precedence."""

import os
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from attrs import evolve

from planloom.discovery import Library, Offer, offer_of_file
from planloom.layers import ENGINE, KIND_RANK, Kind, LoadedLayer, load_layer
from planloom.source import Source
from planloom_schemas.errors import Location, Msg, Problem, ProfileError, SchemaError
from planloom_schemas.records import frozen

_NOT_THERE = frozenset({"FileNotFound", "IsDirectory", "Unreadable"})


@frozen(kw_only=True, eq=False)
class Stack:
    """The layers that take part, with `extends` closed.

    Args:
        layers: Sorted by kind, then depth, then id: the order of introduction.
        profiles: The selected profiles, sorted.
        directives: The directives named, sorted.
        ancestors: Layer id to the ids it extends, directly or through others.
        below: Layer id to the ids that it beats.
        rank: Layer id to its place in the order of introduction.
    """

    layers: tuple[LoadedLayer, ...]
    profiles: tuple[str, ...] = ()
    directives: tuple[str, ...] = ()
    ancestors: Mapping[str, frozenset[str]]
    below: Mapping[str, frozenset[str]]
    rank: Mapping[str, int]

    def layer(self, name: str) -> LoadedLayer:
        """The layer of an id."""
        return self.layers[self.rank[name]]


def stack_of(
    library: Library, profiles: Sequence[str], directives: Sequence[str], plan: LoadedLayer | None
) -> Stack:
    """Load the layers named and close them under `extends`.

    Raises:
        ProfileError: A layer is unknown, broken, of the wrong kind, or `extends` runs in a circle.
        SchemaError: A layer's file is wrong.
    """
    home = Path(plan.shown).parent if plan and plan.shown else Path()
    found = _Closure(library, home, plan.source if plan else None)
    engine = _engine(load_layer(ENGINE, library.shelf))
    chosen, named = found.take_all(profiles, "profile"), found.take_all(directives, "directive")
    problems = [*found.problems, *_cycles(found.layers), *_shared_prefixes([engine, *found.layers.values()])]
    if engine.id in found.layers:
        problems.append(_named_like_engine(found.layers[engine.id]))
    if plan is not None and plan.id in {engine.id, *found.layers}:
        problems.append(_plan_named_like_layer(plan))
    if problems:
        raise ProfileError(*problems)
    return _stack({engine.id: engine, **found.layers}, chosen, named, plan)


def unfound(source: Source, library: Library) -> Sequence[Problem]:
    """What is wrong with the layers that a plan file names, where it cannot be used itself."""
    found = _Closure(library, Path(source.file).parent, source)
    found.take_all(_names(source, "profiles"), "profile")
    found.take_all(_names(source, "directives"), "directive")
    return found.problems


# One object for one layer in one role, so that what is worked out from it is worked out once.


@lru_cache(maxsize=8)
def _engine(layer: LoadedLayer) -> LoadedLayer:
    return evolve(layer, kind="engine")


@lru_cache(maxsize=64)
def _trusted(layer: LoadedLayer) -> LoadedLayer:
    return evolve(layer, trusted=True)


def _stack(
    layers: dict[str, LoadedLayer], chosen: list[str], named: list[str], plan: LoadedLayer | None
) -> Stack:
    ancestors = {name: _ancestors(name, layers) for name in layers}
    granted = set(plan.content.grant or ()) if plan else set[str]()
    trusted = granted.union(named, *(ancestors[name] for name in named))
    everyone = [_trusted(layer) if layer.id in trusted else layer for layer in layers.values()]
    depth = {name: _depth(name, layers, {}) for name in layers}
    everyone.sort(key=lambda layer: (KIND_RANK[layer.kind], depth[layer.id], layer.id))
    below = {
        layer.id: ancestors[layer.id]
        | {other.id for other in everyone if KIND_RANK[other.kind] < KIND_RANK[layer.kind]}
        for layer in everyone
    }
    if plan is not None:
        below[plan.id] = frozenset(layers)
        ancestors[plan.id] = frozenset()
        everyone.append(plan)
    return Stack(
        layers=tuple(everyone), profiles=tuple(chosen), directives=tuple(named), ancestors=ancestors, below=below,
        rank={layer.id: place for place, layer in enumerate(everyone)},
    )  # fmt: skip


class _Closure:
    """Takes in layers by name or path, with all they extend, and collects what is wrong."""

    def __init__(self, library: Library, home: Path, plan: Source | None) -> None:
        self.library = library
        self.home = home
        self.plan = plan
        self.layers: dict[str, LoadedLayer] = {}
        self.problems: list[Problem] = []

    def take_all(self, names: Sequence[str], kind: Kind) -> list[str]:
        """Take in what is named; the ids of those that could be."""
        return sorted({self.take(name, kind) for name in names} - {""})

    def take(self, name: str, kind: Kind, by: LoadedLayer | None = None) -> str:
        try:
            layer = load_layer(self.offer(name, kind), self.library.shelf)
        except (ProfileError, SchemaError) as error:
            at = self.named_at(name, kind, by)
            self.problems += (_at_name(problem, at) for problem in error.problems)
            return ""
        known = self.layers.get(layer.id)
        if known is not None and known.shown != layer.shown:
            self.problems.append(_two_files(known, layer))
        if layer.kind != kind:
            self.problems.append(_wrong_kind(layer, kind, self.named_at(name, kind, by), by))
        if known is None:
            self.layers[layer.id] = layer
            for parent in layer.extends:
                self.take(parent, layer.kind, layer)
        return layer.id

    def named_at(self, name: str, kind: Kind, by: LoadedLayer | None) -> Location | None:
        """Where a file names a layer; None if only the command line does."""
        source, key = (by.source, "extends") if by else (self.plan, f"{kind}s")
        names = _names(source, key) if source else []
        return source.value_at((key, names.index(name))) if source and name in names else None

    def offer(self, name: str, kind: Kind) -> Offer:
        if kind == "directive" and name not in self.library.layers and _is_path(name):
            file = self.home / name
            if os.path.isdir(file):
                file = file / "layer.yaml"
            folder = file.parent if file.name == "layer.yaml" else None
            offer = offer_of_file(file, folder, strict=True)
            assert offer is not None  # strict raises instead
            return evolve(offer, shown=_without_detours(file).as_posix())
        return self.library.offer(name)


def _without_detours(file: Path) -> Path:
    """The shortest way to write a path, unless a link makes that another file."""
    short = Path(os.path.normpath(file))
    return short if os.path.realpath(short) == os.path.realpath(file) else file


def _is_path(name: str) -> bool:
    return any(sign in name for sign in "/\\.")


def _names(source: Source, key: str) -> list[str]:
    """The layers that the list under a key of a file names, whatever else is wrong with the file."""
    data: Any = source.data
    names = data.get(key)
    return names if isinstance(names, list) and all(isinstance(name, str) for name in names) else []


def _at_name(problem: Problem, at: Location | None) -> Problem:
    # That a layer or its file is not there is a mistake in the file that names it.
    is_elsewhere = problem.location is not None and problem.code not in _NOT_THERE
    return problem if at is None or is_elsewhere else evolve(problem, location=at)


def _two_files(one: LoadedLayer, other: LoadedLayer) -> Problem:
    return Problem(
        code="ProfileClash",
        message="the name “{name}” is offered more than once: {offers}",
        params={"name": one.id, "offers": ", ".join(sorted((one.shown, other.shown)))},
        fix="uninstall or rename all but one",
    )


def _wrong_kind(layer: LoadedLayer, wanted: Kind, at: Location | None, by: LoadedLayer | None) -> Problem:
    message = (
        "“{layer}” is a {is_a}, but “{by}”, which extends it, is a {wanted}" if by
        else "“{layer}” is a {is_a}, not a {wanted}"
    )  # fmt: skip
    return Problem(
        code="WrongKind", message=message,
        params={
            "layer": layer.id, "found": layer.kind, "is_a": Msg(layer.kind), "wanted": wanted,
            "by": by.id if by else "",
        },
        location=at,
        fix="a layer extends only its own kind" if by else "name it under “{found}s:” instead",
    )  # fmt: skip


def _named_like_engine(layer: LoadedLayer) -> Problem:
    return Problem(
        code="ReservedName",
        message="no layer can be called “{name}”: the rules of any plan stand under that name",
        params={"name": layer.id},
        location=layer.source.value_at(("layer",)) if layer.source else None,
        fix="give the layer another name under “layer:”",
    )


def _plan_named_like_layer(plan: LoadedLayer) -> Problem:
    return Problem(
        code="PlanNamedLikeLayer",
        message="the plan is called “{name}”, which is the name of a layer it uses",
        params={"name": plan.id},
        location=plan.source.value_at(("plan",)) if plan.source else None,
        fix="give the plan another name under “plan:”, for example {name}-plan",
    )


def _shared_prefixes(layers: Any) -> Iterator[Problem]:
    by_prefix: dict[str, list[LoadedLayer]] = {}
    for layer in layers:
        if layer.prefix:
            by_prefix.setdefault(layer.prefix, []).append(layer)
    for prefix, sharing in sorted(by_prefix.items()):
        if len(sharing) > 1:
            yield Problem(
                code="SharedPrefix",
                message="the layers {layers} use the same prefix “{prefix}” for their rules",
                params={"layers": ", ".join(sorted(layer.id for layer in sharing)), "prefix": prefix},
                fix="give each layer a prefix of its own",
            )


def _cycles(layers: Mapping[str, LoadedLayer]) -> list[Problem]:
    problems = []
    for name in sorted(layers):
        circle = _circle(name, layers)
        if circle and min(circle) == name:
            source = layers[name].source
            problems.append(
                Problem(
                    code="ExtendsCycle",
                    message="“extends” runs in a circle: {circle}",
                    params={"circle": " → ".join((*circle, name))},
                    location=source.value_at(("extends",)) if source else None,
                    fix="remove one of these “extends”",
                )
            )
    return problems


def _circle(start: str, layers: Mapping[str, LoadedLayer]) -> tuple[str, ...]:
    """The shortest way from a layer back to itself, or ()."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen = {start}
    for way in ways:
        for parent in sorted(layers[way[-1]].extends):
            if parent == start:
                return way
            if parent in layers and parent not in seen:
                seen.add(parent)
                ways.append((*way, parent))
    return ()


def _ancestors(name: str, layers: Mapping[str, LoadedLayer]) -> frozenset[str]:
    found: set[str] = set()
    waiting = list(layers[name].extends)
    while waiting:
        parent = waiting.pop()
        if parent not in found:
            found.add(parent)
            waiting += layers[parent].extends
    return frozenset(found)


def _depth(name: str, layers: Mapping[str, LoadedLayer], known: dict[str, int]) -> int:
    if name not in known:
        known[name] = max((1 + _depth(parent, layers, known) for parent in layers[name].extends), default=0)
    return known[name]
