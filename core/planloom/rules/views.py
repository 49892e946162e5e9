"""What rules look at: one frozen view, the same of a composed plan and of a document somebody wrote.

A view holds *subjects* - activities, sections, measures, headings, budget lines and the printed texts in
reading order. Kinds and Python rules see nothing else, so a rule never knows where a plan came from.
"""

import datetime as dt
import re
from bisect import bisect_right
from collections.abc import Mapping
from decimal import Decimal
from functools import cache

from attrs import evolve, field

from planloom.regexes import compiled
from planloom_schemas.dates import On, Period
from planloom_schemas.errors import Location
from planloom_schemas.layer import Target
from planloom_schemas.plan import DateSpan, Origin, PlanDocument, PlanTag, Provenance
from planloom_schemas.records import frozen

WHATS = ("activity", "section", "measure", "text", "heading", "budget", "citation")
COLLECTIONS: Mapping[str, str] = {
    "activity": "activities",
    "section": "sections",
    "measure": "measures",
    "budget": "budget",
}

_COMMON = ("id", "title", "text")
FIELDS: Mapping[str, tuple[str, ...]] = {
    "activity": (
        *_COMMON,
        "section",
        "months",
        "dates",
        "owner",
        "place",
        "participants",
        "tags",
        "amount",
        "budget",
        "category",
    ),
    "section": (*_COMMON, "lead", "shows", "tags", "items"),
    "measure": (*_COMMON, "section", "months", "dates", "owner", "target", "activities", "tags"),
    "text": (*_COMMON, "section", "months"),
    "heading": (*_COMMON, "section", "months"),
    "budget": (*_COMMON, "side", "amount", "category", "section", "owner"),
    "citation": (*_COMMON, "section"),
}
"""The fields that selectors and the kinds `field` and `unique` can read, for each sort of subject."""


@frozen
class Piece:
    """Where the text stands in its file from ``at`` on; ``offset`` in code points, -1 if unknown."""

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
        piece = self._piece(at) if self.pieces else None
        return piece.offset + at - piece.at if piece and piece.offset >= 0 else -1

    def location(self, start: int = 0, end: int = 0) -> Location | None:
        """Where the code points ``start`` to ``end`` of the text stand, or where the subject was said."""
        if not self.pieces:
            return place_of(self.origin)
        first, last = self._piece(start), self._piece(max(start, end - 1))
        if end <= start:
            return Location(file=self.file, line=first.line, column=first.column + start - first.at)
        return Location(
            file=self.file,
            line=first.line,
            column=first.column + start - first.at,
            end_line=last.line,
            end_column=last.column + end - last.at,
        )

    def _piece(self, at: int) -> Piece:
        return self.pieces[max(0, bisect_right(self.pieces, at, key=lambda piece: piece.at) - 1)]


def place_of(origin: Origin | None) -> Location | None:
    """Where something was said, as a place in a file."""
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
        is_period_known: False for a document that does not say it; `period` then takes in every year.
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
    is_period_known: bool = True
    signature: tuple[str | None, dt.date | None] = (None, None)
    last: tuple[str, ...] = ()
    origins: Mapping[str, Provenance] = field(factory=dict, repr=False)
    file: str = ""

    def location(self, subject: Subject, part: str = "", start: int = 0, end: int = 0) -> Location | None:
        """Where a field of a subject was said, or the subject itself."""
        provenance = self.origins.get(f"{subject.path}/{part}") if part else None
        said = provenance.holds[0].origin if provenance and provenance.holds else None
        return place_of(said) or subject.location(start, end)


def recognised(subject: Subject, tags: tuple[PlanTag, ...]) -> Subject:
    """A subject of a document with every tag of which a word occurs in its title or text."""
    words = subject.title + "\n" + subject.text
    shown = (tag.id for tag in tags if any(word and word in words for word in tag.words))
    return evolve(subject, tags=tuple(dict.fromkeys((*subject.tags, *shown))))


# ---- what texts cite ----

_TITLE = r"《([^《》\n]{1,60})》"
_NUMBER = r"[\u4e00-\u9fff]{1,12}〔\d{4}〕\d{1,4}号"


def citations(texts: tuple[Subject, ...]) -> tuple[Subject, ...]:
    """Every document that texts name in 《》 or by its number."""
    return tuple(
        _citation(text, match)
        for text in texts
        if "《" in text.text or "〔" in text.text
        for match in _naming("〔" in text.text).finditer(text.text)
    )


@cache
def _naming(by_number: bool) -> "re.Pattern[str]":
    """How texts name documents; a set of all Han takes long to compile, and few texts give a number."""
    return compiled(f"{_TITLE}|{_NUMBER}" if by_number else _TITLE)


def _citation(text: Subject, match: "re.Match[str]") -> Subject:
    title = match[1] or match[0]
    return evolve(
        text,
        what="citation",
        id=title,
        title=title,
        text=match[0],
        level=0,
        label="",
        path=f"{text.path}#{title}",
        pieces=_cut(text, match.start()),
    )


def _cut(text: Subject, start: int) -> tuple[Piece, ...]:
    """The pieces of a text from ``start`` on."""
    ahead = [evolve(piece, at=piece.at - start) for piece in text.pieces if piece.at > start]
    here = [piece for piece in text.pieces if piece.at <= start][-1:]
    moved = [
        Piece(
            0,
            piece.offset + start - piece.at if piece.offset >= 0 else -1,
            piece.line,
            piece.column + start - piece.at,
        )
        for piece in here
    ]
    return (*moved, *ahead)
