"""The laws bite: an engine broken on purpose breaks them.

Each fault replaces one function of the engine by a plausible wrong one. On some world of the corpus a law
must fail; a fault that survives is a hole in the laws.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from attrs import evolve

from planloom import definitions, joins, merge, quarrels
from planloom import stack as stacks
from planloom.definitions import Definition
from planloom.merge import Item, Said, _Merge
from planloom_schemas.statement import Join

from . import laws
from .strategies import World, corpus

Patch = pytest.MonkeyPatch
FAULTS: dict[str, Callable[[Patch], None]] = {}


def fault(plant: Callable[[Patch], None]) -> Callable[[Patch], None]:
    """Register a fault under its name."""
    FAULTS[plant.__name__] = plant
    return plant


# ---- content ----


def _choose(patch: Patch, choose: Callable[[Sequence[Definition]], Definition]) -> None:
    """Take one of the unbeaten values without a word."""

    def one(self: _Merge, said: Sequence[Definition]) -> Any:
        top = self.maximal(said)
        self.record(said[0].path, top, [d for d in said if d not in top], "only")
        return choose(top).value

    patch.setattr(_Merge, "one", one)


@fault
def last_wins(patch: Patch) -> None:
    """Of unbeaten definitions that differ, the last holds."""
    _choose(patch, lambda top: top[-1])


@fault
def first_wins(patch: Patch) -> None:
    """Of unbeaten definitions that differ, the first holds."""
    _choose(patch, lambda top: top[0])


@fault
def null_deletes(patch: Patch) -> None:
    """A null is taken for nothing said."""
    whole = _Merge.one
    patch.setattr(
        _Merge, "one", lambda self, said: whole(self, [d for d in said if d.value is not None] or said)
    )


@fault
def equal_values_conflict(patch: Patch) -> None:
    """Unrelated layers that say the same are taken to disagree."""
    patch.setattr(merge, "_same", lambda one, other: False)


@fault
def conflict_names_two(patch: Patch) -> None:
    """A conflict of three names two."""
    whole = quarrels.value_conflict
    patch.setattr(quarrels, "value_conflict", lambda top, stack: whole(top[:2], stack))


@fault
def plan_file_is_one_of_many(patch: Patch) -> None:
    """A plan file beats profiles, but no directive."""
    whole = stacks._stack

    def stack(*given: Any) -> stacks.Stack:
        made = whole(*given)
        profiles = frozenset(layer.id for layer in made.layers if layer.kind == "profile")
        return evolve(made, below={**made.below, made.layers[-1].id: profiles})

    patch.setattr(stacks, "_stack", stack)


# ---- ancestry ----


@fault
def a_parent_is_dropped(patch: Patch) -> None:
    """Of several parents only the first counts."""
    whole = stacks._ancestors

    def first_only(name: str, known: Mapping[str, Any]) -> frozenset[str]:
        return whole(
            name, {other: evolve(layer, extends=layer.extends[:1]) for other, layer in known.items()}
        )

    patch.setattr(stacks, "_ancestors", first_only)


@fault
def grandparents_are_strangers(patch: Patch) -> None:
    """`extends` is not closed."""
    patch.setattr(stacks, "_ancestors", lambda name, known: frozenset(known[name].extends))


@fault
def depth_does_not_count(patch: Patch) -> None:
    """Introduction goes by layer id alone."""
    patch.setattr(stacks, "_depth", lambda name, known, memo: 0)


# ---- sets ----


@fault
def a_removal_of_an_element_is_final(patch: Patch) -> None:
    """Whoever takes an element away has the last word, whatever the rank."""

    def union(self: _Merge, said: Sequence[Definition]) -> tuple[Any, ...]:
        self.record(said[0].path, said, (), "joined")
        taken = [element for d in said for element in d.value.take]
        return tuple(dict.fromkeys(e for d in said for e in d.value.add if e not in taken))

    patch.setattr(_Merge, "union", union)


@fault
def sets_are_replaced(patch: Patch) -> None:
    """A set is taken whole from the most specific layer."""
    patch.setattr(_Merge, "union", lambda self, said: tuple(dict.fromkeys(self.maximal(said)[0].value.add)))


# ---- existence ----


@fault
def conditions_are_ignored(patch: Patch) -> None:
    """What stands under `if_present` always applies."""
    patch.setattr(
        _Merge, "applicable", lambda self, said: {path: said[path] for path in sorted(said, key=len)}
    )


@fault
def conditions_are_never_met(patch: Patch) -> None:
    """What stands under `if_present` never applies."""
    patch.setattr(merge, "_is_complete", lambda said: False)


@fault
def restore_never_beats(patch: Patch) -> None:
    """A removal stands whatever is restored."""
    patch.setattr(_Merge, "standing", lambda self, said: said.ops("remove"))


@fault
def restore_always_beats(patch: Patch) -> None:
    """Any restore undoes any removal."""
    patch.setattr(_Merge, "standing", lambda self, said: [] if said.ops("restore") else said.ops("remove"))


@fault
def removal_silences_everybody(patch: Patch) -> None:
    """A removal ends the item, whoever speaks of it."""
    patch.setattr(_Merge, "is_removed", lambda self, said, inner: bool(self.standing(said)))


@fault
def a_removed_section_leaves_measures(patch: Patch) -> None:
    """What is said of measures does not count as said of their section."""
    from collections import defaultdict

    patch.setattr(merge, "_inner", lambda said: defaultdict(list))


@fault
def equal_redefinition_is_allowed(patch: Patch) -> None:
    """A fixed field may be stated again with the same value."""
    whole = _Merge.fixed

    def fixed(self: _Merge, said: Sequence[Definition], first: Definition | None) -> Any:
        own = [d for d in said if first is not None and d.layer == first.layer]
        return whole(self, own if own and all(d.value == own[0].value for d in said) else said, first)

    patch.setattr(_Merge, "fixed", fixed)


@fault
def incomplete_items_pass(patch: Patch) -> None:
    """Nobody asks for required fields."""
    patch.setattr(_Merge, "complete", lambda self, one, said: None)


# ---- order ----


@fault
def ties_go_by_id(patch: Patch) -> None:
    """Unconstrained items are sorted by id."""
    whole = _Merge.line

    def line(self: _Merge, items: Sequence[Item]) -> tuple[Item, ...]:
        by_id = sorted(items, key=lambda item: item.id)
        return whole(self, [evolve(item, rank=(0, place)) for place, item in enumerate(by_id)])

    patch.setattr(_Merge, "line", line)


@fault
def order_of_loading_introduces(patch: Patch) -> None:
    """Items come in the order in which layers were met."""
    whole = stacks._stack

    def stack(loaded: dict[str, Any], *given: Any) -> stacks.Stack:
        made = whole(loaded, *given)
        return evolve(made, rank={**made.rank, **{name: place for place, name in enumerate(loaded)}})

    patch.setattr(stacks, "_stack", stack)


@fault
def before_is_forgotten(patch: Patch) -> None:
    """Only `after` moves an item."""
    whole = merge._edges
    patch.setattr(merge, "_edges", lambda item, key: whole(item, key) if key == "after" else ())


# ---- requirements ----


def _join(patch: Patch, **changed: Callable[[list[Any]], Any]) -> None:
    table = {**joins._COMBINE, **{Join[name]: function for name, function in changed.items()}}
    patch.setattr(joins, "_COMBINE", table)


@fault
def the_most_specific_number_wins(patch: Patch) -> None:
    """Numbers override each other as content does."""
    _join(patch, MAX=lambda values: values[-1], MIN=lambda values: values[-1])


@fault
def parameters_are_concatenated(patch: Patch) -> None:
    """Choices of several layers are added up."""
    _join(patch, INTERSECTION=lambda values: tuple(dict.fromkeys(e for value in values for e in value)))


@fault
def the_lightest_severity_wins(patch: Patch) -> None:
    """A rule can be made lighter by saying so."""
    _join(patch, SEVERITY=lambda values: min(values, key=["advice", "warn", "error"].index))


@fault
def floors_give_way(patch: Patch) -> None:
    """A loosening takes out whatever it beats, law and upper union too."""
    whole = joins.join_field
    patch.setattr(
        merge, "join_field", lambda said, beats, binding, stack: whole(said, beats, lambda d: "house", stack)
    )


@fault
def the_highest_layer_sets_the_floor(patch: Patch) -> None:
    """Only the most specific entry of law or upper union is a floor."""
    whole = joins.join_field

    def join(said: Sequence[Definition], beats: Any, binding: Any, stack: stacks.Stack) -> Any:
        floors = [d for d in said if binding(d) != "house"]
        top = max(floors, key=lambda d: stack.rank[d.layer], default=None)
        return whole(said, beats, lambda d: binding(d) if d is top else "house", stack)

    patch.setattr(merge, "join_field", join)


@fault
def anybody_may_loosen_anybody(patch: Patch) -> None:
    """A loosening takes out definitions that it does not beat."""
    whole = joins.join_field
    patch.setattr(
        merge, "join_field",
        lambda said, beats, binding, stack: whole(said, lambda one, other: one is not other, binding, stack),
    )  # fmt: skip


@fault
def claims_are_believed(patch: Patch) -> None:
    """Whoever says law is the law."""
    patch.setattr(_Merge, "binding", lambda self, definition: definition.binding)


@fault
def removal_goes_below_the_floor(patch: Patch) -> None:
    """Anybody above may switch off what the law requires."""
    patch.setattr(_Merge, "has_floor", lambda self, one, standing: False)


@fault
def defaults_are_not_required(patch: Patch) -> None:
    """What a rule does not say can be loosened without `loosen`."""
    patch.setattr(definitions, "UNSAID", {})


@fault
def crossing_bounds_pass(patch: Patch) -> None:
    """Requirements that nothing can meet are composed."""
    patch.setattr(merge, "crossings", lambda held, values, stack: [])


@fault
def useless_statements_pass(patch: Patch) -> None:
    """Nobody is told that a number has no effect."""
    patch.setattr(joins, "_without_effect", lambda *given: iter(()))


@fault
def words_have_no_floor(patch: Patch) -> None:
    """What the upper union wants a word replaced by may be changed below."""
    patch.setattr(_Merge, "floored_word", lambda self, definitions: None)


# ---- provenance ----


@fault
def provenance_forgets(patch: Patch) -> None:
    """Only one definition of each field is recorded."""

    def record(self: _Merge, path: str, holds: Sequence[Definition], beat: object, why: str) -> None:
        self.records[path] = holds[:1], (), why

    patch.setattr(_Merge, "record", record)


@fault
def the_introducer_owns(patch: Patch) -> None:
    """An item belongs to the layer that introduces it, not to all that speak of it."""
    whole = _Merge.item

    def item(self: _Merge, said: Said) -> Item:
        made = whole(self, said)
        return evolve(made, layers=made.layers[:1])

    patch.setattr(_Merge, "item", item)


@fault
def removing_owns(patch: Patch) -> None:
    """Who only removes an item or restores it is taken for one that states it."""
    whole = _Merge.item

    def item(self: _Merge, said: Said) -> Item:
        everybody = {one.layer for one in said.all() if one.op != "if_present"}
        return evolve(whole(self, said), layers=tuple(sorted(everybody, key=self.stack.rank.__getitem__)))

    patch.setattr(_Merge, "item", item)


@fault
def any_basis_carries(patch: Patch) -> None:
    """A house layer's basis makes law of what another claims."""
    patch.setattr(_Merge, "grounds", lambda self, said, first, values: values.get("basis", ()))


@fault
def loosening_is_house(patch: Patch) -> None:
    """What the upper union loosens may be loosened again by anybody."""
    whole = _Merge.binding

    def binding(self: _Merge, said: Definition) -> str:
        return "house" if said.op == "loosen" else whole(self, said)

    patch.setattr(_Merge, "binding", binding)


# ---- the test ----


def is_the_same_backwards(world: World) -> None:
    """The engine may meet the layers in reverse order."""
    laws.order_means_nothing(world, sorted(world.layers, reverse=True))


LAWS = (laws.agrees_with_the_oracle, laws.provenance_is_enough, is_the_same_backwards)


def breaks(law: Callable[[World], None], world: World) -> bool:
    """Whether a law fails on a world; an engine that falls over has failed too."""
    try:
        law(world)
    except (AssertionError, LookupError, ValueError, AttributeError, TypeError):
        return True
    return False


@pytest.mark.parametrize("law", LAWS)
def test_the_engine_as_it_is_breaks_no_law(law: Callable[[World], None]) -> None:
    """Without a fault, the corpus is lawful."""
    for world in corpus():
        law(world)


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some law fails on some world."""
    FAULTS[name](monkeypatch)
    assert any(breaks(law, world) for law in LAWS for world in corpus()), FAULTS[name].__doc__
