"""What went wrong, where, and how to mend it: the one error family of planloom.

An error carries *problems*; a problem carries an English message id with ``{named}`` fields and the values for
them, so that whoever prints it can translate the message and never has to parse it.
"""

from collections.abc import Callable, Iterable, Mapping

from attrs import field

from planloom_schemas.records import frozen

Translate = Callable[[str], str]
"""Maps an English message id to the user's language; ``str`` (identity) leaves it in English."""


@frozen(kw_only=True, order=True)
class Location:
    """A place in a file a person wrote.

    Args:
        file: Path as the user named it.
        line: 1-based line; 0 where only the file, or what stands for one, is known.
        column: 1-based column in code points, 0 likewise.
        end_line: Last line, inclusive.
        end_column: Column after the last character.
    """

    file: str
    line: int = 1
    column: int = 1
    end_line: int | None = None
    end_column: int | None = None

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@frozen(kw_only=True, order=True)
class Party:
    """One layer that takes part in a disagreement, with what it says."""

    layer: str
    distribution: str = ""
    version: str = ""
    file: str = ""
    line: int = 0
    value: str = ""

    def __str__(self) -> str:
        shipped = f" ({self.distribution} {self.version})" if self.distribution else ""
        where = f"  {self.file}:{self.line}" if self.line else f"  {self.file}" if self.file else ""
        said = f"  {self.value}" if self.value else ""
        return f"{self.layer}{shipped}{where}{said}"


class Msg(str):
    """A value of a message that is itself a message id, to be translated where the message is."""

    __slots__ = ()


def _frozen_params(params: Mapping[str, object]) -> Mapping[str, object]:
    return dict(params)


@frozen(kw_only=True)
class Problem:
    """One thing that is wrong.

    Args:
        code: Stable CamelCase name, e.g. ``ValueConflict``.
        message: English message id with ``{named}`` fields.
        params: Values of the fields.
        path: The plan path concerned (``activities/x/on``), or "".
        location: Where it stands, if one place can be named.
        parties: Every layer concerned, sorted.
        fix: English message id of what to do, with the same params; or "".
        lead: English message id of words that come before the message and name what it is about; or "".
        paste: Text the user can paste as it is; or "".
    """

    code: str
    message: str
    params: Mapping[str, object] = field(factory=dict[str, object], converter=_frozen_params)
    path: str = ""
    location: Location | None = None
    parties: tuple[Party, ...] = ()
    fix: str = ""
    lead: str = ""
    paste: str = ""

    def text(self, translate: Translate = str) -> str:
        """The message in the user's language."""
        return self._filled(self.lead, translate) + self._filled(self.message, translate)

    def fix_text(self, translate: Translate = str) -> str:
        """What to do, in the user's language, or ""."""
        return self._filled(self.fix, translate)

    def _filled(self, message: str, translate: Translate) -> str:
        words = {
            key: translate(value) if isinstance(value, Msg) else value for key, value in self.params.items()
        }
        return translate(message).format(**words) if message else ""

    def sort_key(self) -> tuple[object, ...]:
        """A total order that does not depend on how the problem was found."""
        place = self.location or Location(file="", line=0, column=0)
        return (place.file, place.line, place.column, self.path, self.code, self.text(), self.parties)


def nearest(word: str, known: Iterable[str]) -> str:
    """The known name closest to ``word``, or "" if none is near."""
    from difflib import get_close_matches  # wanted only when something is misspelt

    matches = get_close_matches(word, sorted(known), n=1, cutoff=0.5)
    return matches[0] if matches else ""


class PlanloomError(Exception):
    """The root of all errors a user can cause or mend.

    Args:
        problems: Everything that is wrong, not only the first; kept sorted and without repeats.
    """

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*problems)
        unique = {problem.sort_key(): problem for problem in problems}
        self.problems: tuple[Problem, ...] = tuple(unique[key] for key in sorted(unique))

    def __str__(self) -> str:
        return "\n".join(
            f"{problem.location}: {problem.text()}" if problem.location else problem.text()
            for problem in self.problems
        )


class SchemaError(PlanloomError):
    """A file does not have the shape it must have."""


class PlanFileError(PlanloomError):
    """A plan file, the command's options or the facts do not allow composing."""


class ProfileError(PlanloomError):
    """A layer cannot be found, loaded or used."""


class ProfileClashError(ProfileError):
    """Two distributions or folders offer one name."""


class MergeConflictError(PlanloomError):
    """Layers contradict each other: content that disagrees, or requirements nobody can meet."""


class RenderError(PlanloomError):
    """A template or a document cannot be produced."""


class CalendarError(PlanloomError):
    """A date expression cannot be read or resolved."""
