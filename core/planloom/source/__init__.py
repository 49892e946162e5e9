"""Reads the YAML people write: plain data, the place of every key and value, mistakes by their true name.

``reader`` turns parser events into data; what is wrong or odd is found and said by ``oddities``, ``mistakes``
and ``messages``, which are loaded only then.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from attrs import Factory, field

from planloom.source.places import LINE_BREAK, Draft, Lines, Mark, YamlPath
from planloom_schemas.errors import Location, Problem, SchemaError
from planloom_schemas.records import frozen

__all__ = ["MAX_BYTES", "Source", "YamlPath", "parse_source", "read_source"]

MAX_BYTES = 2 * 1024 * 1024

_REFUSED = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]"


def _lines_of(source: "Source") -> Lines:
    return Lines(source.file, source.text)


@frozen
class Source:
    """A file as data and as text, with the place of everything in it.

    Args:
        file: Path as the user named it.
        text: The decoded text without byte order mark; newlines as in the file.
        data: dict, list, str, int, float, bool and None only.
        newline: The first line break of the text; a line feed if it has none.
        bom: Whether the file begins with a byte order mark.
        warnings: What works, but hardly as meant.
        marks: Offsets of every key and value, by path.
    """

    file: str
    text: str = field(repr=False)
    data: object = field(repr=False)
    newline: str
    bom: bool
    warnings: tuple[Problem, ...]
    marks: dict[YamlPath, Mark] = field(repr=False, eq=False)
    _lines: Lines = field(init=False, repr=False, eq=False, default=Factory(_lines_of, takes_self=True))

    def _mark(self, path: Sequence[str | int]) -> Mark:
        known = tuple(path)
        while known not in self.marks:
            known = known[:-1]
        return self.marks[known]

    def value_at(self, path: Sequence[str | int]) -> Location:
        """The place of a value, or of its nearest ancestor that exists."""
        return self._lines.location(*self.span(path))

    def key_at(self, path: Sequence[str | int]) -> Location:
        """The place of a key, or of the nearest ancestor's; of the value where there is no key."""
        return self._lines.location(*self.key_span(path))

    def key_begins(self, path: Sequence[str | int]) -> tuple[int, int]:
        """Line and column where `key_at` begins."""
        start, _, key_start, *_ = self._mark(path)
        return self._lines.position(key_start if key_start >= 0 else start)

    def raw(self, path: Sequence[str | int]) -> str | None:
        """A scalar exactly as written, quotation marks included; None for anything else.

        A reference (``*name``) gives the text it refers to.
        """
        mark = self.marks.get(tuple(path))
        return self.text[slice(*self.span(path))] if mark and mark[4] else None

    def located(self, start: int, end: int) -> Location:
        """The place of the code points ``start`` to ``end`` of ``text``."""
        return self._lines.location(start, end)

    def span(self, path: Sequence[str | int]) -> tuple[int, int]:
        """Offsets of a value (or its nearest ancestor) in ``text``, half-open, without blanks at its end.

        Units:
            Code points.
        """
        start, end, *_ = self._mark(path)
        return start, start + len(self.text[start:end].rstrip(" \t\r\n"))

    def key_span(self, path: Sequence[str | int]) -> tuple[int, int]:
        """Offsets of a key in ``text``, half-open; of the value where there is no key.

        Units:
            Code points.
        """
        _, _, start, end, _ = self._mark(path)
        return (start, end) if start >= 0 else self.span(path)


def parse_source(text: str, file: str) -> Source:
    """The data of a text with all its places.

    Args:
        text: YAML; a byte order mark at its beginning is taken off.
        file: The name to use in locations.

    Returns:
        The source; its data is always a mapping.

    Raises:
        SchemaError: With every problem found.
    """
    bom = text.startswith("\ufeff")
    text = text.removeprefix("\ufeff")
    lines = Lines(file, text)
    if len(text) > MAX_BYTES:
        raise _too_large(file)
    if re.search(_REFUSED, text):
        from planloom.source.mistakes import refused_characters

        raise SchemaError(*refused_characters(re.finditer(_REFUSED, text), lines))
    from planloom.source.reader import Reader  # PyYAML takes a while to load

    reader = Reader(Draft(text), lines)
    if reader.failure or reader.problems:
        from planloom.source.mistakes import diagnose

        raise SchemaError(*diagnose(reader))
    newline = LINE_BREAK.search(text)
    return Source(
        file=file, text=text, data=reader.data, newline=newline[0] if newline else "\n", bom=bom,
        warnings=tuple(reader.warnings), marks=reader.marks,
    )  # fmt: skip


def _too_large(file: str) -> SchemaError:
    return _unreadable("TooLarge", file, wanted=MAX_BYTES // 2**20)


def _unreadable(code: str, file: str, at: Location | None = None, **params: object) -> SchemaError:
    from planloom.source.messages import problem

    return SchemaError(problem(code, at or Location(file=file), (), **params))


def read_source(path: Path | str) -> Source:
    """The data of a file with all its places.

    Args:
        path: A UTF-8 file, with or without byte order mark.

    Returns:
        The source; its ``file`` is the path as given.

    Raises:
        SchemaError: If the file cannot be read, or with every problem found in it.
    """
    file = str(path)
    try:
        if Path(path).is_dir():
            raise _unreadable("IsDirectory", file, found=file)
        with open(path, "rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise _unreadable("FileNotFound", file, found=file) from error
    except (OSError, ValueError) as error:
        detail = getattr(error, "strerror", None) or str(error)
        raise _unreadable("Unreadable", file, found=file, detail=detail) from error
    if len(content) > MAX_BYTES:
        raise _too_large(file)
    return parse_source(_decode(content, file), file)


def _decode(content: bytes, file: str) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise _unreadable("WrongEncoding", file, found="UTF-16")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8")
        if before.isascii() and _is_gb18030(content):
            raise _unreadable("WrongEncoding", file, found="GB18030 (Windows ANSI)") from error
        place = Lines(file, before.removeprefix("\ufeff")).location(len(before), len(before))
        raise _unreadable("NotUtf8", file, place, found=f"0x{content[error.start]:02X}") from error


def _is_gb18030(content: bytes) -> bool:
    try:
        content.decode("gb18030")
    except UnicodeDecodeError:
        return False
    return True
