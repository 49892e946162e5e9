"""Kinds that look at how a text is set: numbering and typography."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from planloom.regexes import compiled
from planloom.rules.cases import Case, Hit, NotApplicable
from planloom.rules.remembered import Clean
from planloom.rules.views import Subject
from planloom_schemas.records import frozen

# ---- numbering ----

_DIGITS = "一二三四五六七八九十"
_LABELS = (
    rf"(?P<n>[{_DIGITS}]{{1,3}})(?P<mark>、|[.．:：])",
    rf"[（(](?P<n>[{_DIGITS}]{{1,3}})[)）](?P<mark>、?)",
    # 1.5 is a number of its own, but 1.5月 is the first item, about May.
    r"(?P<n>[0-9]{1,2})(?P<mark>[.．、])(?!(?![0-9]{1,2}月|[0-9]{4}年)[0-9])",
    r"[（(](?P<n>[0-9]{1,2})[)）](?P<mark>、?)",
)
_BEGINNINGS = (_DIGITS, "（(", "0123456789", "（(")
_MERGED_MONTHS = rf"(?P<n>[{_DIGITS}]{{1,3}})、(?P<next>[{_DIGITS}]{{1,3}})月"
DEPTHS = len(_LABELS)


def cn_number(number: int) -> str:
    """One to ninety-nine in Chinese."""
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else _DIGITS[tens - 1] + "十"
    return head + (_DIGITS[ones - 1] if ones else "")


def _number(text: str) -> int:
    if text.isdecimal():
        return int(text)
    head, ten, tail = text.partition("十")
    if not ten:
        return _DIGITS.index(text) + 1 if text in _DIGITS else 0
    return (_DIGITS.index(head) + 1 if head else 1) * 10 + (_DIGITS.index(tail) + 1 if tail else 0)


@frozen
class Label:
    """A printed number: its depth (0 is 一、), its value, its words, and the words of its proper form."""

    depth: int
    number: int
    text: str
    proper: str


@lru_cache(maxsize=8192)
def label_of(line: str) -> Label | None:
    """The number a line begins with."""
    for depth, pattern in enumerate(_LABELS):
        match = compiled(pattern).match(line) if line[:1] in _BEGINNINGS[depth] else None
        if match and 0 < (number := _number(match["n"])) < 100:
            return Label(depth, number, match[0], label_text(depth, number))
    return None


def label_text(depth: int, number: int) -> str:
    """The proper form of a number: 一、（一）1.（1）."""
    word = cn_number(number) if depth < 2 else str(number)
    return (f"{word}、", f"（{word}）", f"{word}.", f"（{word}）")[depth]


def check_numbering(case: Case) -> Iterator[Hit]:
    """Numbers follow each other, restart only below a heading, have their form, and are not too deep."""
    counter = _Counter()
    depth = int(case.get("depth") or DEPTHS)
    seen = False
    for subject in case.texts():
        label = counter.label(subject)
        if label is None:
            continue
        seen = True
        end = 0 if subject.label else len(label.text)
        about = {"found": label.text, "wanted": label.proper}
        if label.text != label.proper:
            yield Hit(message="style", subject=subject, end=end, data=about, replacement=label.proper)
        if label.depth >= depth:
            data = {"found": label.depth + 1, "wanted": depth}
            yield Hit(message="deep", subject=subject, end=end, data=data, param="depth")
        message, wanted = counter.step(label)
        if message:
            yield Hit(message=message, subject=subject, end=end, data={**about, "wanted": wanted})
    if not seen:
        raise NotApplicable


# 附件：1. … begins the list of attachments.
_ATTACHMENT_NOTE = r"^\s*附件[：:]\s*(?=[0-9])"


class _Counter:
    """The last number seen at each depth."""

    def __init__(self) -> None:
        self.last: dict[int, int] = {}
        self.interrupted = False

    def label(self, subject: Subject) -> Label | None:
        line = (subject.label or "") + subject.text
        if "附件" in line:
            line = compiled(_ATTACHMENT_NOTE).sub("", line, count=1)
        label = label_of(line.lstrip())
        if label is not None and not (_is_merged_month(line) or _is_prose(subject, label)):
            return label
        if subject.level:
            self.last.clear()
        self.interrupted = True
        return None

    def step(self, label: Label) -> tuple[str, str]:
        """The message id, if the number does not follow, and what was wanted."""
        expected = self.last.get(label.depth, 0) + 1
        restarts = label.number == 1 and label.depth >= 2 and self.interrupted
        self.last = {depth: n for depth, n in self.last.items() if depth < label.depth} | {
            label.depth: label.number
        }
        self.interrupted = False
        if label.number == expected or restarts:
            return "", ""
        return "gap" if label.number > expected else "repeat", label_text(label.depth, expected)


def _is_merged_month(line: str) -> bool:
    """一、二月 and 七、八月 are two months in one row."""
    merged = compiled(_MERGED_MONTHS).match(line.lstrip()) if "月" in line else None
    return merged is not None and _number(merged["n"]) + 1 == _number(merged["next"])


def _is_prose(subject: Subject, label: Label) -> bool:
    """A line such as 一：… in running text, whose mark is none of a number."""
    return label.depth == 0 and label.text[-1] in ":：" and not subject.level


# ---- typography ----

# Patterns are compiled where something can match: sets of all Han take long.

_HAN = "\u3400-\u9fff"
_MARKS = "，。；：？！、”’》）"
_PAIRS = {"“": "”", "‘": "’", "《": "》", "（": "）", "「": "」", "【": "】"}
_CLOSING = {closing: opening for opening, closing in _PAIRS.items()}
_FULL = {",": "，", ";": "；", ":": "：", "?": "？", "!": "！", "(": "（", ")": "）"}
_DATE = r"(?<![0-9./-])((?:19|20)[0-9]{2})([./-])([0-9]{1,2})\2([0-9]{1,2})(?![0-9./-])"
_ZERO_DATE = (
    r"((?:19|20)[0-9]{2})年(0?[0-9]|1[0-2])月(?:([0-3]?[0-9])日)?|(?<![0-9])(0[1-9])月(?:([0-3]?[0-9])日)?"
)
_HALF = "|".join(
    (
        rf"(?<=[{_HAN}{_MARKS}])[,;:?!](?![/0-9])",
        rf"[,;:?!](?=[{_HAN}])",
        rf"(?<=[{_HAN}])\((?=[^()]*[{_HAN}])",
        rf"(?<=[{_HAN}{_MARKS}])\)",
    )
)
_HALF_MARKS = ",;:?!()"
_FULL_DIGITS = r"[０-９Ａ-Ｚａ-ｚ]+"
_FULL_CHARACTERS = frozenset(
    map(chr, (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B)))
)
_BLANKS = r"[ \t\u3000]*"
_SPACES = " \t\u3000"
_SPACE = rf"(?<=[{_HAN}])[ \t\u3000]+(?=[{_HAN}])"

_clean = Clean()

Fault = tuple[int, int, str]
"""Start, end, and what should stand there."""


def check_typography(case: Case) -> Iterator[Hit]:
    """Quotes come in pairs, dates are written out, marks are full-width, Han stand without spaces."""
    checks = [name for name in _CHECKS if name in case.params["checks"]]
    clean = _clean.of(tuple(checks))
    for subject in case.texts():
        if subject.text in clean:
            continue
        if not any(_faults(name, subject.text) for name in checks):
            clean.add(subject.text)
        for name in checks:
            for start, end, wanted in _faults(name, subject.text):
                found = subject.text[start:end]
                # A missing half cannot be put in by a machine: nobody knows where it belongs.
                replacement = None if name == "quotes" and len(found) == 1 and found != '"' else wanted
                yield Hit(
                    message=name,
                    subject=subject,
                    start=start,
                    end=end,
                    param="checks",
                    data={"found": found, "wanted": wanted},
                    replacement=replacement,
                )


@lru_cache(maxsize=32_768)
def _faults(name: str, text: str) -> tuple[Fault, ...]:
    return tuple(_CHECKS[name](text))


def _quotes(text: str) -> Iterator[Fault]:
    opened: list[tuple[str, int]] = []
    for at, char in enumerate(text):
        if char in _PAIRS:
            opened.append((char, at))
        elif char in _CLOSING and not _is_list_number(text, at):
            if opened and opened[-1][0] == _CLOSING[char]:
                opened.pop()
            else:
                yield at, at + 1, _CLOSING[char] + char
    for char, at in opened:
        yield at, at + 1, char + _PAIRS[char]
    if '"' in text and compiled(f"[{_HAN}]").search(text):
        for number, match in enumerate(re.finditer('"', text)):
            at = match.start()
            yield at, at + 1, "“" if number % 2 == 0 else "”"


def _is_list_number(text: str, at: int) -> bool:
    """1） or 一） at the beginning of a text."""
    return text[at] == "）" and at <= 3 and bool(re.fullmatch(rf"[0-9{_DIGITS}]+", text[:at].strip()))


def _has(text: str, characters: Iterable[str]) -> bool:
    return not set(text).isdisjoint(characters)


def _dates(text: str) -> Iterator[Fault]:
    for match in compiled(_DATE).finditer(text) if _has(text, "./-") else ():
        month, day = int(match[3]), int(match[4])
        if 1 <= month <= 12 and 1 <= day <= 31:
            yield match.start(), match.end(), f"{match[1]}年{month}月{day}日"
    padded = "年0" in text or "月0" in text or text.startswith("0") or compiled("[^0-9]0").search(text)
    for match in compiled(_ZERO_DATE).finditer(text) if padded else ():
        wanted = re.sub(r"(?<![0-9])0([0-9])", r"\1", match[0])
        if wanted != match[0]:
            yield match.start(), match.end(), wanted


def _width(text: str) -> Iterator[Fault]:
    # What is wrong with the number at the beginning is for the kind `numbering` to say.
    label = label_of(text)
    begins = len(label.text) if label else 0
    if _has(text[begins:], _HALF_MARKS):
        for match in compiled(_HALF).finditer(text, begins):
            # A blank after the mark goes with it: the full-width one has its own.
            blanks = compiled(_BLANKS).match(text, match.end())
            yield match.start(), blanks.end() if blanks else match.end(), _FULL[match[0]]
    for match in compiled(_FULL_DIGITS).finditer(text) if _has(text, _FULL_CHARACTERS) else ():
        yield match.start(), match.end(), "".join(chr(ord(char) - 0xFEE0) for char in match[0])


def _spaces(text: str) -> Iterator[Fault]:
    # 王 芳 and 地 点 are spread out on purpose.
    if len(text.strip()) > 4 and _has(text, _SPACES):
        for match in compiled(_SPACE).finditer(text):
            yield match.start(), match.end(), ""


_CHECKS: dict[str, Callable[[str], Iterator[Fault]]] = {
    "quotes": _quotes,
    "dates": _dates,
    "width": _width,
    "spaces": _spaces,
}
