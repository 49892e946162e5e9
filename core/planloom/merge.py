"""Composition: many definitions become one value each, or a contradiction that names every party.

The order in which layers arrive is consulted nowhere. See docs/merging.md for the rules with examples.
"""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from attrs import evolve, field

from planloom import quarrels
from planloom.definitions import Definition, Path
from planloom.joins import combine, crossings, join_field
from planloom.layers import LoadedLayer
from planloom.origins import Origins, Record
from planloom.references import References
from planloom.stack import Stack
from planloom_schemas.errors import MergeConflictError, Problem
from planloom_schemas.layer import REQUIRED
from planloom_schemas.plan import Entry, Origin
from planloom_schemas.records import frozen
from planloom_schemas.statement import Edit, Strategy

Rank = tuple[int, int]


@frozen
class Item:
    """One item of the merged plan, before facts, calendar and text.

    Args:
        path: E.g. ``("activities", "x")``.
        values: Field (in the words of files) to its one value.
        origin: Where it was introduced.
        layers: The layers that state anything under it, in order of introduction.
        rank: Place of the introducing layer, and of the item in it.
        entries: For rules: parameter to what each layer said of it.
        children: Measures of a section, in order.
    """

    path: Path
    values: Mapping[str, Any]
    origin: Origin
    layers: tuple[str, ...]
    rank: Rank
    entries: Mapping[str, tuple[Entry, ...]] = field(factory=dict)
    children: tuple["Item", ...] = ()

    # What is worked out from an item is remembered by the item itself: values need not be hashable.
    __hash__ = object.__hash__

    @property
    def id(self) -> str:
        """The key of the item."""
        return self.path[-1]

    def get(self, key: str, default: Any = None) -> Any:
        """The value of a field, or what to take where nothing was said."""
        return self.values.get(key, default)


@frozen
class Resolution:
    """What merging gives: items by collection, in print order, and where everything came from."""

    stack: Stack
    items: Mapping[str, tuple[Item, ...]]
    drafts: Mapping[Path, Item]
    top: Mapping[str, Any]
    provenance: Origins
    removed: frozenset[Path]
    notes: tuple[Problem, ...]


class Said:
    """Everything said under one item, and not under an item inside it."""

    __slots__ = ("fields", "layers", "notes", "path")

    def __init__(self, path: Path) -> None:
        self.path = path
        self.fields: dict[str, list[Definition]] = {}
        self.notes: list[Definition] = []
        self.layers: dict[str, None] = {}
        """The layers that say something of a field."""

    def __bool__(self) -> bool:
        return bool(self.fields or self.notes)

    def add(self, definition: Definition) -> None:
        """File a definition."""
        if definition.key:
            self.fields.setdefault(definition.key, []).append(definition)
            self.layers[definition.layer] = None
        else:
            self.notes.append(definition)

    def all(self) -> Iterator[Definition]:
        """Every definition, of fields and of existence."""
        for definitions in self.fields.values():
            yield from definitions
        yield from self.notes

    def ops(self, op: str) -> list[Definition]:
        """The definitions of one operation on the item as a whole."""
        return [definition for definition in self.notes if definition.op == op]

    def without(self, layers: set[str]) -> "Said":
        """The same without what some layers say."""
        left = Said(self.path)
        for definition in self.all():
            if definition.layer not in layers:
                left.add(definition)
        return left


def resolve(stack: Stack) -> Resolution:
    """Merge the layers of a stack.

    What the layers under a plan file make is worked out once; a plan file changes only items it speaks of.

    Raises:
        MergeConflictError: With every contradiction of the stratum it found them in.
    """
    if stack.layers[-1].kind == "plan":
        try:
            return _Merge(stack).over(_ground(_Ground(stack)))
        except MergeConflictError:
            pass  # said in full below, with everything in sight
    return _Merge(stack).run()


class _Ground:
    """A stack without its plan file, equal to another of the same layers: under it the work is remembered."""

    __slots__ = ("layers", "stack")

    def __init__(self, stack: Stack) -> None:
        self.stack = evolve(stack, layers=stack.layers[:-1])
        self.layers = self.stack.layers

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Ground) and self.layers == other.layers

    def __hash__(self) -> int:
        return hash(self.layers)


@lru_cache(maxsize=16)
def _ground(key: _Ground) -> Resolution:
    return _Merge(key.stack).run()


class _Merge:
    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.below = stack.below
        self.problems: list[Problem] = []
        self.notes: list[Problem] = []
        self.records: dict[str, Record] = {}
        self.removed: set[Path] = set()

    def beats(self, one: Definition, other: Definition) -> bool:
        return other.layer in self.below[one.layer]

    def maximal(self, definitions: Sequence[Definition]) -> Sequence[Definition]:
        """Those that none of the others beats."""
        if len(definitions) == 1:
            return definitions
        beaten: set[str] = set()
        for definition in definitions:
            beaten |= self.below[definition.layer]
        return [definition for definition in definitions if definition.layer not in beaten]

    # ---- strata: existence and fields, then references, then order ----

    def run(self) -> Resolution:
        said = self.existing(_collect(self.stack.layers))
        drafts = {path: self.item(one) for path, one in said.items() if path and one}
        top = self.fields(said[()])[0] if () in said else {}
        self.stop()
        origins = Origins(self.records, self.stack.rank)
        self.problems += References(drafts, self.removed, origins, self.stack).problems()
        items = self.ordered(drafts)
        self.stop()
        return Resolution(self.stack, items, drafts, top, origins, frozenset(self.removed), tuple(self.notes))

    def over(self, ground: Resolution) -> Resolution:
        """The same as `run`, reusing whatever the plan file does not speak of."""
        # In the order written, not a set: what is merged first stands first in provenance.
        touched = dict.fromkeys(definition.item[:2] for definition in self.stack.layers[-1].definitions)
        said = self.existing(_collect(self.stack.layers, touched))
        changed = {path: self.item(one) for path, one in said.items() if path and one}
        top = self.fields(said[()])[0] if () in said else ground.top
        self.stop()
        drafts = {path: item for path, item in ground.drafts.items() if path[:2] not in touched} | changed
        removed = {path for path in ground.removed if path[:2] not in touched} | self.removed
        gone = removed - ground.removed or ground.drafts.keys() - drafts.keys()
        records = {**ground.provenance.without(removed - ground.removed), **self.records}
        origins = Origins(records, self.stack.rank)
        self.problems += References(drafts, removed, origins, self.stack).problems(None if gone else changed)
        again = dict.fromkeys(path[0] for path in touched if path)
        lines = self.ordered({path: item for path, item in drafts.items() if path[0] in again})
        items = {**ground.items, **{name: lines.get(name, ()) for name in again}}
        self.stop()
        notes = [note for note in ground.notes if tuple(note.path.split("/")[:2]) not in touched]
        return Resolution(
            self.stack, items, drafts, top, origins, frozenset(removed), (*notes, *self.notes)
        )  # fmt: skip

    def stop(self) -> None:
        if self.problems:
            raise MergeConflictError(*self.problems)

    # ---- existence ----

    def existing(self, said: dict[Path, Said]) -> dict[Path, Said]:
        """The items that exist: without what does not apply and what was removed."""
        said = self.applicable(said)
        inner = _inner(said)
        kept: dict[Path, Said] = {}
        for path, one in said.items():
            if len(path) > 2 and path[:2] not in kept:
                continue  # its section is gone
            if path and self.is_removed(one, inner[path], said.get(path[:2])):
                self.forget(path, one, inner[path])
            else:
                kept[path] = one
                self.complete(one, said)
        return kept

    def applicable(self, said: dict[Path, Said]) -> dict[Path, Said]:
        """What is said once every `if_present` is settled, sections before their measures."""
        left: dict[Path, Said] = {path: said[path] for path in sorted(said, key=len)}
        inner = _inner(left)
        for path in left:
            conditional = {definition.layer for definition in left[path].ops("if_present")}
            firm = left[path].without(conditional) if conditional else left[path]
            if not conditional or _is_complete(firm):
                continue
            self.notes += (
                quarrels.not_applied(left[path], layer, self.stack) for layer in sorted(conditional)
            )
            left[path] = firm
            for child in inner[path]:
                left[child.path] = left[child.path].without(conditional)
        inner = _inner(left)
        return {path: one for path, one in left.items() if one or any(inner[path])}

    def standing(self, one: Said) -> list[Definition]:
        """The removals that no restore beats."""
        restores = one.ops("restore")
        return [gone for gone in one.ops("remove") if not any(self.beats(back, gone) for back in restores)]

    def is_removed(self, one: Said, inner: Sequence[Said], around: Said | None) -> bool:
        removals, restores = one.ops("remove"), one.ops("restore")
        if not removals and not restores:
            return False
        standing = self.standing(one)
        said = [d for said in (one, *inner) for d in said.all() if d.op not in {"remove", "if_present"}]
        if not any(d.op in {"set", "loosen"} for d in said):
            self.problems += (quarrels.unknown_removal(gone, self.stack) for gone in removals)
            self.problems += (quarrels.idle_restore(back, self.stack) for back in restores if not removals)
            return True
        lifted = [*removals, *(around.ops("remove") if around else ())]  # a section goes with its measures
        for back in restores:
            if not any(self.beats(back, gone) or not self.comparable(back, gone) for gone in lifted):
                self.problems.append(quarrels.idle_restore(back, self.stack))
        if standing and one.path[0] == "rules" and self.has_floor(one, standing):
            return False
        for definition in said:
            if standing and not any(self.beats(gone, definition) for gone in standing):
                self.problems.append(quarrels.removed_yet_changed(one.path, standing, definition, self.stack))
        return bool(standing)

    def comparable(self, one: Definition, other: Definition) -> bool:
        return self.beats(one, other) or self.beats(other, one) or one.layer == other.layer

    def has_floor(self, one: Said, standing: Sequence[Definition]) -> bool:
        """Whether law or the upper union holds a rule that somebody wants to remove."""
        floors = list({d.layer: d for d in one.all() if d.key and self.binding(d) != "house"}.values())
        for gone in standing if floors else ():
            self.problems.append(quarrels.floor_removed(gone, floors, self.stack))
        return bool(floors)

    def forget(self, path: Path, one: Said, inner: Sequence[Said]) -> None:
        self.removed.add(path)
        self.removed.update(child.path for child in inner)
        removals = [*one.ops("remove"), *one.ops("restore")]
        beat = [d for said in (one, *inner) for d in said.all() if d not in removals]
        self.record("/".join(path), removals, beat, "removed")

    def complete(self, one: Said, said: Mapping[Path, Said]) -> None:
        if one.path and _missing(one):
            self.problems.append(quarrels.incomplete(one, _missing(one), said, self.stack))

    # ---- fields ----

    def item(self, one: Said) -> Item:
        layers = sorted(one.layers, key=self.stack.rank.__getitem__)
        first = min(_introducing(one), key=self.rank)
        values, entries = self.fields(one, first)
        path = "/".join(one.path)
        existence = [first, *one.ops("remove"), *one.ops("restore")]
        self.record(path, existence, (), "restored" if one.ops("remove") else "introduced")
        return Item(one.path, values, first.origin, tuple(layers), self.rank(first), entries)

    def rank(self, definition: Definition) -> Rank:
        return self.stack.rank[definition.layer], definition.ordinal

    def fields(
        self, one: Said, first: Definition | None = None
    ) -> tuple[dict[str, Any], dict[str, tuple[Entry, ...]]]:
        values: dict[str, Any] = {}
        entries: dict[str, tuple[Entry, ...]] = {}
        held: dict[str, Sequence[Definition]] = {}
        for key, definitions in one.fields.items():
            strategy = definitions[0].strategy
            if strategy is Strategy.ONE:
                values[key] = self.one(definitions)
            elif strategy is Strategy.UNION:
                values[key] = self.union(definitions)
            elif strategy is Strategy.FIXED:
                values[key] = self.fixed(definitions, first)
            elif strategy is Strategy.LOCAL:
                self.record(definitions[0].path, definitions, (), "joined" if definitions[1:] else "only")
            else:
                values[key], held[key] = self.joined(definitions)
                entries[key] = tuple(
                    Entry(value=d.value, binding=self.binding(d), origin=d.origin) for d in held[key]
                )
        self.problems += crossings(held, self.binding, self.stack)
        if first is not None and first.item[0] == "rules":
            self.house_words(one, first)
            values["binding"] = self.strongest(one)
            values["grounds"] = self.grounds(one, first, values)
        return values, entries

    def one(self, definitions: Sequence[Definition]) -> Any:
        if len(definitions) == 1:
            self.record(definitions[0].path, definitions, (), "only")
            return definitions[0].value
        top = self.maximal(definitions)
        value = top[0].value
        if not all(_same(other.value, value) for other in top[1:]):
            self.problems.append(quarrels.value_conflict(top, self.stack))
        why = "agreed" if len(top) == len(definitions) else "more-specific"
        self.record(definitions[0].path, top, _others(definitions, top), why)
        return value

    def union(self, definitions: Sequence[Definition]) -> tuple[Any, ...]:
        if len(definitions) == 1 and not definitions[0].value.take:
            self.record(definitions[0].path, definitions, (), "only")
            return tuple(dict.fromkeys(definitions[0].value.add))
        kept: list[tuple[Rank, int, Any]] = []
        holds: dict[Definition, None] = {}
        contested: dict[Any, Sequence[Definition]] = {}
        for element in _elements(definitions):
            adds = [d for d in definitions if element in d.value.add]
            takes = [d for d in definitions if element in d.value.take]
            top = self.maximal([*adds, *takes])
            if not adds:
                self.problems += (
                    quarrels.unknown_element(d, element, definitions, self.stack) for d in takes
                )
            elif any(d in adds for d in top) and any(d in takes for d in top):
                contested[element] = top
            elif top[0] in adds:
                early = min(adds, key=self.rank)
                kept.append((self.rank(early), early.value.add.index(element), element))
            holds |= dict.fromkeys(top)
        if contested:
            self.problems.append(quarrels.element_conflict(contested, self.stack))
        standing = [d for d in definitions if d in holds]
        self.record(definitions[0].path, standing, _others(definitions, standing), "joined")
        return tuple(element for *_, element in sorted(kept, key=lambda entry: entry[:2]))

    def fixed(self, definitions: Sequence[Definition], first: Definition | None) -> Any:
        holder = next((d for d in definitions if first is None or d.layer == first.layer), definitions[0])
        holds = [d for d in definitions if d is holder or self.repeats(d, holder)]
        if first is not None and (holder.layer != first.layer or len(holds) < len(definitions)):
            self.problems.append(quarrels.redefined(definitions, first, self.stack))
        why = "agreed" if holds[1:] else "only"
        self.record(definitions[0].path, holds, _others(definitions, holds), why)
        return holder.value

    def repeats(self, one: Definition, holder: Definition) -> bool:
        """Whether a definition says again what a layer that its own layer extends has fixed."""
        return holder.layer in self.stack.ancestors.get(one.layer, ()) and _same(one.value, holder.value)

    def joined(self, definitions: Sequence[Definition]) -> tuple[Any, Sequence[Definition]]:
        if len(definitions) == 1 and definitions[0].op != "loosen":
            holds = definitions
            why = "default" if definitions[0].op == "default" else "only"
            self.record(definitions[0].path, definitions, (), why)
        else:
            holds, problems, notes = join_field(definitions, self.beats, self.binding, self.stack)
            self.problems += problems
            self.notes += notes
            self.record(definitions[0].path, holds, _others(definitions, holds), "joined")
        return combine(holds), holds

    # ---- rules ----

    def binding(self, definition: Definition) -> str:
        """What a layer binds a rule with, after asking whether it may."""
        if definition.binding in {"law", "upper"} and not self.stack.layer(definition.layer).trusted:
            return "house"
        return definition.binding

    def strongest(self, one: Said) -> str:
        said = {self.binding(d) for d in one.all()}
        return next(binding for binding in ("law", "upper", "house") if binding in said | {"house"})

    def house_words(self, one: Said, first: Definition) -> None:
        """Only a house rule may be reworded by others than the layer that introduces it."""
        if self.strongest(one) == "house":
            return
        for key, definitions in one.fields.items():
            if key.startswith("words/"):
                self.floored_word(definitions)
            worded = key in {"title", "help"} or key.startswith("messages/")
            if worded and any(d.layer != first.layer for d in definitions):
                self.problems.append(quarrels.redefined(definitions, first, self.stack))

    def floored_word(self, definitions: Sequence[Definition]) -> None:
        """What law or the upper union wants a word replaced by, nobody further down may change."""
        floors = [d for d in definitions if self.binding(d) != "house"]
        for one in definitions:
            broken = [d for d in floors if self.beats(one, d) and not _same(one.value, d.value)]
            if broken:
                self.problems.append(quarrels.floor_broken(one, broken, self.stack))

    def grounds(self, one: Said, first: Definition, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """The bases that carry a rule: of one that law or the upper union holds, only theirs and the first layer's."""
        basis: tuple[Any, ...] = values.get("basis", ())
        if values["binding"] == "house":
            return basis
        definitions = one.fields.get("basis", ())
        carrying = [d for d in definitions if d.layer == first.layer or self.binding(d) != "house"]
        if len(carrying) == len(definitions):
            return basis
        own = [e for e in _elements(carrying) if all(e in d.value.add for d in self.top_of(e, carrying))]
        for element in own:
            top = self.top_of(element, definitions)
            if not any(element in d.value.add for d in top):
                floors = [d for d in carrying if element in d.value.add]
                self.problems.append(quarrels.floor_sapped(element, top, floors, self.stack))
        return tuple(element for element in basis if element in own)

    def top_of(self, element: Any, definitions: Sequence[Definition]) -> Sequence[Definition]:
        """The unbeaten definitions of a set that speak of one element."""
        return self.maximal([d for d in definitions if element in d.value.add or element in d.value.take])

    # ---- order ----

    def ordered(self, drafts: Mapping[Path, Item]) -> dict[str, tuple[Item, ...]]:
        groups: dict[Path, list[Item]] = defaultdict(list)
        for path, item in drafts.items():
            groups[path[:-1]].append(item)
        done: dict[Path, tuple[Item, ...]] = {base: self.line(items) for base, items in groups.items()}
        sections = tuple(
            self.with_measures(s, done.get((*s.path, "measures"), ())) for s in done.get(("sections",), ())
        )
        plain = {base[0]: items for base, items in done.items() if len(base) == 1}
        return {**plain, "sections": sections}

    def with_measures(self, section: Item, measures: tuple[Item, ...]) -> Item:
        layers = {*section.layers, *(layer for measure in measures for layer in measure.layers)}
        return evolve(
            section, layers=tuple(sorted(layers, key=self.stack.rank.__getitem__)), children=measures
        )

    def line(self, items: Iterable[Item]) -> tuple[Item, ...]:
        """The least order that respects every edge; ties go to what was introduced first."""
        by_id = {item.id: item for item in sorted(items, key=lambda item: item.rank)}
        followers: dict[str, set[str]] = {name: set() for name in by_id}
        for name, item in by_id.items():
            for other in _edges(item, "after"):
                if other in by_id:
                    followers[other].add(name)
            for other in _edges(item, "before"):
                if other in by_id:
                    followers[name].add(other)
        waits = dict.fromkeys(by_id, 0)
        for name in followers:
            for other in followers[name]:
                waits[other] += 1
        ready = [(by_id[name].rank, name) for name, count in waits.items() if not count]
        heapq.heapify(ready)
        line: list[Item] = []
        while ready:
            _, name = heapq.heappop(ready)
            line.append(by_id[name])
            for other in sorted(followers[name]):
                waits[other] -= 1
                if not waits[other]:
                    heapq.heappush(ready, (by_id[other].rank, other))
        if len(line) < len(by_id):
            stuck = {name: by_id[name] for name, count in waits.items() if count}
            self.problems += quarrels.order_cycles(stuck, followers, self.stack)
        return tuple(line)

    # ---- provenance ----

    def record(self, path: str, holds: Sequence[Definition], beat: Sequence[Definition], why: str) -> None:
        self.records[path] = holds, beat, why


def _collect(layers: Sequence[LoadedLayer], roots: Iterable[Path] | None = None) -> dict[Path, Said]:
    """What is said of each item; only of some items and what lies in them, if ``roots`` names them."""
    said: dict[Path, Said] = {}
    for layer in layers:
        by_root = _by_root(layer)
        for root in by_root if roots is None else roots:
            for definition in by_root.get(root, ()):
                one = said.get(definition.item)
                if one is None:
                    if len(definition.item) > 2 and root not in said:
                        said[root] = Said(root)
                    one = said[definition.item] = Said(definition.item)
                one.add(definition)
    return said


@lru_cache(maxsize=256)
def _by_root(layer: LoadedLayer) -> Mapping[Path, Sequence[Definition]]:
    """The definitions of a layer by the item they speak of, or by the section it lies in."""
    found: dict[Path, list[Definition]] = {}
    for definition in layer.definitions:
        found.setdefault(definition.item[:2], []).append(definition)
    return found


def _inner(said: Mapping[Path, Said]) -> defaultdict[Path, list[Said]]:
    """Section to what is said of its measures."""
    inner: defaultdict[Path, list[Said]] = defaultdict(list)
    for path, one in said.items():
        if len(path) > 2:
            inner[path[:2]].append(one)
    return inner


def collection_of(path: Path) -> str:
    """The collection that an item stands in: ``measures``, ``activities`` …."""
    return path[-2]


def _missing(one: Said) -> tuple[str, ...]:
    return tuple(key for key in REQUIRED.get(collection_of(one.path), ()) if key not in one.fields)


def _is_complete(one: Said) -> bool:
    return bool(one.fields) and not _missing(one)


def _introducing(one: Said) -> list[Definition]:
    required = REQUIRED.get(collection_of(one.path), ())
    stating = [d for key in required for d in one.fields.get(key, ()) if d.op == "set"]
    return stating or list(one.all())


def _others(definitions: Sequence[Definition], top: Sequence[Definition]) -> Sequence[Definition]:
    return [] if len(top) == len(definitions) else [d for d in definitions if d not in top]


def _edges(item: Item, key: str) -> Sequence[str]:
    """Ids that a section or measure stands after or before; a rule's words of that name are dates."""
    edges: Sequence[str] = item.get(key, ()) if item.path[0] == "sections" else ()
    return edges


def _same(one: Any, other: Any) -> bool:
    """Whether two values are one; to Python, true is 1."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _elements(definitions: Sequence[Definition]) -> list[Any]:
    edits: Iterable[Edit] = (definition.value for definition in definitions)
    return list(dict.fromkeys(element for edit in edits for element in (*edit.add, *edit.take)))
