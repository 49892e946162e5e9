r"""The linear subset of regular expressions, and why a pattern is not of it.

`re` backtracks, so a pattern from somebody else's file could run for hours. Refused are what makes that
possible - a repeat inside a repeat, repeats next to each other that can take the same characters,
references back, looking around, counts above a thousand - and ``\b`` beside Han, which never matches
inside Chinese text.
"""

import re
from collections.abc import Iterable, Sequence
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from planloom.regexes import MAX_COUNT, REPEATS
from planloom_schemas.records import frozen

MOST_BESIDE = 10
"""In how many ways counted repeats and choices may share characters with a repeat without an end."""
_ENDLESS = 1 << 30
_TOP = 0x10FFFF
_HAN = (0x3400, 0x9FFF)

Range = tuple[int, int]
Node = tuple[Any, Any]

_SPACES: tuple[Range, ...] = (
    (9, 13),
    (28, 32),
    (0x85, 0x85),
    (0xA0, 0xA0),
    (0x1680, 0x1680),
    (0x2000, 0x200A),
    (0x2028, 0x2029),
    (0x202F, 0x202F),
    (0x205F, 0x205F),
    (0x3000, 0x3000),
)
_WORDS: tuple[Range, ...] = ((48, 57), (65, 90), (95, 95), (97, 122))


def _without(ranges: Sequence[Range]) -> tuple[Range, ...]:
    """All characters but these."""
    left, start = [], 0
    for low, high in sorted(ranges):
        if low > start:
            left.append((start, low - 1))
        start = max(start, high + 1)
    return (*left, (start, _TOP)) if start <= _TOP else tuple(left)


# Each at least as wide as what `re` takes: sets are only used to tell that two repeats cannot overlap.
_CATEGORIES: dict[Any, tuple[Range, ...]] = {
    sre.CATEGORY_DIGIT: ((48, 57), (0x660, 0x2E7F), (0xA4D0, 0x1FFFF)),
    sre.CATEGORY_NOT_DIGIT: _without(((48, 57),)),
    sre.CATEGORY_SPACE: _SPACES,
    sre.CATEGORY_NOT_SPACE: _without(_SPACES),
    sre.CATEGORY_WORD: (
        *_WORDS,
        (0xAA, 0x1FFF),
        (0x2070, 0x2FFF),
        (0x3005, 0x3007),
        (0x3021, 0xFEFF),
        (0xFF10, _TOP),
    ),
    sre.CATEGORY_NOT_WORD: _without((*_WORDS, _HAN)),
}


@frozen
class Flaw:
    """One reason why a pattern is refused: an English message id, what was found, and what to do."""

    message: str
    found: str
    fix: str


def flaws_of(tree: Any) -> tuple[Flaw, ...]:
    """Why a pattern is not of the linear subset.

    Args:
        tree: What `re` parsed it to.
    """
    reader = _Reader(bool(tree.state.flags & re.IGNORECASE))
    reader.flags(tree.state.flags & re.ASCII, "leave (?a) out")
    reader.sequence(list(tree), (), False)
    return tuple(dict.fromkeys(reader.flaws))


@frozen(eq=False)
class _Open:
    """A repeat, or a choice, that may still take what comes next; each is itself, however alike."""

    ranges: tuple[Range, ...]
    most: int


class _Reader:
    """Walks the tree of a pattern; ``opened`` are the repeats still open where a node begins."""

    def __init__(self, ignore_case: bool) -> None:
        self.flaws: list[Flaw] = []
        self.ignore_case = ignore_case

    def sequence(self, nodes: Sequence[Node], opened: tuple[_Open, ...], repeated: bool) -> tuple[_Open, ...]:
        for number, (op, value) in enumerate(nodes):
            if op is sre.AT and value in (sre.AT_BOUNDARY, sre.AT_NON_BOUNDARY):
                self.boundary([*nodes[max(0, number - 1) : number], *nodes[number + 1 : number + 2]])
            opened = self.node(op, value, opened, repeated)
        return opened

    def node(self, op: Any, value: Any, opened: tuple[_Open, ...], repeated: bool) -> tuple[_Open, ...]:
        if op in REPEATS:
            return self.repeat(value, opened, repeated)
        if op is sre.SUBPATTERN:
            self.flags(value[1], "write (?i) at the beginning")
            return self.sequence(list(value[3]), opened, repeated)
        if op is sre.ATOMIC_GROUP:
            return self.sequence(list(value), opened, repeated)
        if op is sre.BRANCH:
            return self.branch([list(branch) for branch in value[1]], opened, repeated)
        if op in (sre.GROUPREF, sre.GROUPREF_EXISTS):
            self.refuse("{pattern} refers back to a group", "", "write the words out")
        elif op in (sre.ASSERT, sre.ASSERT_NOT):
            self.refuse("{pattern} looks around itself", "", "match the surroundings too, or use “except”")
        ranges = self.taken([(op, value)])
        return opened if op is sre.AT else tuple(one for one in opened if _meet(one.ranges, ranges))

    def repeat(self, value: Any, opened: tuple[_Open, ...], repeated: bool) -> tuple[_Open, ...]:
        least, most, body = int(value[0]), min(int(value[1]), _ENDLESS), list(value[2])
        endless = value[1] is sre.MAXREPEAT
        if least == most == 1:
            return self.sequence(body, opened, repeated)
        if max(least, 0 if endless else most) > MAX_COUNT:
            count = str(least if endless else most)
            self.refuse(
                "{pattern} repeats {found} times, at most {most} are allowed", count, "use a smaller count"
            )
        varies = endless or most > least
        if repeated and varies:
            self.refuse(
                "{pattern} has a repeat inside a repeat", "", "repeat one thing, not a group with repeats"
            )
        # What may be there once begins where the repeats before it are still open.
        inside = self.sequence(body, opened if most == 1 else (), repeated or most > 1)
        ranges = self.taken(body)
        meeting = tuple(one for one in opened if _meet(one.ranges, ranges))
        after = opened if least == 0 or _all_empty(body) else meeting
        if not varies:
            return after
        own = tuple(one for one in inside if most == 1 and one not in opened)
        here = (*own, _Open(ranges, _ENDLESS if endless else most - least + 1))
        self.adjacent((*meeting, *here))
        return (*after, *here)

    def adjacent(self, chain: tuple[_Open, ...]) -> None:
        endless = sum(one.most == _ENDLESS for one in chain)
        choices = 1
        for one in chain:
            choices *= 1 if one.most == _ENDLESS else one.most
        if endless > 1 or choices > (MOST_BESIDE if endless else MAX_COUNT):
            message = "{pattern} has repeats that can take the same characters"
            self.refuse(
                message, "", "put between them something the first cannot take, or count them, e.g. {{0,20}}"
            )

    def branch(
        self, branches: list[list[Node]], opened: tuple[_Open, ...], repeated: bool
    ) -> tuple[_Open, ...]:
        firsts = [self.first(branch) for branch in branches]
        alike = any(_meet(one, two) for n, one in enumerate(firsts) for two in firsts[n + 1 :])
        alike = alike or any(map(_all_empty, branches))
        if repeated and alike:
            message = "{pattern} repeats alternatives that begin alike"
            self.refuse(message, "", "let each alternative begin with a character of its own")
        ways = [self.sequence(branch, opened, repeated) for branch in branches]
        if alike:
            choice = _Open(self.taken([node for branch in branches for node in branch]), len(branches))
            ways = [(*way, choice) for way in ways]
            for way in ways:
                self.adjacent(way)
        return tuple(dict.fromkeys(one for way in ways for one in way))

    def flags(self, flags: int, fix: str) -> None:
        """Flags that change what a part takes, so that nothing can be told of it."""
        if flags & re.ASCII or (flags & re.IGNORECASE and not self.ignore_case):
            self.refuse("{pattern} has flags for ASCII, or for a part only", "", fix)

    def boundary(self, beside: Iterable[Node]) -> None:
        if any(_is_han(op, value) for op, value in beside):
            self.refuse("{pattern} has \\b beside Chinese, where it never matches", "", "leave \\b out")

    def refuse(self, message: str, found: str, fix: str) -> None:
        self.flaws.append(Flaw(message, found, fix))

    def taken(self, nodes: Iterable[Node]) -> tuple[Range, ...]:
        """Every character that some part of the nodes may take."""
        ranges = [one for op, value in nodes for one in self._taken(op, value)]
        if self.ignore_case:
            ranges += [(0, _TOP)] if any(_has_case(*one) for one in ranges) else []
        return tuple(ranges)

    def first(self, nodes: Iterable[Node]) -> tuple[Range, ...]:
        """Every character that nodes in a row may begin with: what may take nothing lets the next begin."""
        ranges: list[Range] = []
        for op, value in nodes:
            ranges += self.taken([(op, value)])
            if not _may_be_empty(op, value):
                break
        return tuple(ranges)

    def _taken(self, op: Any, value: Any) -> Iterable[Range]:
        if op is sre.LITERAL:
            return [(value, value)]
        if op is sre.NOT_LITERAL:
            return _without([(value, value)])
        if op is sre.ANY:
            return [(0, _TOP)]
        if op is sre.IN:
            return _class(value)
        if op in REPEATS:
            return self.taken(value[2])
        if op is sre.SUBPATTERN:
            return self.taken(value[3])
        if op is sre.ATOMIC_GROUP:
            return self.taken(value)
        if op is sre.BRANCH:
            return [one for branch in value[1] for one in self.taken(branch)]
        return []


def _class(members: Sequence[Node]) -> tuple[Range, ...]:
    ranges: list[Range] = []
    for op, value in members:
        if op is sre.LITERAL:
            ranges.append((value, value))
        elif op is sre.RANGE:
            ranges.append((value[0], value[1]))
        elif op is sre.CATEGORY:
            ranges += _CATEGORIES[value]
    if not members or members[0][0] is not sre.NEGATE:
        return tuple(ranges)
    # What is not taken must be at most as wide as what `re` leaves out, so a category is left out exactly.
    exact = [one for one in members if one[0] is not sre.CATEGORY]
    return _without(_class(exact[1:])) if len(exact) < len(members) else _without(ranges)


def _meet(one: Iterable[Range], other: Sequence[Range]) -> bool:
    return any(low <= top and bottom <= high for low, high in one for bottom, top in other)


def _may_be_empty(op: Any, value: Any) -> bool:
    if op in REPEATS:
        return value[0] == 0 or _all_empty(value[2])
    if op is sre.SUBPATTERN:
        return _all_empty(value[3])
    if op is sre.ATOMIC_GROUP:
        return _all_empty(value)
    if op is sre.BRANCH:
        return any(map(_all_empty, value[1]))
    return op not in (sre.LITERAL, sre.NOT_LITERAL, sre.ANY, sre.IN)


def _all_empty(nodes: Iterable[Node]) -> bool:
    return all(_may_be_empty(op, value) for op, value in nodes)


def _has_case(low: int, high: int) -> bool:
    """Whether a range may hold letters with two cases; Han has none."""
    return high >= ord("A") and not (_HAN[0] <= low and high <= _HAN[1])


def _is_han(op: Any, value: Any) -> bool:
    if op is sre.LITERAL:
        return bool(_HAN[0] <= value <= _HAN[1])
    explicit = [member for member in value if member[0] in (sre.LITERAL, sre.RANGE)] if op is sre.IN else []
    return _meet(_class(explicit), (_HAN,)) if explicit else False


def example(pattern: str, filler: str = "甲") -> str | None:
    """A text that a pattern of the linear subset matches, or None if none was found.

    Args:
        pattern: The pattern.
        filler: What stands where anything may stand.
    """
    try:
        tree = parser.parse(pattern)
    except (re.error, OverflowError, RecursionError):
        return None
    if flaws_of(tree):
        return None
    text = "".join(_example(op, value, filler) for op, value in tree)
    return text if re.search(pattern, text) else None


def _example(op: Any, value: Any, filler: str) -> str:
    if op is sre.LITERAL:
        return chr(value)
    if op is sre.ANY:
        return filler
    if op is sre.NOT_LITERAL:
        return "乙" if chr(value) == filler else filler
    if op is sre.IN:
        return _member(_class(value), filler)
    if op in REPEATS:
        # One where none would do: the text should show what the pattern is about.
        return "".join(_example(node[0], node[1], filler) for node in value[2]) * max(
            int(value[0]), min(1, int(value[1]))
        )
    if op is sre.SUBPATTERN:
        return "".join(_example(node[0], node[1], filler) for node in value[3])
    if op is sre.ATOMIC_GROUP:
        return "".join(_example(node[0], node[1], filler) for node in value)
    return "".join(_example(node[0], node[1], filler) for node in value[1][0]) if op is sre.BRANCH else ""


def _member(ranges: tuple[Range, ...], filler: str) -> str:
    if _meet(ranges, ((ord(filler), ord(filler)),)):
        return filler
    for low, high in ranges:
        for code in (low, *range(max(low, 0x4E00), min(high, 0x4E02))):
            if chr(code).isprintable():
                return chr(code)
    return chr(ranges[0][0]) if ranges else ""
