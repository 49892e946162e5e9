"""What a text reads from the context, so that a text whose context has not changed need not be rendered again."""

from collections.abc import Iterator, Mapping
from typing import Any

from planloom.texts.filters import FILTERS
from planloom.texts.steps import Tree

Path = tuple[str | int, ...]
Read = tuple[Path, bool]
"""Where a value stands, and whether the text only asks if it is there."""

Key = tuple[object, ...]

_GONE = object()
_SIMPLE = frozenset({str, int, float, bool, type(None), object})
_MOST = 256


def _reads(part: Any, bound: frozenset[str]) -> Iterator[Read]:
    if type(part) is list:
        for one in part:
            yield from _reads(one, bound)
    if type(part) is not tuple:
        return
    path = _path(part, bound)
    if path is not None:
        yield path, False
    elif part[0] == "compare" and (asked := _asked(part, bound)) is not None:
        yield asked, True
    elif part[0] == "loop":
        _, target, source, _, body, otherwise, *_ = part
        yield from _reads([source, otherwise], bound)
        yield from _reads(body, bound | {target, "loop"})
    else:
        yield from _reads([one for one in part[1:] if type(one) in (tuple, list)], bound)


def _path(part: Tree, bound: frozenset[str]) -> Path | None:
    """``activities['x'].months`` as a path; None for what is no value of the context by constant keys."""
    if part[0] == "strict":
        return _path(part[1], bound)
    if part[0] == "name":
        return None if part[1] in bound else (part[1],)
    if part[0] == "entry" and part[2][0] == "constant":
        holder = _path(part[1], bound)
        return None if holder is None else (*holder, part[2][1])
    return None


def _asked(part: Tree, bound: frozenset[str]) -> Path | None:
    """``'x' in activities`` as the path whose presence it asks for."""
    _, first, signs, sides, _ = part
    if first[0] != "constant" or len(signs) != 1 or signs[0] not in ("in", "notin"):
        return None
    holder = _path(sides[0], bound)
    return None if holder is None else (*holder, first[1])


class Rendered:
    """What one text became, by the values that it read.

    Args:
        tree: The tree of its template; one with a filter of a plugin, which may do anything, is not remembered.
    """

    def __init__(self, tree: Tree) -> None:
        is_ours = all(name in FILTERS for name in _filters(tree))
        self._reads = tuple(dict.fromkeys(_reads(tree, frozenset()))) if is_ours else None
        self._texts: dict[Key, str] = {}

    def get(self, context: Mapping[str, object]) -> str | None:
        """What the text becomes in a context, if it is known."""
        key = self._key(context)
        return self._texts.get(key) if key is not None else None

    def put(self, context: Mapping[str, object], text: str) -> None:
        """Remember what the text became."""
        key = self._key(context)
        if key is not None:
            if len(self._texts) >= _MOST:
                self._texts.clear()
            self._texts[key] = text

    def _key(self, context: Mapping[str, object]) -> Key | None:
        """The values that the text reads; None if one of them is no simple value or list of such."""
        if self._reads is None:
            return None
        key: list[object] = []
        for path, is_asked in self._reads:
            holder: Any = context
            for step in path[:-1]:
                holder = holder.get(step) if type(holder) is dict else None
            if type(holder) is not dict:
                return None
            value = path[-1] in holder if is_asked else holder.get(path[-1], _GONE)
            if type(value) is list and all(type(one) in _SIMPLE for one in value):
                value = (*value, *map(type, value))
            elif type(value) not in _SIMPLE:
                return None
            key += (type(value), value)
        return tuple(key)


def _filters(part: Any) -> Iterator[str]:
    if type(part) is tuple and part[0] == "filtered":
        yield part[1]
    if type(part) in (tuple, list):
        for one in part:
            yield from _filters(one)
