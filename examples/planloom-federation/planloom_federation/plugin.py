"""What data cannot say: a rule that weighs departments against each other, and a table for a spreadsheet."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

import planloom
from planloom import Plan
from planloom.rules.python import NotApplicable, PythonRule, Remark, RuleView, rule

SHARE = 40
"""Per cent of all measures that one department may lead; house default."""
FEW = 10
"""Below so many measures no share means anything; house default."""
HEAD = ("序号", "重点任务", "工作内容", "责任部门", "完成时间")


@rule(
    code="FED901",
    slug="fed-work-is-shared",
    title="任务没有过分集中在一个部门",
    layer="federation",
    severity="advice",
    help="牵头任务过多的部门难以兼顾。把其中几项改由其他部门牵头。",
)
def work_is_shared(view: RuleView) -> Iterator[Remark]:
    """Report a department that leads more than its share of the measures.

    Whoever is named first leads. Source: house default.
    """
    measures = view.select("measure")
    leaders = Counter(measure.owner[0] for measure in measures if measure.owner)
    if len(measures) < FEW:
        raise NotApplicable
    for owner, count in sorted(leaders.items()):
        if count * 100 > SHARE * len(measures):
            yield view.finding(
                None, "{owner}牵头{found}项，超过全部{all}项的{wanted}；应当分给其他部门一些",
                owner=owner, found=count, all=len(measures), wanted=f"{SHARE}%",
            )  # fmt: skip


def breakdown(plan: Plan) -> bytes:
    """The responsibility breakdown (责任分解表): one row for each measure, for a spreadsheet."""
    stream = io.StringIO()
    table = csv.writer(stream, lineterminator="\r\n")
    table.writerow(["责任分解表", _cell(plan.title)])
    table.writerow(HEAD)
    months = {activity.id: activity.months for activity in plan.activities}
    rows = ((section.title, measure) for section in plan.sections for measure in section.measures)
    for number, (task, measure) in enumerate(rows, start=1):
        due = sorted({month for activity in measure.activities for month in months.get(activity, ())})
        when = "、".join(f"{month}月" for month in due) or "全年"
        table.writerow([number, *map(_cell, (task, measure.text, "、".join(measure.owner), when))])
    # The mark at the beginning tells spreadsheets that this is UTF-8.
    return stream.getvalue().encode("utf-8-sig")


def _cell(text: str) -> str:
    """A text that a spreadsheet takes as text: printable, and no formula."""
    clean = "".join(letter if letter.isprintable() else " " for letter in text)
    return f"'{clean}" if clean.startswith(("=", "+", "-", "@")) else clean


@planloom.hookimpl
def planloom_rules() -> Iterable[PythonRule]:
    """The rules of this plugin."""
    return [work_is_shared]


@planloom.hookimpl
def planloom_renderers() -> Mapping[str, Callable[[Plan], bytes]]:
    """The formats this plugin writes, by file ending."""
    return {"csv": breakdown}
