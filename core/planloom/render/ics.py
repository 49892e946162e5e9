"""Plans as a calendar: every activity an all-day event for the calendars of phones and desks."""

import datetime as dt
from hashlib import sha256
from typing import Any

from icalendar import Calendar, Event

from planloom.render.text import one_line
from planloom_schemas.plan import DateSpan, Plan, PlanActivity


def render(plan: Plan) -> bytes:
    """The plan as an .ics file."""
    calendar: Any = Calendar()
    calendar.add("prodid", "-//planloom//planloom//ZH")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", one_line(plan.title))
    for activity in plan.activities:
        for number, span in enumerate(activity.dates):
            calendar.add_component(_event(plan, activity, number, span))
    return bytes(calendar.to_ical())


def _event(plan: Plan, activity: PlanActivity, number: int, span: DateSpan) -> Any:
    event: Any = Event()
    event.add("uid", _uid(plan, activity, number))
    # The time of writing would be a clock; the start of the period stands in for it.
    event.add("dtstamp", dt.datetime.combine(plan.period.start, dt.time(), dt.UTC))
    event.add("dtstart", span.start)
    event.add("dtend", span.end + dt.timedelta(days=1))
    event.add("summary", one_line(activity.title))
    people = (("责任人（部门）", "、".join(activity.owner)), ("参加人员", activity.participants or ""))
    description = "\n".join(f"{name}：{one_line(value)}" for name, value in people if value)
    if description:
        event.add("description", description)
    if activity.place:
        event.add("location", one_line(activity.place))
    event.add("transp", "TRANSPARENT")
    return event


def _uid(plan: Plan, activity: PlanActivity, number: int) -> str:
    """The same for the same activity when its date moves, so that a calendar moves the event along."""
    key = "\n".join((plan.organisation, plan.period.label, activity.id, str(number)))
    return f"{sha256(key.encode(errors='replace')).hexdigest()[:32]}@planloom"
