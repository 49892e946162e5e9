"""What the paragraphs of a document are: title, sections, measures, a schedule by months, a signature."""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Literal

from attrs import evolve, frozen

from planloom.documents.entries import Entry, Kind, depth_of, label_in, owners_in, words_at
from planloom.documents.paragraphs import Paragraph, slice_of
from planloom.documents.tables import read_tables
from planloom.documents.times import Time, read_date, read_time, said_within, times_in
from planloom.rules.layout_kinds import label_of
from planloom_schemas.dates import Month, On

_GENRE = re.compile(r"计划|要点|安排|打算|思路|方案|设想|规划")
_TITLE_LENGTH, _TITLE_AMONG = 60, 8
_HEADING_LENGTH = 40
_ENDS = "。；;！？!?"
_PREAMBLE_ENDS = re.compile(r"[。；！？，：:]$")
_SCHEDULE = re.compile(r"活动安排|日程|月份|逐月|月历|行事历|进度|时间安排|时间表|大事|安排表|月度|每月")
_MONTH_WORDS = re.compile(
    r"(?:主要)?(?:的)?(?:工作|活动)?(?:重点|安排|计划|内容|要点|活动|工作)?[：:。、，\s]*"
)
_AFTER_TIME = re.compile(r"[：:，,、。\s—-]*")
_NAME = re.compile(r"(?:署名[：:])?[^，。；：！？、]{2,30}")
_NAME_END = re.compile(
    r"(?:工会|委员会|联合会|工委|办公室|小组|支部|学校|小学|中学|公司|中心|幼儿园|医院|局)$"
)
_ATTACHMENT = re.compile(r"附件[0-9一二三四五六七八九十]{0,2}[：:]?")
_ATTACHMENT_NOTE, _NOTED = re.compile(r"附件[：:]\s*\S"), re.compile(r"[0-9]{1,2}[.．、]\s*\S")
_GUIDANCE = re.compile(r"指导思想|指导方针|基本思路|(?:总体|总的|基本)(?:要求|思路)")
"""A section that says what for, not what: its paragraphs are leads."""
_RUN_IN_LENGTH = 30
_POINT = re.compile(r"(?:[0-9]{1,2}|[一二三四五六七八九十]{1,3})、")
_SENTENCE = re.compile(rf"[^{_ENDS}]+[{_ENDS}]*")
_PART_OF_MONTH = re.compile(r"(?P<part>[上中下]旬)[：:、，\s]*")


@frozen(kw_only=True)
class Part:
    """A section, or what stands before the first one (``heading`` is None)."""

    heading: Paragraph | None
    title: str = ""
    label: str = ""
    is_schedule: bool = False
    entries: tuple[Entry, ...] = ()

    @property
    def is_attachment(self) -> bool:
        """Whether it stands behind the plan, under a mark such as 附件1."""
        return self.heading is not None and bool(_ATTACHMENT.fullmatch(self.heading.text))

    @property
    def is_said(self) -> bool:
        """Whether it is a section of the plan with words of its own, not only a table or an attachment."""
        kinds = {entry.kind for entry in self.entries}
        has_words = self.heading is not None or not kinds.isdisjoint(("lead", "measure", "subheading"))
        return has_words and not self.is_attachment


@frozen(kw_only=True)
class Outline:
    """A document taken apart; every paragraph is in exactly one of its parts.

    Args:
        title: The lines of the title.
        signed: The lines of the signature.
        name: The body that signs.
        date: The day of the signature; of a month its first.
        parts: The sections.
    """

    title: tuple[Paragraph, ...] = ()
    signed: tuple[Paragraph, ...] = ()
    name: str | None = None
    date: dt.date | None = None
    parts: tuple[Part, ...] = ()

    @property
    def heading(self) -> str:
        """The title in one line."""
        return "".join(paragraph.text for paragraph in self.title)


def outline_of(paragraphs: Sequence[Paragraph]) -> Outline:
    """Take a document apart."""
    title = _title(paragraphs)
    rest = [paragraph for paragraph in paragraphs if paragraph not in title]
    signed = _signature(rest)
    dates = [span for paragraph in signed for span in [read_date(paragraph.text)[1]] if span]
    names = [paragraph.text for paragraph in signed if not read_date(paragraph.text)[0]]
    body = [paragraph for paragraph in rest if paragraph not in signed]
    return Outline(
        title=title,
        signed=signed,
        name=names[-1] if names else None,
        date=dates[-1].start if dates else None,
        parts=tuple(_part(group) for group in _grouped(body)),
    )


# ---- title and signature ----


def _title(paragraphs: Sequence[Paragraph]) -> tuple[Paragraph, ...]:
    """The lines of the title: by their style, by ``#``, or the first short line that names a kind of plan."""
    first = [paragraph for paragraph in paragraphs[:_TITLE_AMONG] if paragraph.cell is None]
    styled = [paragraph for paragraph in first if paragraph.is_title]
    if styled:
        return tuple(styled)
    for place, paragraph in enumerate(first):
        if paragraph.level == 1 and not label_in(paragraph):
            return (paragraph,)
        if label_in(paragraph) or not _is_title_line(paragraph):
            return ()
        if _GENRE.search(paragraph.text):
            return tuple(first[: place + 1])
        if place == 1:
            return ()
    return ()


def _is_title_line(paragraph: Paragraph) -> bool:
    return len(paragraph.text) <= _TITLE_LENGTH and not _PREAMBLE_ENDS.search(paragraph.text)


def _signature(paragraphs: Sequence[Paragraph]) -> tuple[Paragraph, ...]:
    """The lines of the signature.

    They are a name and the date below it, the last such pair; otherwise a date among the first lines or as
    the last, or a name as the last.
    """
    for place in reversed(range(len(paragraphs))):
        if read_date(paragraphs[place].text)[0] and paragraphs[place].cell is None:
            before = paragraphs[max(0, place - 1) : place]
            named = [each for each in before if _is_name(each)]
            if named or place in (0, 1, len(paragraphs) - 1):
                return (*named, paragraphs[place])
    end = next(
        (at for at, each in enumerate(paragraphs) if _ATTACHMENT.fullmatch(each.text)), len(paragraphs)
    )
    last = paragraphs[max(1, end - 1) : end]
    return tuple(each for each in last if _is_name(each) and _NAME_END.search(each.text))


def _is_name(paragraph: Paragraph) -> bool:
    is_plain = not (paragraph.level or paragraph.cell or paragraph.is_listed or label_in(paragraph))
    return is_plain and bool(_NAME.fullmatch(paragraph.text)) and not read_time(paragraph.text)


# ---- sections ----


def _grouped(paragraphs: Sequence[Paragraph]) -> Iterator[list[Paragraph]]:
    """The paragraphs of each section, its heading first; those before the first section have none."""
    group: list[Paragraph] = []
    head: Paragraph | None = None
    for paragraph in paragraphs:
        split = _opens(paragraph, head)
        if split is None:
            group.append(paragraph)
            continue
        if group:
            yield group
        head = paragraph
        rest = slice_of(paragraph, split, len(paragraph.text)) if split < len(paragraph.text) else None
        group = [evolve(slice_of(paragraph, 0, split), level=max(1, paragraph.level))]
        group += [evolve(rest, level=0)] if rest and rest.text else []
    if group:
        yield group


def _opens(paragraph: Paragraph, head: Paragraph | None) -> int | None:
    """Where the heading ends if a paragraph opens a section, else None; a run-in heading ends in its text."""
    if paragraph.cell or _month_heading(paragraph):
        return None
    depth, whole = depth_of(paragraph), len(paragraph.text)
    if _ATTACHMENT.fullmatch(paragraph.text):
        return whole
    if depth == 0:
        return _end_of_heading(paragraph)
    if paragraph.level == 0:
        is_heading = paragraph.bold == whole <= _HEADING_LENGTH and depth is None and not paragraph.is_listed
        is_heading = is_heading and paragraph.text[-1] not in _ENDS + "，,"
        return whole if is_heading and not (head and head.level) else None
    is_below = depth is not None or (head is not None and 0 < head.level < paragraph.level)
    return None if is_below else whole


def _end_of_heading(paragraph: Paragraph) -> int | None:
    text, start = paragraph.text, words_at(paragraph)
    if paragraph.level or (len(text) - start <= _HEADING_LENGTH and not re.search("[。；].", text)):
        return len(text)
    if 0 < paragraph.bold - start <= _HEADING_LENGTH:
        return paragraph.bold
    stop = re.search(r"[。：:]", text[start:])
    return start + stop.end() if stop and stop.start() <= _HEADING_LENGTH else None


def _part(group: list[Paragraph]) -> Part:
    head = group[0] if group[0].level and not group[0].cell else None
    if head is None or _month_heading(head) or (depth_of(head) or 0) > 0:
        is_schedule = _has_months(group)
        return Part(heading=None, is_schedule=is_schedule, entries=tuple(_entries(group, is_schedule, True)))
    title = head.text[words_at(head) :].rstrip("。：:；;，, ")
    # Below the mark of an attachment stands its title.
    name = group[1].text if _ATTACHMENT.fullmatch(head.text) and group[1:] else title
    is_schedule = bool(_SCHEDULE.search(name)) or _has_months(group[1:])
    entries = tuple(_entries(group[1:], is_schedule, has_leads=bool(_GUIDANCE.search(title))))
    return Part(
        heading=head,
        title=title or head.text,
        label=label_in(head),
        is_schedule=is_schedule or any(entry.kind == "activity" for entry in entries),
        entries=entries,
    )


# ---- months ----


def _is_numbered_by(paragraphs: Sequence[Paragraph]) -> bool:
    """Whether 1、2月 2、3月 are points with months.

    They are if as pairs of months they would overlap, or if a point with a single month is numbered alike.
    """
    lines = [each.text for each in paragraphs if not (each.cell or each.label)]
    times = [(line, read_time(line), _POINT.match(line)) for line in lines]
    pairs = [time.months for _, time, _ in times if time and time.is_ambiguous]
    months = [month for pair in pairs for month in pair]
    singles = (line[number.end() :] for line, time, number in times if number and not time)
    return len(set(months)) < len(months) or (bool(pairs) and any(map(read_time, singles)))


def _leading(paragraph: Paragraph, is_numbered: bool = False) -> tuple[int, Time | None]:
    """The time a paragraph begins with, before or behind its number, and where the words after it begin."""
    text = paragraph.text
    found = read_time(text)
    if found and not (found.is_ambiguous and is_numbered):
        return found.end, found
    number = _POINT.match(text)
    label = label_of(text)
    start = 0 if paragraph.label else number.end() if number else len(label.text) if label else 0
    start += len(text[start:]) - len(text[start:].lstrip())
    found = read_time(text[start:])
    return (start + found.end, found) if found and not (found.is_ambiguous and start == 0) else (0, None)


def _month_heading(paragraph: Paragraph, is_numbered: bool = False) -> Time | None:
    """The time of a line that holds nothing else."""
    end, found = _leading(paragraph, is_numbered)
    return found if found and _MONTH_WORDS.fullmatch(paragraph.text[end:]) else None


def _has_months(paragraphs: Sequence[Paragraph]) -> bool:
    """Whether paragraphs are a schedule: headings of months, or nearly every line begins with a time."""
    lines = [paragraph for paragraph in paragraphs if paragraph.cell is None]
    headings = sum(_month_heading(line) is not None for line in lines)
    timed = sum(_leading(line)[1] is not None for line in lines)
    return headings >= 2 or (timed >= 3 and 5 * timed >= 4 * len(lines))


# ---- what stands in a section ----


@frozen
class _Context:
    """The month under which lines stand."""

    on: On | None = None
    months: tuple[int, ...] = ()


def _entries(paragraphs: Sequence[Paragraph], is_schedule: bool, has_leads: bool = False) -> Iterator[Entry]:
    is_numbered = _is_numbered_by(paragraphs)
    has_points = any(_is_point(paragraph) for paragraph in paragraphs)
    tables = read_tables([paragraph for paragraph in paragraphs if paragraph.cell])
    context, leading = _Context(), has_points or is_schedule or has_leads
    is_noted = False
    for paragraph, following in zip_longest(paragraphs, paragraphs[1:]):
        if paragraph.cell:
            yield from tables.pop(paragraph.cell.table, ())
            continue
        note = _NOTED if is_noted else _ATTACHMENT_NOTE
        is_noted = not paragraph.level and bool(note.match(paragraph.text))
        if is_noted:
            yield _plain("note", paragraph)
            continue
        month = _month_heading(paragraph, is_numbered)
        if month:
            context = _Context(month.on, month.months)
            yield Entry(kind="month", paragraph=paragraph, source=paragraph, title=paragraph.text,
                        on=month.on, months=month.months)  # fmt: skip
        elif context.on or (is_schedule and _leading(paragraph, is_numbered)[1]):
            yield from _activities(paragraph, context, is_numbered)
        elif paragraph.level or _heads(paragraph, following):
            yield _plain("subheading", paragraph)
        else:
            leading = leading and not _is_point(paragraph)
            yield _plain("lead" if leading else "measure", paragraph)
            continue
        leading = False


def _is_point(paragraph: Paragraph) -> bool:
    return bool(paragraph.level or paragraph.is_listed or label_in(paragraph))


def _heads(paragraph: Paragraph, following: Paragraph | None) -> bool:
    """Whether a short numbered sentence without time and owner is the heading of running text below it."""
    words = paragraph.text[words_at(paragraph) :]
    is_followed = following is not None and not (following.cell or _is_point(following))
    is_short = bool(label_in(paragraph)) and len(words) <= _RUN_IN_LENGTH and not re.search("[。；].", words)
    return (
        is_followed and is_short and not (said_within(words) or owners_in(words) or re.search("[0-9]", words))
    )


def _plain(kind: Kind, paragraph: Paragraph) -> Entry:
    start = words_at(paragraph)
    title = paragraph.text[start:]
    time = next(times_in(title), None) if kind == "measure" else None
    return Entry(
        kind=kind,
        paragraph=paragraph,
        source=paragraph,
        title=title or paragraph.text,
        on=time.on if time else None,
        months=time.months if time else (),
        owner=owners_in(title),
    )


def _activities(paragraph: Paragraph, context: _Context, is_numbered: bool) -> Iterator[Entry]:
    """The activities of a line: one a sentence, at the time the line states or that of the heading above."""
    end, time = _leading(paragraph, is_numbered)
    part = _PART_OF_MONTH.match(paragraph.text)
    if time:
        context = _Context(time.on, time.months)
    elif part and context.on and isinstance(context.on.base, Month):
        context = evolve(context, on=On(Month(context.on.base.month, _part_name(part["part"]))))
        end = part.end()
    start = end if end else words_at(paragraph)
    start += len(_AFTER_TIME.match(paragraph.text, start)[0]) if end else 0  # type: ignore[index]
    for sentence in _SENTENCE.finditer(paragraph.text, start):
        piece = slice_of(paragraph, *sentence.span())
        if piece.text.strip(_ENDS + " "):
            yield _activity(piece, paragraph, context)


def _part_name(text: str) -> Literal["上旬", "中旬", "下旬"]:
    return "上旬" if text == "上旬" else "中旬" if text == "中旬" else "下旬"


def _activity(piece: Paragraph, source: Paragraph, context: _Context) -> Entry:
    words = piece.text[words_at(piece) :]
    time = next(times_in(words), None)
    is_exact = time is not None and set(time.months) <= set(context.months or time.months)
    if time and is_exact:
        context = _Context(time.on, time.months)
    return Entry(
        kind="activity",
        paragraph=piece,
        source=source,
        title=words.rstrip(_ENDS + " "),
        on=context.on,
        months=context.months,
        owner=owners_in(words),
    )
