"""Data becomes schema classes strictly, and plans become JSON and come back."""

import datetime as dt
import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planloom_schemas.convert import (
    Mistake,
    StructureError,
    params_to_plain,
    plain,
    plan_from_json,
    plan_to_json,
    report_to_json,
    structure,
    structure_layer,
    structure_plan_file,
)
from planloom_schemas.dates import Festival, Month, On, parse_period
from planloom_schemas.errors import Location
from planloom_schemas.finding import Finding, Report, RuleOutcome
from planloom_schemas.layer import Content, Layer, PlanFile, Spend, Target, TextFile
from planloom_schemas.plan import (
    Entry,
    LayerRef,
    Origin,
    Plan,
    PlanActivity,
    PlanBudgetLine,
    PlanFact,
    PlanMeasure,
    PlanRule,
    PlanSection,
    Provenance,
    Statement,
    Waiver,
)
from planloom_schemas.rule import Basis, Days, Percent, Rule, Selector
from planloom_schemas.scalars import read_text
from planloom_schemas.statement import UNSET, Edit


def _a_layer(**content: object) -> dict[str, object]:
    return {"planloom": 1, "layer": "hospital", "kind": "profile", "title": "医院工会", **content}


def _a_plan_file(**content: object) -> dict[str, object]:
    return {"planloom": 1, "plan": "hospital-2027", **content}


def _a_rule(**fields: object) -> dict[str, object]:
    return _a_layer(rules={"HOS001": {"title": "有经审", **fields}})


def _an_activity(**fields: object) -> dict[str, object]:
    return _a_layer(activities={"relief": {"title": "送温暖", **fields}})


def _mistakes_of(build: Callable[[object], object], data: object) -> tuple[Mistake, ...]:
    with pytest.raises(StructureError) as caught:
        build(data)
    return caught.value.mistakes


def _said_by(mistake: Mistake) -> tuple[str, str, str, str]:
    message, fix = (text.format(**mistake.params) for text in (mistake.message, mistake.fix))
    return "/".join(map(str, mistake.path)), mistake.code, message, fix


# ---- what is read ----


def test_what_is_not_said_is_unset() -> None:
    """A field that the file does not name is UNSET, null is None."""
    layer: Any = structure_layer(_an_activity(place=None))
    relief = layer.activities["relief"]
    assert (relief.title, relief.place, relief.owner) == ("送温暖", None, UNSET)


def test_shorthands_become_one_form() -> None:
    """One name, a bare amount, a template file and lists of values are read into their canonical classes."""
    layer: Any = structure_layer(
        _a_layer(
            sections={
                "affairs": {
                    "lead": {"file": "affairs.md.j2"},
                    "tags": {"remove": ["openness"]},
                    "after": ["guidance"],
                    "measures": {"congress": {"text": "召开", "target": {"value": 99.5}}},
                }
            },
            activities={
                "relief": {"owner": "工会", "budget": 20000.1, "tags": {"add": ["a"], "remove": ["b"]}}
            },
        )
    )
    section, relief = layer.sections["affairs"], layer.activities["relief"]
    assert section.lead == TextFile("affairs.md.j2")
    assert (section.tags, section.after) == (Edit(take=("openness",)), Edit(add=("guidance",)))
    assert section.measures["congress"].target == Target(value=Decimal("99.5"))
    assert (relief.owner, relief.budget) == (("工会",), Spend(amount=Decimal("20000.1")))
    assert relief.tags == Edit(add=("a",), take=("b",))


def test_texts_are_canonical() -> None:
    """Texts come out in NFC and with LF only."""
    assert read_text("cafe\u0301 工会\r\n") == "caf\u00e9 工会\n"


def test_rule_parameters_have_types() -> None:
    """Shares, lengths of time, dates and selectors of a rule are typed."""
    rule = structure(
        Rule,
        {
            "kind": "window", "of": {"what": "activity", "id": "x"}, "near": {"date": "05-12"},
            "within": "10 days", "basis": [{"document": "law", "edition": 2021}],
        },
    )  # fmt: skip
    assert rule.of == (Selector(what="activity", id=("x",)),)
    assert (rule.within, rule.basis) == (Days(10), Edit(add=(Basis(document="law", edition=2021),)))
    assert structure(Rule, {"at_most": "100%"}).at_most == Percent(Decimal(100))
    assert structure(Rule, {"at_least": 0.1}).at_least == Decimal("0.1")


def test_then_is_a_selector_or_a_rule() -> None:
    """`then` is items for an order and a rule for an implication."""
    items, rule = (
        {"what": "activity", "tags": ["a"]},
        {"kind": "require", "of": {"what": "measure"}, "required": True},
    )
    order = structure(Rule, {"kind": "order", "first": items, "then": items})
    implies = structure(Rule, {"kind": "implies", "if": items, "then": rule})
    assert order.then == (Selector(what="activity", tags=("a",)),)
    assert isinstance(implies.then, Rule)
    assert (implies.then.kind, implies.then.required) == ("require", True)
    assert plain(implies.then)["of"] == [{"what": "measure"}]


def test_facts_of_a_plan_file_may_be_bare() -> None:
    """In a plan file a bare value is the value of the fact."""
    file: Any = structure_plan_file(
        _a_plan_file(facts={"staff": 86, "grade": {"value": "三级"}, "shifts": ["早", "晚"]})
    )
    assert {name: fact.value for name, fact in file.facts.items()} == {
        "staff": 86, "grade": "三级", "shifts": ("早", "晚"),
    }  # fmt: skip


def test_an_empty_item_is_an_item_in_the_test_of_a_rule() -> None:
    """``{}`` stands for an activity without anything said in content that stands alone."""
    assert structure(Content, {"activities": {"a": {}}}).activities


# ---- what is refused ----

RULE, ACTIVITY = "rules/HOS001", "activities/relief"
BAD_LAYERS: tuple[tuple[dict[str, Any], str, str, str, str], ...] = (
    (_a_layer(sektions={}), "sektions", "UnknownKey", "no field sektions", "did you mean sections?"),
    (_an_activity(titel="x"), f"{ACTIVITY}/titel", "UnknownKey", "no field titel", "did you mean title?"),
    (
        _an_activity(place=["a", "b"]),
        f"{ACTIVITY}/place",
        "WrongType",
        "a text is wanted, found a list: [a, b]",
        "",
    ),
    (_an_activity(place={"a": 1}), f"{ACTIVITY}/place", "WrongType", "found a mapping: {a: 1}", ""),
    (
        _an_activity(place=302),
        f"{ACTIVITY}/place",
        "WrongType",
        "a text is wanted, found 302",
        "in quotes: '302'",
    ),
    (
        _an_activity(title=None),
        f"{ACTIVITY}/title",
        "WrongType",
        "a text is wanted, found nothing",
        "leave the key out",
    ),
    (_an_activity(on=None), f"{ACTIVITY}/on", "BadDate", "should be a mapping", ""),
    (_an_activity(on={"month": 13}), f"{ACTIVITY}/on/month", "BadDate", "13 should be", "from 1 to 12"),
    (
        _an_activity(on={"mouth": 3}),
        f"{ACTIVITY}/on/mouth",
        "BadDate",
        "knows no mouth",
        "did you mean month?",
    ),
    (_an_activity(on={"months": [7, 70]}), f"{ACTIVITY}/on/months/1", "BadDate", "70", ""),
    (_an_activity(tags="竞赛"), f"{ACTIVITY}/tags", "WrongType", "a list", ""),
    (_an_activity(tags={"delete": ["a"]}), f"{ACTIVITY}/tags/delete", "UnknownKey", "delete", "add"),
    (
        _an_activity(owner=5),
        f"{ACTIVITY}/owner",
        "WrongType",
        "a name or a list of names is wanted, found 5",
        "",
    ),
    (_an_activity(owner=["甲", 5]), f"{ACTIVITY}/owner/1", "WrongType", "a text is wanted, found 5", ""),
    (
        _an_activity(budget="5"),
        f"{ACTIVITY}/budget",
        "WrongType",
        "found the text 5",
        "write 5 without quotes",
    ),
    (_an_activity(budget="3,000"), f"{ACTIVITY}/budget", "WrongType", "3,000", "write 3000 without quotes"),
    (_an_activity(budget="５００"), f"{ACTIVITY}/budget", "BadValue", "full-width digits", "write 500"),
    (
        _an_activity(budget=True),
        f"{ACTIVITY}/budget",
        "WrongType",
        "a number is wanted, found the value true",
        "",
    ),
    (_an_activity(budget={"sum": 5}), f"{ACTIVITY}/budget/sum", "UnknownKey", "no field sum", "amount"),
    (
        _an_activity(remove="经费"),
        f"{ACTIVITY}/remove",
        "RemoveAndSet",
        "may not both remove",
        "keep remove alone",
    ),
    (_a_layer(activities={"x": {"remove": " "}}), "activities/x/remove", "MissingReason", "blank", "say why"),
    (
        _a_layer(activities={"x": {"remove": "a", "restore": "b"}}),
        "activities/x/remove",
        "RemoveAndSet",
        "restore",
        "",
    ),
    (
        _a_layer(activities={"x": None}),
        "activities/x",
        "EmptyItem",
        "nothing is said of x",
        "delete the line",
    ),
    (_a_layer(activities={"x": {}}), "activities/x", "EmptyItem", "nothing is said of x", ""),
    (_a_layer(sections={"a": {"measures": {"m": {}}}}), "sections/a/measures/m", "EmptyItem", "of m", ""),
    (
        _a_layer(activities={"Spring_Trip": {"title": "a"}}),
        "activities/Spring_Trip",
        "BadId",
        "no id",
        "spring-trip",
    ),
    (_a_layer(activities={"春游": {"title": "a"}}), "activities/春游", "BadId", "春游 is no id", "hyphens"),
    (_a_layer(activities=["a"]), "activities", "WrongType", "a mapping is wanted, found a list: [a]", ""),
    (
        _a_layer(facts={"night-shift": {"type": "text"}}),
        "facts/night-shift",
        "BadId",
        "no id",
        "write night_shift",
    ),
    (_a_layer(facts={"period": {"type": "text"}}), "facts/period", "ReservedName", "period", "another name"),
    (_a_layer(facts={"staff": {"type": "int"}}), "facts/staff/type", "BadValue", "int is none of", "integer"),
    (
        _a_layer(facts={"staff": {"ask": "是"}}),
        "facts/staff/ask",
        "WrongType",
        "true or false",
        "write true or false",
    ),
    (
        _a_layer(facts={"staff": {"ask": "yes"}}),
        "facts/staff/ask",
        "WrongType",
        "the text yes",
        "write true or false",
    ),
    (_a_layer(facts={"staff": 5}), "facts/staff", "WrongType", "a mapping is wanted, found 5", ""),
    (
        _a_layer(rules={"HOS1": {"kind": "cite", "of": {"what": "text"}}}),
        "rules/HOS1",
        "BadId",
        "no rule code",
        "SCH001",
    ),
    (_a_layer(rules={"hos001": {"title": "x"}}), "rules/hos001", "BadId", "no rule code", "write HOS001"),
    (_a_layer(prefix="hos"), "prefix", "BadId", "no prefix", "write HOS"),
    (
        _a_layer(extends="union"),
        "extends",
        "WrongType",
        "a list is wanted, found the text union",
        "write [union]",
    ),
    (_a_rule(kind="cout"), f"{RULE}/kind", "UnknownKind", "cout is none of", "did you mean count?"),
    (_a_rule(severity="warning"), f"{RULE}/severity", "BadValue", "warning is none of", "did you mean warn?"),
    (_a_rule(kind="wording"), f"{RULE}/kind", "MissingParameter", "wording needs words", "add words"),
    (
        _a_rule(depth="4"),
        f"{RULE}/depth",
        "WrongType",
        "a whole number is wanted, found the text 4",
        "write 4",
    ),
    (_a_rule(depth=5.7), f"{RULE}/depth", "WrongType", "a whole number is wanted, found 5.7", ""),
    (_a_rule(depth=True), f"{RULE}/depth", "WrongType", "a whole number is wanted, found the value true", ""),
    (_a_rule(within="soon"), f"{RULE}/within", "BadDate", "soon is no number of days", "10 days"),
    (_a_rule(similarity=80), f"{RULE}/similarity", "WrongType", "a percentage is wanted, found 80", "80%"),
    (_a_rule(at_most="lots"), f"{RULE}/at_most", "WrongType", "a number or a percentage is wanted", ""),
    (_a_rule(of="activity"), f"{RULE}/of", "WrongType", "a selector or a list of selectors", ""),
    (_a_rule(of={"id": "x"}), f"{RULE}/of", "MissingKey", "what is missing", "add the field what"),
    (
        _a_rule(of={"what": "activities"}),
        f"{RULE}/of/what",
        "BadValue",
        "activities",
        "did you mean activity?",
    ),
    (_a_rule(of={"what": "activity", "tags": "a"}), f"{RULE}/of/tags", "WrongType", "a list", "write [a]"),
    (
        _a_rule(of={"what": "activity", "fields": {"place": {}}}),
        f"{RULE}/of/fields/place",
        "EmptyItem",
        "nothing",
        "eq",
    ),
    (_a_rule(of=[{"what": "text"}, 5]), f"{RULE}/of/1", "WrongType", "a mapping is wanted, found 5", ""),
    (_a_rule(months=[13]), f"{RULE}/months/0", "BadValue", "13 is no month", "1 to 12"),
    (
        _a_rule(loosen={"depth": 5}),
        f"{RULE}/loosen",
        "MissingReason",
        "a loosening needs a reason",
        "say why",
    ),
    (_a_rule(remove="x"), f"{RULE}/remove", "RemoveAndSet", "title", ""),
    (_a_rule(fix={"manual": "x", "safe": {"set": {}}}), f"{RULE}/fix", "BadValue", "exactly one of", ""),
    (
        _a_rule(loosen={"reason": "a", "per": "month"}),
        f"{RULE}/loosen/per",
        "BadValue",
        "per cannot be loosened",
        "allow_empty, at_least",
    ),
    (_a_rule(loosen={"reason": "a", "words": {"甲": "乙"}}), f"{RULE}/loosen/words", "BadValue", "words", ""),
    (
        _a_rule(of={"what": "activity", "fields": {"place": {"eq": None}}}),
        f"{RULE}/of/fields/place/eq",
        "BadValue",
        "eq of nothing tests nothing",
        "write exists: false",
    ),
    (
        _a_rule(fix={"safe": {"set": {"activities/x": {"title": "a"}}}}),
        f"{RULE}/fix/safe/set/activities/x",
        "BadValue",
        "activities/x is no text",
        "write unsafe:",
    ),
    (
        _a_rule(fix={"safe": {"set": {"activities/title": {"on": {"month": 3}}}}}),
        f"{RULE}/fix/safe/set/activities/title",
        "BadValue",
        "activities/title is no text",
        "",
    ),
    (
        _a_rule(fix={"safe": {"remove": ["activities/x"]}}),
        f"{RULE}/fix/safe/remove",
        "BadValue",
        "only replaces texts",
        "write unsafe:",
    ),
    (_a_rule(tests=[{"text": "x"}]), f"{RULE}/tests/0", "MissingKey", "name is missing", ""),
    (_a_rule(basis=[{"dokument": "x"}]), f"{RULE}/basis/0/dokument", "UnknownKey", "dokument", "document"),
    (
        _a_layer(documents={"a": {"editions": [{"year": 2021, "from": "2022-02-30"}]}}),
        "documents/a/editions/0/from",
        "BadDate",
        "has 28 days",
        "",
    ),
    (_a_layer(festivals={"厂庆日": {}}), "festivals/厂庆日", "BadDate", "says no time", ""),
    ({"planloom": 1, "layer": "x", "title": "x"}, "", "MissingKey", "kind is missing", "add the field kind"),
)


@pytest.mark.parametrize(("data", "path", "code", "message", "fix"), BAD_LAYERS)
def test_bad_layers_are_refused(data: dict[str, Any], path: str, code: str, message: str, fix: str) -> None:
    """Each bad field is named in the user's keys, with what was found and how to mend it."""
    found = [_said_by(mistake) for mistake in _mistakes_of(structure_layer, data)]
    assert [(path, code)] == [(where, what) for where, what, _, _ in found if where == path and what == code]
    _, _, said, mend = next(entry for entry in found if entry[:2] == (path, code))
    assert message in said
    assert fix in mend


BAD_PLAN_FILES: tuple[tuple[dict[str, Any], str, str, str], ...] = (
    (_a_plan_file(profiles="school"), "profiles", "WrongType", "a list is wanted, found the text school"),
    (_a_plan_file(period="2027年"), "period", "BadDate", "2027年 is no period"),
    (_a_plan_file(facts={"staff": None}), "facts/staff", "EmptyItem", "nothing is said of staff"),
    (_a_plan_file(facts={"Staff": 5}), "facts/Staff", "BadId", "Staff is no id"),
    (_a_plan_file(facts={"profiles": 5}), "facts/profiles", "ReservedName", "profiles"),
    (_a_plan_file(prefix="HOS"), "prefix", "UnknownKey", "no field prefix"),
    (_a_plan_file(waivers=[{"where": "x"}]), "waivers/0", "MissingKey", "rule is missing"),
    (_a_plan_file(signature={"date": "2027-01"}), "signature/date", "BadDate", "2027-01 is no date"),
    ({**_a_plan_file(), "plan": "市二院"}, "plan", "BadId", "市二院 is no id"),
    ({**_a_plan_file(), "planloom": 2}, "planloom", "UnsupportedVersion", "format version 2"),
    (
        {**_a_plan_file(), "planloom": "1"},
        "planloom",
        "WrongType",
        "a whole number is wanted, found the text 1",
    ),
)


@pytest.mark.parametrize(("data", "path", "code", "message"), BAD_PLAN_FILES)
def test_bad_plan_files_are_refused(data: dict[str, Any], path: str, code: str, message: str) -> None:
    """What only a plan file says is read as strictly."""
    (found,) = map(_said_by, _mistakes_of(structure_plan_file, data))
    assert found[:2] == (path, code)
    assert message in found[2]


def test_parameters_of_another_kind_are_named() -> None:
    """A parameter that the stated kind does not take is refused with those it takes."""
    data = _a_rule(kind="require", of={"what": "section"}, at_least=1)
    (mistake,) = _mistakes_of(structure_layer, data)
    assert _said_by(mistake) == (
        "rules/HOS001/at_least", "UnknownParameter", "require takes no at_least",
        "it takes: of, required, forbidden",
    )  # fmt: skip


def test_a_consequence_has_only_a_kind_and_parameters() -> None:
    """The head of a rule has no place under `then`, and its kind must be stated."""
    then = {"title": "x", "of": {"what": "measure"}}
    data = _a_rule(kind="implies", **{"if": {"what": "activity"}, "then": then})
    assert {(m.path[-1], m.code) for m in _mistakes_of(structure_layer, data)} == {
        ("title", "UnknownKey"),
        ("then", "MissingKey"),
    }


def test_all_mistakes_are_reported() -> None:
    """One bad field never hides another, at whatever depth."""
    data = _a_layer(
        activities={"a": {"title": 5, "on": {"month": 0, "before": "x"}}, "B": {"plase": "x"}},
        rules={"HOS001": {"kind": "count", "at_least": "1"}},
    )
    assert {("/".join(map(str, m.path)), m.at, m.code) for m in _mistakes_of(structure_layer, data)} == {
        ("activities/a/title", "value", "WrongType"),
        ("activities/a/on/month", "value", "BadDate"),
        ("activities/a/on/before", "value", "BadDate"),
        ("activities/B", "key", "BadId"),
        ("activities/B/plase", "key", "UnknownKey"),
        ("rules/HOS001/at_least", "value", "WrongType"),
        ("rules/HOS001/kind", "value", "MissingParameter"),
    }


@pytest.mark.parametrize("data", [None, "text", [], 5])
def test_what_is_no_mapping_is_refused(data: object) -> None:
    """A file that is no mapping is one mistake."""
    (mistake,) = _mistakes_of(structure_layer, data)
    assert mistake.code == "WrongType"


KEYS = st.sampled_from(["title", "on", "of", "kind", "x", "remove", "facts", "rules"])


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(-9, 9) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
))  # fmt: skip
def test_no_data_crashes_the_reading(data: object) -> None:
    """Whatever stands in a file, reading it gives a layer or a list of mistakes that can be printed."""
    for cls in (Layer, PlanFile, Content, Rule):
        assert all(_said_by(mistake) for mistake in _mistakes_if_any(cls, data))


def _mistakes_if_any(cls: type, data: object) -> tuple[Mistake, ...]:
    try:
        structure(cls, data)
    except StructureError as error:
        return error.mistakes
    return ()


# ---- plain data ----


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("at_least", 3),
        ("at_least", 0.5),
        ("at_most", "100%"),
        ("near", {"festival": "春节", "before": "10 days"}),
        ("within", "10 days"),
        ("of", [{"what": "budget", "fields": {"side": {"in": ["expense"]}}}]),
        ("words", {"校务公开": "院务公开"}),
        ("except", ["校务公开条例"]),
        ("basis", [{"document": "law", "edition": 2021, "verified": True}]),
        ("basis", {"remove": [{"document": "law"}]}),
        ("fix", {"unsafe": {"set": {"activities/a": {"title": "x"}}}}),
        ("loosen", {"reason": "轮休", "allow_empty": [2, 8]}),
    ],
)
def test_plain_values_read_back(name: str, raw: object) -> None:
    """The plain form of a value is what a file would say, and reads back as the same value."""
    rule = structure(Rule, {name: raw})
    assert plain(rule) == {name: raw}
    assert structure(Rule, plain(rule)) == rule


def test_params_are_plain() -> None:
    """Joined parameters become plain, windows of several layers as a list."""
    params = {"near": (On(Month(3)), On(Festival("春节"))), "within": Days(5)}
    assert params_to_plain(params) == {"near": [{"month": 3}, {"festival": "春节"}], "within": "5 days"}


# ---- plans ----

ORIGIN = Origin(layer="school", distribution="planloom", version="0.1.0", file="layer.yaml", line=3, column=5)
MEASURES = Selector(what="measure", tags=("safety-plan",))
PLAN = Plan(
    title="工作计划",
    organisation="工会委员会",
    period=parse_period(2027),
    profiles=(LayerRef(id="school", title="学校", distribution="planloom", version="0.1.0"),),
    facts={"staff": 86, "share": 0.5, "night_shift": True, "shifts": ["早", "晚"]},
    fact_info=(PlanFact(id="staff", title="人数", type="integer", source="stated", origin=ORIGIN),),
    sections=(
        PlanSection(
            id="affairs", label="一、", title="民主管理", merge_months=((1, 2),), origin=ORIGIN,
            measures=(
                PlanMeasure(
                    id="m", label="（一）", text="做", on=On(Month(3)), target=Target(value=Decimal("98.5")),
                    origin=ORIGIN,
                ),
            ),
        ),
    ),
    activities=(
        PlanActivity(
            id="a", title="送温暖", on=On(Festival("春节"), before=10), months=(1, 2), owner=("工会",),
            budget=Spend(amount=Decimal("0.10"), category="慰问"), origin=ORIGIN,
        ),
    ),
    budget=(PlanBudgetLine(id="dues", title="会费", side="income", amount=Decimal(36000), origin=ORIGIN),),
    rules=(
        PlanRule(
            code="SCH001", title="临近", kind="window", origin=ORIGIN, layers=("school",),
            params={"of": (MEASURES,), "near": (On(Month(3)), On(Month(4))), "within": Days(5)},
            entries={"within": (Entry(value=Days(5), binding="law", origin=ORIGIN),)},
        ),
        PlanRule(
            code="SCH002", title="预案", kind="implies", origin=ORIGIN,
            params={"if": (MEASURES,), "then": structure(Rule, {"kind": "require", "of": {"what": "text"}})},
        ),
        PlanRule(
            code="SCH003", title="先后", kind="order", origin=ORIGIN,
            params={"first": (MEASURES,), "then": (MEASURES,), "gap": Days(30)},
        ),
        PlanRule(
            code="SCH004", title="不超", kind="total", origin=ORIGIN,
            params={"of": (MEASURES,), "at_most": Percent(Decimal(100)), "at_least": Decimal("0.5")},
        ),
    ),
    waivers=(Waiver(rule="SCH001", reason="换届", by="王芳", until=dt.date(2027, 12, 31)),),
    festivals={"厂庆日": On(Month(5))},
    origins={
        "activities/a/on": Provenance(
            holds=(Statement(origin=ORIGIN, value={"month": 3}),),
            beat=(Statement(origin=ORIGIN, value="x", reason="轮休", op="loosen"),),
            why="more-specific",
        )
    },
)  # fmt: skip


def _through_json(plan: Plan) -> Plan:
    return plan_from_json(json.loads(json.dumps(plan_to_json(plan))))


def test_a_plan_comes_back_from_its_json() -> None:
    """Everything of a plan survives the JSON, types of parameters and fen included."""
    assert _through_json(PLAN) == PLAN


@given(
    st.decimals(min_value=0, max_value=10**9, places=2),
    st.text(max_size=8).map(read_text),
    st.dictionaries(
        st.from_regex("[a-z]{1,5}", fullmatch=True), st.integers() | st.booleans() | st.floats(0, 1)
    ),
)
def test_any_plan_comes_back_from_its_json(amount: Decimal, title: str, facts: Mapping[str, object]) -> None:
    """Money, texts and facts of any value survive the JSON."""
    line = attrs.evolve(PLAN.budget[0], amount=amount)
    plan = attrs.evolve(PLAN, title=title, budget=(line,), facts=facts)
    assert _through_json(plan) == plan


def test_the_json_of_a_plan_has_the_published_keys() -> None:
    """The keys of the contract come first, under their names, at every level."""
    data: Any = plan_to_json(PLAN)
    assert list(data)[:12] == (
        [
            "format",
            "title",
            "organisation",
            "period",
            "profiles",
            "directives",
            "facts",
            "sections",
            "activities",
            "budget",
            "rules",
            "waivers",
        ]
    )
    assert list(data["sections"][0])[:6] == ["id", "label", "title", "lead", "measures", "origin"]
    assert list(data["sections"][0]["measures"][0])[:8] == [
        "id",
        "label",
        "text",
        "owner",
        "on",
        "target",
        "activities",
        "origin",
    ]
    assert list(data["activities"][0])[:11] == (
        [
            "id",
            "title",
            "dates",
            "months",
            "section",
            "owner",
            "place",
            "participants",
            "tags",
            "budget",
            "origin",
        ]
    )
    assert list(data["rules"][0])[:9] == [
        "code",
        "slug",
        "title",
        "kind",
        "severity",
        "binding",
        "params",
        "when",
        "layers",
    ]
    assert data["period"] == {"start": "2027-01-01", "end": "2027-12-31", "label": "2027年"}
    assert data["activities"][0]["budget"] == {"amount": "0.10", "category": "慰问"}
    assert data["budget"][0]["amount"] == 36000
    assert data["origins"]["activities/a/on"]["beat"] == [
        {**attrs.asdict(ORIGIN), "value": "x", "reason": "轮休", "op": "loosen"}
    ]


@pytest.mark.parametrize(
    ("change", "path", "code"),
    [
        ({"format": "planloom-plan/9"}, "format", "UnsupportedVersion"),
        ({"title": 5}, "title", "WrongType"),
        ({"period": {"start": "2027-13-01", "end": "2027-12-31"}}, "period/start", "BadDate"),
        ({"budget": [{"id": "x", "title": "x", "amount": "1x", "origin": {"layer": "x"}}]}, "budget/0/amount",
         "WrongType"),
        ({"colour": "red"}, "colour", "UnknownKey"),
    ],
)  # fmt: skip
def test_bad_json_of_a_plan_is_refused(change: dict[str, object], path: str, code: str) -> None:
    """A composed plan that was tampered with is refused at the place."""
    (mistake,) = _mistakes_of(plan_from_json, {**plan_to_json(PLAN), **change})
    assert _said_by(mistake)[:2] == (path, code)


def test_a_report_has_the_published_keys() -> None:
    """A finding carries its place flat, outcomes are counted in their fixed order."""
    finding = Finding(
        code="SCH006", slug="activity-owner", title="有责任人", severity="error", binding="house",
        message_id="missing", message="没有责任人", path="activities/a/owner",
        location=Location(file="plan.yaml", line=14, column=9),
        origin=ORIGIN,
    )  # fmt: skip
    outcome = RuleOutcome(code="SCH006", outcome="fail")
    report = Report(findings=(finding,), outcomes=(outcome,), files=("plan.yaml",))
    data: Any = report_to_json(report)
    assert data["outcomes"] == {
        "pass": 0, "fail": 1, "not_applicable": 0, "unknown": 0, "waived": 0, "baselined": 0, "crashed": 0,
    }  # fmt: skip
    (found,) = data["findings"]
    assert (found["rule"], found["file"], found["line"], found["end_line"], found["status"]) == (
        "activity-owner", "plan.yaml", 14, None, "open",
    )  # fmt: skip
    assert json.loads(json.dumps(data)) == data
