"""Time as documents write it: 一、二月 · 7,8月 · 3月25日前 · 1月上旬 · 第一季度 · 九月至十月."""

import datetime as dt
import re
from collections.abc import Iterator
from itertools import pairwise

from attrs import frozen

from planloom_schemas.dates import Date, Every, Month, Months, On, Part, Period, Quarter, Span
from planloom_schemas.moments import last_day
from planloom_schemas.plan import DateSpan

_CN = "一二三四五六七八九十"
_N = rf"(?:十[一二]|[{_CN}]|1[0-2]|0?[1-9]|[１-９])"
_SEP = r"[ \t]*(?:[、,，/]|和|及|与)[ \t]*"
_TO = r"[ \t]*(?:[-—–－~～]{1,2}|至|到)[ \t]*"
_YEAR = r"(?:(?:[12][0-9]{3}|20[xX×]{2})年|当年|本年|次年|今年|明年)?[ \t]*"
_DAY = r"(?:[12][0-9]|3[01]|0?[1-9])"
_PART = r"上中旬|中下旬|上旬|中旬|下旬|月?初|月?中|月?末|月?底"

_MAYBE, _LONGEST = re.compile("[月季年]"), 40
_MONTH_LIST = re.compile(
    rf"{_YEAR}(?P<list>{_N}(?:月(?:份)?)?(?:{_SEP}{_N}(?:月份?)?)*{_SEP}{_N})月份?(?![0-9]+[日号])"
)
_MONTH_RANGE = re.compile(rf"{_YEAR}(?P<first>{_N})月?份?{_TO}{_YEAR}(?P<last>{_N})月份?(?![0-9]*日)")
_DAYS = re.compile(
    rf"{_YEAR}(?P<m>{_N})月(?P<d>{_DAY})[日号]?{_TO}{_YEAR}(?:(?P<m2>{_N})月)?(?P<d2>{_DAY})[日号]"
)
_DAY_OF = re.compile(rf"{_YEAR}(?P<m>{_N})月(?P<d>{_DAY})[日号](?P<by>之?前|以前)?")
_MONTH = re.compile(rf"{_YEAR}(?P<m>{_N})月份?(?P<part>{_PART})?(?P<by>之?前|以前)?")
_QUARTER = re.compile(rf"{_YEAR}第?(?P<q>[一二三四1-4])季度")
_EVERY = re.compile(r"每(?:个)?(?P<unit>月|季度?)(?P<part>上旬|中旬|下旬|初|中|末|底)?")
_HALF = re.compile(rf"{_YEAR}(?P<half>上|下)半年")
_AROUND = re.compile(r"(?:左右|前后|期间|以?内)?")
_PARTS: dict[str, Part] = {
    "上旬": "上旬",
    "初": "上旬",
    "中旬": "中旬",
    "中": "中旬",
    "下旬": "下旬",
    "末": "下旬",
    "底": "下旬",
}


@frozen
class Time:
    """A time that a text states: its end in the text, what it means, and the months it names.

    ``is_ambiguous``: 一、二月 may be two months, or point one and February.
    """

    end: int
    on: On
    months: tuple[int, ...]
    is_ambiguous: bool = False


def month_number(text: str) -> int:
    """1 to 12."""
    text = text.translate({0xFF10 + digit: str(digit) for digit in range(10)})
    if text.isdecimal():
        return int(text)
    return 10 + _CN.index(text[1]) + 1 if len(text) == 2 else _CN.index(text) + 1


def read_time(text: str) -> Time | None:
    """The time a text begins with; months are read before numbers, so that 一、二月 is two months."""
    if not _MAYBE.search(text, 0, _LONGEST):
        return None
    for pattern, read in _READERS:
        match = pattern.match(text)
        if match and (found := read(match)):
            around = _AROUND.match(text, match.end())
            end = around.end() if around else match.end()
            return Time(end, found, months_named(found), _is_ambiguous(match[0]))
    return None


def _is_ambiguous(said: str) -> bool:
    return bool(
        re.fullmatch(rf"(?:[{_CN}]{{1,2}}、[{_CN}]{{1,2}}|[0-9]{{1,2}}[、.．,，][0-9]{{1,2}})月份?", said)
    )


def read_times(text: str) -> Time | None:
    """The time a text begins with, with further months that stand in a row: 3月下旬、6月下旬."""
    first = read_time(text)
    if first is None or not isinstance(first.on.base, Month):
        return first
    months, end, part = list(first.months), first.end, first.on.base.part
    while (following := read_time(text[end:].lstrip("、,，; "))) and following.on == On(
        Month(following.months[0], part)
    ):
        months += following.months
        end = len(text) - len(text[end:].lstrip("、,，; ")) + following.end
    if len(months) == 1:
        return first
    return Time(end, On(Months(tuple(sorted(set(months))), part)), tuple(months))


# ---- the patterns, in the order in which they are tried ----


def _days(match: "re.Match[str]") -> On | None:
    first = _date(match["m"], match["d"])
    last = _date(match["m2"] or match["m"], match["d2"])
    if first is None or last is None or (first.month == last.month and last.day < first.day):
        return None
    return On(first if first == last else Span(first, last))


def _day(match: "re.Match[str]") -> On | None:
    day = _date(match["m"], match["d"])
    if day is None or not match["by"] or day.day == 1:
        return On(day) if day else None
    # By the 25th: some day from the first of that month on.
    return On(Span(Date(day.month, 1), day))


def _date(month: str, day: str) -> Date | None:
    number = month_number(month)
    return Date(number, int(day)) if int(day) <= last_day(number, 2000) else None


def _list(match: "re.Match[str]") -> On | None:
    said = re.findall(_N, match["list"])
    months = [month_number(each) for each in said]
    follow = all((later - earlier) % 12 == 1 for earlier, later in pairwise(months))
    # 一、三月份 is point one, March; so is 1、一月, whose numbers are of two scripts.
    is_point = "、" in match["list"] and "月" not in match["list"] and not follow
    if is_point or len({each.isdecimal() for each in said}) > 1 or len(set(months)) < len(months):
        return None
    return On(Months(tuple(sorted(set(months)))))


def _range(match: "re.Match[str]") -> On | None:
    first, last = month_number(match["first"]), month_number(match["last"])
    months = [(first - 1 + step) % 12 + 1 for step in range((last - first) % 12 + 1)]
    return On(Months(tuple(sorted(months)))) if len(months) > 1 else On(Month(first))


def _month(match: "re.Match[str]") -> On:
    part = (match["part"] or "").removeprefix("月")
    return On(Month(month_number(match["m"]), _PARTS.get(part)))


def _quarter(match: "re.Match[str]") -> On:
    return On(Quarter("一二三四".find(match["q"]) + 1 or int(match["q"])))


def _every(match: "re.Match[str]") -> On:
    if match["unit"] != "月":
        return On(Every("quarter"))
    return On(Every("month", _PARTS.get(match["part"] or "")))


def _half(match: "re.Match[str]") -> On:
    return On(Months(tuple(range(1, 7)) if match["half"] == "上" else tuple(range(7, 13))))


_READERS = (
    (_DAYS, _days),
    (_DAY_OF, _day),
    (_MONTH_RANGE, _range),
    (_MONTH_LIST, _list),
    (_MONTH, _month),
    (_QUARTER, _quarter),
    (_EVERY, _every),
    (_HALF, _half),
)


def months_named(on: On) -> tuple[int, ...]:
    """The months that an expression names, whatever the year."""
    match on.base:
        case Month(month=month):
            return (month,)
        case Months(months=months):
            return _in_order(months)
        case Date(month=month):
            return (month,)
        case Span(from_=first, to=last):
            return tuple(
                (first.month - 1 + step) % 12 + 1 for step in range((last.month - first.month) % 12 + 1)
            )
        case Quarter(quarter=quarter):
            return tuple(range(quarter * 3 - 2, quarter * 3 + 1))
        case Every():
            return tuple(range(1, 13))
        case _:
            return ()


def _in_order(months: tuple[int, ...]) -> tuple[int, ...]:
    """Months from the one after the gap on: 12, 1 and not 1, 12."""
    if 1 in months and 12 in months and len(months) < 12:
        first = next(month for month in reversed(range(1, 13)) if month not in months) + 1
        return tuple(month for month in (*range(first, 13), *range(1, first)) if month in months)
    return months


# ---- the time of a whole plan ----

ANY_PERIOD = Period(dt.date(2000, 1, 1), dt.date(2099, 12, 31))
"""Stands for a period nobody knows: no year is foreign to it, so that none is complained about."""

_SCHOOL_YEAR = re.compile(
    r"(?P<first>20[0-9]{2})[ 年]*(?:[-—–－~～/至]{1,2})[ ]*(?P<last>20[0-9]{2}|[0-9]{2})[ ]*(?:学年度?|年度?)"
)
_TERM = re.compile(r"第?(?P<n>[一二12])学期|(?P<season>上|下|秋季?|春季?)(?:半)?(?:学期|学年)")
_PLAN_YEAR = re.compile(
    r"(?<![0-9])(?P<year>20[0-9]{2})[ ]*(?:年|学年)|(?P<cn>二[〇○零O0][〇○零O0一二三四五六七八九]{2})年"
)
_HALF_YEAR = re.compile(r"(?P<half>上|下)半年")
_CN_YEAR = str.maketrans("〇○零O一二三四五六七八九", "0000123456789")


def period_in(text: str) -> Period | None:
    """The period a title states: a year, a school year, a term, half a year; None if it states none."""
    school, term = _SCHOOL_YEAR.search(text), _TERM.search(text)
    if school:
        first = int(school["first"])
        if term:
            return _term(first, term)
        if int(school["last"]) % 100 == (first + 1) % 100 and "学年" in school[0]:
            return Period(dt.date(first, 9, 1), dt.date(first + 1, 8, 31))
    for match in _PLAN_YEAR.finditer(text):
        year = int(match["year"] or match["cn"].translate(_CN_YEAR))
        if re.match(r"[^，。]{0,12}总结", text[match.end() :]):
            continue  # …2024年工作总结及2025年工作计划
        if "学年" in match[0]:
            return _term(year, term) if term else Period(dt.date(year, 9, 1), dt.date(year + 1, 8, 31))
        half = _HALF_YEAR.search(text)
        if half:
            first = 1 if half["half"] == "上" else 7
            return Period(dt.date(year, first, 1), dt.date(year, first + 5, last_day(first + 5, year)))
        if term and term["season"] in ("春", "春季", "秋", "秋季"):
            return _term(year - 1 if term["season"].startswith("春") else year, term)
        return Period(dt.date(year, 1, 1), dt.date(year, 12, 31))
    return None


def _term(first: int, match: "re.Match[str]") -> Period:
    is_second = (match["n"] or match["season"] or "")[:1] in ("二", "2", "下", "春")
    if is_second:
        return Period(dt.date(first + 1, 2, 1), dt.date(first + 1, 7, 31))
    return Period(dt.date(first, 9, 1), dt.date(first + 1, 1, 31))


# ---- the date under a plan ----

_SIGNED = re.compile(
    r"[（(]?(?P<y>[0-9]{4}|20[xX×]{2}|[〇○零O0一二三四五六七八九ｘxX×]{2,5})\s*年\s*"
    r"(?P<m>[0-9]{1,2}|[一二三四五六七八九十]{1,2})\s*月\s*(?:(?P<d>[0-9]{1,2}|[一二三四五六七八九十]{1,3})\s*日)?[）)]?"
)
_DOTTED = re.compile(r"[（(]?(?P<y>20[0-9]{2})[./-](?P<m>[0-9]{1,2})[./-](?P<d>[0-9]{1,2})[）)]?")


def read_date(text: str) -> tuple[bool, "DateSpan | None"]:
    """Whether a text is nothing but a date, and the day or month it names, if its year can be read."""
    match = _SIGNED.fullmatch(text.strip()) or _DOTTED.fullmatch(text.strip())
    if match is None:
        return False, None
    year = match["y"].translate(_CN_YEAR)
    month, day = _count(match["m"]), _count(match["d"] or "")
    if not (year.isdecimal() and len(year) == 4 and 1 <= month <= 12):
        return True, None
    try:
        start = dt.date(int(year), month, day or 1)
    except ValueError:
        return True, None
    end = start if day else start.replace(day=last_day(month, int(year)))
    return True, DateSpan(start=start, end=end)


def _count(text: str) -> int:
    """A number up to 99; 0 for none."""
    if text.isdecimal() or not text:
        return int(text or 0)
    head, ten, tail = text.partition("十")
    tens = (_CN.index(head) + 1 if head else 1) if ten else 0
    rest = tail if ten else head
    return tens * 10 + (_CN.index(rest) + 1 if rest else 0)


def times_in(text: str) -> Iterator[Time]:
    """The time a measure begins with, after words such as 拟于."""
    lead = re.match(r"(?:(?:拟|计划|预计|将|定|争取)?(?:于|在)|拟|计划)?", text)
    start = lead.end() if lead else 0
    found = read_time(text[start:])
    if found:
        yield Time(found.end + start, found.on, found.months, found.is_ambiguous)


_WITHIN = re.compile(rf"(?<![0-9{_CN}])(?=[0-9{_CN}、至到—～~-]{{1,6}}月)")
_OFTEN = re.compile(
    r"每(?:个|一)?(?:(?P<monthly>[日天周月]|工作日)|(?P<quarterly>季度?|学期|半年)|(?P<yearly>学?年))"
)


def said_within(text: str) -> On | None:
    """The time of a measure that begins with none; only good for counting whether something is often enough.

    It is every month that the measure names, otherwise how often it is: what comes each week counts as
    monthly, what comes each term as quarterly, what comes each year once.
    """
    times = [found for place in _WITHIN.finditer(text) if (found := read_time(text[place.start() :]))]
    if len(times) == 1:
        return times[0].on
    if times:
        return On(Months(tuple(sorted({month for time in times for month in time.months}))))
    often = _OFTEN.search(text)
    if often is None:
        return None
    if often["yearly"]:
        return On(Months(tuple(range(1, 13))))
    return On(Every("month" if often["monthly"] else "quarter"))
