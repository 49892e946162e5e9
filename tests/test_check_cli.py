"""``planloom check``: what it prints, what it writes, and how it ends."""

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import Result

Run = Callable[..., Result]
LAYER = """\
planloom: 1
layer: small
kind: profile
title: 小工会
prefix: SML
facts: {boats: {type: integer, title: 船的数目}}
documents: {union-law: {title: 工会法}}
sections: {work: {title: 主要工作, measures: {care: {text: 工会委员会在三月开教代会。}}}}
rules:
  SML001:
    slug: owner
    title: 活动有责任人
    severity: error
    kind: field
    of: {what: activity}
    field: owner
    not_in: [待定]
    messages: {value: "「{found}」不是姓名或部门；要写到人或部门"}
    help: 没有责任人的活动无人落实。写明责任人或责任部门。
  SML002:
    title: 用教代会
    kind: wording
    words: {职代会: 教代会}
    basis: [{document: union-law, edition: 2021, article: 第六条}]
  SML003: {title: 安全, when: boats > 0, kind: require, of: {what: measure, id: safety}, required: true}
"""
GOOD = """\
planloom: 1
plan: p2027
profiles: [small]
period: 2027
organisation: 育才小学工会
signature: {date: 2027-01-05}
activities:
  games:
    title: 教职工趣味运动会
    on: {month: 5}
    owner: 文体委员
"""
BAD = GOOD.replace("文体委员", "待定") + (
    "sections:\n  work:\n    measures:\n      more: {text: 工会三月开职代会。}   # 旧称\n"
)


@pytest.fixture
def files(run: Run) -> None:
    """A good and a bad plan file, and the layer they use."""
    Path("layers").mkdir()
    Path("layers/small.yaml").write_text(LAYER, encoding="utf-8")
    Path("good.yaml").write_text(GOOD, encoding="utf-8")
    Path("bad.yaml").write_text(BAD, encoding="utf-8")


@pytest.fixture
def check(run: Run, files: None) -> Run:
    """Runs ``planloom check`` with the layer at hand."""

    def invoke(*args: str, lang: str = "en") -> Result:
        return run("check", *args, "--layer-path", "layers", "--today", "2027-01-01", lang=lang)

    return invoke


def test_a_good_plan_ends_well(check: Run) -> None:
    """With the summary, and the facts that would let more rules run."""
    result = check("good.yaml")
    assert result.exit_code == 0
    assert "SML003" in result.stdout
    assert "boats (船的数目)" in result.stdout
    assert result.stdout.splitlines()[-1].endswith("crashed 0 (plugins 2, files 1)")


def test_findings_read_as_the_contract_says(check: Run) -> None:
    """What, where, the line, the basis, and what to do."""
    result = check("bad.yaml")
    assert result.exit_code == 1
    assert (
        "error SML001 owner  活动有责任人\n"
        "  bad.yaml:11:5  activity “教职工趣味运动会”· owner\n"
        "  11 │     owner: 待定\n"
        "     └「待定」不是姓名或部门；要写到人或部门\n"
        "  basis house rule (small)   fix 写明责任人或责任部门   more planloom explain SML001\n"
    ) in result.stdout
    assert "basis 《工会法》(2021)第六条 (not verified)" in result.stdout
    assert result.stdout.encode("gbk")


@pytest.mark.parametrize(
    ("fail_on", "code"), [("error", 1), ("warn", 1), ("advice", 1), ("unknown", 1), ("never", 0)]
)
def test_what_counts_is_chosen(check: Run, fail_on: str, code: int) -> None:
    """`--fail-on` chooses from which severity on."""
    assert check("bad.yaml", "--fail-on", fail_on).exit_code == code


def test_facts_that_are_missing_can_count(check: Run) -> None:
    """`--fail-on unknown`, until somebody states them."""
    assert check("good.yaml", "--fail-on", "unknown").exit_code == 1
    assert check("good.yaml", "--fail-on", "unknown", "--set", "boats=0").exit_code == 0


def test_every_format_names_the_line(check: Run) -> None:
    """On standard output by name, in a file by its ending; the exit code is the same."""
    for name in ("json", "sarif", "junit", "github"):
        result = check("bad.yaml", "--format", name)
        assert result.exit_code == 1
        assert "11" in result.stdout
        assert "SML001" in result.stdout
        assert "files 1)" in result.stderr
    check("bad.yaml", "-o", "found.json")
    check("bad.yaml", "-o", "found.sarif")
    check("bad.yaml", "-o", "found.xml")
    assert json.loads(Path("found.json").read_text(encoding="utf-8"))["outcomes"]["fail"] == 2
    assert json.loads(Path("found.sarif").read_text(encoding="utf-8"))["version"] == "2.1.0"
    assert ElementTree.parse("found.xml").getroot().get("failures") == "2"


def test_mending_shows_then_writes(check: Run) -> None:
    """`--diff` writes nothing; `--fix` changes only the word."""
    shown = check("bad.yaml", "--fix", "--diff")
    assert "-      more: {text: 工会三月开职代会。}   # 旧称\n" in shown.stdout
    assert "+      more: {text: 工会三月开教代会。}   # 旧称\n" in shown.stdout
    assert Path("bad.yaml").read_text(encoding="utf-8") == BAD
    fixed = check("bad.yaml", "--fix")
    assert Path("bad.yaml").read_text(encoding="utf-8") == BAD.replace("职代会", "教代会")
    assert "1 findings mended" in fixed.stderr
    assert "SML002" not in fixed.stdout


def test_a_baseline_is_written_kept_and_shrinks(check: Run) -> None:
    """What is set aside does not count; what is mended leaves the file."""
    assert check("bad.yaml", "--baseline", "base.json").exit_code == 2
    assert check("bad.yaml", "--baseline", "base.json", "--write-baseline").exit_code == 0
    kept = Path("base.json").read_bytes()
    assert check("bad.yaml", "--baseline", "base.json").exit_code == 0
    assert Path("base.json").read_bytes() == kept
    Path("bad.yaml").write_text(BAD.replace("职代会", "教代会"), encoding="utf-8")
    assert check("bad.yaml", "--baseline", "base.json").exit_code == 0
    codes = [one["code"] for one in json.loads(Path("base.json").read_text(encoding="utf-8"))["findings"]]
    assert "SML001" in codes
    assert "SML002" not in codes


def test_one_bad_file_leaves_the_others_alone(check: Run) -> None:
    """It is told and decides how the program ends."""
    result = check("good.yaml", "absent.yaml")
    assert result.exit_code == 2
    assert "absent.yaml" in result.stderr
    assert "files 1)" in result.stdout


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("absent.yaml",), "absent.yaml"),
        (("good.yaml", "-o", "good.yaml"), "-o good.yaml would overwrite a file that is read"),
        (("good.yaml", "-o", "found.txt"), "the ending of found.txt says no format"),
        (("good.yaml", "--write-baseline"), "--write-baseline needs --baseline FILE"),
        (("good.yaml", "--waivers", "w.yaml"), "--waivers is for documents"),
        (("good.yaml", "--set", "ships=3"), "no layer asks for the fact ships"),
        (("layers",), "layers"),
    ],
)
def test_wrong_use_ends_with_two(check: Run, args: tuple[str, ...], message: str) -> None:
    """And says what is wrong."""
    result = check(*args)
    assert result.exit_code == 2
    assert message in result.stderr


def test_a_day_that_is_none_is_refused(run: Run, files: None) -> None:
    """Dates are written as in plan files."""
    result = run("check", "good.yaml", "--today", "morgen")
    assert result.exit_code == 2
    assert "2027-05-01" in result.stderr


def test_documents_need_a_profile_for_more_than_the_rules_of_any_plan(check: Run) -> None:
    """The note says so."""
    Path("plan.md").write_text("# 工会2027年工作计划\n\n一、工作\n\n工会三月开职代会。\n", encoding="utf-8")
    without = check("plan.md")
    assert "no profile was named" in without.stderr
    assert "SML002" not in without.stdout
    assert "SML002" in check("plan.md", "-p", "small").stdout


def test_assumed_facts_are_a_list(run: Run, tmp_path: Path) -> None:
    """Every fact that nobody stated stands on a line of its own, as when the plan is composed."""
    text = "planloom: 1\nplan: p\nprofiles: [school]\nperiod: 2027\nfacts: {staff: 86, members: 84, women_members: 60}\n"
    (tmp_path / "p.yaml").write_text(text, encoding="utf-8")
    lines = run("check", "p.yaml").stderr.splitlines()
    assert lines[0].startswith("note ")
    line = next(line for line in lines if line.endswith("(boarding)"))
    assert line.split() == ["是否有寄宿生", "=", "false", "(boarding)"]
    assert max(map(len, lines)) < 100
