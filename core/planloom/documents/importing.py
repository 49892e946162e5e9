"""Turns a document into a plan file that loses no line.

What was recognised becomes sections, measures and activities; whatever a statement does not repeat word for word
stands beside it as a comment with its place, and what was not recognised at the end. The file adds to the chosen
profiles and removes nothing: a section whose title matches one of theirs is that section.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from planloom.documents.entries import Entry, words_at
from planloom.documents.paragraphs import Paragraph
from planloom.documents.structure import Part
from planloom.documents.times import read_date
from planloom.documents.viewing import PREAMBLE, section_ids
from planloom.documents.yamltext import as_text, flow, literal, plain, scalar
from planloom_schemas.dates import Period, format_on

if TYPE_CHECKING:
    from planloom.discovery import Library
    from planloom.documents import Document

_ORGANISATION = re.compile(r"[^0-9二（(]{2,40}?(?:委员会|总工会|联合会|工会)(?=\s*(?:20|二[〇○零]))")
_ENDING_MARKS = "。：:；;，, "


def section_titles(library: "Library", profiles: Sequence[str]) -> dict[str, str]:
    """The sections of some profiles and of what they extend: id to title.

    Raises:
        PlanloomError: A profile is unknown or broken.
    """
    from planloom.layers import stack_of

    titles: dict[str, str] = {}
    for layer in stack_of(library, profiles, (), None).layers:
        for name, section in (layer.content.sections or {}).items():
            if section.title:
                titles[name] = str(section.title)
    return titles


def import_document(
    document: "Document",
    *,
    plan_id: str,
    profiles: Sequence[str] = (),
    period: Period | None = None,
    organisation: str | None = None,
    facts: Mapping[str, object] | None = None,
    sections: Mapping[str, str] | None = None,
) -> str:
    """The plan file of a document.

    Args:
        document: What `read_document` gave.
        plan_id: Its ``plan``.
        profiles: Profiles to select; without any the file says where to name one.
        period: What the plan is for; by default what the document says.
        organisation: By default the name that signs, or that the title begins with.
        facts: What is known of the organisation.
        sections: Sections of the profiles, as `section_titles` gives them.
    """
    writer = _Writer(document, dict(sections or {}))
    stated = period or document.period
    name = organisation or document.outline.name or _named_in(document.outline.heading)
    lines = [
        *_preface(document.file),
        "planloom: 1",
        f"plan: {plan_id}",
        f"profiles: [{', '.join(profiles)}]" if profiles else "# 请写明选用的配置：\n# profiles: [school]",
        f"period: {period_text(stated)}" if stated else "# 原文没有写明年度，请填写：\n# period: 2027",
        f"organisation: {scalar(name)}" if name else "# 原文没有写明单位，请填写：\n# organisation: 某某单位工会委员会",
        *_facts(facts or {}),
        *writer.heading(name, stated),
        *writer.signature(),
        *writer.sections(),
        *writer.activities(),
    ]
    text = "\n".join(lines) + "\n"
    left = losses(document, text)
    rest = ["", "# 以下是原文中没有归入以上各项的文字，请自行取舍："] if left else []
    return text + "".join(f"{line}\n" for line in (*rest, *(_quoted(paragraph) for paragraph in left)))


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


def _quoted(paragraph: Paragraph, indent: str = "") -> str:
    return f"{indent}# 原文第{paragraph.line}行：{plain(paragraph.label + paragraph.text)}"


class _Writer:
    """Writes the parts of one document."""

    def __init__(self, document: "Document", known: Mapping[str, str]) -> None:
        self._outline = document.outline
        self._known = known
        self._named = list(zip(self._outline.parts, section_ids(self._outline, known), strict=True))

    def heading(self, name: str | None, period: Period | None) -> Iterator[str]:
        """The title; its year and organisation follow the plan."""
        title = self._outline.heading
        if not title:
            return
        template = literal(title)
        for words, value in ((name, "{{ organisation }}"), (period.label if period else None, "{{ period.label }}")):
            template = template.replace(words, value) if words else template
        if template != literal(title):
            yield from (_quoted(paragraph) for paragraph in self._outline.title)
        yield f"heading: {scalar(template)}"

    def signature(self) -> Iterator[str]:
        """Name and date below."""
        name, day = self._outline.name, self._outline.date
        if name or day:
            said = {key: value for key, value in (("name", name), ("date", day and day.isoformat())) if value}
            yield from (_quoted(each) for each in self._outline.signed if read_date(each.text)[0])
            yield f"signature: {flow(said)}"

    def sections(self) -> Iterator[str]:
        """The sections with leads and measures."""
        if not self._named:
            return
        yield "\nsections:"
        number = 0
        for part, name in self._named:
            yield from self._section(part, name)
            measures = [entry for entry in part.entries if entry.kind in ("measure", "subheading")]
            if measures:
                yield "    measures:"
            for number, entry in enumerate(measures, number + 1):
                yield from _measure(f"imported-{number}", entry)

    def _section(self, part: Part, name: str) -> Iterator[str]:
        yield f"  {name}:"
        if part.heading:
            if plain(part.heading.text).rstrip(_ENDING_MARKS) != plain(part.title):
                yield _quoted(part.heading, "    ")
            if self._known.get(name) != part.title:
                yield f"    title: {scalar(part.title)}"
        elif name not in self._known:
            yield "    title: 前言" if name == PREAMBLE else "    title: 其他"
            yield "    numbered: false"
        if part.is_schedule and name not in self._known:
            yield "    shows: activities"
        leads = [entry.paragraph.text for entry in part.entries if entry.kind == "lead"]
        if leads:
            yield f"    lead: {scalar(literal(chr(10).join(leads)))}"

    def activities(self) -> Iterator[str]:
        """The activities, month by month as the document has them."""
        entries = [entry for part, _ in self._named for entry in part.entries if entry.kind in ("activity", "month")]
        if not any(entry.kind == "activity" for entry in entries):
            return
        yield "\nactivities:"
        number, quoted = 0, None
        for entry in entries:
            if entry.source is not quoted and plain(entry.source.text) != plain(entry.title):
                yield _quoted(entry.source, "  ")
            quoted = entry.source
            if entry.kind == "activity":
                number += 1
                yield from _activity(f"imported-{number}", entry)


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


def losses(document: "Document", yaml_text: str) -> tuple[Paragraph, ...]:
    """The paragraphs of a document whose words, numbers of points apart, are nowhere in a plan file."""
    from planloom.source import parse_source

    comments = (line.strip() for line in yaml_text.split("\n") if line.lstrip().startswith("#"))
    values = _texts(parse_source(yaml_text, "plan.yaml").data)
    kept = "\n".join(plain(as_text(words)) for words in (*comments, *values))
    return tuple(paragraph for paragraph in document.paragraphs if _core(paragraph) not in kept)


def _core(paragraph: Paragraph) -> str:
    return plain(paragraph.text[words_at(paragraph) :] or paragraph.text).rstrip(_ENDING_MARKS)


def _texts(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(each)
