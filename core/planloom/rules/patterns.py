"""The regular expressions of layers: what is known of one before it is compiled, and whether it occurs in a text.

Only those of the linear subset are used (`planloom.rules.linear`). What is taken still tries each place of a
text anew; a repeat without an end ends after a thousand (`bounded`), so that the work grows with the text and
not with its square.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from re import _parser as parser  # type: ignore[attr-defined]
from typing import TYPE_CHECKING, NamedTuple

from planloom.regexes import MAX_COUNT, bounded
from planloom_schemas.errors import Problem

if TYPE_CHECKING:
    from planloom.rules.linear import Flaw
    from planloom.rules.words import Groups

MOST = 4_096  # patterns that are remembered
_SPECIAL = frozenset(r"\.^$?*+(){}[]")
"""Without these a pattern is words to choose from, which nothing can be wrong with."""


class Reading(NamedTuple):
    """What is known of a pattern before it is compiled.

    Args:
        flaws: Why it cannot be used.
        sure: Words where it matches wherever one of them stands.
        needs: What else it may match: alternatives, of which one has of each of its groups some word in the
            text; None if nothing is known.
    """

    flaws: "tuple[Flaw, ...]" = ()
    sure: tuple[str, ...] = ()
    needs: "tuple[Groups, ...] | None" = None


def flaws(pattern: str) -> "tuple[Flaw, ...]":
    """Why a pattern cannot be used; empty if it can."""
    return reading(pattern).flaws


_known: dict[str, Reading] = {}


def reading(pattern: str) -> Reading:
    """What is known of a pattern; each is read once."""
    known = _known.get(pattern)
    if known is None:
        if len(_known) >= MOST:
            _known.clear()
        known = _known[pattern] = _read(pattern)
    return known


def know(readings: Mapping[str, Reading]) -> None:
    """Take in what was found out about patterns before."""
    _known.update(readings)


def _read(pattern: str) -> Reading:
    if is_plain(pattern):
        return Reading(sure=tuple(pattern.split("|")), needs=())
    from planloom.rules.linear import Flaw, flaws_of
    from planloom.rules.words import words_of

    try:
        tree = parser.parse(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return Reading((Flaw("{pattern} is no regular expression: {found}", str(error), "mend the pattern"),))
    found = flaws_of(tree)
    return Reading(found) if found or tree.state.flags & re.IGNORECASE else Reading((), *words_of(list(tree)))


def pattern_problems(pattern: str, path: str = "") -> Iterator[Problem]:
    """The problems of a pattern that stands in a rule."""
    for flaw in flaws(pattern):
        params = {"pattern": pattern, "found": flaw.found, "most": MAX_COUNT}
        yield Problem(code="UnsafePattern", message=flaw.message, params=params, path=path, fix=flaw.fix)


@lru_cache(maxsize=32_768)
def occurs(pattern: str, text: str) -> bool:
    """Whether a pattern matches somewhere in a text.

    Remembered, as most texts of a plan are those of the plan before; and most patterns need words that the
    text does not have, so that they are never compiled.
    """
    _, sure, needs = reading(pattern)
    if any(map(text.__contains__, sure)):
        return True
    return _has_needs(needs, text) and bounded(pattern).search(text) is not None


def may_occur(pattern: str, text: str) -> bool:
    """Whether a text has the words without which the pattern matches nowhere in it."""
    _, sure, needs = reading(pattern)
    return any(map(text.__contains__, sure)) or _has_needs(needs, text)


def _has_needs(needs: "tuple[Groups, ...] | None", text: str) -> bool:
    if needs is None:
        return True
    has = text.__contains__
    for groups in needs:
        for words in groups:
            if not any(map(has, words)):
                break
        else:
            return True
    return False


def is_plain(pattern: str) -> bool:
    """Whether a pattern is nothing but words to choose from."""
    return _SPECIAL.isdisjoint(pattern) and pattern.count("|") < MAX_COUNT
