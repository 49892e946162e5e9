"""What people write: layers (profiles, directives) and plan files, as partial statements about items.

Every field of a statement names its merge strategy; `planloom.merge` reads these and nothing else.
"""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal

from attrs import field

from planloom_schemas.dates import On
from planloom_schemas.records import frozen
from planloom_schemas.rule import Rule
from planloom_schemas.statement import Edit, Join, Strategy, Unset, needed, said, statement

FORMAT_VERSION = 1

FactKind = Literal["integer", "number", "text", "boolean", "date", "choice", "list"]
Shows = Literal["text", "activities", "budget"]


@frozen
class TextFile:
    """A text that stands in ``templates/``."""

    file: str


@frozen(kw_only=True)
class Edition:
    """One edition of a document: the year it is named by and the days it is in force from and until (inclusive)."""

    year: int
    from_: dt.date | None = field(default=None, metadata={"key": "from"})
    until: dt.date | None = None


@frozen(kw_only=True)
class Target:
    """The number a measure promises to reach."""

    value: Decimal
    unit: str = ""


@frozen(kw_only=True)
class Spend:
    """Money an activity needs, in yuan, and the category it is booked under."""

    amount: Decimal
    category: str = ""


@frozen(kw_only=True)
class Signature:
    """The name under the plan and the day it is dated."""

    name: str | None = None
    date: dt.date | None = None


@statement
class Item:
    """What can be said of the existence of any item."""

    remove: str | Unset = said(Strategy.EXISTENCE, "删去此项的理由")
    restore: str | Unset = said(Strategy.EXISTENCE, "恢复此项的理由")
    if_present: bool | Unset = said(Strategy.EXISTENCE, "只在其他层有此项时生效")


@statement
class Fact(Item):
    """A fact that the layer asks for, or its value."""

    type: FactKind | Unset = said(Strategy.FIXED, "事实的类型")
    title: str | Unset = said(Strategy.ONE, "事实的名称")
    min: Decimal | Unset = said(Strategy.JOIN, "最小值", join=Join.MAX)
    max: Decimal | Unset = said(Strategy.JOIN, "最大值", join=Join.MIN)
    one_of: tuple[str, ...] | Unset = said(Strategy.JOIN, "只能取其中之一", join=Join.INTERSECTION)
    default: Any | Unset = said(Strategy.FIXED, "没有说明时的取值")
    ask: bool | Unset = said(Strategy.ONE, "新建计划时是否询问")
    value: Any | Unset = said(Strategy.ONE, "事实的值（只用于上级要点和计划文件）")


@statement
class Tag(Item):
    """A word of the vocabulary that rules select by."""

    title: str | Unset = said(Strategy.ONE, "标签的名称")
    words: Edit | Unset = said(Strategy.UNION, "文档中出现这些词即带此标签")


@statement
class Document(Item):
    """A law or document that rules may rest on and texts may cite."""

    title: str | Unset = said(Strategy.ONE, "文件全称")
    aliases: Edit | Unset = said(Strategy.UNION, "简称")
    editions: tuple[Edition, ...] | Unset = said(Strategy.ONE, "历次版本")


@statement
class BudgetLine(Item):
    """A line of the budget."""

    title: str | Unset = said(Strategy.ONE, "科目名称")
    side: Literal["income", "expense"] | Unset = said(Strategy.ONE, "收入（income）或支出（expense）")
    amount: Decimal | Unset | None = said(Strategy.ONE, "金额（元）")
    category: str | Unset | None = said(Strategy.ONE, "类别")


@statement
class Measure(Item):
    """One thing to do inside a section."""

    text: str | TextFile | Unset = said(Strategy.ONE, "措施的文字，可用模板")
    owner: tuple[str, ...] | Unset | None = said(Strategy.ONE, "责任人或责任部门")
    on: On | Unset | None = said(Strategy.ONE, "时间")
    target: Target | Unset | None = said(Strategy.ONE, "要达到的数量")
    activities: Edit | Unset = said(Strategy.UNION, "落实此措施的活动")
    tags: Edit | Unset = said(Strategy.UNION, "标签")
    when: str | Unset | None = said(Strategy.ONE, "在什么情况下有此措施")
    after: Edit | Unset = said(Strategy.UNION, "排在哪些措施之后")
    before: Edit | Unset = said(Strategy.UNION, "排在哪些措施之前")


@statement
class Section(Item):
    """A section of the plan."""

    title: str | Unset = said(Strategy.ONE, "部分的标题")
    numbered: bool | Unset = said(Strategy.ONE, "是否编号")
    lead: str | TextFile | Unset | None = said(Strategy.ONE, "开头的文字，可用模板")
    shows: Shows | Unset = said(Strategy.ONE, "显示文字、活动表或预算表")
    merge_months: tuple[tuple[int, ...], ...] | Unset | None = said(
        Strategy.ONE, "活动表中合并的月份，如 [[1, 2], [7, 8]]"
    )
    tags: Edit | Unset = said(Strategy.UNION, "标签")
    when: str | Unset | None = said(Strategy.ONE, "在什么情况下有此部分")
    after: Edit | Unset = said(Strategy.UNION, "排在哪些部分之后")
    before: Edit | Unset = said(Strategy.UNION, "排在哪些部分之前")
    measures: Mapping[str, Measure] | Unset = said(Strategy.KEYED, "措施")


@statement
class Activity(Item):
    """A dated activity."""

    title: str | Unset = said(Strategy.ONE, "活动名称")
    on: On | Unset = said(Strategy.ONE, "时间")
    section: str | Unset | None = said(Strategy.ONE, "所属部分")
    owner: tuple[str, ...] | Unset | None = said(Strategy.ONE, "责任人或责任部门")
    place: str | Unset | None = said(Strategy.ONE, "地点")
    participants: str | Unset | None = said(Strategy.ONE, "参加人员")
    budget: Spend | Unset | None = said(Strategy.ONE, "经费（元）")
    tags: Edit | Unset = said(Strategy.UNION, "标签")
    when: str | Unset | None = said(Strategy.ONE, "在什么情况下有此活动")


@statement
class Attachment(Item):
    """An attachment after the plan."""

    title: str | Unset = said(Strategy.ONE, "附件的标题")
    shows: Literal["activities", "budget", "requirements"] | Unset = said(Strategy.ONE, "附件的内容")


@statement
class Content:
    """What every kind of layer can say."""

    heading: str | Unset = said(Strategy.ONE, "计划的标题，可用模板")
    facts: Mapping[str, Fact] | Unset = said(Strategy.KEYED, "事实")
    tags: Mapping[str, Tag] | Unset = said(Strategy.KEYED, "标签")
    documents: Mapping[str, Document] | Unset = said(Strategy.KEYED, "法规和文件")
    festivals: Mapping[str, On] | Unset = said(Strategy.KEYED, "节日和纪念日")
    budget: Mapping[str, BudgetLine] | Unset = said(Strategy.KEYED, "预算")
    sections: Mapping[str, Section] | Unset = said(Strategy.KEYED, "计划的各个部分")
    activities: Mapping[str, Activity] | Unset = said(Strategy.KEYED, "活动")
    rules: Mapping[str, Rule] | Unset = said(Strategy.KEYED, "规则")
    attachments: Mapping[str, Attachment] | Unset = said(Strategy.KEYED, "附件")


@statement
class Layer(Content):
    """A profile or a directive."""

    planloom: int = needed(Strategy.LOCAL, "格式版本，写 1")
    layer: str = needed(Strategy.LOCAL, "本层的 id")
    kind: Literal["profile", "directive"] = needed(Strategy.LOCAL, "profile（配置）或 directive（上级要点）")
    title: str = needed(Strategy.LOCAL, "本层的名称")
    prefix: str | Unset = said(Strategy.LOCAL, "本层规则代码的前缀，大写字母")
    extends: tuple[str, ...] | Unset = said(Strategy.LOCAL, "在哪些层的基础上")


@frozen(kw_only=True)
class WaiverEntry:
    """A waiver as written; completeness is judged with the rules, so that all that is wrong can be said."""

    rule: str
    where: str = ""
    reason: str = ""
    by: str = ""
    until: str = ""


@statement
class PlanFile(Content):
    """The officer's own layer."""

    planloom: int = needed(Strategy.LOCAL, "格式版本，写 1")
    plan: str = needed(Strategy.LOCAL, "本计划的 id")
    title: str | Unset = said(Strategy.LOCAL, "备注名")
    profiles: tuple[str, ...] | Unset = said(Strategy.LOCAL, "选用的配置")
    directives: tuple[str, ...] | Unset = said(Strategy.LOCAL, "上级要点：文件路径或名称")
    grant: tuple[str, ...] | Unset = said(Strategy.LOCAL, "准许哪些外来层以法规或上级名义提要求")
    period: Any | Unset = said(Strategy.LOCAL, "计划期：年度、学年或学期")
    organisation: str | Unset = said(Strategy.LOCAL, "单位或工会名称")
    signature: Signature | Unset = said(Strategy.ONE, "落款：署名和日期")
    last: str | Unset = said(Strategy.LOCAL, "去年的计划文件")
    waivers: tuple[WaiverEntry, ...] | Unset = said(Strategy.LOCAL, "豁免")


REQUIRED: Mapping[str, tuple[str, ...]] = {
    "facts": ("type",),
    "documents": ("title",),
    "budget": ("title", "amount"),
    "sections": ("title",),
    "measures": ("text",),
    "activities": ("title", "on"),
    "rules": ("kind", "title"),
    "attachments": ("title", "shows"),
}
"""The fields that an item of each collection must have once all layers are merged."""
