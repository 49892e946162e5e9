"""Mending files: a plan file or document with its findings repaired, byte for byte otherwise the same."""

import codecs
from collections.abc import Sequence
from pathlib import Path

from attrs import frozen

from planloom.checking import Checker, with_baseline
from planloom.reading import PLAN_FILES, read_content
from planloom.rules.baseline import Baseline
from planloom.rules.fixing import fix_text
from planloom.source import parse_source
from planloom_schemas.finding import Finding

MENDABLE = (*PLAN_FILES, ".md", ".markdown", ".txt")
"""The endings of files that can be mended; a .docx is never overwritten."""
_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


@frozen(kw_only=True)
class Mended:
    """A file before and after its findings were repaired.

    Args:
        file: The file as the user named it.
        before: Its bytes.
        after: Its bytes now; nothing is written.
        applied: The findings that are gone.
        refused: Findings whose repair would have made something else worse.
    """

    file: str
    before: bytes
    after: bytes
    applied: tuple[Finding, ...] = ()
    refused: tuple[Finding, ...] = ()

    def texts(self) -> tuple[str, str]:
        """The text before and after, for a comparison."""
        _, codec = _coding(self.before)
        return self.before.decode(codec), self.after.decode(codec)


def mend_file(
    path: Path, checker: Checker, *, unsafe: bool = False, baseline: Baseline | None = None
) -> Mended:
    """Repair what can be repaired in a file.

    Args:
        path: A file with one of the endings `MENDABLE`; any other stays as it is.
        checker: What a check needs.
        unsafe: Whether changes of wording and data are welcome too.
        baseline: Findings to leave alone.

    Raises:
        PlanloomError: The file cannot be checked.
    """
    content, file = read_content(path), str(path)
    report = checker.file(path)
    findings = with_baseline(report, baseline).findings if baseline else report.findings
    mark, codec = _coding(content)
    text = content[len(mark) :].decode(codec, errors="replace")
    if path.suffix.lower() not in MENDABLE or mark + text.encode(codec, errors="replace") != content:
        return Mended(file=file, before=content, after=content)

    def check(changed: str) -> Sequence[Finding]:
        if path.suffix.lower() in PLAN_FILES:
            return checker.plan_source(parse_source(changed, file)).findings
        return checker.document(changed.encode("utf-8"), file).findings

    fixed = fix_text(text, findings, check, unsafe=unsafe)
    after = mark + fixed.text.encode(codec)
    return Mended(file=file, before=content, after=after, applied=fixed.applied, refused=fixed.refused)


def _coding(content: bytes) -> tuple[bytes, str]:
    """The mark that a file begins with, and its encoding, as the readers take it."""
    if content[:2] in _UTF16:
        return content[:2], _UTF16[content[:2]]
    mark = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return b"", "gb18030"
    return mark, "utf-8"
