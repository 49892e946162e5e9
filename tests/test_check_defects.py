"""A plan file of a school with twelve defects: each is found, at its line, in every format."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import Result

Run = Callable[..., Result]
# What is wrong stands as a comment at the end of its line, which no rule reads.
PLAN = """\
planloom: 1
plan: school-2027
profiles: [school]
period: 2027
organisation: 育才小学工会委员会
facts: {staff: 86, members: 84, women_members: 60}
activities:
  outing:
    title: 职代会后的秋游                                      # SCH021
    on: {month: 9}
    owner: 待定                                                # SCH006
sections:
  culture:
    measures:
      climb: {text: '工会九月组织"登高活动'}                   # COR014
      song: {text: 工会在国庆63周年时组织歌会。}               # COR023
      year: {text: 工会在2019年组织歌会。}                     # COR021
      era: {text: 工会每月学习党的十九大精神。}                # COR022
      blank: {text: 工会三月请____讲课。}                      # COR001
      empty: {text: 工会四月开展“”活动。}                      # COR002
      vague: {text: 不断推进各方面的工作迈上新的台阶，取得新的更好的成绩。}  # COR003
      twice: {text: 工会五月组织教职工开展健康讲座，请医生来校讲颈椎病的预防。}
      again: {text: 工会五月组织教职工开展健康讲座，请医生来校讲颈椎病的预防。}  # COR012
      comma: {text: '工会六月办书画展,请家属参加。'}           # COR014
      date: {text: 工会在2027.6.1组织亲子活动。}               # COR014
"""
WANTED = {
    (number, code)
    for number, line in enumerate(PLAN.splitlines(), 1)
    for code in re.findall(r"# ([A-Z]{3}\d{3})$", line)
}


@pytest.fixture
def plan() -> str:
    """The plan file."""
    Path("plan.yaml").write_text(PLAN, encoding="utf-8")
    return "plan.yaml"


def test_there_are_twelve() -> None:
    """As many as the table above says."""
    assert len(WANTED) == 12


def test_json(run: Run, plan: str) -> None:
    """File and line of each finding."""
    data = json.loads(run("check", plan, "--format", "json").stdout)
    assert {(one["line"], one["code"]) for one in data["findings"] if one["file"] == plan} >= WANTED


def test_sarif(run: Run, plan: str) -> None:
    """Region of each result."""
    (made,) = json.loads(run("check", plan, "--format", "sarif").stdout)["runs"]
    places = [(one["locations"][0]["physicalLocation"], one["ruleId"]) for one in made["results"]]
    assert {(place.get("region", {}).get("startLine"), code) for place, code in places} >= WANTED


def test_human(run: Run, plan: str) -> None:
    """The place is on the line after the code."""
    text = run("check", plan).stdout
    found = re.findall(r"^\w+ ([A-Z]{3}\d{3}) .*\n  plan\.yaml:(\d+):", text, re.MULTILINE)
    assert {(int(line), code) for code, line in found} >= WANTED


def test_github(run: Run, plan: str) -> None:
    """Properties of each annotation."""
    text = run("check", plan, "--format", "github").stdout
    found = re.findall(r"^::\w+ file=plan\.yaml,line=(\d+),.*title=([A-Z]{3}\d{3})", text, re.MULTILINE)
    assert {(int(line), code) for line, code in found} >= WANTED


def test_junit(run: Run, plan: str) -> None:
    """Text of each failure."""
    root = ElementTree.fromstring(run("check", plan, "--format", "junit").stdout)
    found = {
        (int(line), case.get("name", "").split()[0])
        for case in root.iter("testcase")
        for failure in case.iter("failure")
        for line in re.findall(r"^plan\.yaml:(\d+):", failure.text or "", re.MULTILINE)
    }
    assert found >= WANTED
