"""Workflow commands of GitHub Actions: one annotation for each open finding, and one for whose code ran."""

from planloom.reports import code_plugins, open_findings, without_control
from planloom_schemas.finding import Finding, Report

_COMMANDS = {"error": "error", "warn": "warning", "advice": "notice"}


def to_github(report: Report) -> str:
    """The report as workflow commands."""
    plugins = ", ".join(code_plugins(report))
    notice = [f"::notice title=planloom::code plugins: {_data(plugins)}"] if plugins else []
    return "".join(f"{line}\n" for line in (*map(_command, open_findings(report)), *notice))


def _command(finding: Finding) -> str:
    at = finding.location
    place = {
        "file": at.file if at else "",
        "line": at.line if at else "",
        "endLine": (at.end_line or "") if at else "",
        "col": at.column if at else "",
        "endColumn": (at.end_column or "") if at else "",
        "title": " ".join(word for word in (finding.code, finding.slug, finding.title) if word),
    }
    properties = ",".join(f"{name}={_property(str(value))}" for name, value in place.items() if value)
    message = f"{finding.subject}: {finding.message}" if finding.subject else finding.message
    return f"::{_COMMANDS[finding.severity]} {properties}::{_data(message)}"


def _data(text: str) -> str:
    """Text after the second ``::``, where only three characters mean something."""
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return without_control(text)


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
