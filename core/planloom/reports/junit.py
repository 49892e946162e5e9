"""JUnit's XML: one test case for each rule."""

from collections import defaultdict
from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from planloom.reports import summary_line, without_control
from planloom_schemas.errors import Translate
from planloom_schemas.finding import Finding, OutcomeName, Report, RuleOutcome

_SKIPPED: tuple[OutcomeName, ...] = ("not_applicable", "unknown", "waived", "baselined")


def to_junit(report: Report, translate: Translate = str) -> str:
    """The report as a test suite; a rule that did not run, or whose findings are waived, is skipped."""
    found: dict[str, list[Finding]] = defaultdict(list)
    for finding in report.findings:
        found[finding.code].append(finding)
    counts = report.counts()
    totals = (
        f'tests="{len(report.outcomes)}" failures="{counts["fail"]}" errors="{counts["crashed"]}" '
        f'skipped="{sum(counts[name] for name in _SKIPPED)}"'
    )
    notes = (f"{note.code}: {note.text(translate)}" for note in report.notes)
    said = "\n".join([summary_line(report, translate), *notes])
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="planloom" {totals}>',
        f"  <testsuite name={_value(', '.join(report.files) or 'planloom')} {totals}>",
        *(line for outcome in report.outcomes for line in _case(outcome, found[outcome.code], translate)),
        f"    <system-out>{_text(said)}</system-out>",
        "  </testsuite>",
        "</testsuites>",
    ]
    return "\n".join(lines) + "\n"


def _case(outcome: RuleOutcome, findings: list[Finding], translate: Translate) -> Iterator[str]:
    name = " ".join(word for word in (outcome.code, outcome.slug, outcome.title) if word)
    head = f"    <testcase classname={_value(outcome.layer or outcome.plugin)} name={_value(name)}"
    inner = _result(outcome, findings, translate)
    if inner:
        yield f"{head}>"
        yield f"      {inner}"
        yield "    </testcase>"
    else:
        yield f"{head}/>"


def _result(outcome: RuleOutcome, findings: list[Finding], translate: Translate) -> str:
    said = "\n".join(f"{one.location or ''} {one.subject}: {one.message}".strip() for one in findings)
    if outcome.outcome == "fail":
        open_ones = [finding for finding in findings if finding.status == "open"]
        first = open_ones[0].message if open_ones else ""
        return f"<failure type={_value(outcome.severity)} message={_value(first)}>{_text(said)}</failure>"
    if outcome.outcome == "crashed":
        return f"<error type={_value(outcome.plugin)} message={_value(outcome.error)}/>"
    if outcome.outcome not in _SKIPPED:
        return ""
    reasons = [*outcome.missing, *dict.fromkeys(finding.reason for finding in findings if finding.reason)]
    words = f"{translate(outcome.outcome)}: {'; '.join(reasons)}" if reasons else translate(outcome.outcome)
    return f"<skipped message={_value(words)}/>"


def _text(text: str) -> str:
    return escape(without_control(text, keep="\n\t"))


def _value(text: str) -> str:
    return quoteattr(without_control(text, keep="\n\t"), {"\n": "&#10;", "\t": "&#9;"})
