"""Text on its way to paper: cleaned of what formats cannot hold, split into paragraphs and title lines."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import combinations, pairwise

from planloom.regexes import compiled

MONTH_NAMES = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")

# What XML forbids, what a terminal obeys, and what turns the direction of the text around.
_FORBIDDEN = "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
_BREAK = "\r\n?|[\x0b\x0c\x85\u2028\u2029]"
_ITEM = (
    r"[0-9]{1,2}[.．、)）]|[（(][一二三四五六七八九十0-9]{1,3}[）)]|[①-⑳•·-]|[一二三四五六七八九十]{1,3}、"
)
_TITLE_WORD = (
    # A place, unless its last character goes on (市场, 乡镇, 市直) or belongs to a name (新乡市, 市中区).
    "[省市县区乡镇](?![省市县区乡镇级直属域场政民村]|.区)|街道(?!办)|办事处"
    # A kind of organisation, unless it goes on (集团公司, 大学生, 小学部).
    "|集团(?!公司)|公司|学校|学院|大学(?!生)|[小中]学(?![部生])|幼儿园|医院|局|委员会"
    "|学年|学期|年度|年(?!度)|》|）"
)
"""After which words a long title may go on to the next line."""


def clean(text: str) -> str:
    """The text without characters that break a format, all line breaks written as one newline."""
    return compiled(_FORBIDDEN).sub("", compiled(_BREAK).sub("\n", text)).replace("\t", " ")


def paragraphs(text: str) -> tuple[str, ...]:
    """The paragraphs of a text: split at empty lines and before items (``1.``); other breaks only wrap."""
    found: list[str] = []
    fresh = True
    for line in clean(text).split("\n"):
        stripped = line.strip()
        if stripped and (fresh or compiled(_ITEM).match(stripped)):
            found.append(stripped)
        elif stripped:
            found[-1] = _joined(found[-1], stripped)
        fresh = not stripped
    return tuple(found)


def one_line(text: str) -> str:
    """The text on one line, as titles and table cells need it."""
    result = ""
    for line in clean(text).split("\n"):
        result = _joined(result, line.strip()) if result else line.strip()
    return result


def _joined(first: str, second: str) -> str:
    """Two lines as one: a space only between Latin words, Chinese closes up."""
    if not second:
        return first
    return f"{first} {second}" if first[-1].isascii() and second[0].isascii() else first + second


def width(text: str) -> float:
    """How wide a text is, in Chinese characters."""
    return sum(0.5 if char.isascii() else 1.0 for char in text)


def title_lines(text: str, parts: Iterable[str], room: int) -> tuple[str, ...]:
    """A long title on lines of about equal length that do not split words.

    Args:
        text: The title.
        parts: Pieces of the title that want to stay whole: the organisation, the period.
        room: Chinese characters that fit on a line.
    """
    if width(text) <= room or width(text) > 4 * room:
        return (text,)
    cuts = _word_ends(text, parts)
    for count in range(1, 4):
        splits = [tuple(_split(text, chosen)) for chosen in combinations(cuts, count)]
        fitting = [lines for lines in splits if all(width(line) <= room for line in lines)]
        if fitting:
            return min(fitting, key=lambda lines: max(map(width, lines)) - min(map(width, lines)))
    return (text,)


def _word_ends(text: str, parts: Iterable[str]) -> list[int]:
    ends = {match.end() for match in re.finditer(_TITLE_WORD, text)}
    for part in parts:
        start = text.find(part) if part else -1
        if start >= 0:
            inside = set(range(start + 1, start + len(part)))
            ends = (ends - inside if width(part) <= width(text) / 2 else ends) | {start, start + len(part)}
    # Twelve places are plenty for a title and keep the number of splits small.
    return sorted(ends - {0, len(text)})[:12]


def _split(text: str, cuts: tuple[int, ...]) -> Iterator[str]:
    for start, end in pairwise((0, *cuts, len(text))):
        yield text[start:end]


def money(amount: Decimal, cents: bool) -> str:
    """An amount of yuan with thousands apart, with its cents if ``cents``."""
    return f"{amount:,.2f}" if cents else f"{amount:,.0f}"
