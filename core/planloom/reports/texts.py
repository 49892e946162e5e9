"""The lines that findings point at, read once, to quote them and to count columns as other programs do."""

import re
from bisect import bisect_left
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path

from attrs import field, frozen

from planloom.discovery import Library
from planloom.layers import ENGINE
from planloom_schemas.errors import Location

_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_READABLE = (".yaml", ".yml", ".md", ".markdown", ".txt")
_MOST_BYTES = 8 * 1024 * 1024


@frozen
class Texts:
    """Gives the lines of a file; none where it cannot be read."""

    lines: Callable[[str], tuple[str, ...]] = field(default=lambda file: ())

    def line(self, place: Location | None) -> str | None:
        """The line that a place is in."""
        lines = self.lines(place.file) if place else ()
        return lines[place.line - 1] if place and 0 < place.line <= len(lines) else None

    def within(self, place: Location) -> str:
        """The text of a place that lies in one line, or "" where it is not known."""
        line = self.line(place) if place.end_line == place.line else None
        return line[place.column - 1 : (place.end_column or 1) - 1] if line else ""

    def utf16(self, file: str, line: int, column: int) -> int:
        """A column counted in UTF-16 units, from a column counted in code points."""
        wide = _wide(self.line(Location(file=file, line=line)) or "")
        return column + bisect_left(wide, column - 1)


@lru_cache(maxsize=64)
def _wide(text: str) -> tuple[int, ...]:
    """Where the characters of a line stand that are two units in UTF-16."""
    return tuple(at for at, char in enumerate(text) if char > "\uffff") if not text.isascii() else ()


def texts_of(library: Library) -> Texts:
    """The texts of the files that findings can name: layers on offer, and files as they were named."""
    shown = {offer.shown: offer.file for offer in library.layers.values()} | {ENGINE.shown: ENGINE.file}

    @cache
    def lines(file: str) -> tuple[str, ...]:
        path = shown.get(file, Path(file))
        if path.suffix.lower() not in _READABLE:
            return ()
        try:
            content = path.read_bytes()[:_MOST_BYTES]
        except (OSError, ValueError):
            return ()
        return tuple(_LINE_BREAK.split(_decoded(content)))

    return Texts(lines)


def _decoded(content: bytes) -> str:
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return content.decode("gb18030", errors="replace")
