"""What people can paste into a plan file: values in one line, the line that states one, all lines at once."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from planloom.definitions import Definition, Path
from planloom.regexes import compiled
from planloom.stack import Stack
from planloom_schemas.errors import Problem
from planloom_schemas.statement import Edit

_BARE = r"[^\W\d_][\w \-—、。（）/%]*(?<! )"
# What may not stand in a file as it is: the reader takes it only in this form.
_REFUSED = "[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]"
_CONSTANTS = {True: "true", False: "false", None: "null"}


def flow(value: Any) -> str:
    """A value as one line of YAML that can be pasted."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow(key)}: {flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(inner) for inner in value) + "]"
    if (
        isinstance(value, str)
        and compiled(_BARE).fullmatch(value)
        and value.casefold() not in _CONSTANTS.values()
    ):
        return value
    if value is None or isinstance(value, bool):
        return _CONSTANTS[value]
    if isinstance(value, int):
        return str(value)
    import json  # most values need none of it

    text = json.dumps(value, ensure_ascii=False, default=str)
    return re.sub(_REFUSED, lambda found: f"\\u{ord(found[0]):04x}", text)


def said(value: Any) -> str:
    """What a definition says, in one line."""
    return flow(plain_of(value))


def plain_of(value: Any) -> Any:
    """A value in plain form, as JSON and YAML know it."""
    from planloom_schemas.convert import plain  # wanted only where something is wrong

    return plain(value)


def paste(path: Path, value: Any) -> str:
    """The line that states a value at a path: ``activities: {x: {on: {month: 3}}}``."""
    for key in reversed(path[1:]):
        value = {key: value}
    return f"{path[0]}: {flow(value)}"


def lines(stated: Mapping[Path, Any]) -> str:
    """What is stated at several paths: one line for each collection."""
    whole: dict[str, Any] = {}
    for path, value in stated.items():
        inner: Any = whole
        for key in path[:-1]:
            inner = inner.setdefault(key, {})
        inner[path[-1]] = value
    return "\n".join(f"{collection}: {flow(items)}" for collection, items in whole.items())


def on_top(stack: Stack, item: Path) -> list[Definition]:
    """What the plan file says of an item and of what lies in it."""
    top = stack.layers[-1]
    return [d for d in top.definitions if d.item[: len(item)] == item] if top.kind == "plan" else []


def line(stack: Stack, path: Path, value: Any) -> str:
    """The line that states a field in the plan file and keeps what is stated there of a fact's value."""
    if path[0] != "facts":
        return paste(path, value)
    kept = {d.key: plain_of(d.value) for d in on_top(stack, path[:-1]) if d.key == "value"}
    return paste(path[:-1], {**kept, path[-1]: value})


def edited(
    stack: Stack, item: Path, key: str, *, add: Sequence[Any] = (), take: Sequence[Any] = (), drop: Any = ()
) -> Any:
    """What the plan file has to say of a set, beside what it says already.

    Args:
        stack: The layers.
        item: Path of the item.
        key: The field that holds the set.
        add: Elements to add.
        take: Elements of others to take away.
        drop: Elements that it adds itself and should not.
    """
    stated = next((d.value for d in on_top(stack, item) if d.item == item and d.key == key), Edit())
    adds = [*(e for e in stated.add if e not in take and e not in drop), *add]
    takes = [*(e for e in stated.take if e not in add), *take]
    edit = {"add": plain_of(list(dict.fromkeys(adds))), "remove": plain_of(list(dict.fromkeys(takes)))}
    # What stands there already is said again, so that the line may take its place.
    stale = {"add": bool(stated.add and stated.take), "remove": False}
    return edit["add"] if not takes else {key: some for key, some in edit.items() if some or stale[key]}


def together(problems: Iterable[Problem]) -> str:
    """What several problems of one plan file offer for pasting, as one block; "" if fewer than two offer something."""
    offering = [problem for problem in problems if problem.paste]
    pastes = list(dict.fromkeys(problem.paste for problem in offering))
    if len(pastes) < 2 or len({problem.params.get("plan") for problem in offering}) > 1:
        return ""
    from planloom.source import parse_source

    whole: dict[str, Any] = {}
    for text in pastes:
        _put(whole, parse_source(text, "").data)
    return "\n".join(_block(whole))


def _put(whole: dict[str, Any], more: Any) -> None:
    for key, value in more.items():
        known = whole.get(key)
        if isinstance(known, dict) and isinstance(value, dict):
            _put(known, value)
        elif isinstance(known, list) and isinstance(value, list):
            known += [element for element in value if element not in known]
        else:
            whole.setdefault(key, value)


def _block(whole: dict[str, Any]) -> Iterable[str]:
    for collection, items in whole.items():
        if not isinstance(items, dict):
            yield f"{collection}: {flow(items)}"
            continue
        yield f"{collection}:"
        yield from (f"  {flow(key)}: {flow(item)}" for key, item in items.items())
