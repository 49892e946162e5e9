"""What the fields of one mapping say together: removal against content, a kind against its parameters.

Each check sees the raw mapping, so that it speaks even where a field could not be read.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from attrs import fields

from planloom_schemas.forms import KEYS, PARAMS
from planloom_schemas.layer import Item, Layer, PlanFile
from planloom_schemas.rule import KINDS, FieldTest, Fix, Loosen, Rule
from planloom_schemas.scalars import (
    Mistake,
    empty_item,
    is_list,
    is_mapping,
    misplaced,
    unknown_key,
)
from planloom_schemas.statement import Strategy, key_of

_LOOSENED: Final = frozenset(
    key_of(attribute)
    for attribute in fields(Loosen)  # type: ignore[arg-type]
    if attribute.metadata["strategy"] is Strategy.JOIN
)
_SAFE: Final = frozenset({"title", "lead", "text", "heading"})


def mapping_of(value: object) -> Mapping[str, Any]:
    """The value if it is a mapping, or an empty one: what is wrong with it is said elsewhere."""
    return value if is_mapping(value) else {}


def _said_with_removal(data: Mapping[str, Any]) -> Iterator[Mistake]:
    """An item is either taken away or spoken of."""
    others = [str(key) for key in data if key not in {"remove", "if_present"}]
    if "remove" in data and others:
        message = "one layer may not both remove an item and say something of it: {others}"
        fix = "keep remove alone, or delete it"
        yield misplaced("remove", "RemoveAndSet", message, fix, others=", ".join(others))


def _kind_takes(data: Mapping[str, Any]) -> Iterator[Mistake]:
    """Where the kind is stated, its parameters are known."""
    name = data.get("kind")
    kind = KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        return
    known = ", ".join(kind.params)
    for key in data:
        if key in PARAMS and key not in kind.params:
            message, fix = "{kind} takes no {key}", "it takes: {known}"
            yield misplaced(key, "UnknownParameter", message, fix, kind=name, known=known)
    for key in kind.needs:
        if key not in data:
            params = {"kind": name, "key": key}
            message, fix = "{kind} needs {key}", "add {key}"
            yield Mistake(path=("kind",), code="MissingParameter", message=message, params=params, fix=fix)


def _loosens_requirements(data: Mapping[str, Any]) -> Iterator[Mistake]:
    """Only what joins can be loosened; anything else would be dropped without a word."""
    for key in data:
        if key in PARAMS - _LOOSENED:
            message, fix = "{key} cannot be loosened", "one can loosen: {known}"
            yield misplaced(key, "BadValue", message, fix, known=", ".join(sorted(_LOOSENED)))


def _reasoned(data: Mapping[str, Any]) -> Iterator[Mistake]:
    if "reason" not in data:
        message, fix = "a loosening needs a reason", "add reason: and say why"
        yield Mistake(at="key", code="MissingReason", message=message, fix=fix)


def _tests_something(data: Mapping[str, Any]) -> Iterator[Mistake]:
    between = data.get("between")
    if not data:
        message, fix = "the test of the field says nothing", "use one of: {known}"
        params = {"known": ", ".join(key_of(attribute) for attribute in fields(FieldTest))}
        yield Mistake(code="EmptyItem", message=message, params=params, fix=fix)
    for key, value in data.items():
        if value is None:
            message, fix = "{key} of nothing tests nothing", "write exists: false for what is not there"
            yield misplaced(key, "BadValue", message, fix)
    if is_list(between) and len(between) != 2:
        message, fix = "between wants two numbers, found {count}", "write for example between: [1, 5]"
        params = {"count": str(len(between))}
        yield Mistake(path=("between",), code="BadValue", message=message, params=params, fix=fix)


def _one_repair(data: Mapping[str, Any]) -> Iterator[Mistake]:
    if len(data) != 1:
        message, fix = "a fix is exactly one of safe, unsafe and manual", "keep one of them"
        yield Mistake(code="BadValue", message=message, fix=fix)
    yield from (mistake.under("safe") for mistake in _more_than_texts(mapping_of(data.get("safe"))))
    for key in ("safe", "unsafe"):
        for word in mapping_of(data.get(key)):
            if word not in {"set", "remove"}:
                yield unknown_key(word, ["set", "remove"]).under(key)


def _more_than_texts(change: Mapping[str, Any]) -> Iterator[Mistake]:
    """A safe repair is applied unasked, so it may only replace texts."""
    if "remove" in change:
        yield misplaced("remove", "BadValue", "a safe fix only replaces texts", "write unsafe:")
    for path, value in mapping_of(change.get("set")).items():
        if str(path).rpartition("/")[2] not in _SAFE or not isinstance(value, str):
            message = "{key} is no text, and a safe fix only replaces texts"
            yield misplaced(str(path), "BadValue", message, "write unsafe:").under("set")


def _items_say_something(data: Mapping[str, Any]) -> Iterator[Mistake]:
    """``{}`` is a whole item in the test of a rule; in a layer it would be lost without a word."""
    collections = {name: mapping_of(data.get(name)) for name in KEYS if name in data}
    for section, stated in mapping_of(data.get("sections")).items():
        yield from (mistake.under(section).under("sections") for mistake in _empty_items(
            {"measures": mapping_of(mapping_of(stated).get("measures"))}
        ))  # fmt: skip
    yield from _empty_items(collections)


def _empty_items(collections: Mapping[str, Mapping[str, Any]]) -> Iterator[Mistake]:
    for name, items in collections.items():
        for key, item in items.items():
            if item == {}:
                yield empty_item(key).under(name)


CHECKS: Final[tuple[tuple[type, Callable[[Mapping[str, Any]], Iterator[Mistake]]], ...]] = (
    (Item, _said_with_removal),
    (Rule, _said_with_removal),
    (Rule, _kind_takes),
    (Loosen, _loosens_requirements),
    (Loosen, _reasoned),
    (FieldTest, _tests_something),
    (Fix, _one_repair),
    (Layer, _items_say_something),
    (PlanFile, _items_say_something),
)
