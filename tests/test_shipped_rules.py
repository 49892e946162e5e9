"""The rules of the engine, the union and the school: each proves itself, and our own plans keep them."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest
from attrs import evolve

from planloom import compose
from planloom.discovery import discover
from planloom.layers import ENGINE, LoadedLayer, load_layer
from planloom.rules.engine import check_view
from planloom.rules.planview import view_of_plan
from planloom.rules.proof import Proof, prove
from planloom.rules.trials import plan_rule, run_rule_tests, said
from planloom.rules.validity import rule_problems, stated_problems
from planloom_schemas.convert import structure
from planloom_schemas.plan import Plan
from planloom_schemas.rule import Rule

LAYERS = ("planloom", "union", "school")
ORGANISATION = "育才小学工会委员会"


def school(
    staff: int, members: int, women: int, retirees: int, stage: str, boarding: bool
) -> dict[str, object]:
    """The facts of a school."""
    return {
        "staff": staff,
        "members": members,
        "women_members": women,
        "retirees": retirees,
        "stage": stage,
        "boarding": boarding,
    }


FACTS: Mapping[str, dict[str, object]] = {
    "school": school(86, 84, 60, 10, "小学", boarding=False),
    "small school": school(20, 19, 8, 0, "小学", boarding=False),
    "kindergarten": school(40, 38, 38, 2, "幼儿园", boarding=False),
    "boarding school": school(260, 240, 120, 40, "中学", boarding=True),
    "no women": school(30, 28, 0, 0, "职业学校", boarding=True),
}


@cache
def layer(name: str) -> LoadedLayer:
    """A bundled layer."""
    return load_layer(ENGINE if name == "planloom" else discover().layers[name])


def rules_of(name: str) -> Mapping[str, Rule]:
    """The rules a layer introduces."""
    rules: Mapping[str, Rule] = said(layer(name).content.rules, {})
    return rules


def every_rule() -> list[Any]:
    """Layer and code of every shipped rule."""
    return [pytest.param(name, code, id=code) for name in LAYERS for code in rules_of(name)]


def vocabulary() -> set[str]:
    """Every tag of the shipped layers."""
    return {tag for name in LAYERS for tag in said(layer(name).content.tags, {})}


@cache
def composed(facts: str, period: object) -> Plan:
    """A plan made from nothing but facts."""
    return compose(profiles=["school"], period=period, facts=FACTS[facts], organisation=ORGANISATION)


def proved(plan: Plan) -> Proof:
    """What the rules of a plan prove about themselves."""
    beside: dict[str, Any] = {"tags": plan.tags, "documents": plan.documents, "festivals": plan.festivals}
    return prove(plan.rules, plan.period, plan.facts, **beside)


@pytest.mark.parametrize(("name", "code"), every_rule())
def test_a_rule_keeps_its_own_cases(name: str, code: str) -> None:
    """Every case that a rule brings along gives the messages its author wanted; one fires, one is silent."""
    trials = run_rule_tests(code, rules_of(name)[code], layer(name).content)
    assert [trial for trial in trials if not trial.is_passed] == []
    assert {bool(trial.wanted) for trial in trials} == {True, False}


@pytest.mark.parametrize(("name", "code"), every_rule())
def test_a_rule_is_valid_and_explains_itself(name: str, code: str) -> None:
    """It has no problem, a slug, sentences of its own for what it can say, and help of two sentences."""
    rule = rules_of(name)[code]
    merged = plan_rule(code, rule)
    assert list(rule_problems(merged, dict.fromkeys(vocabulary()))) == []
    assert list(stated_problems(code, rule)) == []
    assert merged.slug
    assert merged.messages
    assert merged.help.count("。") >= 2
    said_by_cases = {id for test in said(rule.tests, ()) for id in test.want}
    assert said_by_cases <= set(merged.messages)


COVER = {"kind": "coverage", "of": {"what": "activity"}}
OUTING = {"kind": "implies", "if": {"what": "activity"}}
SHARE = {"kind": "total", "of": {"what": "budget"}, "against": {"what": "budget"}}


@pytest.mark.parametrize(
    ("stated", "code"),
    [
        ({"kind": "pattern", "of": {"what": "text"}, "must_not": ["(a+)+b"]}, "UnsafePattern"),
        ({"must_not": ["(a+)+b"]}, "UnsafePattern"),
        ({"kind": "field", "of": {"what": "activity"}, "field": "owners", "required": True}, "UnknownField"),
        ({"kind": "require", "of": {"what": "text", "fields": {"place": {"exists": True}}}}, "UnknownField"),
        ({"kind": "stale", "checks": ["yaer"]}, "UnknownCheck"),
        ({"kind": "numbering", "messages": {"gap": "{fonud}"}}, "UnknownPlaceholder"),
        ({"kind": "numbering", "messages": {"hole": "缺"}}, "UnknownMessage"),
        # shares of nothing, and numbers where a share is wanted
        ({"kind": "count", "of": {"what": "activity"}, "per": "year", "at_least": "5%"}, "BadValue"),
        ({"kind": "field", "of": {"what": "budget"}, "field": "amount", "at_most": "5%"}, "BadValue"),
        ({"kind": "total", "of": {"what": "budget"}, "at_most": "50%"}, "BadValue"),
        ({**SHARE, "at_most": 50}, "BadValue"),
        (
            {**OUTING, "then": {"kind": "length", "of": {"what": "text"}, "unit": "chars", "at_least": "5%"}},
            "BadValue",
        ),
        # what says nothing, or names nothing
        ({"kind": "unique", "of": {"what": "activity"}, "by": []}, "BadValue"),
        ({"kind": "wording", "words": {}}, "BadValue"),
        ({"kind": "wording", "words": {"": "甲"}}, "BadValue"),
        ({"kind": "typography", "checks": []}, "BadValue"),
        ({"kind": "window", "of": {"what": "activity"}, "within": "3 days"}, "BadValue"),
        ({"kind": "length", "of": {"what": "text"}, "unit": "words", "at_least": 3}, "BadValue"),
        ({**COVER, "every": "month", "allow_empty": [13]}, "BadValue"),
        ({**COVER, "every": "month", "allow_empty": ["culture"]}, "BadValue"),
        ({**COVER, "every": "quarter", "allow_empty": [5]}, "BadValue"),
        ({**COVER, "every": "section", "allow_empty": [5]}, "BadValue"),
        ({"kind": "numbering", "depth": 0}, "BadValue"),
        ({"kind": "duplicate", "of": {"what": "text"}, "similarity": "150%"}, "BadValue"),
    ],
)
def test_what_one_layer_says_wrong_is_found_before_the_merge(stated: dict[str, Any], code: str) -> None:
    """Patterns, fields, checks and messages need no other layer to be judged; tags do."""
    tagged = {"kind": "require", "of": {"what": "activity", "tags": ["elsewhere"]}, "required": True}
    assert list(stated_problems("TST001", structure(Rule, tagged))) == []
    assert [problem.code for problem in stated_problems("TST001", structure(Rule, stated))] == [code]


@pytest.mark.parametrize(("name", "code"), every_rule())
def test_severity_and_binding_rest_on_what_was_verified(name: str, code: str) -> None:
    """Law needs a verified basis; what nobody verified is at most a warning; errors of money have one."""
    rule = plan_rule(code, rules_of(name)[code])
    verified = any(basis.verified for basis in rule.basis)
    if rule.binding != "house":
        assert verified
    if rule.basis and not verified:
        assert rule.severity != "error"


def test_slugs_are_unique_and_there_are_thirty_rules_of_union_and_school() -> None:
    """A slug names one rule only, since it is accepted wherever the code is."""
    slugs = [rules_of(name)[code].slug for name in LAYERS for code in rules_of(name)]
    assert len(slugs) == len(set(slugs))
    assert len(rules_of("union")) + len(rules_of("school")) >= 30


def test_core_rules_speak_of_no_profile() -> None:
    """What holds for any plan looks at the whole plan and asks no fact."""
    for code, rule in rules_of("planloom").items():
        merged = plan_rule(code, rule)
        assert (merged.scope, merged.when, merged.binding) == ("plan", None, "house"), code


@pytest.mark.parametrize("period", [2027, "2026-09/2027-08", "2026-09/2027-01", "2027-02/2027-07"])
@pytest.mark.parametrize("facts", FACTS)
def test_the_rules_together_can_be_kept_and_each_can_be_broken(facts: str, period: object) -> None:
    """One made-up plan satisfies all of them, and for each that applies there is one that violates it."""
    plan = composed(facts, period)
    proof = proved(plan)
    assert (proof.clash, proof.dead) == ((), ())
    assert proof.satisfying is not None
    assert set(proof.breaking) | set(proof.idle) == {rule.code for rule in plan.rules}


def test_every_rule_applies_to_some_school() -> None:
    """No rule waits for facts no school has, but those for a budget asked for and for facts that contradict."""
    idle: set[str] | None = None
    for facts in FACTS:
        proof = proved(composed(facts, 2027))
        idle = set(proof.idle) if idle is None else idle & set(proof.idle)
    assert idle == {"UNI029", "UNI061"}


@pytest.mark.parametrize("year", range(2026, 2031))
@pytest.mark.parametrize("facts", FACTS)
def test_our_own_plans_have_nothing_above_advice(facts: str, year: int) -> None:
    """For every year and each form of period, with nothing but facts stated; and nothing is left unjudged."""
    for period in (year, f"{year}-09/{year + 1}-08", f"{year}-09/{year + 1}-01", f"{year}-02/{year}-07"):
        plan = composed(facts, period)
        findings, outcomes = check_view(view_of_plan(plan), plan.rules, plan.facts)
        assert [(one.code, one.message) for one in findings if one.severity != "advice"] == []
        assert {one.outcome for one in outcomes} <= {"pass", "fail", "not_applicable"}


def test_the_union_alone_has_nothing_above_advice() -> None:
    """The layer that the others stand on keeps its own rules."""
    plan = compose(profiles=["union"], period=2027, facts={"staff": 86, "members": 84, "women_members": 60})
    findings, _ = check_view(view_of_plan(plan), plan.rules, plan.facts)
    assert {one.severity for one in findings} <= {"advice"}


@pytest.mark.parametrize(
    ("removed", "code"),
    [
        ({"activities": {"staff-congress"}}, "SCH003"),
        ({"activities": {"staff-congress", "proposals"}}, "SCH003"),
        ({"activities": {"womens-day"}}, "UNI048"),
        ({"activities": {"members-assembly"}}, "UNI006"),
        ({"sections": {"funds"}, "activities": {"audit"}}, "UNI022"),
        ({"sections": {"women"}, "activities": {"womens-day", "womens-rights"}}, "UNI041"),
        (
            {"sections": {"ideology"}, "activities": {"ethics-talk", "ethics-pledge", "summer-study"}},
            "SCH041",
        ),
    ],
)
def test_taking_something_out_of_a_plan_is_noticed(removed: dict[str, set[str]], code: str) -> None:
    """What a user deletes from a composed plan, and a rule asks for, is found missing."""
    plan = composed("school", 2027)
    view = view_of_plan(plan)
    sections, activities = removed.get("sections", set()), removed.get("activities", set())

    def stays(path: str) -> bool:
        kind, _, rest = path.partition("/")
        name = rest.partition("/")[0]
        return name not in {"activities": activities, "sections": sections}.get(kind, set())

    less = evolve(
        view,
        items=tuple(item for item in view.items if stays(item.path)),
        texts=tuple(text for text in view.texts if stays(text.path)),
    )
    findings, _ = check_view(less, plan.rules, plan.facts)
    assert code in {finding.code for finding in findings}
