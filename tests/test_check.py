"""Checking: every defect at its line, waivers and baselines, and what stops a check."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

import planloom
from planloom.checking import Checker, check
from planloom.discovery import Library, discover
from planloom.pipeline import Request
from planloom.plugins import Plugins
from planloom.rules.baseline import Baseline, baseline_text, grown, read_baseline, shrunk
from planloom.rules.python import PythonRule, RuleView
from planloom.rules.waivers import covers
from planloom_schemas.convert import plan_to_json
from planloom_schemas.errors import PlanloomError
from planloom_schemas.finding import Finding, Report

TODAY = dt.date(2027, 1, 1)
LAYER = """\
planloom: 1
layer: small
kind: profile
title: 小工会
prefix: SML
facts:
  staff: {type: integer, title: 教职工人数, default: 86}
  boats: {type: integer, title: 船的数目}
tags:
  sport: {title: 体育, words: [运动会]}
  congress: {title: 教代会, words: [教代会]}
sections:
  work: {title: 主要工作, measures: {care: {text: 工会委员会在三月办好职代会。}}}
activities:
  congress: {title: 召开教代会, on: {month: 9}, owner: 工会委员会, tags: [congress]}
rules:
  SML001:
    slug: owner
    title: 活动有责任人
    severity: error
    kind: field
    of: {what: activity}
    field: owner
    required: true
    not_in: [待定]
    help: 没有责任人的活动无人落实。写明责任人或部门。
  SML002: {title: 用教代会, kind: wording, words: {职代会: 教代会}}
  SML003:
    {title: 有运动会, slug: sport, kind: count, of: {what: activity, tags: [sport]}, at_least: 1, per: year}
  SML004:
    {title: 教代会在上半年, kind: window, of: {what: activity, tags: [congress]}, months: [1, 2, 3, 4, 5, 6]}
  SML005:
    {title: 有水上安全, when: boats > 0, kind: require, of: {what: measure, id: safety}, required: true}
  SML006:
    {title: 大单位有春游, when: staff >= 100, kind: require, of: {what: activity, id: outing}, required: true}
"""
PLAN = """\
# 育才小学
planloom: 1
plan: p2027
profiles: [small]      # 选用
period: 2027
organisation: 育才小学工会委员会
signature: {date: 2027-01-05}
activities:
  games:
    title: 教职工运动会
    on: {month: 10}
    owner: 文体委员
    tags: [sport]
  congress:
    on: {month: 3}
sections:
  work:
    measures:
      care: {text: 工会委员会在三月办好教代会。}
"""
DEFECTS = PLAN.replace("owner: 文体委员", "owner: 待定").replace(
    "      care: {text: 工会委员会在三月办好教代会。}\n",
    "      care: {text: 工会委员会在三月办好教代会。}\n"
    "      more:\n        text: |\n          工会委员会在四月办好工作。\n"
    "          五月开职代会，六月再开职代会。\n",
)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """A library with one small profile."""
    folder = tmp_path / "layers"
    folder.mkdir()
    (folder / "small.yaml").write_text(LAYER, encoding="utf-8")
    return discover((folder,))


def written(tmp_path: Path, text: str, name: str = "plan.yaml") -> Path:
    """A file with some text."""
    file = tmp_path / name
    file.write_text(text, encoding="utf-8", newline="")
    return file


def own(report: Report) -> list[Finding]:
    """The findings of the small profile's own rules."""
    return [finding for finding in report.findings if finding.code.startswith("SML")]


def outcomes(report: Report) -> dict[str, str]:
    """The outcome of each of the small profile's rules."""
    return {one.code: one.outcome for one in report.outcomes if one.code.startswith("SML")}


def test_a_good_plan_has_no_finding(tmp_path: Path, library: Library) -> None:
    """Rules pass, do not apply, or lack facts; nothing that did not run passes."""
    report = check(written(tmp_path, PLAN), library=library, today=TODAY)
    assert own(report) == []
    assert outcomes(report) == {
        "SML001": "pass",
        "SML002": "pass",
        "SML003": "pass",
        "SML004": "pass",
        "SML005": "unknown",
        "SML006": "not_applicable",
    }
    (missing,) = [one for one in report.outcomes if one.outcome == "unknown"]
    assert missing.missing == ("boats",)
    assert sum(report.counts().values()) == len(report.outcomes)


def test_every_defect_stands_at_its_line(tmp_path: Path, library: Library) -> None:
    """A value at its key, a word at its own line and column, also inside a block of text."""
    file = written(tmp_path, DEFECTS)
    found = own(check(file, library=library, today=TODAY))
    places = [(one.code, one.location.line, one.location.column, one.quote) for one in found if one.location]
    assert places == [
        ("SML001", 12, 5, ""),
        ("SML002", 23, 14, "职代会"),
        ("SML002", 23, 22, "职代会"),
    ]
    assert {one.location.file for one in found if one.location} == {str(file)}


def test_what_is_inherited_stands_in_its_layer_and_at_the_line_that_chose_it(
    tmp_path: Path, library: Library
) -> None:
    """The layer that said it, and `profiles:` of the plan file."""
    text = PLAN.replace(
        "sections:\n  work:\n    measures:\n      care: {text: 工会委员会在三月办好教代会。}\n", ""
    )
    (found,) = own(check(written(tmp_path, text), library=library, today=TODAY))
    assert found.location is not None
    assert Path(found.location.file).name == "small.yaml"
    assert (
        found.location.line
        == LAYER.split("\n").index(
            "  work: {title: 主要工作, measures: {care: {text: 工会委员会在三月办好职代会。}}}"
        )
        + 1
    )
    assert found.chosen is not None
    assert (found.chosen.line, found.chosen.column) == (4, 12)
    assert found.origin is not None
    assert found.origin.layer == "small"


def test_a_plan_and_its_json_have_the_same_findings(tmp_path: Path, library: Library) -> None:
    """A composed plan carries its rules, facts and waivers along."""
    plan = planloom.compose(written(tmp_path, DEFECTS), library=library)
    file = written(tmp_path, json.dumps(plan_to_json(plan)), "plan.json")
    once, again = check(plan, library=library), check(file, library=library)
    assert [(one.code, one.path, one.message) for one in own(once)] == [
        (one.code, one.path, one.message) for one in own(again)
    ]
    assert outcomes(once) == outcomes(again)
    assert again.files == (str(file),)


def test_a_document_without_a_profile_meets_the_rules_of_any_plan(tmp_path: Path, library: Library) -> None:
    """And the report says so."""
    text = "# 育才小学工会2027年工作计划\n\n一、主要工作\n\n开好职代会，由____负责。\n"
    file = written(tmp_path, text, "plan.md")
    report = check(file, library=library, today=TODAY)
    assert own(report) == []
    assert "OnlyCoreRules" in {note.code for note in report.notes}
    with_profile = check(file, profiles=["small"], library=library, today=TODAY)
    (wrong,) = [one for one in own(with_profile) if one.code == "SML002"]
    assert wrong.location is not None
    assert (wrong.location.line, wrong.location.column) == (5, 3)
    assert "OnlyCoreRules" not in {note.code for note in with_profile.notes}


# ---- waivers ----

WAIVER = (
    "waivers:\n  - {rule: owner, where: activities/games, reason: 换届后确定, by: 王芳, until: 2027-04-30}\n"
)


@pytest.mark.parametrize(
    ("today", "status", "notes"),
    [
        (dt.date(2027, 4, 30), "waived", set()),
        (dt.date(2027, 5, 1), "open", {"ExpiredWaiver"}),
        (None, "waived", {"NoToday"}),
    ],
)
def test_a_waiver_holds_on_its_last_day_and_not_after(
    tmp_path: Path, library: Library, today: dt.date | None, status: str, notes: set[str]
) -> None:
    """It changes the status of the finding, and says when it ended."""
    report = check(written(tmp_path, DEFECTS + WAIVER), library=library, today=today)
    (found,) = [one for one in own(report) if one.code == "SML001"]
    assert found.status == status
    assert outcomes(report)["SML001"] == ("waived" if status == "waived" else "fail")
    assert {note.code for note in report.notes if note.code.endswith(("Waiver", "Today"))} == notes
    assert found.reason == ("换届后确定" if status == "waived" else "")


def test_a_waiver_that_covers_nothing_is_reported(tmp_path: Path, library: Library) -> None:
    """The plan is fine without it."""
    report = check(written(tmp_path, PLAN + WAIVER), library=library, today=TODAY)
    (note,) = [note for note in report.notes if note.code == "UnusedWaiver"]
    assert note.location is not None
    assert note.location.line == 21


@pytest.mark.parametrize(
    ("where", "path", "expected"),
    [
        ("sections/work", "sections/work/measures/care/text", True),
        ("activities/games", "activities/games/owner", True),
        ("activities/game", "activities/games/owner", False),
        ("sections/a/measures/b", "sections/a/measures/b/text#工会法", True),
        ("texts/t-1", "texts/t-1#工会法", True),
        ("", "activities/games", False),
        ("", "", True),
        ("activities/congress", "", True),
    ],
)
def test_a_waiver_covers_an_item_and_what_is_below_it(where: str, path: str, expected: bool) -> None:
    """By whole names, never by their beginnings."""
    assert covers(where, path) is expected


@pytest.mark.parametrize(
    ("waiver", "code"),
    [
        (
            "{rule: SML999, where: activities/games, reason: 换届后确定, by: 王芳, until: 2027-04-30}",
            "UnknownRule",
        ),
        (
            "{rule: owner, where: activities/games, reason: 无, by: 王芳, until: 2027-04-30}",
            "WaiverWithoutReason",
        ),
        ("{rule: owner, where: activities/games, by: 王芳, until: 2027-04-30}", "WaiverWithoutReason"),
        (
            "{rule: owner, where: activities/games, reason: 换届后确定, until: 2027-04-30}",
            "WaiverWithoutAuthor",
        ),
        ("{rule: owner, where: activities/games, reason: 换届后确定, by: 王芳}", "WaiverWithoutDate"),
        (
            "{rule: owner, where: activities/games, reason: 换届后确定, by: 王芳, until: 9999-12-31}",
            "WaiverWithoutDate",
        ),
        (
            "{rule: owner, where: activities/games, reason: 换届后确定, by: 王芳, until: 明年}",
            "WaiverWithoutDate",
        ),
        (
            "{rule: owner, where: activities, reason: 换届后确定, by: 王芳, until: 2027-04-30}",
            "BlanketWaiver",
        ),
        ("{rule: owner, reason: 换届后确定, by: 王芳, until: 2027-04-30}", "BlanketWaiver"),
    ],
)
def test_a_bad_waiver_is_refused(tmp_path: Path, library: Library, waiver: str, code: str) -> None:
    """Unknown rules, missing reasons, names and dates, and waivers for everything."""
    file = written(tmp_path, f"{DEFECTS}waivers:\n  - {waiver}\n")
    with pytest.raises(PlanloomError) as caught:
        check(file, library=library, today=TODAY)
    assert [problem.code for problem in caught.value.problems] == [code]


def test_a_short_name_of_two_rules_is_refused(tmp_path: Path) -> None:
    """It could waive the wrong one: the error names both codes, and either code is fine."""
    rule = "{slug: owner, title: 有责任人, kind: field, of: {what: activity}, field: owner, required: true}"
    (tmp_path / "layers").mkdir()
    for name, prefix in (("harbour", "HAR"), ("railway", "RLW")):
        text = f"planloom: 1\nlayer: {name}\nkind: profile\ntitle: 甲\nprefix: {prefix}\nrules: {{{prefix}001: {rule}}}\n"
        (tmp_path / "layers" / f"{name}.yaml").write_text(text, encoding="utf-8")
    plan = (
        "planloom: 1\nplan: p\nprofiles: [harbour, railway]\nperiod: 2027\norganisation: 甲\n"
        "activities: {a: {title: 甲, on: {month: 3}}}\n"
        "waivers: [{rule: NAME, where: activities/a, reason: 换届后确定, by: 王芳, until: 2027-04-30}]\n"
    )
    with pytest.raises(PlanloomError) as caught:
        check(written(tmp_path, plan.replace("NAME", "owner")), layer_path=[tmp_path / "layers"])
    (problem,) = caught.value.problems
    assert (problem.code, problem.text()) == ("AmbiguousRule", "“owner” is the short name of HAR001, RLW001")
    file = written(tmp_path, plan.replace("NAME", "RLW001"))
    found = check(file, layer_path=[tmp_path / "layers"], today=TODAY).findings
    assert {one.code: one.status for one in found if one.slug == "owner"} == {
        "HAR001": "open",
        "RLW001": "waived",
    }


@pytest.mark.parametrize(
    "reason",
    [
        "……", "?", "123", "aaa", "test", "同意", "因为", "没有原因", "无理由", "特殊原因", "不适用", "略略略", "待补充",
        "如题", "【无】", "TODO later", "见上", "按要求", "其他", "N/A", "x 1",
    ],
)  # fmt: skip
def test_filler_is_no_reason(tmp_path: Path, library: Library, reason: str) -> None:
    """Signs, numbers, one letter over and over and stock phrases do not waive anything."""
    waiver = f'{{rule: owner, where: activities/games, reason: "{reason}", by: 王芳, until: 2027-04-30}}'
    file = written(tmp_path, f"{DEFECTS}waivers:\n  - {waiver}\n")
    with pytest.raises(PlanloomError, match="gives no reason"):
        check(file, library=library, today=TODAY)


@pytest.mark.parametrize("reason", ["换届推迟至四月", "经费未到", "moved to May"])
def test_a_reason_in_a_few_words_is_one(tmp_path: Path, library: Library, reason: str) -> None:
    """Two characters or a word say something."""
    waiver = f"{{rule: owner, where: activities/games, reason: {reason}, by: 王芳, until: 2027-04-30}}"
    file = written(tmp_path, f"{DEFECTS}waivers:\n  - {waiver}\n")
    assert reason in {one.reason for one in check(file, library=library, today=TODAY).findings}


def test_waivers_of_a_document_stand_beside_it(tmp_path: Path, library: Library) -> None:
    """In a file called waivers.yaml, or one that is named."""
    file = written(tmp_path, "# 工会2027年工作计划\n\n一、主要工作\n\n开好职代会。\n", "plan.md")
    (found,) = own_of(check(file, profiles=["small"], library=library, today=TODAY), "SML002")
    text = f"waivers:\n  - {{rule: SML002, where: {found.path}, reason: 旧称, by: 王芳, until: 2027-04-30}}\n"
    written(tmp_path, text, "waivers.yaml")
    (waived,) = own_of(check(file, profiles=["small"], library=library, today=TODAY), "SML002")
    assert waived.status == "waived"
    bad = written(tmp_path, "waivers:\n  - {rule: SML002, grund: x}\n", "other.yaml")
    with pytest.raises(PlanloomError):
        check(file, profiles=["small"], library=library, today=TODAY, waivers=bad)


def own_of(report: Report, code: str) -> list[Finding]:
    """The findings of one rule."""
    return [finding for finding in report.findings if finding.code == code]


# ---- baselines ----


def test_a_baseline_hides_what_was_there_and_nothing_new(tmp_path: Path, library: Library) -> None:
    """It survives moved lines, a new fault stays open, and what is mended leaves it."""
    file = written(tmp_path, DEFECTS)
    report = check(file, library=library, today=TODAY)
    known = grown(Baseline(folder=tmp_path), str(file), report)
    place = written(tmp_path, baseline_text(known), "baseline.json")
    written(tmp_path, "# 多一行\n\n" + DEFECTS.replace("title: 教职工运动会", "title: 职代会与运动会"))
    later = check(file, library=library, today=TODAY, baseline=place)
    assert {one.status for one in own(later) if "activities/games/title" not in one.path} == {"baselined"}
    assert {one.status for one in own(later) if "activities/games/title" in one.path} == {"open"}
    written(tmp_path, PLAN)
    mended = check(file, library=library, today=TODAY, baseline=place)
    left = shrunk(read_baseline(place), str(file), mended)
    assert [one.code for one in left.findings if one.code.startswith("SML")] == []
    assert "baseline.json" not in baseline_text(known)


def test_a_second_equal_fault_is_not_hidden(tmp_path: Path, library: Library) -> None:
    """Two findings that say the same have fingerprints of their own."""
    once = DEFECTS.replace("，六月再开职代会", "")
    file = written(tmp_path, once)
    known = grown(Baseline(folder=tmp_path), str(file), check(file, library=library, today=TODAY))
    written(tmp_path, once.replace("五月开职代会", "五月开职代会，又开职代会"))
    report = check(file, library=library, today=TODAY, baseline=known)
    assert [one.status for one in own_of(report, "SML002")] == ["baselined", "open"]


@pytest.mark.parametrize(
    "content", [None, "", "[]", '{"format": "other"}', '{"format": "planloom-baseline/1"}']
)
def test_what_is_no_baseline_is_refused(tmp_path: Path, library: Library, content: str | None) -> None:
    """Missing, empty, foreign or broken files are errors, never an empty baseline."""
    place = tmp_path / "baseline.json"
    if content is not None:
        place.write_text(content, encoding="utf-8")
    with pytest.raises(PlanloomError):
        check(written(tmp_path, PLAN), library=library, baseline=place)


# ---- what takes part ----


def test_facts_off_their_default_are_listed_where_the_law_reads_them(tmp_path: Path) -> None:
    """With who set them."""
    folder = tmp_path / "layers"
    folder.mkdir()
    directive = (
        "planloom: 1\nlayer: district\nkind: directive\ntitle: 区\nfacts: {staff: {value: 120}}\n"
        "rules: {SML006: {binding: upper, required: true}}\n"
    )
    (folder / "small.yaml").write_text(LAYER, encoding="utf-8")
    (folder / "district.yaml").write_text(directive, encoding="utf-8")
    text = PLAN.replace("period:", "directives: [district]\nperiod:")
    report = check(written(tmp_path, text), layer_path=[folder], today=TODAY)
    (note,) = [note for note in report.notes if note.code == "FactOffDefault"]
    assert note.params["value"] == "120"
    assert note.params["layer"] == "district"
    (found,) = own_of(report, "SML006")
    assert found.binding == "upper"


def raising(view: RuleView) -> Any:
    """A rule that fails."""
    raise ValueError("no")


def checker(library: Library, *rules: object) -> Checker:
    """A checker with rules in Python."""
    plugins = Plugins(rules=tuple(("third", rule) for rule in rules))
    return Checker(request=Request(), library=library, plugins=plugins, today=TODAY)


def test_a_rule_that_is_none_or_fails_crashes_alone(tmp_path: Path, library: Library) -> None:
    """Each is named with its plugin, and the others have their outcomes."""
    bad = PythonRule(check=raising, code="THI001", title="坏")
    twice = PythonRule(check=raising, code="SML001", title="重")
    elsewhere = PythonRule(check=raising, code="THI002", title="别处", layer="absent")
    report = checker(library, bad, twice, elsewhere, "rubbish").file(written(tmp_path, PLAN))
    crashed = [(one.code, one.plugin, one.error) for one in report.outcomes if one.outcome == "crashed"]
    assert crashed == [
        ("SML001", "third", "the code SML001 is taken"),
        ("THI001", "third", "ValueError: no"),
        ("third", "third", "the plugin brings str, not a rule"),
    ]
    assert outcomes(report)["SML003"] == "pass"


def test_a_waiver_may_name_a_rule_in_python(tmp_path: Path, library: Library) -> None:
    """Its code is known when the plan is composed."""

    def found(view: RuleView) -> Any:
        for activity in view.select("activity", id=("games",)):
            yield view.finding(activity, "not this one")

    text = PLAN + WAIVER.replace("owner", "THI001")
    report = checker(library, PythonRule(check=found, code="THI001", title="坏")).file(
        written(tmp_path, text)
    )
    (one,) = own_of(report, "THI001")
    assert one.status == "waived"


# ---- bad input ----


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("tags: [sport]}, at_least", "tags: [sprot]}, at_least", "UnknownTag"),
        ("field: owner", "field: onwer", "UnknownField"),
        (
            "kind: wording, words: {职代会: 教代会}",
            "kind: pattern, of: {what: text}, must_not: ['(a+)+b']",
            "BadPattern",
        ),
        ("at_least: 1", "at_least: 多", ""),
    ],
)
def test_a_broken_rule_stops_the_check(tmp_path: Path, old: str, new: str, code: str) -> None:
    """Unknown tags and fields, patterns that could hang, wrong types: each at its line of the layer."""
    folder = tmp_path / "layers"
    folder.mkdir()
    assert old in LAYER
    (folder / "small.yaml").write_text(LAYER.replace(old, new), encoding="utf-8")
    with pytest.raises(PlanloomError) as caught:
        check(written(tmp_path, PLAN), layer_path=[folder], today=TODAY)
    (problem,) = caught.value.problems
    assert problem.location is not None
    assert problem.location.file.endswith("small.yaml")
    assert not code or problem.code


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("plan.yaml", "", "EmptyFile"),
        ("plan.json", "{", "Unreadable"),
        ("plan.json", "{}", "UnsupportedVersion"),
        ("plan.md", "", "EmptyDocument"),
        ("plan.doc", "x", "OldWord"),
        ("plan.pdf", "x", "UnknownEnding"),
    ],
)
def test_what_cannot_be_read_is_named(
    tmp_path: Path, library: Library, name: str, content: str, code: str
) -> None:
    """Empty, foreign and broken files."""
    with pytest.raises(PlanloomError) as caught:
        check(written(tmp_path, content, name), library=library)
    assert caught.value.problems[0].code == code


def test_a_composed_plan_keeps_its_own_rules_and_facts(tmp_path: Path, library: Library) -> None:
    """Options that would change them are refused."""
    plan = planloom.compose(written(tmp_path, PLAN), library=library)
    file = written(tmp_path, json.dumps(plan_to_json(evolve(plan, notes=()))), "plan.json")
    with pytest.raises(PlanloomError) as caught:
        check(file, library=library, facts={"staff": 3})
    assert caught.value.problems[0].code == "RecordedPlan"


@pytest.mark.parametrize("kind", ["implies", "count", "window"])
def test_a_recorded_rule_that_lacks_what_it_needs_is_refused(
    tmp_path: Path, library: Library, kind: str
) -> None:
    """A composed plan whose rules were emptied by hand is wrong input, each rule named with what it lacks."""
    data: Any = plan_to_json(planloom.compose(written(tmp_path, PLAN), library=library))
    data["rules"][0] |= {"kind": kind, "params": {}}
    with pytest.raises(PlanloomError, match=f"{kind} needs") as caught:
        check(written(tmp_path, json.dumps(data, default=str), "plan.json"), library=library)
    assert {one.path for one in caught.value.problems} == {f"rules/{data['rules'][0]['code']}"}


def test_places_are_named_without_detours(tmp_path: Path, library: Library) -> None:
    """A directive named by ``../`` shows as the file it is."""
    (tmp_path / "plans").mkdir()
    layer = "{planloom: 1, layer: d, kind: directive, title: 要点, prefix: DIR, sections: {s: {title: 试, lead: 职代会}}}"
    written(tmp_path, layer, "d.yaml")
    text = PLAN.replace("profiles: [small]", "profiles: [small]\ndirectives: [../d.yaml]")
    report = check(written(tmp_path / "plans", text), library=library)
    places = {one.location.file for one in own_of(report, "SML002") if one.location}
    assert (tmp_path / "d.yaml").as_posix() in places
