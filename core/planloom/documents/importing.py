"""Turns a document into a plan file that loses no line.

What was recognised becomes sections, measures and activities; whatever a statement does not repeat word for
word stands beside it as a comment with its place, and what was not recognised at the end. The file adds to
the chosen profiles and removes nothing. A section with a title like one of theirs is that section, an
activity with the same title is that activity, and a measure with nearly the same words is that measure; what
they say themselves in this period is not stated again, so that it goes on following them.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, count
from pathlib import PurePath
from typing import TYPE_CHECKING, cast

from attrs import field, frozen

from planloom.calendar import Calendar
from planloom.documents.entries import Entry, words_at
from planloom.documents.paragraphs import Paragraph
from planloom.documents.structure import Part
from planloom.documents.times import read_date
from planloom.documents.viewing import PREAMBLE, section_ids
from planloom.documents.yamltext import as_text, flow, literal, plain, scalar
from planloom_schemas.dates import (
    SOLAR_TERMS,
    Festival,
    Month,
    Months,
    On,
    Period,
    SolarTerm,
    format_on,
)
from planloom_schemas.errors import CalendarError
from planloom_schemas.layer import Activity, Layer, Section
from planloom_schemas.plan import DateSpan, Plan, PlanActivity, PlanSection

if TYPE_CHECKING:
    from planloom.discovery import Library
    from planloom.documents import Document

_ORGANISATION = re.compile(r"[^0-9二（(]{2,40}?(?:委员会|总工会|联合会|工会)(?=\s*(?:20|二[〇○零]))")
_MEASURES = ("measure", "subheading")
_ENDING_MARKS = "。：:；;，, "
_LIKE = 90
"""In percent: a measure that is so much like one of the profiles is that one."""
_AS_GIVEN = "与配置的 "
_IN_CHARGE = re.compile(r"（[^（）]*负责）$")
_SEE_ATTACHMENT = re.compile(r"（?详见附件[0-9]*）?")
_OCCASION = re.compile(r"(?P<name>.+?)(?P<before>前)?(?P<after>后)?")


@frozen(kw_only=True)
class Titles:
    """What some profiles call things, and what they say.

    Args:
        sections, activities: Their titles by id.
        plan: What the profiles make by themselves of the period and the facts; None if that is not known.
    """

    sections: Mapping[str, str] = field(factory=dict[str, str])
    activities: Mapping[str, str] = field(factory=dict[str, str])
    plan: Plan | None = None


def titles_of(library: "Library", profiles: Sequence[str]) -> Titles:
    """The titles that some profiles, and what they extend, give.

    Raises:
        PlanloomError: A profile is unknown or broken.
    """
    from planloom.stack import stack_of

    sections: dict[str, str] = {}
    activities: dict[str, str] = {}
    for layer in stack_of(library, profiles, (), None).layers:
        content = cast(Layer, layer.content)
        for found, stated in ((sections, content.sections), (activities, content.activities)):
            items = cast(Mapping[str, Section | Activity], stated or {})
            found.update({name: item.title for name, item in items.items() if isinstance(item.title, str)})
    return Titles(sections=sections, activities=activities)


def import_document(
    document: "Document",
    *,
    plan_id: str,
    profiles: Sequence[str] = (),
    period: Period | None = None,
    organisation: str | None = None,
    facts: Mapping[str, object] | None = None,
    titles: Titles | None = None,
) -> str:
    """The plan file of a document.

    Args:
        document: What `read_document` gave.
        plan_id: Its ``plan``.
        profiles: Profiles to select; without any the file says where to name one.
        period: What the plan is for; by default what the document says.
        organisation: By default the name that signs, or that the title begins with.
        facts: What is known of the organisation.
        titles: What the profiles call their sections and activities, as `titles_of` gives it, with the plan
            they make by themselves.
    """
    stated = period or document.period
    writer = _Writer(document, titles or Titles(), stated)
    name = organisation or organisation_of(document)
    lines = [
        *_preface(PurePath(document.file).name),
        "planloom: 1",
        f"plan: {plan_id}",
        f"profiles: [{', '.join(profiles)}]" if profiles else "# 请写明选用的配置：\n# profiles: [school]",
        f"period: {period_text(stated)}" if stated else "# 原文没有写明年度，请填写：\n# period: 2027",
        f"organisation: {scalar(name)}"
        if name
        else "# 原文没有写明单位，请填写：\n# organisation: 某某单位工会委员会",
        *_facts(facts or {}),
        *writer.heading(name, stated),
        *writer.signature(),
        *writer.sections(),
        *writer.activities(),
    ]
    text = "\n".join(lines) + "\n"
    left = writer.quotes(losses(document, text))
    return (
        "\n".join([text, "# 以下是原文中没有归入以上各项的文字，请自行取舍：", *left, ""]) if left else text
    )


def _preface(file: str) -> Iterator[str]:
    yield f"# 由 {plain(file)} 读入。原文每一行都在本文件中：写进了条目，或者以“# 原文第…”的注释保留。"
    yield "# 编号由程序重排。所选配置自带的内容照常保留，不要的条目写 {remove: 理由}。"


def period_text(period: Period) -> str:
    """A period as plan files write it."""
    if period.form == "year":
        return str(period.year)
    months = f"{period.start:%Y-%m}/{period.end:%Y-%m}"
    is_whole = period.start.day == 1 and (period.end.toordinal() + 1, 1) == (_next_month(period), 1)
    return months if is_whole else f"{period.start:%Y-%m-%d}/{period.end:%Y-%m-%d}"


def _next_month(period: Period) -> int:
    """The first day of the month after the period, as a number."""
    year, month = divmod(period.end.year * 12 + period.end.month, 12)
    return period.end.replace(year=year, month=month + 1, day=1).toordinal()


def organisation_of(document: "Document") -> str | None:
    """The name that signs, or that the title begins with."""
    found = _ORGANISATION.match(document.outline.heading)
    return document.outline.name or (found[0] if found else None)


def _facts(facts: Mapping[str, object]) -> Iterator[str]:
    if facts:
        yield f"facts: {flow(facts)}"


class _Writer:
    """Writes the parts of one document."""

    def __init__(self, document: "Document", titles: Titles, period: Period | None) -> None:
        self._outline = document.outline
        self._titles = titles
        self._named = list(zip(self._outline.parts, section_ids(self._outline, titles.sections), strict=True))
        self._unit = "段" if document.file.lower().endswith((".docx", ".docm")) else "行"
        self._said = _Said(titles, period)
        self._numbers = count(1)
        self._rows: dict[tuple[int, int], list[Paragraph]] = {}
        for paragraph in document.paragraphs:
            if paragraph.cell:
                self._rows.setdefault((paragraph.cell.table, paragraph.cell.row), []).append(paragraph)

    def quote(self, paragraph: Paragraph) -> str:
        """The comment that keeps a paragraph as it was; of a cell, its whole row."""
        if paragraph.cell is None:
            return f"# 原文第{paragraph.line}{self._unit}：{plain(paragraph.label + paragraph.text)}"
        table, row = paragraph.cell.table, paragraph.cell.row
        return f"# 原文表{table}第{row}行：" + "｜".join(plain(each.text) for each in self._rows[table, row])

    def quotes(self, paragraphs: Iterable[Paragraph]) -> list[str]:
        """Such comments, each once."""
        return list(dict.fromkeys(self.quote(paragraph) for paragraph in paragraphs))

    def heading(self, name: str | None, period: Period | None) -> Iterator[str]:
        """The title; its year and organisation follow the plan."""
        title = self._outline.heading
        if not title:
            return
        template = literal(title)
        for words, value in (
            (name, "{{ organisation }}"),
            (period.label if period else None, "{{ period.label }}"),
        ):
            template = template.replace(words, value) if words else template
        if template != literal(title):
            yield from self.quotes(self._outline.title)
        yield f"heading: {scalar(template)}"

    def signature(self) -> Iterator[str]:
        """Name and date below."""
        name, day = self._outline.name, self._outline.date
        if name or day:
            said = {key: value for key, value in (("name", name), ("date", day and day.isoformat())) if value}
            yield from self.quotes(each for each in self._outline.signed if read_date(each.text)[0])
            yield f"signature: {flow(said)}"

    def sections(self) -> Iterator[str]:
        """The sections with leads and measures; what holds only a table says nothing of itself."""
        said = [
            line
            for part, name in self._named
            if part.is_said
            for line in _block(f"  {name}:", self._section(part, name))
        ]
        yield from _block("\nsections:", said)

    def _section(self, part: Part, name: str) -> Iterator[str]:
        is_new = name not in self._titles.sections
        is_same = part.heading is not None and plain(part.title) == plain(self._said.title(name))
        if part.heading:
            if is_same or plain(part.heading.text).rstrip(_ENDING_MARKS) != plain(part.title):
                yield f"    {self.quote(part.heading)}"
            if not is_same:
                yield f"    title: {scalar(part.title)}"
        elif is_new:
            yield "    title: 前言" if name == PREAMBLE else "    title: 其他"
            yield "    numbered: false"
        if part.is_schedule and is_new:
            yield "    shows: activities"
        yield from self._lead([entry.paragraph for entry in part.entries if entry.kind == "lead"], name)
        measures = [entry for entry in part.entries if entry.kind in _MEASURES]
        given = self._said.measures(name)
        yield from _block("    measures:", [line for each in measures for line in self._measure(each, given)])

    def _lead(self, paragraphs: Sequence[Paragraph], name: str) -> Iterator[str]:
        """The lead; the word on where the table stands is printed anew."""
        lines = [_SEE_ATTACHMENT.sub("", each.text).removesuffix("。。") for each in paragraphs]
        said = [line for line in lines if line.strip(_ENDING_MARKS)]
        is_same = said == self._said.lead(name)
        noted = [each for each, line in zip(paragraphs, lines, strict=True) if is_same or line != each.text]
        yield from (f"    {quote}" for quote in self.quotes(noted))
        if said and not is_same:
            yield f"    lead: {scalar(literal(chr(10).join(said)))}"

    def _measure(self, entry: Entry, given: dict[str, str]) -> Iterator[str]:
        """A measure; ``given`` are those of the profiles that no other measure is yet."""
        words = _IN_CHARGE.sub("", plain(entry.title))
        name = _likest(words, given)
        if name and given.pop(name) == words:
            yield f"      {_same(self.quote(entry.paragraph), name)}"
            return
        yield f"      {name or f'imported-{next(self._numbers)}'}:"
        yield f"        text: {scalar(literal(entry.title))}"
        if entry.owner and not name:
            yield f"        owner: {flow(entry.owner)}"
        if entry.on and not name:
            yield f"        on: {flow(format_on(entry.on))}"

    def activities(self) -> Iterator[str]:
        """The activities, month by month as the document has them; one on several dates stands once."""
        entries = [
            entry for part, _ in self._named for entry in part.entries if entry.kind in ("activity", "month")
        ]
        yield from _block("\nactivities:", list(self._activities(list(self._joined(entries)))))
        if any(entry.kind == "activity" for entry in entries):
            yield from self._attached()

    def _joined(self, entries: Sequence[Entry]) -> Iterator[list[Entry]]:
        """Entries, those of one activity together where one statement can give all their dates."""
        same: dict[tuple[object, ...], list[Entry]] = {}
        for entry in entries:
            if entry.kind == "activity":
                key = (plain(entry.title), entry.owner, entry.place, entry.participants)
                same.setdefault(key, []).append(entry)
        told: set[int] = set()
        for entry in entries:
            key = (plain(entry.title), entry.owner, entry.place, entry.participants)
            group = same.get(key, []) if entry.kind == "activity" else []
            is_one = len(group) > 1 and (self._said.follows(group) or self._said.on(group))
            if not is_one:
                yield [entry]
            elif id(group) not in told:
                told.add(id(group))
                yield group

    def _activities(self, groups: Sequence[Sequence[Entry]]) -> Iterator[str]:
        number, quoted = 0, ""
        for group in groups:
            first = group[0]
            given = self._said.activity(first) if first.kind == "activity" else None
            said = list(self._activity(group, given)) if first.kind == "activity" else []
            for entry in group:
                is_altered = entry.kind == "month" or plain(entry.source.text) != plain(entry.title)
                quote = self.quote(entry.source)
                if quote != quoted and (is_altered or entry.source.cell or given):
                    yield f"  {_same(quote, given.id) if given and not said else quote}"
                quoted = quote
            if first.kind == "activity":
                number += 1
                yield from _block(f"  {self._said.take(first) or f'imported-{number}'}:", said)

    def _activity(self, group: Sequence[Entry], given: PlanActivity | None) -> Iterator[str]:
        """What is said of an activity, but for what the profiles say of it themselves."""
        entry = group[0]
        if not given:
            yield f"    title: {scalar(entry.title)}"
        on = self._said.on(group)
        if on and not (given and self._said.follows(group)):
            yield f"    on: {flow(format_on(on))}"
        if entry.owner and not (given and given.owner == entry.owner):
            yield f"    owner: {flow(entry.owner)}"
        for key, said, known in (
            ("place", entry.place, given and given.place),
            ("participants", entry.participants, given and given.participants),
        ):
            if said and said != known:
                yield f"    {key}: {scalar(said)}"

    def _attached(self) -> Iterator[str]:
        """The table of activities of an attachment, where no section calls for it."""
        if self._titles.sections or any(
            part.is_schedule and not part.is_attachment for part, _ in self._named
        ):
            return
        titles = (
            entry.title
            for part, _ in self._named
            if part.is_attachment and part.is_schedule
            for entry in part.entries
            if entry.kind in ("lead", *_MEASURES)
        )
        yield "\nattachments:"
        yield f"  schedule: {{title: {scalar(next(titles, '活动安排表'))}, shows: activities}}"


def _block(key: str, inner: Iterable[str]) -> list[str]:
    """Lines under their key; comments alone need none."""
    lines = list(inner)
    is_said = any(not line.lstrip().startswith("#") for line in lines)
    return [key, *lines] if is_said else lines


def _same(quote: str, name: str) -> str:
    """The comment for what the profiles say too."""
    return quote.replace("：", f"{_AS_GIVEN}{name} 相同：", 1)


def _likest(words: str, given: Mapping[str, str]) -> str:
    """The measure with just these words or nearly these, or ""."""
    from rapidfuzz import process
    from rapidfuzz.fuzz import ratio

    best = process.extractOne(words, given, scorer=ratio, score_cutoff=_LIKE)
    return str(best[2]) if best else ""


class _Said:
    """What the profiles say of themselves, to be compared with a document."""

    def __init__(self, titles: Titles, period: Period | None) -> None:
        self._titles = titles
        plan = titles.plan
        self._sections: dict[str, PlanSection] = {each.id: each for each in plan.sections} if plan else {}
        self._activities: dict[str, PlanActivity] = (
            {each.id: each for each in plan.activities} if plan else {}
        )
        known = {name: each.title for name, each in self._activities.items()} or titles.activities
        self._free = {plain(title): name for name, title in reversed(list(known.items()))}
        self._calendar = Calendar(period, plan.festivals if plan else {}) if period else None

    def title(self, name: str) -> str:
        """The title of a section, or ""."""
        return self._sections[name].title if name in self._sections else ""

    def lead(self, name: str) -> list[str]:
        """The paragraphs of the lead of a section."""
        lead = self._sections[name].lead if name in self._sections else None
        return [line.strip() for line in (lead or "").split("\n") if line.strip()]

    def measures(self, name: str) -> dict[str, str]:
        """The words of the measures of a section, by id."""
        measures = self._sections[name].measures if name in self._sections else ()
        return {each.id: plain(each.text) for each in measures}

    def activity(self, entry: Entry) -> PlanActivity | None:
        """The activity that an entry is, unless one before was it."""
        return self._activities.get(self._free.get(plain(entry.title), ""))

    def take(self, entry: Entry) -> str | None:
        """Its id; only one entry has it."""
        return self._free.pop(plain(entry.title), None)

    def follows(self, group: Sequence[Entry]) -> bool:
        """Whether an activity has just the dates that the profiles give it."""
        given = self.activity(group[0])
        return given is not None and set(self._spans(group)) == set(given.dates)

    def _spans(self, group: Sequence[Entry]) -> Iterator[DateSpan]:
        times = (entry.on for entry in group if entry.on)
        return chain.from_iterable(map(self._calendar.spans, times)) if self._calendar else iter(())

    def on(self, group: Sequence[Entry]) -> On | None:
        """The time of an activity, as far as one statement can give it."""
        if len(group) == 1:
            return self._of_festival(group[0]) or group[0].on
        bases = [entry.on.base for entry in group if entry.on]
        months = [base for base in bases if isinstance(base, Month | Months)]
        named = sorted(month for entry in group for month in entry.months)
        if len(months) < len(group) or len(set(named)) < len(named):
            return None
        parts = {base.part for base in months}
        # One statement has one part of the month; the comments keep what the rows said.
        return On(Months(tuple(named), months[0].part if len(parts) == 1 else None))

    def _of_festival(self, entry: Entry) -> On | None:
        """10月8日（重阳节） as the festival it is, if those are its days, so that it moves with the year."""
        match = _OCCASION.fullmatch(entry.occasion)
        if match is None or self._calendar is None:
            return None
        spans, name = list(self._spans([entry])), match["name"]
        base = SolarTerm(name) if name in SOLAR_TERMS else Festival(name)
        try:
            ((first, span),) = zip(self._calendar.spans(On(base)), spans, strict=True)
            before = (first.start - span.start).days if match["before"] else None
            after = (span.end - first.end).days if match["after"] else None
            on = On(base, before or None, after or None)
            return on if list(self._calendar.spans(on)) == spans else None
        except (CalendarError, ValueError):
            return None


def told_by_profiles(yaml_text: str) -> int:
    """How many lines of the document a plan file does not state because its profiles say the same."""
    return sum(_QUOTE.match(line) is not None and _AS_GIVEN in line for line in yaml_text.split("\n"))


# ---- the proof ----


_SENTENCE_ENDS = re.compile(r"[。！？；：:;!?\n]")
_QUOTE = re.compile(r"\s*# 原文[^：]*：")


def losses(document: "Document", yaml_text: str) -> tuple[Paragraph, ...]:
    """The paragraphs of a document of which a sentence is nowhere in a plan file, word for word.

    The numbers of points do not count: they are printed anew.
    """
    from planloom.source import parse_source

    quoted = (_QUOTE.sub("", line, count=1) for line in yaml_text.split("\n") if _QUOTE.match(line))
    said = (as_text(text) for text in _texts(parse_source(yaml_text, "plan.yaml").data))
    kept = {
        sentence for text in (*quoted, *said) for line in text.split("\n") for sentence in _sentences(line)
    }
    return tuple(each for each in document.paragraphs if not kept.issuperset(_sentences(each.text)))


def _sentences(text: str) -> Iterator[str]:
    # Each cell of a row by itself, because each may begin with a number.
    for cell in plain(text).split("｜"):
        start = words_at(Paragraph(text=cell, pieces=()))
        for part in _SENTENCE_ENDS.split(cell[start:] or cell):
            if sentence := part.strip(_ENDING_MARKS + "、"):
                yield sentence


def _texts(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in cast(dict[str, object], value).values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in cast(list[object], value):
            yield from _texts(each)
