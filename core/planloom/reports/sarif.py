"""SARIF 2.1.0, as the OASIS standard of 2020 lays it down: for code hosts and editors."""

import json
import re
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from planloom.reports import FailOn, exit_code
from planloom.reports.texts import Texts
from planloom.rules.baseline import fingerprints
from planloom.version import VERSION
from planloom_schemas.errors import Location, Problem, Translate
from planloom_schemas.finding import Finding, Report, RuleOutcome, TextEdit

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {"error": "error", "warn": "warning", "advice": "note"}
_ABSOLUTE = re.compile(r"(?:[A-Za-z]:)?/")
Data = dict[str, Any]


def to_sarif(
    report: Report, fail_on: FailOn = "error", translate: Translate = str, texts: Texts | None = None
) -> str:
    """The report in SARIF, with every rule in force, whether it found anything or not; ``texts`` for snippets."""
    code = exit_code(report, fail_on)
    places = {outcome.code: number for number, outcome in enumerate(report.outcomes)}
    prints = fingerprints(report.findings)
    run: Data = {
        "tool": {"driver": _driver(report)},
        "invocations": [_invocation(report, code, translate)],
        "columnKind": "unicodeCodePoints",
        "artifacts": [{"location": {"uri": uri_of(file)}} for file in report.files],
        "results": [
            _result(finding, print_, places[finding.code], texts or Texts())
            for finding, print_ in zip(report.findings, prints, strict=True)
        ],
    }
    data = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(data, ensure_ascii=False, indent=2, default=str) + "\n"


def uri_of(file: str) -> str:
    """A file as a URI: relative as it was named, or ``file:``; everything but plain ASCII is encoded."""
    path = PurePath(file).as_posix()
    if _ABSOLUTE.match(path):
        return "file:///" + quote(path.lstrip("/"), safe="/:", errors="replace")
    return quote(path, safe="/", errors="replace")


# ---- the tool and its run ----


def _driver(report: Report) -> Data:
    return {
        "name": "planloom",
        "semanticVersion": VERSION,
        "rules": [_rule(outcome) for outcome in report.outcomes],
        "properties": {"layers": [f"{ref.id} {ref.version}".strip() for ref in report.plugins]},
    }


def _rule(outcome: RuleOutcome) -> Data:
    rule: Data = {
        "id": outcome.code,
        "shortDescription": {"text": outcome.title or outcome.code},
        "defaultConfiguration": {"level": _LEVELS.get(outcome.severity, "warning")},
        "properties": {"outcome": outcome.outcome, "layer": outcome.layer},
    }
    if outcome.slug:
        rule["name"] = outcome.slug
    if outcome.help:
        rule["help"] = {"text": outcome.help}
    return rule


def _invocation(report: Report, code: int, translate: Translate) -> Data:
    crashed = [outcome for outcome in report.outcomes if outcome.outcome == "crashed"]
    notices = [
        *(_crash(outcome) for outcome in crashed),
        *(_notice(note, translate) for note in report.notes),
    ]
    return {
        "executionSuccessful": code in (0, 1),
        "exitCode": code,
        "toolExecutionNotifications": notices,
    }


def _crash(outcome: RuleOutcome) -> Data:
    return {
        "level": "error",
        "message": {"text": f"{outcome.plugin}: {outcome.error}"},
        "associatedRule": {"id": outcome.code},
    }


def _notice(note: Problem, translate: Translate) -> Data:
    notice: Data = {
        "level": "note",
        "descriptor": {"id": note.code},
        "message": {"text": note.text(translate)},
    }
    if note.location is not None and note.location.file:
        notice["locations"] = [{"physicalLocation": _place(note.location)}]
    return notice


# ---- findings ----


def _result(finding: Finding, print_: str, index: int, texts: Texts) -> Data:
    result: Data = {
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{finding.subject}: {finding.message}" if finding.subject else finding.message},
        "locations": [_location(finding, texts)],
        "partialFingerprints": {"planloom/v1": print_},
        "properties": {"binding": finding.binding, "status": finding.status, "messageId": finding.message_id},
    }
    if finding.chosen is not None:
        result["relatedLocations"] = [{"physicalLocation": _place(finding.chosen)}]
    if finding.status != "open":
        inside = finding.status == "waived"
        result["suppressions"] = [
            {
                "kind": "inSource" if inside else "external",
                "justification": finding.reason or finding.status,
            }
        ]
    if finding.repair is not None and finding.repair.edits:
        result["fixes"] = [_fix(finding.repair.edits, finding.help or finding.title)]
    return result


def _location(finding: Finding, texts: Texts) -> Data:
    location: Data = {}
    if finding.location is not None and finding.location.file:
        location["physicalLocation"] = _place(finding.location, texts.within(finding.location))
    name = finding.path or finding.trail or "/"
    location["logicalLocations"] = [{"fullyQualifiedName": name, "name": finding.subject or name}]
    return location


def _place(at: Location, snippet: str = "") -> Data:
    place: Data = {"artifactLocation": {"uri": uri_of(at.file)}}
    if at.line:
        region: Data = {"startLine": at.line, "startColumn": max(at.column, 1)}
        if at.end_line is not None and at.end_column is not None:
            region |= {"endLine": at.end_line, "endColumn": at.end_column}
            if snippet:
                region["snippet"] = {"text": snippet}
        place["region"] = region
    return place


def _fix(edits: Sequence[TextEdit], help: str) -> Data:
    files = sorted({edit.file for edit in edits})
    return {
        "description": {"text": help},
        "artifactChanges": [
            {
                "artifactLocation": {"uri": uri_of(file)},
                "replacements": [_replacement(edit) for edit in edits if edit.file == file],
            }
            for file in files
        ],
    }


def _replacement(edit: TextEdit) -> Data:
    deleted = {"charOffset": edit.start, "charLength": edit.end - edit.start}
    return {"deletedRegion": deleted, "insertedContent": {"text": edit.text}}
