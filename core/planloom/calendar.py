"""Which days a symbolic date means in a period, and what a year holds.

Pure: the same expression in the same period gives the same days. What a single year holds is in ``almanac``.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from attrs import field

from planloom.almanac import FIRST_YEAR, LAST_YEAR, Days, days_in, festival_date, festival_dates, statutory
from planloom_schemas.dates import (
    FESTIVALS,
    SOLAR_TERMS,
    ActivityRef,
    Base,
    Festival,
    Months,
    On,
    Period,
    SolarTerm,
    Span,
    festival_name,
)
from planloom_schemas.errors import CalendarError, Problem, nearest
from planloom_schemas.plan import DateSpan
from planloom_schemas.records import frozen

__all__ = [
    "FESTIVALS",
    "SOLAR_TERMS",
    "Calendar",
    "CalendarDay",
    "DateSpan",
    "festival_date",
    "festival_dates",
    "festival_name",
    "months_of",
    "resolve_all",
    "unknown_festivals",
    "year_table",
]

# ---- the days of a period ----


def _copied(festivals: Mapping[str, On]) -> dict[str, On]:
    return dict(festivals)


@frozen(eq=False)
class Calendar:
    """The days of one period.

    Args:
        period: What every answer is clipped to.
        festivals: Festivals that layers name; a name known to everyone keeps its meaning.
    """

    period: Period
    festivals: Mapping[str, On] = field(factory=dict[str, On], converter=_copied)

    def spans(
        self,
        on: On,
        activities: Callable[[str], tuple[DateSpan, ...]] | Mapping[str, tuple[DateSpan, ...]] | None = None,
    ) -> tuple[DateSpan, ...]:
        """The days an expression means in this period: sorted, clipped, adjacent months joined.

        Args:
            on: The expression.
            activities: The dates of other activities, for an expression that is reckoned from one.

        Raises:
            CalendarError: It names a festival or an activity nobody knows.
        """
        if not isinstance(on.base, ActivityRef):
            return self.follow((on,))
        activity = on.base.activity
        found = activities(activity) if callable(activities) else (activities or {}).get(activity)
        if found is None:
            raise CalendarError(_unknown_activity(activity, (), ""))
        return self._clipped(_shifted(on, [(span.start, span.end) for span in found]))

    def follow(self, chain: Sequence[On]) -> tuple[DateSpan, ...]:
        """The same as `chained`; what every calendar reads alike is remembered."""
        base = chain[0].base
        is_own = isinstance(base, Festival) and base.name not in FESTIVALS
        return self.chained(chain) if is_own or len(chain) > 1 else _spans(self.period, chain[0])

    def chained(self, chain: Sequence[On]) -> tuple[DateSpan, ...]:
        """The days the first link means, each link being reckoned from the next and the last from itself.

        The links in between are not clipped: the ten days before a festival count although the festival
        itself comes after the period.

        Raises:
            CalendarError: A link names a festival nobody knows.
        """
        links = [*chain, *self._own_festivals(chain[-1])]
        reach = [(self.period.start, self.period.end)]
        for on in links:
            start = reach[-1][0] - timedelta(days=on.after or 0)
            end = reach[-1][1] + timedelta(days=on.before or 0)
            reach.append((max(start, date(FIRST_YEAR, 1, 1)), min(end, date(LAST_YEAR, 12, 31))))
        days = _occurrences(links[-1].base, *reach[-1])
        for on, within in zip(reversed(links), reversed(reach[:-1]), strict=True):
            days = [found for found in _shifted(on, days) if _overlap(found, within)]
        return self._clipped(days)

    def _own_festivals(self, on: On) -> Iterator[On]:
        """The expressions behind a festival that a layer names, which may be reckoned from another such."""
        seen: list[str] = []
        while isinstance(on.base, Festival) and on.base.name not in FESTIVALS:
            name = on.base.name
            if name in seen:
                raise CalendarError(_cycle("FestivalCycle", [*seen[seen.index(name) :], name], ""))
            if name not in self.festivals:
                raise CalendarError(_unknown_festival(name, self.festivals, ""))
            seen.append(name)
            on = self.festivals[name]
            yield on
        if isinstance(on.base, ActivityRef):
            params = {"name": seen[-1] if seen else "", "activity": on.base.activity}
            message = "the festival {name} is reckoned from the activity {activity}"
            fix = "give the festival a date, a weekday or another festival"
            raise CalendarError(Problem(code="FestivalFromActivity", message=message, params=params, fix=fix))

    def _clipped(self, found: Iterable[Days]) -> tuple[DateSpan, ...]:
        period = (self.period.start, self.period.end)
        inside = {
            (max(days[0], period[0]), min(days[1], period[1])) for days in found if _overlap(days, period)
        }
        return tuple(DateSpan(start=start, end=end) for start, end in sorted(inside))


@lru_cache(maxsize=4_096)
def _spans(period: Period, on: On) -> tuple[DateSpan, ...]:
    """What an expression means that every calendar of the period reads alike; one plan asks much as the last."""
    return Calendar(period).chained((on,))


def _overlap(one: Days, other: Days) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]


def _occurrences(base: Base, start: date, end: date) -> list[Days]:
    """Whatever may overlap the days from ``start`` to ``end``, whole, with the months it joins."""
    if isinstance(base, Span) and base.from_.year is not None:
        return list(days_in(base, base.from_.year))
    days = [found for year in range(start.year - 1, end.year + 1) for found in days_in(base, year)]
    return _joined(days) if isinstance(base, Months) else days


def _joined(days: list[Days]) -> list[Days]:
    """Months that follow each other, over the year end too, as one span."""
    joined = days[:1]
    for before, (start, end) in pairwise(days):
        if start - before[1] == timedelta(days=1):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _shifted(on: On, days: Iterable[Days]) -> list[Days]:
    """``before`` and ``after`` applied to each span: the days around it, and itself if both are given."""
    if on.before is None and on.after is None:
        return list(days)
    back, forth, day = timedelta(days=on.before or 0), timedelta(days=on.after or 0), timedelta(days=1)
    if on.after is None:
        return [(start - back, start - day) for start, _ in days]
    if on.before is None:
        return [(end + day, end + forth) for _, end in days]
    return [(start - back, end + forth) for start, end in days]


def months_of(spans: Iterable[DateSpan]) -> tuple[int, ...]:
    """The months (1 to 12) that spans touch, each once, in the order of the dates."""
    touched = {
        month
        for span in spans
        for month in range(span.start.year * 12 + span.start.month - 1, span.end.year * 12 + span.end.month)
    }
    return tuple(dict.fromkeys(number % 12 + 1 for number in sorted(touched)))


# ---- the activities of a plan ----


def resolve_all(ons: Mapping[str, On], calendar: Calendar) -> dict[str, tuple[DateSpan, ...]]:
    """The dates of all activities, those reckoned from other activities too.

    Raises:
        CalendarError: With every unknown activity, every cycle and every unknown festival.
    """
    problems = [*_reference_problems(ons), *_cycles(ons), *_festival_problems(ons, calendar)]
    if problems:
        raise CalendarError(*problems)
    return {activity: calendar.follow(_chain(activity, ons)) for activity in ons}


def _chain(activity: str, ons: Mapping[str, On]) -> list[On]:
    chain = [ons[activity]]
    while isinstance(reference := chain[-1].base, ActivityRef):
        chain.append(ons[reference.activity])
    return chain


def _reference_problems(ons: Mapping[str, On]) -> Iterator[Problem]:
    for activity, on in ons.items():
        if isinstance(on.base, ActivityRef) and on.base.activity not in ons:
            yield _unknown_activity(on.base.activity, ons, f"activities/{activity}/on")


def _festival_problems(ons: Mapping[str, On], calendar: Calendar) -> Iterator[Problem]:
    for activity, on in ons.items():
        for name in unknown_festivals(on, calendar.festivals):
            yield _unknown_festival(name, calendar.festivals, f"activities/{activity}/on")


def _cycles(ons: Mapping[str, On]) -> Iterator[Problem]:
    """Each cycle once, told from its least activity on."""
    done: set[str] = set()
    for start in sorted(ons):
        path: dict[str, None] = {}
        activity: str | None = start
        while activity is not None and activity in ons and activity not in done and activity not in path:
            path[activity] = None
            base = ons[activity].base
            activity = base.activity if isinstance(base, ActivityRef) else None
        if activity is not None and activity in path:
            names = list(path)
            cycle = names[names.index(activity) :]
            least = cycle.index(min(cycle))
            cycle = [*cycle[least:], *cycle[:least], cycle[least]]
            yield _cycle("DateCycle", cycle, f"activities/{cycle[0]}/on")
        done.update(path)


def unknown_festivals(on: On, known: Iterable[str]) -> list[str]:
    """The festivals an expression names that are neither known to everyone nor among ``known``."""
    name = on.base.name if isinstance(on.base, Festival) else None
    return [name] if name and name not in FESTIVALS and name not in set(known) else []


def _unknown_festival(name: str, own: Iterable[str], path: str) -> Problem:
    term = name.removesuffix("节")
    if term in SOLAR_TERMS:
        near, fix = term, "write solar_term: {near}"
    else:
        near = nearest(name, [*FESTIVALS, *own])
        fix = "did you mean {near}?" if near else "give its date under festivals: {{{name}: {{date: 05-20}}}}"
    return Problem(
        code="UnknownFestival", message="no festival is called {name}", params={"name": name, "near": near},
        path=path, fix=fix,
    )  # fmt: skip


def _unknown_activity(activity: str, ons: Iterable[str], path: str) -> Problem:
    near = nearest(activity, ons)
    return Problem(
        code="UnknownActivity", message="the date is reckoned from {activity}, but there is no such activity",
        params={"activity": activity, "near": near}, path=path,
        fix="did you mean {near}?" if near else "name an activity of this plan, or give a date",
    )  # fmt: skip


def _cycle(code: str, names: Sequence[str], path: str) -> Problem:
    message, fix = "these dates are reckoned from each other: {cycle}", "give one of them a date of its own"
    return Problem(code=code, message=message, params={"cycle": " → ".join(names)}, path=path, fix=fix)


# ---- a year at a glance ----

Kind = Literal["festival", "solar-term", "holiday", "workday", "observance"]
Status = Literal["announced", "computed"]


@frozen(kw_only=True)
class CalendarDay:
    """One line of a year's calendar.

    Args:
        kind: What it is; ``workday`` is a weekend day worked in exchange for a day off.
        name: What it is called.
        start: First day.
        end: Last day, included.
        status: Whether the State Council has announced it or it is reckoned from rules.
        note: English message id of where it comes from, or "".
    """

    kind: Kind
    name: str
    start: date
    end: date
    status: Status = "computed"
    note: str = ""


def year_table(year: int, observances: Mapping[str, On] | None = None) -> tuple[CalendarDay, ...]:
    """What a calendar year holds, by date: festivals, solar terms, statutory holidays and observances.

    Args:
        year: The calendar year.
        observances: Days and weeks that layers name; those known as festivals anyway are not repeated.

    Raises:
        CalendarError: An observance is reckoned from a festival nobody knows.
    """
    table = [*_festival_rows(year), *_holiday_rows(year), *_observance_rows(year, observances or {})]
    return tuple(sorted(table, key=lambda day: (day.start, day.end, day.kind, day.name)))


def _festival_rows(year: int) -> Iterator[CalendarDay]:
    for name in FESTIVALS:
        for day in festival_dates(name, date(year, 1, 1), date(year, 12, 31)):
            yield CalendarDay(kind="festival", name=name, start=day, end=day)
    for name in SOLAR_TERMS:
        for day, _ in days_in(SolarTerm(name), year):
            yield CalendarDay(kind="solar-term", name=name, start=day, end=day)


def _holiday_rows(year: int) -> Iterator[CalendarDay]:
    days = statutory(year)
    status: Status = "announced" if days.announced else "computed"
    note = "by notice of the State Council" if days.announced else "by the regulation; no notice is known yet"
    for name, start, end in _runs(days.holidays):
        yield CalendarDay(kind="holiday", name=name, start=start, end=end, status=status, note=note)
    for day, name in days.half_days:
        half = "half a day off for those it concerns"
        yield CalendarDay(kind="holiday", name=name, start=day, end=day, status=status, note=half)
    for day in days.workdays:
        yield CalendarDay(kind="workday", name="补班", start=day, end=day, status=status, note=note)


def _runs(days: Iterable[tuple[date, str]]) -> list[tuple[str, date, date]]:
    """Days of one name that follow each other, as one."""
    runs: list[tuple[str, date, date]] = []
    for day, name in sorted(days, key=lambda item: (item[1], item[0])):
        if runs and runs[-1][0] == name and day - runs[-1][2] == timedelta(days=1):
            runs[-1] = (name, runs[-1][1], day)
        else:
            runs.append((name, day, day))
    return runs


def _observance_rows(year: int, observances: Mapping[str, On]) -> Iterator[CalendarDay]:
    calendar = Calendar(Period(date(year, 1, 1), date(year, 12, 31)), observances)
    for name, on in observances.items():
        for span in calendar.spans(on) if festival_name(name) is None else ():
            yield CalendarDay(kind="observance", name=name, start=span.start, end=span.end)
