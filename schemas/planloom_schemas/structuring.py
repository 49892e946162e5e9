"""The one strict converter: data that people write becomes layers, plan files and what they consist of.

cattrs picks the hook for a type; the hooks are ours, because its own coerce, stop short of the user's keys
and cost a compilation for each class. Every hook collects all mistakes below it.
"""

import datetime as dt
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Literal, TypeVar, Union, cast, get_args, get_origin

import attrs

from planloom_schemas import scalars
from planloom_schemas.agreement import CHECKS, mapping_of
from planloom_schemas.dates import On
from planloom_schemas.forms import FACT_ID, KEYS, NAMES, ONE_OR_MORE, PARAMS, RESERVED_FACTS
from planloom_schemas.layer import FORMAT_VERSION, Fact, Item, Layer, PlanFile, Spend, TextFile
from planloom_schemas.rule import KINDS, Basis, Days, Percent, Rule, RuleParams, RuleTest, Selector
from planloom_schemas.scalars import (
    Gathered,
    Mistake,
    StructureError,
    empty_item,
    is_list,
    is_mapping,
    misplaced,
    missing_key,
    mistyped,
    unknown_key,
)  # fmt: skip
from planloom_schemas.statement import UNSET, Edit, Unset, key_of

if TYPE_CHECKING:
    from cattrs import BaseConverter

T = TypeVar("T")
Hook = Callable[[Any, Any], Any]


def structure(cls: type[T], data: object) -> T:
    """Build any schema class from data.

    Raises:
        StructureError: With every mistake, at the keys of the data.
    """
    return cast(T, converter().get_structure_hook(cls)(data, cls))


def structure_layer(data: object) -> Layer:
    """Build a profile or directive.

    Raises:
        StructureError: With every mistake, at the keys of the data.
    """
    return _versioned(Layer, data)


def structure_plan_file(data: object) -> PlanFile:
    """Build a plan file.

    Raises:
        StructureError: With every mistake, at the keys of the data.
    """
    return _versioned(PlanFile, data)


def _versioned(cls: type[T], data: object) -> T:
    """A file of a version we read; of another version nothing else can be said."""
    version = data.get("planloom", FORMAT_VERSION) if is_mapping(data) else FORMAT_VERSION
    if isinstance(version, int) and not isinstance(version, bool) and version != FORMAT_VERSION:
        fix = "update planloom" if version > FORMAT_VERSION else "write planloom: {known}"
        params = {"found": version, "known": FORMAT_VERSION}
        message = "the file has format version {found}, this planloom reads version {known}"
        raise StructureError(
            Mistake(path=("planloom",), code="UnsupportedVersion", message=message, params=params, fix=fix)
        )
    return structure(cls, data)


# ---- the converter ----

_CLASSES: Mapping[type, Callable[[object], Any]] = {
    str: scalars.read_text,
    int: scalars.read_whole,
    bool: scalars.read_truth,
    Decimal: scalars.read_number,
    Percent: scalars.read_percent,
    Days: scalars.read_days,
    On: scalars.read_on,
    dt.date: scalars.read_day,
}
_OTHER_TYPES: Mapping[Any, Callable[[object], Any]] = {
    Any: scalars.read_plain,
    object: lambda value: value,
    Decimal | Percent: scalars.read_amount,
}


@cache
def converter() -> "BaseConverter":
    """Built at first use: importing cattrs costs more than reading a layer."""
    from cattrs import BaseConverter

    converter = BaseConverter()
    for predicate, factory in _FACTORIES:
        converter.register_structure_hook_factory(predicate, factory)
    for cls, reader in {**_CLASSES, Spend: _read_spend}.items():
        converter.register_structure_hook(cls, hook(reader))
    return converter


def hook(reader: Callable[[Any], Any]) -> Hook:
    """A reader as cattrs wants it."""
    return lambda value, _: reader(value)


def _reader(type_: Any) -> Callable[[object], Any]:
    """The reader of a type, from the converter's cache."""
    read = converter().get_structure_hook(type_)
    return lambda value: read(value, type_)


def _is_union(type_: Any) -> bool:
    return origin_of(type_) in (types.UnionType, Union)


def origin_of(type_: Any) -> Any:
    """The generic class of a type: ``tuple`` of ``tuple[str, ...]``."""
    return get_origin(type_)


def alternatives(type_: Any) -> tuple[Any, ...]:
    """The types of a union without `Unset`, or the type alone."""
    return tuple(arg for arg in get_args(type_) if arg is not Unset) if _is_union(type_) else (type_,)


def _union_hook(type_: Any) -> Hook:
    """Unset is what is not written; None is null; what is left has one reader."""
    left = [arg for arg in alternatives(type_) if arg is not type(None)]
    if left == [str, TextFile]:
        reader: Callable[[object], Any] = _read_template
    else:
        reader = _reader(left[0] if len(left) == 1 else Union[tuple(left)])  # noqa: UP007
    if type(None) in get_args(type_):
        return lambda value, _: None if value is None else reader(value)
    return hook(reader)


def _choice_hook(type_: Any) -> Hook:
    known = get_args(type_)
    return lambda value, _: scalars.read_choice(value, known)


# ---- containers ----


def _read_list(type_: Any, value: object) -> tuple[Any, ...]:
    if not is_list(value):
        raise mistyped("a list", value, _as_list(value))
    return _read_items(_reader(type_), value)


def _as_list(value: object) -> str:
    """What to write where one thing stands alone, and a list of such is wanted."""
    return "write [{found}]" if isinstance(value, str | int | float) else ""


def _read_items(reader: Callable[[object], T], value: Sequence[Any]) -> tuple[T, ...]:
    gathered = Gathered()
    items = [gathered.read(index, reader, item) for index, item in enumerate(value)]
    gathered.settle()
    return tuple(cast("list[T]", items))


def _read_names(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (scalars.read_text(value),)
    if not is_list(value):
        raise mistyped("a name or a list of names", value, "write one name, or several in brackets: [a, b]")
    return _read_items(scalars.read_text, value)


def _read_selectors(value: object) -> tuple[Selector, ...]:
    if is_mapping(value):
        return (structure(Selector, value),)
    if not is_list(value) or not value:
        raise mistyped("a selector or a list of selectors", value)
    return _read_items(_reader(Selector), value)


def _read_mapping(reader: Callable[[object], T], form: str | None, value: object) -> dict[str, T]:
    """A mapping; ``form`` is the pattern of the ids of a collection, None where keys are free text."""
    if not is_mapping(value):
        raise mistyped("a mapping", value)
    gathered, result = Gathered(), {}
    for key, item in value.items():
        name = _read_key(key, form, gathered)
        if item is None and form:
            gathered.mistakes.append(empty_item(key))
        else:
            result[name] = gathered.read(key, reader, item)
    gathered.settle()
    return cast("dict[str, T]", result)


def _read_key(key: Any, form: str | None, gathered: Gathered) -> str:
    try:
        name = scalars.read_text(key) if form is None else scalars.read_name(form, key)
    except StructureError as error:
        gathered.mistakes += (attrs.evolve(mistake, path=(key,), at="key") for mistake in error.mistakes)
        return str(key)
    if form == FACT_ID and name in RESERVED_FACTS:
        message = "no fact can be called {key}: texts know something else by that name"
        gathered.mistakes.append(misplaced(key, "ReservedName", message, "choose another name"))
    return name


def _read_edit(type_: Any, value: object) -> Edit:
    """A list adds, ``remove`` takes away."""
    if is_list(value):
        return Edit(add=_read_list(type_, value))
    if not is_mapping(value) or not value:
        raise mistyped("a list, or a mapping of add and remove,", value, _as_list(value))
    gathered = Gathered()
    lists: dict[str, tuple[Any, ...]] = {"add": (), "remove": ()}
    for key, items in value.items():
        if key in lists:
            lists[key] = gathered.read(key, partial(_read_list, type_), items) or ()
        else:
            gathered.mistakes.append(unknown_key(key, lists))
    gathered.settle()
    return Edit(add=lists["add"], take=lists["remove"])


# ---- shorthands ----


def _read_template(value: object) -> str | TextFile:
    if is_mapping(value):
        return read_object(TextFile, value)
    return scalars.read_text(value)


def _read_spend(value: object) -> Spend:
    if is_mapping(value):
        return read_object(Spend, value)
    return Spend(amount=scalars.read_number(value))


def _read_stated_fact(value: object) -> Fact:
    """A fact of a plan file: its bare value, or a statement about it."""
    return read_object(Fact, value) if is_mapping(value) else read_object(Fact, {"value": value})


def _read_then(data: Mapping[str, Any], value: object) -> Any:
    """What follows: items for an order, a rule for an implication."""
    nested = data.get("kind") == "implies" or (data.get("kind") not in KINDS and "kind" in mapping_of(value))
    if not nested:
        return _read_selectors(value)
    rule = read_object(Rule, value)
    gathered = Gathered()
    if rule.kind is UNSET:
        gathered.mistakes.append(missing_key("kind"))
    known = {"kind", *PARAMS}
    gathered.mistakes += (unknown_key(key, sorted(known)) for key in mapping_of(value) if key not in known)
    gathered.settle()
    return rule


# ---- classes ----


@cache
def fields_of(cls: type) -> "Mapping[str, attrs.Attribute[Any]]":
    """The fields of a class by their words in files, with types that are no longer strings."""
    if any(isinstance(attribute.type, str) for attribute in attrs.fields(cls)):
        attrs.resolve_types(cls)
    return {key_of(attribute): attribute for attribute in attrs.fields(cls)}


@cache
def _required(cls: type) -> tuple[str, ...]:
    return tuple(key for key, attribute in fields_of(cls).items() if attribute.default is attrs.NOTHING)


@cache
def _checks(cls: type) -> "tuple[Callable[[Mapping[str, Any]], Iterator[Mistake]], ...]":
    return tuple(check for base, check in CHECKS if issubclass(cls, base))


def read_object(cls: type[T], data: object) -> T:
    """An attrs class from a mapping: unknown, missing and wrong fields are all named."""
    if not is_mapping(data):
        raise mistyped("a mapping", data)
    kind = cast("type", cls)
    fields, gathered = fields_of(kind), Gathered()
    values: dict[str, Any] = {}
    for key, value in data.items():
        reader = field_reader(cls, key, data)
        if reader is None:
            gathered.mistakes.append(unknown_key(key, _known_keys(cls, data)))
        else:
            values[fields[key].alias or key] = gathered.read(key, reader, value)
    gathered.mistakes += (missing_key(key) for key in _required(kind) if key not in data)
    for check in _checks(kind):
        gathered.mistakes += check(data)
    gathered.settle()
    return cls(**values)


def _known_keys(cls: type, data: Mapping[str, Any]) -> list[str]:
    """The fields that may stand here: of a rule only those of its kind."""
    known = list(fields_of(cls))
    kind = KINDS.get(str(data.get("kind"))) if issubclass(cls, Rule) else None
    return [key for key in known if not kind or key not in PARAMS or key in kind.params]


def field_reader(cls: type, key: str, data: Mapping[str, Any]) -> Callable[[object], Any] | None:
    """The reader of one field, or None if the class has no such field.

    Args:
        cls: A schema class.
        key: The field, in the words of the file.
        data: The mapping it stands in: what a `then` is depends on the kind beside it.
    """
    if key not in fields_of(cls):
        return None
    if key == "then" and issubclass(cls, RuleParams):
        return partial(_read_then, data)
    return _typed_reader(cls, key)


@cache
def _typed_reader(cls: type, key: str) -> Callable[[object], Any]:
    attribute = fields_of(cls)[key]
    name, kinds = attribute.name, alternatives(attribute.type)
    reader = (
        _special_reader(cls, name)
        or _listed_reader(name, kinds)
        or _collection_reader(cls, name, kinds)
        or _reader(kinds[0] if len(kinds) == 1 else attribute.type)
    )
    return _or_null(reader) if type(None) in kinds else reader


def _special_reader(cls: type, name: str) -> Callable[[object], Any] | None:
    if (cls, name) in NAMES:
        return partial(scalars.read_name, NAMES[cls, name])
    if name in {"remove", "restore", "reason"} and issubclass(cls, Item | RuleParams):
        return scalars.read_reason
    if name == "period" and cls in {PlanFile, RuleTest}:
        return scalars.read_period
    return _read_kind if name == "kind" and cls is Rule else None


def _listed_reader(name: str, kinds: tuple[Any, ...]) -> Callable[[object], Any] | None:
    if name in ONE_OR_MORE and tuple[str, ...] in kinds:
        return _read_names
    if name == "months" and tuple[int, ...] in kinds:
        return _read_months
    if name == "merge_months" and tuple[tuple[int, ...], ...] in kinds:
        return _read_month_groups
    if Edit in kinds:
        return partial(_read_edit, Basis if name == "basis" else str)
    return None


def _collection_reader(cls: type, name: str, kinds: tuple[Any, ...]) -> Callable[[object], Any] | None:
    if name == "facts" and cls is PlanFile:
        return partial(_read_mapping, _read_stated_fact, FACT_ID)
    if name in KEYS and origin_of(kinds[0]) is Mapping and attrs.has(item := get_args(kinds[0])[1]):
        return partial(_read_mapping, _reader(item), KEYS[name])
    return None


def _or_null(reader: Callable[[object], T]) -> Callable[[object], T | None]:
    return lambda value: None if value is None else reader(value)


def _read_kind(value: object) -> str:
    return scalars.read_choice(value, tuple(KINDS), "UnknownKind")


def _read_months(value: object) -> tuple[int, ...]:
    if not is_list(value):
        raise mistyped("a list", value, _as_list(value))
    return _read_items(scalars.read_month, value)


def _read_month_groups(value: object) -> tuple[tuple[int, ...], ...]:
    if not is_list(value):
        raise mistyped("a list", value)
    return _read_items(_read_months, value)


_FACTORIES: tuple[tuple[Callable[[Any], bool], Callable[[Any], Hook]], ...] = (
    (attrs.has, lambda cls: hook(partial(read_object, cls))),
    (_is_union, _union_hook),
    (lambda t: origin_of(t) is Literal, _choice_hook),
    (lambda t: origin_of(t) is tuple, lambda t: hook(partial(_read_list, get_args(t)[0]))),
    (
        lambda t: origin_of(t) is Mapping,
        lambda t: hook(partial(_read_mapping, _reader(get_args(t)[1]), None)),
    ),
    (lambda t: t == tuple[Selector, ...], lambda _: hook(_read_selectors)),
    (lambda t: t in _OTHER_TYPES, lambda t: hook(_OTHER_TYPES[t])),
)
"""What reads the types that are no plain class; cattrs asks the last first."""
