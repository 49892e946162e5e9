"""What parses and is hardly meant: full-width marks that glue keys, items and texts together.

Loaded only when a text holds such marks.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from planloom.source.messages import clip

_CJK = "\u3000-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
_JOINED_CJK = rf"[{_CJK}][ \t]*(?:\r\n|\r|\n)[ \t]*[{_CJK}]"
_KEY_LINE = r"(?m)^[ \t]*(?:- +)*[a-z][a-z0-9_-]*(：|:(?!//))"
_DASH_LINE = r"(?m)^[ \t]*(-)[^\s-]"
_FLOW_KEY = r"(，)\s*[a-z][a-z0-9_-]*[：:]"
_GLUED = r"：|，(?=[^，：]*：)"
_WORDS_BY_COMMA = r"(?a)[\w.-]+(?:，\s*[\w.-]+)+"
# Most files need one of these patterns or none; `re` compiles and keeps those that are used.


class Oddity(NamedTuple):
    """Something odd: a mistake, or else worth a warning."""

    code: str
    start: int
    end: int
    found: str = ""
    mistake: bool = True


def in_folded(text: str, start: int, end: int) -> Iterator[Oddity]:
    """Chinese lines that YAML joins with spaces."""
    raw = text[start:end]
    body = raw.partition("\n")[2] if raw.startswith(">") else raw
    if re.search(_JOINED_CJK, body):
        yield Oddity("FoldedChinese", start, end, mistake=False)


def in_key(text: str, key: str, start: int, end: int, empty: bool) -> Iterator[Oddity]:
    """A key that is really a key with its value, or begins with blanks or brackets."""
    if key[:1] in "\u3000\xa0" and key:
        yield Oddity("WideSpace", start, end)
    elif key[:1] in "｛［" and key:
        yield Oddity("FullWidthBracket", start, end, clip(key))
    elif empty and "：" in key:
        for found in re.compile(_GLUED).finditer(text, start, end):
            yield Oddity("FullWidthColon" if found[0] == "：" else "FullWidthComma", *found.span())
    elif empty and ":" in key and text[end : end + 1] != ":":
        at = text.index(":", start)
        yield Oddity("MissingSpace", at, at + 1, ":")


def in_flow(text: str, start: int, end: int, flow: str) -> Iterator[Oddity]:
    """Items and entries that a full-width comma glued together."""
    raw = text[start:end]
    if "，" not in raw:
        return
    keys = list(re.finditer(_FLOW_KEY, raw))
    for found in keys:
        yield Oddity("FullWidthComma", start + found.start(1), start + found.end(1))
    at = start + raw.index("，")
    if flow == "[" and not keys:
        yield Oddity("FullWidthComma", at, at + 1, mistake=re.fullmatch(_WORDS_BY_COMMA, raw) is not None)


def in_block(text: str, start: int, end: int, column: int) -> Iterator[Oddity]:
    """Structure that became text, such as ``month：3`` on a line of its own."""
    raw = text[start:end]
    if raw[0] + raw[-1] in ("［］", "｛｝"):
        yield Oddity("FullWidthBracket", start, end, clip(raw))
        return
    own_line = not text[start - column : start].strip(" \t")
    keys = list(re.finditer(_KEY_LINE, raw))
    dashes = list(re.finditer(_DASH_LINE, raw))
    for found in [*keys, *(dashes if len(dashes) > 1 else [])]:
        if found.start() or own_line or len(keys) > 1:
            code = "FullWidthColon" if found[1] == "：" else "MissingSpace"
            yield Oddity(code, start + found.start(1), start + found.end(1), found[1])
