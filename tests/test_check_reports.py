"""The report in every format: the same findings at the same places, whatever the texts hold."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any
from xml.etree import ElementTree

import pytest
from jsonschema.validators import validator_for  # type: ignore[import-untyped]
from pydantic import BaseModel
from sarif_pydantic import Sarif

import planloom
from planloom.checking import Checker
from planloom.discovery import discover
from planloom.pipeline import Request
from planloom.plugins import Plugins
from planloom.reports import exit_code, merged, summary_line
from planloom.reports.github import to_github
from planloom.reports.json import to_json
from planloom.reports.junit import to_junit
from planloom.reports.sarif import to_sarif, uri_of
from planloom.reports.texts import Texts, texts_of
from planloom_cli.findings import human
from planloom_schemas.convert import plan_to_json
from planloom_schemas.errors import Location
from planloom_schemas.finding import Finding, OutcomeName, Report, RuleOutcome
from planloom_schemas.jsonschema import schema_for
from planloom_schemas.plan import LayerRef

HOSTILE = "a\x1b[31m%0A::error::\r\n]]></x>\u202e,:{{7*7}}\ud83d\x00=cmd()"
LAYER = """\
planloom: 1
layer: small
kind: profile
title: 小工会
prefix: SML
sections: {work: {title: 主要工作, measures: {care: {text: 工会委员会在三月开教代会。}}}}
rules:
  SML001: {title: 用教代会, slug: right-word, severity: error, kind: wording, words: {职代会: 教代会}, help: 名称要准。改称教代会。}
  SML002: {title: 另一条, kind: require, of: {what: section, id: none}, forbidden: true}
"""  # noqa: E501
PLAN = """\
planloom: 1
plan: p2027
profiles: [small]
period: 2027
organisation: 育才小学工会
signature: {date: 2027-01-05}
sections:
  work:
    measures:
      more: {text: 工会三月🎉开职代会。}
      other: {text: 工会四月开职代会。}
waivers:
  - {rule: SML001, where: sections/work/measures/other, reason: 沿用旧称, by: 王芳, until: 2027-06-30}
"""


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Report:
    """A check with one open and one waived finding, in a folder whose plan file has a Chinese name."""
    monkeypatch.chdir(tmp_path)
    Path("layers").mkdir()
    Path("layers/small.yaml").write_text(LAYER, encoding="utf-8")
    Path("计划 1.yaml").write_text(PLAN, encoding="utf-8")
    library = discover((Path("layers"),))
    checker = Checker(request=Request(), library=library, plugins=Plugins(), today=date(2027, 1, 1))
    return checker.file("计划 1.yaml")


def hostile() -> Report:
    """A report all of whose texts try to be something else."""
    finding = Finding(
        code="HOS001",
        slug=HOSTILE,
        title=HOSTILE,
        severity="error",
        binding="house",
        message_id="found",
        message=HOSTILE,
        data={"found": HOSTILE},
        path=HOSTILE,
        subject=HOSTILE,
        location=Location(file=HOSTILE, line=1, column=1, end_line=1, end_column=3),
        quote=HOSTILE,
        help=HOSTILE,
    )
    outcome = RuleOutcome(
        code="HOS001", slug=HOSTILE, title=HOSTILE, severity="error", outcome="fail", plugin=HOSTILE
    )
    crashed = RuleOutcome(code="HOS002", outcome="crashed", error=HOSTILE, plugin=HOSTILE)
    return Report(findings=(finding,), outcomes=(outcome, crashed), files=(HOSTILE,))


# Properties of SARIF 2.1.0 that the models of sarif-pydantic do not know.
BEYOND_MODELS = {"columnKind", "suppressions", "exitCode", "toolExecutionNotifications"}


def unknown_properties(model: BaseModel, path: str = "") -> Iterator[str]:
    """Properties of a SARIF log that the standard does not have, at any depth."""
    yield from (f"{path}/{name}" for name in model.model_extra or {})
    for name in type(model).model_fields:
        value = getattr(model, name)
        for place, one in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(one, BaseModel):
                yield from unknown_properties(one, f"{path}/{name}[{place}]")


def test_sarif_is_valid_and_complete(report: Report) -> None:
    """Every rule in force, places, fixes, fingerprints, suppressions with their reason."""
    for one in (report, hostile()):
        log = Sarif.model_validate(json.loads(to_sarif(one)))
        assert {path.rpartition("/")[2] for path in unknown_properties(log)} <= BEYOND_MODELS
    (run,) = json.loads(to_sarif(report, texts=texts_of(discover())))["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [one.code for one in report.outcomes]
    assert run["columnKind"] == "unicodeCodePoints"
    assert run["invocations"][0]["exitCode"] == 1
    open_, waived = (one for one in run["results"] if one["ruleId"] == "SML001")
    place = open_["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "%E8%AE%A1%E5%88%92%201.yaml"
    assert place["region"] == {
        "startLine": 10,
        "startColumn": 26,
        "endLine": 10,
        "endColumn": 29,
        "snippet": {"text": "职代会"},
    }
    (change,) = open_["fixes"][0]["artifactChanges"]
    assert change["replacements"][0]["insertedContent"] == {"text": "教代会"}
    assert waived["suppressions"] == [{"kind": "inSource", "justification": "沿用旧称"}]
    assert run["tool"]["driver"]["rules"][open_["ruleIndex"]]["id"] == "SML001"
    assert len({one["partialFingerprints"]["planloom/v1"] for one in run["results"]}) == len(run["results"])


def test_json_is_the_published_format(report: Report) -> None:
    """With columns in UTF-16 units beside those in code points."""
    schema = schema_for("check")
    texts = texts_of(discover((Path("layers"),)))
    for one in (report, hostile()):
        data = json.loads(to_json(one, texts))
        errors = [error.message for error in validator_for(schema)(schema).iter_errors(data)]
        assert errors == []
    found = next(one for one in json.loads(to_json(report, texts))["findings"] if one["code"] == "SML001")
    assert (found["line"], found["column"], found["end_column"]) == (10, 26, 29)
    assert found["utf16"] == {"column": 27, "end_column": 30}


def test_github_annotates_what_is_open(report: Report) -> None:
    """One command a line; what is waived is left out."""
    lines = [line for line in to_github(report).splitlines() if "SML001" in line]
    assert lines == [
        "::error file=计划 1.yaml,line=10,endLine=10,col=26,endColumn=29,title=SML001 right-word 用教代会"
        "::text “工会三月🎉开职代会。”: “职代会” should be “教代会” here"
    ]
    (line,) = to_github(hostile()).splitlines()
    head, _, message = line.partition(" ")[2].partition("::")
    assert "\x1b" not in line
    assert "\u202e" not in line
    assert "%250A%3A%3Aerror%3A%3A%0D%0A" in head
    assert "%250A::error::%0D%0A" in message


def test_junit_has_a_case_for_each_rule(report: Report) -> None:
    """Failed, skipped with the reason, passed."""
    for one in (report, hostile()):
        root = ElementTree.fromstring(to_junit(one).encode("utf-8"))
        assert len(root.findall(".//testcase")) == len(one.outcomes)
    cases = {
        case.get("name", "").split()[0]: case
        for case in ElementTree.fromstring(to_junit(report)).iter("testcase")
    }
    failure = cases["SML001"].find("failure")
    assert failure is not None
    assert "计划 1.yaml:10:26" in (failure.text or "")
    assert list(cases["SML002"]) == []


def test_what_has_no_line_names_only_its_file() -> None:
    """No format gives a finding on the plan as a whole the line or column 0."""
    finding = Finding(
        code="HOS001",
        title="有计划",
        severity="error",
        binding="house",
        message_id="few",
        message="少了",
        location=Location(file="p.yaml", line=0, column=0),
    )
    outcome = RuleOutcome(code="HOS001", outcome="fail")
    made = Report(findings=(finding,), outcomes=(outcome,), files=("p.yaml",))
    (written,) = json.loads(to_json(made, Texts()))["findings"]
    assert [written[key] for key in ("file", "line", "column", "utf16")] == ["p.yaml", None, None, None]
    assert "p.yaml :" in to_junit(made)
    assert ":0" not in to_junit(made) + to_github(made)


def test_the_summary_counts_every_outcome(report: Report) -> None:
    """All seven, and what took part."""
    counts = report.counts()
    assert len(counts) == 7
    assert summary_line(report).startswith(
        f"{len(report.outcomes)} rules: passed {counts['pass']} · failed 1"
    )
    assert summary_line(report).endswith("(plugins 2, files 1)")


def outcome(name: OutcomeName) -> RuleOutcome:
    """A rule with an outcome."""
    return RuleOutcome(code=f"TST-{name}", outcome=name)


@pytest.mark.parametrize(
    ("names", "severity", "fail_on", "code"),
    [
        (["pass"], None, "error", 0),
        (["fail"], "error", "error", 1),
        (["fail"], "warn", "error", 0),
        (["fail"], "warn", "warn", 1),
        (["fail"], "advice", "advice", 1),
        (["fail"], "error", "never", 0),
        (["pass", "unknown"], None, "unknown", 1),
        (["pass", "unknown"], None, "advice", 0),
        (["fail", "crashed"], "error", "error", 3),
        ([], None, "error", 4),
        (["not_applicable", "unknown"], None, "unknown", 4),
    ],
)
def test_how_a_check_ends(names: list[OutcomeName], severity: str | None, fail_on: Any, code: int) -> None:
    """Crashes before nothing checked before findings."""
    finding = Finding(
        code="TST",
        title="",
        severity=severity or "",
        binding="house",
        message_id="",
        message="",
        status="open",
    )
    report = Report(findings=(finding,) if severity else (), outcomes=tuple(map(outcome, names)))
    assert exit_code(report, fail_on) == code


def test_several_files_make_one_report(report: Report) -> None:
    """A rule has the worst of its outcomes; a waiver that one file needs is not unused."""
    fine = Report(outcomes=(RuleOutcome(code="SML001", outcome="pass", plugin="small"),), files=("b.yaml",))
    both = merged([fine, report])
    (one,) = [one for one in both.outcomes if one.code == "SML001"]
    assert one.outcome == "fail"
    assert both.files == ("b.yaml", "计划 1.yaml")
    assert summary_line(both).endswith("files 2)")


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("a b.yaml", "a%20b.yaml"),
        ("./x/计划.md", "x/%E8%AE%A1%E5%88%92.md"),
        ("/tmp/a#b.yaml", "file:///tmp/a%23b.yaml"),
        ("a:b.yaml", "a%3Ab.yaml"),
    ],
)
def test_files_become_uris(file: str, uri: str) -> None:
    """Relative as named, or absolute; never mistaken for a scheme."""
    assert uri_of(file) == uri


def test_a_file_that_cannot_be_read_has_no_lines() -> None:
    """Columns are then counted in code points."""
    assert Texts().utf16("absent.yaml", 3, 7) == 7
    assert Texts().line(Location(file="absent.yaml", line=3)) is None


def test_notes_are_in_every_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who counts as house stands in JUnit as in JSON, also when a composed plan is checked again."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "layers").mkdir()
    bound = LAYER.replace("kind: require,", "kind: require, binding: upper,")
    (tmp_path / "layers" / "small.yaml").write_text(bound, encoding="utf-8")
    (tmp_path / "plan.yaml").write_text(PLAN, encoding="utf-8")
    composed = planloom.compose("plan.yaml", layer_path=["layers"])
    (tmp_path / "plan.json").write_text(json.dumps(plan_to_json(composed)), encoding="utf-8")
    said = "CountsAsHouse: “small” claims to speak for the law or the upper union in SML002"
    for source in ("plan.yaml", "plan.json"):
        report = planloom.check(source, layer_path=["layers"])
        out = ElementTree.fromstring(to_junit(report)).findtext("testsuite/system-out")
        assert said in (out or ""), source
        assert [note.code for note in report.notes].count("CountsAsHouse") == 1


def test_a_snippet_is_the_text_of_its_region(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a word stands twice and is wrong once, the finding points at the whole text, and quotes just that."""
    monkeypatch.chdir(tmp_path)
    Path("layers").mkdir()
    Path("layers/small.yaml").write_text(LAYER, encoding="utf-8")
    text = "工会在三月开职代会，{{ '职代会' }}培训。"
    Path("p.yaml").write_text(
        "{planloom: 1, plan: p, profiles: [small], period: 2027, organisation: 工会,\n"
        f' sections: {{work: {{measures: {{care: {{text: "{text}"}}}}}}}}}}',
        encoding="utf-8",
    )
    library = discover((Path("layers"),))
    report = Checker(request=Request(), library=library, plugins=Plugins()).file("p.yaml")
    (run,) = json.loads(to_sarif(report, texts=texts_of(library)))["runs"]
    regions = [
        one["locations"][0]["physicalLocation"]["region"]
        for one in run["results"]
        if one["ruleId"] == "SML001"
    ]
    assert [region["snippet"]["text"] for region in regions] == [f'"{text}"'] * 2
    assert [region["startColumn"] for region in regions] == [44] * 2


def test_columns_of_many_findings_in_one_line_are_counted_once() -> None:
    """50,000 findings in a line of 100,000 characters are counted in seconds, not in minutes."""
    line = "😀组" * 50_000
    texts = Texts(lambda file: (line,))
    begin = perf_counter()
    columns = [texts.utf16("a.txt", 1, column) for column in range(1, len(line), 2)]
    assert perf_counter() - begin < 5
    assert columns[:3] == [1, 4, 7]


def test_code_plugins_are_named_in_every_format() -> None:
    """Who ran code stands by name and version in the reports for people, CI and code hosts."""
    guest = LayerRef(id="guest", distribution="planloom-guest", version="1.2", trusted=False)
    passed = RuleOutcome(code="SML001", severity="error", outcome="pass")
    report = Report(outcomes=(passed,), plugins=(guest,), code=(guest,))
    for text in (human(report, Texts()), to_junit(report), to_github(report), summary_line(report)):
        assert "guest (planloom-guest 1.2)" in text
    for text in (to_json(report, Texts()), to_sarif(report)):
        assert "guest" in text
        assert "1.2" in text
