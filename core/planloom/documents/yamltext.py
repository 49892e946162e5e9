"""Writes words as YAML and as templates so that they are read back as they are."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import cast

_CODES = "\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff"
_UNPRINTABLE = re.compile(f"[{_CODES}]")
_OPENING = re.compile(r"\{[{%#]")
_WRITTEN_OPENING = re.compile(r"\{\{ '(\{[{%#])' \}\}")
_SAFE = re.compile(r"[\u3400-\u9fff“《（][^\n\t#:{}\[\],&*!|>'\"%@`]*(?<![ \u3000\u00a0])")


def plain(text: str) -> str:
    """Words in one line, without characters that end a line or may not stand in a file."""
    return re.sub(r"\s+", " ", _UNPRINTABLE.sub(" ", text)).strip()


def literal(text: str) -> str:
    """A template that prints just these words."""
    return _OPENING.sub(lambda match: "{{ '" + match[0] + "' }}", text)


def as_text(template: str) -> str:
    """The words that `literal` was given."""
    return _WRITTEN_OPENING.sub(r"\1", template)


def scalar(text: str) -> str:
    """A text as YAML: bare where that is safe, otherwise in quotation marks."""
    if _SAFE.fullmatch(text) and not _UNPRINTABLE.search(text):
        return text
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(text, ensure_ascii=False))


def flow(value: object) -> str:
    """Plain data in one line; a list of one is the one."""
    if isinstance(value, Mapping):
        said = cast(Mapping[str, object], value)
        return "{" + ", ".join(f"{key}: {flow(each)}" for key, each in said.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        row = cast(Sequence[object], value)
        members = [flow(each) for each in row]
        is_names = all(isinstance(each, str) for each in row)
        return members[0] if len(members) == 1 and is_names else f"[{', '.join(members)}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        is_word = re.fullmatch(r"[0-9]{2}-[0-9]{2}|[0-9]{4}-[0-9]{2}-[0-9]{2}|[a-z]+|[0-9]+ days", value)
        return value if is_word and value not in ("true", "false", "null") else scalar(value)
    return "null" if value is None else str(value)
