"""Windows that nothing can meet together in this period: known only once the calendar is."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

from planloom.calendar import Calendar
from planloom.pasting import said
from planloom.quarrels import party_of
from planloom.rules.cases import Case
from planloom.rules.select import Selection
from planloom.rules.time_kinds import allowed
from planloom.rules.views import View
from planloom_schemas.errors import Party, Problem
from planloom_schemas.plan import DateSpan, PlanRule, Statement
from planloom_schemas.records import frozen


@frozen
class Condition:
    """One condition of a window: its parameter, what that says, and the days (as ordinals) that meet it."""

    name: str
    value: object
    days: frozenset[int]


def window_clashes(rules: Iterable[PlanRule], calendar: Calendar) -> Iterator[Problem]:
    """One problem for each rule whose conditions have no day in common.

    A condition that no day of the period meets, or that is reckoned from an activity, clashes with nothing.

    Args:
        rules: Those that `force.with_windows` gave.
        calendar: The days of the period.
    """
    for rule in rules:
        conditions = [one for one in _conditions(rule, calendar) if one.days]
        if conditions and not _common(conditions):
            yield _clash(rule, _least(conditions), calendar)


def _conditions(rule: PlanRule, calendar: Calendar) -> Iterator[Condition]:
    view = View(period=calendar.period)
    case = Case(Selection(view), calendar, rule.params)
    # What reaches over the edge of the period may meet another condition there.
    around, margin = rule.params.get("within"), dt.timedelta(days=case.days("within"))
    first, last = calendar.period.start - margin, calendar.period.end + margin
    days = [dt.date.fromordinal(at) for at in range(first.toordinal(), last.toordinal() + 1)]
    spans = [DateSpan(start=day, end=day) for day in days]
    for name in ("near", "months", "after", "before"):
        for value in [case.get(name)] if name == "months" else case.ons(name):
            alone = Case(case.selection, calendar, {name: value, "within": around})
            for frame in allowed(alone):
                met = frozenset(span.start.toordinal() for span in spans if frame.holds(span))
                yield Condition(name, value, met)


def _common(conditions: Sequence[Condition]) -> frozenset[int]:
    """The days that meet all of some conditions."""
    return frozenset.intersection(*(one.days for one in conditions))


def _least(conditions: Sequence[Condition]) -> Sequence[Condition]:
    """Conditions that clash, of which none could be left out."""
    for one in conditions:
        others = [other for other in conditions if other is not one]
        if others and not _common(others):
            return _least(others)
    return conditions


def _clash(rule: PlanRule, clashing: Sequence[Condition], calendar: Calendar) -> Problem:
    path = f"rules/{rule.code}"
    return Problem(
        code="Unsatisfiable", message="in {period} no day meets these requirements of {path} together",
        params={"path": path, "period": calendar.period.label}, path=path,
        parties=tuple(dict.fromkeys(party for one in clashing for party in _parties(rule, one))),
        fix="change one of them; a house requirement can be loosened with a reason",
    )  # fmt: skip


def _parties(rule: PlanRule, condition: Condition) -> Iterator[Party]:
    """Who says so; a day and the distance from it go together."""
    for name in (condition.name, "within") if condition.name == "near" else (condition.name,):
        for entry in rule.entries.get(name, ()):
            if name in ("months", "within") or entry.value == condition.value:
                yield party_of(Statement(origin=entry.origin), f"{name}: {said(entry.value)}")
