"""The report as JSON: the published format, with columns in UTF-16 units for editors that count so."""

import json
from typing import Any

from planloom.reports.texts import Texts
from planloom_schemas.convert import report_to_json
from planloom_schemas.errors import Translate
from planloom_schemas.finding import Finding, Report


def to_json(report: Report, texts: Texts, translate: Translate = str) -> str:
    """The report in JSON."""
    data: dict[str, Any] = report_to_json(report, translate)
    for written, finding in zip(data["findings"], report.findings, strict=True):
        written["utf16"] = _utf16(finding, texts)
    return json.dumps(data, ensure_ascii=False, indent=2, default=str) + "\n"


def _utf16(finding: Finding, texts: Texts) -> dict[str, int | None] | None:
    at = finding.location
    if at is None or not at.line:
        return None
    end = at.end_column and texts.utf16(at.file, at.end_line or at.line, at.end_column)
    return {"column": texts.utf16(at.file, at.line, at.column), "end_column": end}
