"""The year's activities as a table shows them: in calendar order, month by month, with the time in words."""

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import groupby

from planloom.render.text import MONTH_NAMES
from planloom_schemas.dates import Date, Every, Festival, On, Period, Quarter, SolarTerm, Span
from planloom_schemas.plan import DateSpan, Plan, PlanActivity
from planloom_schemas.records import frozen

_OFTEN = 3
"""An activity that comes more often than this gets one row for the whole period."""

_WHOLE = {"year": "全年", "school-year": "全学年", "term": "全学期", "range": "全期"}

_YearMonth = tuple[int, int]


@frozen
class Entry:
    """One row: an activity and when it takes place."""

    activity: PlanActivity
    time: str


@frozen
class Group:
    """The rows that share a month cell."""

    label: str
    entries: tuple[Entry, ...]


def schedule(plan: Plan, merge_months: Sequence[Sequence[int]] = ()) -> tuple[Group, ...]:
    """The activities of the plan by month.

    What comes more than three times stands once at the top, and in months that would look empty without it.

    Args:
        plan: The plan.
        merge_months: Months that share a cell, such as ``((1, 2), (7, 8))``.
    """
    often = [activity for activity in plan.activities if len(activity.dates) > _OFTEN]
    seldom = [activity for activity in plan.activities if 0 < len(activity.dates) <= _OFTEN]
    whole = tuple(Entry(activity, often_text(activity)) for activity in often)
    groups = [Group(_WHOLE[plan.period.form], whole)] if whole else []
    for months in _month_groups(plan.period, merge_months):
        entries = tuple(_entries(seldom, months)) or tuple(_entries(often, months))
        if entries:
            groups.append(Group(_label(months, plan.period), entries))
    return tuple(groups)


def _entries(activities: Sequence[PlanActivity], months: Sequence[_YearMonth]) -> Iterator[Entry]:
    found = [
        (span.start, span.end, place, Entry(activity, time_text(activity.on, span)))
        for place, activity in enumerate(activities)
        for span in activity.dates
        if (span.start.year, span.start.month) in months
    ]
    for *_, entry in sorted(found, key=lambda item: item[:3]):
        yield entry


def _month_groups(period: Period, merge: Sequence[Sequence[int]]) -> Iterator[tuple[_YearMonth, ...]]:
    """The months of the period in order, neighbours that merge together."""
    first, last = period.start.year * 12 + period.start.month - 1, period.end.year * 12 + period.end.month
    months = [divmod(number, 12) for number in range(first, last)]
    sets = {month: place for place, group in enumerate(merge) for month in group}

    def share(item: tuple[int, int]) -> tuple[str, int]:
        month = item[1] + 1
        return ("merged", sets[month]) if month in sets else ("alone", item[0] * 12 + month)

    for _, group in groupby(months, share):
        yield tuple((year, month + 1) for year, month in group)


def _label(months: Sequence[_YearMonth], period: Period) -> str:
    names = "、".join(MONTH_NAMES[month - 1] for _, month in months) + "月"
    long = (period.end - period.start).days > 366
    return f"{months[0][0]}年{names}" if long else names


def time_text(on: On, span: DateSpan) -> str:
    """When it is, in words: ``3月上旬``, ``7月至8月``, ``10月8日（重阳节）``, ``2月1日至10日``.

    Args:
        on: How the time was written; it says whether a whole month means the month or its days.
        span: One span of days it falls on.
    """
    if isinstance(on.base, Festival | SolarTerm):
        return _days(span) + f"（{on.base.name}{_side(on)}）"
    exact = on.before is not None or on.after is not None or isinstance(on.base, Date | Span)
    return _days(span) if exact else _quarter(on, span) or _months(span) or _part(span) or _days(span)


def often_text(activity: PlanActivity) -> str:
    """When something frequent is: ``每月上旬``, ``每季度``, or all its times."""
    base = activity.on.base
    if isinstance(base, Every) and activity.on.before is None and activity.on.after is None:
        return f"每{'月' if base.unit == 'month' else '季度'}{base.part or ''}"
    return all_times(activity.on, activity.dates)


def all_times(on: On | None, dates: Sequence[DateSpan]) -> str:
    """All times of something, or ""."""
    return "、".join(time_text(on, span) for span in dates) if on else ""


def _side(on: On) -> str:
    return ("前" if on.before is not None else "") + ("后" if on.after is not None else "")


def _quarter(on: On, span: DateSpan) -> str:
    if not isinstance(on.base, Quarter | Every) or _months(span).count("至") != 1:
        return ""
    whole = span.start.month % 3 == 1 and span.end.month == span.start.month + 2
    return f"第{MONTH_NAMES[span.start.month // 3]}季度" if whole else ""


def _months(span: DateSpan) -> str:
    if span.start.day != 1 or (span.end + dt.timedelta(days=1)).day != 1:
        return ""
    if (span.start.year, span.start.month) == (span.end.year, span.end.month):
        return f"{span.start.month}月"
    return f"{span.start.month}月至{span.end.month}月"


def _part(span: DateSpan) -> str:
    if (span.start.year, span.start.month) != (span.end.year, span.end.month):
        return ""
    last = (span.end + dt.timedelta(days=1)).day == 1
    names = {(1, 10): "上旬", (11, 20): "中旬", (21, span.end.day if last else 0): "下旬"}
    part = names.get((span.start.day, span.end.day))
    return f"{span.start.month}月{part}" if part else ""


def _days(span: DateSpan) -> str:
    start, end = span.start, span.end
    first = f"{start.month}月{start.day}日"
    if start == end:
        return first
    same = (start.year, start.month) == (end.year, end.month)
    return f"{first}至{end.day}日" if same else f"{first}至{end.month}月{end.day}日"
