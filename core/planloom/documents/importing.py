"""Turns a document into a plan file that loses no line.

What was recognised becomes sections, measures and activities; whatever a statement does not repeat word for
word stands beside it as a comment with its place, and what was not recognised at the end. The file adds to
the chosen profiles and removes nothing. A section with a title like one of theirs is that section, and an
activity with the same title is that activity.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count
from pathlib import PurePath
from typing import TYPE_CHECKING, cast

from attrs import field, frozen

from planloom.documents.entries import Entry, words_at
from planloom.documents.paragraphs import Paragraph
from planloom.documents.structure import Part
from planloom.documents.times import read_date
from planloom.documents.viewing import PREAMBLE, section_ids
from planloom.documents.yamltext import as_text, flow, literal, plain, scalar
from planloom_schemas.dates import Period, format_on
from planloom_schemas.layer import Activity, Layer, Section

if TYPE_CHECKING:
    from planloom.discovery import Library
    from planloom.documents import Document

_ORGANISATION = re.compile(r"[^0-9二（(]{2,40}?(?:委员会|总工会|联合会|工会)(?=\s*(?:20|二[〇○零]))")
_MEASURES = ("measure", "subheading")
_ENDING_MARKS = "。：:；;，, "


@frozen(kw_only=True)
class Titles:
    """The titles of the sections and activities of some profiles, by id."""

    sections: Mapping[str, str] = field(factory=dict[str, str])
    activities: Mapping[str, str] = field(factory=dict[str, str])


def titles_of(library: "Library", profiles: Sequence[str]) -> Titles:
    """The titles that some profiles, and what they extend, give.

    Raises:
        PlanloomError: A profile is unknown or broken.
    """
    from planloom.layers import stack_of

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
        titles: What the profiles call their sections and activities, as `titles_of` gives it.
    """
    writer = _Writer(document, titles or Titles())
    stated = period or document.period
    name = organisation or document.outline.name or _named_in(document.outline.heading)
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


def _named_in(title: str) -> str | None:
    found = _ORGANISATION.match(title)
    return found[0] if found else None


def _facts(facts: Mapping[str, object]) -> Iterator[str]:
    if facts:
        yield f"facts: {flow(facts)}"


class _Writer:
    """Writes the parts of one document."""

    def __init__(self, document: "Document", titles: Titles) -> None:
        self._outline = document.outline
        self._titles = titles
        self._named = list(zip(self._outline.parts, section_ids(self._outline, titles.sections), strict=True))
        self._unit = "段" if document.file.lower().endswith((".docx", ".docm")) else "行"
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
            (part, name)
            for part, name in self._named
            if part.heading or any(entry.kind in ("lead", *_MEASURES) for entry in part.entries)
        ]
        if said:
            yield "\nsections:"
        numbers = count(1)
        for part, name in said:
            yield from self._section(part, name)
            measures = [entry for entry in part.entries if entry.kind in _MEASURES]
            if measures:
                yield "    measures:"
            for entry in measures:
                yield from _measure(f"imported-{next(numbers)}", entry)

    def _section(self, part: Part, name: str) -> Iterator[str]:
        is_new = name not in self._titles.sections
        yield f"  {name}:"
        if part.heading:
            if plain(part.heading.text).rstrip(_ENDING_MARKS) != plain(part.title):
                yield f"    {self.quote(part.heading)}"
            yield f"    title: {scalar(part.title)}"
        elif is_new:
            yield "    title: 前言" if name == PREAMBLE else "    title: 其他"
            yield "    numbered: false"
        if part.is_schedule and is_new:
            yield "    shows: activities"
        leads = [entry.paragraph.text for entry in part.entries if entry.kind == "lead"]
        if leads:
            yield f"    lead: {scalar(literal(chr(10).join(leads)))}"

    def activities(self) -> Iterator[str]:
        """The activities, month by month as the document has them."""
        entries = [
            entry for part, _ in self._named for entry in part.entries if entry.kind in ("activity", "month")
        ]
        if not any(entry.kind == "activity" for entry in entries):
            return
        yield "\nactivities:"
        ids = {plain(title): name for name, title in reversed(list(self._titles.activities.items()))}
        number, quoted = 0, ""
        for entry in entries:
            quote = self.quote(entry.source)
            is_altered = entry.kind == "month" or plain(entry.source.text) != plain(entry.title)
            if quote != quoted and (is_altered or entry.source.cell):
                yield f"  {quote}"
            quoted = quote
            if entry.kind == "activity":
                number += 1
                yield from _activity(ids.pop(plain(entry.title), f"imported-{number}"), entry)


def _measure(name: str, entry: Entry) -> Iterator[str]:
    yield f"      {name}:"
    yield f"        text: {scalar(literal(entry.title))}"
    if entry.owner:
        yield f"        owner: {flow(entry.owner)}"
    if entry.on:
        yield f"        on: {flow(format_on(entry.on))}"


def _activity(name: str, entry: Entry) -> Iterator[str]:
    yield f"  {name}:"
    yield f"    title: {scalar(entry.title)}"
    if entry.on:
        yield f"    on: {flow(format_on(entry.on))}"
    if entry.owner:
        yield f"    owner: {flow(entry.owner)}"
    for key, said in (("place", entry.place), ("participants", entry.participants)):
        if said:
            yield f"    {key}: {scalar(said)}"


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
