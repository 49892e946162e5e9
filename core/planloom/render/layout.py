"""A plan as one flow of printable blocks: the only place that decides what stands on paper, in which order.

Markdown, Word, HTML and PDF print these blocks, so they say the same. All text in a block is clean.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from attrs import evolve

from planloom.render.schedule import schedule
from planloom.render.tables import Cell, Column, Table
from planloom.render.text import money, one_line, paragraphs, title_lines, width
from planloom_schemas.layer import Signature
from planloom_schemas.plan import Plan, PlanMeasure, PlanSection
from planloom_schemas.records import frozen

_LINE = 28
"""Characters of size 三号 on a line of 156 mm."""

_TITLE_ROOM = 19
"""Characters of size 二号 that stand well on a line of 156 mm."""


@frozen
class Title:
    """The title of the plan, broken into lines for paper."""

    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The title on one line."""
        return "".join(self.lines)


@frozen
class Heading:
    """The heading of a section with its number."""

    label: str
    text: str


@frozen
class Paragraph:
    """A paragraph of the body; the number of a measure is part of its text."""

    text: str


@frozen
class AttachmentNote:
    """The list of attachments under the body."""

    names: tuple[str, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """The note as printed: one name without number, several with."""
        if len(self.names) == 1:
            return (f"附件：{self.names[0]}",)
        numbered = [f"{number}. {name}" for number, name in enumerate(self.names, 1)]
        return (f"附件：{numbered[0]}", *numbered[1:])


@frozen
class SignatureBlock:
    """The name under the plan and its date; either may be ""."""

    name: str
    date: str

    @property
    def lines(self) -> tuple[tuple[str, float], ...]:
        """Each line and how many characters it is indented.

        The date starts two characters right of the name, and what reaches further right ends two before the
        edge of the text. Measured from the left, the gaps that word processors put around digits do not shift it.
        """
        shift = 2.0 if self.name else 0.0
        left = max(0.0, _LINE - 2 - max(width(self.name), shift + width(self.date)))
        lines = ((self.name, left), (self.date, left + shift))
        return tuple(line for line in lines if line[0])


@frozen
class Attachment:
    """An attachment on a page of its own; ``mark`` is 附件 or 附件1."""

    mark: str
    lines: tuple[str, ...]
    table: Table | None

    @property
    def title(self) -> str:
        """The title on one line, as the note names it."""
        return "".join(self.lines)


Block = Title | Heading | Paragraph | AttachmentNote | SignatureBlock | Attachment


@frozen(kw_only=True)
class RequirementRow:
    """How the plan answers one requirement from above: where, by whom, when."""

    requirement: str
    where: str = ""
    owner: str = ""
    when: str = ""


REQUIREMENTS_TITLE = "上级要求落实表"


def layout(plan: Plan, requirements: Sequence[RequirementRow] = ()) -> tuple[Block, ...]:
    """The blocks of a plan in print order.

    Args:
        plan: The plan.
        requirements: What an attachment that shows requirements lists; without any it is left out.
    """
    attachments = _attachments(plan, requirements)
    marks = {shows: attachment.mark for shows, attachment in attachments}
    body: list[Block] = [_title(plan.title, plan)]
    for section in plan.sections:
        body += _section(section, marks.get(section.shows, ""))
    if attachments:
        body.append(AttachmentNote(tuple(attachment.title for _, attachment in attachments)))
    body += _signature(plan.signature)
    return (*body, *(attachment for _, attachment in attachments))


def closing(blocks: Sequence[Block]) -> range:
    """The places of the last paragraph, the note and the signature: no signature stands on a page without text."""
    signed = next((place for place, block in enumerate(blocks) if isinstance(block, SignatureBlock)), 0)
    texts = [place for place in range(signed) if isinstance(blocks[place], Paragraph)]
    return range(texts[-1], signed + 1) if texts else range(0)


def _title(text: str, plan: Plan) -> Title:
    return Title(_broken(text, plan))


def _broken(text: str, plan: Plan) -> tuple[str, ...]:
    return title_lines(one_line(text), (one_line(plan.organisation), plan.period.label), _TITLE_ROOM)


# ---- the body ----


def _section(section: PlanSection, mark: str) -> Iterator[Block]:
    """A section; without number and measures it is running text and needs no heading."""
    if section.label or section.measures:
        yield Heading(one_line(section.label), one_line(section.title))
    lead = paragraphs(section.lead or "")
    if mark and "附件" not in "".join(lead):
        lead = _pointing_to(mark, lead)
    for text in lead:
        yield Paragraph(text)
    for measure in section.measures:
        yield from map(Paragraph, measure_paragraphs(measure))


def _pointing_to(mark: str, lead: tuple[str, ...]) -> tuple[str, ...]:
    """The lead with a word on where the table stands."""
    if lead and lead[-1].endswith("。"):
        return (*lead[:-1], f"{lead[-1][:-1]}（详见{mark}）。")
    return (*lead, f"详见{mark}。")


def measure_paragraphs(measure: PlanMeasure) -> tuple[str, ...]:
    """A measure as printed: number, text, and who answers for it unless the text names one of them."""
    first, *rest = paragraphs(measure.text) or ("",)
    texts = [one_line(measure.label) + first, *rest]
    owners = [one_line(owner) for owner in measure.owner]
    if owners and not any(owner in text for owner in owners for text in texts):
        texts[-1] += f"（{'、'.join(owners)}负责）"
    return tuple(texts)


def _signature(signature: Signature) -> Iterator[Block]:
    day = signature.date
    date = f"{day.year}年{day.month}月{day.day}日" if day else ""
    name = one_line(signature.name or "")
    if name or date:
        yield SignatureBlock(name, date)


# ---- the attachments ----


def _attachments(plan: Plan, requirements: Sequence[RequirementRow]) -> list[tuple[str, Attachment]]:
    """What each attachment shows, and the attachment: those that sections call for come first."""
    tables = {
        "activities": activity_table(plan),
        "budget": budget_table(plan),
        "requirements": _requirement_table(requirements),
    }
    wanted = [item for item in _wanted(plan) if item[0] == "text" or tables.get(item[0])]
    found: list[tuple[str, Attachment]] = []
    for number, (shows, title) in enumerate(wanted, 1):
        mark = f"附件{number}" if len(wanted) > 1 else "附件"
        found.append((shows, Attachment(mark, _broken(title, plan), tables.get(shows))))
    return found


def _wanted(plan: Plan) -> list[tuple[str, str]]:
    """What the attachments show, with their titles; a declared one gives the title of a section's table.

    Requirements from above are always answered, whether an attachment was declared for them or not.
    """
    declared = [(attachment.shows, attachment.title) for attachment in plan.attachments]
    if not any(shows == "requirements" for shows, _ in declared):
        declared.append(("requirements", REQUIREMENTS_TITLE))
    titles = dict(reversed(declared))
    called: dict[str, str] = {}
    for section in plan.sections:
        if section.shows != "text" and section.shows not in called:
            called[section.shows] = titles.get(section.shows) or _table_title(section, plan)
    rest = [item for item in declared if item not in called.items()]
    return [*called.items(), *rest]


def _table_title(section: PlanSection, plan: Plan) -> str:
    title = section.title.removesuffix("表")
    return f"{plan.period.label}{title}表"


def merge_months(plan: Plan) -> tuple[tuple[int, ...], ...]:
    """The months that share a cell in the table of activities."""
    return next((section.merge_months for section in plan.sections if section.shows == "activities"), ())


def activity_table(plan: Plan) -> Table | None:
    """The activities by month, or None if there are none."""
    rows: list[tuple[Cell, ...]] = []
    for group in schedule(plan, merge_months(plan)):
        for place, entry in enumerate(group.entries):
            activity = entry.activity
            month = Cell(group.label, 0 if place else len(group.entries))
            people = _people(activity.participants, activity.place)
            rows.append((month, *_cells(activity.title, entry.time, "、".join(activity.owner), people)))
    columns = (
        Column("月份", 19, "center"), Column("活动内容", 42), Column("时间", 35, "center"),
        Column("责任人（部门）", 32, "center"), Column(_people_title(plan), 28, "center"),
    )  # fmt: skip
    return _without_empty(columns, rows)


def _people(participants: str | None, place: str | None) -> str:
    if participants and place:
        return f"{participants}（{place}）"
    return participants or place or ""


def _people_title(plan: Plan) -> str:
    shown = [activity for activity in plan.activities if activity.dates]
    names = (
        ["参加人员"] * any(activity.participants for activity in shown)
        + ["地点"] * any(activity.place for activity in shown)
    )  # fmt: skip
    return f"{names[0]}（{names[1]}）" if len(names) == 2 else "".join(names)


def _cells(*texts: str) -> tuple[Cell, ...]:
    return tuple(Cell(one_line(text)) for text in texts)


def _without_empty(columns: tuple[Column, ...], rows: Sequence[tuple[Cell, ...]]) -> Table | None:
    """The table without columns in which nothing stands; the second column takes their room."""
    if not rows:
        return None
    kept = [place for place in range(len(columns)) if any(row[place].text for row in rows)]
    room = sum(columns[place].width for place in range(len(columns)) if place not in kept)
    wide = evolve(columns[1], width=columns[1].width + room)
    widened = (columns[0], wide, *columns[2:])
    return Table(
        tuple(widened[place] for place in kept), tuple(tuple(row[place] for place in kept) for row in rows)
    )


# ---- budget and requirements ----

_SIDES = {"income": "收入", "expense": "支出"}


@frozen
class BudgetRow:
    """A line of the budget, whether it stands in the budget or beside an activity."""

    side: str
    title: str
    category: str
    amount: Decimal


def budget_rows(plan: Plan) -> tuple[BudgetRow, ...]:
    """All money of the plan: income, expense, then what activities of the period cost."""
    lines = [BudgetRow(line.side, line.title, line.category, line.amount) for line in plan.budget]
    spent = [
        BudgetRow("expense", activity.title, activity.budget.category, activity.budget.amount)
        for activity in plan.activities
        if activity.budget and activity.dates
    ]
    return tuple(row for side in _SIDES for row in (*lines, *spent) if row.side == side)


def budget_table(plan: Plan) -> Table | None:
    """Income and expense with their totals, or None if there is no budget."""
    lines = budget_rows(plan)
    cents = any(line.amount != line.amount.to_integral_value() for line in lines)
    rows: list[tuple[Cell, ...]] = []
    for side, name in _SIDES.items():
        own = [line for line in lines if line.side == side]
        rows += _budget_rows(name, own, cents)
    columns = (
        Column("收支", 19, "center"), Column("项目", 67), Column("类别", 35, "center"),
        Column("金额（元）", 35, "right"),
    )  # fmt: skip
    return _without_empty(columns, rows)


def _budget_rows(name: str, lines: Sequence[BudgetRow], cents: bool) -> Iterable[tuple[Cell, ...]]:
    if not lines:
        return
    for place, line in enumerate(lines):
        side = Cell(name, 0 if place else len(lines) + 1)
        yield (side, *_cells(line.title, line.category, money(line.amount, cents)))
    total = sum((line.amount for line in lines), Decimal())
    yield (Cell(name, 0), *_cells("合计", "", money(total, cents)))


def _requirement_table(requirements: Sequence[RequirementRow]) -> Table | None:
    rows = [_cells(row.requirement, row.where, row.owner, row.when) for row in requirements]
    columns = (
        Column("上级要求", 50), Column("落实内容", 51), Column("责任人（部门）", 28, "center"),
        Column("时间", 27, "center"),
    )  # fmt: skip
    return _without_empty(columns, rows)
