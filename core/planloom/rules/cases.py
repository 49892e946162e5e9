"""One rule put to one view: what a kind is given, and what it says."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from attrs import evolve, field

from planloom.calendar import Calendar
from planloom.rules.select import Selection
from planloom.rules.views import Subject, View
from planloom_schemas.dates import On, Period
from planloom_schemas.plan import DateSpan
from planloom_schemas.records import frozen
from planloom_schemas.rule import Days, Percent


class NotApplicable(Exception):  # noqa: N818
    """A rule has nothing to look at: neither a pass nor a failure."""


@frozen(kw_only=True)
class Hit:
    """What a kind found; the engine makes a finding of it.

    Args:
        message: Message id of the kind.
        subject: What it is about; None: the plan as a whole.
        data: The values of the message.
        part: The field of the subject that is wrong.
        start, end: Where in the subject's text; equal: the subject as a whole.
        param: The parameter that fails, to find the definition that fails.
        path: Path, where there is no subject to give it.
        replacement: What the quoted text may safely be replaced by, or None.
    """

    message: str
    subject: Subject | None = None
    data: Mapping[str, object] = field(factory=dict)
    part: str = ""
    start: int = 0
    end: int = 0
    param: str = ""
    path: str = ""
    replacement: str | None = None

    @property
    def quote(self) -> str:
        """The text complained about, or ""."""
        return self.subject.text[self.start : self.end] if self.subject else ""


@frozen(eq=False)
class Case:
    """A rule's parameters beside the view they are put to."""

    selection: Selection
    calendar: Calendar
    params: Mapping[str, Any]
    profiles: tuple[str, ...] = ()

    @property
    def view(self) -> View:
        """What is looked at."""
        return self.selection.view

    def get(self, name: str) -> Any:
        """A parameter, or None."""
        return self.params.get(name)

    def every(self, name: str = "of") -> tuple[Subject, ...]:
        """The subjects that a selector parameter picks."""
        return self.selection.of(self.params[name], self.profiles)

    def some(self, name: str = "of") -> tuple[Subject, ...]:
        """The same, for kinds that look at items.

        Raises:
            NotApplicable: There are none.
        """
        found = self.every(name)
        if not found:
            raise NotApplicable
        return found

    def texts(self) -> tuple[Subject, ...]:
        """The texts to read: those that `of` picks, or all.

        Raises:
            NotApplicable: There are none.
        """
        found = self.every() if self.params.get("of") else self.selection.of_all_texts(self.profiles)
        if not found:
            raise NotApplicable
        return found

    def ons(self, name: str) -> tuple[On, ...]:
        """The dates of a parameter: one as it was written, or several that must all hold."""
        value = self.params.get(name)
        if value is None:
            return ()
        return value if isinstance(value, tuple) else (value,)

    def days(self, name: str) -> int:
        """A length of time, 0 if it is not given."""
        value = self.params.get(name)
        return value.days if isinstance(value, Days) else int(value or 0)

    def put(self, **params: object) -> "Case":
        """The same case with other parameters."""
        return evolve(self, params={**self.params, **params})


def shown(value: object) -> object:
    """A value as messages and JSON show it: numbers without useless zeros, lists as one text."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, Percent):
        return str(value)
    if isinstance(value, tuple | list):
        return "、".join(str(shown(member)) for member in value)
    if isinstance(value, DateSpan):
        return span_text(value)
    return value if isinstance(value, int | str) else "" if value is None else str(value)


def span_text(span: DateSpan) -> str:
    """Days as a Chinese document writes them."""
    first, last = span.start, span.end
    start = f"{first.year}年{first.month}月{first.day}日"
    if first == last:
        return start
    whole = Period(first, last)
    if first.day == 1 and (last + dt.timedelta(days=1)).day == 1:
        return whole.label
    year = f"{last.year}年" if last.year != first.year else ""
    return f"{start}至{year}{last.month}月{last.day}日"


def starts(subject: Subject) -> dt.date | None:
    """The first day of a subject, or None."""
    return subject.dates[0].start if subject.dates else None
