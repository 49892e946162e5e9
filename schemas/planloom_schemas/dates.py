"""How symbolic dates, periods and lengths of time are written: reading and writing `on:` and `period:`.

Reading collects every problem as an `Issue` (an English message id with its values), so that a caller who
knows the positions in the file can report all of them at once. The values themselves are in ``moments``.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple, cast

from planloom_schemas.datewriting import format_on
from planloom_schemas.errors import nearest
from planloom_schemas.moments import (
    FESTIVALS,
    MONTHS,
    ORDINALS,
    PARTS,
    SOLAR_TERMS,
    WEEKDAYS,
    ActivityRef,
    Base,
    Date,
    Every,
    Festival,
    Form,
    Month,
    Months,
    On,
    Part,
    Period,
    Quarter,
    SolarTerm,
    Span,
    Unit,
    Weekday,
    festival_name,
    has_year,
    last_day,
)

__all__ = [
    "BASES",
    "FESTIVALS",
    "PARTS",
    "SOLAR_TERMS",
    "ActivityRef",
    "Base",
    "Date",
    "DateError",
    "Every",
    "Festival",
    "Form",
    "Issue",
    "Month",
    "Months",
    "On",
    "OnError",
    "Part",
    "Period",
    "Quarter",
    "SolarTerm",
    "Span",
    "Unit",
    "Weekday",
    "festival_name",
    "format_on",
    "has_year",
    "parse_date",
    "parse_days",
    "parse_on",
    "parse_period",
]

BASES = (
    "month", "months", "date", "festival", "quarter", "solar_term", "weekday", "every", "from", "activity",
)  # fmt: skip
"""The keys of which an `on:` has exactly one; ``from`` takes ``to`` with it."""

_CHINESE_MONTHS = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
_CHINESE_WEEKDAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6}
_CHINESE_WEEKDAY = (
    "(?P<month>[一二三四五六七八九十]{1,2}|[0-9]{1,2})月份?的?"
    "(?:第(?P<n>[一二三四五1-5])个?|最后一?个?)(?:星期|周)(?P<day>[一二三四五六日天])"
)
_FIRST_YEAR, _LAST_YEAR = 1950, 2099
_LONGEST_SHIFT = 366


# ---- what can be wrong ----


class Issue(NamedTuple):
    """One problem: where inside the value, a message id, its values, and a message id of what to do."""

    path: tuple[str | int, ...]
    message: str
    params: Mapping[str, object]
    fix: str = ""


class DateError(ValueError):
    """A date, a length of time or a period cannot be read; ``issues`` holds everything that is wrong."""

    def __init__(self, *issues: Issue) -> None:
        super().__init__("; ".join(issue.message.format(**issue.params) for issue in issues))
        self.issues = issues


class OnError(DateError):
    """An `on:` cannot be read."""


def _wrong(message: str, fix: str = "", **params: object) -> DateError:
    return DateError(Issue((), message, params, fix))


# ---- reading ----


def parse_on(raw: object) -> On:
    """Read the mapping a person wrote under `on:`.

    Raises:
        OnError: With every problem found.
    """
    if not isinstance(raw, Mapping):
        message, fix = "“on” should be a mapping, but is {value}", "write for example on: {{month: 3}}"
        raise OnError(Issue((), message, {"value": _shown(raw)}, fix))
    mapping = {str(key): value for key, value in cast(Mapping[object, object], raw).items()}
    values: dict[str, Any] = {}
    issues = list(_shape_issues(mapping))
    for key, value in mapping.items():
        if key in _READERS:
            try:
                values[key] = _READERS[key](value)
            except DateError as error:
                issues += (issue._replace(path=(key, *issue.path)) for issue in error.issues)
    issues += _order_issues(values)
    if issues:
        raise OnError(*issues)
    base = next(key for key in BASES if key in values)
    return On(_BUILDERS[base](values), values.get("before"), values.get("after"))


def _shape_issues(mapping: Mapping[str, object]) -> Iterator[Issue]:
    """Problems of which keys there are, whatever they hold."""
    unknown = [key for key in mapping if key not in _READERS]
    for key in unknown:
        near = nearest(key, _READERS)
        fix = "did you mean {near}?" if near else "use one of: {known}"
        yield Issue((key,), "“on” knows no {key}", {"key": key, "near": near, "known": ", ".join(BASES)}, fix)
    bases = [key for key in BASES if key in mapping]
    if len(bases) > 1:
        params = {"count": len(bases), "bases": ", ".join(bases)}
        yield Issue((), "“on” has {count} bases: {bases}", params, "keep one of them")
    if not bases and "to" not in mapping and not unknown:
        yield Issue((), "“on” says no time", {"known": ", ".join(BASES)}, "write exactly one of: {known}")
    if ("from" in mapping) != ("to" in mapping):
        params = {"missing": "to" if "from" in mapping else "from"}
        yield Issue((), "“from” and “to” go together; {missing} is missing", params, "add {missing}")
    base = "every: quarter" if mapping.get("every") == "quarter" else bases[0] if bases else "month"
    if "part" in mapping and base not in ("month", "months", "every"):
        message = "part goes with month, months or every: month, not with {base}"
        yield Issue(("part",), message, {"base": base}, "leave part out")


def _order_issues(values: Mapping[str, Any]) -> Iterator[Issue]:
    """A span whose end comes before its beginning."""
    start, end = cast(Date | None, values.get("from")), cast(Date | None, values.get("to"))
    if start is None or end is None:
        return
    params = {"start": str(start), "end": str(end)}
    if (start.year is None) != (end.year is None):
        message = "one of {start} and {end} has a year, the other has none"
        yield Issue(("to",), message, params, "give both a year, or neither")
    elif str(end) < str(start) and (start.year is not None or start.month == end.month):
        # 12-20 to 01-10 runs over the year end; 05-10 to 05-01 would be 357 days and is a slip of the pen.
        yield Issue(("to",), "{end} comes before {start}", params, "put the earlier date under from")


def parse_days(raw: object) -> int:
    """Read a length of time: ``10``, ``10 days``, ``1 day`` or ``10天``.

    Returns:
        The number of days.

    Raises:
        DateError: The text is no such length.
    """
    if isinstance(raw, int) and not isinstance(raw, bool) and 0 <= raw <= 99999:
        return raw
    found = re.fullmatch(r"([0-9]{1,5})(?: *(?:days?|天))?", _text(raw)) if isinstance(raw, str) else None
    if not found:
        raise _wrong("{value} is no number of days", "write for example 10 days", value=_shown(raw))
    return int(found[1])


def parse_date(raw: object) -> date:
    """Read one day, written ``2027-03-08``.

    Raises:
        DateError: There is no such day, or the year is missing.
    """
    day = _month_day(raw)
    if day.year is None:
        raise _wrong("{value} has no year", "write for example 2027-03-08", value=_shown(raw))
    return date(day.year, day.month, day.day)


def parse_period(raw: object) -> Period:
    """Read a year, or two months or days joined by a stroke: ``2027``, ``2026-09/2027-08``.

    Raises:
        DateError: The text is no period, or ends before it starts.
    """
    text = str(raw) if isinstance(raw, int) and not isinstance(raw, bool) else _text(raw)
    if re.fullmatch("[0-9]{4}", text):
        year = _year(text)
        return Period(date(year, 1, 1), date(year, 12, 31))
    first, stroke, last = (piece.strip() for piece in text.partition("/"))
    edge = r"[0-9]{4}-[0-9]{1,2}(-[0-9]{1,2})?"
    if not (stroke and re.fullmatch(edge, first) and re.fullmatch(edge, last)):
        fix = "write a year (2027), a school year (2026-09/2027-08) or a term (2027-02/2027-07)"
        raise _wrong("{value} is no period", fix, value=_shown(raw))
    start = parse_date(first if first.count("-") == 2 else f"{first}-1")
    end = parse_date(last) if last.count("-") == 2 else _end_of_month(last)
    if end < start:
        message = "the period {value} ends before it starts"
        raise _wrong(message, "put the earlier month first", value=_shown(raw))
    return Period(start, end)


def _end_of_month(text: str) -> date:
    first = parse_date(f"{text}-1")
    return first.replace(day=last_day(first.month, first.year))


# ---- the pieces of an `on:` ----


def _shown(raw: Any) -> str:
    return "null" if raw is None else (str(raw)[:60] or '""')


def _text(raw: object) -> str:
    """A text without full-width digits: they look right and match nothing."""
    if not isinstance(raw, str):
        raise _wrong("{value} should be a text", "write it as a text", value=_shown(raw))
    text = unicodedata.normalize("NFC", raw).strip()
    half = "".join(unicodedata.normalize("NFKC", char) if "０" <= char <= "９" else char for char in text)
    if half != text:
        raise _wrong("{value} has full-width digits", "write {half}", value=_shown(raw), half=half)
    return text


def _whole(raw: object, least: int, most: int) -> int:
    number = _text(raw) if isinstance(raw, str) else raw
    if not isinstance(number, int) or isinstance(number, bool) or not least <= number <= most:
        message = "{value} should be a whole number from {least} to {most}"
        fix = "write a number from {least} to {most}"
        raise _wrong(message, fix, value=_shown(raw), least=least, most=most)
    return number


def _one_of(raw: object, known: tuple[str, ...]) -> str:
    text = _text(raw)
    if text not in known:
        near = nearest(text, [name for name in known if name[0] == text[:1]]) or nearest(text, known)
        fix = "did you mean {near}?" if near else "use one of: {known}"
        raise _wrong("{value} is none of: {known}", fix, value=_shown(raw), near=near, known=" ".join(known))
    return text


def _month(raw: object) -> int:
    return _whole(raw, 1, 12)


def _months(raw: object) -> tuple[int, ...]:
    items = cast(Sequence[object], raw) if isinstance(raw, list | tuple) else ()
    if not items:
        message = "months should be a list of months, but is {value}"
        raise _wrong(message, "write for example [7, 8]", value=_shown(raw))
    months: set[int] = set()
    issues: list[Issue] = []
    for position, item in enumerate(items):
        try:
            months.add(_month(item))
        except DateError as error:
            issues += [issue._replace(path=(position,)) for issue in error.issues]
    if issues:
        raise DateError(*issues)
    return tuple(sorted(months))


def _year(text: str) -> int:
    year = int(text)
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise _wrong(
            "the year {year} is outside {first} to {last}", "check the year",
            year=year, first=_FIRST_YEAR, last=_LAST_YEAR,
        )  # fmt: skip
    return year


def _month_day(raw: object) -> Date:
    found = re.fullmatch("(?:([0-9]{4})-)?([0-9]{1,2})-([0-9]{1,2})", _text(raw))
    if not found:
        raise _wrong("{value} is no date", "write month and day, for example 03-08", value=_shown(raw))
    year = _year(found[1]) if found[1] else None
    month, day = int(found[2]), int(found[3])
    if not 1 <= month <= 12:
        message = "{value}: there is no month {month}"
        raise _wrong(message, "write a month from 1 to 12", value=_shown(raw), month=month)
    # A leap year lets 02-29 through: it falls in leap years only.
    most = last_day(month, year or 2000)
    if not 1 <= day <= most:
        message = "{value}: month {month} has at most {most} days"
        if year:
            message = "{value}: month {month} of {year} has {most} days"
        fix = "write a day from 1 to {most}"
        raise _wrong(message, fix, value=_shown(raw), month=month, year=year, most=most)
    return Date(month, day, year)


def _weekday(raw: object) -> Weekday:
    text = _text(raw)
    english = re.fullmatch("([0-9a-z]+) +([a-z]+) +of +([a-z]+)", text.lower())
    if english and english[1] in ORDINALS and english[2] in WEEKDAYS and english[3] in MONTHS:
        return Weekday(ORDINALS[english[1]], WEEKDAYS.index(english[2]), MONTHS.index(english[3]) + 1)
    chinese = re.fullmatch(_CHINESE_WEEKDAY, text)
    if chinese:
        month = _chinese_number(chinese["month"])
        if 1 <= month <= 12:
            n = _chinese_number(chinese["n"]) if chinese["n"] else -1
            return Weekday(n, _CHINESE_WEEKDAYS[chinese["day"]], month)
    raise _wrong(
        "{value} is no weekday of a month", "write for example 2nd saturday of october or 十月第二个星期六",
        value=_shown(raw),
    )  # fmt: skip


def _chinese_number(text: str) -> int:
    """1 to 12 for such a number, 0 for anything else."""
    if text.isdecimal():
        return int(text)
    return _CHINESE_MONTHS.index(text) + 1 if text in _CHINESE_MONTHS else 0


def _festival(raw: object) -> str:
    text = _text(raw)
    if not text:
        raise _wrong("the festival has no name", "write for example 春节", value=_shown(raw))
    return festival_name(text) or text


def _activity(raw: object) -> str:
    text = _text(raw)
    if not re.fullmatch("[a-z][a-z0-9-]*", text):
        raise _wrong("{value} is no id of an activity", "write the id of the activity", value=_shown(raw))
    return text


def _shift(raw: object) -> int:
    days = parse_days(raw)
    if not 1 <= days <= _LONGEST_SHIFT:
        message = "{value} should be from 1 to {most} days"
        raise _wrong(message, "write for example 10 days", value=_shown(raw), most=_LONGEST_SHIFT)
    return days


_READERS: Mapping[str, Callable[[object], object]] = {
    "month": _month,
    "months": _months,
    "date": _month_day,
    "festival": _festival,
    "quarter": lambda raw: _whole(raw, 1, 4),
    "solar_term": lambda raw: _one_of(raw, SOLAR_TERMS),
    "weekday": _weekday,
    "every": lambda raw: _one_of(raw, ("month", "quarter")),
    "from": _month_day,
    "to": _month_day,
    "activity": _activity,
    "part": lambda raw: _one_of(raw, PARTS),
    "before": _shift,
    "after": _shift,
}

_BUILDERS: Mapping[str, Callable[[Mapping[str, Any]], Base]] = {
    "month": lambda values: Month(values["month"], values.get("part")),
    "months": lambda values: Months(values["months"], values.get("part")),
    "date": lambda values: cast(Date, values["date"]),
    "festival": lambda values: Festival(values["festival"]),
    "quarter": lambda values: Quarter(values["quarter"]),
    "solar_term": lambda values: SolarTerm(values["solar_term"]),
    "weekday": lambda values: cast(Weekday, values["weekday"]),
    "every": lambda values: Every(values["every"], values.get("part")),
    "from": lambda values: Span(values["from"], values["to"]),
    "activity": lambda values: ActivityRef(values["activity"]),
}
