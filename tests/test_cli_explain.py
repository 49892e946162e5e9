"""``planloom explain PLAN PATH``: who says a value, whom that beats, and why."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]

HARBOUR = """\
planloom: 1
layer: harbour
kind: profile
title: 港口
facts:
  docks: {type: integer, title: 泊位数, default: 3}
  night: {type: boolean, title: 夜班, default: false}
tags: {open: {title: 开放}, sea: {title: 海}}
sections:
  work: {title: 工作, measures: {berths: {text: "共{{ docks }}个泊位"}}}
  shift: {title: 夜班, when: night == true}
activities:
  open-day: {title: 开放日, on: {month: 3}, section: work, tags: [open]}
  outing: {title: 秋游, on: {month: 10}, section: work}
  patrol: {title: 夜巡, on: {month: 5}, section: shift}
  report: {title: 夜巡小结, on: {activity: patrol, after: 5 days}}
"""
PLAN = """\
planloom: 1
plan: p-2027
profiles: [harbour]
period: 2027
organisation: 港务工会
activities:
  open-day: {on: {month: 4}, tags: [sea]}
  outing: {remove: 本年度经费优先用于送温暖}
"""


@pytest.fixture
def explain(run: Run, tmp_path: Path) -> Run:
    """Explains a path of the plan above."""
    (tmp_path / "layers").mkdir()
    (tmp_path / "layers" / "harbour.yaml").write_text(HARBOUR, encoding="utf-8")
    (tmp_path / "plan.yaml").write_text(PLAN, encoding="utf-8")

    def invoke(path: str, *args: str, lang: str = "en") -> Result:
        return run("--layer-path", "layers", "explain", "plan.yaml", path, *args, lang=lang)

    return invoke


def test_a_changed_value(explain: Run) -> None:
    """The value, its days, who says it, whom it beats, and why."""
    assert explain("activities/open-day/on").stdout.splitlines() == [
        "activities/open-day/on",
        "  value  {month: 4}",
        "  dates  2027-04-01 - 2027-04-30",
        "  why    the more specific layer wins: plan file before directive before profile",
        "  said by",
        "    p-2027  plan.yaml:7  {month: 4}",
        "  beats",
        "    harbour  layers/harbour.yaml:13  {month: 3}",
    ]


def test_in_chinese(explain: Run) -> None:
    """The same in Chinese."""
    shown = explain("activities/open-day/on", lang="zh").stdout
    for words in ("值", "日期", "更具体的为准", "出处", "盖过"):
        assert words in shown


@pytest.mark.parametrize("path", ["activities/outing", "activities/outing/on", "/activities/outing/"])
def test_a_removed_item(path: str, explain: Run) -> None:
    """Who removed it and why, for the item and for what was said of it."""
    shown = explain(path).stdout
    assert "p-2027  plan.yaml:8  remove: 本年度经费优先用于送温暖" in shown
    assert "layers/harbour.yaml:14  秋游" in shown


@pytest.mark.parametrize(
    "path", ["activities/patrol/on", "activities/patrol", "activities/report", "sections/shift"]
)
def test_a_hidden_item(path: str, explain: Run) -> None:
    """The condition that hides it, its own or that of what it hangs on, and the facts it reads."""
    shown = explain(path).stdout
    assert "not in this plan: sections/shift has the condition night == true, and" in shown
    assert "night  = false" in shown


def test_a_joined_list(explain: Run) -> None:
    """All that several layers add, with each of them."""
    shown = explain("activities/open-day/tags").stdout
    assert "value  [open, sea]" in shown
    assert "plan.yaml:7" in shown
    assert "layers/harbour.yaml:13" in shown


def test_an_item_lists_its_fields(explain: Run) -> None:
    """The fields of an activity, the measures of a section."""
    assert "    section  work" in explain("activities/open-day").stdout
    assert "measures/berths" in explain("sections/work").stdout


@pytest.mark.parametrize(
    ("path", "value"), [("facts/docks", "3"), ("facts/docks/value", "3"), ("facts/docks/default", "3")]
)
def test_a_default(path: str, value: str, explain: Run) -> None:
    """A fact that nobody stated stands on its default."""
    shown = explain(path).stdout
    assert value in shown
    assert ("the default holds" in shown) is path.endswith("value")


def test_what_the_command_line_says(explain: Run) -> None:
    """A fact of --set is said by the command line, without a line."""
    assert "plan.yaml" not in explain("facts/docks/value", "--set", "docks=7").stdout
    assert "--set docks=7" in explain("facts/docks/value", "--set", "docks=7").stdout


def test_the_nearest_path(explain: Run) -> None:
    """An unknown path ends with 2 and names the nearest."""
    done = explain("activities/opening-day/on")
    assert done.exit_code == 2
    assert "the plan has no path “activities/opening-day/on”" in done.stderr
    assert "did you mean activities/open-day/on" in done.stderr


def test_as_json(explain: Run) -> None:
    """The same as data."""
    data = json.loads(explain("activities/open-day/on", "--format", "json").stdout)
    assert data["value"] == {"month": 4}
    assert data["why"] == "more-specific"
    assert data["dates"] == [{"start": "2027-04-01", "end": "2027-04-30"}]
    assert data["beat"][0]["line"] == 13
    assert json.loads(explain("activities/patrol", "--format", "json").stdout)["hidden"]["facts"] == {
        "night": False
    }


def test_a_composed_plan_explains_itself(run: Run, explain: Run) -> None:
    """The JSON of a composed plan answers like the plan file, without its layers."""
    assert run("--layer-path", "layers", "compose", "plan.yaml", "-o", "plan.json").exit_code == 0
    for path in ("activities/open-day/on", "activities/outing", "activities/report", "facts/docks/value"):
        assert run("explain", "plan.json", path).stdout == explain(path).stdout


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "broken.json cannot be read"),
        ('{"format": "x"}', "the plan has format x"),
        ("[]", "a mapping is wanted"),
    ],
)
def test_json_that_is_no_plan(text: str, words: str, run: Run, tmp_path: Path) -> None:
    """A file that is no composed plan ends with 2 and says so."""
    (tmp_path / "broken.json").write_text(text, encoding="utf-8")
    done = run("explain", "broken.json", "activities/x")
    assert done.exit_code == 2
    assert words in done.stderr
    assert "broken.json" in done.stderr


def test_without_a_plan_file(run: Run) -> None:
    """With -p the path alone is enough."""
    facts = ("--set", "staff=86", "--set", "members=84", "--set", "women_members=60")
    done = run("explain", "-p", "school", "--year", "2027", *facts, "activities/double-ninth-visit/on")
    assert "dates  2027-10-08" in done.stdout


def test_a_fact_keeps_its_default_apart(explain: Run) -> None:
    """The default of a fact is what its layer says, also where another value was stated."""
    stated = explain("facts/docks/default", "--set", "docks=5").stdout.splitlines()
    assert stated[:2] == ["facts/docks/default", "  value  3"]
    assert explain("facts/docks/value", "--set", "docks=5").stdout.splitlines()[1] == "  value  5"


def test_what_nobody_states_is_computed(explain: Run) -> None:
    """A heading that no layer states has a value and a reason, and nobody who said it."""
    assert explain("heading").stdout.splitlines() == [
        "heading",
        "  value  港务工会2027年工作计划",
        "  why    it is computed",
    ]


def test_a_capped_severity_says_so(explain: Run, tmp_path: Path) -> None:
    """A rule that no verified basis carries warns at most; its severity names that reason, not only the layer."""
    rule = (
        "prefix: HAR\ndocuments: {law: {title: 法}}\nrules: {HAR001: {title: 甲, kind: count, of: {what: activity}, "
        "per: year, at_least: 1, severity: error, basis: [{document: law}]}}\n"
    )
    (tmp_path / "layers" / "harbour.yaml").write_text(HARBOUR + rule, encoding="utf-8")
    lines = explain("rules/HAR001/severity").stdout.splitlines()
    assert lines[1] == "  value  warn"
    assert "no basis of the rule is verified, so it warns at most" in lines[2]
    assert lines[4].endswith("error")


def test_a_short_name_of_two_rules(run: Run, tmp_path: Path) -> None:
    """Neither is picked: the error names both codes and the layers they come from."""
    rule = "{slug: owner, title: 有责任人, kind: numbering}"
    (tmp_path / "layers").mkdir()
    for name, prefix in (("harbour", "HAR"), ("railway", "RLW")):
        text = f"planloom: 1\nlayer: {name}\nkind: profile\ntitle: 甲\nprefix: {prefix}\nrules: {{{prefix}001: {rule}}}\n"
        (tmp_path / "layers" / f"{name}.yaml").write_text(text, encoding="utf-8")
    done = run("--layer-path", "layers", "explain", "owner")
    assert done.exit_code == 2
    assert "“owner” is the short name of HAR001, RLW001" in done.stderr
    assert "railway" in done.stderr
    assert run("--layer-path", "layers", "explain", "RLW001").exit_code == 0
