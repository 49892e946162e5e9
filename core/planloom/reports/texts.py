"""The lines that findings point at, read once, to quote them and to count columns as other programs do."""

import re
from collections.abc import Callable
from functools import cache
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

    def utf16(self, file: str, line: int, column: int) -> int:
        """A column counted in UTF-16 units, from a column counted in code points."""
        text = self.line(Location(file=file, line=line)) or ""
        return column + sum(ord(char) > 0xFFFF for char in text[: column - 1])


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
