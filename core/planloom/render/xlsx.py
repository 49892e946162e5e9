"""Plans as a workbook: activities, measures and budget, each on a sheet that can be sorted and filtered."""

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal
from io import BytesIO
from typing import Any

from xlsxwriter import Workbook

from planloom.render.layout import budget_rows
from planloom.render.schedule import all_times, time_text
from planloom.render.text import clean, one_line
from planloom_schemas.plan import Plan

_Value = str | dt.date | Decimal | None
_Sheet = tuple[str, dict[str, int], Iterator[Sequence[_Value]]]

_LONGEST_CELL = 32_767
"""Characters a cell holds."""
_FORMULAS = ("=", "+", "-", "@")
"""What a formula may begin with."""


def render(plan: Plan) -> bytes:
    """The plan as an .xlsx file."""
    stream = BytesIO()
    book: Any = Workbook(stream, {"in_memory": True})
    # The period gives a date that no clock changes.
    created = dt.datetime.combine(plan.period.start, dt.time())
    book.set_properties(
        {"title": one_line(plan.title)[:255], "author": one_line(plan.organisation)[:255], "created": created}
    )
    for name, columns, rows in _sheets(plan):
        _write(book, name, columns, rows)
    book.close()
    return stream.getvalue()


def _sheets(plan: Plan) -> Iterator[_Sheet]:
    when = {"开始": 12, "结束": 12, "时间": 24}
    who = {"责任人（部门）": 24, "参加人员": 20, "地点": 20}
    yield "活动安排", {"活动": 40, **when, **who, "经费（元）": 14}, _activities(plan)
    measures = {"部分": 24, "序号": 8, "措施": 70, "责任人（部门）": 24, "时间": 24, "目标": 12}
    yield "措施", measures, _measures(plan)
    yield "预算", {"收支": 8, "项目": 40, "类别": 20, "金额（元）": 14}, _budget(plan)


def _activities(plan: Plan) -> Iterator[Sequence[_Value]]:
    dated = [(span, activity) for activity in plan.activities for span in activity.dates]
    for span, activity in sorted(dated, key=lambda item: (item[0].start, item[0].end)):
        amount = activity.budget.amount if activity.budget and span == activity.dates[0] else None
        when = (span.start, span.end, time_text(activity.on, span))
        owner = "、".join(activity.owner)
        yield (activity.title, *when, owner, activity.participants, activity.place, amount)


def _measures(plan: Plan) -> Iterator[Sequence[_Value]]:
    for section in plan.sections:
        for measure in section.measures:
            target = f"{measure.target.value}{measure.target.unit}" if measure.target else None
            time = all_times(measure.on, measure.dates)
            owner = "、".join(measure.owner)
            yield (section.label + section.title, measure.label, measure.text, owner, time, target)


def _budget(plan: Plan) -> Iterator[Sequence[_Value]]:
    sides = {"income": "收入", "expense": "支出"}
    for row in budget_rows(plan):
        yield sides[row.side], row.title, row.category, row.amount


def _write(book: Any, name: str, columns: dict[str, int], rows: Iterator[Sequence[_Value]]) -> None:
    sheet = book.add_worksheet(name)
    head = book.add_format({"bold": True, "align": "center", "valign": "vcenter", "border": 1})
    plain = {"valign": "top", "border": 1}
    text = book.add_format({**plain, "text_wrap": True})
    # Stays a text when somebody edits the cell.
    quoted = book.add_format({**plain, "text_wrap": True, "quote_prefix": True})
    day = book.add_format({**plain, "num_format": "yyyy-mm-dd"})
    money = book.add_format({**plain, "num_format": "#,##0.00"})
    for place, (title, wide) in enumerate(columns.items()):
        sheet.set_column(place, place, wide)
        sheet.write_string(0, place, title, head)
    last = 0
    for last, row in enumerate(rows, 1):
        for place, value in enumerate(row):
            if isinstance(value, dt.date):
                sheet.write_datetime(last, place, value, day)
            elif isinstance(value, Decimal):
                sheet.write_number(last, place, value, money)
            else:
                # Never `write`, which would take a text that begins with = for a formula.
                words = clean(value or "")[:_LONGEST_CELL]
                sheet.write_string(last, place, words, quoted if words.startswith(_FORMULAS) else text)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, last, len(columns) - 1)
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
