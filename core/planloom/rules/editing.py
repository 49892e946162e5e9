"""Changes of a plan file as edits of its text, so that comments and every untouched byte stay as they are.

A new key goes to the end of the mapping it belongs into, written as that mapping is: on a line of its own
with the same indentation, or between the braces. An edit only says what would be written; whoever applies it
reads the result and drops the edit if it is not what was meant.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from planloom.pasting import flow
from planloom.source import Source, YamlPath
from planloom_schemas.convert import plain
from planloom_schemas.finding import TextEdit
from planloom_schemas.rule import Fix


def edits_of(fix: Fix, source: Source, own: frozenset[str], reason: str) -> tuple[TextEdit, ...]:
    """The edits that a rule's fix asks for.

    Args:
        fix: ``set`` maps paths to values; ``remove`` names paths, or maps them to reasons.
        source: The plan file.
        own: The paths of items that only the plan file speaks of: to remove them is to delete their lines.
        reason: Why something is removed, where the fix gives no reason.
    """
    change = plain(fix.safe if fix.safe is not None else fix.unsafe) or {}
    edits = [
        edit for path, value in (change.get("set") or {}).items() for edit in _set(source, _keys(path), value)
    ]
    for path, why in _removals(change.get("remove"), reason):
        edits += _delete(source, _keys(path)) if path in own else _set(source, (*_keys(path), "remove"), why)
    return tuple(edits)


def _keys(path: str) -> YamlPath:
    return tuple(path.strip("/").split("/"))


def _removals(said: Any, reason: str) -> Iterator[tuple[str, str]]:
    if isinstance(said, Mapping):
        yield from ((str(path), str(why)) for path, why in said.items())
    else:
        names = [said] if isinstance(said, str) else said or []
        yield from ((str(path), reason) for path in names)


# ---- setting ----


def _set(source: Source, keys: YamlPath, value: object) -> Iterator[TextEdit]:
    known = max(length for length in range(len(keys) + 1) if keys[:length] in source.marks)
    place, rest = keys[:known], keys[known:]
    here = _at(source, place)
    if not rest and isinstance(here, dict) and isinstance(value, Mapping) and here:
        for key, inner in value.items():
            yield from _set(source, (*place, str(key)), inner)
    elif not rest:
        start, end = source.span(place)
        yield _edit(source, start, end, _gap(source, start) + flow(value))
    elif isinstance(here, dict) and here:
        yield _entry(source, place, here, rest, value)
    else:
        # Nothing below yet, or something that is no mapping: it becomes one.
        start, end = source.span(place)
        yield _edit(source, start, end, _gap(source, start) + flow(_nested(rest, value)))


def _entry(
    source: Source, place: YamlPath, here: dict[str, object], rest: YamlPath, value: object
) -> TextEdit:
    """A new key after the last one of a mapping."""
    last = source.span((*place, list(here)[-1]))[1]
    start, _ = source.span(place)
    if place and source.text[start] == "{":
        return _edit(source, last, last, f", {_line(rest, value)}")
    column = source.key_at((*place, next(iter(here)))).column - 1
    at = _line_end(source.text, last)
    lines = _block(rest, value, column)
    return _edit(source, at, at, "".join(source.newline + line for line in lines))


def _block(rest: YamlPath, value: object, column: int) -> list[str]:
    """The lines of a new key; a new collection has its item on a line of its own."""
    if len(rest) > 1 and not column:
        return [f"{flow(rest[0])}:", f"  {_line(rest[1:], value)}"]
    return ["".ljust(column) + _line(rest, value)]


def _line(rest: YamlPath, value: object) -> str:
    return f"{flow(rest[0])}: {flow(_nested(rest[1:], value))}"


def _nested(keys: YamlPath, value: object) -> object:
    for key in reversed(keys):
        value = {key: value}
    return value


# ---- deleting ----


def _delete(source: Source, keys: YamlPath) -> Iterator[TextEdit]:
    """Takes an entry out: its lines, or its part of the braces; an emptied mapping goes too."""
    if keys not in source.marks or not keys:
        return
    here = _at(source, keys[:-1])
    if isinstance(here, dict) and len(here) == 1 and len(keys) > 1:
        yield from _delete(source, keys[:-1])
        return
    start, end = source.key_span(keys)[0], source.span(keys)[1]
    text = source.text
    if text[source.span(keys[:-1])[0]] == "{" and len(keys) > 1:
        tail = text[end:]
        after = len(tail) - len(tail.lstrip(" \t"))
        if tail[after : after + 1] == ",":
            end += after + 1
            end += len(text[end:]) - len(text[end:].lstrip(" \t"))
        else:
            start = text.rfind(",", 0, start)
        yield _edit(source, start, end, "")
        return
    begin = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
    stop = _line_end(text, end)
    stop += 2 if text[stop : stop + 2] == "\r\n" else 1 if stop < len(text) else 0
    yield _edit(source, begin, stop, "")


# ---- the text ----


def _at(source: Source, keys: YamlPath) -> object:
    value: Any = source.data
    for key in keys:
        value = value[key]
    return value


def _gap(source: Source, at: int) -> str:
    """A blank where a value follows its colon."""
    return " " if source.text[at - 1 : at] == ":" else ""


def _line_end(text: str, at: int) -> int:
    ends = [end for end in (text.find("\n", at), text.find("\r", at)) if end >= 0]
    return min(ends, default=len(text))


def _edit(source: Source, start: int, end: int, text: str) -> TextEdit:
    return TextEdit(file=source.file, start=start, end=end, text=text)
