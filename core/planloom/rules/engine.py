"""The check: every rule is put to a view and has one outcome; what did not run never looks like a pass."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache, partial
from itertools import islice
from typing import TYPE_CHECKING

from attrs import evolve, field

from planloom.calendar import Calendar
from planloom.conditions import ConditionError, evaluate, missing, parse_condition
from planloom.rules.bindings import Bindings
from planloom.rules.cases import Case, Hit, NotApplicable, shown
from planloom.rules.kinds import CHECKS, demanded, selectors_of
from planloom.rules.limits import MOST, SECONDS, reason, within_limit
from planloom.rules.messages import SUBJECTS, fill
from planloom.rules.remembered import Remembered
from planloom.rules.select import Selection
from planloom.rules.views import View
from planloom_schemas.dates import On, Period
from planloom_schemas.errors import Translate
from planloom_schemas.finding import Finding, OutcomeName, Repair, RuleOutcome, TextEdit
from planloom_schemas.plan import PlanRule
from planloom_schemas.records import frozen

if TYPE_CHECKING:
    from planloom.rules.python import PythonRule, Remark

_IN_TIME = frozenset({"count", "window", "order", "coverage", "festival"})
_OF_A_YEAR = frozenset({"year", "era", "ordinal"})
"""Kinds, and checks of the kind `stale`, that mean nothing where the period is not known."""

Checked = tuple[tuple[Finding, ...], tuple[RuleOutcome, ...]]


def check_view(
    view: View,
    rules: Iterable[PlanRule],
    facts: Mapping[str, object],
    *,
    python_rules: Iterable["PythonRule"] = (),
    translate: Translate = str,
    seconds: float = SECONDS,
) -> Checked:
    """Put rules to a view.

    Args:
        view: What is checked.
        rules: The merged rules in force.
        facts: Fact id to value, defaults included; what is absent or None is missing.
        python_rules: Rules in Python that are in force.
        translate: Turns message ids into the user's language.
        seconds: How long one Python rule may take.

    Returns:
        The findings, sorted by place, and one outcome for each rule, sorted by code. Waivers and
        baselines change the status of findings afterwards; `settle` then gives the outcomes anew.
    """
    calendar = _same_calendar(view.period, tuple(view.festivals.items()))
    run = _Run(Selection(view), calendar, facts, translate, seconds)
    results = [run.rule(rule) for rule in rules] + [run.python_rule(rule) for rule in python_rules]
    findings = [finding for found, _ in results for finding in found]
    outcomes = sorted((outcome for _, outcome in results), key=lambda outcome: (outcome.code, outcome.plugin))
    return tuple(sorted(findings, key=_place)), tuple(outcomes)


@lru_cache(maxsize=256)
def _same_calendar(period: Period, festivals: tuple[tuple[str, On], ...]) -> Calendar:
    """One calendar for all plans of a period, so that comparing two takes no time."""
    return Calendar(period, dict(festivals))


def settle(findings: Iterable[Finding], outcomes: Iterable[RuleOutcome]) -> tuple[RuleOutcome, ...]:
    """The outcomes once findings were waived or baselined.

    crashed > fail > unknown > waived > baselined > pass.
    """
    statuses: dict[str, set[str]] = {}
    for finding in findings:
        statuses.setdefault(finding.code, set()).add(finding.status)
    return tuple(_after(one, statuses.get(one.code, set())) for one in outcomes)


def _after(outcome: RuleOutcome, statuses: set[str]) -> RuleOutcome:
    if outcome.outcome == "pass" and not statuses:
        return outcome
    name = _settled(outcome.outcome, statuses)
    return outcome if outcome.outcome == name else evolve(outcome, outcome=name)


def _settled(outcome: OutcomeName, statuses: set[str]) -> OutcomeName:
    if outcome in ("crashed", "unknown", "not_applicable"):
        return outcome
    if "open" in statuses:
        return "fail"
    return "waived" if "waived" in statuses else "baselined" if "baselined" in statuses else "pass"


def _place(finding: Finding) -> tuple[object, ...]:
    at = finding.location
    where = (at.file, at.line, at.column) if at else ("", 0, 0)
    return (*where, finding.path, finding.code, finding.message_id)


Result = tuple[list[Finding], RuleOutcome]
Became = Callable[..., RuleOutcome]


def _outcome_of(rule: PlanRule) -> Became:
    """Makes the outcomes of a rule; what many plans give is made once."""
    made = partial(
        RuleOutcome, code=rule.code, slug=rule.slug, title=rule.title, severity=rule.severity, help=rule.help,
        layer=rule.origin.layer, plugin=rule.origin.distribution or rule.origin.layer,
    )  # fmt: skip
    plain = {name: made(outcome=name) for name in _PLAIN}
    return lambda outcome, **more: made(outcome=outcome, **more) if more else plain[outcome]


_OF_ITEMS = frozenset({"require", "count", "window", "order", "coverage", "field", "total", "unique"})


def _sorts_of(rule: PlanRule) -> tuple[str, ...] | None:
    """The sorts of items that a rule looks at; None if it looks at anything beside items and times."""
    kind, params = demanded(rule)
    sorts = {selector.what for selector in selectors_of(rule.kind, rule.params)}
    if kind not in _OF_ITEMS or sorts & {"text", "citation"}:
        return None
    # A window may lie around an activity, and every section may have to be served.
    return tuple(sorted(sorts | {"activity"} | ({"section"} if params.get("every") == "section" else set())))


_looks_at = Remembered(_sorts_of)


def _nothing_yet(rule: PlanRule) -> dict[str, object]:
    return {}


_silent = Remembered(_nothing_yet)
"""What a rule last looked at without finding anything; from plan to plan most items are the same objects."""

_PLAIN: tuple[OutcomeName, ...] = ("pass", "fail", "not_applicable")
_became = Remembered(_outcome_of)


@frozen(eq=False)
class _Run:
    selection: Selection
    calendar: Calendar
    facts: Mapping[str, object]
    translate: Translate
    seconds: float
    _wordless: frozenset[str] = field(init=False)

    @_wordless.default  # pyright: ignore[reportAttributeAccessIssue]
    def _find_wordless(self) -> frozenset[str]:
        view = self.selection.view
        return frozenset(tag.id for tag in view.tags if not tag.words) if view.is_document else frozenset()

    def rule(self, rule: PlanRule) -> Result:
        became = _became(rule)
        try:
            if (gated := self._gate(rule.when, became)) is not None:
                return [], gated
            if self._is_blind(rule):
                return [], became(outcome="not_applicable")
            if self._is_timeless(rule):
                return [], became(outcome="unknown", missing=("period",))
            findings = self._findings(rule)
        except NotApplicable:
            return [], became(outcome="not_applicable")
        except Exception as error:
            return [], became(outcome="crashed", error=_said(error))
        return findings, became(outcome="fail" if findings else "pass")

    def _gate(self, when: str | None, became: Became) -> RuleOutcome | None:
        """The outcome of a rule that does not run, or None."""
        if when is None:
            return None
        condition = parse_condition(when)
        verdict = evaluate(condition, self.facts)
        if verdict is None:
            return became(outcome="unknown", missing=missing(condition, self.facts))
        return None if verdict else became(outcome="not_applicable")

    def _is_blind(self, rule: PlanRule) -> bool:
        """Whether the rule selects by a tag that no word recognises in a document."""
        if not self._wordless:
            return False
        selectors = selectors_of(rule.kind, rule.params)
        return any(tag in self._wordless for one in selectors for tag in (*one.tags, *one.all_tags))

    def _is_timeless(self, rule: PlanRule) -> bool:
        """Whether the rule asks for times in a document that does not say what year it is for."""
        if self.selection.view.is_period_known:
            return False
        kind, params = demanded(rule)
        if kind == "stale":
            return not _OF_A_YEAR.isdisjoint(params["checks"])
        return kind in _IN_TIME and params.get("every") != "section"

    def _findings(self, rule: PlanRule) -> list[Finding]:
        """What a rule finds; where it found nothing and all that it looks at is still the same, nothing again.

        Raises:
            NotApplicable: It has nothing to look at.
        """
        whats = _looks_at(rule)
        if whats is None:
            return self._found(rule)
        looked = (self.calendar, *map(self.selection.all, whats))
        before = _silent(rule)
        if before.get("looked") == looked:
            return []
        findings = self._found(rule)
        if not findings:
            before["looked"] = looked
        return findings

    def _found(self, rule: PlanRule) -> list[Finding]:
        profiles = rule.profiles if rule.scope == "own" else ()
        case = Case(self.selection, self.calendar, rule.params, profiles)
        check = CHECKS[rule.kind]
        hits = list(check(case))
        bindings = Bindings(rule, case, lambda other: list(check(other)))
        return list(self._told(rule, hits, bindings)) if hits else []

    def _told(self, rule: PlanRule, hits: list[Hit], bindings: Bindings) -> Iterator[Finding]:
        kind, _ = demanded(rule)
        for hit in hits:
            values = {**hit.data, "subject": self._name(hit)}
            yield evolve(
                self._finding(hit, fill(kind, hit.message, rule.messages, values, self.translate)),
                code=rule.code,
                slug=rule.slug,
                title=rule.title,
                severity=rule.severity,
                binding=bindings.of(hit),
                basis=rule.basis,
                help=rule.help,
                repair=_repair(hit, rule),
            )

    def _name(self, hit: Hit) -> str:
        return hit.subject.name if hit.subject else self.selection.view.title

    def _finding(self, hit: Hit, message: str) -> Finding:
        """A finding with everything that the hit knows; the head of the rule comes after."""
        subject, view = hit.subject, self.selection.view
        path = subject.path if subject else hit.path
        named = self.translate(SUBJECTS[subject.what if subject else "plan"])
        return Finding(
            code="",
            title="",
            severity="",
            binding="",
            message_id=hit.message,
            message=message,
            data={name: shown(value) for name, value in hit.data.items()},
            path=f"{path}/{hit.part}" if hit.part else path,
            subject=named.format(name=self._name(hit)) if subject else named,
            location=view.location(subject, hit.part, hit.start, hit.end) if subject else None,
            quote=hit.quote,
            trail=subject.trail if subject else "",
            origin=subject.origin if subject else None,
        )

    # ---- rules in Python ----

    def python_rule(self, rule: "PythonRule") -> Result:
        became = partial(
            RuleOutcome,
            code=rule.code,
            slug=rule.slug,
            title=rule.title,
            severity=rule.severity,
            help=rule.help,
            layer=rule.layer,
            plugin=rule.plugin or rule.layer,
        )
        try:
            if (gated := self._gate(rule.when, became)) is not None:
                return [], gated
            findings = within_limit(lambda: self._python_findings(rule), self.seconds)
        except NotApplicable:
            return [], became(outcome="not_applicable")
        except Exception as error:
            return [], became(outcome="crashed", error=_said(error))
        return findings, became(outcome="fail" if findings else "pass")

    def _python_findings(self, rule: "PythonRule") -> list[Finding]:
        from planloom.rules.python import Remark, RuleView

        given = rule.check(RuleView(self.selection, rule.profiles))
        remarks = list(islice(given, MOST + 1))
        for remark in remarks:
            if not isinstance(remark, Remark):
                raise TypeError(f"the rule yields {type(remark).__name__}, not findings")
        if len(remarks) > MOST:
            raise ValueError(f"the rule has more than {MOST} findings")
        return [self._remarked(rule, remark) for remark in remarks]

    def _remarked(self, rule: "PythonRule", remark: "Remark") -> Finding:
        values = {"subject": self._name(remark.hit), **remark.hit.data}
        message = self.translate(remark.text).format_map(
            {name: str(shown(value)) for name, value in values.items()}
        )
        return evolve(
            self._finding(remark.hit, message),
            code=rule.code,
            slug=rule.slug,
            title=rule.title,
            severity=rule.severity,
            binding="house",
            basis=rule.basis,
            help=rule.help,
        )


def _said(error: Exception) -> str:
    return str(error) if isinstance(error, ConditionError) else reason(error)


def _repair(hit: Hit, rule: PlanRule) -> Repair | None:
    """How a finding can be mended: a text replacement of its own, or what the rule says.

    A replacement whose place in the file is not known (a text out of a template) has no edits: what is
    written under ``quote`` becomes what ``data["wanted"]`` says.
    """
    if hit.replacement is not None and hit.subject:
        offset = hit.subject.offset(hit.start)
        end = hit.subject.offset(hit.end - 1) + 1
        if offset >= 0 and end - offset == hit.end - hit.start:
            edit = TextEdit(file=hit.subject.file, start=offset, end=end, text=hit.replacement)
            return Repair(safe=True, edits=(edit,))
        return Repair(safe=True)
    if rule.fix:
        return Repair(safe=rule.fix.safe is not None, change=rule.fix, manual=rule.fix.manual or "")
    return None
