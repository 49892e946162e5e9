"""Checking documents: what lacks a year is not judged by time, and a month that was left open counts."""

from pathlib import Path
from typing import Any

import pytest

from planloom.documents import read_bytes
from planloom.documents.viewing import Vocabulary
from planloom.rules.engine import check_view
from planloom.rules.trials import plan_rule
from planloom_schemas.convert import structure
from planloom_schemas.finding import Finding, RuleOutcome
from planloom_schemas.plan import PlanTag
from planloom_schemas.rule import Rule

from .conftest import Run

WORDS = Vocabulary(tags=(PlanTag(id="visit", title="走访", words=("走访",)),))
VISITS: dict[str, Any] = {"what": "activity", "tags": ["visit"]}
TIMED: dict[str, dict[str, Any]] = {
    "count": {"kind": "count", "of": VISITS, "at_least": 5, "per": "year"},
    "window": {"kind": "window", "of": VISITS, "months": [12]},
    "order": {"kind": "order", "first": VISITS, "then": {"what": "activity", "id": "*"}},
    "coverage": {"kind": "coverage", "of": {"what": "activity"}, "every": "month"},
    "festival": {"kind": "festival", "of": {"what": "activity"}},
    "year": {"kind": "stale", "checks": ["year"]},
    "ordinal": {"kind": "stale", "checks": ["similar", "ordinal"]},
    "implies": {
        "kind": "implies",
        "if": {"what": "activity"},
        "then": {"kind": "count", "of": VISITS, "at_least": 5, "per": "year"},
    },
}


def checked(title: str, body: str, rule: dict[str, Any]) -> tuple[tuple[Finding, ...], RuleOutcome]:
    """What one rule says of a document with a schedule."""
    document = read_bytes(f"# {title}\n\n## 活动安排\n\n{body}\n".encode(), "计划.md", words=WORDS)
    made = plan_rule("TST001", structure(Rule, {"title": "试", **rule}))
    findings, (outcome,) = check_view(document.view, [made], {})
    return findings, outcome


@pytest.mark.parametrize("name", TIMED)
def test_without_a_year_times_are_not_judged(name: str) -> None:
    """The outcome is unknown and names what is missing; the same document with a year is judged."""
    body = "9月：重阳节走访退休会员，庆祝国庆63周年，2019年未完成的继续。"
    findings, outcome = checked("工会工作计划", body, TIMED[name])
    assert (findings, outcome.outcome, outcome.missing) == ((), "unknown", ("period",))
    _, judged = checked("2027年工会工作计划", body, TIMED[name])
    assert judged.outcome != "unknown"


@pytest.mark.parametrize(
    "rule",
    [
        {"kind": "require", "of": VISITS},
        {"kind": "coverage", "of": {"what": "activity"}, "every": "section"},
        {"kind": "wording", "words": {"福利": "关爱"}},
    ],
    ids=lambda rule: rule["kind"],
)
def test_what_needs_no_year_is_judged_without_one(rule: dict[str, Any]) -> None:
    """Rules about words and things run as ever."""
    assert checked("工会工作计划", "9月：走访退休会员。", rule)[1].outcome == "pass"


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ("10月：走访退休会员。", "pass"),
        ("10月8日：走访退休会员。", "pass"),
        ("10月28日：走访退休会员。", "fail"),
        ("9月：走访退休会员。", "fail"),
    ],
)
def test_a_month_that_holds_the_day_is_near_it(body: str, outcome: str) -> None:
    """In 2027 the Double Ninth falls on 8 October: a whole month leaves the day open, a date does not."""
    rule = {"kind": "window", "of": VISITS, "near": {"festival": "重阳节"}, "within": 3}
    assert checked("2027年工会工作计划", body, rule)[1].outcome == outcome


def test_the_year_is_asked_for(run: Run) -> None:
    """The result says what to state, and with --year the same rules are judged."""
    Path("a.md").write_text("# 工会工作计划\n\n## 活动安排\n\n9月：重阳节走访退休会员。\n", encoding="utf-8")
    asked = run("check", "a.md")
    assert "give --year 2027" in asked.stdout
    assert "under facts: or with --set" not in asked.stdout
    judged = run("check", "a.md", "--year", "2027")
    assert "unknown" not in judged.stdout
