"""Plans made up to try rules on: items that a selector picks, and the view they make together."""

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from attrs import evolve, frozen

from planloom.rules.linear import example
from planloom.rules.views import COLLECTIONS, Subject, View
from planloom_schemas.dates import Date, On, Period
from planloom_schemas.layer import Target
from planloom_schemas.plan import DateSpan
from planloom_schemas.rule import FieldTest, Selector

DAY = dt.timedelta(days=1)
_ATTRIBUTES = {"budget": "amount", "activities": "items"}
_LISTS = ("owner", "tags", "items")
_RARE = 0x8C00
"""From here on stand characters that no rule speaks of."""


def filler(number: int, length: int = 24) -> str:
    """A text that says nothing; each number gives another, without a character in common."""
    return "".join(chr(_RARE + (number * 61 + step) % 3000) for step in range(length))


@frozen
class Draft:
    """A made-up plan: its items and texts, in order, and the vocabulary and period they stand in.

    Items made from now on belong to ``profiles``; none: to all of them.
    """

    base: View
    items: tuple[Subject, ...] = ()
    number: int = 0
    profiles: tuple[str, ...] = ()

    def view(self) -> View:
        """The plan as rules see it."""
        items = tuple(item for item in self.items if item.what != "text")
        return evolve(
            self.base, items=items, texts=tuple(text for item in self.items for text in texts_of(item))
        )

    def put(self, *subjects: Subject) -> "Draft":
        """The draft with items added, or changed where their path is known."""
        known = {item.path: item for item in self.items} | {subject.path: subject for subject in subjects}
        return evolve(self, items=tuple(known.values()), number=self.number + len(subjects))

    def without(self, *subjects: Subject) -> "Draft":
        """The draft without some items; a text goes with its item."""
        gone = {subject.path.partition("#")[0] for subject in subjects}
        return evolve(self, items=tuple(item for item in self.items if item.path not in gone))

    def owner_of(self, subject: Subject) -> Subject:
        """The item behind what a rule complained of, which may be a citation or a printed text."""
        path = subject.path.partition("#")[0]
        return next((item for item in self.items if item.path in (path, path.rpartition("/")[0])), subject)

    def make(self, selector: Selector) -> Subject:
        """A new item that the selector picks, or an item with that very id, changed so that it is picked."""
        number = self.number + len(self.items) + 1
        subject = self._known(selector) or evolve(
            _blank(selector, number, self.base.period), profiles=self.profiles
        )
        subject = evolve(
            subject, tags=tuple(dict.fromkeys((*subject.tags, *selector.all_tags, *selector.tags[:1])))
        )
        if not subject.dates and _needs_dates(selector):
            subject = dated(subject, self.base.period.start)
        if selector.months and subject.dates and subject.dates[0].start.month not in selector.months:
            days = (day for day in days_of(self.base.period) if day.month in selector.months)
            subject = dated(subject, next(days, subject.dates[0].start))
        for name, test in selector.fields.items():
            subject = with_field(subject, name, _wanted(test, subject.value(name), number))
        return subject

    def _known(self, selector: Selector) -> Subject | None:
        if not selector.id:
            return None
        fitting = (item for item in self.items if item.what == selector.what and item.id in selector.id)
        return next(
            (item for item in fitting if not selector.section or item.section in selector.section), None
        )


def _needs_dates(selector: Selector) -> bool:
    """Whether only an item with a day can be meant."""
    asked = (selector.fields.get(name) for name in ("dates", "months"))
    stated = any(test is not None and test.exists is not False for test in asked)
    return selector.what in ("activity", "measure") and (bool(selector.months) or stated)


def texts_of(item: Subject) -> Iterator[Subject]:
    """What of an item is printed."""
    if item.what == "text":
        yield item
    elif item.what in ("section", "heading"):
        yield evolve(item, what="text", path=f"{item.path}/title", text=item.title, label="", level=1)
    if item.what in ("section", "measure", "activity") and item.text:
        part = {"section": "lead", "measure": "text", "activity": "title"}[item.what]
        yield evolve(item, what="text", path=f"{item.path}/{part}", label="", level=0)


def _blank(selector: Selector, number: int, period: Period) -> Subject:
    what = "text" if selector.what == "citation" else selector.what
    id = selector.id[0] if selector.id else f"made-{number}"
    section = selector.section[0] if selector.section else id if what == "section" else "made"
    collection = f"sections/{section}/measures" if what == "measure" else COLLECTIONS.get(what, f"{what}s")
    subject = Subject(
        what=what,
        id=id,
        path=f"{collection}/{id}",
        title="" if what in ("text", "measure") else filler(number, 8),
        text=f"《{id}》" if selector.what == "citation" else filler(number),
        section=section,
        owner=("责任人",),
        side="expense" if what == "budget" else "",
        amount=Decimal(100) if what == "budget" else None,
    )
    if what == "activity":
        titled = evolve(subject, text=subject.title, place=f"场所{number}", participants="全体人员")
        return dated(titled, period.start + number % 28 * DAY)
    return subject


def days_of(period: Period) -> Iterator[dt.date]:
    """Every day of a period."""
    return (period.start + step * DAY for step in range((period.end - period.start).days + 1))


def dated(subject: Subject, day: dt.date, end: dt.date | None = None) -> Subject:
    """The item on another day."""
    span = DateSpan(start=day, end=end or day)
    return evolve(subject, on=On(Date(day.month, day.day)), dates=(span,), months=(day.month,))


def retold(subject: Subject, text: str) -> Subject:
    """The item with other words: whatever rules read as its text."""
    if subject.what in ("activity", "heading", "budget"):
        return evolve(subject, title=text, text=text)
    return evolve(subject, text=text, lead=text if subject.what == "section" else None)


def with_field(subject: Subject, name: str, value: object) -> Subject:
    """The item with another value of a field, in the form that field has."""
    attribute = _ATTRIBUTES.get(name, name)
    if attribute == "text" or (attribute == "title" and subject.what == "activity"):
        return retold(subject, str(value or ""))
    if attribute in _LISTS:
        listed = value if isinstance(value, tuple) else () if value is None else (value,)
        return _with(subject, attribute, listed)
    if attribute == "target":
        number = Decimal(str(value)) if isinstance(value, int | float | Decimal) else None
        return evolve(subject, target=None if number is None else Target(value=number))
    if attribute == "months":
        months = value if isinstance(value, tuple) else (value,)
        return evolve(subject, months=months if value else ())
    if attribute == "dates":
        return subject if value else evolve(subject, dates=(), months=())
    if attribute == "amount" and value is not None:
        value = Decimal(str(value)) if isinstance(value, int | float | Decimal) else None
    return _with(subject, attribute, value)


def _with(subject: Subject, attribute: str, value: object) -> Subject:
    changes: dict[str, Any] = {attribute: value}
    return evolve(subject, **changes)


def _wanted(test: FieldTest, current: object, number: int) -> object:
    """A value that passes a field test; a combination of operators is tried in turn."""
    if test.exists is False:
        return None
    solutions: list[tuple[object, Callable[[], object]]] = [
        (test.eq, lambda: test.eq),
        (test.in_, lambda: (test.in_ or (None,))[0]),
        (test.has, lambda: test.has),
        (test.between, lambda: (test.between or (0,))[0]),
        (test.gt, lambda: Decimal(test.gt or 0) + 1),
        (test.lt, lambda: Decimal(test.lt or 0) - 1),
        (test.matches, lambda: example(test.matches or "") or ""),
    ]
    for said, solve in solutions:
        if said is not None:
            return solve()
    return current if current else Decimal(number) if current is None else filler(number, 4)
