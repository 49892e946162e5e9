"""The view of a document: what rules look at, made of its outline."""

from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any

from attrs import evolve, field, frozen

from planloom.calendar import Calendar, months_of
from planloom.documents.entries import Entry
from planloom.documents.paragraphs import Paragraph
from planloom.documents.structure import Outline, Part
from planloom.documents.times import ANY_PERIOD, said_within
from planloom.rules.festivals import mentions
from planloom.rules.views import Piece, Subject, View, recognised
from planloom_schemas.dates import FESTIVALS, Festival, On, Period
from planloom_schemas.plan import DateSpan, PlanDocument, PlanTag

PREAMBLE = "preamble"
_IN_TEXT = ("lead", "measure", "subheading", "activity")


@frozen(kw_only=True)
class Vocabulary:
    """What the chosen profiles know, so that a document is understood in their words.

    Args:
        tags: Tags, each with the words that show it.
        documents: What texts may cite.
        festivals: Festivals that layers name.
        sections: Ids of sections to their titles; a section of the document with a like title has the id.
    """

    tags: tuple[PlanTag, ...] = ()
    documents: tuple[PlanDocument, ...] = ()
    festivals: Mapping[str, On] = field(factory=dict[str, On])
    sections: Mapping[str, str] = field(factory=dict[str, str])


@frozen(eq=False)
class _Maker:
    """Makes the subjects of one document."""

    outline: Outline
    period: Period | None
    words: Vocabulary
    file: str
    is_word: bool
    _trails: dict[tuple[int, int], str] = field(factory=dict[tuple[int, int], str])
    _ids: dict[str, int] = field(factory=dict[str, int])

    def items(self) -> Iterator[Subject]:
        heading = self.outline.heading
        if heading:
            yield self._subject("heading", "heading", "heading", self.outline.title, title=heading, level=1)
        for part, name in self._named():
            yield from self._section(part, name)

    def _named(self) -> Iterator[tuple[Part, str]]:
        """The sections with their ids."""
        return zip(self.outline.parts, section_ids(self.outline, self.words.sections), strict=True)

    def _section(self, part: Part, name: str) -> Iterator[Subject]:
        path = f"sections/{name}"
        made = [subject for entry in part.entries for subject in self._entry(entry, name)]
        lead = "\n".join(entry.paragraph.text for entry in part.entries if entry.kind == "lead")
        sources = dict.fromkeys(entry.source for entry in part.entries if entry.kind in _IN_TEXT)
        # An empty section stands where its heading does.
        at: dict[str, Any] = {} if sources or not part.heading else {"pieces": part.heading.pieces}
        section = self._subject(
            "section", name, path, sources,
            title=part.title,
            label=part.label,
            lead=lead or None,
            section=name,
            shows="activities" if part.is_schedule else "text",
            items=tuple(subject.id for subject in made if subject.what == "measure"),
            trail=part.title,
        )  # fmt: skip
        yield evolve(section, **at)
        if part.heading:
            yield self._subject(
                "heading", name, f"{path}/title", [part.heading], title=part.title, level=1, section=name
            )
        yield from made

    def _entry(self, entry: Entry, section: str) -> Iterator[Subject]:
        if entry.kind in ("lead", "row", "note"):
            return
        what = entry.kind if entry.kind in ("measure", "activity") else "heading"
        name = self._id(entry.paragraph.text)
        path = {"measure": f"sections/{section}/measures/{name}", "activity": f"activities/{name}"}.get(
            what, f"sections/{section}/headings/{name}"
        )
        title = "" if what == "measure" else entry.title
        dates, months = self._days(entry)
        level = max(2, entry.paragraph.level) if what == "heading" else 0
        yield self._subject(
            what, name, path, [entry.paragraph],
            title=title,
            level=level,
            section=section,
            months=months,
            on=entry.on,
            dates=dates,
            owner=entry.owner,
            place=entry.place,
            participants=entry.participants,
        )  # fmt: skip

    def _days(self, entry: Entry) -> tuple[tuple[DateSpan, ...], tuple[int, ...]]:
        if self.period is None:
            return (), entry.months
        if entry.on is None:
            said = _time_within(entry)
            return Calendar(self.period).spans(said) if said else (), entry.months
        spans = Calendar(self.period).spans(entry.on)
        return spans, months_of(spans) or entry.months

    def texts(self, paragraphs: Iterable[Paragraph]) -> Iterator[Subject]:
        """Every paragraph in reading order."""
        known = self._places()
        for paragraph in paragraphs:
            name = f"texts/{self._id(paragraph.text)}"
            section, months, level = known.get(paragraph.pieces[0], ("", (), paragraph.level))
            yield self._subject(
                "text", name, name, [paragraph], level=level, section=section or None, months=months
            )

    def _places(self) -> dict[Piece, tuple[str, tuple[int, ...], int]]:
        """The section, the months and the level as a heading of each paragraph."""
        places: dict[Piece, tuple[str, tuple[int, ...], int]] = {
            line.pieces[0]: ("", (), 1) for line in self.outline.title
        }
        for part, name in self._named():
            for entry in part.entries:
                level = 2 if entry.kind in ("month", "subheading") else 0
                places.setdefault(entry.source.pieces[0], (name, entry.months, level))
            if part.heading:
                places[part.heading.pieces[0]] = (name, (), 1)
        return places

    # ---- the pieces of a subject

    def _subject(self, what: str, name: str, path: str, said: Iterable[Paragraph], **fields: Any) -> Subject:
        paragraphs = tuple(said)
        pieces: list[Piece] = []
        length = 0
        for paragraph in paragraphs:
            pieces += (
                Piece(piece.at + length, piece.offset, piece.line, piece.column) for piece in paragraph.pieces
            )
            length += len(paragraph.text) + 1
        fields["text"] = "\n".join(paragraph.text for paragraph in paragraphs)
        if paragraphs:
            fields = {"label": paragraphs[0].label, "trail": self._trail(paragraphs[0]), **fields}
        subject = Subject(what=what, id=name, path=path, file=self.file, pieces=tuple(pieces), **fields)
        return recognised(subject, self.words.tags) if self.words.tags else subject

    def _trail(self, paragraph: Paragraph) -> str:
        """How a reader finds a paragraph in Word, which shows no line numbers."""
        if not self.is_word:
            return ""
        if not self._trails:
            self._trails.update(_trails(self.outline))
        place = paragraph.pieces[0]
        return self._trails.get((place.line, place.column), self._trails.get((place.line, 0), ""))

    def _id(self, text: str) -> str:
        """An id that stays when other lines come or go."""
        name = "t-" + sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        count = self._ids[name] = self._ids.get(name, 0) + 1
        return name if count == 1 else f"{name}-{count}"


def _time_within(entry: Entry) -> On | None:
    """The time of a measure that begins with none: inside it, or the one festival that it names."""
    if entry.kind != "measure":
        return None
    named = {each.name for each in mentions(entry.title)} if "节" in entry.title else set[str]()
    name = named.pop() if len(named) == 1 else ""
    return said_within(entry.title) or (On(Festival(name)) if name in FESTIVALS else None)


def _trails(outline: Outline) -> Iterator[tuple[tuple[int, int], str]]:
    """标题 › 第n段, counted under the nearest heading; 表1 第2行第3列 in tables."""
    for line in (*outline.title, *outline.signed):
        yield (line.line, 0), line.text[:20]
    for part in outline.parts:
        title, count = part.heading.text[:20] if part.heading else outline.heading[:20], 0
        under = title
        if part.heading:
            yield (part.heading.line, part.heading.pieces[0].column), title
        for source, kind in {entry.source: entry.kind for entry in part.entries}.items():
            place = (source.line, source.pieces[0].column)
            if source.cell:
                cell = source.cell
                trail = f"表{cell.table} 第{cell.row}行第{cell.column}列"
            elif kind in ("month", "subheading"):
                under, count = f"{title} › {source.text[:20]}".lstrip(" ›"), 0
                trail = under
            else:
                count += 1
                trail = f"{under} › 第{count}段".lstrip(" ›")
            yield place, trail
            yield (source.line, 0), trail


def section_ids(outline: Outline, known: Mapping[str, str]) -> tuple[str, ...]:
    """An id for each section: that of the known section with the likest title, otherwise its number."""
    used: set[str] = set()
    names: list[str] = []
    for number, part in enumerate(outline.parts, 1):
        near = PREAMBLE if part.heading is None and number == 1 else _nearest(part.title, known, used)
        name = near or f"section-{number}"
        while name in used or (not near and name in known):
            name += "-2"
        used.add(name)
        names.append(name)
    return tuple(names)


def _nearest(title: str, known: Mapping[str, str], used: set[str]) -> str:
    free = {name: words for name, words in known.items() if name not in used}
    if not free or not title:
        return ""
    from rapidfuzz import process
    from rapidfuzz.fuzz import ratio

    best = process.extractOne(title, free, scorer=ratio, score_cutoff=70)
    return str(best[2]) if best else ""


def view_of(
    outline: Outline, paragraphs: Iterable[Paragraph], period: Period | None, words: Vocabulary, file: str
) -> View:
    """The view of a document that was taken apart.

    Args:
        outline: Its outline.
        paragraphs: All its paragraphs in reading order.
        period: What it is for, if that is known.
        words: The vocabulary of the chosen profiles.
        file: Its name as the user gave it.
    """
    maker = _Maker(outline, period, words, file, file.lower().endswith((".docx", ".docm")))
    return View(
        items=tuple(maker.items()),
        texts=tuple(maker.texts(paragraphs)),
        period=period or ANY_PERIOD,
        is_period_known=period is not None,
        title=outline.heading,
        organisation=outline.name or "",
        tags=words.tags,
        documents=words.documents,
        festivals=words.festivals,
        is_document=True,
        signature=(outline.name, outline.date),
        file=file,
    )
