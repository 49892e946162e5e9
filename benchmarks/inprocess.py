"""Figures of the engine inside one process."""

import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial

from planloom.definitions import definitions_of
from planloom.facade import compose, discover
from planloom.layers import LoadedLayer, Written
from planloom.merge import resolve
from planloom.stack import Stack
from planloom_schemas.convert import structure_layer
from planloom_schemas.plan import Origin

Row = tuple[str, str, str, bool]
Bound = Callable[[str, float, float], Row]


def layers_of(definitions: int, layers: int = 20) -> Stack:
    """A stack of directives that all speak of the same activities, some agreeing, some taking words away."""
    each = definitions // layers // 4
    made = []
    for place in range(layers):
        name = f"layer{place:02}"
        activities = {
            f"a{number}": {
                "title": f"活动{number}",
                "on": {"month": number % 12 + 1},
                "owner": "工会委员会",
                "tags": ["t"],
            }
            for number in range(each)
        }
        data = {
            "planloom": 1,
            "layer": name,
            "kind": "directive",
            "title": name,
            "tags": {"t": {"title": "t"}},
            "activities": activities,
        }
        content = structure_layer(data)
        origin = Origin(layer=name, file=f"{name}.yaml", line=1, column=1)
        said = definitions_of(name, content, lambda path, origin=origin: origin, lambda file: "")
        made.append(
            LoadedLayer(
                id=name,
                kind="directive",
                title=name,
                definitions=said,
                trusted=True,
                written=partial(Written, content),
            )
        )
    none: frozenset[str] = frozenset()
    return Stack(
        layers=tuple(made), ancestors={layer.id: none for layer in made}, below={layer.id: none for layer in made},
        rank={layer.id: place for place, layer in enumerate(made)},
    )  # fmt: skip


def best(call: Callable[[], object], runs: int = 5) -> float:
    """The median seconds of a call."""
    taken = []
    for _ in range(runs):
        begin = time.perf_counter()
        call()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken)


def in_turn(one: Callable[[], object], other: Callable[[], object], runs: int = 7) -> tuple[float, float]:
    """The median seconds of two calls, made in turn: a busy machine slows both alike."""
    taken = [(best(one, 1), best(other, 1)) for _ in range(runs)]
    return statistics.median(first for first, _ in taken), statistics.median(second for _, second in taken)


def rows(bound: Bound) -> Iterator[Row]:
    """Merging at size, and composing when everything is warm."""
    small, large = layers_of(10_000), layers_of(100_000)
    one, ten = in_turn(lambda: resolve(small), lambda: resolve(large))
    yield "resolve 10,000 definitions from 20 layers", f"{one * 1000:.0f} ms", "≤ 100 ms", one <= 0.1
    yield bound("10 × the definitions / the time", ten / one, 12.0)
    library = discover()
    facts = {"staff": 86, "members": 84, "women_members": 60}

    def plan() -> object:
        return compose(
            profiles=["school"], period=2027, facts=facts, organisation="育才小学工会委员会", library=library
        )

    plan()
    rate = 1 / best(plan, 41)
    yield "compose a school plan in process, warm", f"{rate:.0f} a second", "≥ 200", rate >= 200
