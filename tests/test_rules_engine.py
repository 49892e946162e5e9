"""The check as a whole: one outcome for each rule, whatever it does, and whose rule a finding fails."""

import datetime as dt
import time
from collections.abc import Iterator
from typing import Any

import pytest
from attrs import evolve

from planloom.rules.engine import check_view, settle
from planloom.rules.python import NotApplicable, PythonRule, Remark, RuleView, rule
from planloom.rules.trials import plan_rule, run_rule_tests, view_of_case
from planloom.rules.views import Subject, View
from planloom_schemas.convert import structure
from planloom_schemas.dates import parse_period
from planloom_schemas.finding import RuleOutcome
from planloom_schemas.layer import Content
from planloom_schemas.plan import DateSpan, Entry, Origin, PlanRule
from planloom_schemas.rule import Rule

COUNT: dict[str, Any] = {
    "kind": "count",
    "of": {"what": "activity", "tags": ["congress"]},
    "at_least": 1,
    "per": "year",
}


def view(
    plan: dict[str, Any] | None = None, layer: dict[str, Any] | None = None, text: str | None = None
) -> View:
    """A plan for 2027."""
    return view_of_case(plan or {}, structure(Content, layer or {}), parse_period(2027), text)


def made(code: str = "TST001", **fields: Any) -> PlanRule:
    """A rule as one layer states it."""
    return plan_rule(code, structure(Rule, {"title": "试", **COUNT, **fields}))


def outcome_of(outcomes: tuple[RuleOutcome, ...]) -> str:
    """The outcome of the only rule."""
    (only,) = outcomes
    return only.outcome


@pytest.mark.parametrize(
    ("facts", "outcome", "missing"),
    [
        ({"staff": 100}, "fail", ()),
        ({"staff": 50}, "not_applicable", ()),
        ({}, "unknown", ("staff",)),
        ({"staff": None}, "unknown", ("staff",)),
    ],
)
def test_a_missing_fact_is_never_a_pass(
    facts: dict[str, object], outcome: str, missing: tuple[str, ...]
) -> None:
    """`when` decides whether a rule runs; undecided, it names the facts to state."""
    _, outcomes = check_view(view(), [made(when="staff >= 80")], facts)
    assert (outcomes[0].outcome, outcomes[0].missing) == (outcome, missing)


def test_a_rule_that_crashes_is_named_and_the_rest_runs() -> None:
    """A data rule that cannot be evaluated is crashed; the next one has its own outcome."""
    broken = evolve(made("TST001"), params={})
    findings, outcomes = check_view(view(), [broken, made("TST002")], {})
    assert [one.outcome for one in outcomes] == ["crashed", "fail"]
    assert outcomes[0].error == "KeyError: 'per'"
    assert [finding.code for finding in findings] == ["TST002"]


def test_scope_own_looks_at_the_items_of_its_profiles_only() -> None:
    """A rule of one profile does not count another's activities unless it says so."""
    plan = view({"activities": {"a": {"on": {"month": 3}, "tags": ["congress"]}}})
    foreign = evolve(plan, items=tuple(evolve(item, profiles=("community",)) for item in plan.items))
    own = evolve(made(), profiles=("school",))
    assert outcome_of(check_view(foreign, [own], {})[1]) == "fail"
    assert outcome_of(check_view(foreign, [evolve(own, scope="plan")], {})[1]) == "pass"
    assert outcome_of(check_view(plan, [own], {})[1]) == "pass"


def test_a_rule_by_a_tag_without_words_does_not_apply_to_documents() -> None:
    """Nothing in a document can carry such a tag, so nothing can be said."""
    layer: dict[str, Any] = {"tags": {"congress": {"title": "职代会"}}}
    assert outcome_of(check_view(view(layer=layer, text="工作安排"), [made()], {})[1]) == "not_applicable"
    layer = {"tags": {"congress": {"words": ["职代会"]}}}
    assert outcome_of(check_view(view(layer=layer, text="召开职代会"), [made()], {})[1]) == "fail"


def _entries(rule: PlanRule, param: str, *said: tuple[Any, str]) -> PlanRule:
    entries = tuple(
        Entry(value=value, binding=binding, origin=Origin(layer=binding)) for value, binding in said
    )
    return evolve(rule, binding="law", entries={param: entries})


@pytest.mark.parametrize(
    ("months", "binding"),
    [([], "law"), ([3], "upper"), ([3, 4], "house"), ([3, 4, 5], None)],
)
def test_a_finding_carries_the_binding_of_the_strongest_definition_it_fails(
    months: list[int], binding: str | None
) -> None:
    """Law wants one, the upper union two, the house three: what fails decides whose requirement it is."""
    activities = {f"a{month}": {"on": {"month": month}, "tags": ["congress"]} for month in months}
    rule = _entries(made(at_least=3), "at_least", (1, "law"), (2, "upper"), (3, "house"))
    findings, _ = check_view(view({"activities": activities}), [rule], {})
    assert [finding.binding for finding in findings] == ([binding] if binding else [])


def test_the_binding_of_a_list_is_that_of_its_member() -> None:
    """Of joined patterns, the one that matches says who forbids it."""
    params = {"kind": "pattern", "of": {"what": "text"}, "must_not": ["甲+", "乙+"]}
    rule = _entries(
        plan_rule("TST001", structure(Rule, {"title": "试", **params})),
        "must_not",
        (("甲+",), "law"),
        (("乙+",), "house"),
    )
    findings, _ = check_view(view(text="甲甲乙乙"), [rule], {})
    assert [(finding.quote, finding.binding) for finding in findings] == [("甲甲", "law"), ("乙乙", "house")]


def test_waived_and_baselined_findings_change_the_outcome_and_nothing_else() -> None:
    """Open findings fail, waived ones come before baselined ones; crashed and unknown stay."""
    findings, outcomes = check_view(view(), [made()], {})
    waived, baselined = evolve(findings[0], status="waived"), evolve(findings[0], status="baselined")
    assert outcome_of(settle([findings[0], waived], outcomes)) == "fail"
    assert outcome_of(settle([baselined, waived], outcomes)) == "waived"
    assert outcome_of(settle([baselined], outcomes)) == "baselined"
    crashed = (evolve(outcomes[0], outcome="crashed"),)
    assert outcome_of(settle([waived], crashed)) == "crashed"


def test_findings_and_outcomes_do_not_depend_on_the_order_of_rules() -> None:
    """The same rules in another order give the same report."""
    rules = [made("TST002"), made("TST001"), made("TST003", at_least=2)]
    assert check_view(view(), rules, {}) == check_view(view(), rules[::-1], {})


# ---- rules in Python ----


def python(check: Any) -> PythonRule:
    """A Python rule of the plugin `guest`."""
    made: PythonRule = rule(code="GST001", title="试", severity="error", layer="guest")(check)
    return made


def test_a_python_rule_finds_through_views() -> None:
    """It selects like data rules do, and its findings are located by their subjects."""

    def too_early(view: RuleView) -> Iterator[Remark]:
        for activity in view.select("activity", months=(1,)):
            yield view.finding(activity, "“{subject}” begins in month {month}", month=1, part="on")

    plan = view({"activities": {"a": {"title": "读书", "on": {"month": 1}}, "b": {"on": {"month": 2}}}})
    (finding,), outcomes = check_view(plan, [], {}, python_rules=[python(too_early)])
    assert (finding.message, finding.path, finding.severity) == (
        "“读书” begins in month 1",
        "activities/a/on",
        "error",
    )
    assert outcome_of(outcomes) == "fail"


def _raises(view: RuleView) -> Iterator[Remark]:
    raise ValueError("no")
    yield


def _exits(view: RuleView) -> Iterator[Remark]:
    raise SystemExit(0)
    yield


def _recurses(view: RuleView) -> Iterator[Remark]:
    return _recurses(view)


def _hangs(view: RuleView) -> Iterator[Remark]:
    while True:
        pass
    yield


def _sleeps(view: RuleView) -> Iterator[Remark]:
    time.sleep(2)
    yield view.finding(None, "too late")


def _never_ends(view: RuleView) -> Iterator[Remark]:
    while True:
        yield view.finding(None, "again")


@pytest.mark.parametrize(
    ("check", "error"),
    [
        (_raises, "ValueError: no"),
        (_exits, "SystemExit: 0"),
        (_recurses, "RecursionError"),
        (_hangs, "TimeUp: 1 s"),
        (_sleeps, "TimeUp: 1 s"),
        (_never_ends, "ValueError: the rule has more than 10000 findings"),
        (lambda view: ["rubbish"], "TypeError: the rule yields str, not findings"),
        (lambda view: None, "TypeError: 'NoneType' object is not iterable"),
        (lambda view: [view.finding(None, "{nowhere}")], "KeyError: 'nowhere'"),
    ],
)
def test_a_python_rule_that_misbehaves_is_crashed_and_named(check: Any, error: str) -> None:
    """Raising, exiting, recursing, hanging, flooding and rubbish end in one outcome; data rules still run."""
    _, outcomes = check_view(view(), [made()], {}, python_rules=[python(check)], seconds=1)
    crashed, other = outcomes
    assert (crashed.outcome, crashed.plugin, other.outcome) == ("crashed", "guest", "fail")
    assert crashed.error.startswith(error)


def test_a_python_rule_can_have_nothing_to_look_at() -> None:
    """It says so by raising `NotApplicable`."""

    def nothing(view: RuleView) -> Iterator[Remark]:
        raise NotApplicable
        yield

    assert outcome_of(check_view(view(), [], {}, python_rules=[python(nothing)])[1]) == "not_applicable"


# ---- the cases that rules bring along ----


def test_rule_tests_run_alone_with_tags_facts_and_documents_of_their_layer() -> None:
    """A case passes when the message ids come in order of position, and says what came when it fails."""
    layer = structure(
        Content,
        {
            "facts": {"staff": {"type": "integer", "title": "人数", "default": 100}},
            "rules": {
                "TST001": {
                    **COUNT,
                    "title": "试",
                    "when": "staff >= 80",
                    "tests": [
                        {"name": "未安排", "plan": {"activities": {}}, "want": ["few"]},
                        {"name": "已安排", "plan": {"activities": {"a": {"tags": ["congress"]}}}, "want": []},
                        {"name": "人少", "facts": {"staff": 50}, "want": []},
                        {"name": "写错", "want": ["many"]},
                        {"name": "缺事实", "facts": {"staff": None}, "want": []},
                    ],
                }
            },
        },
    )
    assert isinstance(layer.rules, dict)
    trials = run_rule_tests("TST001", layer.rules["TST001"], layer)
    assert [(trial.outcome, trial.is_passed) for trial in trials] == [
        ("fail", True),
        ("pass", True),
        ("not_applicable", True),
        ("fail", False),
        ("unknown", False),
    ]
    assert trials[4].missing == ("staff",)
    assert (trials[3].wanted, trials[3].got) == (("many",), ("few",))


def test_a_case_may_be_a_text() -> None:
    """Text rules are tested on lines, headings with #."""
    data = {
        "title": "试",
        "kind": "numbering",
        "tests": [{"name": "缺三", "text": "一、甲\n二、乙\n四、丁", "want": ["gap"]}],
    }
    (trial,) = run_rule_tests("TST001", structure(Rule, data), structure(Content, {}))
    assert trial.is_passed, trial


def test_a_rule_that_found_nothing_looks_again_when_anything_changed() -> None:
    """The second plan differs in one activity, the third in its period: neither is judged like the first."""
    monthly = plan_rule(
        "TST001",
        structure(Rule, {"title": "月月有会", "kind": "count", "of": {"what": "activity"}, "at_least": 1, "per": "month"}),
    )  # fmt: skip
    quarter, half = (parse_period(words) for words in ("2027-03/2027-03", "2027-03/2027-04"))
    march, april = (
        Subject(what="activity", id=name, path=f"activities/{name}", dates=(DateSpan(start=day, end=day),))
        for name, day in (("a", dt.date(2027, 3, 8)), ("b", dt.date(2027, 4, 8)))
    )
    for items, period, found in (
        ((march,), quarter, 0), ((march,), quarter, 0), ((), quarter, 1), ((march,), half, 1), ((march, april), half, 0),
    ):  # fmt: skip
        findings, _ = check_view(View(items=items, period=period), [monthly], {})
        assert len(findings) == found
