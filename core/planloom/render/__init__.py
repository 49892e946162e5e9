"""Plans as documents: every format that can be written, and writing a file whole or not at all."""

import errno
import os
import stat
from collections.abc import Callable, Collection, Mapping, Sequence
from importlib import import_module
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, cast

from planloom_schemas.errors import PlanloomError, Problem, RenderError, nearest
from planloom_schemas.plan import Plan

if TYPE_CHECKING:
    from planloom.render.layout import RequirementRow

__all__ = ["cannot_write", "format_of", "formats", "is_stream", "render_bytes", "write_whole"]

Renderer = Callable[[Plan], bytes]

# Format -> module and function; imported only when asked for, because some of them cost a second start.
_PRINTED = {"docx": "docx:render", "md": "markdown:render", "html": "html:render", "pdf": "pdf:render"}
_DATA = {"xlsx": "xlsx:render", "ics": "ics:render", "json": "json:render_json", "yaml": "json:render_yaml"}
# What WPS writes under names of its own.
_MEANT = {".wps": ".docx", ".et": ".xlsx"}
_ENDINGS = {".yml": "yaml", ".htm": "html", ".markdown": "md"}


def formats() -> tuple[str, ...]:
    """The names of all built-in formats."""
    return (*_PRINTED, *_DATA)


def format_of(path: str | PurePath, extra: Collection[str] = ()) -> str:
    """The format that a file name's ending asks for.

    Args:
        path: The file's name.
        extra: Further formats that plugins bring.

    Raises:
        RenderError: No format has this ending.
    """
    ending = PurePath(path).suffix.lower()
    name = _ENDINGS.get(ending, ending.removeprefix("."))
    if name in formats() or name in extra:
        return name
    raise _unknown(str(path), ending, extra)


def _unknown(file: str, ending: str, extra: Collection[str]) -> RenderError:
    known = [f".{name}" for name in (*formats(), *sorted(extra))]
    near = _MEANT.get(ending) or (nearest(ending, known) if ending else "")
    message = "{file}: no format has the ending {ending}" if ending else "{file}: its name has no ending"
    fix = "did you mean {near}? known endings: {known}" if near else "use one of the known endings: {known}"
    params = {"file": file, "ending": ending, "near": near, "known": " ".join(known)}
    return RenderError(Problem(code="UnknownFormat", message=message, params=params, fix=fix))


def render_bytes(
    plan: Plan,
    format: str,
    *,
    extra: Mapping[str, Renderer] | None = None,
) -> bytes:
    """The plan as a document: the same plan gives the same bytes.

    Args:
        plan: The plan.
        format: One of `formats()` or a key of ``extra``.
        extra: Further formats, name to function; a built-in name stays built in.

    Raises:
        RenderError: The format is unknown, needs something that is not installed, or its plugin fails.
    """
    if format in _DATA:
        return cast(Renderer, _function(_DATA[format]))(plan)
    if format in _PRINTED:
        printed = cast("Callable[[Plan, Sequence[RequirementRow]], bytes]", _function(_PRINTED[format]))
        return printed(plan, _requirements(plan))
    if extra and format in extra:
        return _from_plugin(plan, format, extra[format])
    raise _unknown(format, f".{format}", extra or ())


def _requirements(plan: Plan) -> "Sequence[RequirementRow]":
    if not plan.directives:
        return ()
    from planloom.requirements import requirement_rows

    return requirement_rows(plan)


def _function(where: str) -> object:
    module, name = where.split(":")
    return getattr(import_module(f"{__name__}.{module}"), name)


def _from_plugin(plan: Plan, format: str, renderer: Renderer) -> bytes:
    params: dict[str, object] = {"format": format}
    try:
        data: object = renderer(plan)
    except PlanloomError as error:  # which names the plugin
        raise RenderError(*error.problems) from error
    except (Exception, SystemExit) as error:
        params["reason"] = f"{type(error).__name__}: {error}"
        message = "the plugin that writes {format} failed: {reason}"
        raise RenderError(Problem(code="RendererFailed", message=message, params=params)) from error
    if not isinstance(data, bytes):
        params["type"] = type(data).__name__
        message = "the plugin that writes {format} should give bytes, but gave {type}"
        raise RenderError(Problem(code="RendererFailed", message=message, params=params))
    return data


# ---- writing ----

_REASONS: Mapping[int, tuple[str, str]] = {
    errno.EACCES: (
        "{file} cannot be written: no permission, or another program has it open",
        "close it in Word or WPS, or choose another folder",
    ),
    errno.ENOENT: ("{file} cannot be written: there is no folder {folder}", "create the folder first"),
    errno.ENOTDIR: ("{file} cannot be written: {folder} is not a folder", "choose another folder"),
    errno.EISDIR: ("{file} cannot be written: it is a folder", "add the name of a file"),
    errno.ENOSPC: ("{file} cannot be written: the disk is full", "make room and run the command again"),
    errno.EBADF: ("{file} cannot be written: it is closed", "leave it open, or write to a file with -o"),
    errno.EROFS: ("{file} cannot be written: the disk is read-only", "choose another folder"),
    errno.ENAMETOOLONG: ("{file} cannot be written: its name is too long", "choose a shorter name"),
}
_OTHER_REASON = ("{file} cannot be written: {reason}", "choose another name or folder")


def write_whole(path: Path, data: bytes) -> None:
    """Write a file whole or not at all; what stood there before stays until the new one is complete.

    Raises:
        RenderError: The file cannot be written; nothing is left behind.
    """
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if is_stream(path):
            path.write_bytes(data)
        else:
            # A link is followed, so that it stays a link.
            _replace(Path(os.path.realpath(path)), data)
    except (OSError, ValueError) as error:
        raise RenderError(cannot_write(str(path), error)) from error


def is_stream(path: Path) -> bool:
    """Whether a path is a pipe or a device: it is written into, for a file put in its place would destroy it."""
    return os.path.exists(path) and not os.path.isfile(path)


def _replace(target: Path, data: bytes) -> None:
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else None
    draft = _draft(target.parent)
    try:
        draft.write_bytes(data)
        if mode is not None:
            draft.chmod(mode)
        draft.replace(target)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _draft(folder: Path) -> Path:
    """A new empty file in the folder, with the rights a new file has there."""
    number = 0
    while True:
        draft = folder / f".planloom-{os.getpid()}-{number}"
        try:
            draft.touch(exist_ok=False)
        except FileExistsError:
            number += 1
        else:
            return draft


def cannot_write(file: str, error: Exception) -> Problem:
    """What is wrong where a file or a stream cannot be written."""
    number = error.errno if isinstance(error, OSError) else None
    number = errno.EACCES if number == errno.EPERM else number
    message, fix = _REASONS.get(number or 0, _OTHER_REASON)
    reason = getattr(error, "strerror", None) or str(error)
    params = {"file": file, "folder": str(Path(file).parent), "reason": reason}
    return Problem(code="CannotWrite", message=message, params=params, fix=fix)
