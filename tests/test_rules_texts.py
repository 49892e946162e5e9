"""The kinds that read texts: what they complain of, false alarms they do not raise, safe replacements."""

from typing import Any

import pytest
from attrs import evolve

from planloom.rules.engine import check_view
from planloom.rules.text_kinds import near_pairs
from planloom.rules.trials import plan_rule, view_of_case
from planloom_schemas.convert import structure
from planloom_schemas.dates import parse_period
from planloom_schemas.finding import Finding
from planloom_schemas.layer import Content
from planloom_schemas.rule import Rule

LAYER: dict[str, Any] = {
    "documents": {
        "union-law": {
            "title": "中华人民共和国工会法",
            "aliases": ["工会法"],
            "editions": [
                {"year": 2001, "from": "2001-10-27", "until": "2021-12-31"},
                {"year": 2021, "from": "2022-01-01"},
            ],
        },
        "old-rules": {"title": "某某管理暂行规定", "editions": [{"year": 1999, "until": "2010-12-31"}]},
        "money": {"title": "基层工会经费收支管理办法", "aliases": ["总工办发〔2017〕32号"]},
    }
}


def found(rule: dict[str, Any], text: str, year: int = 2027, last: tuple[str, ...] = ()) -> list[Finding]:
    """What a rule finds in the lines of a document."""
    layer = structure(Content, LAYER)
    view = evolve(view_of_case({}, layer, parse_period(year), text), last=last)
    made = plan_rule("TST001", structure(Rule, {"title": "试", **rule}))
    findings, outcomes = check_view(view, [made], {})
    assert outcomes[0].outcome != "crashed", outcomes[0].error
    return list(findings)


def ids(findings: list[Finding]) -> list[str]:
    """The message ids, in order of position."""
    return [finding.message_id for finding in findings]


WORDS = {
    "kind": "wording",
    "words": {"校务公开": "院务公开", "职代会": "教职代会"},
    "except": ["校务公开条例"],
}
HOLES = {"kind": "pattern", "of": {"what": "text"}, "must_not": ["_{2,}年", "[xX]{2}届", "“”"]}
YEARS = {"kind": "stale", "checks": ["year"]}
ERAS = {"kind": "stale", "checks": ["era"]}
ORDINALS = {"kind": "stale", "checks": ["ordinal"]}


@pytest.mark.parametrize(
    ("rule", "text", "want"),
    [
        (WORDS, "推行校务公开。", ["wrong"]),
        (WORDS, "学习《校务公开条例》。", []),
        (WORDS, "召开教职代会。", []),
        (WORDS, "召开职代会，推行校务公开。", ["wrong", "wrong"]),
        (HOLES, "__年工作要点，第xx届，开展“”活动", ["found", "found", "found"]),
        (HOLES, "2027年工作要点", []),
        ({"kind": "pattern", "of": {"what": "text"}, "must": ["工会"]}, "职工活动", ["absent"]),
        ({"kind": "pattern", "of": {"what": "text"}, "must": ["工会"]}, "工会活动", []),
        ({"kind": "length", "of": {"what": "text"}, "unit": "chars", "at_least": 4}, "做好 了", ["short"]),
        ({"kind": "length", "of": {"what": "text"}, "unit": "chars", "at_most": 4}, "做好工作了", ["long"]),
        (
            {"kind": "length", "of": {"what": "text"}, "unit": "chars", "at_least": 4, "at_most": 4},
            "做好工作",
            [],
        ),
        ({"kind": "cite"}, "贯彻《工会法》和《中华人民共和国工会法》", []),
        ({"kind": "cite"}, "贯彻《某市职工权益条例》", ["unknown"]),
        ({"kind": "cite"}, "学唱《在希望的田野上》", []),
        ({"kind": "cite"}, "贯彻《某某管理暂行规定》", ["repealed"]),
        ({"kind": "cite"}, "贯彻《工会法》（2001年修正）", ["edition"]),
        ({"kind": "cite"}, "贯彻《工会法》（2021年修正）", []),
        ({"kind": "cite"}, "按照总工办发〔2017〕32号执行", []),
        ({"kind": "cite"}, "按照某工发〔2019〕6号执行", ["unknown"]),
        (YEARS, "2019工作计划", ["year"]),
        (YEARS, "二〇一三年四月", ["year"]),
        (YEARS, "2028年工作计划", ["year"]),
        (YEARS, "2011—2015年规划", ["year", "year"]),
        (YEARS, "2027年工作计划，到2030年建成", []),
        (YEARS, "“十五五”（2026—2030年）规划", []),
        (YEARS, "依据《某规定（2019年）》和某发〔2017〕3号", []),
        (YEARS, "自2018年以来；2019年成立；2021年修正", []),
        (YEARS, "做好2026年度总结", []),
        (YEARS, "发放2019元，共2019名", []),
        (ERAS, "贯彻党的十九大精神", ["era"]),
        (ERAS, "贯彻十七 届四中全会精神", ["era"]),
        (ERAS, "贯彻党的二十大和二十届历次全会精神", []),
        (ERAS, "党的十八大以来", []),
        (ERAS, "党的十九大、二十大精神", []),
        (ERAS, "以邓小平理论、科学发展观为指导", ["era"]),
        (ERAS, "以科学发展观、习近平新时代中国特色社会主义思想为指导", []),
        (ERAS, "“十四五”规划", ["era"]),
        (ERAS, "“十五五”规划", []),
        (ERAS, "开展扩大会议，完成四大任务、一大批实事", []),
        (ORDINALS, "庆祝国庆63周年", ["ordinal"]),
        (ORDINALS, "庆祝新中国成立七十八周年", []),
        (ORDINALS, "32个教师节", ["ordinal"]),
        (ORDINALS, "第43个教师节、第117个三八妇女节", []),
        ({"kind": "numbering"}, "一、甲\n二、乙\n四、丁", ["gap"]),
        ({"kind": "numbering"}, "一、甲\n一、乙", ["repeat"]),
        ({"kind": "numbering"}, "一、甲\n（一）子\n（二）丑\n二、乙\n（一）寅", []),
        ({"kind": "numbering"}, "一、甲\n(一)子", ["style"]),
        ({"kind": "numbering"}, "一、甲\n1、子", ["style"]),
        ({"kind": "numbering", "depth": 2}, "一、甲\n（一）子\n1.丑", ["deep"]),
        ({"kind": "numbering"}, "一、二月\n三、四月\n七、八月\n一、甲", []),
        ({"kind": "numbering"}, "一、甲\n1.子\n2.丑\n以上各项要落实。\n1.寅", []),
        ({"kind": "numbering"}, "# 篇一\n一、甲\n# 篇二\n一、乙", []),
        ({"kind": "typography", "checks": ["quotes"]}, "开展“安康杯竞赛", ["quotes"]),
        ({"kind": "typography", "checks": ["quotes"]}, '开展"安康杯"竞赛', ["quotes", "quotes"]),
        ({"kind": "typography", "checks": ["quotes"]}, "开展“安康杯”（第一期）《手册》\n1）甲", []),
        ({"kind": "typography", "checks": ["dates"]}, "2027.3.5、2027-03-05、2027年03月05日", ["dates"] * 3),
        ({"kind": "typography", "checks": ["dates"]}, "2027年3月5日，第2027.3号，10月20日", []),
        ({"kind": "typography", "checks": ["width"]}, "各班组,要(认真)落实１２项", ["width"] * 4),
        ({"kind": "typography", "checks": ["width"]}, "征集1次, 答复", ["width"]),
        ({"kind": "typography", "checks": ["width"]}, "见http://a.b/c，8:30开始，完成率100%", []),
        ({"kind": "typography", "checks": ["spaces"]}, "工会 工作要抓好", ["spaces"]),
        ({"kind": "typography", "checks": ["spaces"]}, "王 芳\n工会 Union 工作", []),
        ({"kind": "wording", "words": {"厂务公开": "校务公开", "甲": "厂务公开"}}, "推进厂务公开", ["wrong"]),
        ({"kind": "wording", "words": {"职代会": "教代会", "开职代会": "开职代会"}}, "召开职代会", ["wrong"]),
        (
            {"kind": "wording", "words": {"工会秘书": "工会委员", "工会秘书长": "工会主席"}},
            "工会秘书长",
            ["wrong"],
        ),
        ({"kind": "wording", "words": {"职代会": "教职代会", "甲": "乙"}}, "召开教职代会", []),
        (
            {"kind": "duplicate", "of": {"what": "text"}, "from": 5},
            "组织教职工读书活动\n做好经费管理工作\n组织教职工读书活动",
            ["duplicate"],
        ),
        (
            {"kind": "duplicate", "of": {"what": "text"}, "from": 5, "similarity": "80%"},
            "组织教职工读书活动\n组织教职工读书的活动",
            ["duplicate"],
        ),
        ({"kind": "duplicate", "of": {"what": "text"}}, "读书活动\n读书活动", []),
    ],
)
def test_a_text_kind_fires_and_stays_silent(rule: dict[str, Any], text: str, want: list[str]) -> None:
    """Each text kind names what is wrong and leaves alone what only looks like it."""
    assert ids(found(rule, text)) == want


@pytest.mark.parametrize(
    ("text", "year", "want"),
    [
        ("贯彻党的十九大精神", 2018, []),
        ("贯彻党的二十大精神", 2019, ["era"]),
        ("贯彻党的十九大精神", 2022, []),
    ],
)
def test_what_is_stale_depends_on_the_year(text: str, year: int, want: list[str]) -> None:
    """A congress is current until the next one, and cannot be named before it was held."""
    assert ids(found(ERAS, text, year)) == want


def test_last_years_plan_shows_through() -> None:
    """A plan that mostly repeats last year's paragraphs is found, one that does not is left alone."""
    rule = {"kind": "stale", "checks": ["similar"], "similarity": "80%"}
    last = ("组织开展教职工读书分享活动并评选优秀。", "做好困难教职工的走访慰问工作。")
    assert ids(found(rule, "\n".join(last), last=last)) == ["similar"]
    assert ids(found(rule, f"{last[0]}\n举办一次全员参加的秋季健步走比赛，推广工间操。", last=last)) == []


def test_findings_in_documents_stand_at_line_and_column_and_can_be_replaced() -> None:
    """The words complained about are quoted, located, and safely replaced by offsets of the file."""
    text = "工作安排\n大力推行校务公开。"
    (finding,) = found(WORDS, text)
    assert finding.quote == "校务公开"
    assert finding.location is not None
    assert (finding.location.column, finding.location.end_column) == (5, 9)
    assert finding.repair is not None
    assert finding.repair.safe
    (edit,) = finding.repair.edits
    assert text[: edit.start] + edit.text + text[edit.end :] == "工作安排\n大力推行院务公开。"


def test_near_duplicates_are_the_same_as_by_comparing_all_pairs() -> None:
    """The index never loses a pair that comparing everything with everything finds."""
    from rapidfuzz.fuzz import ratio

    stems = ["组织教职工开展读书活动", "做好经费管理和审查", "召开一次座谈会议", "走访慰问困难教职工家庭"]
    texts = [
        f"{stem}{tail}" for stem in stems for tail in ("", "一次", "并做好记录", "，评选优秀", "，评选先进")
    ]
    for least in (60.0, 75.0, 90.0):
        expected = {
            later for later, one in enumerate(texts) if any(ratio(two, one) >= least for two in texts[:later])
        }
        assert {second for _, second, _ in near_pairs(texts, least)} == expected
