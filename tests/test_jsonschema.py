"""The published JSON Schemas are what the classes say, and accept what people and planloom write."""

import datetime as dt
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator  # type: ignore[import-untyped]

from planloom_schemas.convert import StructureError, plan_to_json, report_to_json, structure_layer
from planloom_schemas.dates import Month, On, parse_period
from planloom_schemas.errors import Location, Problem
from planloom_schemas.finding import Finding, Repair, Report, RuleOutcome, TextEdit
from planloom_schemas.jsonschema import SCHEMA_NAMES, Name, published, schema_for
from planloom_schemas.layer import Edition, Spend, Target
from planloom_schemas.plan import (
    DateSpan,
    Entry,
    LayerRef,
    Origin,
    Plan,
    PlanActivity,
    PlanAttachment,
    PlanBudgetLine,
    PlanDocument,
    PlanFact,
    PlanMeasure,
    PlanRule,
    PlanSection,
    PlanTag,
    Provenance,
    Statement,
    Waiver,
)
from planloom_schemas.rule import KINDS, Basis, Days, Fix, Selector

ROOT = Path(__file__).parents[1]
PUBLISHED = ROOT / "schemas" / "planloom_schemas" / "published"
ORIGIN = Origin(layer="school")


@pytest.mark.parametrize("name", SCHEMA_NAMES)
def test_the_published_file_is_current(name: Name) -> None:
    """Whoever changes a class runs ``python -m planloom_schemas.jsonschema``."""
    assert (PUBLISHED / f"{name}.json").read_text(encoding="utf-8") == published(name)


@pytest.mark.parametrize("name", SCHEMA_NAMES)
def test_every_schema_is_a_schema(name: Name) -> None:
    """Each is valid draft-07."""
    Draft7Validator.check_schema(schema_for(name))


def test_an_unknown_schema_is_refused() -> None:
    """There are four schemas and no other."""
    with pytest.raises(ValueError, match="no schema recipe"):
        schema_for("recipe")  # type: ignore[arg-type]


# ---- the files of the repository ----


def _files_of(key: str) -> list[Path]:
    """Every YAML file outside the tests whose ``planloom: 1`` comes with the key."""
    files = sorted(
        file
        for folder in ("plugins", "examples", "docs", "benchmarks")
        for file in (ROOT / folder).rglob("*.yaml")
    )
    return [file for file in files if key in yaml.load(file.read_text("utf-8"), Loader=yaml.BaseLoader)]


def test_every_yaml_file_is_a_layer_or_a_plan_file() -> None:
    """No file escapes the validation below."""
    files = {
        file
        for folder in ("plugins", "examples", "docs", "benchmarks")
        for file in (ROOT / folder).rglob("*.yaml")
    }
    assert files == {*_files_of("layer"), *_files_of("plan")}
    assert len(_files_of("layer")) >= 2


@pytest.mark.parametrize("name", ["layer", "plan"])
def test_the_files_of_the_repository_are_valid(name: str) -> None:
    """What editors check with the published schema is what the repository ships."""
    command = [sys.executable, "-m", "check_jsonschema", "--schemafile", str(PUBLISHED / f"{name}.json")]
    done = subprocess.run([*command, *map(str, _files_of(name))], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


# ---- what is accepted, what is not ----


def _errors(name: Name, data: object) -> list[str]:
    validator: Any = Draft7Validator(schema_for(name))
    return [error.message for error in validator.iter_errors(data)]


def _layer(**content: object) -> dict[str, Any]:
    return {"planloom": 1, "layer": "hospital", "kind": "profile", "title": "医院工会", **content}


TEXTS = {"what": "text"}
GOOD: tuple[dict[str, Any], ...] = (
    _layer(extends=["union"], prefix="HOS", heading="{{ organisation }}"),
    _layer(facts={"night_shift": {"type": "boolean", "default": True}}),
    _layer(activities={"a": {"owner": "工会", "budget": 20000, "tags": {"remove": ["b"]}, "place": None}}),
    _layer(activities={"a": {"owner": ["甲", "乙"], "budget": {"amount": 0.5}, "tags": ["b"]}}),
    _layer(activities={"a": {"remove": "经费"}, "b": {"on": {"from": "12-20", "to": "01-10"}}}),
    _layer(sections={"s": {"lead": {"file": "a.md.j2"}, "measures": {"m": {"text": "x"}}}}),
    _layer(sections={"s": {"lead": None, "merge_months": [[1, 2]], "shows": "activities"}}),
    _layer(documents={"law": {"editions": [{"year": 2021, "from": "2022-01-01"}]}}),
    _layer(festivals={"厂庆日": {"date": "05-20"}}),
    _layer(rules={"HOS001": {"kind": "window", "of": {"what": "activity", "id": "x"}, "within": "10 days"}}),
    _layer(rules={"HOS001": {"kind": "total", "of": [{"what": "budget"}], "at_most": "100%"}}),
    _layer(rules={"HOS001": {"kind": "implies", "if": TEXTS, "then": {"kind": "cite", "of": TEXTS}}}),
    _layer(rules={"HOS001": {"loosen": {"reason": "轮休", "allow_empty": [2, 8]}}}),
)  # fmt: skip


@pytest.mark.parametrize("data", GOOD)
def test_schema_and_converter_accept_the_same(data: dict[str, Any]) -> None:
    """What the converter takes, shorthands included, the schema takes too."""
    structure_layer(data)
    assert _errors("layer", data) == []


BAD: tuple[dict[str, Any], ...] = (
    _layer(sektions={}),
    _layer(planloom=2),
    _layer(prefix="hos"),
    _layer(extends="union"),
    _layer(facts={"period": {"type": "text"}}),
    _layer(facts={"night-shift": {"type": "text"}}),
    _layer(activities={"Trip": {"title": "x"}}),
    _layer(activities={"x": None}),
    _layer(activities={"x": {"title": 5}}),
    _layer(activities={"x": {"tags": "竞赛"}}),
    _layer(activities={"x": {"remove": " "}}),
    _layer(activities={"x": {"on": {"month": 13}}}),
    _layer(activities={"x": {"on": {"month": 3, "quarter": 1}}}),
    _layer(activities={"x": {"on": {"from": "01-01"}}}),
    _layer(rules={"HOS1": {"title": "x"}}),
    _layer(rules={"HOS001": {"kind": "cout"}}),
    _layer(rules={"HOS001": {"kind": "wording"}}),
    _layer(rules={"HOS001": {"kind": "cite", "of": {"what": "text"}, "depth": 4}}),
    _layer(rules={"HOS001": {"similarity": 80}}),
    _layer(rules={"HOS001": {"of": {"id": "x"}}}),
    {"planloom": 1, "layer": "x", "title": "x"},
)


@pytest.mark.parametrize("data", BAD)
def test_schema_and_converter_refuse_the_same(data: dict[str, Any]) -> None:
    """What the converter refuses by its shape, an editor marks."""
    with pytest.raises(StructureError):
        structure_layer(data)
    assert _errors("layer", data)


@pytest.mark.parametrize(
    ("change", "good"),
    [
        ({"facts": {"staff": 86, "grade": "三级", "shifts": ["早"], "old": {"remove": "不再使用"}}}, True),
        ({"period": "2026-09/2027-08", "directives": ["./d.yaml"], "grant": []}, True),
        ({"waivers": [{"rule": "SCH001", "until": "2027-12-31"}]}, True),
        ({"facts": {"staff": None}}, False),
        ({"prefix": "HOS"}, False),
        ({"signature": {"date": "2027-01"}}, False),
    ],
)
def test_the_schema_of_plan_files(change: dict[str, Any], good: bool) -> None:
    """A plan file says what a layer says, bare facts, and what only an organisation knows."""
    assert (_errors("plan", {"planloom": 1, "plan": "x-2027", **change}) == []) is good


def test_every_field_of_a_statement_is_explained() -> None:
    """Hovering over a field or the kind of a rule shows what it means, in Chinese."""
    definitions = schema_for("layer")["definitions"]
    rule = definitions["Rule"]["properties"]
    assert all("description" in field for name in ("Rule", "Activity", "Selector", "On")
               for field in definitions[name]["properties"].values())  # fmt: skip
    assert {choice["const"] for choice in rule["kind"]["oneOf"] if choice["description"]} == set(KINDS)


# ---- what planloom writes ----


def test_a_composed_plan_is_valid() -> None:
    """The JSON of a plan that uses every class keeps to the published schema, fen and all."""
    on, span = On(Month(3)), DateSpan(start=dt.date(2027, 3, 1), end=dt.date(2027, 3, 31))
    edition = Edition(year=2021, from_=dt.date(2022, 1, 1))
    statement = Statement(origin=ORIGIN, value=on, reason="轮休", op="loosen")
    plan = Plan(
        title="计划",
        organisation="工会",
        period=parse_period(2027),
        profiles=(LayerRef(id="school"),),
        facts={"staff": 86},
        fact_info=(PlanFact(id="staff", title="人数", type="integer", source="stated", origin=ORIGIN),),
        sections=(
            PlanSection(
                id="s", label="一、", title="部分", origin=ORIGIN, merge_months=((1, 2),),
                measures=(PlanMeasure(
                    id="m", label="（一）", text="做", on=on, dates=(span,), origin=ORIGIN,
                    target=Target(value=Decimal("0.5")),
                ),),
            ),
        ),
        activities=(
            PlanActivity(id="a", title="活动", on=on, budget=Spend(amount=Decimal("0.10")), origin=ORIGIN),
            PlanActivity(id="b", title="活动", on=on, budget=Spend(amount=Decimal(3)), origin=ORIGIN),
        ),
        budget=(PlanBudgetLine(id="b", title="会费", amount=Decimal("12.50"), origin=ORIGIN),),
        attachments=(PlanAttachment(id="x", title="附件", shows="requirements", origin=ORIGIN),),
        rules=(
            PlanRule(
                code="SCH001", title="规则", kind="window", origin=ORIGIN, fix=Fix(manual="改"),
                params={"of": (Selector(what="text"),), "near": on, "within": Days(3)},
                basis=(Basis(document="law"),),
                entries={"near": (Entry(value=on, binding="law", origin=ORIGIN),)},
            ),
        ),
        waivers=(Waiver(rule="SCH001", reason="换届", by="王芳", until=dt.date(2027, 12, 31)),),
        tags=(PlanTag(id="t", words=("词",)),),
        documents=(PlanDocument(id="law", title="法", editions=(edition,)),),
        festivals={"厂庆日": on},
        origins={"activities/a/on": Provenance(holds=(statement,), beat=(statement,))},
    )  # fmt: skip
    data = plan_to_json(plan)
    assert _errors("composed-plan", data) == []
    assert _errors("composed-plan", {**data, "colour": "red"})
    assert _errors("composed-plan", {key: value for key, value in data.items() if key != "origins"})


def test_a_report_is_valid() -> None:
    """The JSON of a check keeps to the published schema, with and without a place and a repair."""
    place = Location(file="plan.yaml", line=14, column=9)
    edit = TextEdit(file="plan.yaml", start=3, end=5, text="院务公开")
    head: dict[str, Any] = {"code": "SCH006", "title": "有责任人", "severity": "error", "binding": "house"}
    report = Report(
        findings=(
            Finding(**head, message_id="missing", message="没有"),
            Finding(
                **head, message_id="wrong", message="用语", location=place, chosen=place, origin=ORIGIN,
                data={"found": Decimal("0.5")}, basis=(Basis(document="law", edition=2021),),
                repair=Repair(safe=True, edits=(edit,)), status="waived", reason="换届",
            ),
            Finding(**head, message_id="few", message="少", repair=Repair(change=Fix(manual="改"))),
        ),
        outcomes=(RuleOutcome(code="SCH006", outcome="fail", missing=("staff",)),),
        files=("plan.yaml",),
        plugins=(LayerRef(id="school"),),
        notes=(Problem(code="UnusedWaiver", message="the waiver is not used", location=place),),
    )  # fmt: skip
    data = report_to_json(report)
    assert _errors("check", data) == []
    assert _errors("check", {**data, "outcomes": {}})
