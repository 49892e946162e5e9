"""Baselines: the findings that were there when a plan began to be checked, set aside until they are mended.

A finding is known by its fingerprint: the rule, the path of its subject, the message and its values. Neither
line numbers nor counts of findings take part, so moving text about opens nothing and hides nothing; the
second of two equal findings has a fingerprint of its own.
"""

import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path, PurePath

from attrs import evolve

from planloom_schemas.convert import StructureError, plain
from planloom_schemas.errors import Location, Problem, SchemaError
from planloom_schemas.finding import Finding, Report
from planloom_schemas.records import frozen
from planloom_schemas.structuring import structure

FORMAT = "planloom-baseline/1"
_LENGTH = 16
_RAN = ("pass", "fail", "waived", "baselined")


@frozen(kw_only=True, order=True)
class Known:
    """One finding that was set aside; ``file`` is what was checked, seen from the baseline's folder."""

    file: str
    fingerprint: str
    code: str
    path: str = ""
    message: str = ""


@frozen(kw_only=True)
class Baseline:
    """The findings that were set aside, sorted."""

    format: str = FORMAT
    findings: tuple[Known, ...] = ()
    folder: Path = Path()

    def name_of(self, file: str) -> str:
        """How the baseline names a file: from its own folder, so that it means the same on every machine."""
        if not file:
            return ""
        try:
            relative = os.path.relpath(file, self.folder)
        except ValueError:  # another drive
            relative = file
        return PurePath(relative).as_posix()

    def of(self, file: str) -> dict[str, Known]:
        """What is set aside for a file, by fingerprint."""
        name = self.name_of(file)
        return {known.fingerprint: known for known in self.findings if known.file == name}


def fingerprints(findings: Iterable[Finding]) -> tuple[str, ...]:
    """The fingerprint of each finding, in the same order."""
    seen: Counter[str] = Counter()
    made: list[str] = []
    for finding in findings:
        said = [finding.code, finding.path, finding.message_id, plain(finding.data)]
        text = json.dumps(said, ensure_ascii=True, sort_keys=True, default=str)
        name = sha256(text.encode("ascii")).hexdigest()[:_LENGTH]
        seen[name] += 1
        made.append(name if seen[name] == 1 else f"{name}-{seen[name]}")
    return tuple(made)


def set_aside(findings: Sequence[Finding], known: Mapping[str, Known]) -> tuple[Finding, ...]:
    """The findings, with those that a baseline knows ``baselined``; what is waived stays so."""
    return tuple(
        evolve(finding, status="baselined") if finding.status == "open" and name in known else finding
        for finding, name in zip(findings, fingerprints(findings), strict=True)
    )


def grown(baseline: Baseline, file: str, report: Report) -> Baseline:
    """The baseline with all that is open or already set aside in a file, and nothing else of that file."""
    name = baseline.name_of(file)
    named = zip(report.findings, fingerprints(report.findings), strict=True)
    added = [
        Known(file=name, fingerprint=print_, code=one.code, path=one.path, message=one.message)
        for one, print_ in named
        if one.status != "waived"
    ]
    return _sorted(baseline, [*(known for known in baseline.findings if known.file != name), *added])


def shrunk(baseline: Baseline, file: str, report: Report) -> Baseline:
    """The baseline without what is mended in a file; what a rule that did not run would say stays."""
    name = baseline.name_of(file)
    ran = {outcome.code for outcome in report.outcomes if outcome.outcome in _RAN}
    found = set(fingerprints(report.findings))
    kept = [
        one
        for one in baseline.findings
        if one.file != name or one.code not in ran or one.fingerprint in found
    ]
    return _sorted(baseline, kept)


def _sorted(baseline: Baseline, findings: Iterable[Known]) -> Baseline:
    return evolve(baseline, findings=tuple(sorted(set(findings))))


def baseline_text(baseline: Baseline) -> str:
    """The baseline as its file holds it."""
    findings = [
        {
            "file": one.file,
            "code": one.code,
            "path": one.path,
            "fingerprint": one.fingerprint,
            "message": one.message,
        }
        for one in baseline.findings
    ]
    return json.dumps({"format": FORMAT, "findings": findings}, ensure_ascii=False, indent=2) + "\n"


def read_baseline(file: str | os.PathLike[str], *, may_lack: bool = False) -> Baseline:
    """The baseline of a file.

    Args:
        file: A file that `baseline_text` gave.
        may_lack: Whether a file that is not there is an empty baseline.

    Raises:
        SchemaError: There is no such file, or it is no baseline.
    """
    path = Path(file)
    folder = path.parent
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise ValueError("format")
        read = structure(_Written, data)
    except FileNotFoundError:
        if may_lack:
            return Baseline(folder=folder)
        message, fix = "there is no baseline {file}", "write one with --write-baseline"
        raise SchemaError(_problem("NoBaseline", message, fix, str(file))) from None
    except (OSError, ValueError, StructureError, RecursionError) as error:
        message = "{file} cannot be read as a baseline"
        fix = "name a file that --write-baseline wrote, or write it anew"
        raise SchemaError(_problem("BadBaseline", message, fix, str(file))) from error
    return Baseline(findings=tuple(sorted(set(read.findings))), folder=folder)


@frozen(kw_only=True)
class _Written:
    """What stands in the file."""

    format: str
    findings: tuple[Known, ...]


def _problem(code: str, message: str, fix: str, file: str) -> Problem:
    return Problem(
        code=code,
        message=message,
        params={"file": file},
        fix=fix,
        location=Location(file=file, line=0, column=0),
    )
