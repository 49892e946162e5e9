"""What the paragraphs of a document are taken for: title, sections, measures, schedule, signature."""

import datetime as dt
import io
import re

import docx
import pytest

from planloom.documents import Document, read_bytes
from planloom.documents.entries import owners_in
from planloom.documents.times import period_in, read_date, read_time, read_times
from planloom.documents.viewing import Vocabulary
from planloom.rules.views import Subject
from planloom_schemas.dates import format_on, parse_on
from planloom_schemas.plan import PlanTag

# ---- time ----

TIMES = [
    ("一月", "一月", {"month": 1}),
    ("一月份：", "一月份", {"month": 1}),
    ("1月份", "1月份", {"month": 1}),
    ("1~2月", "1~2月", {"months": [1, 2]}),
    ("7,8月", "7,8月", {"months": [7, 8]}),
    ("七、八月份", "七、八月份", {"months": [7, 8]}),
    ("一、二月", "一、二月", {"months": [1, 2]}),
    ("十一、十二月", "十一、十二月", {"months": [11, 12]}),
    ("3月25日前", "3月25日前", {"from": "03-01", "to": "03-25"}),
    ("3月8日", "3月8日", {"date": "03-08"}),
    ("2027年3月8日", "2027年3月8日", {"date": "03-08"}),
    ("3月8日至12日", "3月8日至12日", {"from": "03-08", "to": "03-12"}),
    ("10月20日至11月30日", "10月20日至11月30日", {"from": "10-20", "to": "11-30"}),
    ("4月左右", "4月左右", {"month": 4}),
    ("1月上旬", "1月上旬", {"month": 1, "part": "上旬"}),
    ("3月底", "3月底", {"month": 3, "part": "下旬"}),
    ("第一季度", "第一季度", {"quarter": 1}),
    ("四季度", "四季度", {"quarter": 4}),
    ("每季度末", "每季度末", {"every": "quarter"}),
    ("每月下旬", "每月下旬", {"every": "month", "part": "下旬"}),
    ("九月至十月", "九月至十月", {"months": [9, 10]}),
    ("11月至次年1月", "11月至次年1月", {"months": [1, 11, 12]}),
    ("3月、6月、9月", "3月、6月、9月", {"months": [3, 6, 9]}),
    ("下半年", "下半年", {"months": [7, 8, 9, 10, 11, 12]}),
]


@pytest.mark.parametrize(("text", "said", "on"), TIMES, ids=[time[0] for time in TIMES])
def test_time_is_read_as_documents_write_it(text: str, said: str, on: dict[str, object]) -> None:
    """Every customary form, with exactly the characters it takes up."""
    found = read_time(text)
    assert found is not None
    assert text[: found.end] == said
    assert format_on(found.on) == format_on(parse_on(on))


@pytest.mark.parametrize(
    "text", ["1.一、二月", "1、一月", "一、三月份", "四季服务", "三八妇女节", "13月", "五一前"]
)
def test_what_is_no_time(text: str) -> None:
    """Numbers of points before a month, and words that only look like one."""
    assert read_time(text) is None


def test_several_months_in_a_cell_are_one_time() -> None:
    """3月下旬、6月下旬 is one expression; another part of the month ends it."""
    found = read_times("3月下旬、6月下旬、9月")
    assert found is not None
    assert (found.months, format_on(found.on)) == ((3, 6), {"months": [3, 6], "part": "下旬"})


PERIODS = [
    ("育才小学工会2027年工作计划", "2027年"),
    ("二〇二七年工作要点", "2027年"),
    ("2026—2027学年工会工作计划", "2026—2027学年"),
    ("2026-2027学年度第二学期工会工作计划", "2026—2027学年第二学期"),
    ("2026学年第一学期工会计划", "2026—2027学年第一学期"),
    ("2027年春季学期工会计划", "2026—2027学年第二学期"),
    ("2026年秋季学期工会计划", "2026—2027学年第一学期"),
    ("2024年工作总结及2025年工作计划", "2025年"),
    ("2027年下半年工作安排", "2027年7—12月"),
]


@pytest.mark.parametrize(("title", "label"), PERIODS)
def test_the_title_says_what_the_plan_is_for(title: str, label: str) -> None:
    """A year, a school year, a term or half a year."""
    period = period_in(title)
    assert period is not None
    assert period.label == label


def test_a_title_without_a_year_says_nothing() -> None:
    """The view then takes in every year and says that its period is not known."""
    document = read_bytes("工会工作计划\n3月：开展活动。".encode(), "a.txt")
    assert period_in("工会工作计划") is None
    assert document.period is None
    assert not document.view.is_period_known


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2027年1月5日", dt.date(2027, 1, 5)),
        ("（2027年1月5日）", dt.date(2027, 1, 5)),
        ("二〇二七年十二月三十一日", dt.date(2027, 12, 31)),
        ("二〇一三年四月", dt.date(2013, 4, 1)),
        ("2027.1.5", dt.date(2027, 1, 5)),
        ("二一三年四月", None),
        ("20xx年4月", None),
        ("2027年2月30日", None),
    ],
)
def test_the_date_below_a_plan(text: str, date: dt.date | None) -> None:
    """What cannot be read as a day is still seen to be a date."""
    is_date, span = read_date(text)
    assert is_date
    assert (span.start if span else None) == date


@pytest.mark.parametrize(
    ("text", "owners"),
    [
        ("由女职工委员会牵头举办讲座1场", ("女职工委员会",)),
        ("举办运动会（责任人：王芳、李明）。", ("王芳", "李明")),
        ("听取意见（工会主席、生活委员负责）", ("工会主席", "生活委员")),
        ("责任部门：宣传科；时间：3月", ("宣传科",)),
        ("自由活动", ()),
    ],
)
def test_who_answers_for_it(text: str, owners: tuple[str, ...]) -> None:
    """The customary ways of naming an owner."""
    assert owners_in(text) == owners


# ---- parts ----

PLAN = """\
# 育才小学工会2027年工作计划

为做好今年工作，制定本计划。

## 一、总体要求

坚持服务教职工。

## 二、主要任务

突出重点，抓好落实。

（一）3月上旬，由女职工委员会牵头举办健康讲座1场。

（二）落实送温暖。

### 四.活动安排：

1. 一、二月

开展送温暖；建立会员档案。

2. 三月

8. 十月

育才小学工会

2027年1月5日
"""


def items(document: Document, what: str) -> list[Subject]:
    """The subjects of one sort."""
    return [subject for subject in document.view.items if subject.what == what]


def test_a_plan_is_taken_apart() -> None:
    """Title, sections, leads, measures, months and signature, each once."""
    document = read_bytes(PLAN.encode(), "计划.md")
    view = document.view
    assert (view.title, view.period.label, view.is_document) == ("育才小学工会2027年工作计划", "2027年", True)
    assert view.signature == ("育才小学工会", dt.date(2027, 1, 5))
    sections = items(document, "section")
    assert [(each.label, each.title, each.lead, each.shows) for each in sections] == [
        ("", "", "为做好今年工作，制定本计划。", "text"),
        ("一、", "总体要求", "坚持服务教职工。", "text"),
        ("二、", "主要任务", "突出重点，抓好落实。", "text"),
        ("四.", "活动安排", None, "activities"),
    ]
    assert [each.text for each in items(document, "measure")] == [
        "（一）3月上旬，由女职工委员会牵头举办健康讲座1场。", "（二）落实送温暖。",
    ]  # fmt: skip
    assert [each.text for each in view.texts] == [
        line for line in re.sub("^#+ ", "", PLAN, flags=re.M).split("\n") if line
    ]


def test_activities_stand_under_months() -> None:
    """One a sentence; an empty month is a heading with its month; days come from the period."""
    document = read_bytes(PLAN.encode(), "计划.md")
    assert [(each.title, each.months, each.dates[0].start) for each in items(document, "activity")] == [
        ("开展送温暖", (1, 2), dt.date(2027, 1, 1)),
        ("建立会员档案", (1, 2), dt.date(2027, 1, 1)),
    ]
    months = [(each.text, each.months) for each in items(document, "heading") if each.months]
    assert months == [("1. 一、二月", (1, 2)), ("2. 三月", (3,)), ("8. 十月", (10,))]
    measure = items(document, "measure")[0]
    assert (measure.months, measure.owner, measure.on) == (
        (3,),
        ("女职工委员会",),
        parse_on({"month": 3, "part": "上旬"}),
    )


SCHEDULES = {
    "lines": "三月：召开大会。\n3月25日前完成登记；\n4月左右，春游。",
    "numbered": "1、三月份 召开大会\n2、3月25日前 完成登记\n3、4月左右 春游",
    "headings": "三月\n召开大会\n25日前后清点。\n3月25日前\n完成登记\n四月份工作安排：\n春游",
}


@pytest.mark.parametrize("text", SCHEDULES.values(), ids=SCHEDULES.keys())
def test_schedules_come_in_several_shapes(text: str) -> None:
    """Months at the beginning of lines, behind numbers, or as headings."""
    document = read_bytes(f"工会2027年计划\n一、活动安排\n{text}".encode(), "a.txt")
    found = [(each.title, each.months) for each in items(document, "activity")]
    assert [each for each in found if not each[0].startswith("25日")] == [
        ("召开大会", (3,)), ("完成登记", (3,)), ("春游", (4,)),
    ]  # fmt: skip


def test_numbers_before_months_are_not_pairs_of_months() -> None:
    """1、2月 2、3月 would overlap as pairs: they are points one and two; alone, 1、2月 is a pair."""
    numbered = "工会2027年计划\n一、活动安排\n1、2月：开学。\n2、3月：妇女节。\n3、4月：春游。"
    document = read_bytes(numbered.encode(), "a.txt")
    assert [each.months for each in items(document, "activity")] == [(2,), (3,), (4,)]
    alone = read_bytes("工会2027年计划\n一、活动安排\n1、2月：开学。\n3月：妇女节。".encode(), "a.txt")
    assert [each.months for each in items(alone, "activity")] == [(1, 2), (3,)]


def test_a_table_with_months_is_a_schedule() -> None:
    """The month is carried over merged cells; owner, place and people come from their columns."""
    source = (
        "# 工会2027年计划\n\n## 一、活动安排\n\n"
        "| 月份 | 活动内容 | 时间 | 责任人 | 参加人员 | 地点 |\n|---|---|---|---|---|---|\n"
        "| 三月 | 妇女节活动 | 3月8日 | 女工委员、王芳 | 女会员 | 会议室 |\n"
        "|  | 代表大会 |  | 主席 | 代表 |  |\n"
    )
    first, second = items(read_bytes(source.encode(), "a.md"), "activity")
    assert (first.title, first.dates[0].start, first.owner) == (
        "妇女节活动",
        dt.date(2027, 3, 8),
        ("女工委员", "王芳"),
    )
    assert (first.participants, first.place) == ("女会员", "会议室")
    assert (second.title, second.months, second.owner, second.place) == ("代表大会", (3,), ("主席",), None)


def test_a_run_in_heading_opens_a_section() -> None:
    """The first sentence is the heading, the rest its text; a long sentence is no heading."""
    long = "二、组织全体教职工学习方针政策和法律法规知识，贯彻落实好职工代表大会精神，维护权益，促进和谐。"
    document = read_bytes(f"工会2027年计划\n一、抓好学习。全年学习四次。\n{long}".encode(), "a.txt")
    assert [(each.title, each.text) for each in items(document, "section")] == [
        ("抓好学习", "全年学习四次。\n" + long),
    ]


def test_bold_lines_of_word_are_headings() -> None:
    """Where no style and no number says so, a short bold line opens a section."""
    word = docx.Document()
    word.add_paragraph("工会2027年计划")
    word.add_paragraph().add_run("工作目标").bold = True
    word.add_paragraph("全年活动十场。")
    buffer = io.BytesIO()
    word.save(buffer)
    document = read_bytes(buffer.getvalue(), "a.docx")
    assert [(each.title, each.text) for each in items(document, "section")] == [
        ("工作目标", "全年活动十场。")
    ]


@pytest.mark.parametrize(
    ("lines", "signature"),
    [
        ("工会2027年计划\n育才小学工会\n2027年1月5日\n一、要求\n甲。", ("育才小学工会", dt.date(2027, 1, 5))),
        ("工会2027年计划\n（2027年1月5日）\n一、要求\n甲。", (None, dt.date(2027, 1, 5))),
        ("工会2027年计划\n一、要求\n甲。\n育才小学工会委员会", ("育才小学工会委员会", None)),
        ("工会2027年计划\n一、要求\n甲。\n育才小学工会\n附件1\n安排表", ("育才小学工会", None)),
        ("工会2027年计划\n一、要求\n甲。\n某区总工会\n二一三年四月", ("某区总工会", None)),
        ("工会2027年计划\n一、要求\n做好工会工作。", (None, None)),
    ],
    ids=["under the title", "date alone", "name alone", "before attachments", "broken year", "none"],
)
def test_the_signature_stands_at_the_end_or_under_the_title(
    lines: str, signature: tuple[str | None, dt.date | None]
) -> None:
    """A name, a date, or both."""
    assert read_bytes(lines.encode(), "a.txt").view.signature == signature


def test_tags_are_recognised_by_their_words() -> None:
    """An item has each tag of which a word occurs in it."""
    tags = (PlanTag(id="relief", words=("送温暖",)), PlanTag(id="sport", words=("运动会",)))
    document = read_bytes(PLAN.encode(), "计划.md", words=Vocabulary(tags=tags))
    tagged = {each.title or each.text: each.tags for each in document.view.items if each.tags}
    assert tagged == {
        "主要任务": ("relief",),
        "（二）落实送温暖。": ("relief",),
        "活动安排": ("relief",),
        "开展送温暖": ("relief",),
    }  # fmt: skip


def test_sections_like_those_of_a_profile_have_their_ids() -> None:
    """Rules that select a section by its id find it in a document."""
    known = {"guidance": "总体要求", "schedule": "活动安排", "funds": "经费管理"}
    document = read_bytes(PLAN.encode(), "计划.md", words=Vocabulary(sections=known))
    assert [each.id for each in items(document, "section")] == [
        "preamble",
        "guidance",
        "section-3",
        "schedule",
    ]
    assert [each.section for each in items(document, "activity")] == ["schedule", "schedule"]


def test_ids_do_not_depend_on_other_lines() -> None:
    """A finding keeps its fingerprint when lines are added above."""
    before = read_bytes(PLAN.encode(), "计划.md")
    after = read_bytes(PLAN.replace("坚持", "先学习。\n\n坚持").encode(), "计划.md")
    ids = {each.text: each.id for each in items(after, "measure")}
    assert all(ids[each.text] == each.id for each in items(before, "measure"))


def test_a_section_points_into_its_own_lines() -> None:
    """The text of a section is made of several lines; each part knows its own."""
    document = read_bytes(PLAN.encode(), "计划.md")
    section = items(document, "section")[2]
    start = section.text.index("落实送温暖")
    place = section.location(start, start + 5)
    assert place is not None
    assert PLAN.split("\n")[place.line - 1][place.column - 1 :].startswith("落实送温暖")


def test_a_table_of_requirements_is_no_second_schedule() -> None:
    """What answers requirements from above repeats activities of the schedule; it is read as text."""
    source = (
        "# 工会2027年工作计划\n\n| 月份 | 活动内容 | 时间 |\n|---|---|---|\n| 三月 | 读书会 | 3月8日 |\n\n"
        "| 上级要求 | 落实内容 | 时间 |\n|---|---|---|\n| 开展读书 | 读书会 | 3月8日 |\n"
    )
    document = read_bytes(source.encode(), "a.md")
    assert [item.title for item in document.view.items if item.what == "activity"] == ["读书会"]


def test_a_short_numbered_sentence_heads_the_text_below_it() -> None:
    """It is no measure, unless it says when or who; the last point of a list is none either."""
    text = (
        "# 育才小学工会2027年工作计划\n## 一、任务\n1. 完善工会职能，创造性完成工作。\n每季度组织读书。\n"
        "2. 3月召开会员大会。\n会前征集意见。\n3. 由组织委员负责建家。\n4. 办好社团。\n"
    )
    document = read_bytes(text.encode(), "计划.md")
    headings = [each.text for each in items(document, "heading") if each.level > 1]
    assert headings == ["1. 完善工会职能，创造性完成工作。"]
    assert len(items(document, "measure")) == 5
