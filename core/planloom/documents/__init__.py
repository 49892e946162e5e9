"""Documents that people wrote: .docx, .md and .txt become the same view as a composed plan."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from attrs import evolve, field, frozen

from planloom.documents.paragraphs import Paragraph, joined
from planloom.documents.structure import Outline, outline_of
from planloom.documents.times import period_in
from planloom.documents.viewing import Vocabulary, view_of
from planloom.rules.views import View
from planloom_schemas.dates import On, Period
from planloom_schemas.errors import Location, PlanloomError, Problem, SchemaError
from planloom_schemas.plan import PlanDocument, PlanTag

__all__ = ["ENDINGS", "Document", "Reader", "is_document", "read_bytes", "read_document"]

ENDINGS = (".docx", ".docm", ".md", ".markdown", ".txt")
"""The endings of the documents that can be read."""

Reader = Callable[[bytes, str], str]
"""Turns the bytes of a document, with the name of its file, into Markdown."""


@frozen(kw_only=True)
class Document:
    """A document that was read.

    Args:
        file: Its name as the user gave it.
        period: What it is for: what was asked for, or what its title says; None if neither.
        paragraphs: Its paragraphs in reading order, those that a line break cut put together.
        outline: What they are.
        view: What rules look at.
    """

    file: str
    period: Period | None
    paragraphs: tuple[Paragraph, ...] = field(repr=False)
    outline: Outline = field(repr=False)
    view: View = field(repr=False)


def is_document(path: str | os.PathLike[str]) -> bool:
    """Whether the ending is that of a document that can be read."""
    return Path(path).suffix.lower() in ENDINGS


def read_document(
    path: str | os.PathLike[str],
    *,
    period: Period | None = None,
    tags: tuple[PlanTag, ...] = (),
    documents: tuple[PlanDocument, ...] = (),
    festivals: Mapping[str, On] | None = None,
    sections: Mapping[str, str] | None = None,
    readers: Mapping[str, Reader] | None = None,
) -> Document:
    """Read a document.

    Args:
        path: A .docx, .md or .txt file.
        period: What it is for; by default what its title says.
        tags: The vocabulary; an item has each tag of which a word occurs in it.
        documents: What texts may cite.
        festivals: Festivals that layers name.
        sections: Ids of sections to their titles; a section with a like title has the id.
        readers: Readers that plugins bring, by ending without the dot; a built-in one stays built in.

    Raises:
        SchemaError: It cannot be read; says why and what to do.
    """
    file = Path(path)
    try:
        content = file.read_bytes()
    except (OSError, ValueError) as error:
        raise SchemaError(_unreadable(str(path), error)) from None
    words = Vocabulary(tags=tags, documents=documents, festivals=festivals or {}, sections=sections or {})
    return read_bytes(content, str(path), period=period, words=words, readers=readers)


def read_bytes(
    content: bytes,
    file: str,
    *,
    period: Period | None = None,
    words: Vocabulary | None = None,
    readers: Mapping[str, Reader] | None = None,
) -> Document:
    """Read a document whose bytes are at hand; its name says what it is.

    Raises:
        SchemaError: It cannot be read; says why and what to do.
    """
    words = words or Vocabulary()
    paragraphs = tuple(joined(_paragraphs(content, file, readers or {})))
    if not paragraphs:
        message, fix = "{file} holds no text", "check that the text is not a picture"
        raise SchemaError(_problem("EmptyDocument", message, fix, file))
    outline = outline_of(paragraphs)
    stated = period or period_in(outline.heading)
    view = view_of(outline, paragraphs, stated, words, file)
    return Document(file=file, period=stated, paragraphs=paragraphs, outline=outline, view=view)


def _paragraphs(content: bytes, file: str, readers: Mapping[str, Reader]) -> tuple[Paragraph, ...]:
    """The paragraphs as they stand, by the ending of the name."""
    ending = Path(file).suffix.lower()
    if ending in (".docx", ".docm"):
        from planloom.documents.docx import read_docx

        return tuple(read_docx(content, file))
    from planloom.documents.text import decode, read_markdown, read_text

    if ending in (".md", ".markdown"):
        return tuple(read_markdown(decode(content, file)))
    if ending == ".txt":
        return tuple(read_text(decode(content, file)))
    if reader := readers.get(ending.removeprefix(".")):
        return tuple(read_markdown(_from_plugin(reader, content, file, ending)))
    if ending in (".doc", ".wps"):
        message = "{file} is a {ending} file"
        fix = "open it in Word or WPS, choose “Save as”, and choose .docx"
        raise SchemaError(_problem("OldWord", message, fix, file, ending=ending))
    message, fix = "{file}: documents with the ending {ending} cannot be read", "use one of: {known}"
    known = " ".join((*ENDINGS, *(f".{name}" for name in sorted(readers))))
    raise SchemaError(_problem("UnknownEnding", message, fix, file, ending=ending or "“”", known=known))


def _from_plugin(reader: Reader, content: bytes, file: str, ending: str) -> str:
    try:
        text: object = reader(content, file)
    except PlanloomError as error:  # which names the plugin
        at = Location(file=file, line=0, column=0)
        raise SchemaError(*(evolve(one, location=at) for one in error.problems)) from error
    except (Exception, SystemExit) as error:
        message = "the plugin that reads {ending} failed: {reason}"
        reason = f"{type(error).__name__}: {error}"
        problem = _problem("ImporterFailed", message, "", file, ending=ending, reason=reason)
        raise SchemaError(problem) from error
    if not isinstance(text, str):
        message = "the plugin that reads {ending} should give text, but gave {type}"
        problem = _problem("ImporterFailed", message, "", file, ending=ending, type=type(text).__name__)
        raise SchemaError(problem)
    return text


def _problem(code: str, message: str, fix: str, file: str, **params: object) -> Problem:
    given = {"file": file, **params}
    return Problem(
        code=code, message=message, fix=fix, params=given, location=Location(file=file, line=0, column=0)
    )


def _unreadable(file: str, error: Exception) -> Problem:
    if isinstance(error, FileNotFoundError):
        fix = "check the path and the spelling of the file name"
        return _problem("FileNotFound", "there is no file {file}", fix, file)
    if isinstance(error, IsADirectoryError):
        fix = "name the file inside the folder"
        return _problem("IsDirectory", "{file} is a folder, a file is wanted", fix, file)
    fix = "check that the file may be read and is not locked by another program"
    return _problem(
        "Unreadable",
        "{file} cannot be read: {detail}",
        fix,
        file,
        detail=getattr(error, "strerror", None) or str(error),
    )
