"""Values of facts: of the right type, read from words of the command line, inside their limits."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from planloom.texts.run import MAX_NUMBER
from planloom_schemas.errors import Msg

YES = frozenset({"true", "yes", "y", "是", "有", "对", "1"})
NO = frozenset({"false", "no", "n", "否", "无", "没有", "不是", "0"})

_MOST_DIGITS = 100
"""Words that write a number with more digits are no number to reckon with."""

TYPE_NAMES: Mapping[str, str] = {
    "integer": "a whole number",
    "number": "a number",
    "text": "text",
    "boolean": "true or false",
    "date": "a date such as 2027-03-05",
    "choice": "one of its choices",
    "list": "a list such as [a, b]",
}
"""What is wanted for each type: English message ids."""


class FactError(ValueError):
    """A value does not fit its fact: message id and params."""

    def __init__(self, message: str, params: Mapping[str, object]) -> None:
        super().__init__(message.format(**params))
        self.message = message
        self.params = params


def typed(kind: str, value: Any) -> object:
    """The value in plain form: int, float, str, bool, ISO date text or list of str.

    Raises:
        FactError: It is of another type.
    """
    if _is_huge(value):
        found = f"{Decimal(value):.3g}"
        raise FactError(
            "{found} is too large; at most {wanted} is wanted", {"found": found, "wanted": MAX_NUMBER}
        )
    accepted = _ACCEPT[kind](value)
    if accepted is None:
        raise FactError(
            "{wanted} is wanted, found {found}", {"wanted": Msg(TYPE_NAMES[kind]), "found": shown(value)}
        )
    return accepted


def _is_huge(value: Any) -> bool:
    """Whether a number is larger than texts can print."""
    return isinstance(value, int | float | Decimal) and not -MAX_NUMBER <= value <= MAX_NUMBER


def _integer(value: Any) -> object:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _number(value: Any) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    return int(value) if value == int(value) else float(value)


def _text(value: Any) -> object:
    return value if isinstance(value, str) else None


def _boolean(value: Any) -> object:
    return value if isinstance(value, bool) else None


def _date(value: Any) -> object:
    try:
        return dt.date.fromisoformat(value).isoformat() if isinstance(value, str) else None
    except ValueError:
        return None


def _list(value: Any) -> object:
    if isinstance(value, list | tuple) and all(isinstance(element, str) for element in value):
        return list(value)
    return None


_ACCEPT = {
    "integer": _integer, "number": _number, "text": _text, "boolean": _boolean, "date": _date, "choice": _text,
    "list": _list,
}  # fmt: skip


def from_words(kind: str, words: str) -> object:
    """What the words of `--set` or of an answer mean for a fact of a type.

    Raises:
        FactError: They mean nothing of that type.
    """
    words = words.strip()
    if kind == "boolean":
        folded = words.casefold()
        return True if folded in YES else False if folded in NO else typed(kind, words)
    if kind in {"integer", "number"}:
        return typed(kind, _numeral(words))
    if kind == "list":
        return [
            part.strip()
            for part in words.strip("[]").replace("，", ",").replace("、", ",").split(",")
            if part.strip()
        ]
    return typed(kind, words)


def _numeral(words: str) -> object:
    try:
        number = Decimal(words)
    except InvalidOperation:
        return words
    if not number.is_finite() or number.adjusted() > _MOST_DIGITS:
        return words
    if abs(number) > MAX_NUMBER:
        return number
    return int(number) if number == number.to_integral_value() and "." not in words else float(number)


def check_limits(value: Any, low: Decimal | None, high: Decimal | None, one_of: Sequence[str] | None) -> None:
    """Refuse a value outside its limits.

    Raises:
        FactError: It is too small, too large, or none of the choices.
    """
    if low is not None and isinstance(value, int | float) and value < low:
        raise FactError(
            "{found} is too small; at least {wanted} is wanted", {"found": value, "wanted": f"{low:f}"}
        )
    if high is not None and isinstance(value, int | float) and value > high:
        raise FactError(
            "{found} is too large; at most {wanted} is wanted", {"found": value, "wanted": f"{high:f}"}
        )
    stray = [
        word
        for word in (value if isinstance(value, list) else [value])
        if one_of is not None and word not in one_of
    ]
    if stray:
        wanted = ", ".join(str(word) for word in one_of or ())
        raise FactError("{found} is none of: {wanted}", {"found": stray[0], "wanted": wanted})


def shown(value: object) -> str:
    """A value as a message names it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"“{value}”"
    return str(value)


class Words(str):
    """A fact's value in the words of the command line, read once its type is known."""

    __slots__ = ()
