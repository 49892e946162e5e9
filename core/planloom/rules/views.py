"""What rules look at: one frozen view, the same of a composed plan and of a document somebody wrote.

A view holds *subjects* - activities, sections, measures, headings, budget lines and the printed texts in reading
order. Kinds and Python rules see nothing else, so a rule never knows where a plan came from.
"""

import datetime as dt
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from decimal import Decimal

from attrs import evolve, field, frozen

from planloom.calendar import months_of
from planloom_schemas.dates import On, Period
from planloom_schemas.errors import Location
from planloom_schemas.layer import Target
from planloom_schemas.plan import (
    DateSpan,
    Origin,
    Plan,
    PlanActivity,
    PlanBudgetLine,
    PlanDocument,
    PlanMeasure,
    PlanSection,
    PlanTag,
    Provenance,
)

WHATS = ("activity", "section", "measure", "text", "heading", "budget", "citation")
COLLECTIONS: Mapping[str, str] = {"activity": "activities", "section": "sections", "measure": "measures", "budget": "budget"}

_COMMON = ("id", "title", "text")
FIELDS: Mapping[str, tuple[str, ...]] = {
    "activity": (
        *_COMMON, "section", "months", "dates", "owner", "place", "participants", "tags", "amount", "budget", "category",
    ),
    "section": (*_COMMON, "lead", "shows", "tags", "items"),
    "measure": (*_COMMON, "section", "months", "dates", "owner", "target", "activities", "tags"),
    "text": (*_COMMON, "section", "months"),
    "heading": (*_COMMON, "section", "months"),
    "budget": (*_COMMON, "side", "amount", "category", "section", "owner"),
    "citation": (*_COMMON, "section"),
}  # fmt: skip
"""The fields that selectors and the kinds `field` and `unique` can read, for each sort of subject."""


@frozen
class Piece:
    """Where a part of a text stands in the file: from ``at`` on, code point ``offset`` of the file (-1: unknown)."""

    at: int
    offset: int
    line: int
    column: int


@frozen(kw_only=True)
class Subject:
    """One thing that can be checked.

    Args:
        what: activity, section, measure, text, heading, budget or citation.
        id: Its id; for what has none in the file, a stable one made by the reader.
        path: Its stable path, e.g. ``activities/staff-congress``.
        title: How people name it: title of an activity or section, otherwise the beginning of its text.
        text: Every word in it; for a section its lead and measures, line by line.
        label: The printed number, where it is not part of ``text``.
        items: Ids of what it holds: measures of a section, activities of a measure.
        on: What was said about its time, or None.
        dates: Its days in the period; empty when it has none.
        side, amount, category: Of a budget line, or of the money an activity needs.
        level: Depth of a heading; 0 for running text.
        profiles: Selected profiles it belongs to; empty: all.
        origin: Who said it; None for documents.
        file: The file it was read from, for documents.
        pieces: Where ``text`` stands in that file; several when lines were joined.
        trail: Heading trail or table cell, for documents.
    """

    what: str
    id: str
    path: str
    title: str = ""
    text: str = ""
    label: str = ""
    section: str | None = None
    months: tuple[int, ...] = ()
    tags: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    owner: tuple[str, ...] = ()
    on: On | None = None
    dates: tuple[DateSpan, ...] = ()
    place: str | None = None
    participants: str | None = None
    target: Target | None = None
    side: str = ""
    amount: Decimal | None = None
    category: str = ""
    lead: str | None = None
    shows: str = "text"
    level: int = 0
    profiles: tuple[str, ...] = ()
    origin: Origin | None = None
    file: str = ""
    pieces: tuple[Piece, ...] = ()
    trail: str = ""

    @property
    def name(self) -> str:
        """The title, or as much of the text as names it."""
        words = self.title or self.text
        return words if len(words) <= 24 else words[:23] + "…"

    @property
    def budget(self) -> Decimal | None:
        """The money it needs, in yuan: what the file calls `budget` of an activity."""
        return self.amount

    @property
    def activities(self) -> tuple[str, ...]:
        """What a measure is carried out by."""
        return self.items

    def value(self, name: str) -> object:
        """A field by its name in `FIELDS`; a target is its number."""
        found = getattr(self, name)
        return found.value if isinstance(found, Target) else found

    def offset(self, at: int) -> int:
        """Where code point ``at`` of the text stands in the file, or -1."""
        piece = self._piece(at)
        return piece.offset + at - piece.at if piece and piece.offset >= 0 else -1

    def location(self, start: int = 0, end: int = 0) -> Location | None:
        """Where the code points ``start`` to ``end`` of the text stand, or where the subject was said."""
        if not self.pieces:
            return _written(self.origin)
        first, last = self._piece(start), self._piece(max(start, end - 1))
        assert first and last
        if end <= start:
            return Location(file=self.file, line=first.line, column=first.column + start - first.at)
        return Location(
            file=self.file, line=first.line, column=first.column + start - first.at,
            end_line=last.line, end_column=last.column + end - last.at,
        )  # fmt: skip

    def _piece(self, at: int) -> Piece | None:
        if not self.pieces:
            return None
        return self.pieces[max(0, bisect_right(self.pieces, at, key=lambda piece: piece.at) - 1)]


def _written(origin: Origin | None) -> Location | None:
    if origin is None or not origin.file:
        return None
    return Location(file=origin.file, line=origin.line or 1, column=origin.column or 1)


@frozen(kw_only=True)
class View:
    """Everything a rule may look at.

    Args:
        items: Activities, sections, measures, headings and budget lines, each sort in print order.
        texts: Every printed text in reading order (``what="text"``), headings included.
        period: What the plan is for.
        tags: The vocabulary; its words recognise tags in documents.
        documents: What texts may cite.
        festivals: Festivals that layers name.
        is_document: Whether this was read from a document: its items have the tags their words show.
        signature: Name and date at the end, as far as there are any.
        last: The paragraphs of last year's plan.
        origins: Provenance by path, for composed plans.
        file: The file that was read.
    """

    items: tuple[Subject, ...] = ()
    texts: tuple[Subject, ...] = ()
    period: Period
    title: str = ""
    organisation: str = ""
    tags: tuple[PlanTag, ...] = ()
    documents: tuple[PlanDocument, ...] = ()
    festivals: Mapping[str, On] = field(factory=dict)
    facts: Mapping[str, object] = field(factory=dict)
    profiles: tuple[str, ...] = ()
    is_document: bool = False
    signature: tuple[str | None, dt.date | None] = (None, None)
    last: tuple[str, ...] = ()
    origins: Mapping[str, Provenance] = field(factory=dict, repr=False)
    file: str = ""

    def location(self, subject: Subject, part: str = "", start: int = 0, end: int = 0) -> Location | None:
        """Where a field of a subject was said, or the subject itself."""
        provenance = self.origins.get(f"{subject.path}/{part}") if part else None
        said = provenance.holds[0].origin if provenance and provenance.holds else None
        return _written(said) or subject.location(start, end)


# ---- the view of a composed plan ----


def view_of_plan(plan: Plan, last: tuple[str, ...] = ()) -> View:
    """The view of a composed plan; ``last`` holds the paragraphs of last year's."""
    activities = tuple(_activity(activity) for activity in plan.activities)
    return View(
        items=(*activities, *_content(plan), *_budget(plan)),
        texts=tuple(_texts(plan)),
        period=plan.period, title=plan.title, organisation=plan.organisation,
        tags=tagged_words(plan.tags), documents=plan.documents, festivals=plan.festivals, facts=plan.facts,
        profiles=tuple(layer.id for layer in plan.profiles),
        signature=(plan.signature.name, plan.signature.date),
        last=last, origins=plan.origins, file=plan.file,
    )  # fmt: skip


def tagged_words(tags: tuple[PlanTag, ...]) -> tuple[PlanTag, ...]:
    """The vocabulary with the empty words left out: they would recognise everything."""
    return tuple(evolve(tag, words=tuple(word for word in tag.words if word.strip())) for tag in tags)


def recognised(subject: Subject, tags: tuple[PlanTag, ...]) -> Subject:
    """A subject of a document with every tag of which a word occurs in its title or text."""
    words = subject.title + "\n" + subject.text
    shown = (tag.id for tag in tags if any(word in words for word in tag.words))
    return evolve(subject, tags=tuple(dict.fromkeys((*subject.tags, *shown))))


def _activity(activity: PlanActivity) -> Subject:
    spend = activity.budget
    return Subject(
        what="activity", id=activity.id, path=f"activities/{activity.id}", title=activity.title, text=activity.title,
        section=activity.section, months=activity.months, tags=activity.tags, owner=activity.owner, on=activity.on,
        dates=activity.dates, place=activity.place, participants=activity.participants,
        amount=spend.amount if spend else None, category=spend.category if spend else "",
        profiles=activity.profiles, origin=activity.origin,
    )  # fmt: skip


def _content(plan: Plan) -> Iterator[Subject]:
    if plan.title:
        origin = plan.sections[0].origin if plan.sections and not plan.origins.get("heading") else None
        yield _heading("heading", "heading", plan.title, _said(plan, "heading") or origin)
    for section in plan.sections:
        path = f"sections/{section.id}"
        lines = [section.lead or "", *(measure.text for measure in section.measures)]
        yield Subject(
            what="section", id=section.id, path=path, title=section.title, label=section.label, lead=section.lead,
            text="\n".join(line for line in lines if line), section=section.id, tags=section.tags, shows=section.shows,
            items=tuple(measure.id for measure in section.measures), profiles=section.profiles, origin=section.origin,
        )  # fmt: skip
        yield evolve(_heading(section.id, f"{path}/title", section.title, section.origin), **_of(section))
        for measure in section.measures:
            yield _measure(section, measure)


def _of(section: PlanSection) -> dict[str, object]:
    return {"section": section.id, "label": section.label, "profiles": section.profiles}


def _said(plan: Plan, path: str) -> Origin | None:
    provenance = plan.origins.get(path)
    return provenance.holds[0].origin if provenance and provenance.holds else None


def _heading(id: str, path: str, title: str, origin: Origin | None) -> Subject:
    return Subject(what="heading", id=id, path=path, title=title, text=title, origin=origin)


def _measure(section: PlanSection, measure: PlanMeasure) -> Subject:
    return Subject(
        what="measure", id=measure.id, path=f"sections/{section.id}/measures/{measure.id}", text=measure.text,
        label=measure.label, section=section.id, months=months_of(measure.dates), tags=measure.tags, items=measure.activities,
        owner=measure.owner, on=measure.on, dates=measure.dates, target=measure.target, profiles=measure.profiles,
        origin=measure.origin,
    )  # fmt: skip


def _budget(plan: Plan) -> Iterator[Subject]:
    for line in plan.budget:
        yield _budget_line(line)
    for activity in plan.activities:
        if activity.budget:
            yield Subject(
                what="budget", id=activity.id, path=f"activities/{activity.id}/budget", title=activity.title,
                text=activity.title, side="expense", amount=activity.budget.amount, category=activity.budget.category,
                section=activity.section, owner=activity.owner, months=activity.months, dates=activity.dates,
                tags=activity.tags, profiles=activity.profiles, origin=activity.origin,
            )  # fmt: skip


def _budget_line(line: PlanBudgetLine) -> Subject:
    return Subject(
        what="budget", id=line.id, path=f"budget/{line.id}", title=line.title, text=line.title, side=line.side,
        amount=line.amount, category=line.category, profiles=line.profiles, origin=line.origin,
    )  # fmt: skip


def _texts(plan: Plan) -> Iterator[Subject]:
    """What is printed, in print order; activities stand where the schedule does, or at the end."""
    printed = [activity for activity in plan.activities if activity.dates]
    if plan.title:
        yield _text("heading", plan.title, _said(plan, "heading"), level=1)
    for section in plan.sections:
        path = f"sections/{section.id}"
        about = _of(section) | {"origin": section.origin}
        yield evolve(_text(f"{path}/title", section.title, None, level=1), **about)
        for number, line in enumerate((section.lead or "").split("\n")):
            if line.strip():
                lead = _text(f"{path}/lead", line, _said(plan, f"{path}/lead") or section.origin, number)
                yield evolve(lead, section=section.id, profiles=section.profiles)
        for measure in section.measures:
            yield from _measure_texts(section, measure)
        if section.shows == "activities":
            yield from map(_activity_text, printed)
            printed = []
    yield from map(_activity_text, printed)


def _measure_texts(section: PlanSection, measure: PlanMeasure) -> Iterator[Subject]:
    subject = _measure(section, measure)
    for number, line in enumerate(measure.text.split("\n")):
        if line.strip():
            label = measure.label if number == 0 else ""
            about = {"label": label, "section": section.id, "months": subject.months, "profiles": measure.profiles}
            yield evolve(_text(f"{subject.path}/text", line, measure.origin, number), **about)


def _activity_text(activity: PlanActivity) -> Subject:
    text = _text(f"activities/{activity.id}/title", activity.title, activity.origin)
    return evolve(text, section=activity.section, months=activity.months, profiles=activity.profiles)


def _text(path: str, text: str, origin: Origin | None, number: int = 0, level: int = 0) -> Subject:
    name = f"{path}/{number}" if number else path
    return Subject(what="text", id=name, path=name, text=text, level=level, origin=origin)


# ---- what texts cite ----

_CITATION = re.compile(r"《([^《》\n]{1,60})》|[\u4e00-\u9fff]{1,12}〔\d{4}〕\d{1,4}号")


def citations(texts: tuple[Subject, ...]) -> tuple[Subject, ...]:
    """Every document that texts name in 《》 or by its number, as a subject with its surroundings in ``text``."""
    return tuple(_citation(text, match) for text in texts for match in _CITATION.finditer(text.text))


def _citation(text: Subject, match: "re.Match[str]") -> Subject:
    title = match[1] or match[0]
    return evolve(
        text, what="citation", id=title, title=title, text=match[0], level=0, label="",
        path=f"{text.path}#{title}", pieces=_cut(text, match.start()),
    )  # fmt: skip


def _cut(text: Subject, start: int) -> tuple[Piece, ...]:
    """The pieces of a text from ``start`` on."""
    ahead = [evolve(piece, at=piece.at - start) for piece in text.pieces if piece.at > start]
    here = [piece for piece in text.pieces if piece.at <= start][-1:]
    moved = [
        Piece(0, piece.offset + start - piece.at if piece.offset >= 0 else -1, piece.line, piece.column + start - piece.at)
        for piece in here
    ]
    return (*moved, *ahead)

