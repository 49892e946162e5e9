"""Parser events to data, with the place of everything.

PyYAML only splits the text into events; nothing is constructed by it. The YAML 1.2 core schema is applied
here, with one house rule: what looks like a code (``0123``) stays text.
"""

import re
from collections.abc import Iterable
from math import isfinite
from typing import TYPE_CHECKING, Any, cast

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)

from planloom.source.places import MAX_DEPTH, Draft, Lines, Mark, YamlPath
from planloom_schemas.errors import Problem

if TYPE_CHECKING:
    from planloom.source.oddities import Oddity

MAX_ALIAS_NODES = 1000
MAX_PROBLEMS = 200

_CONSTANTS: dict[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_BASED = r"0o[0-7]+|0x[0-9a-fA-F]+"
_FLOAT = r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
_LONGEST_NUMBER = 64  # longer is a code; it also keeps clear of the interpreter's limit on digits
_NO_KEY = (-1, -1)
_ODD_BEGINNINGS = "\u3000\xa0｛［"


class _StopReadingError(Exception):
    """Reading on would be pointless or costly; the reason is among the problems."""


class Reader:
    """Turns parser events into data, noting every problem instead of stopping at the first."""

    def __init__(self, draft: Draft, lines: Lines) -> None:
        self.draft = draft
        self.text = draft.text
        self.lines = lines
        self.data: object = None
        self.marks: dict[YamlPath, Mark] = {}
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self.failure: Problem | None = None
        self.window = (0, 0)
        self.seen = 0
        self._anchors: dict[str, tuple[object, YamlPath] | None] = {}
        self._expanded = 0
        self._last_end = 0
        parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(self.text)
        self._get_event = parser.get_event
        self._event: Any = None
        try:
            self._read_stream()
        except yaml.YAMLError as error:
            self._fail(error)
        except _StopReadingError:
            pass

    @property
    def progress(self) -> tuple[int, int]:
        """How far the parser came, comparable between drafts of one text."""
        return self.draft.origin(self._event.start_mark.index) if self._event else 0, self.seen

    def _next(self) -> Any:
        self._event = event = self._get_event()
        self.seen += 1
        return event

    def _describe(self, code: str, start: int, end: int, path: YamlPath = (), **params: object) -> Problem:
        from planloom.source.messages import problem

        place = self.lines.location(self.draft.origin(start), self.draft.origin(end))
        return problem(code, place, path, **params)

    def _note(self, code: str, start: int, end: int, path: YamlPath = (), **params: object) -> None:
        self.problems.append(self._describe(code, start, end, path, **params))
        if len(self.problems) >= MAX_PROBLEMS:
            raise _StopReadingError

    def _warn(self, code: str, start: int, end: int, path: YamlPath) -> None:
        if len(self.warnings) < MAX_PROBLEMS:
            self.warnings.append(self._describe(code, start, end, path))

    def _read_stream(self) -> None:
        self._next()
        event = self._next()
        if event.__class__ is StreamEndEvent:
            self._note("EmptyFile", 0, 0)
            return
        if event.version and tuple(event.version) != (1, 2):
            self._note("YamlVersion", event.start_mark.index, event.end_mark.index)
        root = self._next()
        self.data = self._value(root, (), 1, _NO_KEY, "")
        if not isinstance(self.data, dict):
            self._not_mapping()
        self._next()
        event = self._next()
        start, end = event.start_mark.index, event.end_mark.index
        if event.__class__ is DocumentStartEvent:
            self._note("ManyDocuments", start, end)

    def _not_mapping(self) -> None:
        start, end, *_ = self.marks[()]
        if start == end:
            self._note("EmptyFile", start, end)
        else:
            found = f"“{_clip(self.text[start:end])}”"
            self.failure = self._describe("TopLevelNotMapping", start, end, found=found)
            self.window = (start, end)

    def _fail(self, error: Any) -> None:
        from planloom.source.messages import parser_failure

        code, opening, at, params = parser_failure(error, self.text, self._event)
        self.failure = self._describe(code, opening, opening, (), **params)
        start = self._event.start_mark.index if self._event else 0
        self.window = (min(start, opening), at)

    def _note_odd(self, oddities: "Iterable[Oddity]", path: YamlPath) -> None:
        for code, start, end, found, mistake in oddities:
            if mistake:
                self._note(code, start, end, path, found=found)
            else:
                self._warn(code, start, end, path)

    def _value(self, event: Any, path: YamlPath, depth: int, key: tuple[int, int], flow: str) -> object:
        """Reads one node; recursion is bounded by the depth limit."""
        kind = event.__class__
        start: int = event.start_mark.index
        if kind is AliasEvent:
            return self._alias(event, path, depth, key)
        anchor = event.anchor
        if anchor is not None:
            self._anchors[anchor] = None
            found = re.compile(r"&\S+\s*").match(self.text, start)
            start = min(found.end(), event.end_mark.index) if found and kind is ScalarEvent else start
        if event.tag is not None:
            written = re.compile(r"!\S*").search(self.text, start, event.end_mark.index)
            tag = written[0] if written else event.tag
            self._note("ExplicitTag", start, event.end_mark.index, path, found=_clip(tag))
        if kind is ScalarEvent:
            end = event.end_mark.index
            self.marks[path] = (start, end, *key, True)
            value = self._scalar(event, path, start, end, flow)
        elif depth > MAX_DEPTH:
            self._note("TooDeep", start, start, path[:4], wanted=MAX_DEPTH)
            raise _StopReadingError
        else:
            self.marks[path] = (start, start, *key, False)  # takes its place before its children
            read = self._mapping if kind is MappingStartEvent else self._sequence
            value = read(path, depth, bool(event.flow_style))
            end = self._event.end_mark.index if event.flow_style else self._last_end
            self.marks[path] = (start, end, *key, False)
        self._last_end = end
        if anchor is not None:
            self._anchors[anchor] = (value, path)
        return value

    def _sequence(self, path: YamlPath, depth: int, flow: bool) -> list[object]:
        items: list[object] = []
        event = self._next()
        while event.__class__ is not SequenceEndEvent:
            place = (*path, len(items))
            items.append(self._value(event, place, depth + 1, _NO_KEY, "[" if flow else ""))
            event = self._next()
        return items

    def _mapping(self, path: YamlPath, depth: int, flow: bool) -> dict[str, object]:
        entries: dict[str, object] = {}
        firsts: dict[str, int] = {}
        event = self._next()
        while event.__class__ is not MappingEndEvent:
            span = (event.start_mark.index, event.end_mark.index)
            plain = event.__class__ is ScalarEvent and not event.style
            key, span = self._key(event, path, depth, span)
            place = (*path, key)
            if key in entries:
                first = firsts.setdefault(key, self.draft.origin(self.marks[place][2]))
                line, _ = self.lines.position(first)
                self._note("DuplicateKey", *span, place, found=_clip(key), line=line)
            value = self._value(self._next(), place, depth + 1, span, "{" if flow else "")
            entries[key] = value
            if plain and (value is None or key[:1] in _ODD_BEGINNINGS):
                self._check_key(key, place, span)
            event = self._next()
        return entries

    def _key(
        self, event: Any, path: YamlPath, depth: int, span: tuple[int, int]
    ) -> tuple[str, tuple[int, int]]:
        if event.__class__ is ScalarEvent and event.anchor is None and event.tag is None:
            key: str = event.value
            if event.style or (key[:1].isalpha() and key not in _CONSTANTS):
                return key, span
            if key == "<<":
                self._note("MergeKey", *span, path)
            elif not isinstance(_resolve(key), str):
                self._note("NonStringKey", *span, path, found=key or "(empty)", wanted=key)
            return key, span
        value = self._value(event, (*path, "?"), depth + 1, _NO_KEY, "")
        self._forget((*path, "?"))
        if event.__class__ is not AliasEvent and not isinstance(value, str):
            span = (span[0], self._last_end)
        written = self.text[slice(*span)]
        if isinstance(value, str):
            return value, span
        if written.startswith("{") and self.text[max(span[0] - 1, 0) : span[0]] == "{":
            self._note("UnquotedTemplate", span[0] - 1, span[1], path, found=_clip("{" + written + "}"))
        else:
            self._note("NonStringKey", *span, path, found=_clip(written), wanted=_clip(written))
        return written, span

    def _forget(self, path: YamlPath) -> None:
        for known in [known for known in self.marks if known[: len(path)] == path]:
            del self.marks[known]

    def _scalar(self, event: Any, path: YamlPath, start: int, end: int, flow: str) -> object:
        text: str = event.value
        if event.start_mark.line != event.end_mark.line and event.style != "|":
            from planloom.source.oddities import in_folded

            self._note_odd(in_folded(self.text, start, end), path)
        if event.style:
            return text
        value = _resolve(text)
        if value.__class__ is str:
            if flow:
                if "，" in text:
                    from planloom.source.oddities import in_flow

                    self._note_odd(in_flow(self.text, start, end, flow), path)
            elif "：" in text or ":" in text or text[0] in "-［｛":
                from planloom.source.oddities import in_block

                column = start - event.start_mark.index + event.start_mark.column
                self._note_odd(in_block(self.text, start, end, column), path)
        return value

    def _alias(self, event: Any, path: YamlPath, depth: int, key: tuple[int, int]) -> object:
        name, start, end = event.anchor, event.start_mark.index, event.end_mark.index
        known = self._anchors.get(name)
        if known is None:
            code = "AliasCycle" if name in self._anchors else "UnknownAlias"
            self._note(code, start, end, path, found=name)
            self.marks[path] = (start, end, *key, True)
            value: object = None
        else:
            value = self._copy(*known, path, depth, (start, end))
            self.marks[path] = (*self.marks[path][:2], *key, self.marks[path][4])
        self._last_end = end
        return value

    def _copy(
        self, value: object, origin: YamlPath, path: YamlPath, depth: int, at: tuple[int, int]
    ) -> object:
        """Repeats an anchored value under the path of its alias; places stay where the text stands."""
        self._expanded += 1
        if self._expanded > MAX_ALIAS_NODES:
            self._note("AliasLimit", *at, path[:4], wanted=MAX_ALIAS_NODES)
            raise _StopReadingError
        if depth > MAX_DEPTH and isinstance(value, dict | list):
            self._note("TooDeep", *at, path[:4], wanted=MAX_DEPTH)
            raise _StopReadingError
        self.marks[path] = self.marks[origin]
        if isinstance(value, dict):
            return {
                k: self._copy(v, (*origin, k), (*path, k), depth + 1, at)
                for k, v in cast("dict[str, object]", value).items()
            }
        if isinstance(value, list):
            return [
                self._copy(v, (*origin, i), (*path, i), depth + 1, at)
                for i, v in enumerate(cast("list[object]", value))
            ]
        return value

    def _check_key(self, key: str, place: YamlPath, span: tuple[int, int]) -> None:
        from planloom.source.oddities import in_key

        start, end, *_ = self.marks[place]
        # The key itself is the mistake, so the path ends above it.
        self._note_odd(in_key(self.text, key, *span, empty=start == end), place[:-1])


def _clip(text: str) -> str:
    from planloom.source.messages import clip

    return clip(text)


def _resolve(text: str) -> object:
    """The value of a plain scalar by the YAML 1.2 core schema; codes, times and dates stay text."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] not in "+-.0123456789" or len(text) > _LONGEST_NUMBER:
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    if re.fullmatch(_BASED, text):
        return int(text, 0)
    if re.fullmatch(_FLOAT, text) and isfinite(number := float(text)):
        return number
    return text
