"""What is worked out once of a frozen object and remembered while the process lives, for a bounded number.

Rules and selectors are the same objects from plan to plan, and hold mappings, so they have no hash of their
own: what is remembered is remembered of the very object.
"""

from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

MOST = 4_096


class Remembered(Generic[K, V]):
    """A function of one frozen object that works out each object once."""

    def __init__(self, work_out: Callable[[K], V]) -> None:
        self._work_out = work_out
        self._known: dict[int, tuple[K, V]] = {}

    def __call__(self, one: K) -> V:
        """What the function gives; the object is kept, so that its identity cannot pass to another."""
        known = self._known.get(id(one))
        if known is None:
            if len(self._known) >= MOST:
                self._known.clear()
            known = self._known[id(one)] = (one, self._work_out(one))
        return known[1]
