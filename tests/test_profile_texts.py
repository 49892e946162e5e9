"""What the bundled profiles say: texts follow the schedule, fit the facts, and do not contradict each other."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from planloom import compose
from planloom.discovery import discover
from planloom.layers import load_layer
from planloom.rules.engine import check_view
from planloom.rules.planview import view_of_plan
from planloom_schemas.plan import Plan

PROFILES = ("agency", "community", "enterprise", "school")
FACTS: dict[str, object] = {"staff": 86, "members": 84, "women_members": 60}
BASES = {"staff-congress", "workers-assembly", "members-assembly"}
"""Others are dated from these; taking one out is an error of its own."""
TERMS = ("2026-09/2027-01", "2027-02/2027-07")
LIBRARY = discover()


def composed(profile: str, period: object = 2027, **facts: object) -> Plan:
    """A plan made from nothing but facts."""
    return compose(
        profiles=[profile],
        period=period,
        facts={**FACTS, **facts},
        organisation="滨河联合工会委员会",
        library=LIBRARY,
    )


@cache
def usual(profile: str) -> Plan:
    """The plan of a profile for 2027."""
    return composed(profile)


def changed(folder: Path, profile: str, activity: str, change: str) -> Plan:
    """The same plan after an officer changed one activity."""
    file = folder / "plan.yaml"
    file.write_text(
        f"planloom: 1\nplan: p\nprofiles: [{profile}]\nperiod: 2027\norganisation: 滨河联合工会委员会\n"
        "facts: {staff: 86, members: 84, women_members: 60}\n"
        f"activities:\n  {activity}: {change}\n",
        encoding="utf-8",
    )
    return compose(file, library=LIBRARY)


def said(plan: Plan, measure: str) -> str:
    """The text of a measure, "" if it is hidden."""
    return next((one.text for section in plan.sections for one in section.measures if one.id == measure), "")


def planned(plan: Plan) -> list[str]:
    """The activities that fall into the period."""
    return [one.id for one in plan.activities if one.dates]


@pytest.mark.parametrize(
    ("profile", "measure", "activity", "on", "wanted", "gone"),
    [
        ("school", "family-day", "family-day", "{month: 11}", "11月举办教职工亲子开放活动", "儿童节"),
        ("school", "family-day", "lantern-riddles", "{month: 4}", "4月举办灯谜会", "元宵"),
        ("school", "proposals", "proposals", "{month: 1}", "1月征集提案", "大会召开前"),
        ("school", "mentoring", "mentoring-start", "{month: 3}", "3月由业务部门组织", "9月"),
        ("school", "relief", "spring-relief", "{month: 12}", "12月登门送温暖", "春节"),
        ("school", "models", "may-day", "{month: 10}", "10月评选先进会员", "劳动节"),
        ("school", "retirees", "double-ninth-visit", "{month: 11}", "11月1日至30日由生活委员", "重阳"),
        ("school", "fitness", "fitness-day", "{date: 05-20}", "5月20日由文体委员", "8月"),
        ("school", "theory", "constitution-week", "{month: 6}", "6月组织宪法知识答题", "宪法宣传周"),
        ("school", "disclosure", "disclosure", "{months: [6, 12]}", "6月、12月由财务委员", "25日"),
        ("school", "training", "cadre-training", "{month: 3}", "3月由组织委员举办", "7月"),
        ("school", "audit", "audit", "{months: [2, 8]}", "于2月、8月审查", "每半年"),
        ("school", "womens-health", "health-check", "{month: 9}", "列入9月健康体检", "6月"),
        ("enterprise", "prevention", "pay-check", "{month: 12}", "12月逐人核查工资", "春节"),
        ("enterprise", "safety-training", "safety-month", "{month: 9}", "9月由安全管理部门", "安全生产月"),
        ("enterprise", "occupational-health", "occupational-health-week", "{date: 10-15}", "于10月15日举办", "宣传周"),
        ("enterprise", "hazard-hunt", "hazard-hunt", "{months: [4, 9]}", "4月、9月由劳动保护检查员", "每季度"),
        ("community", "legal-publicity", "law-stall", "{date: 09-20}", "9月20日设咨询点", "宣传周"),
        ("community", "jobs-safety", "shop-safety", "{month: 9}", "9月由网格员", "安全生产月"),
        ("community", "neighbours", "couplets", "{month: 12}", "12月写春联", "1—2月"),
        ("community", "joint-meeting", "joint-meeting", "{months: [5, 11]}", "于5月、11月召开", "每季度"),
        ("agency", "members-advice", "members-advice", "{month: 10}", "10月由组织委员", "召开前"),
    ],
)  # fmt: skip
def test_a_text_follows_the_activity_an_officer_moves(
    tmp_path: Path, profile: str, measure: str, activity: str, on: str, wanted: str, gone: str
) -> None:
    """It names the new time, and no word of it still holds on to the old one."""
    text = said(changed(tmp_path, profile, activity, f"{{on: {on}}}"), measure)
    assert wanted in text
    assert gone not in text


@pytest.mark.parametrize(
    ("profile", "activity"),
    [(profile, id) for profile in PROFILES for id in planned(usual(profile)) if id not in BASES],
)
def test_any_activity_can_be_taken_out(tmp_path: Path, profile: str, activity: str) -> None:
    """The texts that named it stay whole sentences."""
    plan = changed(tmp_path, profile, activity, "{remove: 本年不办}")
    texts = [measure.text for section in plan.sections for measure in section.measures]
    assert all(text.endswith("。") for text in texts)
    assert not [
        text for text in texts for wrong in ("，，", "，；", "；；", "、，", "；。", "，。") if wrong in text
    ]
    assert not [text for text in texts if text.startswith(("，", "；", "、"))]


def test_contests_stay_contests_without_both(tmp_path: Path) -> None:
    """With neither ball games nor the games day the teams still have something to play."""
    file = tmp_path / "plan.yaml"
    file.write_text(
        "planloom: 1\nplan: p\nprofiles: [school]\nperiod: 2027\norganisation: 育才小学工会委员会\n"
        "facts: {staff: 86, members: 84, women_members: 60}\n"
        "activities: {ball-games: {remove: 场地维修}, staff-games: {remove: 场地维修}}\n",
        encoding="utf-8",
    )
    assert said(compose(file, library=LIBRARY), "contests").startswith(
        "每半年举办会员体育比赛1次，以工会小组"
    )


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("period", [2026, 2027, 2028, *TERMS])
def test_the_goal_of_activities_is_one_the_schedule_keeps(profile: str, period: object) -> None:
    """Two activities of culture or sport for all members in each half of the year."""
    plan = composed(profile, period)
    assert "每半年至少开展2项" in said(plan, "goal-activity")
    months = [
        activity.dates[0].start.month
        for activity in plan.activities
        if activity.section == "culture"
        and activity.dates
        and activity.participants in ("全体会员", "全体教职工", "各工会小组")
    ]
    halves = [sum(month <= 6 for month in months), sum(month > 6 for month in months)]
    assert max(halves) >= 2
    assert min(halves) >= 2 or period in TERMS


@pytest.mark.parametrize(("facts", "count"), [({}, 2), ({"period": "2026-09/2027-01"}, 1)])
def test_lectures_are_counted_as_often_as_they_are_held(facts: dict[str, object], count: int) -> None:
    """With two lectures 各1场, with one just 1场."""
    text = said(composed("school", **facts), "health-check")
    assert ("各举办心理健康讲座1场" in text) == (count == 2)
    assert "讲座1场" in text
    assert "每次" not in text


def test_a_collective_contract_is_published_after_it_can_take_effect() -> None:
    """Filed within ten days, effective after fifteen, published within five: April is long enough."""
    plan = usual("enterprise")
    filing = next(one for one in plan.activities if one.id == "contract-filing")
    assert (filing.dates[0].start.day, filing.dates[0].end.day) == (1, 30)
    assert said(plan, "collective-contract").endswith("5日内向全体职工公布，4月办结。")


def test_a_term_without_the_signing_only_prepares_it() -> None:
    """The autumn term does not promise the contract that is signed in spring."""
    lead = next(
        section.lead
        for section in composed("enterprise", TERMS[0]).sections
        if section.id == "collective-consultation"
    )
    assert lead is not None
    assert "本期做好准备" in lead


def test_the_employee_director_is_elected_by_the_body_the_enterprise_has() -> None:
    """Where the line for a congress lies above the staff, the assembly elects."""
    text = said(composed("enterprise", staff=320, workers_congress_from=500), "employee-director")
    assert "由职工大会选举产生" in text
    assert "职工代表大会" not in text


@pytest.mark.parametrize(
    ("stage", "wanted", "wrong"),
    [
        ("幼儿园", "夜间看护按月", ("晚自习", "学生")),
        ("高等学校", "学生公寓值班按月", ("晚自习",)),
        ("中学", "住校值班和晚自习看护按月", ("公寓",)),
    ],
)
def test_night_duty_is_called_what_it_is(stage: str, wanted: str, wrong: tuple[str, ...]) -> None:
    """A kindergarten has no evening classes and no students' dormitory."""
    plan = composed("school", stage=stage, boarding=True)
    visit = next(one for one in plan.activities if one.id == "night-duty-visit")
    text = said(plan, "boarding-duty")
    assert wanted in text
    assert not [word for word in wrong if word in text]
    assert visit.place == "宿舍、值班室"


@pytest.mark.parametrize("period", [2027, *TERMS])
def test_a_joint_union_has_no_single_employer(period: object) -> None:
    """Its plan names neither a personnel department nor one management; who does it, is said."""
    plan = composed("community", period)
    texts = [measure.text for section in plan.sections for measure in section.measures]
    assert not [text for text in texts if "人事部门" in text or "行政" in text or "本单位" in text]
    assert not [one.id for one in plan.activities if "人事部门" in one.owner]


@pytest.mark.parametrize(
    ("profile", "measure", "activity", "facts"),
    [
        ("school", "womens-rights", "womens-rights", {}),
        ("community", "womens-rights", "womens-rights", {}),
        ("enterprise", "factory-openness", "openness-check", {}),
        ("agency", "heritage", "martyrs-tribute", {}),
        ("agency", "paired-help", "paired-visit", {}),
        ("school", "boarding-duty", "night-duty-visit", {"boarding": True}),
        ("school", "retirees", "double-ninth-visit", {}),
        ("school", "tracking", "year-summary", {}),
    ],
)
def test_text_and_schedule_name_the_same_owner(
    profile: str, measure: str, activity: str, facts: dict[str, object]
) -> None:
    """Whoever answers for the activity stands in the text."""
    plan = composed(profile, **facts)
    owners = next(one.owner for one in plan.activities if one.id == activity)
    assert [owner for owner in owners if owner not in said(plan, measure)] == []


@pytest.mark.parametrize(("members", "body"), [(84, "会员大会"), (300, "会员代表大会")])
def test_an_agency_asks_for_advice_by_name_of_its_own_congress(members: int, body: str) -> None:
    """The plan knows which of the two it is, so neither text leaves it open."""
    plan = composed("agency", staff=320, members=members, reelection_year=True)
    texts = "".join(measure.text for section in plan.sections for measure in section.measures)
    assert "会员（代表）大会" not in texts
    assert f"由{body}同时选举" in texts


@pytest.mark.parametrize("profile", PROFILES)
def test_whose_retirees_are_printed_is_asked_for_them(profile: str) -> None:
    """Their number stands in the text, so no profile leaves it to the default without a question."""
    facts = load_layer(LIBRARY.layers[profile]).content.facts
    assert isinstance(facts, Mapping)
    assert facts["retirees"].ask is True


def test_more_women_than_members_is_said_once() -> None:
    """One contradiction, one finding, at the title."""
    plan = composed("school", women_members=100)
    findings, _ = check_view(view_of_plan(plan), plan.rules, plan.facts)
    assert [(one.code, one.path) for one in findings if one.code == "UNI061"] == [("UNI061", "heading")]


def test_a_budget_that_is_asked_for_has_lines() -> None:
    """A heading without a table is a finding."""
    plan = composed("school", with_budget=True)
    findings, _ = check_view(view_of_plan(plan), plan.rules, plan.facts)
    assert [one.code for one in findings if one.code == "UNI029"] == ["UNI029"]
