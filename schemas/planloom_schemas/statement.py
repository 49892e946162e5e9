"""How a class of partial statements is declared: every field names its merge strategy.

A *statement* says something about one item of a plan; what it does not say is `UNSET`. The strategies are those of
the merge (docs/merging.md): each field carries one in its attrs metadata, and a class that forgets one fails at import.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Any, Final, Literal, TypeVar, dataclass_transform

import attrs
from attrs import Attribute, field

from planloom_schemas.records import frozen


class Unset(Enum):
    """The type of `UNSET`: nothing was said, which is not the same as null."""

    UNSET = "unset"

    def __bool__(self) -> Literal[False]:
        return False


UNSET: Final = Unset.UNSET


class Strategy(Enum):
    """How the definitions of one field become one value."""

    ONE = "one"
    KEYED = "keyed"
    UNION = "union"
    JOIN = "join"
    FIXED = "fixed"
    LOCAL = "local"
    EXISTENCE = "existence"


class Join(Enum):
    """How a joined parameter combines; the stricter side wins."""

    MAX = "max"
    MIN = "min"
    INTERSECTION = "intersection"
    UNION = "union"
    OR = "or"
    AGREE = "agree"
    CONJUNCTION = "conjunction"
    SEVERITY = "severity"


def said(strategy: Strategy, help: str, *, join: Join | None = None, key: str | None = None) -> Any:
    """An optional field of a statement.

    Args:
        strategy: How it merges.
        help: What it means, in Chinese: shown by editors and in the reference.
        join: How definitions combine, for `Strategy.JOIN`.
        key: The word in the file, where it is no Python name.
    """
    return field(default=UNSET, metadata=_metadata(strategy, help, join, key))


def needed(strategy: Strategy, help: str) -> Any:
    """A field that the file must state."""
    return field(metadata=_metadata(strategy, help, None, None))


def _metadata(strategy: Strategy, help: str, join: Join | None, key: str | None) -> Mapping[str, object]:
    return {"strategy": strategy, "help": help, "join": join, "key": key}


C = TypeVar("C", bound=type)


# `said` is no field specifier: type checkers then take it for a default, so that the field may be left out.
@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(needed,))
def statement(cls: C) -> C:
    """Make a frozen attrs class all of whose fields name a merge strategy.

    Raises:
        TypeError: A field names none, or a joined field names no join.
    """
    made = frozen(kw_only=True)(cls)
    for attribute in attrs.fields(made):
        strategy = attribute.metadata.get("strategy")
        if not isinstance(strategy, Strategy):
            raise TypeError(f"{cls.__name__}.{attribute.name} names no merge strategy")
        if (strategy is Strategy.JOIN) != (attribute.metadata.get("join") is not None):
            raise TypeError(
                f"{cls.__name__}.{attribute.name}: a join goes with strategy join, and only there"
            )
    return made


def key_of(attribute: "Attribute[Any]") -> str:
    """The word that stands for a field in files."""
    key = attribute.metadata.get("key")
    return key if isinstance(key, str) else attribute.name


@frozen
class Edit:
    """What a statement adds to and takes from a set of plain values."""

    add: tuple[Any, ...] = ()
    take: tuple[Any, ...] = ()
