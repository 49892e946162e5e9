"""Every hook a code plugin can implement. Most profiles are data and need none of them.

A plugin is a module or object behind an entry point of the group ``planloom.plugins``. It marks functions
with `hookimpl`. Hooks collect contributions; they never decide an order, and each plugin is called on its
own, so that one that fails is named and the rest goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from planloom_schemas.plan import Plan

hookspec = pluggy.HookspecMarker("planloom")
hookimpl = pluggy.HookimplMarker("planloom")

# ---- while composing ----


@hookspec
def planloom_filters() -> Mapping[str, Callable[..., object]]:  # type: ignore[empty-body]
    """Template filters by name; they get plain values and must return plain values."""


# ---- while checking ----


@hookspec
def planloom_rules() -> Iterable[Any]:  # type: ignore[empty-body]
    """Rules written in Python: functions marked with ``planloom.rules.python.rule``."""


# ---- reading and writing documents ----


@hookspec
def planloom_renderers() -> Mapping[str, Callable[[Plan], bytes]]:  # type: ignore[empty-body]
    """Renderers by file ending without the dot; each gives the whole file."""


@hookspec
def planloom_importers() -> Mapping[str, Callable[[bytes, str], str]]:  # type: ignore[empty-body]
    """Readers of documents by file ending without the dot; each gives Markdown.

    A reader gets the bytes and the name of the file. Headings, lists and tables of its Markdown are taken
    like those of an .md file, so the document can be imported and checked. An ending that planloom reads
    stays its own.
    """
