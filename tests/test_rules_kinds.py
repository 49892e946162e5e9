"""The kinds that look at items and at time: when each fires, when it stays silent, when it does not apply."""

from typing import Any

import pytest

from planloom.rules.engine import check_view
from planloom.rules.trials import plan_rule, view_of_case
from planloom_schemas.convert import structure
from planloom_schemas.dates import parse_period
from planloom_schemas.finding import Finding, RuleOutcome
from planloom_schemas.layer import Content
from planloom_schemas.rule import Rule

ACTIVITY = {"what": "activity"}
CONGRESS = {"what": "activity", "tags": ["congress"]}


def checked(
    rule: dict[str, Any], plan: dict[str, Any], period: object = 2027
) -> tuple[tuple[Finding, ...], RuleOutcome]:
    """One rule put to one plan."""
    made = plan_rule("TST001", structure(Rule, {"title": "试", **rule}))
    view = view_of_case(plan, structure(Content, {}), parse_period(period))
    findings, outcomes = check_view(view, [made], {})
    return findings, outcomes[0]


def activities(*rows: dict[str, Any]) -> dict[str, Any]:
    """A plan of activities called a, b, c and so on."""
    return {"activities": {chr(ord("a") + number): row for number, row in enumerate(rows)}}


def tagged(*months: int) -> dict[str, Any]:
    """A plan of congresses in some months."""
    return activities(*({"on": {"month": month}, "tags": ["congress"]} for month in months))


COUNT = {"kind": "count", "of": CONGRESS}
FUNDS = {"kind": "require", "of": {"what": "section", "id": "funds"}}
SPENDING = {"kind": "total", "of": {"what": "budget", "fields": {"side": {"eq": "expense"}}}}
INCOME = {"what": "budget", "fields": {"side": {"eq": "income"}}}
ORDER = {"kind": "order", "first": {"what": "activity", "id": "a"}, "then": {"what": "activity", "id": "b"}}
HALL = {"kind": "unique", "of": ACTIVITY, "by": ["place", "dates"]}
COVER = {"kind": "coverage", "of": ACTIVITY, "every": "quarter"}
IMPLIES = {"kind": "implies", "if": CONGRESS}
LENGTH = {"kind": "length", "of": {"what": "section"}, "unit": "items"}
NEAR = {"kind": "window", "of": ACTIVITY, "near": {"date": "09-10"}, "within": "10 days"}

AFTER_B = {"kind": "window", "of": {"what": "activity", "id": "a"}, "after": {"activity": "b"}}
NEAR_B = {"kind": "window", "of": AFTER_B["of"], "near": {"activity": "b"}, "within": "5 days"}
NEW_YEAR = {"kind": "window", "of": ACTIVITY, "near": {"festival": "元旦"}, "within": "5 days"}


def lines(expense: object, income: object) -> dict[str, Any]:
    """A budget of one expense and one income."""
    return {
        "budget": {"e": {"side": "expense", "amount": expense}, "i": {"side": "income", "amount": income}}
    }


@pytest.mark.parametrize(
    ("rule", "plan", "want"),
    [
        # require
        ({**FUNDS, "required": True}, {}, ["missing"]),
        ({**FUNDS, "required": True}, {"sections": {"funds": {}}}, []),
        ({**FUNDS, "forbidden": True}, {"sections": {"funds": {}}}, ["present"]),
        ({**FUNDS, "forbidden": True}, {}, []),
        # count
        ({**COUNT, "at_least": 1, "per": "year"}, {}, ["few"]),
        ({**COUNT, "at_least": 1, "per": "year"}, tagged(12), []),
        ({**COUNT, "at_most": 1, "per": "quarter"}, tagged(1, 3), ["many"]),
        ({**COUNT, "at_most": 1, "per": "quarter"}, tagged(3, 4), []),
        ({**COUNT, "at_least": 1, "per": "month"}, tagged(*range(1, 12)), ["few"]),
        (
            {**COUNT, "at_least": 4, "per": "period"},
            activities({"on": {"every": "quarter"}, "tags": ["congress"]}),
            [],
        ),
        # the school year 2026/27 is in the plan by two thirds, 2027/28 by one third
        ({**COUNT, "at_least": 1, "per": "school-year"}, tagged(10), ["few"]),
        ({**COUNT, "at_least": 1, "per": "school-year"}, tagged(8), []),
        ({**COUNT, "at_most": 1, "per": "school-year"}, tagged(9, 12), ["many"]),
        ({**COUNT, "at_most": 1, "per": "term"}, tagged(2, 7, 9), ["many"]),
        # window
        ({"kind": "window", "of": ACTIVITY, "months": [3, 4]}, tagged(3), []),
        ({"kind": "window", "of": ACTIVITY, "months": [3, 4]}, tagged(5), ["outside"]),
        (NEAR, activities({"on": {"date": "08-31"}}), []),
        (NEAR, activities({"on": {"date": "09-20"}}), []),
        (NEAR, activities({"on": {"date": "09-21"}}), ["outside"]),
        (NEAR, activities({"on": {"from": "09-15", "to": "09-25"}}), ["outside"]),
        (
            {"kind": "window", "of": ACTIVITY, "after": {"date": "05-01"}},
            activities({"on": {"date": "05-01"}}),
            ["outside"],
        ),
        (
            {"kind": "window", "of": ACTIVITY, "after": {"date": "05-01"}},
            activities({"on": {"date": "05-02"}}),
            [],
        ),
        (
            {"kind": "window", "of": ACTIVITY, "before": {"date": "05-01"}},
            activities({"on": {"date": "04-30"}}),
            [],
        ),
        ({"kind": "window", "of": ACTIVITY, "before": {"date": "05-01"}}, tagged(5), ["outside"]),
        # every span counts, and each item once
        ({"kind": "window", "of": ACTIVITY, "months": [3, 9]}, activities({"on": {"months": [3, 9]}}), []),
        (
            {"kind": "window", "of": ACTIVITY, "months": [3]},
            activities({"on": {"months": [3, 9]}}),
            ["outside"],
        ),
        (
            {"kind": "window", "of": ACTIVITY, "months": [3]},
            activities({"on": {"every": "month"}}),
            ["outside"],
        ),
        # a day reckoned from another activity
        (AFTER_B, activities({"on": {"month": 4}}, {"on": {"month": 3}}), []),
        (AFTER_B, activities({"on": {"month": 3}}, {"on": {"month": 4}}), ["outside"]),
        (NEAR_B, activities({"on": {"date": "03-20"}}, {"on": {"date": "03-15"}}), []),
        (NEAR_B, activities({"on": {"date": "03-21"}}, {"on": {"date": "03-15"}}), ["outside"]),
        (
            {"kind": "implies", "if": ACTIVITY, "then": AFTER_B},
            activities({"on": {"month": 3}}, {"on": {"month": 4}}),
            ["outside"],
        ),
        # a day just outside the period
        (NEW_YEAR, activities({"on": {"date": "12-30"}}), []),
        (NEW_YEAR, activities({"on": {"date": "12-20"}}), ["outside"]),
        # order
        (ORDER, activities({"on": {"month": 3}}, {"on": {"month": 4}}), []),
        (ORDER, activities({"on": {"month": 4}}, {"on": {"month": 3}}), ["order"]),
        (ORDER, activities({"on": {"month": 4}}, {"on": {"month": 4}}), []),
        ({**ORDER, "gap": "30 days"}, activities({"on": {"date": "03-01"}}, {"on": {"date": "03-31"}}), []),
        (
            {**ORDER, "gap": "31 days"},
            activities({"on": {"date": "03-01"}}, {"on": {"date": "03-31"}}),
            ["order"],
        ),
        (
            {**ORDER, "gap": "30 days"},
            activities({"on": {"activity": "b", "before": "60 days"}}, {"on": {"month": 3, "part": "下旬"}}),
            [],
        ),
        # coverage
        (COVER, tagged(1, 4, 7), ["empty"]),
        (COVER, activities({"on": {"months": [3, 4]}}, {"on": {"months": [9, 10]}}), []),
        ({**COVER, "allow_empty": [4]}, tagged(1, 4, 7), []),
        (
            {"kind": "coverage", "of": {"what": "measure"}, "every": "section"},
            {"sections": {"x": {"measures": {"m": {}}}, "y": {}}},
            ["empty"],
        ),
        # field
        ({"kind": "field", "of": ACTIVITY, "field": "owner", "required": True}, tagged(1), ["missing"]),
        (
            {"kind": "field", "of": ACTIVITY, "field": "owner", "not_in": ["待定"]},
            activities({"owner": "待定"}, {"owner": ["宣传委员", "待定"]}, {"owner": "宣传委员"}),
            ["value", "value"],
        ),
        (
            {"kind": "field", "of": ACTIVITY, "field": "budget", "at_least": 1, "at_most": 5000},
            activities({"budget": 0}, {"budget": 5000.01}, {"budget": 5000}, {}),
            ["low", "high"],
        ),
        (
            {"kind": "field", "of": ACTIVITY, "field": "title", "min_length": 2, "max_length": 4},
            activities({"title": "会"}, {"title": "工作会议啊"}, {"title": "工作会议"}),
            ["short", "long"],
        ),
        (
            {"kind": "field", "of": ACTIVITY, "field": "place", "one_of": ["礼堂"]},
            activities({"place": "操场"}, {"place": "礼堂"}, {}),
            ["value"],
        ),
        (
            {"kind": "field", "of": ACTIVITY, "field": "place", "type": "number"},
            activities({"place": "操场"}),
            ["type"],
        ),
        # total
        ({**SPENDING, "against": INCOME, "at_most": "100%"}, lines(100, 100), []),
        ({**SPENDING, "against": INCOME, "at_most": "100%"}, lines(100.01, 100), ["high"]),
        ({**SPENDING, "against": INCOME, "at_most": "100%"}, lines(1, 0), ["high"]),
        ({**SPENDING, "at_least": 10}, {}, ["low"]),
        (
            {**SPENDING, "equals": 300},
            {"activities": {"a": {"budget": 0.1}, "b": {"budget": 0.2}}},
            ["differs"],
        ),
        ({**SPENDING, "equals": 0.3}, {"activities": {"a": {"budget": 0.1}, "b": {"budget": 0.2}}}, []),
        (
            {"kind": "total", "of": {"what": "measure"}, "unit": "场", "at_least": 5},
            {
                "sections": {
                    "s": {
                        "measures": {
                            "m": {"target": {"value": 4, "unit": "场"}},
                            "n": {"target": {"value": 9, "unit": "%"}},
                        }
                    }
                }
            },
            ["low"],
        ),
        # money of an activity that is not in this period does not count
        ({**SPENDING, "at_most": 100}, activities({"on": {"date": "02-29"}, "budget": 500}), []),
        ({**SPENDING, "at_most": 100}, activities({"on": {"date": "02-28"}, "budget": 500}), ["high"]),
        # unique
        (
            HALL,
            activities(
                {"place": "礼堂", "on": {"date": "03-01"}}, {"place": "礼堂", "on": {"date": "03-01"}}
            ),
            ["duplicate"],
        ),
        (
            HALL,
            activities(
                {"place": "礼堂", "on": {"date": "03-01"}}, {"place": "礼堂", "on": {"date": "03-02"}}
            ),
            [],
        ),
        (
            HALL,
            activities(
                {"place": "礼堂", "on": {"date": "03-01"}}, {"place": "操场", "on": {"date": "03-01"}}
            ),
            [],
        ),
        (HALL, activities({"on": {"date": "03-01"}}, {"on": {"date": "03-01"}}), []),
        (
            {"kind": "unique", "of": ACTIVITY, "by": ["title"]},
            activities({"title": "读书"}, {"title": "读书"}),
            ["duplicate"],
        ),
        # implies
        ({"kind": "implies", "if": CONGRESS, "then": {**FUNDS, "required": True}}, tagged(3), ["missing"]),
        ({**IMPLIES, "then": {**IMPLIES, "then": {**FUNDS, "required": True}}}, tagged(3), ["missing"]),
        # length in items
        ({**LENGTH, "at_least": 1}, {"sections": {"s": {}}}, ["short"]),
        ({**LENGTH, "at_most": 1}, {"sections": {"s": {"measures": {"m": {}, "n": {}}}}}, ["long"]),
        ({**LENGTH, "at_least": 1}, {"sections": {"s": {"measures": {"m": {}}}}}, []),
    ],
)
def test_a_kind_fires_and_stays_silent(rule: dict[str, Any], plan: dict[str, Any], want: list[str]) -> None:
    """Each kind gives its message where its condition fails, and nothing where it holds."""
    findings, outcome = checked(rule, plan)
    assert [finding.message_id for finding in findings] == want
    assert outcome.outcome == ("fail" if want else "pass"), outcome.error


@pytest.mark.parametrize(
    ("rule", "plan", "period"),
    [
        ({"kind": "window", "of": CONGRESS, "months": [3]}, {}, 2027),
        (NEAR, activities({"on": {"month": 3}}), "2027-02/2027-07"),
        (ORDER, activities({}), 2027),
        ({"kind": "field", "of": CONGRESS, "field": "owner", "required": True}, {}, 2027),
        (HALL, {}, 2027),
        ({"kind": "implies", "if": CONGRESS, "then": {**FUNDS, "required": True}}, {}, 2027),
        ({**LENGTH, "at_least": 1}, {}, 2027),
        ({**COUNT, "at_least": 1, "per": "year"}, {}, "2027-09/2027-12"),
        ({"kind": "coverage", "of": ACTIVITY, "every": "section"}, {}, 2027),
        ({"kind": "festival", "of": ACTIVITY}, tagged(3), 2027),
    ],
)
def test_nothing_to_look_at_is_not_applicable(
    rule: dict[str, Any], plan: dict[str, Any], period: object
) -> None:
    """A rule that found nothing to judge neither passes nor fails."""
    findings, outcome = checked(rule, plan, period)
    assert (findings, outcome.outcome) == ((), "not_applicable")


def test_a_finding_says_what_was_found_and_wanted_and_where() -> None:
    """The rule's own sentence is filled, and the finding points at the item and its field."""
    rule = {
        **COUNT,
        "at_most": 1,
        "per": "year",
        "messages": {"many": "{window}安排了{found}次，至多{wanted}次"},
    }
    findings, _ = checked(rule, tagged(3, 4))
    assert findings[0].message == "2027年安排了2次，至多1次"
    assert dict(findings[0].data) == {"window": "2027年", "found": 2, "wanted": "1"}

    findings, _ = checked({"kind": "field", "of": ACTIVITY, "field": "owner", "required": True}, tagged(1, 2))
    assert [(one.path, one.location and one.location.line) for one in findings] == [
        ("activities/a/owner", 1),
        ("activities/b/owner", 2),
    ]


@pytest.mark.parametrize("bound", [{"not_in": ["待定", "有关部门"]}, {"one_of": ["宣传委员"]}])
def test_a_finding_names_the_members_of_a_list_that_are_wrong(bound: dict[str, Any]) -> None:
    """Not those beside them that are fine."""
    plan = activities({"owner": ["宣传委员", "待定"]})
    (finding,), _ = checked({"kind": "field", "of": ACTIVITY, "field": "owner", **bound}, plan)
    assert finding.data["found"] == "待定"


@pytest.mark.parametrize(
    ("year", "title", "on", "want"),
    [
        (2027, "重阳节敬老", {"month": 9}, ["month"]),
        (2027, "重阳节敬老", {"month": 10}, []),
        (2028, "重阳节敬老", {"festival": "重阳节"}, []),
        (2027, "端午节慰问", {"month": 5}, ["month"]),
        (2028, "端午节慰问", {"month": 5}, []),
        (2028, "端午节慰问", {"month": 6}, ["month"]),
        (2027, "国庆慰问", {"festival": "国庆节", "before": "7 days"}, []),
        (2027, "中秋、国庆两节慰问", {"month": 9}, []),
        (2027, "迎七一歌咏", {"month": 6}, []),
        (2027, "庆“七一”", {"month": 5}, ["month"]),
        (2027, "元旦联欢", {"month": 12}, []),
        (2027, "“三八”妇女节活动", {"months": [3]}, []),
        # days are held against the days of the festival, a whole month against its month
        (2028, "中秋节慰问", {"from": "09-08", "to": "09-16"}, ["month"]),
        (2028, "中秋节慰问", {"from": "09-26", "to": "10-04"}, []),
        (2028, "中秋节慰问", {"month": 9}, []),
        (2028, "采购中秋节慰问品", {"from": "09-08", "to": "09-16"}, []),
        (2027, "国庆歌会", {"month": 9, "part": "下旬"}, []),
        (2027, "国庆歌会", {"month": 9, "part": "上旬"}, ["month"]),
        (2027, "元旦联欢", {"month": 12, "part": "下旬"}, []),
        (2027, "三八节趣味活动", {"month": 3, "part": "下旬"}, []),
    ],
)
def test_festivals_stand_in_their_month(year: int, title: str, on: dict[str, Any], want: list[str]) -> None:
    """A festival belongs into the month in which it falls that year, or just before it."""
    findings, outcome = checked(
        {"kind": "festival", "of": ACTIVITY}, activities({"title": title, "on": on}), year
    )
    assert [finding.message_id for finding in findings] == want, outcome


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("4月组织健步走，10月8日重阳节组织座谈1次。", []),
        ("3月举办招聘对接会1场，由组织委员联系；6月结合安全生产月，开展隐患排查。", []),
        ("4月组织健步走，重阳节组织座谈1次。", []),
        ("3月、4月开展三八节和清明节活动。", []),
        ("3月开展三八节和清明节活动。", []),
        ("9月底前完成国庆节慰问，5月起至中秋节每月巡查1次。", []),
        ("3月通报春节慰问情况，1月制定三八节活动方案。", []),
        ("农历九月初九重阳节走访退休人员。", []),
        ("春节、五一节、国庆节等节日及12月开展走访。", []),
        ("4月组织健步走，9月重阳节组织座谈1次。", ["重阳节"]),
        ("九月庆祝重阳节登高。", ["重阳节"]),
        ("元宵节灯谜会于12月举行。", ["元宵节"]),
        ("5月1日至3日组织端午节龙舟赛。", ["端午节"]),
        ("（二）9月上旬，由生活委员组织重阳节登高，费用从会费列支。", ["重阳节"]),
        ("9月上旬，组织秋游，重阳节走访退休人员。", []),
    ],
)
def test_running_text_is_judged_by_clauses(text: str, want: list[str]) -> None:
    """A festival is held against the time that its own clause gives it, and against no other."""
    plan = {"sections": {"a": {"measures": {"m": {"text": text}}}}}
    findings, outcome = checked({"kind": "festival", "of": {"what": "measure"}}, plan)
    assert [finding.quote for finding in findings] == want, outcome


@pytest.mark.parametrize("title", ["推荐五一劳动奖章", "评选三八红旗手", "职工健步走"])
def test_honours_named_after_a_day_are_no_festival(title: str) -> None:
    """五一劳动奖章 and 三八红旗手 may stand in any month."""
    _, outcome = checked(
        {"kind": "festival", "of": ACTIVITY}, activities({"title": title, "on": {"month": 1}})
    )
    assert outcome.outcome == "not_applicable"
