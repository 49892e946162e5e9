"""What scripts call: compose a plan, render it, read a plan file."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from planloom import planfile
from planloom.discovery import Choice, Library, discover
from planloom.pipeline import Request, compose_plan
from planloom.plugins import Plugins, load_plugins
from planloom_schemas.errors import RenderError
from planloom_schemas.layer import PlanFile
from planloom_schemas.plan import Plan

__all__ = ["Choice", "Library", "compose", "discover", "load_plan_file", "render"]

PathLike = str | os.PathLike[str]


def compose(
    source: PathLike | None = None,
    *,
    profiles: Sequence[str] = (),
    directives: Sequence[str] = (),
    facts: Mapping[str, object] | None = None,
    period: object = None,
    organisation: str | None = None,
    grant: Sequence[str] = (),
    layer_path: Iterable[PathLike] = (),
    library: Library | None = None,
    plugins: Plugins | None = None,
) -> Plan:
    """Compose a plan from a plan file, from arguments, or from both.

    Args:
        source: A plan file; None if the arguments say everything.
        profiles: Profiles to select; replaces the plan file's.
        directives: Directives (names or paths) in addition to the plan file's.
        facts: Fact id to value; wins over the plan file's.
        period: ``2027``, ``"2026-09/2027-08"``; wins over the plan file's.
        organisation: Wins over the plan file's.
        grant: Layers from elsewhere that may speak for law and upper union, beside those of the plan file.
        layer_path: Folders that hold layers, beside the installed ones.
        library: What `discover` gave, instead of ``layer_path``.
        plugins: What `planloom.plugins.load_plugins` gave; by default those of the library.

    Returns:
        The plan; `Plan.notes` says what was assumed.

    Raises:
        PlanloomError: Everything that is wrong, located; see `planloom_schemas.errors` for its kinds.
    """
    known = library or discover(tuple(Path(folder) for folder in layer_path))
    code = plugins if plugins is not None else load_plugins(known)
    request = Request(
        profiles=tuple(profiles), directives=tuple(directives), facts=dict(facts or {}), period=period,
        organisation=organisation, grant=tuple(grant),
    )  # fmt: skip
    return compose_plan(None if source is None else Path(source), request, known, code)


def load_plan_file(path: PathLike) -> PlanFile:
    """Read a plan file and check everything that can be checked without its layers.

    Raises:
        PlanloomError: It is not what a plan file must be; names every problem.
    """
    content: PlanFile = planfile.load_plan_file(Path(path)).content
    return content


def render(plan: Plan, path: PathLike, *, format: str | None = None, plugins: Plugins | None = None) -> None:
    """Write a plan as a document, whole or not at all.

    Args:
        plan: What `compose` gave.
        path: Where to; the ending chooses the format.
        format: The format, where the ending does not say it.
        plugins: Whose formats can be written beside the built-in ones; by default the installed plugins.

    Raises:
        RenderError: Nothing writes that format, or the file cannot be written.
    """
    from planloom.render import format_of, render_bytes, write_whole

    target = Path(path)
    asked = target if format is None else f"plan.{format}"
    extra: Mapping[str, Callable[[Plan], bytes]] = {}
    try:
        name = format_of(asked)
    except RenderError:
        # Only now, because finding the plugins takes longer than writing most formats.
        extra = (plugins if plugins is not None else load_plugins(discover())).renderers
        name = format_of(asked, extra)
    write_whole(target, render_bytes(plan, name, extra=extra))
