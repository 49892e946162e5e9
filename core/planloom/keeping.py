"""What of a layer is kept between runs: definitions as rows, with their templates and patterns already read."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import starmap
from typing import Any, cast

import attrs

from planloom.definitions import Definition
from planloom.rules.patterns import know, reading
from planloom.texts import Renderer, TextError, Tree
from planloom_schemas.rule import Rule, Selector

_TEMPLATES = frozenset({"heading", "lead", "text"})
_PATTERNS = frozenset({"must", "must_not"})


def to_keep(definitions: Sequence[Definition]) -> dict[str, Any]:
    """The definitions of a layer in the form that is read back fastest, and what reading their texts gave."""
    return {
        # A row is read back three times as fast as an object.
        "rows": [attrs.astuple(definition, recurse=False) for definition in definitions],
        "trees": dict(_trees(definitions)),
        "patterns": {
            pattern: reading(pattern) for one in definitions for pattern in _patterns(one.key, one.value)
        },
    }


def from_kept(kept: dict[str, Any]) -> tuple[tuple[Definition, ...], dict[str, Tree]]:
    """The definitions, and the trees of their templates; what is known of patterns is remembered."""
    know(kept["patterns"])
    return tuple(starmap(Definition, kept["rows"])), kept["trees"]


def _trees(definitions: Sequence[Definition]) -> Iterator[tuple[str, Tree]]:
    """Every template that can be read; what is wrong with the others is said when they are printed."""
    renderer = Renderer()
    for definition in definitions:
        if definition.key in _TEMPLATES and isinstance(definition.value, str):
            with suppress(TextError):
                tree = renderer.parse(definition.value).tree
                if tree is not None:
                    yield definition.value, tree


def _patterns(key: str, value: Any) -> Iterator[str]:
    """Every regular expression in a parameter of a rule, those of selectors and consequences too."""
    if isinstance(value, Rule):
        for attribute in attrs.fields(cast(Any, Rule)):
            yield from _patterns(attribute.name, getattr(value, attribute.name))
    elif isinstance(value, tuple):
        tests = [test for one in value if isinstance(one, Selector) for test in (one.fields or {}).values()]
        yield from (str(test.matches) for test in tests if test.matches)
        yield from map(str, value if key in _PATTERNS else ())
