"""What a calendar year holds: months and quarters, festivals, solar terms, statutory holidays.

Pure, and kept per year. Lunar dates and solar terms come from ``borax``, statutory holidays from
``holidays``; both are imported when first needed, for they are slow to load. Lunar dates agree with other
libraries up to 2056; from 2057 on a new moon within minutes of midnight may move one by a day.
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache

from planloom_schemas.moments import (
    SOLAR_TERMS,
    ActivityRef,
    Base,
    Date,
    Every,
    Festival,
    Month,
    Months,
    Part,
    Quarter,
    SolarTerm,
    Span,
    Weekday,
    festival_name,
    last_day,
)
from planloom_schemas.records import frozen

_LUNAR = {
    "春节": (1, 1),
    "元宵节": (1, 15),
    "龙抬头": (2, 2),
    "端午节": (5, 5),
    "七夕节": (7, 7),
    "中元节": (7, 15),
    "中秋节": (8, 15),
    "重阳节": (9, 9),
    "腊八节": (12, 8),
}
_SOLAR: Mapping[str, Base] = {
    "元旦": Date(1, 1),
    "妇女节": Date(3, 8),
    "植树节": Date(3, 12),
    "清明节": SolarTerm("清明"),
    "劳动节": Date(5, 1),
    "青年节": Date(5, 4),
    "护士节": Date(5, 12),
    "全国助残日": Weekday(3, 6, 5),
    "儿童节": Date(6, 1),
    "建党节": Date(7, 1),
    "建军节": Date(8, 1),
    "全民健身日": Date(8, 8),
    "教师节": Date(9, 10),
    "国庆节": Date(10, 1),
    "记者节": Date(11, 8),
    "国家宪法日": Date(12, 4),
}
FIRST_YEAR, LAST_YEAR = 1901, 2100
"""The years ``borax`` knows in full."""

Days = tuple[date, date]
"""First and last day."""


# ---- symbolic dates ----


@lru_cache(maxsize=8192)
def days_in(base: Base, year: int) -> tuple[Days, ...]:
    """Every occurrence of a base that begins in a calendar year; no activity and no layer's festival."""
    match base:
        case Month(month, part):
            return (_month_days(year, month, part),)
        case Months(months, part):
            return tuple(_month_days(year, month, part) for month in months)
        case Every("month", part):
            return tuple(_month_days(year, month, part) for month in range(1, 13))
        case Every():
            return tuple(_quarter_days(year, quarter) for quarter in range(1, 5))
        case Quarter(quarter):
            return (_quarter_days(year, quarter),)
        case Span(start, end):
            return _span_days(start, end, year)
        case Date(month, day, own_year):
            falls = own_year in (None, year) and day <= last_day(month, year)
            return _single(date(year, month, day) if falls else None)
        case Weekday(n, weekday, month):
            return _single(_weekday_date(n, weekday, month, year))
        case SolarTerm(name):
            return _single(_solar_term_date(name, year))
        case Festival(name):
            return tuple((day, day) for day in _festival_days(name, year))
        case ActivityRef():
            raise AssertionError("activities are resolved before the days of a year are asked for")


def _single(day: date | None) -> tuple[Days, ...]:
    return ((day, day),) if day else ()


def _month_days(year: int, month: int, part: Part | None) -> Days:
    first, last = {None: (1, 31), "上旬": (1, 10), "中旬": (11, 20), "下旬": (21, 31)}[part]
    return date(year, month, first), date(year, month, min(last, last_day(month, year)))


def _quarter_days(year: int, quarter: int) -> Days:
    last = quarter * 3
    return date(year, last - 2, 1), date(year, last, last_day(last, year))


def _span_days(start: Date, end: Date, year: int) -> tuple[Days, ...]:
    if start.year not in (None, year):
        return ()
    over_year_end = (end.month, end.day) < (start.month, start.day)
    end_year = end.year or (year + 1 if over_year_end else year)
    # Without a 29 February the span still begins or ends where February does.
    first = _existing(start, year) or date(year, 3, 1)
    last = _existing(end, end_year) or date(end_year, 2, 28)
    return ((first, last),) if first <= last else ()


def _existing(day: Date, year: int) -> date | None:
    return date(year, day.month, day.day) if day.day <= last_day(day.month, year) else None


def _weekday_date(n: int, weekday: int, month: int, year: int) -> date | None:
    if n == -1:
        last = date(year, month, last_day(month, year))
        return last - timedelta(days=(last.weekday() - weekday) % 7)
    day = 1 + (weekday - date(year, month, 1).weekday()) % 7 + 7 * (n - 1)
    return date(year, month, day) if day <= last_day(month, year) else None


def _solar_term_date(name: str, year: int) -> date | None:
    from borax.calendars.lunardate import TermUtils

    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    day: date = TermUtils.nth_term_day(year, SOLAR_TERMS.index(name))
    return day


@lru_cache(maxsize=4096)
def _festival_days(name: str, year: int) -> tuple[date, ...]:
    """The days on which a known festival falls in a calendar year: one, but for 腊八节 none or two."""
    if name in _SOLAR:
        return tuple(day for day, _ in days_in(_SOLAR[name], year))
    if name == "除夕":
        return tuple(day - timedelta(days=1) for day in _festival_days("春节", year))
    month, day_of_month = _LUNAR[name]
    days = (_lunar_date(lunar_year, month, day_of_month) for lunar_year in (year - 1, year))
    return tuple(day for day in days if day and day.year == year)


def _lunar_date(lunar_year: int, month: int, day: int) -> date | None:
    from borax.calendars.lunardate import LunarDate

    if not FIRST_YEAR <= lunar_year <= LAST_YEAR:
        return None
    found: date = LunarDate(lunar_year, month, day).to_solar_date()
    return found


# ---- festivals ----


def festival_date(name: str, year: int) -> date | None:
    """The day of a known festival in a calendar year (the first, if two), or None if it has none."""
    return next(iter(festival_dates(name, date(year, 1, 1), date(year, 12, 31))), None)


def festival_dates(name: str, start: date, end: date) -> tuple[date, ...]:
    """Every day from ``start`` to ``end`` on which a known festival falls; none for an unknown one."""
    known = festival_name(name)
    years = range(start.year, end.year + 1) if known else ()
    return tuple(day for year in years for day in _festival_days(known or "", year) if start <= day <= end)


# ---- statutory holidays ----


@frozen(kw_only=True)
class Statutory:
    """The statutory days of one year.

    Args:
        announced: Whether the State Council's arrangement is known; if not, days off are reckoned from the
            regulation and the days worked in exchange are unknown.
        holidays: Days off with their names.
        half_days: Half a day off for some, with its name.
        workdays: Saturdays and Sundays worked in exchange.
    """

    announced: bool
    holidays: tuple[tuple[date, str], ...]
    half_days: tuple[tuple[date, str], ...]
    workdays: tuple[date, ...]


@lru_cache(maxsize=64)
def statutory(year: int) -> Statutory:
    """The statutory holidays of a calendar year.

    Source:
        全国年节及纪念日放假办法 (2024) and the yearly notices of the State Council, as kept by ``holidays``.
    """
    from holidays import country_holidays

    public = country_holidays("CN", years=year, language="zh_CN", categories="public")
    half = country_holidays("CN", years=year, language="zh_CN", categories="half_day")
    # Only a notice moves a day off to a weekend day; a year without one has no such day.
    announced = any("调休" in name for name in public.values())
    return Statutory(
        announced=announced,
        holidays=_named(public),
        half_days=_named(half),
        workdays=tuple(sorted(day for day in public.weekend_workdays if day.year == year)),
    )


def _named(days: Mapping[date, str]) -> tuple[tuple[date, str], ...]:
    return tuple((day, name) for day in sorted(days) for name in re.split("; ", days[day]))
