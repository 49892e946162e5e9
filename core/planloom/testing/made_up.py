"""Facts to try a profile with, made from nothing but what the profile says of them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from planloom.merge import Item

Facts = Mapping[str, object]

_TYPICAL: Mapping[str, object] = {"text": "甲", "boolean": True, "date": "2027-01-05", "list": ["甲", "乙"]}
_SMALLEST: Mapping[str, object] = {"text": "甲", "boolean": False, "date": "2027-01-01", "list": []}
_FULLEST: Mapping[str, object] = {
    "text": "城东片区基层工会联合会",
    "boolean": True,
    "date": "2027-12-31",
    "list": ["甲", "乙", "丙", "丁"],
}
_LIKELY, _LARGE = 60, 9_000


def typical(facts: Sequence[Item], stated: Facts) -> Facts:
    """What is stated, and something likely for each fact without a default."""
    made = {
        item.id: _chosen(item, 0) or _TYPICAL.get(item.values["type"], _number(item, Decimal(_LIKELY)))
        for item in facts
        if item.get("default") is None
    }
    known = {item.id for item in facts}
    return {**made, **{name: value for name, value in stated.items() if name in known}}


def smallest(facts: Sequence[Item]) -> Facts:
    """The least that each fact may be."""
    return {
        item.id: _chosen(item, 0) or _SMALLEST.get(item.values["type"], _number(item, Decimal(0)))
        for item in facts
    }


def fullest(facts: Sequence[Item]) -> Facts:
    """The most that each fact may be, or a large number."""
    return {
        item.id: _chosen(item, -1) or _FULLEST.get(item.values["type"], _number(item, Decimal(_LARGE)))
        for item in facts
    }


def one_by_one(facts: Sequence[Item], base: Facts) -> list[Facts]:
    """Facts in which each choice and each yes or no has, one at a time, every value it may have."""
    varied: list[Facts] = []
    for item in facts:
        values: Sequence[object] = (
            (True, False) if item.values["type"] == "boolean" else item.get("one_of", ())
        )
        listed = item.values["type"] == "list"
        varied += ({**base, item.id: [value] if listed else value} for value in values)
    return varied


def hostile(facts: Sequence[Item], base: Facts, value: str) -> Facts:
    """Facts in which every free text says something hostile."""
    free = [item for item in facts if item.values["type"] in {"text", "list"} and not item.get("one_of")]
    return {**base, **{item.id: [value] if item.values["type"] == "list" else value for item in free}}


def _chosen(item: Item, place: int) -> Any:
    one_of = item.get("one_of") or ()
    if not one_of:
        return None
    return [one_of[place]] if item.values["type"] == "list" else one_of[place]


def _number(item: Item, wanted: Decimal) -> int | float:
    low, high = item.get("min"), item.get("max")
    value = min(wanted, high) if high is not None else wanted
    value = max(value, low) if low is not None else value
    return int(value) if value == int(value) else float(value)
