"""Selectors, and what can be wrong with a rule before it meets a plan."""

from typing import Any

import pytest

from planloom.rules.messages import DEFAULTS, check_message, fill, placeholders
from planloom.rules.select import Selection
from planloom.rules.trials import plan_rule, view_of_case
from planloom.rules.validity import rule_problems
from planloom_schemas.convert import structure
from planloom_schemas.dates import parse_period
from planloom_schemas.layer import Content
from planloom_schemas.rule import KINDS, Rule, Selector

PLAN: dict[str, Any] = {
    "activities": {
        "read": {
            "title": "读书会",
            "on": {"month": 3},
            "section": "culture",
            "tags": ["book", "indoor"],
            "place": "报告厅",
            "budget": {"amount": 500, "category": "文体"},
            "owner": ["宣传委员", "工会主席"],
        },
        "walk": {
            "title": "健步走",
            "on": {"months": [4, 5]},
            "section": "sport",
            "tags": ["outdoor"],
            "owner": "文体委员",
        },
        "chess": {"title": "棋类赛", "on": {"month": 5}, "section": "sport", "tags": ["indoor"]},
    },
    "sections": {
        "culture": {
            "title": "文化",
            "lead": "学习《工会法》。",
            "measures": {"m": {"text": "办好书屋。", "target": {"value": 2, "unit": "个"}}},
        }
    },
    "budget": {"dues": {"title": "会费", "side": "income", "amount": 36000}},
}


@pytest.mark.parametrize(
    ("selector", "want"),
    [
        ({"what": "activity"}, ["read", "walk", "chess"]),
        ({"what": "activity", "id": ["chess", "read"]}, ["read", "chess"]),
        ({"what": "activity", "section": "sport"}, ["walk", "chess"]),
        ({"what": "activity", "months": [5]}, ["walk", "chess"]),
        ({"what": "activity", "tags": ["outdoor", "book"]}, ["read", "walk"]),
        ({"what": "activity", "all_tags": ["indoor", "book"]}, ["read"]),
        ({"what": "activity", "fields": {"place": {"exists": True}}}, ["read"]),
        ({"what": "activity", "fields": {"place": {"exists": False}}}, ["walk", "chess"]),
        ({"what": "activity", "fields": {"owner": {"eq": "文体委员"}}}, ["walk"]),
        ({"what": "activity", "fields": {"owner": {"has": "工会主席"}}}, ["read"]),
        ({"what": "activity", "fields": {"title": {"has": "会"}}}, ["read"]),
        ({"what": "activity", "fields": {"title": {"matches": "^.{2}赛$"}}}, ["chess"]),
        ({"what": "activity", "fields": {"title": {"in": ["健步走", "拔河"]}}}, ["walk"]),
        ({"what": "activity", "fields": {"budget": {"gt": 100, "lt": 501}}}, ["read"]),
        ({"what": "activity", "fields": {"budget": {"between": [500, 600]}}}, ["read"]),
        ({"what": "measure", "fields": {"target": {"eq": 2}}}, ["m"]),
        ({"what": "section"}, ["culture"]),
        ({"what": "heading"}, ["culture"]),
        ({"what": "budget"}, ["dues", "read"]),
        ({"what": "budget", "fields": {"side": {"eq": "expense"}}}, ["read"]),
        ({"what": "citation"}, ["工会法"]),
        (
            {"what": "text"},
            [
                "sections/culture/title",
                "sections/culture/lead",
                "sections/culture/measures/m/text",
                "activities/read/title",
                "activities/walk/title",
                "activities/chess/title",
            ],
        ),
    ],
)
def test_a_selector_picks_what_holds_all_it_states(selector: dict[str, Any], want: list[str]) -> None:
    """Every key narrows; lists within a key widen; items come in print order."""
    view = view_of_case(PLAN, structure(Content, {}), parse_period(2027))
    assert [subject.id for subject in Selection(view).of((structure(Selector, selector),))] == want


def test_several_selectors_pick_each_subject_once() -> None:
    """`of` may be a list: any of them."""
    view = view_of_case(PLAN, structure(Content, {}), parse_period(2027))
    selectors = (
        structure(Selector, {"what": "activity"}),
        structure(Selector, {"what": "activity", "id": "walk"}),
    )
    assert [subject.id for subject in Selection(view).of(selectors)] == ["read", "walk", "chess"]


@pytest.mark.parametrize(
    ("rule", "message", "fix"),
    [
        (
            {"kind": "require", "of": {"what": "activity", "tags": ["outdor"]}, "required": True},
            "no tag is called outdor",
            "did you mean outdoor?",
        ),
        (
            {"kind": "unique", "of": {"what": "activity"}, "by": ["plase"]},
            "activity has no field plase",
            "did you mean place?",
        ),
        (
            {
                "kind": "unique",
                "of": {"what": "activity", "fields": {"ovner": {"exists": True}}},
                "by": ["place"],
            },
            "activity has no field ovner",
            "did you mean owner?",
        ),
        (
            {
                "kind": "implies",
                "if": {"what": "activity", "tags": ["indor"]},
                "then": {"kind": "require", "of": {"what": "section"}, "required": True},
            },
            "no tag is called indor",
            "did you mean indoor?",
        ),
        (
            {"kind": "pattern", "of": {"what": "text"}, "must_not": ["(a+)+"]},
            "(a+)+ has a repeat inside a repeat",
            "repeat one thing, not a group with repeats",
        ),
        (
            {"kind": "typography", "checks": ["qoutes"]},
            "the kind typography has no check qoutes",
            "did you mean quotes?",
        ),
        (
            {"kind": "require", "of": {"what": "section"}, "required": True, "messages": {"mising": "无"}},
            "the kind require has no message mising",
            "did you mean missing?",
        ),
        (
            {
                "kind": "count",
                "of": {"what": "activity"},
                "at_least": 1,
                "per": "year",
                "messages": {"few": "{windov}太少"},
            },
            "the message has {windov}, which is filled with nothing",
            "use one of: {subject}, {window}, {found}, {wanted}",
        ),
        (
            {
                "kind": "require",
                "of": {"what": "section"},
                "forbidden": True,
                "messages": {"present": "{found.__class__}"},
            },
            "the message has {found.__class__}, which is filled with nothing",
            "use one of: {subject}, {found}",
        ),
    ],
)
def test_what_is_wrong_with_a_rule_is_said_before_it_runs(
    rule: dict[str, Any], message: str, fix: str
) -> None:
    """Unknown tags, fields, checks, messages and placeholders are named with the nearest there is."""
    made = plan_rule("TST001", structure(Rule, {"title": "试", **rule}))
    (problem,) = rule_problems(made, {"indoor": 1, "outdoor": 1, "book": 1})
    assert (problem.text(), problem.fix_text()) == (message, fix)


def test_every_message_of_every_kind_has_a_default_that_is_in_order() -> None:
    """The defaults cover the contract and use only what is filled."""
    assert {kind: set(DEFAULTS.get(kind, {})) for kind in KINDS} == {
        kind: set(KINDS[kind].messages) for kind in KINDS
    }
    for kind, sentences in DEFAULTS.items():
        for id, sentence in sentences.items():
            assert list(check_message(kind, id, sentence)) == []
            values = {name: f"<{name}>" for name in placeholders(kind, id)}
            assert "{" not in fill(kind, id, {}, values, str)
