"""The words that a pattern takes, or needs: most texts are told by them, and the pattern is never compiled."""

from collections.abc import Iterable, Iterator, Sequence
from re import _constants as sre  # type: ignore[attr-defined]
from typing import Any

MOST = 64
"""How many words a part of a pattern may take to be looked for as words, and how long they may be."""

Words = frozenset[str]
Groups = tuple[tuple[str, ...], ...]
Node = tuple[Any, Any]

_NOTHING = frozenset({""})
_END: Node = (None, None)


def words_of(nodes: Sequence[Node]) -> tuple[tuple[str, ...], tuple[Groups, ...] | None]:
    """What can be told of a pattern, which has no flags.

    Args:
        nodes: What `re` parsed it to.

    Returns:
        Words where it matches wherever one of them stands; and for each of its alternatives that is more than
        such words, groups of each of which some word stands wherever it matches - or None, if there is an
        alternative of which nothing is known.
    """
    is_choice = [op for op, _ in nodes] == [sre.BRANCH]
    branches = [list(branch) for branch in nodes[0][1][1]] if is_choice else [list(nodes)]
    taken = [(branch, _taken(branch)) for branch in branches]
    sure = _shortest(word for _, words in taken for word in words or ())
    needs = [tuple(tuple(sorted(one)) for one in _groups(branch)) for branch, words in taken if words is None]
    return tuple(sorted(sure)), tuple(needs) if all(needs) else None


def _taken(nodes: Iterable[Node]) -> Words | None:
    """All that nodes in a row may take, if that is a few words."""
    words: Words | None = _NOTHING
    for op, value in nodes:
        words = _joined(words, _taken_by(op, value))
    return words


def _joined(words: Words | None, more: Words | None) -> Words | None:
    if words is None or more is None or len(words) * len(more) > MOST:
        return None
    joined = frozenset(one + other for one in words for other in more)
    return joined if max(map(len, joined), default=0) <= MOST else None


def _any(parts: Iterable[Words | None]) -> Words | None:
    known: set[str] = set()
    for words in parts:
        if words is None or len(known) + len(words) > MOST:
            return None
        known |= words
    return frozenset(known)


def _taken_by(op: Any, value: Any) -> Words | None:
    if op is sre.LITERAL:
        return frozenset({chr(value)})
    if op is sre.IN:
        listed = all(member is sre.LITERAL for member, _ in value)
        return frozenset(chr(code) for _, code in value) if listed else None
    if op is sre.SUBPATTERN:
        return None if value[1] or value[2] else _taken(value[3])
    if op is sre.BRANCH:
        return _any(map(_taken, value[1]))
    # What is taken for good may leave nothing for what follows, so it is no choice of words.
    if op in (sre.MAX_REPEAT, sre.MIN_REPEAT) and value[1] <= MOST:
        return _any(_repeated(_taken(value[2]), int(value[0]), int(value[1])))
    return None


def _repeated(words: Words | None, least: int, most: int) -> Iterator[Words | None]:
    repeated: Words | None = _NOTHING
    for times in range(most + 1):
        if times >= least:
            yield repeated
        repeated = _joined(repeated, words)


def _groups(nodes: Iterable[Node]) -> list[Words]:
    """Groups of words of each of which one stands wherever nodes that follow each other match."""
    found: list[Words] = []
    run = _NOTHING
    for op, value in (*nodes, _END):
        words = _taken_by(op, value)
        longer = _joined(run, words)
        if longer is not None:
            run = longer
            continue
        found += [run, *(_groups_in(op, value) if words is None else ())]
        run = words or _NOTHING
    return [_shortest(words) for words in found if "" not in words]


def _groups_in(op: Any, value: Any) -> list[Words]:
    if op is sre.SUBPATTERN:
        return [] if value[1] or value[2] else _groups(value[3])
    if op is sre.ATOMIC_GROUP:
        return _groups(value)
    if op in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
        return _groups(value[2]) if value[0] else []
    branches = [_groups(branch) for branch in value[1]] if op is sre.BRANCH else []
    return [frozenset().union(*map(_rarest, branches))] if branches and all(branches) else []


def _shortest(words: Iterable[str]) -> Words:
    """The words without those that hold another."""
    kept: list[str] = []
    for word in sorted(set(words), key=len):
        if not any(one in word for one in kept):
            kept.append(word)
    return frozenset(kept)


def _rarest(groups: Sequence[Words]) -> Words:
    """The group that is least likely to be found: of long words, and few."""
    return max(groups, key=lambda words: (min(map(len, words)), -len(words)))
