"""Importing a document: a plan file that loses no line, reads back, and composes."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import planloom
from planloom.documents import Document, read_bytes
from planloom.documents.importing import import_document, losses, period_text, titles_of
from planloom.documents.yamltext import as_text, flow, literal, plain, scalar
from planloom.source import parse_source
from planloom.texts import Renderer
from planloom_schemas.dates import parse_period

LAYER = """\
planloom: 1
layer: office
kind: profile
title: 办公室工会
prefix: OFF
sections:
  guidance: {title: 总体要求, lead: 服务大局。}
  schedule: {title: 活动安排, shows: activities}
activities:
  congress: {title: 召开会员大会, on: {month: 12}, owner: 工会委员会}
"""

PLAN = """\
# 某局机关工会2026年工作计划

为做好今年工作，制定本计划。

## 一、总体要求：

坚持服务会员。

## 二、文体活动

突出重点。

（一）3月上旬，由女工委员牵头举办讲座1场。

（二）办好{{ 社团 }}，{% 比例 %}不低于：90%。

## 四.活动安排：

1. 一、二月

开展送温暖；建立会员档案。

2. 三月

十二月：召开会员大会。

| 费用 | 金额 |
|---|---|
| 春游 | 3000元 |

某局机关工会

2026年1月5日
"""


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    """A folder with one profile."""
    (tmp_path / "office.yaml").write_text(LAYER, encoding="utf-8")
    return tmp_path


def imported(folder: Path, source: str, name: str = "计划.md") -> tuple[Document, str]:
    """A document and its plan file, which is written beside the profile."""
    titles = titles_of(planloom.discover(layer_path=[folder]), ["office"])
    document = read_bytes(source.encode(), name)
    text = import_document(document, plan_id="old", profiles=["office"], titles=titles)
    (folder / "plan.yaml").write_text(text, encoding="utf-8")
    return document, text


def test_an_imported_plan_composes(profile: Path) -> None:
    """Sections like those of the profile are those, the others are new; nothing is removed."""
    imported(profile, PLAN)
    plan = planloom.compose(profile / "plan.yaml", layer_path=[profile])
    assert (plan.title, plan.period.label, plan.organisation) == (
        "某局机关工会2026年工作计划",
        "2026年",
        "某局机关工会",
    )
    measures = {
        section.id: [measure.text for measure in section.measures]
        for section in plan.sections
        if section.measures
    }
    assert measures == {
        "section-3": [
            "3月上旬，由女工委员牵头举办讲座1场。",
            "办好{{ 社团 }}，{% 比例 %}不低于：90%。",
        ],
    }
    assert next(each for each in plan.sections if each.id == "guidance").lead == "坚持服务会员。"
    assert {activity.id: activity.months for activity in plan.activities} == {
        "imported-1": (1, 2),
        "imported-2": (1, 2),
        "congress": (12,),
    }
    assert plan.signature.date is not None


def test_the_year_and_the_organisation_can_be_rolled_on(profile: Path) -> None:
    """The title follows period and organisation, so next year's plan needs no new one."""
    imported(profile, PLAN)
    plan = planloom.compose(profile / "plan.yaml", layer_path=[profile], period=2027, organisation="某厅工会")
    assert plan.title == "某厅工会2027年工作计划"


def test_every_line_is_kept(profile: Path) -> None:
    """What is no statement stands as a comment with its place."""
    document, text = imported(profile, PLAN)
    assert losses(document, text) == ()
    line = PLAN.split("\n").index("2. 三月") + 1
    assert f"  # 原文第{line}行：2. 三月\n" in text
    assert text.endswith(
        "\n# 以下是原文中没有归入以上各项的文字，请自行取舍：\n"
        "# 原文表1第1行：费用｜金额\n# 原文表1第2行：春游｜3000元\n"
    )


def test_a_lost_line_is_found(profile: Path) -> None:
    """The proof is no formality: take a sentence away and it is named."""
    document, text = imported(profile, PLAN)
    assert [each.text for each in losses(document, text.replace("突出重点。", "突出。"))] == ["突出重点。"]
    assert [each.text for each in losses(document, text.replace("2. 三月", ""))] == ["2. 三月"]


def test_without_profile_and_year_the_file_says_what_to_fill_in() -> None:
    """The missing lines stand ready as comments."""
    document = read_bytes("工会工作计划\n一、要求\n做好工作。".encode(), "a.txt")
    text = import_document(document, plan_id="old")
    assert "# profiles: [school]\n" in text
    assert "# period: 2027\n" in text
    assert "# organisation: 某某单位工会委员会\n" in text
    assert losses(document, text) == ()


def test_facts_are_written_as_given() -> None:
    """What the caller knows of the organisation goes into the file."""
    document = read_bytes("工会2027年计划\n甲。".encode(), "a.txt")
    text = import_document(document, plan_id="old", facts={"staff": 86, "boarding": False, "stage": "小学"})
    assert "facts: {staff: 86, boarding: false, stage: 小学}\n" in text


HOSTILE = [
    "{{ organisation }}",
    "{{'{{'}}",
    "{%- set a = 1 -%}",
    "{{{#}",
    "a: b # c",
    "\u2028- injected: true",
    "\x85key: value",
    "'\"\\n\\",
    "%YAML 1.1",
    "*别名 &锚",
    "@符号 `反引号`",
    "null",
    "2027-01-05",
    "甲 #乙",
    "甲：乙：",
    "| 竖线",
]


@pytest.mark.parametrize("words", HOSTILE)
def test_words_come_out_as_they_were(profile: Path, words: str) -> None:
    """Marks of templates and of YAML, and signs that end a line, are nothing but words."""
    document, text = imported(profile, f"工会2026年计划\n一、要求\n内容{words}", "a.txt")
    assert losses(document, text) == ()
    plan = planloom.compose(profile / "plan.yaml", layer_path=[profile])
    texts = [measure.text for section in plan.sections for measure in section.measures]
    assert plain(f"内容{words}") in [plain(each) for each in texts]


@given(st.text(max_size=60))
def test_any_text_survives_yaml(text: str) -> None:
    """Written as a scalar and read back, a text is the same."""
    source = parse_source(f"a: {scalar(text)}\nb: {flow({'c': [text, text]})}\n", "a.yaml")
    assert source.data == {"a": text, "b": {"c": [text, text]}}


@given(st.text(alphabet="{}%#'a 工\n", max_size=30))
def test_any_text_survives_templates(text: str) -> None:
    """A literal template prints the words it was made of, and they can be had back from it."""
    renderer = Renderer()
    assert renderer.render(renderer.parse(literal(text)), {}) == text.rstrip("\n")
    assert as_text(literal(text)) == text


LINES = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "一、要求",
                "二、活动安排",
                "（一）学习",
                "三月",
                "1、2月：开学",
                "# 标题",
                "| 月份 | 内容 |",
                "|--|--|",
                "附件",
            ]
        ),
        st.text(alphabet="工会计划，。；：、1一二三月日 |#{}%（）-*&!'\"", max_size=40),
    ),
    max_size=15,
)


@given(LINES, st.sampled_from(["a.md", "a.txt"]))
def test_no_document_loses_a_line(lines: list[str], name: str) -> None:
    """Whatever a document holds, every line of it is in the plan file, and the file can be read."""
    document = read_bytes("\n".join(["工会2027年计划", *lines]).encode(), name)
    text = import_document(document, plan_id="old", profiles=["office"])
    assert losses(document, text) == ()
    data = parse_source(text, "plan.yaml").data
    assert isinstance(data, dict)
    assert data["plan"] == "old"


@pytest.mark.parametrize("period", ["2027", "2026-09/2027-08", "2027-02/2027-07", "2027-03-05/2027-04-10"])
def test_periods_are_written_as_they_are_read(period: str) -> None:
    """Years, school years, terms, and days."""
    assert period_text(parse_period(period)) == period
