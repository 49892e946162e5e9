"""Findings as people read them: what, where, the line itself, on which basis, and how to mend it."""

from collections.abc import Iterator, Mapping

from planloom.reports import summary_line, without_control
from planloom.reports.texts import Texts
from planloom_cli.console import place
from planloom_cli.messages import language, tr
from planloom_cli.width import pad, width
from planloom_schemas.finding import Finding, Report, RuleOutcome
from planloom_schemas.rule import Basis

_GAP = "   "
_BINDINGS = {"house": "house rule", "upper": "rule from above", "law": "law"}
_WIDEST_LINE = 96


def human(report: Report, texts: Texts) -> str:
    """The report for a terminal; what a baseline set aside is only counted."""
    ids = {ref.id: f"{ref.id} {ref.version}".strip() for ref in report.plugins}
    rules = {outcome.code: outcome for outcome in report.outcomes}
    blocks = [
        "\n".join(_finding(finding, rules[finding.code], texts, ids, report.titles))
        for finding in report.findings
        if finding.status != "baselined"
    ]
    blocks += ["\n".join(_idle(outcome, report.titles)) for outcome in report.outcomes if _says_why(outcome)]
    blocks.append(summary_line(report, tr))
    return "\n".join(blocks) + "\n"


def _clean(text: str) -> str:
    """Text in one line that no terminal takes for a command."""
    # The angle is not in GBK, which Chinese consoles may speak.
    return without_control(" ".join(text.splitlines())).replace(" › ", " · ")


def _finding(
    finding: Finding, rule: RuleOutcome, texts: Texts, ids: Mapping[str, str], titles: Mapping[str, str]
) -> Iterator[str]:
    state = f" [{tr(finding.status)}]" if finding.status != "open" else ""
    name = " ".join(word for word in (finding.code, finding.slug) if word)
    yield _clean(f"{tr(finding.severity)} {name}{state}  {finding.title}")
    yield f"  {_where(finding)}"
    yield from _quoted(finding, texts)
    if finding.chosen is not None:
        yield f"  {tr('chosen in')} {_clean(place(finding.chosen))}"
    if finding.status == "waived":
        yield f"  {tr('reason')} {_clean(finding.reason)}"
    yield f"  {_GAP.join(_clean(part) for part in _advice(finding, rule, ids, titles))}"


def _where(finding: Finding) -> str:
    at = finding.location
    part = finding.path.rpartition("/")[2] if _names_field(finding) else ""
    subject = f"{finding.subject}· {part}" if part else finding.subject
    is_document = bool(finding.trail)
    spot = (at.file if is_document else place(at)) if at else ""
    return _clean("  ".join(word for word in (spot, finding.trail, subject) if word))


def _names_field(finding: Finding) -> bool:
    """Whether the path ends in a field of the subject and not in the subject."""
    parts = finding.path.split("/")
    return len(parts) in (3, 5) and not finding.quote


def _quoted(finding: Finding, texts: Texts) -> Iterator[str]:
    """The line of the file, with what is wrong under it."""
    message = finding.message
    if finding.quote and finding.quote not in message and len(finding.quote) <= _WIDEST_LINE:
        message = f"「{finding.quote}」{message}"
    line = texts.line(finding.location)
    if line is None or finding.location is None:
        yield _clean(f"     └{message}")
        return
    number = str(finding.location.line)
    yield f"  {number} │ {_clean(_shortened(line, finding.location.column).replace(chr(9), '    '))}"
    yield f"  {pad('', width(number))} └{_clean(message)}"


def _shortened(line: str, column: int) -> str:
    """As much of a long line as shows what is meant."""
    if len(line) <= _WIDEST_LINE:
        return line
    start = max(0, min(column - 1 - _WIDEST_LINE // 3, len(line) - _WIDEST_LINE))
    return (
        ("…" if start else "")
        + line[start : start + _WIDEST_LINE]
        + ("…" if start + _WIDEST_LINE < len(line) else "")
    )


def _advice(
    finding: Finding, rule: RuleOutcome, ids: Mapping[str, str], titles: Mapping[str, str]
) -> Iterator[str]:
    layer = ids.get(rule.layer, rule.layer)
    colon, opening, closing = ("：", "（", "）") if language() == "zh" else (": ", " (", ")")
    bases = "、".join(_basis(basis, titles) for basis in finding.basis)
    house = tr(_BINDINGS[finding.binding]) + (f"{opening}{layer}{closing}" if layer else "")
    yield f"{tr('basis')} {bases or house}"
    repair = finding.repair
    by_hand = (repair.change.manual if repair and repair.change else "") or last_sentence(finding.help)
    if repair and repair.manual and not repair.change:
        yield f"{tr('fix')} {tr('write in the plan file')}{colon}{repair.manual}"
    elif by_hand:
        yield f"{tr('fix')} {by_hand}"
    if repair and repair.edits and finding.status == "open":
        yield tr("mend it with --fix") if repair.safe else tr("mend it with --unsafe-fixes")
    yield f"{tr('more')} planloom explain {finding.code}"


def last_sentence(text: str) -> str:
    """The last sentence of a help text, which says what to do."""
    sentences = [part.strip() for part in text.replace("。", "。\n").split("\n") if part.strip()]
    return sentences[-1].rstrip("。") if sentences else ""


def _basis(basis: Basis, titles: Mapping[str, str]) -> str:
    title = titles.get(basis.document, basis.document)
    edition = f"({basis.edition})" if basis.edition else ""
    state = "" if basis.verified else tr(" (not verified)")
    return f"《{title}》{edition}{basis.article}{state}"


# ---- rules that said nothing ----


def _says_why(outcome: RuleOutcome) -> bool:
    return outcome.outcome in ("unknown", "crashed")


def _idle(outcome: RuleOutcome, titles: Mapping[str, str]) -> Iterator[str]:
    name = " ".join(word for word in (outcome.code, outcome.slug) if word)
    yield _clean(f"{tr(outcome.outcome)} {name}  {outcome.title}".rstrip())
    if outcome.outcome == "crashed":
        yield _clean(f"  {outcome.plugin}  {outcome.error}")
        return
    if outcome.missing == ("period",):
        yield _clean("  " + tr("give --year 2027"))
        return
    facts = "、".join(
        f"{fact} ({titles[key]})" if (key := f"facts/{fact}") in titles else fact for fact in outcome.missing
    )
    yield _clean("  " + tr("state {facts} under facts: or with --set").format(facts=facts))
