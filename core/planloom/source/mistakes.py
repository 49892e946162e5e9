"""The likely mistakes of Chinese input, tried out one by one: loaded only when a file cannot be read.

When the parser stumbles, each likely mistake near that spot is mended on a draft and parsed again; only a
mistake whose mending lets the parser go on is reported, so full-width marks in ordinary text raise no alarm,
and one run finds all.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from planloom.source.messages import clip, problem
from planloom.source.places import Draft, Lines
from planloom.source.reader import Reader
from planloom_schemas.errors import Problem
from planloom_schemas.records import frozen

_MAX_TRIALS = 80
_MOST_CHARACTERS_TRIED = 16 * 1024 * 1024
_WINDOW = 20_000
_MAX_REPORTED_CHARACTERS = 20
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


def _candidates(draft: Draft, window: tuple[int, int]) -> Iterator[tuple[_Mistake, re.Match[str]]]:
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


def diagnose(reader: Reader) -> list[Problem]:
    """Mends the draft as long as that lets the parser go on; what was mended is what was wrong."""
    named: list[Problem] = []
    trials = min(_MAX_TRIALS, 1 + _MOST_CHARACTERS_TRIED // (len(reader.text) + 1))
    while failure := reader.failure:
        for mistake, match in _candidates(reader.draft, reader.window):
            if not trials:
                return [*named, *reader.problems, *([] if named else [failure])]
            trials -= 1
            start, end = match.span(1)
            mended = Reader(reader.draft.mended(start, end, mistake.mend(match[1])), reader.lines)
            if mended.failure is None or mended.progress > reader.progress:
                place = reader.lines.location(reader.draft.origin(start), reader.draft.origin(end))
                named.append(problem(mistake.code, place, found=clip(match[1])))
                reader = mended
                break
        else:
            return [*named, *reader.problems, failure]
    return [*named, *reader.problems]


def refused_characters(found: Iterable[re.Match[str]], lines: Lines) -> list[Problem]:
    """The problems of characters that may not stand in a file."""
    return [
        problem("ControlCharacter", lines.location(*match.span()), found=f"U+{ord(match[0]):04X}")
        for match in islice(found, _MAX_REPORTED_CHARACTERS)
    ]
