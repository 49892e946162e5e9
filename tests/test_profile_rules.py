"""The rules of enterprise, agency and community, alone and in pairs; the example plans and directives."""

import datetime as dt
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from planloom import compose
from planloom.discovery import discover, offer_of_file
from planloom.documents import read_bytes
from planloom.documents.viewing import Vocabulary
from planloom.layers import ENGINE, LoadedLayer, load_layer
from planloom.render import render_bytes
from planloom.rules.engine import check_view
from planloom.rules.planview import view_of_plan
from planloom.rules.proof import Proof, prove
from planloom.rules.trials import plan_rule, run_rule_tests, said
from planloom.rules.validity import rule_problems, stated_problems
from planloom_schemas.dates import parse_period
from planloom_schemas.errors import MergeConflictError
from planloom_schemas.finding import Finding
from planloom_schemas.plan import Plan
from planloom_schemas.rule import Rule

EXAMPLES = Path(__file__).parent.parent / "examples"
LAYERS = {"enterprise": 14, "agency": 10, "community": 10}
"""How many rules each layer has at least."""
PROFILES = ("agency", "community", "enterprise", "school")
PAIRS = list(combinations(PROFILES, 2))
ORGANISATION = "滨河联合工会委员会"

SIZES: tuple[dict[str, object], ...] = (
    {"staff": 86, "members": 84, "women_members": 60},
    {"staff": 860, "members": 800, "women_members": 300},
    {"staff": 20, "members": 18, "women_members": 0, "retirees": 0, "heat_duty": False},
)
OWN: Mapping[str, tuple[dict[str, object], ...]] = {
    "enterprise": (
        {},
        {"ownership": "国有", "ankang_cup": True, "night_shift": True},
        {"ownership": "外商投资", "production": False, "hazards": False, "contract_due": False},
    ),
    "agency": ({}, {"reelection_year": True, "window_service": False}, {"paired_help": False}),
    "community": (
        {},
        {"stations": 0, "union_workers": 0},
        {"small_employers": 0, "flexible_workers": 0, "summer_care": False},
    ),
    "school": ({}, {"stage": "幼儿园"}, {"boarding": True}),
}
CONFLICTS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("agency", "community"): (),
    ("agency", "enterprise"): (),
    ("agency", "school"): (),
    ("community", "enterprise"): (),
    ("community", "school"): (),
    ("enterprise", "school"): (),
}
"""What a pair leaves for the officer to decide, by path. Reviewed: a new entry needs a reason."""


@cache
def layer(name: str) -> LoadedLayer:
    """A bundled layer."""
    return load_layer(ENGINE if name == "planloom" else discover().layers[name])


def directive(name: str) -> LoadedLayer:
    """An example directive."""
    offer = offer_of_file(EXAMPLES / "directives" / f"{name}.yaml")
    assert offer is not None
    return load_layer(offer)


def rules_of(name: str) -> Mapping[str, Rule]:
    """The rules a layer introduces."""
    rules: Mapping[str, Rule] = said(layer(name).content.rules, {})
    return rules


def every_rule() -> list[Any]:
    """Layer and code of every rule of the three profiles."""
    return [pytest.param(name, code, id=code) for name in LAYERS for code in rules_of(name)]


def facts_of(profiles: tuple[str, ...], number: int) -> dict[str, object]:
    """One of the sets of facts of some profiles."""
    facts = dict(SIZES[number])
    for name in profiles:
        facts |= OWN[name][number]
    return facts


@cache
def composed(profiles: tuple[str, ...], number: int, period: object = 2027) -> Plan:
    """A plan made from nothing but facts, and dated."""
    plan = compose(
        profiles=profiles, period=period, facts=facts_of(profiles, number), organisation=ORGANISATION
    )
    return evolve(plan, signature=evolve(plan.signature, date=dt.date(plan.period.start.year, 1, 5)))


def findings_of(plan: Plan) -> tuple[Finding, ...]:
    """What the rules in force say of a composed plan; nothing may stay unjudged."""
    findings, outcomes = check_view(view_of_plan(plan), plan.rules, plan.facts)
    assert [one for one in outcomes if one.outcome in ("crashed", "unknown")] == []
    return tuple(findings)


def proved(plan: Plan) -> Proof:
    """What the rules of a plan prove about themselves."""
    beside: dict[str, Any] = {"tags": plan.tags, "documents": plan.documents, "festivals": plan.festivals}
    return prove(plan.rules, plan.period, plan.facts, **beside)


# ---- each rule ----


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
    tags = {tag for one in ("union", name) for tag in said(layer(one).content.tags, {})}
    assert list(rule_problems(merged, dict.fromkeys(tags))) == []
    assert list(stated_problems(code, rule)) == []
    assert merged.slug
    assert merged.help.count("。") >= 2
    assert {id for test in said(rule.tests, ()) for id in test.want} <= set(merged.messages)


@pytest.mark.parametrize(("name", "code"), every_rule())
def test_severity_and_binding_rest_on_what_was_verified(name: str, code: str) -> None:
    """Law and upper need a verified basis that is known; what nobody verified is at most a warning."""
    rule = plan_rule(code, rules_of(name)[code])
    verified = any(basis.verified for basis in rule.basis)
    known = {id for one in ("union", name) for id in said(layer(one).content.documents, {})}
    assert {basis.document for basis in rule.basis} <= known
    if rule.binding != "house":
        assert verified
    if rule.basis and not verified:
        assert rule.severity != "error"


@pytest.mark.parametrize(("name", "least"), LAYERS.items())
def test_each_profile_has_its_rules_and_no_slug_twice(name: str, least: int) -> None:
    """A slug is accepted wherever the code is, so it names one rule of all layers."""
    assert len(rules_of(name)) >= least
    slugs = [rule.slug for one in ("planloom", "union", "school", *LAYERS) for rule in rules_of(one).values()]
    assert len(slugs) == len(set(slugs))


def test_figures_that_regions_set_are_facts() -> None:
    """No rule of the three profiles compares a fact with a number above zero: thresholds have names."""
    for name in LAYERS:
        for code, rule in rules_of(name).items():
            condition = str(plan_rule(code, rule).when or "")
            assert not any(digit in condition for digit in "123456789"), code


# ---- all rules together ----


@pytest.mark.parametrize("number", range(len(SIZES)))
@pytest.mark.parametrize("profile", PROFILES)
def test_the_rules_together_can_be_kept_and_each_can_be_broken(profile: str, number: int) -> None:
    """One made-up plan satisfies all of them, and for each that applies there is one that violates it."""
    proof = proved(composed((profile,), number))
    assert (proof.clash, proof.dead) == ((), ())


@pytest.mark.parametrize("profile", LAYERS)
def test_every_rule_applies_to_some_plan(profile: str) -> None:
    """No rule waits for facts that nobody has."""
    idle = [set(proved(composed((profile,), number)).idle) for number in range(len(SIZES))]
    assert set.intersection(*idle) & set(rules_of(profile)) == set()


@pytest.mark.parametrize("number", range(len(SIZES)))
@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_the_rules_of_a_pair_can_be_kept_together(pair: tuple[str, str], number: int) -> None:
    """There is a plan that no rule of either profile says a word about, not even advice: our own."""
    assert [(one.code, one.message) for one in findings_of(composed(pair, number))] == []


def forms(year: int) -> Iterator[object]:
    """Each form of period that begins in a year."""
    yield from (year, f"{year}-09/{year + 1}-08", f"{year}-09/{year + 1}-01", f"{year}-02/{year}-07")


@pytest.mark.parametrize("year", range(2026, 2031))
@pytest.mark.parametrize("profiles", [*((name,) for name in LAYERS), *PAIRS], ids="-".join)
def test_our_own_plans_have_nothing_above_advice(profiles: tuple[str, ...], year: int) -> None:
    """For every year and form of period: a profile with all its facts, a pair with each form's in turn."""
    for form, period in enumerate(forms(year)):
        numbers = range(len(SIZES)) if len(profiles) == 1 else [(year + form) % len(SIZES)]
        for number in numbers:
            found = findings_of(composed(profiles, number, period))
            assert [(one.code, one.message) for one in found if one.severity != "advice"] == [], period


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_a_pair_leaves_what_was_reviewed_in_either_order(pair: tuple[str, str]) -> None:
    """The open conflicts of a pair are those on the list, and both orders give the same bytes."""
    asked: dict[str, Any] = {"period": 2027, "facts": facts_of(pair, 0), "organisation": ORGANISATION}
    conflicts: tuple[str, ...] = ()
    try:
        one, other = compose(profiles=pair, **asked), compose(profiles=pair[::-1], **asked)
    except MergeConflictError as error:
        conflicts = tuple(problem.path for problem in error.problems)
    else:
        for form in ("json", "md"):
            assert render_bytes(one, form) == render_bytes(other, form)
    assert conflicts == CONFLICTS[pair]


# ---- what is caught ----


def found_in(text: str, profiles: tuple[str, ...]) -> list[tuple[str, str]]:
    """Code and quoted words of what is found in a document that somebody wrote."""
    plan = composed(profiles, 0)
    titles = {section.id: section.title for section in plan.sections}
    words = Vocabulary(tags=plan.tags, documents=plan.documents, festivals=plan.festivals, sections=titles)
    document = read_bytes(text.encode(), "plan.md", period=parse_period(2027), words=words)
    findings, _ = check_view(document.view, plan.rules, plan.facts)
    return [(one.code, one.quote) for one in findings]


@pytest.mark.parametrize(
    ("profile", "text", "expected"),
    [
        ("enterprise", "三月召开教代会，推行校务公开。", [("ENT071", "教代会"), ("ENT071", "校务公开")]),
        ("enterprise", "做好居务公开和机关事务公开。", [("ENT071", "居务公开"), ("ENT071", "机关事务公开")]),
        ("enterprise", "开展师德宣讲，发动机关干部。", [("ENT072", "师德"), ("ENT072", "机关干部")]),
        ("agency", "三月召开职代会，推行厂务公开。", [("AGY031", "职代会"), ("AGY031", "厂务公开")]),
        ("agency", "签订集体合同，开展工资协商。", [("AGY032", "集体合同"), ("AGY032", "工资协商")]),
        ("agency", "召开教代会，推行校务公开。", [("AGY031", "教代会"), ("AGY031", "校务公开")]),
        ("agency", "开好班前会，组织居民议事。", [("AGY033", "班前会"), ("AGY033", "居民议事")]),
        ("community", "召开职代会，推行厂务公开。", [("COM031", "职代会"), ("COM031", "厂务公开")]),
        ("community", "召开教代会，推行机关事务公开。", [("COM031", "教代会"), ("COM031", "机关事务公开")]),
        ("community", "动员居民入会。", [("COM001", "居民入会")]),
        ("school", "召开职代会，推行居务公开。", [("SCH021", "职代会"), ("SCH023", "居务公开")]),
    ],
)
def test_a_foreign_term_is_caught(profile: str, text: str, expected: list[tuple[str, str]]) -> None:
    """Words of another kind of organisation are quoted, whoever wrote the plan."""
    assert [one for one in found_in(text, (profile,)) if one in expected] == expected


@pytest.mark.parametrize(
    ("profile", "wrong", "right"),
    [
        ("enterprise", "教代会", "职代会"),
        ("agency", "职代会", "会员（代表）大会"),
        ("community", "厂务公开", "会员事项公开"),
    ],
)
def test_the_right_term_is_said(profile: str, wrong: str, right: str) -> None:
    """A finding names the word that belongs here."""
    plan = composed((profile,), 0)
    section = plan.sections[-2]
    said_wrong = evolve(section, lead=f"办好{wrong}。")
    found = findings_of(evolve(plan, sections=(*plan.sections[:-2], said_wrong, plan.sections[-1])))
    assert [one.message for one in found if wrong in one.quote and right in one.message]


def test_each_profile_of_a_pair_minds_its_own_words(tmp_path: Path) -> None:
    """Only what the enterprise states must not speak of a 教代会; what the school states must."""
    file = tmp_path / "plan.yaml"
    file.write_text(
        "planloom: 1\nplan: pair\nprofiles: [school, enterprise]\nperiod: 2027\norganisation: 育才集团工会\n"
        "signature: {date: 2027-01-05}\nfacts: {staff: 320, members: 300, women_members: 120}\n"
        "activities:\n  contest-start: {title: 教代会劳动竞赛启动}\n  staff-congress: {title: 召开职代会}\n",
        encoding="utf-8",
    )
    found = {(one.code, one.path) for one in findings_of(compose(file)) if one.code in ("ENT071", "SCH021")}
    assert found == {
        ("ENT071", "activities/contest-start/title"),
        ("SCH021", "activities/staff-congress/title"),
    }


@pytest.mark.parametrize(
    ("profile", "removed", "code"),
    [
        ("enterprise", {"workers-congress", "mid-year-congress"}, "ENT002"),
        ("enterprise", {"safety-month"}, "ENT043"),
        ("agency", {"members-congress"}, "AGY001"),
        ("community", {"joint-meeting", "deliberation"}, "COM006"),
    ],
)
def test_taking_something_out_of_a_plan_is_noticed(profile: str, removed: set[str], code: str) -> None:
    """What a user deletes from a composed plan, and a rule asks for, is found missing."""
    plan = composed((profile,), 1)
    kept = tuple(one for one in plan.activities if one.id not in removed)
    sections = tuple(
        evolve(section, measures=tuple(one for one in section.measures if one.id not in removed))
        for section in plan.sections
    )
    assert code in {one.code for one in findings_of(evolve(plan, activities=kept, sections=sections))}


# ---- directives and example plans ----


@pytest.mark.parametrize("file", sorted((EXAMPLES / "plans").glob("*.yaml")), ids=lambda file: file.stem)
def test_an_example_plan_keeps_every_rule(file: Path) -> None:
    """Whoever starts from an example starts from a plan without findings."""
    assert [(one.code, one.message) for one in findings_of(compose(file))] == []


def test_an_example_for_each_profile_and_a_pair() -> None:
    """Every bundled kind of organisation has an example to start from."""
    shown = {
        tuple(sorted(one.id for one in compose(f).profiles)) for f in (EXAMPLES / "plans").glob("*.yaml")
    }
    assert shown >= {(name,) for name in PROFILES}
    assert any(len(profiles) == 2 for profiles in shown)


def test_the_examples_of_directives_say_that_they_are_examples() -> None:
    """Nobody may take made-up figures for those of a province or a district."""
    for file in (EXAMPLES / "directives").glob("*.yaml"):
        assert "示例" in str(directive(file.stem).content.title)


def test_the_rules_of_the_district_keep_their_own_cases() -> None:
    """A directive's rules are tried like those of a profile, and most are of binding upper."""
    content = directive("district-2027").content
    rules: Mapping[str, Rule] = said(content.rules, {})
    own = {code: rule for code, rule in rules.items() if code.startswith("QHQ")}
    trials = [trial for code, rule in own.items() for trial in run_rule_tests(code, rule, content)]
    assert [trial for trial in trials if not trial.is_passed] == []
    assert sum(said(rule.binding, "house") == "upper" for rule in rules.values()) >= 6


def test_regional_figures_reach_the_text() -> None:
    """What the province sets is printed and decides what applies; nothing of it stands in a profile."""
    plan = compose(EXAMPLES / "plans" / "enterprise-2027.yaml")
    assert (plan.facts["study_aid"], plan.facts["workers_congress_from"]) == (3000, 50)
    assert "3000元" in render_bytes(plan, "md").decode("utf-8")


def annex(plan: Plan) -> dict[str, str]:
    """Each requirement from above with what answers it, as the rendered annex says."""
    text = render_bytes(plan, "md").decode("utf-8").split("### 上级要求落实表")[1]
    rows = [line.split("|") for line in text.splitlines() if line.startswith("| ")][2:]
    return {row[1].strip(): row[2].strip() for row in rows}


def test_the_annex_shows_how_each_requirement_is_met() -> None:
    """Every requirement of the district stands in the annex with what meets it."""
    rows = annex(compose(EXAMPLES / "plans" / "school-2027.yaml"))
    assert rows["3月底前完成会员实名核对"] == "会员实名核对上报"
    assert rows["每季度公布一次经费收支"] == "公布季度经费收支"
    assert len(rows) >= 6
    assert "（尚未落实）" not in rows.values()


def test_a_violated_requirement_is_found(tmp_path: Path) -> None:
    """A later date and a removed activity do not pass: both are findings of binding upper."""
    file = tmp_path / "plan.yaml"
    text = (EXAMPLES / "plans" / "school-2027.yaml").read_text(encoding="utf-8")
    district = EXAMPLES / "directives" / "district-2027.yaml"
    text = text.replace("../directives/district-2027.yaml", district.as_posix())
    text = text.replace("  district-reading: {owner: [宣传委员, 语文组]}\n", "")
    file.write_text(
        text + "  district-roll: {on: {month: 5}}\n  district-reading: {remove: 与运动会冲突}\n"
        "sections:\n  culture: {measures: {district-reading: {remove: 与运动会冲突}}}\n",
        encoding="utf-8",
    )
    plan = compose(file)
    found = {one.code: one for one in findings_of(plan)}
    assert set(found) == {"QHQ001", "QHQ002"}
    assert {one.binding for one in found.values()} == {"upper"}
    assert "2027年5月" in found["QHQ001"].message
    assert annex(plan)["参加5月20日全区职工读书展示"] == "（尚未落实）"


def test_the_district_speaks_to_each_kind_of_organisation() -> None:
    """What is said for one kind only has no effect where that kind is not chosen."""
    for name in PROFILES:
        plan = compose(
            profiles=[name], period=2027, facts=SIZES[1], organisation=ORGANISATION,
            directives=[str(EXAMPLES / "directives" / "district-2027.yaml")],
        )  # fmt: skip
        assert [one.code for one in findings_of(plan) if one.severity != "advice"] == []
        assert len(annex(plan)) == 6
