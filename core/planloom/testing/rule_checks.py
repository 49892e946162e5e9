"""Checks 13, 14, 17, 19 and 22: the rules of the layer, each on its own."""

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import evolve

from planloom.conditions import parse_condition
from planloom.rules.engine import check_view
from planloom.rules.planview import view_of_plan
from planloom.rules.proof import prove
from planloom.rules.trials import Trial, run_rule_tests, said
from planloom.testing.specimen import NothingToCheck, Specimen, wrong
from planloom_schemas.errors import Msg, Problem
from planloom_schemas.finding import Finding
from planloom_schemas.plan import PlanRule
from planloom_schemas.rule import Fix, Rule, RuleTest

NO_RULES = "the layer introduces no rules"
_LENGTH_OF_A_FIX = 3


def rules_of(specimen: Specimen) -> Mapping[str, Rule]:
    """The rules it introduces.

    Raises:
        NothingToCheck: There are none.
    """
    if not specimen.own_rules:
        raise NothingToCheck(NO_RULES)
    return specimen.own_rules


# ---- 13 and 22 ----


def has_both_cases(specimen: Specimen) -> Iterator[Problem]:
    """Every rule brings a case in which it complains and one in which it is content."""
    for code in rules_of(specimen):
        passed = [trial for trial in specimen.trials[code] if trial.is_passed]
        if not any(trial.wanted for trial in passed):
            yield wrong(
                "NoFiringCase",
                "{rule} has no case in which it complains as wanted",
                "add one under tests: with want: [message id]",
                f"rules/{code}",
                rule=code,
            )
        if not any(not trial.wanted for trial in passed):
            yield wrong(
                "NoSilentCase",
                "{rule} has no case in which it is content",
                "add one under tests: with want: []",
                f"rules/{code}",
                rule=code,
            )


def has_true_cases(specimen: Specimen) -> Iterator[Problem]:
    """Each case of each rule gives exactly what it wants."""
    for code in rules_of(specimen):
        for trial in specimen.trials[code]:
            if not trial.is_passed:
                yield _misbehaved(code, trial)


def _misbehaved(code: str, trial: Trial) -> Problem:
    if trial.missing:
        return wrong(
            "CaseWithoutFact",
            "{rule}, case “{name}”: the rule does not run, because {facts} is not stated",
            "state it under facts: of the case",
            f"rules/{code}",
            rule=code,
            name=trial.name,
            facts=", ".join(trial.missing),
        )
    got = trial.error or ", ".join(trial.got) or "-"
    return wrong(
        "CaseFails",
        "{rule}, case “{name}”: wanted {wanted}, got {got}",
        "change the rule or the case",
        f"rules/{code}",
        rule=code,
        name=trial.name,
        wanted=", ".join(trial.wanted) or "-",
        got=got,
    )


# ---- 14 ----


def can_fire_and_pass(specimen: Specimen) -> Iterator[Problem]:
    """For every rule there is a plan it complains of and one it accepts, made up or brought along."""
    plan = specimen.plan
    for rule in plan.rules:
        if not specimen.is_own(rule.code):
            continue
        bare = evolve(rule, when=None)
        proof = prove(
            [bare],
            plan.period,
            plan.facts,
            tags=plan.tags,
            documents=plan.documents,
            festivals=plan.festivals,
        )
        passed = [trial for trial in specimen.trials[rule.code] if trial.is_passed]
        if not proof.breaking and not any(trial.wanted for trial in passed):
            yield wrong(
                "DeadRule",
                "{rule} can never complain",
                "see its parameters; a rule that never fires says nothing",
                f"rules/{rule.code}",
                rule=rule.code,
            )
        if proof.satisfying is None and not any(not trial.wanted for trial in passed):
            yield wrong(
                "RuleWithoutPass",
                "{rule} complains of every plan",
                "see its parameters",
                f"rules/{rule.code}",
                rule=rule.code,
            )
    if not specimen.own_rules:
        raise NothingToCheck(NO_RULES)


# ---- 17 ----


class _Watched(dict[str, object]):
    """Facts of which none is known; remembers which were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def __getitem__(self, name: str) -> object:
        self.asked.append(name)
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        self.asked.append(str(name))
        return False

    def get(self, name: str, default: Any = None) -> Any:
        """The default, and a note that it was asked for."""
        self.asked.append(name)
        return default


def leaves_unknown_unknown(specimen: Specimen) -> Iterator[Problem]:
    """A rule that depends on a fact nobody stated passes no judgement."""
    view = view_of_plan(specimen.plan)
    depending = [rule for rule in specimen.plan.rules if specimen.is_own(rule.code) and rule.when]
    _, outcomes = check_view(view, depending, {})
    for outcome in outcomes:
        if outcome.outcome != "unknown" and _reads_facts(depending, outcome.code):
            yield _judged(outcome.code, "")
    for rule in specimen.python_rules:
        facts = _Watched()
        _, (outcome,) = check_view(evolve(view, facts=facts), (), {}, python_rules=[rule])
        if facts.asked and outcome.outcome != "unknown":
            yield _judged(rule.code, facts.asked[0])
    if not depending and not specimen.python_rules:
        raise NothingToCheck("no rule of the layer depends on facts")


def _reads_facts(rules: list[PlanRule], code: str) -> bool:
    condition = next(rule.when for rule in rules if rule.code == code)
    from planloom.conditions import missing

    return bool(condition and missing(parse_condition(condition), {}))


def _judged(code: str, fact: str) -> Problem:
    return wrong(
        "JudgesUnknown",
        "{rule} passes judgement although the fact {fact} is unknown",
        "name the fact in when:, so that the outcome is unknown",
        f"rules/{code}",
        rule=code,
        fact=fact or "-",
    )


# ---- 19 ----


def mends_what_it_finds(specimen: Specimen) -> Iterator[Problem]:
    """Each automatic fix, on the rule's own cases, takes the finding away, adds none, and then rests."""
    tried = False
    for code, rule in rules_of(specimen).items():
        fix = said(rule.fix, None) or Fix()
        changes = [change for change in (fix.safe, fix.unsafe) if change]
        for test in said(rule.tests, ()):
            for change in changes if test.want else ():
                tried = True
                yield from _mended(specimen, code, rule, test, change)
            if test.want and rule.kind in {"wording", "typography"} and test.text:
                tried = True
                yield from _reworded(specimen, code, rule, test)
    if not tried:
        raise NothingToCheck("no rule of the layer has an automatic fix")


def _mended(
    specimen: Specimen, code: str, rule: Rule, test: RuleTest, change: Mapping[str, Any]
) -> Iterator[Problem]:
    once = changed(test.plan, change)
    if changed(once, change) != once:
        yield _unmended(code, test, Msg("applied twice it changes the plan again"))
    mended: Rule = evolve(rule, tests=(evolve(test, plan=once, want=()),))  # type: ignore[misc]
    (trial,) = run_rule_tests(code, mended, specimen.layer.content)
    if trial.got:
        yield _unmended(code, test, f"{', '.join(trial.got)}")


def _unmended(code: str, test: RuleTest, left: str) -> Problem:
    return wrong(
        "FixDoesNotMend",
        "the fix of {rule} does not mend the case “{name}”: {left}",
        "change what fix: sets or removes",
        f"rules/{code}/fix",
        rule=code,
        name=test.name,
        left=left,
    )


def changed(plan: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """A plan with the changes of a fix: ``set`` puts values at paths, ``remove`` takes paths away."""
    result: dict[str, Any] = _copied(plan)
    for path, value in dict(change.get("set") or {}).items():
        *parents, last = str(path).split("/")
        node = result
        for part in parents:
            node = node.setdefault(part, {})
        node[last] = (
            {**node[last], **value}
            if isinstance(value, Mapping) and isinstance(node.get(last), dict)
            else value
        )
    for path in change.get("remove") or ():
        *parents, last = str(path).split("/")
        node = result
        for part in parents:
            node = node.get(part, {})
        node.pop(last, None)
    return result


def _copied(data: Any) -> Any:
    return {key: _copied(value) for key, value in data.items()} if isinstance(data, Mapping) else data


def _reworded(specimen: Specimen, code: str, rule: Rule, test: RuleTest) -> Iterator[Problem]:
    text = test.text or ""
    for _ in range(_LENGTH_OF_A_FIX):
        findings = _findings(specimen, code, rule, evolve(test, text=text))
        edits = [edit for one in findings if one.repair and one.repair.safe for edit in one.repair.edits]
        if not edits:
            break
        for edit in sorted(edits, key=lambda edit: -edit.start):
            text = text[: edit.start] + edit.text + text[edit.end :]
    else:
        yield _unmended(code, test, Msg("it never comes to rest"))


def _findings(specimen: Specimen, code: str, rule: Rule, test: RuleTest) -> tuple[Finding, ...]:
    from planloom.rules.trials import plan_rule, view_of_case
    from planloom_schemas.dates import Period, parse_period

    period = test.period if isinstance(test.period, Period) else parse_period(test.period or 2027)
    view = view_of_case(test.plan, specimen.layer.content, period, test.text, test.organisation or "")
    findings, _ = check_view(view, [plan_rule(code, rule)], dict(test.facts))
    return findings
