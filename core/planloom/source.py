"""Reads the YAML people write: plain data, the place of every key and value, mistakes by their true name.

PyYAML only splits the text into events; nothing is constructed by it. The YAML 1.2 core schema is applied
here, with one house rule: what looks like a code (``0123``) stays text. When the parser stumbles, each likely
mistake of Chinese input near that spot is mended on a draft and parsed again; only a mistake whose mending
lets the parser go on is reported, so full-width marks in ordinary text raise no alarm, and one run finds all.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from math import isfinite
from pathlib import Path
from typing import Any, cast

from attrs import field, frozen

from planloom_schemas.errors import Location, Problem, SchemaError

MAX_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 32
MAX_ALIAS_NODES = 1000

_MAX_TRIALS = 80
_WINDOW = 20_000
_MAX_REPORTED_CHARACTERS = 20
_MAX_PROBLEMS = 200

YamlPath = tuple[str | int, ...]
_Mark = tuple[int, int, int, int, bool]  # start, end, key start, key end, is a scalar

_MESSAGES: dict[str, tuple[str, str]] = {
    "FileNotFound": ("there is no file {found}", "check the path and the spelling of the file name"),
    "IsDirectory": ("{found} is a folder, a file is wanted", "name the file inside the folder"),
    "Unreadable": ("{found} cannot be read: {detail}",
        "check that the file may be read and is not locked by another program"),
    "TooLarge": ("the file is larger than {wanted} MB", "split it, or remove what does not belong into it"),
    "WrongEncoding": ("the file is saved as {found}, UTF-8 is wanted",
        "open it in an editor, choose “Save as”, and choose UTF-8 as the encoding"),
    "NotUtf8": ("from here on the file is not valid UTF-8 (byte {found})",
        "save the file anew with the encoding UTF-8"),
    "EmptyFile": ("the file is empty", "write at least one line of the form “key: value”"),
    "TopLevelNotMapping": ("the file does not begin with a key, but with {found}",
        "write lines of the form “key: value”"),
    "ManyDocuments": ("a second document begins here with “---”; one file holds one",
        "remove the line, or use two files"),
    "ControlCharacter": ("an invisible control character {found} stands here",
        "delete it; it often comes in by copying"),
    "DuplicateKey": ("the key “{found}” stands here a second time; the first is in line {line}",
        "merge the two, or rename one"),
    "NonStringKey": ("the key {found} is not text", 'put it in quotation marks: "{wanted}":'),
    "MergeKey": ("the merge key “<<” is not supported", "write the keys out"),
    "UnknownAlias": ("“*{found}” refers to a name that is not defined",
        "if text beginning with * is meant, put it in quotation marks"),
    "AliasCycle": ("“*{found}” contains itself", "write the value out instead of referring to it"),
    "AliasLimit": ("references (*name) expand to more than {wanted} values", "write the values out"),
    "TooDeep": ("the nesting is deeper than {wanted} levels", "make the structure flatter"),
    "ExplicitTag": ("the type mark “{found}” is not allowed",
        "remove it; if text beginning with ! is meant, put it in quotation marks"),
    "YamlVersion": ("the line “%YAML” asks for a version other than 1.2", "remove the line"),
    "UnknownDirective": ("this line begins with %, which only %YAML 1.2 may do", "remove the line"),
    "FoldedChinese": ("the lines of this Chinese text are joined by spaces",
        "begin the text with | instead, or write it in one line"),
    "FullWidthColon": ("a full-width colon “：” follows the key; a half-width “: ” with a space is wanted",
        "change “：” to “: ”; if text is meant, put it in quotation marks"),
    "FullWidthComma": ("a full-width comma “，” separates the items; a half-width “,” is wanted",
        "change “，” to “, ”; if text is meant, put it in quotation marks"),
    "FullWidthBracket": ("full-width brackets in “{found}”; half-width brackets are wanted",
        "change the brackets to half-width ones; if text is meant, put it in quotation marks"),
    "WideSpace": ("a full-width or non-breaking space is used as blank", "change it to ordinary spaces"),
    "TabIndent": ("a tab is used to indent", "indent with spaces, two for each level"),
    "ReservedStart": ("the text is not in quotation marks and begins with “{found}”, which YAML reserves",
        "put the whole text in quotation marks"),
    "QuotedPart": ("only the beginning of the text, {found}, is in quotation marks",
        "use Chinese quotation marks “ ”, or put the whole text in one pair of '…'"),
    "UnquotedTemplate": ("the text begins with the template “{found}” without quotation marks",
        "put the whole text in quotation marks"),
    "TextAfterBracket": ("text follows the brackets “{found}”", "put the whole text in quotation marks"),
    "MissingSpace": ("a space is missing after “{found}”", "write “{found} ” with a space after it"),
    "ColonInText": ("the text contains a colon followed by a space",
        "put the whole text in quotation marks, or use “：”"),
    "UnexpectedColon": ("a colon stands here where no key can be",
        "check indentation and colon of this line and the one before"),
    "MissingColon": ("a key without “: ” after it",
        "write “key: value”, or indent the line if it continues the text above"),
    "BadStart": ("“{found}” cannot stand at the beginning here", "put the whole text in quotation marks"),
    "UnclosedQuote": ("the quotation mark that opens here is never closed",
        "close it with the same half-width mark"),
    "UnclosedBracket": ("the bracket that opens here is not closed, or a comma is missing before “{found}”",
        "separate the items by “, ” and close the bracket"),
    "StrayBracket": ("the bracket “{found}” was never opened",
        "remove it, or open it before; if text is meant, put it in quotation marks"),
    "BadIndent": ("the indentation of this line does not fit the lines above",
        "give keys of one level the same number of spaces"),
    "BadEscape": ("“\\” begins an escape that does not exist",
        "use single quotation marks '…', or write \\\\ for one backslash"),
    "BadBlockHeader": ("after | or > only a line break may follow",
        "begin the text on the next line, indented"),
    "BadYaml": ("the file cannot be understood here ({detail})",
        "check the indentation, colons, brackets and quotation marks"),
}  # fmt: skip

# Fragments of libyaml's and PyYAML's own messages; the first code with a fragment that occurs is taken.
_PARSER_SAYS = {
    "UnexpectedColon": ("mapping values are not allowed",),
    "MissingColon": ("could not find expected ':'",),
    "BadStart": ("cannot start any token", "alphabetic or numeric",),
    "TabIndent": ("tab character",),
    "YamlVersion": ("incompatible YAML", "%YAML",),
    "UnknownDirective": ("unknown directive", "directive name"),
    "BadEscape": ("escape", "hexdecimal", "hexadecimal",),
    "BadBlockHeader": ("comment or line break", "comment or a line break", "chomping",),
    "UnclosedQuote": ("end of stream", "document indicator", "document separator",),
    "UnclosedBracket": ("',' or",),
    "BadIndent": ("expected key", "'-' indicator", "block end", "entries are not", "document start"),
}  # fmt: skip

_POINT_AT_BEGINNING = {"UnclosedQuote", "UnclosedBracket", "MissingColon"}

_CONSTANTS: dict[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_LONGEST_NUMBER = 64  # longer is a code; it also keeps clear of the interpreter's limit on digits

_REFUSED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_CJK = "\u3000-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
_JOINED_CJK = re.compile(rf"[{_CJK}][ \t]*(?:\r\n|\r|\n)[ \t]*[{_CJK}]")
_ANCHOR = re.compile(r"&\S+\s*")
_TAG = re.compile(r"!\S*")
_KEY_LINE = re.compile(r"^[ \t]*(?:- +)*[a-z][a-z0-9_-]*(：|:(?!//))", re.MULTILINE)
_FLOW_KEY = re.compile(r"(，)\s*[a-z][a-z0-9_-]*[：:]")
_GLUED = re.compile(r"：|，(?=[^，：]*：)")
_DASH_LINE = re.compile(r"^[ \t]*(-)[^\s-]", re.MULTILINE)
_WORDS_BY_COMMA = re.compile(r"[\w.-]+(?:，\s*[\w.-]+)+", re.ASCII)
_HALF_WIDTH = str.maketrans("｛｝［］", "{}[]")


@frozen
class _Mistake:
    """A frequent mistake: group 1 of the pattern is at fault, ``mend`` says what the draft gets instead."""

    code: str
    pattern: re.Pattern[str]
    mend: Callable[[str], str]


def _mistake(code: str, pattern: str, mend: Callable[[str], str]) -> _Mistake:
    return _Mistake(code, re.compile(pattern, re.MULTILINE), mend)


def _letters(text: str) -> str:
    return re.sub(r"[\[\]{}\"']", "x", text)


def _spaces(text: str) -> str:
    return text.replace("\u3000", "  ").replace("\xa0", " ").replace("\t", "  ")


# The draft is thrown away, so "x" may stand in for a character that must not be where it is.
_MISTAKES = (
    _mistake("WideSpace", r"^([ \t]*[\u3000\xa0][ \t\u3000\xa0]*)", _spaces),
    _mistake("TabIndent", r"^( *\t[ \t]*)", _spaces),
    _mistake(
        "FullWidthBracket", r"([｛［][^\n]*[｝］]|[｛｝［］])", lambda text: text.translate(_HALF_WIDTH)
    ),
    _mistake("FullWidthComma", r"(，)(?=[^\S\n]*[^\s，,：:{}\[\]]+[：:])", lambda _: ","),
    _mistake("FullWidthColon", r"(?:^|[{,，｛])[^：:\n{,，｛#\"']*(：)", lambda _: ": "),
    _mistake("WideSpace", r"[:-]([\u3000\xa0]+)", lambda found: " " * len(found)),
    _mistake("UnquotedTemplate", r"(?:[:,-] +|^ *)(\{\{[^{}\n]*\}\})", _letters),
    _mistake("QuotedPart", r"(?:[:-] +|^ *)(\"[^\"\n]*\"|'[^'\n]*')(?=[ \t]*[^\s,\]}#:])", _letters),
    _mistake("TextAfterBracket", r"[:-] +(\[[^\[\]\n]*\]|\{[^{}\n]*\})(?=[ \t]*[^\s,\]}#:])", _letters),
    _mistake("ReservedStart", r"(?:[:,-] +|[\[{] *|^(?!%) *)([@`%*&!|>])", lambda _: "x"),
    _mistake("MissingSpace", r"^ *(?:- +)*[^\s:：#\"'{\[,-][^\s:：#\"'{\[,]*(:)(?=[^\s/:])", lambda _: ": "),
    _mistake("MissingSpace", r"^ *(-)(?=[^\s-])", lambda _: "- "),
    _mistake(
        "ColonInText",
        r"^ *(?:- +)*[^\s:#\"'{\[][^:\n]*: +[^\s\"'{\[|>&*!#][^\n#]*?(:)(?=\s|\Z)",
        lambda _: "x",
    ),
)


def _clip(text: str) -> str:
    shown = _LINE_BREAK.split(text.strip(), maxsplit=1)[0]
    return shown if len(shown) <= 40 else shown[:39] + "…"


@frozen
class _Lines:
    """Turns code point offsets of a text into lines and columns."""

    file: str
    text: str

    @cached_property
    def starts(self) -> list[int]:
        return [0, *(found.end() for found in _LINE_BREAK.finditer(self.text))]

    def location(self, start: int, end: int) -> Location:
        line, column = self.position(start)
        end_line, end_column = self.position(max(start, end))
        return Location(file=self.file, line=line, column=column, end_line=end_line, end_column=end_column)

    def position(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1


def _problem(code: str, location: Location, path: YamlPath = (), **params: object) -> Problem:
    message, fix = _MESSAGES[code]
    return Problem(code=code, message=message, fix=fix, params={"found": "", **params},
                   path="/".join(map(str, path)), location=location)  # fmt: skip


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
    marks: dict[YamlPath, _Mark] = field(repr=False, eq=False)

    @cached_property
    def _lines(self) -> _Lines:
        return _Lines(self.file, self.text)

    def _mark(self, path: Sequence[str | int]) -> _Mark:
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


class _StopReadingError(Exception):
    """Reading on would be pointless or costly; the reason is among the problems."""


@frozen
class _Draft:
    """The text given to the parser, and where mending made it longer than what the user wrote."""

    text: str
    inserted: tuple[int, ...] = ()

    def origin(self, offset: int) -> int:
        return offset - bisect_left(self.inserted, offset)

    def mended(self, start: int, end: int, replacement: str) -> "_Draft":
        grown = len(replacement) - (end - start)
        later = (place + grown if place >= end else place for place in self.inserted)
        inserted = sorted([*later, *range(end, end + grown)])
        return _Draft(self.text[:start] + replacement + self.text[end:], tuple(inserted))


class _Reader:
    """Turns parser events into data, noting every problem instead of stopping at the first."""

    def __init__(self, draft: _Draft, lines: _Lines) -> None:
        import yaml

        self.draft = draft
        self.text = draft.text
        self.lines = lines
        self.data: object = None
        self.marks: dict[YamlPath, _Mark] = {}
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self.failure: Problem | None = None
        self.window = (0, 0)
        self.seen = 0
        self._anchors: dict[str, tuple[object, YamlPath] | None] = {}
        self._expanded = 0
        self._last_end = 0
        parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(self.text)
        self._get_event: Callable[[], Any] = parser.get_event
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
        place = self.lines.location(self.draft.origin(start), self.draft.origin(end))
        return _problem(code, place, path, **params)

    def _note(self, code: str, start: int, end: int, path: YamlPath = (), **params: object) -> None:
        self.problems.append(self._describe(code, start, end, path, **params))
        if len(self.problems) >= _MAX_PROBLEMS:
            raise _StopReadingError

    def _warn(self, code: str, start: int, end: int, path: YamlPath) -> None:
        if len(self.warnings) < _MAX_PROBLEMS:
            self.warnings.append(self._describe(code, start, end, path))

    def _read_stream(self) -> None:
        self._next()
        event = self._next()
        if type(event).__name__ == "StreamEndEvent":
            self._note("EmptyFile", 0, 0)
            return
        if event.version and tuple(event.version) != (1, 2):
            self._note("YamlVersion", event.start_mark.index, event.end_mark.index)
        root = self._next()
        self.data = self._value(root, (), 1, (-1, -1), "")
        if not isinstance(self.data, dict):
            self._not_mapping()
        self._next()
        event = self._next()
        if type(event).__name__ == "DocumentStartEvent":
            self._note("ManyDocuments", event.start_mark.index, event.end_mark.index)

    def _not_mapping(self) -> None:
        start, end, *_ = self.marks[()]
        if start == end:
            self._note("EmptyFile", start, end)
            return
        found = _clip(self.text[start:end])
        self.failure = self._describe("TopLevelNotMapping", start, end, found=f"“{found}”")
        self.window = (start, end)

    def _fail(self, error: Any) -> None:
        said = str(getattr(error, "problem", None) or error)
        mark = getattr(error, "problem_mark", None) or self._event.end_mark
        context = getattr(error, "context_mark", None)
        code = next(
            (name for name, says in _PARSER_SAYS.items() if any(map(said.__contains__, says))), "BadYaml"
        )
        at = min(mark.index, len(self.text))
        if code == "BadStart" and self.text[at : at + 1] == "\t":
            code = "TabIndent"
        if code in ("BadIndent", "BadYaml") and self.text[at : at + 1] in ("]", "}"):
            code = "StrayBracket"
        if code == "UnclosedQuote" and "quoted" not in str(getattr(error, "context", "")):
            code = "BadYaml"
        opening = context.index if context and code in _POINT_AT_BEGINNING else at
        found = self.text[at : at + 1] if code == "StrayBracket" else _clip(self.text[at : at + 20]) or "…"
        self.failure = self._describe(code, opening, opening, found=found, detail=_clip(said))
        start = self._event.start_mark.index if self._event else 0
        self.window = (min(start, opening), at)

    def _value(self, event: Any, path: YamlPath, depth: int, key: tuple[int, int], flow: str) -> object:
        """Reads one node; recursion is bounded by the depth limit."""
        kind = type(event).__name__
        start = event.start_mark.index
        if kind == "AliasEvent":
            return self._alias(event, path, depth, key)
        anchor = event.anchor
        if anchor is not None:
            self._anchors[anchor] = None
            found = _ANCHOR.match(self.text, start)
            start = min(found.end(), event.end_mark.index) if found and kind == "ScalarEvent" else start
        if event.tag is not None:
            written = _TAG.search(self.text, start, event.end_mark.index)
            tag = written[0] if written else event.tag
            self._note("ExplicitTag", start, event.end_mark.index, path, found=_clip(tag))
        if kind == "ScalarEvent":
            end = event.end_mark.index
            self.marks[path] = (start, end, *key, True)
            value = self._scalar(event, path, start, end, flow)
        elif depth > MAX_DEPTH:
            self._note("TooDeep", start, start, path[:4], wanted=MAX_DEPTH)
            raise _StopReadingError
        else:
            self.marks[path] = (start, start, *key, False)  # takes its place before its children
            read = self._mapping if kind == "MappingStartEvent" else self._sequence
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
        while type(event).__name__ != "SequenceEndEvent":
            place = (*path, len(items))
            items.append(self._value(event, place, depth + 1, (-1, -1), "[" if flow else ""))
            event = self._next()
        return items

    def _mapping(self, path: YamlPath, depth: int, flow: bool) -> dict[str, object]:
        entries: dict[str, object] = {}
        firsts: dict[str, int] = {}
        event = self._next()
        while type(event).__name__ != "MappingEndEvent":
            span = (event.start_mark.index, event.end_mark.index)
            plain = type(event).__name__ == "ScalarEvent" and not event.style
            key, span = self._key(event, path, depth, span)
            place = (*path, key)
            if key in entries:
                first = firsts.setdefault(key, self.draft.origin(self.marks[place][2]))
                line, _ = self.lines.position(first)
                self._note("DuplicateKey", *span, place, found=_clip(key), line=line)
            value = self._value(self._next(), place, depth + 1, span, "{" if flow else "")
            entries[key] = value
            if plain:
                self._check_key(key, place, span, value)
            event = self._next()
        return entries

    def _key(
        self, event: Any, path: YamlPath, depth: int, span: tuple[int, int]
    ) -> tuple[str, tuple[int, int]]:
        if type(event).__name__ == "ScalarEvent" and event.anchor is None and event.tag is None:
            key: str = event.value
            if event.style or (key[:1].isalpha() and key not in _CONSTANTS):
                return key, span
            if key == "<<":
                self._note("MergeKey", *span, path)
            elif not isinstance(_resolve(key), str):
                self._note("NonStringKey", *span, path, found=key or "(empty)", wanted=key)
            return key, span
        value = self._value(event, (*path, "?"), depth + 1, (-1, -1), "")
        self._forget((*path, "?"))
        if type(event).__name__ != "AliasEvent" and not isinstance(value, str):
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
            self._check_folding(path, start, end)
        if event.style:
            return text
        value = _resolve(text)
        if value.__class__ is str:
            if flow:
                self._check_flow(path, start, end, flow)
            elif "：" in text or ":" in text or text[0] in "-［｛":
                self._check_block(path, start, end, start - event.start_mark.index + event.start_mark.column)
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

    def _check_folding(self, path: YamlPath, start: int, end: int) -> None:
        raw = self.text[start:end]
        body = raw.partition("\n")[2] if raw.startswith(">") else raw
        if _JOINED_CJK.search(body):
            self._warn("FoldedChinese", start, end, path)

    def _check_key(self, key: str, path: YamlPath, span: tuple[int, int], value: object) -> None:
        start, end = span
        mark = self.marks[path]
        path = path[:-1]  # the key itself is the mistake
        empty = value is None and mark[0] == mark[1]
        if key[:1] in "\u3000\xa0" and key:
            self._note("WideSpace", start, end, path)
        elif key[:1] in "｛［" and key:
            self._note("FullWidthBracket", start, end, path, found=_clip(key))
        elif empty and "：" in key:
            for found in _GLUED.finditer(self.text, start, end):
                self._note("FullWidthColon" if found[0] == "：" else "FullWidthComma", *found.span(), path)
        elif empty and ":" in key and self.text[end : end + 1] != ":":
            at = self.text.index(":", start)
            self._note("MissingSpace", at, at + 1, path, found=":")

    def _check_flow(self, path: YamlPath, start: int, end: int, flow: str) -> None:
        """Finds items and entries that a full-width comma glued together."""
        raw = self.text[start:end]
        if "，" not in raw:
            return
        keys = list(_FLOW_KEY.finditer(raw))
        for found in keys:
            self._note("FullWidthComma", start + found.start(1), start + found.end(1), path)
        at = start + raw.index("，")
        if flow == "[" and not keys:
            if _WORDS_BY_COMMA.fullmatch(raw):
                self._note("FullWidthComma", at, at + 1, path)
            else:
                self._warn("FullWidthComma", at, at + 1, path)

    def _check_block(self, path: YamlPath, start: int, end: int, column: int) -> None:
        """Finds structure that became text, such as ``month：3`` on a line of its own."""
        raw = self.text[start:end]
        if raw[0] + raw[-1] in ("［］", "｛｝"):
            self._note("FullWidthBracket", start, end, path, found=_clip(raw))
            return
        own_line = not self.text[start - column : start].strip(" \t")
        keys = list(_KEY_LINE.finditer(raw))
        dashes = list(_DASH_LINE.finditer(raw))
        for found in [*keys, *(dashes if len(dashes) > 1 else [])]:
            if found.start() or own_line or len(keys) > 1:
                code = "FullWidthColon" if found[1] == "：" else "MissingSpace"
                self._note(code, start + found.start(1), start + found.end(1), path, found=found[1])


def _resolve(text: str) -> object:
    """The value of a plain scalar by the YAML 1.2 core schema; codes, times and dates stay text."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] not in "+-.0123456789" or len(text) > _LONGEST_NUMBER:
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    if _BASED.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text) and isfinite(number := float(text)):
        return number
    return text


def _candidates(draft: _Draft, window: tuple[int, int]) -> Iterator[tuple[_Mistake, re.Match[str]]]:
    """The possible mistakes on the lines of a window, from top to bottom."""
    first = max(draft.text.rfind("\n", 0, window[0]), draft.text.rfind("\r", 0, window[0])) + 1
    last = draft.text.find("\n", window[1])
    last = min(last if last >= 0 else len(draft.text), first + _WINDOW)
    found = [
        (match.start(1), rank, mistake, match)
        for rank, mistake in enumerate(_MISTAKES)
        for match in mistake.pattern.finditer(draft.text, first, last)
    ]
    for _, _, mistake, match in sorted(found, key=lambda item: item[:2]):
        yield mistake, match


def _diagnose(reader: _Reader) -> list[Problem]:
    """Mends the draft as long as that lets the parser go on; what was mended is what was wrong."""
    named: list[Problem] = []
    trials = min(_MAX_TRIALS, 1 + 8 * MAX_BYTES // (len(reader.text) + 1))
    while failure := reader.failure:
        for mistake, match in _candidates(reader.draft, reader.window):
            if not trials:
                return [*named, *reader.problems, *([] if named else [failure])]
            trials -= 1
            start, end = match.span(1)
            mended = _Reader(reader.draft.mended(start, end, mistake.mend(match[1])), reader.lines)
            if mended.failure is None or mended.progress > reader.progress:
                place = reader.lines.location(reader.draft.origin(start), reader.draft.origin(end))
                named.append(_problem(mistake.code, place, found=_clip(match[1])))
                reader = mended
                break
        else:
            return [*named, *reader.problems, failure]
    return [*named, *reader.problems]


def _refused_characters(lines: _Lines) -> list[Problem]:
    found = list(_REFUSED.finditer(lines.text))[:_MAX_REPORTED_CHARACTERS]
    return [
        _problem("ControlCharacter", lines.location(*match.span()), found=f"U+{ord(match[0]):04X}")
        for match in found
    ]


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
    lines = _Lines(file, text)
    if len(text) > MAX_BYTES:
        raise SchemaError(_problem("TooLarge", Location(file=file), wanted=MAX_BYTES // 2**20))
    if refused := _refused_characters(lines):
        raise SchemaError(*refused)
    reader = _Reader(_Draft(text), lines)
    if reader.failure or reader.problems:
        raise SchemaError(*_diagnose(reader))
    newline = _LINE_BREAK.search(text)
    return Source(file=file, text=text, data=reader.data, newline=newline[0] if newline else "\n", bom=bom,
                  warnings=tuple(reader.warnings), marks=reader.marks)  # fmt: skip


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
            raise SchemaError(_problem("IsDirectory", Location(file=file), found=file))
        with open(path, "rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise SchemaError(_problem("FileNotFound", Location(file=file), found=file)) from error
    except (OSError, ValueError) as error:
        detail = getattr(error, "strerror", None) or str(error)
        problem = _problem("Unreadable", Location(file=file), found=_clip(file), detail=detail)
        raise SchemaError(problem) from error
    if len(content) > MAX_BYTES:
        raise SchemaError(_problem("TooLarge", Location(file=file), wanted=MAX_BYTES // 2**20))
    return parse_source(_decode(content, file), file)


def _decode(content: bytes, file: str) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise SchemaError(_problem("WrongEncoding", Location(file=file), found="UTF-16"))
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8")
        if before.isascii() and _is_gb18030(content):
            problem = _problem("WrongEncoding", Location(file=file), found="GB18030 (Windows ANSI)")
            raise SchemaError(problem) from error
        place = _Lines(file, before.removeprefix("\ufeff")).location(len(before), len(before))
        raise SchemaError(_problem("NotUtf8", place, found=f"0x{content[error.start]:02X}")) from error


def _is_gb18030(content: bytes) -> bool:
    try:
        content.decode("gb18030")
    except UnicodeDecodeError:
        return False
    return True
