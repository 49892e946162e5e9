"""The laws of composition (docs/merging.md), each a function that fails where a world breaks it.

`test_laws` runs them on generated worlds; `test_faults` runs them on an engine that was broken on purpose.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from attrs import evolve, frozen

from planloom import merge
from planloom.merge import Item, Resolution
from planloom.origins import Origins
from planloom.source import parse_source
from planloom_schemas.convert import plain
from planloom_schemas.errors import MergeConflictError, Problem
from planloom_schemas.plan import Provenance

from .oracles import (
    JOINS,
    Mistake,
    Path,
    Raw,
    Stmt,
    Verdict,
    added,
    applied,
    as_strict,
    floors,
    judge,
    statements,
    strategy,
    taken,
)
from .strategies import World, put, stack

SETS = {"one_of", "not_in", "allow_empty", "except"}


@frozen
class Outcome:
    """What merging gave: problems, or everything else.

    Args:
        problems: Why it was refused.
        items: Items with their values, origins and ranks, by collection.
        top: Fields of the plan itself.
        provenance: Where everything came from.
        removed: Paths that are gone.
        notes: What is worth saying.
    """

    problems: tuple[Problem, ...] = ()
    items: Mapping[str, tuple[Item, ...]] = {}
    top: Mapping[str, Any] = {}
    provenance: Mapping[str, Provenance] = {}
    removed: frozenset[Path] = frozenset()
    notes: tuple[Problem, ...] = ()

    @property
    def composed(self) -> bool:
        """Whether merging gave something."""
        return not self.problems

    def every(self) -> Iterator[Item]:
        """Every item, measures after their section."""
        for items in self.items.values():
            for item in items:
                yield item
                yield from item.children

    def values(self) -> dict[Path, dict[str, Any]]:
        """Item path to its fields in the form of files."""
        stated = {
            item.path: {key: _plain(key, value) for key, value in item.values.items()}
            for item in self.every()
        }
        return stated | ({(): {key: plain(value) for key, value in self.top.items()}} if self.top else {})

    def order(self) -> dict[Path, tuple[str, ...]]:
        """Items in order, by the path they stand under."""
        order: dict[Path, tuple[str, ...]] = {}
        for item in self.every():
            order[item.path[:-1]] = (*order.get(item.path[:-1], ()), item.id)
        return order

    def conflicts(self) -> set[str]:
        """Paths of fields of which unbeaten definitions differ."""
        return {problem.path for problem in self.problems if problem.code == "ValueConflict"}


def _plain(key: str, value: Any) -> Any:
    return sorted(plain(value), key=str) if key in SETS else plain(value)


def compose(world: World, order: Sequence[str] = ()) -> Outcome:
    """What the engine makes of a world, meeting its layers in an order."""
    return _outcome(lambda: merge.resolve(stack(world, order)))


def _outcome(resolve: Any) -> Outcome:
    try:
        found: Resolution = resolve()
    except MergeConflictError as error:
        return Outcome(problems=error.problems)
    items = {name: line for name, line in found.items.items() if line}
    return Outcome((), items, found.top, found.provenance, found.removed, found.notes)


@lru_cache(maxsize=256)
def verdict(world: World) -> Verdict:
    """What merging must give."""
    return judge(world.layers, world.plan, world.bundled)


# ---- the whole semantics against the oracle: L6, L9 and everything the laws do not name ----


def agrees_with_the_oracle(world: World) -> None:
    """Values, order, owners, removals and notes, or else errors, are those worked out by brute force."""
    found, wanted = compose(world), verdict(world)
    if not found.composed or wanted.errors or wanted.clashes:
        assert _mistakes(found.problems) == wanted.errors
        _same_clashes(found.problems, wanted)
        return
    values = found.values()
    assert values.keys() == wanted.values.keys()
    for path, fields in wanted.values.items():
        got = {key: value for key, value in values[path].items() if key not in {"of", "fix"}}
        want = {key: _plain(key, value) for key, value in fields.items() if key not in {"of", "fix"}}
        assert got == want, "/".join(path)
    assert found.order() == wanted.order
    assert {item.path: frozenset(item.layers) for item in found.every()} == wanted.layers
    assert found.removed == wanted.removed
    assert {_note(problem) for problem in found.notes} == wanted.notes


def _mistakes(problems: Sequence[Problem]) -> frozenset[Mistake]:
    stated = [p for p in problems if p.code != "Unsatisfiable"]
    return frozenset(
        Mistake(p.code, p.path, frozenset(party.layer for party in p.parties if p.code != "OrderCycle"))
        for p in stated
    )


def _same_clashes(problems: Sequence[Problem], wanted: Verdict) -> None:
    named = [
        (p.path, frozenset(party.layer for party in p.parties)) for p in problems if p.code == "Unsatisfiable"
    ]
    for path, layers in named:
        assert any(path == other and layers in least for other, least in wanted.clashes), (path, layers)
    for other, least in wanted.clashes:
        assert any(path == other and layers in least for path, layers in named), other


def _note(problem: Problem) -> tuple[str, str, str]:
    if problem.code == "NotApplied":
        return problem.code, problem.path, str(problem.params["layer"])
    assert problem.location is not None
    return problem.code, problem.path, problem.location.file.removesuffix(".yaml")


# ---- the laws by number ----


def order_means_nothing(world: World, order: Sequence[str]) -> None:
    """L1, L2, L3: in whatever order layers are met, values, errors, provenance and texts are the same."""
    assert compose(world, order) == compose(world)


def memory_means_nothing(world: World) -> None:
    """L1-L4: a plan file over layers that were merged before gives what merging everything afresh gives."""
    met = stack(world)
    _outcome(lambda: merge.resolve(met))
    again, afresh = _outcome(lambda: merge.resolve(met)), _outcome(lambda: merge._Merge(met).run())
    assert _set_of_notes(again) == _set_of_notes(afresh)
    assert evolve(again, notes=()) == evolve(afresh, notes=())


def _set_of_notes(outcome: Outcome) -> set[tuple[object, ...]]:
    return {problem.sort_key() for problem in outcome.notes}


def floors_hold(world: World, name: str, layer: Raw) -> None:
    """L5: whatever layer is added, each law or upper requirement still holds, or composing is refused."""
    more = compose(world.having(name, layer))
    if not more.composed:
        return
    values = more.values()
    for floor in floors(world.layers, world.plan, world.bundled):
        assert floor.item in values, f"{floor.path} is gone"
        if floor.key in JOINS:
            value = values[floor.item][floor.key]
            assert as_strict(JOINS[floor.key], value, floor.value), (floor, value)


def plan_decides(world: World) -> None:
    """L6: a field that the plan file sets has the value of the plan file."""
    found = compose(world)
    values = found.values()
    skipped = {problem.path for problem in found.notes if problem.code == "NotApplied"}
    for said in statements_of(world, world.plan["plan"]):
        plain_set = said.op == "set" and strategy(said.item, said.key) == "one" and found.composed
        if plain_set and not any("/".join(said.item).startswith(path) for path in skipped):
            assert values[said.item][said.key] == said.value, said.path


def statements_of(world: World, *names: str) -> list[Stmt]:
    """What layers of a world say; all of them if none is named."""
    said = [one for name, data in world.layers.items() for one in statements(name, data, plan=False)]
    said += statements(world.plan["plan"], world.plan, plan=True)
    return [one for one in said if not names or one.layer in names]


def touches_what_it_names(world: World, name: str, layer: Raw) -> None:
    """L7: a layer changes only the paths it names, what is computed from them, and the order of siblings."""
    less, more = compose(world), compose(world.having(name, layer))
    if not (less.composed and more.composed):
        return
    said = statements_of(world.having(name, layer), name)
    whole = {one.item for one in said if one.op not in {"set", "loosen"}} | _conditional(world)
    named = {(one.item, one.key) for one in said}
    before, after = less.values(), more.values()
    for path, fields in before.items():
        if any(path[: len(item)] == item for item in whole):
            continue
        assert path in after, "/".join(path)
        computed = {"binding", "grounds"} if any(one.item == path for one in said) else set()
        left = {key for key in fields if (path, key) not in named and key not in computed}
        assert {key: fields[key] for key in left} == {key: after[path][key] for key in left}


def _conditional(world: World) -> set[Path]:
    """Items of which somebody speaks under a condition that a new layer may meet."""
    return {one.item for one in statements_of(world) if one.op == "if_present"}


def newcomers_reshuffle_nothing(world: World, name: str, place: int) -> None:
    """L8: a new item without edges leaves the relative order of the others as it was."""
    less = compose(world)
    sections = list(world.layers[name].get("sections", {}).items())
    sections.insert(place % (len(sections) + 1), ("new", {"title": "新"}))
    more = compose(
        evolve(world, layers={**world.layers, name: {**world.layers[name], "sections": dict(sections)}})
    )
    assert less.composed == more.composed
    order = more.order()
    for base, line in less.order().items():
        assert tuple(one for one in order[base] if one != "new") == line
    assert not more.composed or "new" in order["sections",]


def conflicts_stay(world: World, name: str) -> None:
    """L9: what beats none of the parties to a conflict does not end it; the line to paste does."""
    found = compose(world)
    for problem in found.problems:
        if problem.code != "ValueConflict":
            continue
        stranger = {"planloom": 1, "layer": name, "kind": "profile", "title": name, **_parse(problem.paste)}
        assert problem.path in compose(world.having(name, stranger)).conflicts()
        if not _removes(world.plan, problem.path):
            assert problem.path not in compose(pasted(world, problem)).conflicts()


def _removes(plan: Raw, path: str) -> bool:
    said = statements(plan["plan"], plan, plan=True)
    return any(one.op == "remove" and path.startswith("/".join(one.item)) for one in said)


def pasted(world: World, problem: Problem) -> World:
    """The world with what a problem offers for pasting in its plan file."""
    plan = _copy(world.plan)
    for collection, items in _parse(problem.paste).items():
        for name, said in items.items():
            _put_deep(plan, (collection, name), said)
    return evolve(world, plan=plan)


def _put_deep(data: dict[str, Any], path: Path, said: Any) -> None:
    for key in path[:-1]:
        data = data.setdefault(key, {})
    if isinstance(said, dict) and isinstance(data.get(path[-1]), dict):
        for key, value in said.items():
            _put_deep(data[path[-1]], (key,), value)
    elif isinstance(said, list) and isinstance(data.get(path[-1]), dict | list):
        edit = data[path[-1]]
        removed = [one for one in taken(edit) if one not in said]
        data[path[-1]] = {"add": [*said, *(one for one in added(edit) if one not in said)], "remove": removed}
    else:
        data[path[-1]] = said


def _copy(data: Any) -> Any:
    return {key: _copy(value) for key, value in data.items()} if isinstance(data, Mapping) else data


def _parse(text: str) -> dict[str, Any]:
    data = parse_source(text, "paste.yaml").data
    assert isinstance(data, dict)
    return data


def provenance_is_enough(world: World) -> None:
    """L10: what provenance cites gives the same plan, and cites everything that applies."""
    first = stack(world)
    full = _outcome(lambda: merge.resolve(first))
    if not full.composed:
        return
    assert isinstance(full.provenance, Origins)
    records = full.provenance.records
    cited = {id(one) for holds, beat, _ in records.values() for one in (*holds, *beat)}
    layers = [
        evolve(layer, definitions=tuple(d for d in layer.definitions if id(d) in cited))
        for layer in first.layers
    ]
    again = _outcome(lambda: merge.resolve(evolve(first, layers=tuple(layers))))
    assert (again.items, again.top, again.problems) == (full.items, full.top, ())
    skipped = {(p.path, p.params["layer"]) for p in full.notes if p.code == "NotApplied"}
    for layer in first.layers:
        for one in layer.definitions:
            prefixes = {("/".join(one.item[:size]), layer.id) for size in (2, 4)}
            assert id(one) in cited or one.op == "if_present" or prefixes & skipped, one.path


def removal_can_be_taken_back(world: World, item: Path) -> None:
    """L12: removing twice is removing once, and removing and restoring is neither."""
    said = [one for one in statements_of(world) if one.item[: len(item)] == item]
    known = [one for one in applied(world.layers, world.plan) if one in said and one.op in {"set", "loosen"}]
    elsewhere = any(world.layers.get(one.layer, {}).get("kind") != "profile" for one in said)
    above = [one for one in statements_of(world) if one.item and one.item == item[: len(one.item)]]
    if not known or elsewhere or any(one.op in {"remove", "restore"} for one in above):
        return
    gone = {"planloom": 1, "kind": "directive", "title": "t"}
    put(gone, item, {"remove": "不办"})
    once = world.having("fir", {**gone, "layer": "fir"})
    twice = once.having("gum", {**gone, "layer": "gum", "extends": ["fir"]})
    _equal(compose(once), compose(twice))
    plan = _copy(once.plan)
    put(plan, item, {"restore": "还办"})
    whole = compose(world)
    _equal(whole, compose(evolve(once, plan=plan)))
    if whole.composed and not any(
        one.item == item for one in floors(world.layers, world.plan, world.bundled)
    ):
        removed = compose(once)
        assert item not in removed.values()
        assert not any(problem.code == "RemovedYetChanged" for problem in removed.problems)


def _equal(one: Outcome, other: Outcome) -> None:
    assert one.values() == other.values()
    assert one.order() == other.order()
    assert {(p.code, p.path) for p in one.problems} == {(p.code, p.path) for p in other.problems}
