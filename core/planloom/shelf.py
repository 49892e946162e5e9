"""What reading a file gave, kept between runs in a folder: only reading is remembered, deciding never is.

Each environment keeps its own, so that two of them on one machine do not take each other's place.

What is kept is a pickle of schema classes and plain values. Reading it back admits nothing else, so that
whoever can write into the folder can spoil a plan but not run code; a file that is not exactly what was
written, or was written by another planloom or Python, is passed over.
"""

import io
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from importlib.util import source_hash
from pathlib import Path
from typing import Any

from planloom_schemas.records import frozen

try:
    import _pickle as pickle  # the half in C alone loads in a third of the time
except ImportError:
    import pickle  # type: ignore[no-redef]

_PROTOCOL = 5
_HOMES = ("planloom", "planloom_schemas")
_PLAIN = frozenset({("datetime", "date"), ("decimal", "Decimal")})


@frozen
class Shelf:
    """A folder of kept values, one file for each name; a folder that cannot be used keeps nothing.

    Args:
        folder: Made when something is kept for the first time.
    """

    folder: Path

    def take(self, name: str, made_of: Iterable[bytes]) -> Any:
        """The value kept under a name, or None if there is none made of just this."""
        head = _digest(_program(), *made_of)
        try:
            kept = self._file(name).read_bytes()
        except OSError:
            return None
        body = kept[2 * len(head) :]
        if kept[: len(head)] != head or kept[len(head) : 2 * len(head)] != _digest(body):
            return None
        try:
            return _Unpickler(io.BytesIO(body)).load()
        except pickle.UnpicklingError:  # somebody else wrote it
            return None

    def put(self, name: str, made_of: Iterable[bytes], value: object) -> None:
        """Keep a value; whoever reads meanwhile sees the old file or the new one, whole."""
        body = pickle.dumps(value, _PROTOCOL)
        file = self._file(name)
        draft = file.with_name(f"{file.name}.{os.getpid()}")
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft.write_bytes(_digest(_program(), *made_of) + _digest(body) + body)
            draft.replace(file)
        except OSError:
            with suppress(OSError):
                draft.unlink()

    def _file(self, name: str) -> Path:
        environment = _digest(*(home.encode() for home in _homes()))
        return self.folder / f"{name}-{environment.hex()}"


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """A class of planloom's own, or one of the few plain ones."""
        if (module, name) not in _PLAIN and module.partition(".")[0] not in _HOMES:
            raise pickle.UnpicklingError(f"{module}.{name}")
        found = super().find_class(module, name)
        if not isinstance(found, type):
            raise pickle.UnpicklingError(f"{module}.{name}")
        return found


def _digest(*parts: bytes) -> bytes:
    return source_hash(b"".join(len(part).to_bytes(8, "big") + part for part in parts))


def _homes() -> list[str]:
    """The folders that planloom itself stands in."""
    return [os.path.dirname(str(sys.modules[home].__file__)) for home in _HOMES]


@cache
def _program() -> bytes:
    """What changes with every change of Python and of planloom's own files."""
    seen = [sys.version]
    for home in _homes():
        for folder, folders, files in os.walk(home):
            folders.sort()
            stats = ((file, os.stat(os.path.join(folder, file))) for file in sorted(files))
            seen += (
                f"{file} {stat.st_mtime_ns} {stat.st_size}" for file, stat in stats if file.endswith(".py")
            )
    return "\n".join(seen).encode()
