"""What is worked out once of a frozen object and remembered while the process lives, for a bounded number.

Rules and selectors are the same objects from plan to plan, and hold mappings, so they have no hash of their
own: what is remembered is remembered of the very object.
"""

from collections.abc import Callable, Hashable
from typing import Concatenate, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

MOST = 4_096


class Remembered(Generic[K, V]):
    """A function of one frozen object that works out each object once.

    Args:
        work_out: Also gets what else the call names, which must not change what the object gives.
    """

    def __init__(self, work_out: Callable[Concatenate[K, ...], V]) -> None:
        self._work_out = work_out
        self._known: dict[int, tuple[K, V]] = {}

    def __call__(self, one: K, *beside: object) -> V:
        """What the function gives; the object is kept, so that its identity cannot pass to another."""
        known = self._known.get(id(one))
        if known is None:
            if len(self._known) >= MOST:
                self._known.clear()
            known = self._known[id(one)] = (one, self._work_out(one, *beside))
        return known[1]


MOST_TEXTS = 32_768


class Clean:
    """Texts in which something was looked for in vain: most texts of a plan are those of the plan before."""

    def __init__(self) -> None:
        self._texts: dict[Hashable, set[str]] = {}

    def of(self, search: Hashable) -> set[str]:
        """The texts known to be clean of what a search looks for; whoever finds more adds them."""
        known = self._texts.setdefault(search, set())
        if sum(map(len, self._texts.values())) > MOST_TEXTS:
            self._texts = {search: known}
            known.clear()
        return known
