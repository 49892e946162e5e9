"""Strict reading of plain values: nothing is coerced, and what is wrong is said in words.

Readers take one raw value and give its canonical form (NFC, LF, decimals for fractions) or raise a
`StructureError` with every mistake in it. Paths are relative to the value; whoever holds the value puts its
key before them.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal, TypeGuard, TypeVar

from attrs import evolve, field

from planloom_schemas.dates import DateError, Issue, On, parse_date, parse_days, parse_on, parse_period
from planloom_schemas.errors import nearest
from planloom_schemas.forms import CODE, FACT_ID, PREFIX, SLUG
from planloom_schemas.records import frozen
from planloom_schemas.rule import Amount, Days, Percent

T = TypeVar("T")
Path = tuple[str | int, ...]
Reader = Callable[[object], T]

_ID_FIXES: Mapping[str, str] = {
    SLUG: "use lower-case letters, digits and hyphens, and start with a letter",
    FACT_ID: "use lower-case letters, digits and underscores, and start with a letter",
    CODE: "write capital letters and three digits, for example SCH001",
    PREFIX: "write two to five capital letters, for example SCH",
}
_LONGEST_SHOWN = 40


# ---- what can be wrong ----


@frozen(kw_only=True)
class Mistake:
    """One thing that does not have the shape it must have.

    Args:
        path: Where, in the user's own keys.
        at: Whether the key is wrong, or what stands behind it.
        code: Stable CamelCase name.
        message: English message id with ``{named}`` fields.
        params: Values of the fields.
        fix: English message id of what to do, with the same params; or "".
    """

    path: Path = ()
    at: Literal["key", "value"] = "value"
    code: str
    message: str
    params: Mapping[str, object] = field(factory=dict[str, object])
    fix: str = ""

    def under(self, key: str | int) -> "Mistake":
        """The same mistake, seen from one level up."""
        return evolve(self, path=(key, *self.path))

    def __str__(self) -> str:
        return ": ".join(filter(None, ("/".join(map(str, self.path)), self.message.format(**self.params))))


class StructureError(ValueError):
    """Data does not have the shape it must have; ``mistakes`` holds everything that is wrong."""

    def __init__(self, *mistakes: Mistake) -> None:
        super().__init__("; ".join(map(str, mistakes)))
        self.mistakes = mistakes


class Gathered:
    """The mistakes of several readings, so that one bad value never hides another."""

    def __init__(self) -> None:
        self.mistakes: list[Mistake] = []

    def read(self, key: str | int, reader: Callable[[object], T], value: object) -> T | None:
        """What the reader gives, or None after noting its mistakes under the key."""
        try:
            return reader(value)
        except StructureError as error:
            self.mistakes += (mistake.under(key) for mistake in error.mistakes)
            return None

    def settle(self) -> None:
        """Raise if anything was wrong.

        Raises:
            StructureError: With all of it.
        """
        if self.mistakes:
            raise StructureError(*self.mistakes)


def is_mapping(value: object) -> TypeGuard[Mapping[str, Any]]:
    """Whether a raw value is a mapping; the loader lets only texts be keys."""
    return isinstance(value, Mapping)


def is_list(value: object) -> TypeGuard[Sequence[Any]]:
    """Whether a raw value is a list: a text, though a sequence, is none."""
    return isinstance(value, list | tuple)


def shown(value: object) -> str:
    """A value as a person would write it, shortened."""
    text = _flow(value)
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"


def _flow(value: object) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if is_mapping(value):
        return "{" + ", ".join(f"{key}: {_flow(item)}" for key, item in value.items()) + "}"
    if is_list(value):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return str(value) or '""'


def wrong(code: str, message: str, fix: str = "", **params: object) -> StructureError:
    """One mistake about the value itself."""
    return StructureError(Mistake(code=code, message=message, params=params, fix=fix))


def mistyped(wanted: str, value: object, fix: str = "", **params: object) -> StructureError:
    """The mistake of a value of another kind; ``wanted`` is English, such as "a text"."""
    if value is None:
        fix = fix or "write it, or leave the key out"
        return wrong("WrongType", f"{wanted} is wanted, found nothing", fix, **params)
    message = f"{wanted} is wanted, found {_kind_of(value)}{{found}}"
    return wrong("WrongType", message, fix, **{"found": shown(value), **params})


def _kind_of(value: object) -> str:
    if isinstance(value, bool):
        return "the value "
    if isinstance(value, str):
        return "the text "
    if is_list(value):
        return "a list: "
    return "a mapping: " if is_mapping(value) else ""


def suggestion(word: str, known: Iterable[str]) -> tuple[str, dict[str, object]]:
    """A fix that names the nearest known word, or else all of them, with its params."""
    names = list(known)
    plain = unicodedata.normalize("NFKC", word).strip().lower()
    near = next((name for name in names if name.lower() == plain), "") or nearest(word, names)
    fix = "did you mean {near}?" if near else "use one of: {known}"
    return fix, {"near": near, "known": ", ".join(names)}


def empty_item(key: str) -> Mistake:
    """An id with nothing behind it."""
    message, fix = "nothing is said of {key}", "say something under it, or delete the line"
    return misplaced(key, "EmptyItem", message, fix)


def missing_key(key: str) -> Mistake:
    """A field that must be there."""
    message, fix = "{key} is missing", "add the field {key}"
    return Mistake(at="key", code="MissingKey", message=message, params={"key": key}, fix=fix)


def unknown_key(key: str, known: Iterable[str]) -> Mistake:
    """A field that means nothing here."""
    fix, params = suggestion(str(key), known)
    return misplaced(key, "UnknownKey", "there is no field {key} here", fix, **params)


def misplaced(key: str, code: str, message: str, fix: str, **params: object) -> Mistake:
    """A mistake of a key, which every message may name."""
    return Mistake(path=(key,), at="key", code=code, message=message, params={"key": key, **params}, fix=fix)


# ---- texts ----


def read_text(value: object) -> str:
    """A text in canonical form."""
    if not isinstance(value, str):
        simple = isinstance(value, int | float)
        raise mistyped("a text", value, "put it in quotes: '{found}'" if simple else "")
    if value.isascii():
        return value.replace("\r\n", "\n") if "\r" in value else value
    return unicodedata.normalize("NFC", value.replace("\r\n", "\n"))


def read_name(pattern: str, value: object) -> str:
    """A text of a fixed form: an id, a code, a prefix."""
    text = read_text(value)
    if re.match(pattern, text):
        return text
    near = unicodedata.normalize("NFKC", text).strip()
    near = near.upper() if pattern in (CODE, PREFIX) else near.lower()
    near = re.sub("[ _-]+", "_" if pattern == FACT_ID else "" if near.isupper() else "-", near)
    fix = "write {near}" if re.match(pattern, near) else _ID_FIXES[pattern]
    nouns = {CODE: "{found} is no rule code", PREFIX: "{found} is no prefix of rule codes"}
    raise wrong("BadId", nouns.get(pattern, "{found} is no id"), fix, found=shown(text), near=near)


def read_reason(value: object) -> str:
    """A reason, which may not be blank."""
    text = read_text(value)
    if not text.strip():
        raise wrong("MissingReason", "the reason is blank", "say why in a few words")
    return text


def read_choice(value: object, known: tuple[str, ...], code: str = "BadValue") -> str:
    """One of the known words."""
    if not isinstance(value, str):
        raise mistyped("a text", value, "use one of: {known}", known=", ".join(known))
    if value not in known:
        fix, params = suggestion(value, known)
        raise wrong(code, "{found} is none of: {known}", fix, found=shown(value), **params)
    return value


# ---- numbers and truth ----


def read_whole(value: object) -> int:
    """A whole number."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise _no_number("a whole number", value)


def read_number(value: object) -> Decimal:
    """A number, exactly as it was written."""
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return value if isinstance(value, Decimal) else Decimal(str(value))
    raise _no_number("a number", value)


def _no_number(wanted: str, value: object) -> StructureError:
    if isinstance(value, str):
        half = unicodedata.normalize("NFKC", value).strip()
        if re.fullmatch(r"[+-]?[0-9][0-9,]*(\.[0-9]+)?", half):
            if not value.isascii():
                message = "{found} has full-width digits"
                return wrong("BadValue", message, "write {half}", found=shown(value), half=half)
            bare = half.replace(",", "")
            return mistyped(wanted, value, "write {bare} without quotes and commas", bare=bare)
    return mistyped(wanted, value)


def read_truth(value: object) -> bool:
    """True or false, and no other word for it."""
    if isinstance(value, bool):
        return value
    raise mistyped("true or false", value, "write true or false")


def read_percent(value: object) -> Percent:
    """A share, written ``80%``."""
    text = unicodedata.normalize("NFKC", value).strip() if isinstance(value, str) else ""
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?) ?%", text)
    if not found:
        raise mistyped("a percentage", value, "write for example 80%")
    return Percent(Decimal(found[1]))


def read_amount(value: object) -> Amount:
    """A number, or a share."""
    if isinstance(value, str) and value.strip().endswith(("%", "％")):
        return read_percent(value)
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return read_number(value)
    raise _no_number("a number or a percentage", value)


def read_month(value: object) -> int:
    """A month from 1 to 12."""
    month = read_whole(value)
    if not 1 <= month <= 12:
        raise wrong("BadValue", "{found} is no month", "write a month from 1 to 12", found=month)
    return month


# ---- dates ----


def _dated(parse: Callable[[object], T], value: object) -> T:
    """What the parser of a date gives, with its problems as mistakes."""
    try:
        return parse(value)
    except DateError as error:
        raise StructureError(*map(_date_mistake, error.issues)) from error


def _date_mistake(issue: Issue) -> Mistake:
    at: Literal["key", "value"] = "key" if issue.path and "key" in issue.params else "value"
    path, params = issue.path, issue.params
    return Mistake(path=path, at=at, code="BadDate", message=issue.message, params=params, fix=issue.fix)


def read_on(value: object) -> On:
    """A symbolic date."""
    return _dated(parse_on, value)


def read_day(value: object) -> dt.date:
    """A day with its year."""
    return _dated(parse_date, value)


def read_days(value: object) -> Days:
    """A length of time."""
    return Days(_dated(parse_days, value))


def read_period(value: object) -> Any:
    """A period as written: that it can be read is checked here, what it is is asked of `parse_period`."""
    _dated(parse_period, value)
    return read_plain(value)


# ---- values of any kind ----


def read_plain(value: object) -> Any:
    """A value of any kind in canonical form: lists become tuples, fractions decimals."""
    if isinstance(value, str):
        return read_text(value)
    if isinstance(value, float):
        return Decimal(str(value))
    if is_mapping(value):
        return {key: read_plain(item) for key, item in value.items()}
    if is_list(value):
        return tuple(read_plain(item) for item in value)
    return value
