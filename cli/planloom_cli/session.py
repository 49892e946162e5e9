"""What the global options and the environment say, for one run of the program."""

import os
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pathlib import Path

    from planloom.discovery import Choice, Library
    from planloom.shelf import Shelf


class Session:
    """The settings of one run.

    Attributes:
        layer_path: Folders named with ``--layer-path``.
        plugins: Whether plugins of others take part.
        quiet: Whether notes are kept back.
    """

    def __init__(self) -> None:
        self.layer_path: list[str] = []
        self.plugins = True
        self.quiet = False
        self._shelf: Shelf | None = None

    def library(self) -> "Library":
        """Every layer on offer; those that cannot be read are told of, a folder that is none is an error.

        Raises:
            ProfileError: A folder of the layer path does not exist.
        """
        from planloom import regexes
        from planloom.discovery import discover
        from planloom_schemas.errors import ProfileError

        self._shelf = shelf()
        if self._shelf is not None:
            regexes.take(self._shelf)
        library = discover(self._folders(), self._choice(), self._shelf)
        missing = [problem for problem in library.problems if problem.code == "NoFolder"]
        if missing:
            raise ProfileError(*missing)
        return library

    def close(self) -> None:
        """Keep what this run compiled for the next."""
        if self._shelf is not None:
            from planloom import regexes

            regexes.put(self._shelf)

    def _folders(self) -> "tuple[Path, ...]":
        from pathlib import Path

        named = [folder for folder in os.environ.get("PLANLOOM_LAYER_PATH", "").split(os.pathsep) if folder]
        return tuple(Path(folder) for folder in dict.fromkeys([*self.layer_path, *named]))

    def _choice(self) -> "Choice":
        from planloom.discovery import Choice

        named = os.environ.get("PLANLOOM_PLUGINS")
        if not self.plugins:
            return Choice(names=frozenset())
        if named is None:
            return Choice()
        return Choice(names=frozenset(name.strip() for name in named.split(",") if name.strip()))


def session_of(ctx: click.Context) -> Session:
    """The settings of the run that a context belongs to."""
    session = ctx.find_object(Session)
    assert session is not None  # `Program.make_context` puts it there
    return session


def shelf() -> "Shelf | None":
    """Where layers that were read are kept for the next run: PLANLOOM_CACHE, or the user's folder for caches."""
    from pathlib import Path

    from planloom.shelf import Shelf

    named = os.environ.get("PLANLOOM_CACHE")
    if named is not None:
        return Shelf(Path(named)) if named.strip() else None
    home = os.path.expanduser("~")
    if sys.platform == "win32":
        caches = os.environ.get("LOCALAPPDATA", "")
    elif sys.platform == "darwin":
        caches = os.path.join(home, "Library", "Caches")
    else:
        caches = os.environ.get("XDG_CACHE_HOME") or os.path.join(home, ".cache")
    return Shelf(Path(caches, "planloom")) if os.path.isabs(caches) else None
