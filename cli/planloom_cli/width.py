"""Text measured in columns of a terminal: a Chinese character takes two."""

import re
from collections.abc import Iterable, Iterator, Sequence

# A run of narrow characters, or one wide character, with the closing marks after it and the opening ones
# before it: no line begins with a comma or ends with an opening bracket.
_PIECE = (
    r"[ \t\n]+"
    r"|[（《“‘「【]*(?:[\x21-\x7e]+|[^\s，。、；：！？）》”’」】])[，。、；：！？）》”’」】…]*"
    r"|\S"
)


def width(text: str) -> int:
    """The columns that a text takes; where terminals differ, the greater number."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(2 if east_asian_width(char) in "WFA" else 1 for char in text if not combining(char))


def pad(text: str, columns: int) -> str:
    """The text with spaces up to a width."""
    return text + " " * (columns - width(text))


def aligned(rows: Iterable[Sequence[str]], gap: str = "  ") -> Iterator[str]:
    """Rows of cells as lines with columns that stand under each other; empty columns take no room."""
    cells = [list(row) for row in rows]
    if not cells:
        return
    widths = [max(map(width, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        yield gap.join(pad(cell, wide) for cell, wide in zip(row, widths, strict=True) if wide).rstrip()


def clipped(text: str, columns: int) -> str:
    """The text in one line of at most so many columns."""
    line = " ".join(text.split())
    if width(line) <= columns:
        return line
    while width(line) > columns - 2:
        line = line[:-1]
    return line + "…"


def wrapped(text: str, columns: int, first: str = "", rest: str = "") -> str:
    """The text in lines of at most so many columns, the first and the other lines indented as given."""
    lines = [first]
    empty = True
    blank = ""
    for piece in re.findall(_PIECE, text):
        if piece.isspace():
            blank = " "
            continue
        if not empty and width(lines[-1]) + len(blank) + width(piece) > columns:
            lines.append(rest)
            empty, blank = True, ""
        lines[-1] += ("" if empty else blank) + piece
        empty, blank = False, ""
    return "\n".join(line.rstrip() for line in lines)
