"""What merging must give, worked out a second time: by brute force, from the raw layers, without the engine.

Nothing here imports planloom. The tables say again which field merges how; `extends` is closed by a
boolean matrix; MAX is found by comparing every pair, orders by trying every permutation, clashes by trying
every subset.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations, permutations
from typing import Any, NamedTuple

from attrs import field, frozen

Path = tuple[str, ...]
Raw = Mapping[str, Any]

# ---- the contract, once more ----

FIXED = {
    "facts": {"type", "default"},
    "rules": {"kind", "slug", "of", "first", "then", "if", "field", "by", "against", "every", "per", "unit",
              "scope", "when", "fix"},
}  # fmt: skip
UNION = {"words", "tags", "after", "before", "basis", "aliases"}
JOINS = {
    "at_least": "max", "at_most": "min", "min": "max", "max": "min", "min_length": "max", "max_length": "min",
    "gap": "max", "one_of": "intersection", "not_in": "union", "must_not": "union",
    "allow_empty": "intersection",
    "except": "intersection", "required": "or", "forbidden": "or", "severity": "severity", "type": "agree",
    "equals": "agree",
}  # fmt: skip
REQUIRED = {
    "facts": ("type",), "documents": ("title",), "budget": ("title", "amount"), "sections": ("title",),
    "measures": ("text",), "activities": ("title", "on"), "rules": ("kind", "title"),
}  # fmt: skip
SEVERITIES = ("advice", "warn", "error")
UNSAID = {"severity": "warn", "allow_empty": [], "except": []}
TAKES = {"coverage": {"allow_empty"}, "wording": {"except"}}
KINDS = ("profile", "directive", "plan")


def strategy(item: Path, key: str) -> str:
    """How a field of an item merges."""
    collection = item[-2] if item else ""
    if key in FIXED.get(collection, ()):
        return "fixed"
    if collection == "rules" and key == "binding":
        return "binding"
    if collection in {"rules", "facts"} and key in JOINS:
        return "join"
    if (collection == "measures" and key == "activities") or (key in UNION):
        return "union"
    return "one"


# ---- what layers say ----


class Stmt(NamedTuple):
    """One statement of one layer: ``op`` is set, loosen, remove, restore or if_present."""

    layer: str
    item: Path
    key: str
    op: str
    value: Any
    ordinal: int
    binding: str = "house"
    unwritten: bool = False

    @property
    def path(self) -> str:
        """The path as people write it."""
        return "/".join((*self.item, self.key) if self.key else self.item)


def statements(layer: str, data: Raw, plan: bool) -> Iterator[Stmt]:
    """Everything a raw layer says."""
    if "heading" in data:
        yield Stmt(layer, (), "heading", "set", data["heading"], 0)
    for name in ("facts", "tags", "documents", "festivals", "budget", "sections", "activities", "rules"):
        for ordinal, (key, said) in enumerate(data.get(name, {}).items()):
            if name == "festivals":
                said = {"on": said}
            elif name == "facts" and plan and not isinstance(said, Mapping):
                said = {"value": said}
            yield from _of_item(layer, (name, key), said, ordinal)


def _of_item(layer: str, item: Path, said: Raw, ordinal: int) -> Iterator[Stmt]:
    binding = said.get("binding", "house") if item[0] == "rules" else "house"
    for key, value in said.items():
        if key in {"remove", "restore"} or (key == "if_present" and value):
            yield Stmt(layer, item, "", key, value, ordinal, binding)
        elif key == "if_present":
            continue
        elif key == "loosen":
            for parameter, loosened in value.items():
                if parameter != "reason":
                    yield Stmt(layer, item, parameter, "loosen", loosened, ordinal, binding)
        elif key == "measures":
            for place, (name, measure) in enumerate(value.items()):
                yield from _of_item(layer, (*item, "measures", name), measure, place)
        elif key == "messages" or (item[0] == "rules" and key == "words"):
            for word, text in value.items():
                yield Stmt(layer, item, f"{key}/{word}", "set", text, ordinal, binding)
        else:
            yield Stmt(layer, item, key, "set", _canonical(key, value), ordinal, binding)
    if item[0] == "rules" and "kind" in said:
        for key, value in UNSAID.items():
            if key not in said and key in {"severity", *TAKES.get(said["kind"], ())}:
                yield Stmt(layer, item, key, "set", value, ordinal, binding, unwritten=True)


def _canonical(key: str, value: Any) -> Any:
    if key == "owner" and isinstance(value, str):
        return [value]
    if key == "budget" and isinstance(value, int):
        return {"amount": value}
    return value


class Ladder:
    """Who beats whom, and in which order layers introduce.

    Args:
        layers: Layer id to raw layer (profiles and directives).
        plan: The raw plan file.
    """

    def __init__(self, layers: Mapping[str, Raw], plan: Raw) -> None:
        self.kind = {name: data["kind"] for name, data in layers.items()} | {plan["plan"]: "plan"}
        self.names = sorted(self.kind)
        parents = {name: set(data.get("extends", ())) for name, data in layers.items()}
        size = len(self.names)
        step = [[other in parents.get(one, ()) for other in self.names] for one in self.names]
        power, self.chain = step, dict.fromkeys(self.names, 0)
        reach = [row[:] for row in step]
        for length in range(1, size + 1):
            for i, name in enumerate(self.names):
                if any(power[i]):
                    self.chain[name] = length
            reach = [[reach[i][j] or power[i][j] for j in range(size)] for i in range(size)]
            power = [
                [any(power[i][k] and step[k][j] for k in range(size)) for j in range(size)]
                for i in range(size)
            ]
        self.above = {
            (one, other): KINDS.index(self.kind[one]) > KINDS.index(self.kind[other])
            or (self.kind[one] == self.kind[other] and reach[i][j])
            for i, one in enumerate(self.names)
            for j, other in enumerate(self.names)
        }

    def beats(self, one: Stmt, other: Stmt) -> bool:
        """Whether one statement is more specific than another."""
        return self.above[one.layer, other.layer]

    def top(self, said: Sequence[Stmt]) -> list[Stmt]:
        """MAX: those that none beats."""
        return [one for one in said if not any(self.beats(other, one) for other in said)]

    def rank(self, said: Stmt) -> tuple[int, int, str, int]:
        """Where a statement introduces."""
        return KINDS.index(self.kind[said.layer]), self.chain[said.layer], said.layer, said.ordinal

    def closure(self, name: str) -> set[str]:
        """A layer and all that it extends."""
        same = {other for other in self.names if self.kind[other] == self.kind[name]}
        return {name} | {other for other in same if self.above[name, other]}


# ---- the verdict ----


class Mistake(NamedTuple):
    """An error: its code, its path, and the layers it names."""

    code: str
    path: str
    layers: frozenset[str]


def mistake(code: str, path: str, said: Iterable[Stmt]) -> Mistake:
    """An error that names the layers of some statements."""
    return Mistake(code, path, frozenset(one.layer for one in said))


@frozen
class Verdict:
    """What merging must give.

    Args:
        errors: Every error but clashes of requirements, of the first stratum that has any.
        clashes: Path and the layer sets of which an error may name one, for each clash of requirements.
        values: Item path to field to value.
        order: Items in order, by the path they stand under.
        layers: Item path to the layers that state anything under it.
        removed: Paths that are gone.
        notes: Code, path and layer of every note.
    """

    errors: frozenset[Mistake] = frozenset()
    clashes: tuple[tuple[str, frozenset[frozenset[str]]], ...] = ()
    values: Mapping[Path, Mapping[str, Any]] = field(factory=dict)
    order: Mapping[Path, tuple[str, ...]] = field(factory=dict)
    layers: Mapping[Path, frozenset[str]] = field(factory=dict)
    removed: frozenset[Path] = frozenset()
    notes: frozenset[tuple[str, str, str]] = frozenset()


def judge(layers: Mapping[str, Raw], plan: Raw, bundled: Iterable[str] = ()) -> Verdict:
    """The verdict on a set of raw layers and a plan file.

    Args:
        layers: Those that take part.
        plan: The plan file.
        bundled: Layers that may speak for law and upper union without being asked.
    """
    return _Judge(layers, plan, bundled).verdict()


def applied(layers: Mapping[str, Raw], plan: Raw) -> list[Stmt]:
    """Every statement that applies: without what stands under an `if_present` that is not met."""
    judge = _Judge(layers, plan, ())
    judge.settle_conditions()
    return judge.said


def floors(layers: Mapping[str, Raw], plan: Raw, bundled: Iterable[str] = ()) -> list[Stmt]:
    """The statements about rules that law or the upper union makes, as far as they apply."""
    judge = _Judge(layers, plan, bundled)
    return [one for one in applied(layers, plan) if one.item[:1] == ("rules",) and judge.bound(one)]


class _Judge:
    def __init__(self, layers: Mapping[str, Raw], plan: Raw, bundled: Iterable[str]) -> None:
        self.ladder = Ladder(layers, plan)
        self.trusted = {*bundled, *plan.get("grant", ())}
        for name in plan.get("directives", ()):
            self.trusted |= self.ladder.closure(name)
        said = [one for name, data in layers.items() for one in statements(name, data, plan=False)]
        self.said = [*said, *statements(plan["plan"], plan, plan=True)]
        self.errors: set[Mistake] = set()
        self.clashes: list[tuple[str, frozenset[frozenset[str]]]] = []
        self.notes: set[tuple[str, str, str]] = set()
        self.removed: set[Path] = set()

    def verdict(self) -> Verdict:
        self.settle_conditions()
        items = self.existing()
        values = {item: self.fields(item, self.of(item)) for item in items if self.of(item)}
        order: dict[Path, tuple[str, ...]] = {}
        if not (self.errors or self.clashes):
            self.references(values)
            order = self.orders(values)
        if self.errors or self.clashes:
            return Verdict(frozenset(self.errors), tuple(self.clashes))
        layers = {
            item: frozenset(one.layer for one in self.under(item) if one.op in {"set", "loosen"})
            for item in values
            if item
        }
        return Verdict(
            frozenset(self.errors), (), values, order, layers, frozenset(self.removed), frozenset(self.notes)
        )

    def of(self, item: Path) -> list[Stmt]:
        return [one for one in self.said if one.item == item]

    def under(self, item: Path) -> list[Stmt]:
        gone = [path for path in self.removed if len(path) > len(item)]
        return [one for one in self.said if one.item[: len(item)] == item and (one.item not in gone)]

    def bound(self, one: Stmt) -> bool:
        """Whether a statement is a floor: law or upper, by a layer that may."""
        return one.binding != "house" and one.layer in self.trusted and one.op in {"set", "loosen"}

    # ---- existence ----

    def settle_conditions(self) -> None:
        """`if_present`: apply only if another layer makes the item complete."""
        conditional = sorted({one.item for one in self.said if one.op == "if_present"}, key=len)
        for item in conditional:
            layers = {one.layer for one in self.of(item) if one.op == "if_present"}
            stated = {one.key for one in self.of(item) if one.layer not in layers and one.key}
            if stated and stated >= set(REQUIRED.get(item[-2], ())):
                continue
            self.notes |= {("NotApplied", "/".join(item), layer) for layer in layers}
            self.said = [
                one for one in self.said if not (one.layer in layers and one.item[: len(item)] == item)
            ]

    def existing(self) -> list[Path]:
        paths = {one.item for one in self.said}
        paths |= {path[:2] for path in paths if len(path) > 2}
        kept: list[Path] = []
        for item in sorted(paths, key=lambda path: (len(path), path)):
            if (len(item) > 2 and item[:2] in self.removed) or (item and self.is_removed(item)):
                self.removed.add(item)
            else:
                kept.append(item)
                self.complete(item)
        return kept

    def is_removed(self, item: Path) -> bool:
        removals = [one for one in self.of(item) if one.op == "remove"]
        restores = [one for one in self.of(item) if one.op == "restore"]
        said = [one for one in self.under(item) if one.op in {"set", "loosen", "restore"}]
        path = "/".join(item)
        if (removals or restores) and not any(one.op in {"set", "loosen"} for one in said):
            self.errors |= {mistake("UnknownRemoval", path, [gone]) for gone in removals}
            self.errors |= {mistake("IdleRestore", path, [back]) for back in restores if not removals}
            return True
        beats = self.ladder.beats
        around = [one for one in self.of(item[:2]) if one.op == "remove"]
        for back in restores:
            if all(beats(gone, back) for gone in (*removals, *around)):
                self.errors.add(mistake("IdleRestore", path, [back]))
        standing = [gone for gone in removals if not any(beats(back, gone) for back in restores)]
        floors = [one for one in said if item[0] == "rules" and self.bound(one)]
        if standing and floors:
            self.errors |= {mistake("FloorError", path, [gone, *floors]) for gone in standing}
            return False
        for one in said if standing else ():
            if not any(beats(gone, one) for gone in standing):
                self.errors.add(mistake("RemovedYetChanged", path, [*standing, one]))
        return bool(standing)

    def complete(self, item: Path) -> None:
        stated = {one.key for one in self.of(item)}
        if item and not stated >= set(REQUIRED.get(item[-2], ())):
            self.errors.add(mistake("Incomplete", "/".join(item), self.of(item) or self.under(item)))

    # ---- fields ----

    def first(self, said: Sequence[Stmt]) -> Stmt:
        """The statement that introduces an item."""
        required = REQUIRED.get(said[0].item[-2], ())
        return min([one for one in said if one.key in required] or said, key=self.ladder.rank)

    def fields(self, item: Path, said: Sequence[Stmt]) -> dict[str, Any]:
        by_key: dict[str, list[Stmt]] = {}
        for one in said:
            if one.key:
                by_key.setdefault(one.key, []).append(one)
        first = self.first(said) if item else None
        values: dict[str, Any] = {}
        held: dict[str, list[Stmt]] = {}
        for key, stated in by_key.items():
            kind = strategy(item, key)
            if kind == "one":
                values[key] = self.one(stated)
            elif kind == "union":
                values[key] = self.union(stated)
            elif kind == "fixed" and first is not None:
                values[key] = self.fixed(stated, first)
            elif kind == "join":
                held[key] = self.joined(stated)
                values[key] = plain_join(JOINS[key], [one.value for one in held[key]])
        self.clash(item, held)
        if item and item[0] == "rules":
            said_with = {one.binding for one in said if one.layer in self.trusted}
            values["binding"] = next(b for b in ("law", "upper", "house") if b in said_with | {"house"})
            values["grounds"] = self.grounds(by_key.get("basis", []), first, values)
            if values["binding"] != "house" and first is not None:
                for key, stated in by_key.items():
                    if key.startswith("words/"):
                        self.keep_words(stated)
                    worded = key in {"title", "help"} or key.startswith("messages/")
                    if worded and any(one.layer != first.layer for one in stated):
                        self.errors.add(mistake("Redefined", stated[0].path, [*stated, first]))
        return values

    def keep_words(self, said: Sequence[Stmt]) -> None:
        """A floor's word may not be beaten by another."""
        for one in said:
            beaten = [floor for floor in said if self.bound(floor) and self.ladder.beats(one, floor)]
            changed = [floor for floor in beaten if not same(one.value, floor.value)]
            if changed:
                self.errors.add(mistake("FloorError", one.path, [one, *changed]))

    def grounds(self, said: Sequence[Stmt], first: Stmt | None, values: Mapping[str, Any]) -> list[Any]:
        """The bases that carry a rule; none may be taken away by those who neither introduce nor bind it."""
        basis: list[Any] = values.get("basis", [])
        if values["binding"] == "house" or first is None:
            return basis
        mine = [one for one in said if one.layer == first.layer or self.bound(one)]
        carrying = []
        for element in [e for one in mine for e in added(one.value)]:
            if any(element in taken(one.value) for one in self.unbeaten(element, mine)):
                continue
            carrying.append(element)
            last = self.unbeaten(element, said)
            if all(element in taken(one.value) for one in last):
                floors = [one for one in mine if element in added(one.value)]
                self.errors.add(mistake("FloorError", said[0].path, [*last, *floors]))
        return [element for element in basis if element in carrying]

    def unbeaten(self, element: Any, said: Sequence[Stmt]) -> list[Stmt]:
        """MAX of the statements that add an element or take it away."""
        return self.ladder.top([one for one in said if element in (*added(one.value), *taken(one.value))])

    def one(self, said: Sequence[Stmt]) -> Any:
        top = self.ladder.top(said)
        if any(not same(one.value, other.value) for one, other in combinations(top, 2)):
            self.errors.add(mistake("ValueConflict", said[0].path, top))
        return top[0].value

    def union(self, said: Sequence[Stmt]) -> list[Any]:
        elements: list[Any] = []
        for one in said:
            elements += [e for e in (*added(one.value), *taken(one.value)) if e not in elements]
        kept = []
        contested: list[Stmt] = []
        for element in elements:
            adds = [one for one in said if element in added(one.value)]
            takes = [one for one in said if element in taken(one.value)]
            top = self.ladder.top([*adds, *takes])
            if not adds:
                self.errors |= {mistake("UnknownRemoval", said[0].path, [one]) for one in takes}
            elif any(one in adds for one in top) and any(one in takes for one in top):
                contested += top
            elif top[0] in adds:
                early = min(adds, key=self.ladder.rank)
                kept.append(((self.ladder.rank(early), added(early.value).index(element)), element))
        if contested:
            self.errors.add(mistake("ValueConflict", said[0].path, contested))
        return [element for _, element in sorted(kept, key=lambda pair: pair[0])]

    def fixed(self, said: Sequence[Stmt], first: Stmt) -> Any:
        own = [one.value for one in said if one.layer == first.layer]
        for one in said:
            # A layer may say again what one that it extends has fixed, and nothing else.
            below = first.layer in self.ladder.closure(one.layer)
            if not below or not own or not same(one.value, own[0]):
                self.errors.add(mistake("Redefined", said[0].path, [*said, first]))
        return (own or [said[0].value])[0]

    def joined(self, said: Sequence[Stmt]) -> list[Stmt]:
        loosened: list[Stmt] = []
        floors = [one for one in said if self.bound(one)]
        kind = JOINS[said[0].key]
        for loosen in (one for one in said if one.op == "loosen"):
            beaten = [one for one in said if self.ladder.beats(loosen, one)]
            if not beaten:
                self.errors.add(mistake("IdleLoosen", loosen.path, [loosen]))
            if not all(as_strict(kind, loosen.value, floor.value) for floor in floors):
                self.errors.add(mistake("FloorError", loosen.path, [loosen, *floors]))
            loosened += [one for one in beaten if one not in floors]
        held = [one for one in said if one not in loosened]
        for one in held:
            lower = [other for other in held if self.ladder.beats(one, other)]
            quiet = one.op == "set" and not one.unwritten and not self.bound(one) and one.item[0] == "rules"
            if lower and quiet:
                before = plain_join(kind, [other.value for other in lower])
                if alike(plain_join(kind, [before, one.value]), before):
                    self.notes.add(("NoEffect", one.path, one.layer))
        return sorted(held, key=self.ladder.rank)

    def clash(self, item: Path, held: Mapping[str, Sequence[Stmt]]) -> None:
        """Every pair of parameters that cannot both hold, with the least sets of statements that show it."""
        for names, possible in IMPOSSIBLE:
            said = [one for name in names for one in held.get(name, ())]
            if not possible(said):
                least = least_sets(said, possible)
                self.clashes.append(("/".join(item), frozenset(frozenset(o.layer for o in s) for s in least)))

    # ---- references and order ----

    def references(self, values: Mapping[Path, Mapping[str, Any]]) -> None:
        needed: dict[Path, set[str]] = {}
        for item, said in values.items():
            for key, path, strict in names_of(item, said):
                if path in values or (path in self.removed and not strict):
                    continue
                users = {one.layer for one in self.holding(item, key) if names(one.value, path[-1])}
                if path in self.removed:
                    removals = {one.layer for one in self.of(path) if one.op == "remove"}
                    needed[path] = needed.get(path, set()) | users | removals
                else:
                    code = "BadCondition" if key == "when" else "UnknownReference"
                    self.errors.add(Mistake(code, "/".join((*item, key)), frozenset(users)))
        for path, layers in needed.items():
            self.errors.add(Mistake("RemovedReference", "/".join(path), frozenset(layers)))

    def holding(self, item: Path, key: str) -> list[Stmt]:
        """The statements of a field that hold."""
        said = [one for one in self.of(item) if one.key == key]
        if strategy(item, key) == "union":
            elements = [e for one in said for e in (*added(one.value), *taken(one.value))]
            return [one for one in said if any(one in self.unbeaten(element, said) for element in elements)]
        if strategy(item, key) == "fixed":
            return [one for one in said if one.layer == self.first(self.of(item)).layer]
        return self.ladder.top(said)

    def orders(self, values: Mapping[Path, Mapping[str, Any]]) -> dict[Path, tuple[str, ...]]:
        groups: dict[Path, list[Path]] = {}
        for item in values:
            if item:
                groups.setdefault(item[:-1], []).append(item)
        return {base: self.order(base, items, values) for base, items in groups.items()}

    def order(
        self, base: Path, items: Sequence[Path], values: Mapping[Path, Mapping[str, Any]]
    ) -> tuple[str, ...]:
        keys = {item[-1]: self.ladder.rank(self.first(self.of(item))) for item in items}
        edges: set[tuple[str, str]] = set()
        if base[0] == "sections":
            for item in items:
                edges |= {(other, item[-1]) for other in values[item].get("after", ()) if other in keys}
                edges |= {(item[-1], other) for other in values[item].get("before", ()) if other in keys}
        order = least_order(keys, edges)
        if order is None:
            self.errors.add(Mistake("OrderCycle", "/".join(base), frozenset()))
        return order or ()


REFERENCES: Mapping[str, tuple[tuple[str, Path | None, bool], ...]] = {
    "sections": (("after", None, False), ("before", None, False), ("tags", ("tags",), True)),
    "measures": (("after", None, False), ("before", None, False), ("tags", ("tags",), True),
                 ("activities", ("activities",), False), ("on", ("activities",), True)),
    "activities": (("section", ("sections",), True), ("on", ("activities",), True),
                   ("tags", ("tags",), True)),
    "rules": (("basis", ("documents",), False),),
}  # fmt: skip
"""Fields that name others, by collection: where names stand (None: beside), whether removal is an error."""


def names_of(item: Path, said: Raw) -> Iterator[tuple[str, Path, bool]]:
    """What an item names: the field, the path it leads to, whether that may not have been removed."""
    for name in re.findall("[a-z]+", said.get("when") or ""):
        yield "when", ("facts", name), True
    for key, base, strict in REFERENCES.get(item[-2] if item else "", ()):
        target = (*item[:-1],) if base is None else base
        named = said.get(key)
        if key == "on":
            named = named.get("activity") if isinstance(named, Mapping) else None
        for name in [named] if isinstance(named, str) else named or ():
            yield key, (*target, name["document"] if isinstance(name, Mapping) else name), strict


def names(value: Any, name: str) -> bool:
    """Whether a statement names something: any but a set that does not add it."""
    if isinstance(value, list) or (isinstance(value, Mapping) and value.keys() <= {"add", "remove"}):
        return any(name == (one["document"] if isinstance(one, Mapping) else one) for one in added(value))
    return True


def least_order(keys: Mapping[str, Any], edges: Iterable[tuple[str, str]]) -> tuple[str, ...] | None:
    """The least arrangement that respects every edge, out of all; None if none does."""
    pairs = [pair for pair in edges if pair[0] != pair[1]]
    if not pairs:
        return tuple(sorted(keys, key=keys.__getitem__)) if not set(edges) else None
    if len(pairs) < len(set(edges)):
        return None
    # Permutations of a sorted sequence come in lexicographic order, so the first that fits is the least.
    for line in permutations(sorted(keys, key=keys.__getitem__)):
        place = {name: index for index, name in enumerate(line)}
        if all(place[one] < place[other] for one, other in pairs):
            return line
    return None


# ---- plain definitions ----


def same(one: Any, other: Any) -> bool:
    """Whether two values are one; true is not 1."""
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


def mere(basis: Sequence[Any]) -> bool:
    """Whether there are bases, and none is verified."""
    return bool(basis) and not any(one.get("verified", False) for one in basis)


def added(edit: Any) -> list[Any]:
    """What an edit of a set adds."""
    return list(edit.get("add", ())) if isinstance(edit, Mapping) else list(edit)


def taken(edit: Any) -> list[Any]:
    """What an edit of a set takes away."""
    return list(edit.get("remove", ())) if isinstance(edit, Mapping) else []


def plain_join(kind: str, values: Sequence[Any]) -> Any:
    """A join by its definition: the strictest that all definitions together say."""
    match kind:
        case "max":
            return sorted(values)[-1]
        case "min":
            return sorted(values)[0]
        case "or":
            return True in values
        case "severity":
            return max(values, key=SEVERITIES.index)
        case "intersection":
            return [one for one in values[0] if all(one in other for other in values)]
        case "union":
            every: list[Any] = []
            for value in values:
                every += [one for one in value if one not in every]
            return every
        case _:
            return values[0]


def alike(one: Any, other: Any) -> bool:
    """Whether two joined values are one; lists count as sets."""
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return all(e in other for e in one) and all(e in one for e in other)
    return bool(one == other)


def as_strict(kind: str, value: Any, floor: Any) -> bool:
    """Whether a value demands at least what a floor demands."""
    match kind:
        case "max":
            return bool(value >= floor)
        case "min":
            return bool(value <= floor)
        case "or":
            return bool(value) or not floor
        case "severity":
            return SEVERITIES.index(value) >= SEVERITIES.index(floor)
        case "intersection":
            return all(one in floor for one in value)
        case "union":
            return all(one in value for one in floor)
        case _:
            return bool(value == floor)


def _values(said: Sequence[Stmt], key: str) -> list[Any]:
    return [one.value for one in said if one.key == key]


def _ordered(low: str, high: str) -> Callable[[Sequence[Stmt]], bool]:
    return lambda said: all(a <= b for a in _values(said, low) for b in _values(said, high))


def _choosable(said: Sequence[Stmt]) -> bool:
    offered = _values(said, "one_of")
    banned = [one for value in _values(said, "not_in") for one in value]
    return not offered or any(one not in banned for one in plain_join("intersection", offered))


def _agreeing(key: str) -> Callable[[Sequence[Stmt]], bool]:
    return lambda said: all(one == other for one, other in combinations(_values(said, key), 2))


IMPOSSIBLE: Sequence[tuple[tuple[str, ...], Callable[[Sequence[Stmt]], bool]]] = (
    (("at_least", "at_most"), _ordered("at_least", "at_most")),
    (("min_length", "max_length"), _ordered("min_length", "max_length")),
    (("min", "max"), _ordered("min", "max")),
    (("equals", "at_least"), _ordered("at_least", "equals")),
    (("equals", "at_most"), _ordered("equals", "at_most")),
    (("one_of", "not_in"), _choosable),
    (
        ("required", "forbidden"),
        lambda said: not (any(_values(said, "required")) and any(_values(said, "forbidden"))),
    ),
    (("equals",), _agreeing("equals")),
    (("type",), _agreeing("type")),
)
"""Parameters that can contradict each other, with the test whether some statements can all be met."""


def least_sets(said: Sequence[Stmt], possible: Callable[[Sequence[Stmt]], bool]) -> list[tuple[Stmt, ...]]:
    """All smallest sets of statements that cannot be met."""
    for size in range(1, len(said) + 1):
        found = [some for some in combinations(said, size) if not possible(some)]
        if found:
            return found
    return []
