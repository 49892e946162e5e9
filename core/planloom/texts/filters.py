"""The filters of texts: numbers, dates and money as official Chinese writes them, and a few of Jinja's own.

Each takes and gives plain values, and raises ``ValueError`` or ``TypeError`` for what it cannot use.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

MAX_TEXT = 200_000

_DIGITS = "零一二三四五六七八九"
_UNITS = ("", "十", "百", "千", "万")


def cn_number(value: Any) -> str:
    """A whole number from 0 to 99,999 in Chinese numerals: 12 is 十二, 105 is 一百零五."""
    number = _whole(value)
    if not 0 <= number <= 99_999:
        raise ValueError(number)
    digits = [int(digit) for digit in reversed(str(number))]
    spelled = "".join(
        _DIGITS[digit] + (_UNITS[place] if digit else "")
        for place, digit in reversed(list(enumerate(digits)))
    )
    spelled = re.sub("零+", "零", spelled).rstrip("零") or "零"
    return spelled.removeprefix("一") if 10 <= number <= 19 else spelled


def cn_ordinal(value: Any) -> str:
    """A Chinese ordinal: 2 is 第二."""
    return "第" + cn_number(value)


def cn_date(value: Any) -> str:
    """A day in full: 2027-10-08 is 2027年10月8日."""
    day = _day(value)
    return f"{day.year}年{day.month}月{day.day}日"


def cn_months(value: Any) -> str:
    """Months in the order given, neighbours joined: 7—8月; 4月、10月; 12月至次年1月."""
    months = [_month(month) for month in dict.fromkeys(_members(value))]
    runs: list[list[int]] = []
    for month in months:
        if runs and month == runs[-1][-1] % 12 + 1:
            runs[-1].append(month)
        else:
            runs.append([month])
    return "、".join(_month_run(run[0], run[-1]) for run in runs)


def cn_span(value: Any) -> str:
    """One or several spans of days: 10月8日; 2月6日至15日; 1月28日至2月5日."""
    return "、".join(_span(_day(span["start"]), _day(span["end"])) for span in _members(value))


def cn_money(value: Any) -> str:
    """An amount of yuan without idle zeros: 3000 is 3000元, 1234.50 is 1234.5元."""
    amount = Decimal(str(value)) if not isinstance(value, bool) else None
    if amount is None or not amount.is_finite() or abs(amount) >= 10**15:
        raise ValueError(value)
    digits = format(amount, "f")
    return (digits.rstrip("0").rstrip(".") if "." in digits else digits) + "元"


def join(value: Any, between: str = "、") -> str:
    """The members of a list as one text, 、 between them unless told otherwise."""
    members = [_text(member) for member in _members(value)]
    _bound(sum(map(len, members)) + len(_text(between)) * len(members))
    return between.join(members)


def default(value: Any, fallback: Any = "", empty: bool = False) -> Any:
    """The value, or the fallback if it is missing or null (with ``empty`` also if it is empty)."""
    return fallback if value is None or (empty and not value) else value


def length(value: Any) -> int:
    """The number of members or characters."""
    if not isinstance(value, str | list | dict):
        raise TypeError(value)
    return len(value)


def first(value: Any) -> Any:
    """The first member of a list that has any."""
    return _filled(value)[0]


def last(value: Any) -> Any:
    """The last member of a list that has any."""
    return _filled(value)[-1]


def round_half_up(value: Any, digits: int = 0) -> int | float:
    """A number rounded as taught in school (2.5 is 3) to at most six digits."""
    if isinstance(value, bool) or not isinstance(value, int | float) or digits not in range(7):
        raise TypeError(value)
    rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return float(rounded) if digits else int(rounded)


def upper(value: Any) -> str:
    """The text in capitals."""
    return _text(value).upper()


def lower(value: Any) -> str:
    """The text in small letters."""
    return _text(value).lower()


def replace(value: Any, old: str, new: str) -> str:
    """The text with every ``old`` replaced by ``new``."""
    text = _text(value)
    if not old:
        raise ValueError(old)
    _bound(len(text) + text.count(old) * len(new))
    return text.replace(old, new)


FILTERS: Mapping[str, Callable[..., object]] = {
    "cn_number": cn_number,
    "cn_ordinal": cn_ordinal,
    "cn_date": cn_date,
    "cn_months": cn_months,
    "cn_span": cn_span,
    "cn_money": cn_money,
    "join": join,
    "default": default,
    "length": length,
    "first": first,
    "last": last,
    "round": round_half_up,
    "upper": upper,
    "lower": lower,
    "replace": replace,
}
WANTS: Mapping[str, str] = {
    "cn_number": "cn_number wants a whole number from 0 to 99999",
    "cn_ordinal": "cn_ordinal wants a whole number from 0 to 99999",
    "cn_date": "cn_date wants a date such as 2027-10-08",
    "cn_months": "cn_months wants months such as [7, 8]",
    "cn_span": "cn_span wants dates with start and end",
    "cn_money": "cn_money wants an amount of money",
    "join": "join wants a list of texts or numbers",
    "default": "default wants one value to stand in",
    "length": "length wants a list or a text",
    "first": "first wants a list that is not empty",
    "last": "last wants a list that is not empty",
    "round": "round wants a number, and at most six digits",
    "upper": "upper wants a text",
    "lower": "lower wants a text",
    "replace": "replace wants a text, what to replace, and by what",
}


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        raise TypeError(value)
    return int(value)


def _day(value: Any) -> date:
    text = value.isoformat() if isinstance(value, date) else value
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError(value)
    return date.fromisoformat(text)


def _month(value: Any) -> int:
    month = _whole(value)
    if month not in range(1, 13):
        raise ValueError(value)
    return month


def _month_run(begin: int, end: int) -> str:
    if begin == end:
        return f"{begin}月"
    return f"{begin}—{end}月" if begin < end else f"{begin}月至次年{end}月"


def _span(start: date, end: date) -> str:
    opening = f"{start.month}月{start.day}日"
    if start == end:
        return opening
    if (start.year, start.month) == (end.year, end.month):
        return f"{opening}至{end.day}日"
    next_year = "次年" if start.year != end.year else ""
    return f"{opening}至{next_year}{end.month}月{end.day}日"


def _members(value: Any) -> Sequence[Any]:
    """A list as it is, a single month, span or text as a list of one."""
    return value if isinstance(value, list) else [value]


def _filled(value: Any) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise TypeError(value)
    return value


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise TypeError(value)
    return str(value)


def _bound(size: int) -> None:
    if size > MAX_TEXT:
        raise ValueError(size)
