"""What a plan looks like on paper: text, order, tables and numbers that all formats share."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from planloom.render.layout import (
    Attachment,
    AttachmentNote,
    Block,
    Heading,
    Paragraph,
    RequirementRow,
    SignatureBlock,
    Title,
    activity_table,
    layout,
    measure_paragraphs,
)
from planloom.render.markdown import render as render_markdown
from planloom.render.schedule import schedule, time_text
from planloom.render.tables import Cell, Column, Table
from planloom.render.text import clean, one_line, paragraphs, title_lines
from planloom_schemas.dates import parse_on, parse_period
from planloom_schemas.layer import Signature, Spend
from planloom_schemas.plan import (
    DateSpan,
    Origin,
    Plan,
    PlanActivity,
    PlanAttachment,
    PlanBudgetLine,
    PlanMeasure,
    PlanSection,
)

ORIGIN = Origin(layer="school")


def spans(*days: str) -> tuple[DateSpan, ...]:
    """Spans of days written ``03-01..03-10`` or ``03-08`` in 2027."""
    edges = [day.split("..") for day in days]
    days_of = dt.date.fromisoformat
    return tuple(
        DateSpan(start=days_of(f"2027-{edge[0]}"), end=days_of(f"2027-{edge[-1]}")) for edge in edges
    )


def activity(id: str, title: str, on: dict[str, object], *days: str, **more: Any) -> PlanActivity:
    """An activity on the given days."""
    return PlanActivity(id=id, title=title, on=parse_on(on), dates=spans(*days), origin=ORIGIN, **more)


def section(id: str, label: str, title: str, *texts: str, **more: Any) -> PlanSection:
    """A section with measures numbered （一）（二）."""
    measures = tuple(
        PlanMeasure(id=f"m{place}", label=f"（{'一二三四五六七八九十'[place]}）", text=text, origin=ORIGIN)
        for place, text in enumerate(texts)
    )
    return PlanSection(id=id, label=label, title=title, measures=measures, origin=ORIGIN, **more)


def spend(amount: str, category: str) -> Spend:
    """Money for an activity."""
    return Spend(amount=Decimal(amount), category=category)


def line(id: str, title: str, side: str, amount: int, category: str = "") -> PlanBudgetLine:
    """A line of the budget."""
    return PlanBudgetLine(
        id=id, title=title, side=side, amount=Decimal(amount), category=category, origin=ORIGIN
    )


def sample_plan(**more: Any) -> Plan:
    """A plan of a school's union for 2027 with a schedule, a budget and a signature."""
    activities = (
        activity(
            "relief", "走访慰问困难教职工", {"festival": "春节", "before": "10 days"}, "01-27..02-05",
            owner=("工会委员会",), participants="困难教职工", budget=spend("20000", "职工服务"),
        ),
        activity(
            "womens-day", "“三八”健康讲座与健步走", {"festival": "妇女节"}, "03-08",
            owner=("女职工委员会",), place="阶梯教室", participants="女教职工",
        ),
        activity(
            "congress", "召开教职工代表大会", {"month": 3, "part": "下旬"}, "03-21..03-31",
            owner=("工会委员会", "校办公室"), place="报告厅", budget=spend("3000.50", "业务"),
        ),
        activity("outside", "明年的活动", {"month": 6}, budget=spend("9", "业务")),
    )  # fmt: skip
    fields: dict[str, Any] = {
        "title": "育才小学工会委员会2027年工作计划",
        "organisation": "育才小学工会委员会",
        "period": parse_period("2027"),
        "sections": (
            section("preamble", "", "前言", lead="结合我校实际，制定本计划。"),
            section("affairs", "一、", "民主管理", "召开教职工代表大会。", "公开校务。"),
            section(
                "schedule", "二、", "活动安排", shows="activities", lead="按月安排。", merge_months=((1, 2),)
            ),
            section("budget", "三、", "经费预算", shows="budget"),
        ),
        "activities": activities,
        "budget": (
            line("dues", "会费收入", "income", 36000, "会费"),
            line("allotted", "拨缴经费收入", "income", 82000),
            line("sport", "文体活动", "expense", 30000, "职工活动"),
        ),
        "signature": Signature(name="育才小学工会委员会", date=dt.date(2027, 1, 5)),
    }
    return Plan(**{**fields, **more})


def small_plan(*activities: PlanActivity, period: str = "2027", **more: Any) -> Plan:
    """A plan of nothing but activities."""
    fields: dict[str, Any] = {"title": "计划", "organisation": "工会", "period": parse_period(period)}
    return Plan(activities=activities, **{**fields, **more})


def texts(blocks: tuple[Block, ...]) -> list[str]:
    """What headings and paragraphs say."""
    return [
        block.label + block.text if isinstance(block, Heading) else block.text
        for block in blocks
        if isinstance(block, Heading | Paragraph)
    ]


def attachments(blocks: tuple[Block, ...]) -> list[Attachment]:
    """The attachments among the blocks."""
    return [block for block in blocks if isinstance(block, Attachment)]


def printed(table: Table | None) -> list[list[str]]:
    """The texts of a table, covered cells empty."""
    assert table
    return [[cell.text if cell.rows else "" for cell in row] for row in table.rows]


# ---- the flow ----


def test_a_plan_reads_from_title_to_attachments() -> None:
    """Title, body, note, signature and attachments follow each other as in an official document."""
    kinds = [type(block) for block in layout(sample_plan()) if not isinstance(block, Heading | Paragraph)]
    assert kinds == [Title, AttachmentNote, SignatureBlock, Attachment, Attachment]


def test_an_unnumbered_text_has_no_heading() -> None:
    """The preamble is running text; a section with a number or with measures has its heading."""
    plan = small_plan(
        sections=(
            section("preamble", "", "前言", lead="制定本计划。"),
            section("guidance", "一、", "指导思想", lead="坚持正确方向。"),
            section("more", "", "其他", "做好其他工作。"),
        )
    )
    assert texts(layout(plan)) == [
        "制定本计划。", "一、指导思想", "坚持正确方向。", "其他", "（一）做好其他工作。",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "owner", "wanted"),
    [
        ("慰问困难职工。", ("女工委", "工会委员会"), "（一）慰问困难职工。（女工委、工会委员会负责）"),
        ("由女职工委员会慰问困难职工。", ("女职工委员会", "王芳"), "（一）由女职工委员会慰问困难职工。"),
        ("慰问困难职工。", (), "（一）慰问困难职工。"),
    ],
)
def test_owners_are_named_once(text: str, owner: tuple[str, ...], wanted: str) -> None:
    """Owners stand behind a measure unless its text names one of them."""
    measure = PlanMeasure(id="m", label="（一）", text=text, owner=owner, origin=ORIGIN)
    assert measure_paragraphs(measure) == (wanted,)


def test_a_table_is_announced_where_its_section_stands() -> None:
    """The lead points to the attachment, or a sentence does; a lead that already names it is left alone."""
    told = texts(layout(sample_plan()))
    assert told[-4:] == ["二、活动安排", "按月安排（详见附件1）。", "三、经费预算", "详见附件2。"]
    knowing = section("schedule", "一、", "活动安排", shows="activities", lead="活动见附件。")
    assert texts(layout(sample_plan(sections=(knowing,))))[1:] == ["活动见附件。"]


def test_a_section_without_anything_to_show_has_no_attachment() -> None:
    """No activity, no table, no note."""
    plan = small_plan(sections=(section("schedule", "一、", "活动安排", shows="activities", lead="暂无。"),))
    assert [type(block) for block in layout(plan)] == [Title, Heading, Paragraph]


def test_one_attachment_has_no_number_and_several_have() -> None:
    """The note and the pages carry the same marks and names."""
    schedule_only = sample_plan(sections=(section("s", "一、", "活动安排", shows="activities"),))
    note = next(block for block in layout(schedule_only) if isinstance(block, AttachmentNote))
    assert note.lines == ("附件：2027年活动安排表",)
    assert [block.mark for block in attachments(layout(schedule_only))] == ["附件"]
    note = next(block for block in layout(sample_plan()) if isinstance(block, AttachmentNote))
    assert note.lines == ("附件：1. 2027年活动安排表", "2. 2027年经费预算表")
    assert [block.mark for block in attachments(layout(sample_plan()))] == ["附件1", "附件2"]


def test_declared_attachments_give_titles_and_follow_those_of_sections() -> None:
    """A declared attachment names the table of a section that shows the same; requirements print rows."""
    declared = (
        PlanAttachment(id="answers", title="上级要求落实表", shows="requirements", origin=ORIGIN),
        PlanAttachment(id="table", title="2027年工会活动一览表", shows="activities", origin=ORIGIN),
    )
    sections = (section("s", "一、", "活动安排", shows="activities"),)
    plan = sample_plan(attachments=declared, budget=(), sections=sections)
    rows = [RequirementRow(requirement="召开职代会", where="一（一）", owner="工会委员会", when="3月下旬")]
    assert [block.title for block in attachments(layout(plan))] == ["2027年工会活动一览表"]
    found = attachments(layout(plan, rows))
    assert [block.title for block in found] == ["2027年工会活动一览表", "上级要求落实表"]
    assert printed(found[1].table) == [["召开职代会", "一（一）", "工会委员会", "3月下旬"]]


@pytest.mark.parametrize(
    ("signature", "wanted"),
    [
        (Signature(name="工会", date=dt.date(2027, 1, 5)), [SignatureBlock("工会", "2027年1月5日")]),
        (Signature(name="工会"), [SignatureBlock("工会", "")]),
        (Signature(), []),
    ],
)
def test_the_signature_prints_what_is_given(signature: Signature, wanted: list[SignatureBlock]) -> None:
    """No clock supplies a date."""
    blocks = layout(small_plan(signature=signature))
    assert [block for block in blocks if isinstance(block, SignatureBlock)] == wanted


def test_the_budget_adds_up() -> None:
    """Income and expense with totals; what activities of the period cost is part of the expense."""
    assert printed(attachments(layout(sample_plan()))[1].table) == [
        ["收入", "会费收入", "会费", "36,000.00"],
        ["", "拨缴经费收入", "", "82,000.00"],
        ["", "合计", "", "118,000.00"],
        ["支出", "文体活动", "职工活动", "30,000.00"],
        ["", "走访慰问困难教职工", "职工服务", "20,000.00"],
        ["", "召开教职工代表大会", "业务", "3,000.50"],
        ["", "合计", "", "53,000.50"],
    ]


# ---- the schedule ----


def test_months_follow_the_calendar_of_the_period() -> None:
    """A school year begins in 九月; merged months share one cell."""
    plan = small_plan(
        activity("spring", "春季登山", {"month": 4}, "04-01..04-30"),
        PlanActivity(id="open", title="开学", on=parse_on({"month": 9}), origin=ORIGIN,
                     dates=(DateSpan(start=dt.date(2026, 9, 1), end=dt.date(2026, 9, 30)),)),
        activity("winter", "寒假慰问", {"month": 2}, "02-01..02-28"),
        period="2026-09/2027-08",
    )  # fmt: skip
    assert [group.label for group in schedule(plan, ((1, 2), (7, 8)))] == ["九月", "一、二月", "四月"]


def test_a_frequent_activity_stands_once_and_fills_empty_months() -> None:
    """A quarterly activity is one row at the top, and in those months that have nothing else to show."""
    plan = small_plan(
        activity("account", "公布收支", {"every": "quarter"},
                 "01-01..03-31", "04-01..06-30", "07-01..09-30", "10-01..12-31"),
        activity("walk", "健步走", {"month": 4}, "04-01..04-30"),
    )  # fmt: skip
    groups = schedule(plan)
    assert [(group.label, row.activity.id, row.time) for group in groups for row in group.entries] == [
        ("全年", "account", "每季度"),
        ("一月", "account", "第一季度"),
        ("四月", "walk", "4月"),
        ("七月", "account", "第三季度"),
        ("十月", "account", "第四季度"),
    ]


def test_what_falls_outside_the_period_is_not_printed() -> None:
    """An activity without dates has no row."""
    assert schedule(small_plan(activity("late", "明年的事", {"month": 3}))) == ()


@pytest.mark.parametrize(
    ("on", "days", "wanted"),
    [
        ({"month": 3, "part": "上旬"}, "03-01..03-10", "3月上旬"),
        ({"month": 2, "part": "下旬"}, "02-21..02-28", "2月下旬"),
        ({"month": 9}, "09-01..09-30", "9月"),
        ({"months": [7, 8]}, "07-01..08-31", "7月至8月"),
        ({"quarter": 2}, "04-01..06-30", "第二季度"),
        ({"festival": "重阳节"}, "10-08", "10月8日（重阳节）"),
        ({"festival": "春节", "before": "10 days"}, "01-27..02-05", "1月27日至2月5日（春节前）"),
        ({"festival": "元旦", "before": 5, "after": 5}, "12-27..12-31", "12月27日至31日（元旦前后）"),
        ({"solar_term": "清明"}, "04-05", "4月5日（清明）"),
        ({"from": "03-01", "to": "03-10"}, "03-01..03-10", "3月1日至10日"),
        ({"from": "12-20", "to": "12-31"}, "12-20..12-31", "12月20日至31日"),
        ({"date": "03-08"}, "03-08", "3月8日"),
        ({"activity": "congress"}, "03-21..03-31", "3月下旬"),
        ({"activity": "congress", "before": "20 days"}, "03-01..03-20", "3月1日至20日"),
    ],
)
def test_times_read_as_officials_write_them(on: dict[str, object], days: str, wanted: str) -> None:
    """A third of a month and a festival keep their names; written days stay days."""
    assert time_text(parse_on(on), spans(days)[0]) == wanted


def test_empty_columns_are_left_out() -> None:
    """Where nobody is named there is no column for names; the content takes its room."""
    plan = small_plan(
        activity("walk", "健步走", {"month": 4}, "04-01..04-30"),
        sections=(section("s", "一、", "活动安排", shows="activities"),),
    )
    table = attachments(layout(plan))[0].table
    assert table
    assert [column.title for column in table.columns] == ["月份", "活动内容", "时间"]
    assert sum(column.width for column in table.columns) == 156


# ---- text ----


def test_narrow_cells_break_where_it_reads_well() -> None:
    """Centred cells that are too narrow break before brackets, after 至 and between names."""
    column = Column("时间", 31, "center")
    assert column.lines("3月上旬") == ("3月上旬",)
    assert column.lines("10月8日（重阳节）") == ("10月8日", "（重阳节）")
    assert column.lines("1月27日至2月5日") == ("1月27日至", "2月5日")
    assert column.lines("工会委员会、校办公室") == ("工会委员会、", "校办公室")
    assert Column("项目", 31).lines("工会委员会（校办公室）") == ("工会委员会（校办公室）",)


@pytest.mark.parametrize(
    ("column", "text", "wanted"),
    [
        (Column("参加人员", 28, "center"), "困难和患病会员", ("困难和患病", "会员")),
        (Column("活动内容", 42), "集体合同履行情况检查", ("集体合同履行情况", "检查")),
        (Column("参加人员", 28, "center"), "35周岁以下教师", ("35周岁以下", "教师")),
        (Column("参加人员", 28, "center"), "会员（烈士纪念设施）", ("会员", "（烈士纪念", "设施）")),
        (Column("参加人员", 28, "center"), "自愿报名会员", ("自愿报名会员",)),
        (Column("活动内容", 42), "重阳节退休人员座谈走访", ("重阳节退休人员座谈走访",)),
        (Column("时间", 35, "center"), "4月24日至5月9日（劳动节前后）", ("4月24日至", "5月9日", "（劳动节前后）")),
    ],
)  # fmt: skip
def test_no_character_stands_alone_on_a_line(column: Column, text: str, wanted: tuple[str, ...]) -> None:
    """What would leave one breaks two characters before its end; what leaves more wraps by itself."""
    assert column.lines(text) == wanted


def test_rows_stay_together_as_far_as_a_page_allows() -> None:
    """Those that share their first cell keep with the next, unless they need more lines than a page has."""

    def table(*counts: int) -> Table:
        rows = [
            (Cell("三月", 0 if place else count), Cell("健步走"))
            for count in counts
            for place in range(count)
        ]
        return Table((Column("月份", 19, "center"), Column("活动内容", 42)), tuple(rows))

    assert table(3, 1).kept() == (True, True, False, False)
    assert set(table(24).kept()[:-1]) == {True}
    assert set(table(25).kept()) == {False}


def test_the_time_column_holds_the_festivals() -> None:
    """A festival in brackets fits on a line of its own in the table of activities."""
    table = activity_table(sample_plan())
    assert table is not None
    time = next(column for column in table.columns if column.title == "时间")
    for festival in ("（世界读书日）", "（劳动节前后）", "（全民健身日）"):
        assert time.lines(f"4月23日{festival}") == ("4月23日", festival)


@pytest.mark.parametrize(
    ("title", "parts", "wanted"),
    [
        ("育才小学工会2027年工作计划", ("育才小学工会", "2027年"), ("育才小学工会2027年工作计划",)),
        (
            "滨江市高新区育才实验小学工会委员会2026—2027学年第二学期工作计划",
            ("滨江市高新区育才实验小学工会委员会", "2026—2027学年第二学期"),
            ("滨江市高新区育才实验小学工会委员会", "2026—2027学年第二学期工作计划"),
        ),
        (
            "歙县经济开发区第二中心小学教育集团工会委员会2027年工作计划",
            ("歙县经济开发区第二中心小学教育集团工会委员会", "2027年"),
            ("歙县经济开发区第二中心小学", "教育集团工会委员会2027年工作计划"),
        ),
        (
            "江北新乡市中区市场监督管理局直属机关联合工会委员会2027年工作计划",
            ("江北新乡市中区市场监督管理局直属机关联合工会委员会", "2027年"),
            ("江北新乡市中区市场监督管理局", "直属机关联合工会委员会2027年工作计划"),
        ),
    ],
)
def test_long_titles_break_between_words(title: str, parts: tuple[str, ...], wanted: tuple[str, ...]) -> None:
    """Lines are about equal and never split the organisation or the period."""
    assert title_lines(title, parts, 19) == wanted


def test_paragraphs_are_told_from_wrapped_lines() -> None:
    """Empty lines and numbered items begin a paragraph; other breaks close up, spaced in Latin text."""
    assert paragraphs("第一段，\n接着写。\n\n第二段：\n1. 甲\n2. 乙\n  plain\n  words") == (
        "第一段，接着写。", "第二段：", "1. 甲", "2. 乙plain words",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ("a\x00b\x1b[31m", "ab[31m"),
        ("甲\u202e乙\ufeff", "甲乙"),
        ("\ud800半", "半"),
        ("一\r\n二\u2028三", "一\n二\n三"),
    ],
)
def test_cleaning_drops_what_breaks_formats(raw: str, wanted: str) -> None:
    """Control characters, half surrogates and direction marks go; line breaks become one kind."""
    assert clean(raw) == wanted


def test_one_line_holds_everything() -> None:
    """A table cell never contains a line break."""
    assert one_line("甲\n乙\tc\nd") == "甲乙 c d"


# ---- Markdown ----


def test_markdown_shows_the_table_with_its_months() -> None:
    """A month stands in its first row only; amounts are right-aligned."""
    text = render_markdown(sample_plan()).decode()
    assert "# 育才小学工会委员会2027年工作计划\n" in text
    assert "## 一、民主管理\n\n（一）召开教职工代表大会。\n\n（二）公开校务。\n" in text
    first = "| 三月 | “三八”健康讲座与健步走 | 3月8日（妇女节） | 女职工委员会 | 女教职工（阶梯教室） |"
    second = "|  | 召开教职工代表大会 | 3月下旬 | 工会委员会、校办公室 | 报告厅 |"
    assert f"{first}\n{second}\n" in text
    assert "| :---: | :--- | :---: | ---: |" in text


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ("**加粗**_斜_", "\\*\\*加粗\\*\\*\\_斜\\_"),
        ("<script>&lt;", "\\<script\\>\\&lt;"),
        ("1. 甲", "1\\. 甲"),
        ("- 甲", "\\- 甲"),
        ("# 甲", "\\# 甲"),
        ("2027.1", "2027.1"),
        ("A&B 5-10", "A&B 5-10"),
    ],
)
def test_markdown_characters_of_the_plan_are_inert(raw: str, wanted: str) -> None:
    """Nothing in a text becomes markup, and what is harmless stays readable."""
    plan = small_plan(sections=(section("s", "", "前言", lead=raw),))
    assert render_markdown(plan).decode() == f"# 计划\n\n{wanted}\n"
