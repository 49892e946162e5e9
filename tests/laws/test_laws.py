"""The laws of composition hold on generated sets of layers, judged by oracles that do not use the engine."""

from hypothesis import event, given, settings
from hypothesis import strategies as st

from . import laws
from .strategies import ANY, CALM, LAWS, MOODS, ORDERED, POOL, World, additions, worlds


@settings(LAWS, max_examples=150)
@given(ANY)
def test_everything_agrees_with_the_oracle(world: World) -> None:
    """L9 and the rest: values, order, owners, notes and errors are those worked out by brute force."""
    event("composed" if laws.compose(world).composed else "refused")
    laws.agrees_with_the_oracle(world)


@settings(LAWS, max_examples=60)
@given(ORDERED)
def test_order_is_the_least_of_all(world: World) -> None:
    """Seven sections and their edges: of all permutations that respect the edges, the least."""
    laws.agrees_with_the_oracle(world)


@LAWS
@given(ANY, st.data())
def test_order_of_layers_means_nothing(world: World, data: st.DataObject) -> None:
    """L1, L2, L3: any order of loading gives the same values, provenance and errors."""
    laws.order_means_nothing(world, data.draw(st.permutations(sorted(world.layers))))


@LAWS
@given(ANY)
def test_memory_means_nothing(world: World) -> None:
    """L4: what was merged before leaves no trace in what is merged now."""
    laws.memory_means_nothing(world)


@LAWS
@given(ANY, st.data())
def test_requirements_only_tighten(world: World, data: st.DataObject) -> None:
    """L5: no layer that is added lowers what law and upper union require."""
    laws.floors_hold(world, *data.draw(additions(world)))


@LAWS
@given(ANY)
def test_the_plan_file_decides(world: World) -> None:
    """L6: what the plan file sets holds."""
    laws.plan_decides(world)


@LAWS
@given(worlds(CALM), st.data())
def test_a_layer_changes_what_it_names(world: World, data: st.DataObject) -> None:
    """L7: nothing else changes when a layer is added."""
    laws.touches_what_it_names(world, *data.draw(additions(world)))


@LAWS
@given(st.one_of(worlds(CALM), ORDERED), st.data())
def test_newcomers_reshuffle_nothing(world: World, data: st.DataObject) -> None:
    """L8: a new section without edges leaves the others in their order."""
    name = data.draw(st.sampled_from(sorted(world.layers)))
    laws.newcomers_reshuffle_nothing(world, name, data.draw(st.integers(0, 3)))


@LAWS
@given(worlds(*MOODS))
def test_conflicts_end_only_from_above(world: World) -> None:
    """L9: an unrelated layer ends no conflict, the line to paste does."""
    laws.conflicts_stay(world, "zelkova")


@LAWS
@given(ANY)
def test_provenance_replays(world: World) -> None:
    """L10: the definitions that provenance cites give the same plan."""
    laws.provenance_is_enough(world)


# L11 (waivers never change verdicts) is a law of checking and stands with the tests of the rules.


@LAWS
@given(worlds(CALM, MOODS[-1]), st.sampled_from(POOL))
def test_removal_can_be_taken_back(world: World, item: tuple[str, ...]) -> None:
    """L12: removing is idempotent, and restoring undoes it."""
    laws.removal_can_be_taken_back(world, item)
