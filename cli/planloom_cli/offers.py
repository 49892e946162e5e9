"""The layers on offer, loaded one by one, so that a broken one spoils only itself."""

from collections.abc import Iterator, Mapping
from typing import TypeVar

from attrs import frozen

from planloom.discovery import Library, Offer
from planloom.force import untrusted_claim
from planloom.layers import LoadedLayer, load_layer
from planloom.merge import Resolution, resolve
from planloom.stack import Stack, stack_of
from planloom_schemas.errors import PlanloomError, Problem
from planloom_schemas.layer import Content
from planloom_schemas.statement import Unset

T = TypeVar("T")


@frozen
class Row:
    """One layer on offer: loaded, or what is wrong with it; ``claims`` is what it claims and is not granted."""

    offer: Offer
    layer: LoadedLayer | None
    problems: tuple[Problem, ...] = ()
    claims: tuple[Problem, ...] = ()


def rows(library: Library) -> Iterator[Row]:
    """Every layer on offer, by name."""
    for name in library.layers:
        try:
            layer = load_layer(library.offer(name))
            # A directive is trusted once a plan file names it; only a profile has to be granted.
            claims = tuple(untrusted_claim(layer)) if layer.kind == "profile" else ()
            yield Row(library.layers[name], layer, claims=claims)
        except PlanloomError as error:
            yield Row(library.layers[name], None, error.problems)


def loaded_layers(library: Library) -> tuple[LoadedLayer, ...]:
    """The layers on offer that can be used."""
    return tuple(row.layer for row in rows(library) if row.layer is not None)


def said_in(layer: LoadedLayer) -> Content:
    """What a layer says, as written."""
    content: Content = layer.content
    return content


def stated(found: Mapping[str, T] | Unset) -> Mapping[str, T]:
    """A collection that a layer states, empty if it states none."""
    return {} if isinstance(found, Unset) else found


def merged_profile(name: str, library: Library) -> tuple[Stack, Resolution]:
    """A profile with all it extends, merged.

    Raises:
        PlanloomError: It cannot be loaded, or does not agree with what it extends.
    """
    stack = stack_of(library, [name], [], None)
    return stack, resolve(stack)
