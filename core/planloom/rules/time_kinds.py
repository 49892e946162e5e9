"""Kinds that look at time: count, window, order, coverage."""

import datetime as dt
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import lru_cache

from attrs import evolve

from planloom.rules.cases import Case, Hit, NotApplicable, shown, span_text, starts
from planloom.rules.item_kinds import path_of
from planloom.rules.views import Subject
from planloom_schemas.dates import On, Period
from planloom_schemas.plan import DateSpan
from planloom_schemas.records import frozen

DAY = dt.timedelta(days=1)
_QUARTERS = "一二三四"

# ---- windows ----


@frozen
class Window:
    """A stretch of time that is counted for itself.

    Args:
        name: As a document names it.
        number: Month or quarter number, otherwise 0.
        start, end: Its days inside the period.
        is_judged: Whether the period holds at least half of it.
    """

    name: str
    number: int
    start: dt.date
    end: dt.date
    is_judged: bool


@lru_cache(maxsize=256)
def windows(period: Period, per: str) -> tuple[Window, ...]:
    """The windows of a period, cut by it, in order."""
    if per == "period":
        return (Window(period.label, 0, period.start, period.end, True),)
    found = []
    for name, number, start, end in _CUTS[per](period):
        first, last = max(start, period.start), min(end, period.end)
        if first <= last:
            is_judged = 2 * ((last - first).days + 1) >= (end - start).days + 1
            found.append(Window(name, number, first, last, is_judged))
    return tuple(found)


Cut = tuple[str, int, dt.date, dt.date]


def _months(period: Period) -> Iterator[Cut]:
    yield from _runs(period, 1, lambda first, last: (f"{first.year}年{first.month}月", first.month))


def _quarters(period: Period) -> Iterator[Cut]:
    yield from _runs(
        period,
        3,
        lambda first, last: (f"{first.year}年第{_QUARTERS[first.month // 3]}季度", first.month // 3 + 1),
    )


def _runs(period: Period, length: int, named: Callable[[dt.date, dt.date], tuple[str, int]]) -> Iterator[Cut]:
    """Stretches of ``length`` months from January on."""
    month = period.start.year * 12 + (period.start.month - 1) // length * length
    while (first := _first(month)) <= period.end:
        last = _first(month + length) - DAY
        yield *named(first, last), first, last
        month += length


def _first(month: int) -> dt.date:
    return dt.date(month // 12, month % 12 + 1, 1)


def _years(period: Period) -> Iterator[Cut]:
    for year in range(period.start.year, period.end.year + 1):
        yield _cut(dt.date(year, 1, 1), dt.date(year, 12, 31))


def _school_years(period: Period) -> Iterator[Cut]:
    for year in range(period.start.year - 1, period.end.year + 1):
        yield _cut(dt.date(year, 9, 1), dt.date(year + 1, 8, 31))


def _terms(period: Period) -> Iterator[Cut]:
    # August belongs to no term.
    for year in range(period.start.year - 1, period.end.year + 1):
        yield _cut(dt.date(year, 9, 1), dt.date(year + 1, 1, 31))
        yield _cut(dt.date(year + 1, 2, 1), dt.date(year + 1, 7, 31))


def _cut(start: dt.date, end: dt.date) -> Cut:
    return Period(start, end).label, 0, start, end


_CUTS: dict[str, Callable[[Period], Iterator[Cut]]] = {
    "year": _years,
    "school-year": _school_years,
    "term": _terms,
    "quarter": _quarters,
    "month": _months,
}

# ---- count ----


def check_count(case: Case) -> Iterator[Hit]:
    """How many spans begin in each window; `at_least` only where the period holds half of it."""
    least, most = case.get("at_least"), case.get("at_most")
    frames = windows(case.view.period, str(case.params["per"]))
    if most is None and not any(window.is_judged for window in frames):
        raise NotApplicable
    counts = tally(case.every(), frames)
    path = path_of(case.params["of"])
    for window, found in zip(frames, counts, strict=True):
        about = {"window": window.name, "found": found}
        if least is not None and window.is_judged and found < least:
            yield Hit(message="few", data={**about, "wanted": shown(least)}, param="at_least", path=path)
        if most is not None and found > most:
            yield Hit(message="many", data={**about, "wanted": shown(most)}, param="at_most", path=path)


def tally(subjects: tuple[Subject, ...], frames: tuple[Window, ...]) -> list[int]:
    """How many spans begin in each window; what has no time at all counts where there is but one."""
    counts = [0] * len(frames)
    edges = [window.start for window in frames]
    for subject in subjects:
        if not subject.dates and subject.on is None and len(frames) == 1:
            counts[0] += 1
        for span in subject.dates:
            at = bisect_right(edges, span.start) - 1
            if at >= 0 and span.start <= frames[at].end:
                counts[at] += 1
    return counts


# ---- window ----


def check_window(case: Case) -> Iterator[Hit]:
    """Every span of each item falls in months, around a day, before or after one."""
    dated = [subject for subject in case.some() if subject.dates]
    frames = tuple(allowed(case))
    if not dated or not frames:
        raise NotApplicable
    for subject in dated:
        for frame in frames:
            outside = next((span for span in subject.dates if not frame.holds(span)), None)
            if outside is not None:
                data = {"found": span_text(outside), "wanted": frame.wanted}
                yield Hit(message="outside", subject=subject, part="on", data=data, param=frame.param)


@frozen
class Frame:
    """One condition on a span: the parameter it comes from, what is wanted as text, and the test."""

    param: str
    wanted: str
    holds: Callable[[DateSpan], bool]


def allowed(case: Case) -> Iterator[Frame]:
    """The conditions of a `window` rule that mean something in this period."""
    months = case.get("months")
    if months:
        yield Frame(
            "months",
            "、".join(f"{month}月" for month in months),
            lambda span: _months_of(span) <= set(months),
        )
    around = case.days("within")
    for on in case.ons("near"):
        spans = _meant(case, on, around)
        if spans:
            param = "within" if case.get("within") is not None else "near"
            yield Frame(
                param, "、".join(map(span_text, _widened(spans, around))), _inside(_widened(spans, around))
            )
    for on in case.ons("after"):
        if spans := _meant(case, on):
            yield Frame("after", f"{span_text(spans[0])}之后", _later(spans[0]))
    for on in case.ons("before"):
        if spans := _meant(case, on):
            yield Frame("before", f"{span_text(spans[-1])}之前", _earlier(spans[-1]))


def _meant(case: Case, on: On, around: int = 0) -> tuple[DateSpan, ...]:
    """The days an expression means, as far as days of the period lie within so many days of them."""
    calendar, margin = case.calendar, around * DAY
    if around:
        calendar = evolve(
            calendar, period=Period(case.view.period.start - margin, case.view.period.end + margin)
        )
    return calendar.spans(on, lambda name: _dates_of(case, name))


def _dates_of(case: Case, name: str) -> tuple[DateSpan, ...]:
    """The days of an activity; none if it is hidden or removed, or if a document is checked."""
    return next((one.dates for one in case.selection.all("activity") if one.id == name), ())


def _months_of(span: DateSpan) -> set[int]:
    count = (span.end.year - span.start.year) * 12 + span.end.month - span.start.month
    return {(span.start.month - 1 + step) % 12 + 1 for step in range(count + 1)}


def _widened(spans: tuple[DateSpan, ...], days: int) -> tuple[DateSpan, ...]:
    margin = dt.timedelta(days=days)
    return tuple(DateSpan(start=span.start - margin, end=span.end + margin) for span in spans)


def _inside(spans: tuple[DateSpan, ...]) -> Callable[[DateSpan], bool]:
    return lambda span: any(_holds(one, span) or (_is_month(span) and _meet(one, span)) for one in spans)


def _holds(one: DateSpan, other: DateSpan) -> bool:
    return one.start <= other.start and other.end <= one.end


def _is_month(span: DateSpan) -> bool:
    """A whole month: the day is left open, so it may still be the right one."""
    return span.start.day == 1 and (span.end + DAY).day == 1 and span.start.month == span.end.month


def _meet(one: DateSpan, other: DateSpan) -> bool:
    return one.start <= other.end and other.start <= one.end


def _later(bound: DateSpan) -> Callable[[DateSpan], bool]:
    return lambda span: span.start > bound.end


def _earlier(bound: DateSpan) -> Callable[[DateSpan], bool]:
    return lambda span: span.end < bound.start


# ---- order ----


def check_order(case: Case) -> Iterator[Hit]:
    """Whatever comes second begins after something that comes first, with a gap between the first days."""
    firsts = [(day, subject) for subject in case.some("first") if (day := starts(subject))]
    seconds = [(day, subject) for subject in case.some("then") if (day := starts(subject))]
    if not firsts or not seconds:
        raise NotApplicable
    earliest, opener = min(firsts, key=lambda one: one[0])
    gap = case.days("gap")
    for day, subject in seconds:
        between = (day - earliest).days
        if subject.path != opener.path and between < gap:
            data = {"first": opener.name, "then": subject.name, "found": between, "wanted": gap}
            yield Hit(message="order", subject=subject, part="on", data=data, param="gap")


# ---- coverage ----


def check_coverage(case: Case) -> Iterator[Hit]:
    """Every month, quarter or section has something, but for those that may be empty."""
    exempt = set(case.get("allow_empty") or ())
    for name, key, is_served in _units(case):
        if key not in exempt and not is_served:
            path = f"sections/{key}" if isinstance(key, str) else ""
            yield Hit(message="empty", data={"window": name}, param="allow_empty", path=path)


def _units(case: Case) -> Iterator[tuple[str, int | str, bool]]:
    """What must be served: name, the number or id by which it may be exempt, and whether it is."""
    every = str(case.params["every"])
    subjects = case.every()
    if every == "section":
        sections = case.selection.all("section")
        if not sections:
            raise NotApplicable
        served = {subject.section for subject in subjects}
        yield from ((section.title, section.id, section.id in served) for section in sections)
        return
    frames = [window for window in windows(case.view.period, every) if window.is_judged]
    if not frames:
        raise NotApplicable
    spans = {(span.start, span.end) for subject in subjects for span in subject.dates}
    for window in frames:
        is_served = any(start <= window.end and window.start <= end for start, end in spans)
        yield window.name, window.number, is_served
