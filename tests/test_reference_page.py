"""The whole example of the reference: one layer, directive and plan file that use every construct there is."""

import datetime as dt
from pathlib import Path

import pytest

import planloom
from planloom.rules.trials import run_rule_tests
from planloom.source import parse_source
from planloom_schemas.convert import structure_layer
from planloom_schemas.finding import Report
from planloom_schemas.plan import DateSpan, Plan
from planloom_schemas.rule import KINDS, Rule

HOSPITAL = """\
planloom: 1
layer: hospital
kind: profile
title: 医院工会
prefix: HOS
extends: [union]
heading: "{{ organisation }}{{ period.label }}工作计划"
facts:
  staff: {type: integer, title: 职工人数, min: 1, ask: true}       # union fixes the same type
  night_shift: {type: boolean, title: 是否有夜班, default: true}
  grade: {type: choice, title: 医院等级, one_of: [一级, 二级, 三级]}
  congress_from: {type: integer, title: 应建职代会的人数, default: 100}
  turnover: {type: number, title: 年离职率, max: 100, default: 2.5}
  motto: {type: text, title: 院训, default: 敬佑生命}
  founded: {type: date, title: 建院日期, default: 1958-06-18}
  campuses: {type: list, title: 院区, default: [本部, 东院]}
tags:
  workers-congress: {title: 职代会, words: [职工代表大会, 职代会]}
  outing: {title: 春秋游, words: [春游, 秋游, 踏青]}
  safety-plan: {title: 安全预案, words: [安全预案]}
  proposals: {title: 提案, words: [征集提案, 提案征集]}
documents:
  trade-union-law: {title: 中华人民共和国工会法, aliases: [工会法], editions: [{year: 2021, from: 2022-01-01}]}
  hospital-rules: {title: 市第二人民医院工会工作办法}
festivals: {院庆日: {date: 06-18}}
budget:
  dues: {title: 会费, side: income, amount: 36000}
sections:
  preamble: {title: 前言, numbered: false, lead: "{{ period.label }}，医院工会按“{{ motto }}”的要求安排以下工作。"}
  affairs:
    title: 民主管理与院务公开
    after: [guidance]
    when: staff >= 10
    tags: [openness]                                             # union declares it
    lead: {file: affairs.md.j2}
    measures:
      congress:
        text: 于{{ activities['congress'].months | cn_months }}召开职工代表大会，提案答复率{{ 100 }}%。
        owner: [工会委员会, 院长办公室]
        on: {month: 3}
        target: {value: 100, unit: "%"}
        activities: [congress]
        when: staff >= congress_from and not (grade == '一级' or night_shift == false)
      walks:
        text: 春秋两季外出活动，出发前3天由组织部门报送安全预案。
        owner: 文体委员
        activities: [outing, walk]
        tags: [safety-plan]
  schedule: {title: 活动安排, shows: activities}
activities:
  congress: {title: 召开职工代表大会, on: {month: 3, part: 下旬}, section: affairs, owner: 工会委员会, tags: [workers-congress],
             place: 报告厅, participants: 全体代表, budget: {amount: 3000, category: 职工活动}}
  call: {title: 征集提案, on: {activity: congress, before: 60 days}, section: affairs, tags: [proposals]}
  relief: {title: 送温暖, on: {festival: 春节, before: 10 days}, budget: 20000}
  cool: {title: 送清凉, on: {months: [7, 8]}}
  outing: {title: 春游, on: {solar_term: 清明, after: 20 days}, tags: [outing]}
  walk: {title: 秋季踏青, on: {weekday: 2nd saturday of october}, tags: [outing]}
  visit: {title: 看望离退休职工, on: {festival: 重阳节}}
  founding: {title: 院庆书画展, on: {festival: 院庆日, before: 3 days, after: 3 days}}
  nurses-day: {title: 护士节座谈, on: {date: 05-12}}
  women: {title: 女职工健康讲座, on: {date: 03-08}}
  training: {title: 工会小组长培训, on: {weekday: last friday of may}}
  accounts: {title: 公布经费收支, on: {every: quarter}}
  meeting: {title: 工会委员会例会, on: {every: month, part: 上旬}}
  review: {title: 上半年工作检查, on: {quarter: 3}}
  new-year: {title: 元旦春节走访, on: {from: 12-20, to: 01-10}}
rules:
  HOS001:
    slug: congress-each-year
    title: 每年至少召开一次职工代表大会
    severity: warn
    binding: house
    scope: own
    when: staff >= congress_from
    kind: count
    of: {what: activity, tags: [workers-congress]}
    at_least: 1
    per: year
    basis: [{document: trade-union-law, edition: 2021, article: 第六条, verified: false}]
    messages: {few: "{window}安排了{found}次，至少应有{wanted}次"}
    help: 职工代表大会每年至少一次。在 activities 中安排一次职工代表大会。
    fix: {unsafe: {set: {activities/congress: {title: 召开职工代表大会, on: {month: 3}, tags: [workers-congress]}}}}
    tests:
      - {name: 未安排, facts: {staff: 860}, plan: {activities: {}}, want: [few]}
      - {name: 已安排, facts: {staff: 860}, plan: {activities: {a: {on: {month: 3}, tags: [workers-congress]}}}, want: []}
  HOS002: {title: 有经审, kind: require, of: {what: section, id: safeguards}, required: true}
  HOS003: {title: 护士节慰问, kind: window, of: {what: activity, id: nurses-day}, near: {date: 05-12}, within: 10 days}
  HOS004: {title: 先征集后开会, kind: order, first: {what: activity, tags: [proposals]}, then: {what: activity, tags: [workers-congress]}, gap: 30 days}
  HOS005: {title: 月月有活动, kind: coverage, of: {what: activity}, every: month, allow_empty: [2]}
  HOS006: {title: 有责任人, kind: field, of: {what: activity}, field: owner, required: true, not_in: [待定]}
  HOS007: {title: 不超收入, kind: total, of: {what: budget, fields: {side: {eq: expense}}}, against: {what: budget, fields: {side: {eq: income}}}, at_most: 100%, unit: 元}
  HOS008: {title: 场地不冲突, kind: unique, of: {what: activity, fields: {place: {exists: true}}}, by: [place, dates]}
  HOS010: {title: 外出有预案, kind: implies, if: {what: activity, tags: [outing]}, then: {kind: require, of: {what: measure, tags: [safety-plan]}, required: true}}
  HOS012: {title: 用院务公开, kind: wording, words: {校务公开: 院务公开}, except: [校务公开条例]}
  HOS013: {title: 无占位符, kind: pattern, of: {what: text}, must_not: ['_{2,}年', '[xX]{2}届']}
  HOS014: {title: 总体要求长短, kind: length, of: {what: section, id: guidance}, unit: chars, at_least: 80, at_most: 600}
  HOS015: {title: 层次序数, kind: numbering, depth: 4}
  HOS016: {title: 标点, kind: typography, checks: [quotes, dates, width, spaces]}
  HOS017: {title: 文件现行, kind: cite, of: {what: citation}}
  HOS018: {title: 无旧年残留, kind: stale, checks: [year, era, ordinal, similar], similarity: 80%}
  HOS019: {title: 节日对月, kind: festival, of: {what: activity}}
  HOS020: {title: 不重复, kind: duplicate, of: {what: measure}, similarity: 90%, from: 20}
  HOS021: {title: 培训排在五月以后, kind: window, of: [{what: activity, id: [training, review]}], after: {date: 05-01}, before: {activity: walk}, fix: {manual: 改期}}
  HOS022:
    title: 选择器的各种条件
    kind: require
    of:
      - what: activity
        section: [affairs]
        months: [3]
        all_tags: [workers-congress]
        fields: {title: {matches: 大会, in: [召开职工代表大会]}, tags: {has: workers-congress}, amount: {gt: 1000, lt: 5000, between: [3000, 3000]}}
    required: true
"""  # noqa: E501
DISTRICT = """\
planloom: 1
layer: district-2027
kind: directive
title: 区卫生系统工会2027年工作要点
prefix: DIS
facts: {congress_from: {value: 120}}
activities:
  visit: {remove: 由区里统一走访}
  rally: {title: 参加全区职工运动会, on: {date: 2027-09-18}}
rules:
  HOS001: {if_present: true, binding: upper, at_least: 2}
  RLW001: {if_present: true, binding: upper, at_least: 2}
"""
PLAN = """\
planloom: 1
plan: hospital-2027
profiles: [hospital]
directives: [./district-2027.yaml]
grant: []
period: 2027
organisation: 市第二人民医院工会委员会
facts: {staff: 860, members: 820, women_members: 510, grade: 三级}
signature: {date: 2027-01-05}
last: ./2026.docx
attachments: {calendar: {title: 全年活动安排表, shows: activities}}
activities: {cool: {on: {month: 7}}, outing: {remove: 经费优先用于送温暖}, visit: {restore: 本年恢复}}
sections: {affairs: {tags: {remove: [openness]}, after: {remove: [guidance]}, lead: null}}
rules: {HOS005: {loosen: {reason: 八月轮休, allow_empty: [2, 8]}}, HOS012: {remove: 本院不用此称}}
waivers: [{rule: HOS001, where: activities/congress, reason: 换届推迟, by: 王芳, until: 2027-12-31}]
"""
LAST = """\
planloom: 1
plan: hospital-2026
profiles: [hospital]
period: 2026
organisation: 市第二人民医院工会委员会
facts: {staff: 850, members: 800, women_members: 500, grade: 三级}
"""


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plan:
    """The plan of the page, composed in a folder that also holds last year's in Word."""
    monkeypatch.chdir(tmp_path)
    Path("layers/hospital/templates").mkdir(parents=True)
    Path("layers/hospital/layer.yaml").write_text(HOSPITAL, encoding="utf-8")
    Path("layers/hospital/templates/affairs.md.j2").write_text(
        "{% if night_shift %}夜班职工{% endif %}的意见每月收集1次。\n", encoding="utf-8"
    )
    Path("district-2027.yaml").write_text(DISTRICT, encoding="utf-8")
    Path("2026.yaml").write_text(LAST, encoding="utf-8")
    Path("plan.yaml").write_text(PLAN, encoding="utf-8")
    planloom.render(planloom.compose("2026.yaml", layer_path=["layers"]), "2026.docx")
    return planloom.compose("plan.yaml", layer_path=["layers"])


@pytest.fixture
def report(plan: Plan) -> Report:
    """The check of the plan file, on a day on which its waiver holds."""
    return planloom.check("plan.yaml", layer_path=["layers"], today=dt.date(2027, 1, 5))


def test_the_example_uses_every_kind() -> None:
    """No kind of rule is left out."""
    layer = structure_layer(_read(HOSPITAL))
    kinds = {rule.kind for rule in (layer.rules or {}).values()}
    kinds |= {rule.then.kind for rule in (layer.rules or {}).values() if isinstance(rule.then, Rule)}
    assert kinds == KINDS.keys()


def test_the_example_composes(plan: Plan) -> None:
    """Content of all three layers, with the plan file's last word."""
    assert plan.title == "市第二人民医院工会委员会2027年工作计划"
    assert plan.facts["congress_from"] == 120
    affairs = next(one for one in plan.sections if one.id == "affairs")
    assert (affairs.lead, affairs.tags) == (None, ())
    assert affairs.measures[0].text == "于3月召开职工代表大会，提案答复率100%。"
    assert affairs.measures[1].activities == ("walk",)
    assert plan.signature.name == "市第二人民医院工会委员会"
    assert [one.title for one in plan.attachments] == ["全年活动安排表"]
    held = plan.origins["facts/staff/type"]
    assert ([one.origin.layer for one in held.holds], held.why) == (["union", "hospital"], "agreed")
    assert plan.origins["activities/outing"].why == "removed"
    assert plan.origins["activities/visit"].why == "restored"
    assert {note.code for note in plan.notes} >= {"NotApplied", "AssumedFacts"}


@pytest.mark.parametrize(
    ("name", "spans"),
    [
        ("congress", ["03-21 03-31"]),
        ("call", ["01-20 03-20"]),
        ("relief", ["01-27 02-05"]),
        ("cool", ["07-01 07-31"]),
        ("walk", ["10-09 10-09"]),
        ("visit", ["10-08 10-08"]),
        ("founding", ["06-15 06-21"]),
        ("training", ["05-28 05-28"]),
        ("accounts", ["01-01 03-31", "04-01 06-30", "07-01 09-30", "10-01 12-31"]),
        ("meeting", [f"{month:02}-01 {month:02}-10" for month in range(1, 13)]),
        ("review", ["07-01 09-30"]),
        ("new-year", ["01-01 01-10", "12-20 12-31"]),
        ("rally", ["09-18 09-18"]),
    ],
)
def test_its_activities_have_their_days(name: str, spans: list[str], plan: Plan) -> None:
    """Every base, part and shift gives the days of this year, cut by it."""
    (found,) = [one for one in plan.activities if one.id == name]
    days = [tuple(dt.date.fromisoformat(f"2027-{day}") for day in span.split()) for span in spans]
    assert found.dates == tuple(DateSpan(start=start, end=end) for start, end in days)


def test_its_rules_run(report: Report) -> None:
    """None crashes or is left without an answer; what is tightened, loosened, removed and waived shows."""
    outcomes = {one.code: one.outcome for one in report.outcomes if one.code.startswith("HOS")}
    assert "HOS012" not in outcomes
    assert {code: name for code, name in outcomes.items() if name not in ("pass", "not_applicable")} == {
        "HOS001": "waived",
        "HOS006": "fail",
        "HOS018": "fail",
    }
    assert {one.message_id for one in report.findings if one.code == "HOS018"} == {"similar"}
    (few,) = [one for one in report.findings if one.code == "HOS001"]
    assert (few.message, few.binding, few.status) == ("2027年安排了1次，至少应有2次", "upper", "waived")


def test_its_rules_pass_their_own_cases() -> None:
    """The cases that a rule brings along stand alone."""
    layer = structure_layer(_read(HOSPITAL))
    trials = [one for code, rule in (layer.rules or {}).items() for one in run_rule_tests(code, rule, layer)]
    assert [(one.name, one.is_passed) for one in trials] == [("未安排", True), ("已安排", True)]


def _read(text: str) -> object:
    return parse_source(text, "layer.yaml").data
