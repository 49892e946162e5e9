"""What a symbolic date is: the values behind `on:` and `period:` before anyone asks which days they are.

Pure values with canonical equality. ``planloom_schemas.dates`` reads and writes them, ``planloom.calendar``
turns them into days.
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Literal

from planloom_schemas.records import frozen

Part = Literal["上旬", "中旬", "下旬"]
Unit = Literal["month", "quarter"]
Form = Literal["year", "school-year", "term", "range"]

PARTS: tuple[Part, ...] = ("上旬", "中旬", "下旬")
SOLAR_TERMS = (
    "小寒", "大寒", "立春", "雨水", "惊蛰", "春分", "清明", "谷雨", "立夏", "小满", "芒种", "夏至",
    "小暑", "大暑", "立秋", "处暑", "白露", "秋分", "寒露", "霜降", "立冬", "小雪", "大雪", "冬至",
)  # fmt: skip
"""The 24 solar terms in the order of the calendar year."""

FESTIVALS: Mapping[str, tuple[str, ...]] = {
    "元旦": ("元旦节",),
    "腊八节": ("腊八",),
    "除夕": ("除夕夜", "大年三十", "年三十"),
    "春节": ("农历新年", "大年初一"),
    "元宵节": ("元宵", "上元节", "正月十五"),
    "龙抬头": ("二月二",),
    "妇女节": (
        "三八", "三八节", "三八妇女节", "国际妇女节", "国际劳动妇女节", "三八国际妇女节",
        "三八国际劳动妇女节",
    ),
    "植树节": (),
    "清明节": ("清明",),
    "劳动节": ("五一", "五一节", "五一劳动节", "国际劳动节", "五一国际劳动节"),
    "青年节": ("五四", "五四青年节"),
    "护士节": ("国际护士节",),
    "全国助残日": ("助残日",),
    "儿童节": ("六一", "六一节", "六一儿童节", "国际儿童节", "六一国际儿童节"),
    "端午节": ("端午", "端阳", "端阳节"),
    "建党节": ("七一", "七一建党节", "建党日", "党的生日"),
    "建军节": ("八一", "八一建军节"),
    "全民健身日": ("健身日",),
    "七夕节": ("七夕", "乞巧节"),
    "中元节": ("中元",),
    "教师节": (),
    "中秋节": ("中秋",),
    "国庆节": ("国庆", "国庆日", "十一国庆", "十一国庆节"),
    "重阳节": ("重阳", "老年节", "老人节"),
    "记者节": ("中国记者节",),
    "国家宪法日": ("宪法日",),
}  # fmt: skip
"""The festivals known to everyone, each with the other names it goes by."""

_CANONICAL = {other: name for name, others in FESTIVALS.items() for other in (name, *others)}
ORDINALS = {"1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "5th": 5, "last": -1}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip


def last_day(month: int, year: int) -> int:
    """The number of days of a month."""
    return 31 if month == 12 else (date(year, month + 1, 1) - timedelta(days=1)).day


@frozen
class Month:
    """A month, or a third of it."""

    month: int
    part: Part | None = None


@frozen
class Months:
    """Several months, ascending and without repeats, each whole or the same third of each."""

    months: tuple[int, ...]
    part: Part | None = None


@frozen
class Date:
    """A day of the year; with ``year``, one day."""

    month: int
    day: int
    year: int | None = None

    def __str__(self) -> str:
        prefix = f"{self.year:04}-" if self.year is not None else ""
        return f"{prefix}{self.month:02}-{self.day:02}"


@frozen
class Festival:
    """A festival by its full name; a name nobody knows is found out by the calendar."""

    name: str


@frozen
class Quarter:
    """A quarter of the calendar year, 1 to 4."""

    quarter: int


@frozen
class SolarTerm:
    """One of the 24 solar terms."""

    name: str


@frozen
class Weekday:
    """The ``n``-th (-1: last) given weekday (0: Monday) of a month."""

    n: int
    weekday: int
    month: int

    def __str__(self) -> str:
        ordinal = next(text for text, n in ORDINALS.items() if n == self.n)
        return f"{ordinal} {WEEKDAYS[self.weekday]} of {MONTHS[self.month - 1]}"


@frozen
class Every:
    """Every month (or the same third of every month), or every quarter."""

    unit: Unit
    part: Part | None = None


@frozen
class Span:
    """From one day to another, both included; without years it may run over the end of the year."""

    from_: Date
    to: Date


@frozen
class ActivityRef:
    """The dates of another activity."""

    activity: str


Base = Month | Months | Date | Festival | Quarter | SolarTerm | Weekday | Every | Span | ActivityRef


@frozen
class On:
    """When something takes place.

    Args:
        base: What the time is reckoned from.
        before: Days before the first day of the base.
        after: Days after the last day of the base.
    """

    base: Base
    before: int | None = None
    after: int | None = None


@frozen
class Period:
    """The time a plan is for, first and last day included."""

    start: date
    end: date

    @property
    def year(self) -> int:
        """The year in which the period starts."""
        return self.start.year

    @property
    def form(self) -> Form:
        """What kind of period this is, told from its first and last day."""
        edges = (self.start.month, self.start.day, self.end.month, self.end.day)
        years = self.end.year - self.start.year
        if edges == (1, 1, 12, 31) and years == 0:
            return "year"
        if edges == (9, 1, 8, 31) and years == 1:
            return "school-year"
        return "term" if self.term else "range"

    @property
    def term(self) -> Literal[1, 2] | None:
        """Which term of the school year this is: September to January, or February to July."""
        edges = (self.start.month, self.start.day, self.end.month, self.end.day)
        years = self.end.year - self.start.year
        if edges == (9, 1, 1, 31) and years == 1:
            return 1
        return 2 if edges == (2, 1, 7, 31) and years == 0 else None

    @property
    def label(self) -> str:
        """How a Chinese document names the period."""
        match self.form:
            case "year":
                return f"{self.year}年"
            case "school-year":
                return f"{self.year}—{self.year + 1}学年"
            case "term":
                first = self.year if self.term == 1 else self.year - 1
                return f"{first}—{first + 1}学年第{'一' if self.term == 1 else '二'}学期"
            case _:
                return self._range_label()

    def _range_label(self) -> str:
        start, end = self.start, self.end
        one_year = start.year == end.year
        if start.day != 1 or end.day != last_day(end.month, end.year):
            tail = f"{end.month}月{end.day}日" if one_year else f"{end.year}年{end.month}月{end.day}日"
            return f"{start.year}年{start.month}月{start.day}日—{tail}"
        if not one_year:
            return f"{start.year}年{start.month}月—{end.year}年{end.month}月"
        months = f"{start.month}" if start.month == end.month else f"{start.month}—{end.month}"
        return f"{start.year}年{months}月"


def has_year(on: On) -> bool:
    """Whether a year is written in it: legal in directives and plan files only."""
    day = on.base.from_ if isinstance(on.base, Span) else on.base
    return isinstance(day, Date) and day.year is not None


def festival_name(text: str) -> str | None:
    """The full name of a festival known to everyone, whatever it is called; quotes and dots do not matter."""
    return _CANONICAL.get(re.sub("[“”‘’\"'「」·•\\s]", "", text))
