"""Mending: repairs as edits of the text that was checked, kept only if the result is better.

Edits keep every byte they do not touch. After each pass the text is checked again: it must be readable, the
findings must be gone, and none may have come. Whatever fails that is dropped, so each pass leaves fewer
findings than the one before; nothing can go round in circles, and a second run changes nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from attrs import evolve

from planloom.pasting import paste
from planloom.rules.editing import edits_of
from planloom.rules.placing import keys_of, quote_spans
from planloom.source import Source
from planloom_schemas.convert import plain
from planloom_schemas.errors import PlanloomError
from planloom_schemas.finding import Finding, Repair, TextEdit
from planloom_schemas.plan import Provenance
from planloom_schemas.records import frozen

PASSES = 10
Check = Callable[[str], Sequence[Finding]]
"""Checks a changed text; raises `PlanloomError` if it cannot be read any more."""


# ---- repairs of a plan file ----


def with_edits(
    findings: Sequence[Finding], origins: Mapping[str, Provenance], source: Source
) -> tuple[Finding, ...]:
    """The findings of a plan file, each repair with the edits it means there, or with a line to paste.

    Args:
        findings: What was found.
        origins: The provenance of the plan.
        source: The plan file.
    """
    replaced = [one if _wants_replacing(one) else evolve(one, quote="") for one in findings]
    spans = quote_spans(replaced, source)
    shared = _shared(source)
    own = _own_items(origins, source)
    return tuple(
        _with_edits(one, origins, source, spans.get(n), own, shared) for n, one in enumerate(findings)
    )


def _wants_replacing(finding: Finding) -> bool:
    """Whether what is quoted has only to be replaced by what is wanted."""
    repair = finding.repair
    return repair is not None and repair.safe and repair.change is None and not repair.edits


def _with_edits(
    finding: Finding,
    origins: Mapping[str, Provenance],
    source: Source,
    span: tuple[int, int] | None,
    own: frozenset[str],
    shared: frozenset[tuple[int, int]],
) -> Finding:
    repair = finding.repair
    if repair is None or repair.edits:
        return finding
    if repair.change is not None:
        if repair.change.safe is None and repair.change.unsafe is None:
            return finding
        edits = edits_of(repair.change, source, own, finding.title)
        return evolve(finding, repair=evolve(repair, edits=edits))
    if span is not None and not _is_shared(span, shared):
        edit = TextEdit(file=source.file, start=span[0], end=span[1], text=_wanted(finding))
        return evolve(finding, repair=evolve(repair, edits=(edit,)))
    return evolve(finding, repair=Repair(manual=_to_paste(finding, origins)))


def _wanted(finding: Finding) -> str:
    return str(finding.data.get("wanted", ""))


def _shared(source: Source) -> frozenset[tuple[int, int]]:
    """The places of the texts that are used more than once (``*name``)."""
    places = Counter((start, end) for start, end, *_, scalar in source.marks.values() if scalar)
    return frozenset(place for place, times in places.items() if times > 1)


def _is_shared(span: tuple[int, int], shared: frozenset[tuple[int, int]]) -> bool:
    """Whether a place lies in a text that is used in several places, so that an edit would change them all."""
    return any(start <= span[0] and span[1] <= end for start, end in shared)


def _own_items(origins: Mapping[str, Provenance], source: Source) -> frozenset[str]:
    """Paths of the items and values that only the plan file speaks of."""
    return frozenset(
        path
        for path, provenance in origins.items()
        if provenance.holds
        and all(one.origin.file == source.file for one in (*provenance.holds, *provenance.beat))
    )


def _to_paste(finding: Finding, origins: Mapping[str, Provenance]) -> str:
    """The line of the plan file that says an inherited text anew, or "" if it cannot be made."""
    keys = keys_of(finding.path)
    provenance = origins.get("/".join(keys))
    said = provenance.holds[0].value if provenance and provenance.holds else None
    if not isinstance(said, str) or said.count(finding.quote) != 1:
        return ""
    return paste(keys, plain(said).replace(finding.quote, _wanted(finding)))


# ---- applying ----


@frozen(kw_only=True)
class Fixed:
    """A text that was mended.

    Args:
        text: The text now.
        applied: The findings that are gone.
        refused: Findings whose repair would have made something else worse.
    """

    text: str
    applied: tuple[Finding, ...] = ()
    refused: tuple[Finding, ...] = ()


def fix_text(text: str, findings: Sequence[Finding], check: Check, *, unsafe: bool = False) -> Fixed:
    """Mend a text as far as its findings know how.

    Args:
        text: What was checked.
        findings: What was found, with edits (`with_edits`).
        check: Checks a changed text again.
        unsafe: Whether changes of wording and data are welcome too.
    """
    state = _State(text=text, findings=findings)
    for _ in range(PASSES):
        wanted = [one for one in _fixable(state.findings, unsafe) if _place(one) not in state.refused]
        if not wanted:
            break
        state = _pass(state, _apart(wanted), check)
    return Fixed(text=state.text, applied=state.applied, refused=tuple(state.refused.values()))


def _fixable(findings: Iterable[Finding], unsafe: bool) -> list[Finding]:
    return [
        one
        for one in findings
        if one.status == "open" and one.repair and one.repair.edits and (unsafe or one.repair.safe)
    ]


def _place(finding: Finding) -> tuple[object, ...]:
    return finding.code, finding.message_id, finding.path, finding.quote


def _apart(findings: Iterable[Finding]) -> list[Finding]:
    """As many findings as have edits that do not touch each other; the rest comes in the next pass."""
    taken: list[TextEdit] = []
    chosen: list[Finding] = []
    for finding in findings:
        edits = finding.repair.edits if finding.repair else ()
        if not any(_touch(edit, other) for edit in edits for other in taken):
            taken += edits
            chosen.append(finding)
    return chosen


def _touch(one: TextEdit, other: TextEdit) -> bool:
    if one.start == one.end or other.start == other.end:
        return one.start <= other.end and other.start <= one.end
    return one.start < other.end and other.start < one.end


@frozen(kw_only=True)
class _State:
    """How far mending has come."""

    text: str
    findings: Sequence[Finding]
    applied: tuple[Finding, ...] = ()
    refused: Mapping[tuple[object, ...], Finding] = {}


def _pass(state: _State, chosen: list[Finding], check: Check) -> _State:
    """Some repairs at once; if the result is not better, each for itself."""
    at_once = _tried(state, chosen, check)
    if at_once is not None:
        return at_once
    for place in dict.fromkeys(map(_place, chosen)):
        # Found anew, because the repairs before it have moved it.
        one = next((one for one in state.findings if _place(one) == place), None)
        if one is not None:
            tried = _tried(state, [one], check) if len(chosen) > 1 else None
            state = tried or evolve(state, refused={**state.refused, place: one})
    return state


def _tried(state: _State, chosen: list[Finding], check: Check) -> _State | None:
    """The state after some repairs, or None if it would be no better than before."""
    text = edited(state.text, (edit for one in chosen if one.repair for edit in one.repair.edits))
    try:
        findings = check(text)
    except PlanloomError:
        return None
    before, after, gone = _tally(state.findings), _tally(findings), _tally(chosen)
    if any(after[what] > before[what] - gone[what] for what in before | after):
        return None
    return evolve(state, text=text, findings=findings, applied=(*state.applied, *chosen))


def _tally(findings: Iterable[Finding]) -> Counter[tuple[str, str, str]]:
    """How often each thing is found; paths take no part, because those of documents change with the text."""
    return Counter((one.code, one.message_id, one.quote) for one in findings)


def edited(text: str, edits: Iterable[TextEdit]) -> str:
    """The text with edits that do not touch each other."""
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end), reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text
