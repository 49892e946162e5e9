"""What stands in a section of a document, and what a line says of itself: its number, who answers for it."""

import re
from typing import Literal

from attrs import frozen

from planloom.documents.paragraphs import Paragraph
from planloom.rules.layout_kinds import label_of
from planloom_schemas.dates import On

Kind = Literal["lead", "measure", "subheading", "month", "activity", "row", "note"]


@frozen(kw_only=True)
class Entry:
    """Something that stands in a section.

    Args:
        kind: A lead, a measure, a heading inside the section, the heading of a month, an activity, a cell of
            a table that is none of them, or a line of the list of attachments.
        paragraph: Its words, number included.
        source: The paragraph it was cut from.
        title: Its words without number, time and closing mark.
        on: When, if it says so or stands under a month.
        months: The months it names or stands under.
        owner, place, participants: Who and where, if it says so.
        occasion: The festival that a table names behind its days, with 前 or 后, or "".
    """

    kind: Kind
    paragraph: Paragraph
    source: Paragraph
    title: str
    on: On | None = None
    months: tuple[int, ...] = ()
    owner: tuple[str, ...] = ()
    place: str | None = None
    participants: str | None = None
    occasion: str = ""


# ---- numbers ----

_CHAPTER = re.compile(r"第[一二三四五六七八九十]{1,3}(?:部分|章|篇|节)[、，：:\s]*")


def label_in(paragraph: Paragraph) -> str:
    """The number a paragraph begins with, automatic or written."""
    if paragraph.label:
        return paragraph.label
    chapter = _CHAPTER.match(paragraph.text)
    found = label_of(paragraph.text)
    return chapter[0] if chapter else found.text if found else ""


def depth_of(paragraph: Paragraph) -> int | None:
    """0 for 一、 and 第一部分, 1 for （一）, 2 for 1., 3 for （1）, None for what has no such number."""
    label = label_in(paragraph)
    if not label:
        return None
    if _CHAPTER.match(label):
        return 0
    found = label_of(label)
    return found.depth if found else 2


def words_at(paragraph: Paragraph) -> int:
    """Where the words of a paragraph begin behind its written number."""
    if paragraph.label:
        return 0
    length = len(label_in(paragraph))
    return length + len(paragraph.text[length:]) - len(paragraph.text[length:].lstrip(" \t\u3000、"))


# ---- who ----

_OWNERS = (
    re.compile(
        r"(?:责任(?:人|部门|单位)|负责人|(?:牵头|承办|主办)(?:人|部门|单位)?)[：:]\s*(?P<who>[^（()）；;。，,：:]{1,30})"
    ),
    re.compile(r"[（(](?P<who>[^（()）]{1,30}?)(?:负责|牵头|承办)[)）]"),
    re.compile(r"由(?P<who>[^，。；：（）由]{2,30}?)(?:牵头|负责|承办|组织|主办|举办|主持|会同)"),
)  # fmt: skip


def owners_in(text: str) -> tuple[str, ...]:
    """Who answers for it, as far as the text says so in one of the customary ways."""
    for pattern in _OWNERS:
        match = pattern.search(text)
        if match:
            return names_in(match["who"])
    return ()


def names_in(text: str) -> tuple[str, ...]:
    """Names that stand in a row."""
    return tuple(name for each in re.split(r"[、，,；;/\s]", text) if (name := each.strip()))
