"""Rules that prove themselves: plans made up from the rules alone."""

from typing import Any

import pytest

from planloom.rules.engine import check_view
from planloom.rules.proof import Proof, prove
from planloom.rules.trials import plan_rule
from planloom_schemas.convert import structure
from planloom_schemas.dates import parse_period
from planloom_schemas.plan import PlanDocument, PlanRule, PlanTag
from planloom_schemas.rule import KINDS, Rule

ACTIVITY = {"what": "activity"}
CONGRESS = {"what": "activity", "tags": ["congress"]}
CALL = {"what": "activity", "tags": ["call"]}
INCOME = {"what": "budget", "fields": {"side": {"eq": "income"}}}
EXPENSE = {"what": "budget", "fields": {"side": {"eq": "expense"}}}
FUNDS = {"what": "section", "id": "funds"}

EVERY_KIND: tuple[dict[str, Any], ...] = (
    {"kind": "require", "of": FUNDS, "required": True},
    {"kind": "require", "of": {"what": "activity", "tags": ["cash"]}, "forbidden": True},
    {"kind": "count", "of": CONGRESS, "at_least": 1, "at_most": 2, "per": "year"},
    {"kind": "count", "of": {"what": "section"}, "at_least": 3, "per": "period"},
    {"kind": "window", "of": CONGRESS, "months": [3, 4]},
    {
        "kind": "window",
        "of": {"what": "activity", "id": "visit"},
        "near": {"date": "09-10"},
        "within": "10 days",
    },
    {"kind": "window", "of": CALL, "after": {"date": "01-10"}, "before": {"date": "05-01"}},
    {"kind": "order", "first": CALL, "then": CONGRESS, "gap": "30 days"},
    {"kind": "coverage", "of": ACTIVITY, "every": "month", "allow_empty": [7, 8]},
    {"kind": "coverage", "of": {"what": "measure"}, "every": "section"},
    {"kind": "field", "of": ACTIVITY, "field": "owner", "required": True, "not_in": ["待定"]},
    {
        "kind": "field",
        "of": {"what": "budget"},
        "field": "amount",
        "type": "number",
        "at_least": 1,
        "at_most": 90000,
    },
    {"kind": "total", "of": EXPENSE, "against": INCOME, "at_most": "100%"},
    {"kind": "total", "of": EXPENSE, "at_least": 5000},
    {"kind": "unique", "of": ACTIVITY, "by": ["place", "dates"]},
    {"kind": "implies", "if": CONGRESS, "then": {"kind": "require", "of": CALL, "required": True}},
    {
        "kind": "implies",
        "if": CONGRESS,
        "then": {"kind": "implies", "if": CALL, "then": {"kind": "require", "of": FUNDS, "required": True}},
    },
    {"kind": "wording", "words": {"校务公开": "院务公开"}},
    {"kind": "pattern", "of": {"what": "text"}, "must_not": ["_{2,}年", "[xX]{2}届"]},
    {"kind": "pattern", "of": FUNDS, "must": ["经费"]},
    {"kind": "length", "of": FUNDS, "unit": "chars", "at_least": 80, "at_most": 600},
    {"kind": "length", "of": FUNDS, "unit": "items", "at_least": 2},
    {"kind": "numbering", "depth": 3},
    {"kind": "typography", "checks": ["quotes", "dates", "width", "spaces"]},
    {"kind": "cite"},
    {"kind": "stale", "checks": ["year", "era", "ordinal"]},
    {"kind": "stale", "checks": ["similar"], "similarity": "80%"},
    {"kind": "festival", "of": ACTIVITY},
    {"kind": "duplicate", "of": {"what": "measure"}, "similarity": "90%", "from": 20},
)


def made(*rules: dict[str, Any]) -> list[PlanRule]:
    """Rules called TST001, TST002 and so on."""
    return [
        plan_rule(f"TST{number:03}", structure(Rule, {"title": "试", **rule}))
        for number, rule in enumerate(rules, start=1)
    ]


def proved(rules: list[PlanRule], period: object = 2027, **facts: object) -> Proof:
    """The proof of some rules beside a document that may be cited."""
    tags = tuple(PlanTag(id=name) for name in ("congress", "call", "cash"))
    return prove(
        rules, parse_period(period), facts, tags=tags, documents=(PlanDocument(id="law", title="某法"),)
    )


def test_the_table_holds_every_kind() -> None:
    """No kind is left out of what follows."""
    assert {rule["kind"] for rule in EVERY_KIND} == set(KINDS)


@pytest.mark.parametrize("period", [2027, 2028, "2026-09/2027-08"])
def test_all_kinds_together_are_satisfied_by_one_plan_and_violated_one_by_one(period: object) -> None:
    """The engine itself confirms: no finding in the one plan, one of the rule in each of the others."""
    rules = made(*EVERY_KIND)
    proof = proved(rules, period)
    assert (proof.clash, proof.dead, proof.idle) == ((), (), ())
    assert proof.satisfying is not None
    findings, outcomes = check_view(proof.satisfying, rules, {})
    assert findings == ()
    assert {outcome.outcome for outcome in outcomes} <= {"pass", "not_applicable"}
    for rule in rules:
        findings, _ = check_view(proof.breaking[rule.code], [rule], {})
        assert findings, rule.code


@pytest.mark.parametrize("rule", EVERY_KIND, ids=lambda rule: str(rule["kind"]))
def test_each_rule_alone_can_be_satisfied_and_violated(rule: dict[str, Any]) -> None:
    """A rule needs no other to be tried."""
    proof = proved(made(rule))
    assert proof.satisfying is not None
    assert set(proof.breaking) == {"TST001"}


@pytest.mark.parametrize(
    ("rules", "clash"),
    [
        (
            [
                {"kind": "require", "of": FUNDS, "required": True},
                {"kind": "require", "of": FUNDS, "forbidden": True},
            ],
            ("TST001", "TST002"),
        ),
        (
            [
                {"kind": "window", "of": CONGRESS, "months": [3]},
                {"kind": "count", "of": CONGRESS, "at_least": 1, "per": "year"},
                {"kind": "window", "of": CONGRESS, "after": {"date": "06-01"}},
            ],
            ("TST001", "TST002", "TST003"),
        ),
        (
            [
                {"kind": "count", "of": ACTIVITY, "at_most": 3, "per": "year"},
                {"kind": "require", "of": FUNDS, "required": True},
                {"kind": "coverage", "of": ACTIVITY, "every": "quarter"},
            ],
            ("TST001", "TST003"),
        ),
    ],
)
def test_rules_that_no_plan_satisfies_are_named_without_the_others(
    rules: list[dict[str, Any]], clash: tuple[str, ...]
) -> None:
    """The smallest set that clashes is named, not whoever happens to be near."""
    proof = proved(made(*rules))
    assert proof.satisfying is None
    assert proof.clash == clash


def test_a_rule_that_can_never_fire_is_dead() -> None:
    """Asking for nothing, or forbidding what cannot be written, is found without a hand-made case."""
    never = {"kind": "count", "of": CONGRESS, "at_least": 0, "per": "year"}
    proof = proved(made(never, {"kind": "field", "of": ACTIVITY, "field": "title", "required": True}))
    assert proof.dead == ("TST001",)


@pytest.mark.parametrize(
    ("facts", "idle"), [({"staff": 100}, ()), ({"staff": 10}, ("TST001",)), ({}, ("TST001",))]
)
def test_a_rule_that_does_not_apply_is_idle_and_not_dead(
    facts: dict[str, object], idle: tuple[str, ...]
) -> None:
    """What a rule depends on decides whether it is tried."""
    rule = {"kind": "count", "of": CONGRESS, "at_least": 1, "per": "year", "when": "staff >= 80"}
    assert proved(made(rule), **facts).idle == idle


def test_what_a_period_cannot_judge_is_idle() -> None:
    """A yearly duty is not judged in a term."""
    rule = {"kind": "count", "of": CONGRESS, "at_least": 1, "per": "year"}
    assert proved(made(rule), "2027-02/2027-07").idle == ("TST001",)
