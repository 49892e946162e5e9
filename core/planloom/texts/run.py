"""One rendering: its errors, what it may cost, and how a value is printed."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, NoReturn

MAX_OUTPUT = 200_000
MAX_ITERATIONS = 10_000
MAX_WORK = 5_000_000
MAX_NUMBER = 10**15
MAX_FAULTS = 50


class Fault(NamedTuple):
    """One thing wrong with a text.

    Args:
        line: 1-based line of the template.
        message: English message id with ``{named}`` fields.
        params: Values of the fields.
        fix: English message id of what to do, with the same params; or "".
        name: What is missing (``staff``, ``activities['x']``), if that is the matter.
        code: Of the problem it is.
    """

    line: int
    message: str
    params: Mapping[str, object]
    fix: str = ""
    name: str | None = None
    code: str = "TemplateError"


class TextError(ValueError):
    """A text that cannot be read as a template, or not be rendered with these values.

    Args:
        problems: Everything that is wrong, in order of lines; the first also stands in the attributes
            ``line``, ``msgid``, ``params``, ``fix`` and ``name``.
    """

    def __init__(self, problems: Iterable[Fault]) -> None:
        unique = {(fault.line, fault.message, str(fault.params)): fault for fault in problems}
        self.problems: tuple[Fault, ...] = tuple(unique[key] for key in sorted(unique))
        self.line, self.msgid, self.params, self.fix, self.name, _ = self.problems[0]
        super().__init__(
            "; ".join(f"{fault.line}: {fault.message.format(**fault.params)}" for fault in self.problems)
        )


class Stop(Exception):  # noqa: N818 - it steers, and never leaves this module
    """Ends one output or statement; the rest of the text is still looked at for more problems."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


def stop(line: int, message: str, fix: str, missing: str | None = None, **params: object) -> NoReturn:
    """Raises a Stop with the fields as keywords."""
    raise Stop(Fault(line, message, params, fix, missing))


ABSENT: object = object()
"""What a name or an entry that does not exist reads as."""


class Run:
    """One rendering: the names in scope, what was written, what was spent."""

    __slots__ = ("faults", "iterations", "left", "room", "scope", "written")

    def __init__(self, context: Mapping[str, object]) -> None:
        self.scope = dict(context)
        self.written: list[str] = []
        self.faults: list[Fault] = []
        self.room = MAX_OUTPUT
        self.iterations = MAX_ITERATIONS
        self.left = MAX_WORK

    def note(self, stop: Stop) -> None:
        """Keeps a problem and goes on, within reason."""
        self.faults.append(stop.fault)
        if len(self.faults) > MAX_FAULTS:
            raise TextError(self.faults)

    def write(self, text: str, line: int) -> None:
        """Adds to the result."""
        self.written.append(text)
        self.room -= len(text)
        if self.room < 0:
            message = "the text grows past {most} characters"
            raise TextError([Fault(line, message, {"most": MAX_OUTPUT}, "make it shorter")])

    def spend(self, work: int, line: int, iterations: int = 0) -> None:
        """Counts what is done: nodes evaluated and characters handled."""
        self.left -= work
        self.iterations -= iterations
        if self.left < 0 or self.iterations < 0:
            message = "the text takes too long: more than {most} repetitions, or too much in each"
            raise TextError(
                [Fault(line, message, {"most": MAX_ITERATIONS}, "take out a loop, or loop over less")]
            )


Value = Callable[[Run], Any]
Step = Callable[[Run], None]


def printed(value: Any, line: int, said: str) -> str:
    """A value as it stands in the text; whole numbers without decimals, nothing but text and numbers."""
    kind = type(value)
    if kind is str:
        return str(value)
    if kind in {int, float} and abs(value) <= MAX_NUMBER:
        return str(int(value)) if value == int(value) else str(value)
    if value is None:
        stop(line, "{name} has no value", "state it, or give a value with default", said, name=said)
    fix = "join its members with join" if kind is list else "print a text or a number"
    return stop(line, "{name} cannot be printed", fix, name=said)
