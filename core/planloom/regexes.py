"""Regular expressions, compiled once in a run - and, where there is a shelf, once for all runs.

What `re` makes of a pattern are numbers that its matcher runs. Making them takes longer than all the matching
of a run, so they are kept as they are (in `re`'s own form, which is why the shelf is tied to the Python).
"""

import re
from functools import lru_cache
from re import _compiler as compiler  # type: ignore[attr-defined]
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from planloom.shelf import Shelf

MAX_COUNT = 1_000
"""How often at most a layer's pattern repeats something."""
REPEATS = (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT)
_NAME = "_regexes"  # no layer has such a name
_MOST = 1_024

Program = tuple[int, bytes, int, dict[str, int]]
"""Flags, the numbers, how many groups, and the numbers of those that have names."""


class _Programs:
    """What was taken from a shelf and what is new since; without a shelf nothing is gathered."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, bool], Program] | None = None
        self.is_changed = False


_programs = _Programs()


def take(shelf: "Shelf") -> None:
    """Use what the runs before compiled."""
    _programs.known = shelf.take(_NAME, ()) or {}
    _programs.is_changed = False


def put(shelf: "Shelf") -> None:
    """Keep what this run compiled, if that is more than was known."""
    if _programs.is_changed:
        shelf.put(_NAME, (), _programs.known)
        _programs.is_changed = False


@lru_cache(maxsize=2048)
def compiled(pattern: str) -> "re.Pattern[str]":
    """A pattern, compiled once; `re` itself forgets after a few hundred."""
    return _compiled(pattern, False)


@lru_cache(maxsize=2048)
def bounded(pattern: str) -> "re.Pattern[str]":
    """A pattern of a layer, compiled so that a search takes at most some thousand steps at each place of a text.

    A repeat without an end takes at most `MAX_COUNT`; nothing in a plan is that long.
    """
    return _compiled(pattern, True)


def _compiled(pattern: str, is_bounded: bool) -> "re.Pattern[str]":
    known = _programs.known
    if known is None:
        return _loaded(pattern, _made(pattern, is_bounded))
    program = known.get((pattern, is_bounded))
    if program is None:
        program = _made(pattern, is_bounded)
        if len(known) < _MOST:
            known[pattern, is_bounded] = program
            _programs.is_changed = True
    return _loaded(pattern, program)


def _made(pattern: str, is_bounded: bool) -> Program:
    from array import array

    tree = parser.parse(pattern)
    if is_bounded:
        _bound(tree)
    numbers = array("I", compiler._code(tree, 0)).tobytes()
    return int(tree.state.flags), numbers, tree.state.groups - 1, dict(tree.state.groupdict)


def _loaded(pattern: str, program: Program) -> "re.Pattern[str]":
    flags, numbers, groups, names = program
    by_number: list[str | None] = [None] * (groups + 1)
    for name, number in names.items():
        by_number[number] = name
    code = memoryview(numbers).cast("I").tolist()
    found: re.Pattern[str] = compiler._sre.compile(pattern, flags, code, groups, names, tuple(by_number))
    return found


def _bound(nodes: Any) -> None:
    for place, (op, value) in enumerate(nodes):
        if op in REPEATS:
            least, most, body = value
            nodes[place] = op, (least, max(least, MAX_COUNT) if most is sre.MAXREPEAT else most, body)
            _bound(body)
        elif op is sre.SUBPATTERN:
            _bound(value[3])
        elif op is sre.ATOMIC_GROUP:
            _bound(value)
        elif op is sre.BRANCH:
            for branch in value[1]:
                _bound(branch)
