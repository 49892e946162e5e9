"""Counting in windows against the plain definition."""

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from planloom.calendar import Calendar
from planloom.rules.cases import Case, NotApplicable
from planloom.rules.select import Selection
from planloom.rules.time_kinds import check_count
from planloom.rules.views import Subject, View
from planloom_schemas.dates import Month, On, Period
from planloom_schemas.plan import DateSpan
from planloom_schemas.rule import Selector

DAY = dt.timedelta(days=1)
DAYS = st.dates(dt.date(2026, 1, 1), dt.date(2028, 12, 31))


def _key(day: dt.date, per: str) -> object:
    """What window a day belongs to; None: to none."""
    school = day.year if day.month >= 9 else day.year - 1
    term = (school, 1) if day.month >= 9 or day.month == 1 else None if day.month == 8 else (school, 2)
    keys = {"period": 0, "year": day.year, "school-year": school, "term": term}
    return keys.get(per, (day.year, (day.month - 1) // 3) if per == "quarter" else (day.year, day.month))


def _expected(
    starts: list[dt.date], period: Period, per: str, least: int, most: int
) -> list[tuple[str, int]]:
    """Message ids with counts, window by window, by looking at every day of three years and more."""
    whole: dict[object, int] = {}
    inside: dict[object, int] = {}
    day = dt.date(2025, 1, 1)
    while day < dt.date(2030, 1, 1):
        key = _key(day, per)
        whole[key] = whole.get(key, 0) + 1
        if period.start <= day <= period.end:
            inside[key] = inside.get(key, 0) + 1
        day += DAY
    hits = []
    for key in inside:
        if key is None:
            continue
        found = sum(_key(start, per) == key for start in starts)
        if (per == "period" or 2 * inside[key] >= whole[key]) and found < least:
            hits.append(("few", found))
        if found > most:
            hits.append(("many", found))
    return hits


@settings(max_examples=150, deadline=None)
@given(
    edges=st.lists(DAYS, min_size=2, max_size=2, unique=True).map(sorted),
    offsets=st.lists(st.integers(0, 1100), max_size=12),
    per=st.sampled_from(["period", "year", "school-year", "term", "quarter", "month"]),
    least=st.integers(0, 3),
    more=st.integers(0, 2),
)
def test_counts_agree_with_the_plain_definition(
    edges: list[dt.date], offsets: list[int], per: str, least: int, more: int
) -> None:
    """Spans count where they begin; `at_least` holds where the period has half, `at_most` everywhere."""
    period = Period(edges[0], edges[1])
    starts = [day for offset in offsets if (day := period.start + offset * DAY) <= period.end]
    subject = Subject(
        what="activity",
        id="a",
        path="activities/a",
        on=On(Month(1)),
        dates=tuple(DateSpan(start=day, end=period.end) for day in sorted(starts)),
    )
    params = {"of": (Selector(what="activity"),), "at_least": least, "at_most": least + more, "per": per}
    view = View(items=(subject,), period=period)
    try:
        hits = list(check_count(Case(Selection(view), Calendar(period), params)))
    except NotApplicable:
        hits = []
    assert [(hit.message, hit.data["found"]) for hit in hits] == _expected(
        starts, period, per, least, least + more
    )
