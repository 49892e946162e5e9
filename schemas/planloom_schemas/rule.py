"""What a rule is as people write it: its head, the parameters of the eighteen kinds, selectors and tests.

The table `KINDS` is the contract of the kinds: which parameters each takes, which it needs, which message ids it has.
How each parameter joins stands on its field.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal

from attrs import field

from planloom_schemas.dates import On
from planloom_schemas.records import frozen
from planloom_schemas.statement import Edit, Join, Strategy, Unset, said, statement

Severity = Literal["error", "warn", "advice"]
Binding = Literal["law", "upper", "house"]
SEVERITIES: tuple[str, ...] = ("advice", "warn", "error")
BINDINGS: tuple[str, ...] = ("house", "upper", "law")


@frozen(order=True)
class Percent:
    """A share: ``Percent(Decimal(80))`` is 80 %."""

    value: Decimal

    def __str__(self) -> str:
        return f"{self.value.normalize():f}%"


@frozen(order=True)
class Days:
    """A length of time in days."""

    days: int

    def __str__(self) -> str:
        return f"{self.days} days"


Amount = Decimal | Percent


@frozen(kw_only=True)
class Basis:
    """What a rule rests on: a declared document, its edition (year), the article, and whether that was verified."""

    document: str
    edition: int | None = None
    article: str = ""
    verified: bool = False


@frozen(kw_only=True)
class FieldTest:
    """A test of one field of an item; every stated operator must hold."""

    eq: Any = None
    in_: tuple[Any, ...] | None = field(default=None, metadata={"key": "in"})
    has: Any = None
    gt: Decimal | None = None
    lt: Decimal | None = None
    between: tuple[Decimal, ...] | None = None
    matches: str | None = None
    exists: bool | None = None


@frozen(kw_only=True)
class Selector:
    """Which items a rule looks at; all that is stated must hold."""

    what: Literal["activity", "section", "measure", "text", "heading", "budget", "citation"]
    id: tuple[str, ...] = ()
    section: tuple[str, ...] = ()
    months: tuple[int, ...] = ()
    tags: tuple[str, ...] = ()
    all_tags: tuple[str, ...] = ()
    fields: Mapping[str, FieldTest] = field(factory=dict[str, FieldTest])


@frozen(kw_only=True)
class Fix:
    """How a finding can be mended: an edit of the plan file that is safe, one that is not, or a sentence."""

    safe: Mapping[str, Any] | None = None
    unsafe: Mapping[str, Any] | None = None
    manual: str | None = None


@frozen(kw_only=True)
class RuleTest:
    """A case of a rule: a plan that stands alone and the message ids it must give, in order of position."""

    name: str
    plan: Mapping[str, Any] = field(factory=dict[str, Any])
    want: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(factory=dict[str, Any])
    period: Any = None
    text: str | None = None
    organisation: str | None = None


@statement
class RuleParams:
    """The parameters of every kind; `KINDS` says which belong to which."""

    of: tuple[Selector, ...] | Unset = said(Strategy.FIXED, "看哪些内容：一个选择器或一组（任一）")
    required: bool | Unset = said(Strategy.JOIN, "必须有", join=Join.OR)
    forbidden: bool | Unset = said(Strategy.JOIN, "不得有", join=Join.OR)
    at_least: Amount | Unset = said(Strategy.JOIN, "至少", join=Join.MAX)
    at_most: Amount | Unset = said(Strategy.JOIN, "至多", join=Join.MIN)
    equals: Amount | Unset = said(Strategy.JOIN, "恰为", join=Join.AGREE)
    per: Literal["period", "year", "school-year", "term", "quarter", "month"] | Unset = said(
        Strategy.FIXED, "按什么时间段计数"
    )
    near: On | Unset = said(Strategy.JOIN, "临近的日子，与 within 同用", join=Join.CONJUNCTION)
    within: Days | Unset = said(Strategy.JOIN, "相距不超过几天，如 10 days", join=Join.MIN)
    months: tuple[int, ...] | Unset = said(Strategy.JOIN, "应在的月份", join=Join.INTERSECTION)
    after: On | Unset = said(Strategy.JOIN, "应在此日之后", join=Join.CONJUNCTION)
    before: On | Unset = said(Strategy.JOIN, "应在此日之前", join=Join.CONJUNCTION)
    first: tuple[Selector, ...] | Unset = said(Strategy.FIXED, "先做的事")
    then: Any | Unset = said(Strategy.FIXED, "后做的事（order），或应满足的规则（implies）")
    if_: tuple[Selector, ...] | Unset = said(Strategy.FIXED, "有此内容时才检查", key="if")
    gap: Days | Unset = said(Strategy.JOIN, "前后至少相隔几天", join=Join.MAX)
    every: Literal["month", "quarter", "section"] | Unset = said(Strategy.FIXED, "每月、每季度或每个部分")
    allow_empty: tuple[Any, ...] | Unset = said(
        Strategy.JOIN, "可以为空的月份、季度或部分", join=Join.INTERSECTION
    )
    field: str | Unset = said(Strategy.FIXED, "要检查的字段")
    type: Literal["text", "number", "integer", "boolean", "date", "list"] | Unset = said(
        Strategy.JOIN, "字段的类型", join=Join.AGREE
    )
    min_length: int | Unset = said(Strategy.JOIN, "最短字数", join=Join.MAX)
    max_length: int | Unset = said(Strategy.JOIN, "最长字数", join=Join.MIN)
    one_of: tuple[Any, ...] | Unset = said(Strategy.JOIN, "只能是其中之一", join=Join.INTERSECTION)
    not_in: tuple[Any, ...] | Unset = said(Strategy.JOIN, "不能是", join=Join.UNION)
    unit: str | Unset = said(Strategy.FIXED, "单位")
    against: tuple[Selector, ...] | Unset = said(Strategy.FIXED, "与谁比")
    by: tuple[str, ...] | Unset = said(Strategy.FIXED, "按哪些字段判断重复")
    words: Mapping[str, str] | Unset = said(Strategy.KEYED, "不当用语与应改用语")
    except_: tuple[str, ...] | Unset = said(
        Strategy.JOIN, "含这些词时不算", join=Join.INTERSECTION, key="except"
    )
    must: tuple[str, ...] | Unset = said(Strategy.JOIN, "应匹配的正则", join=Join.UNION)
    must_not: tuple[str, ...] | Unset = said(Strategy.JOIN, "不得匹配的正则", join=Join.UNION)
    depth: int | Unset = said(Strategy.JOIN, "最多几层序号", join=Join.MIN)
    checks: tuple[str, ...] | Unset = said(Strategy.JOIN, "检查哪些方面", join=Join.UNION)
    similarity: Percent | Unset = said(Strategy.JOIN, "相似到多少算重复", join=Join.MIN)
    from_: int | Unset = said(Strategy.JOIN, "多少字以上才比较", join=Join.MIN, key="from")


@statement
class Rule(RuleParams):
    """What one layer says of one rule."""

    kind: str | Unset = said(Strategy.FIXED, "规则的种类")
    slug: str | Unset = said(Strategy.FIXED, "可读的名字，可代替代码使用")
    title: str | Unset = said(Strategy.ONE, "规则的标题")
    severity: Severity | Unset = said(Strategy.JOIN, "轻重：error、warn 或 advice", join=Join.SEVERITY)
    binding: Binding | Unset = said(Strategy.LOCAL, "本层的依据：law、upper 或 house")
    scope: Literal["own", "plan"] | Unset = said(Strategy.FIXED, "只看本配置的内容（own）或整份计划（plan）")
    when: str | Unset = said(Strategy.FIXED, "什么情况下适用：关于事实的条件")
    basis: Edit | Unset = said(Strategy.UNION, "依据")
    messages: Mapping[str, str] | Unset = said(Strategy.KEYED, "各种不符时的说法")
    help: str | Unset = said(Strategy.ONE, "为什么，以及怎么改")
    fix: Fix | Unset = said(Strategy.FIXED, "自动改法")
    tests: tuple[RuleTest, ...] | Unset = said(Strategy.LOCAL, "规则的试例")
    loosen: "Loosen | Unset" = said(Strategy.EXISTENCE, "放宽本会规定：理由和新的数值")
    remove: str | Unset = said(Strategy.EXISTENCE, "停用本会规定的理由")
    restore: str | Unset = said(Strategy.EXISTENCE, "恢复的理由")
    if_present: bool | Unset = said(Strategy.EXISTENCE, "只在其他层有此规则时生效")


@statement
class Loosen(RuleParams):
    """A reasoned loosening of house requirements."""

    reason: str | Unset = said(Strategy.LOCAL, "为什么放宽")
    severity: Severity | Unset = said(Strategy.JOIN, "新的轻重", join=Join.SEVERITY)


@frozen
class Kind:
    """The contract of a kind: parameters it takes, those it needs, its message ids, and whether it asks *for* items."""

    params: tuple[str, ...]
    needs: tuple[str, ...]
    messages: tuple[str, ...]
    asks: bool = False


def _kind(params: str, needs: str, messages: str, asks: bool = False) -> Kind:
    return Kind(tuple(params.split()), tuple(needs.split()), tuple(messages.split()), asks)


KINDS: Mapping[str, Kind] = {
    "require": _kind("of required forbidden", "of", "missing present", asks=True),
    "count": _kind("of at_least at_most per", "of per", "few many", asks=True),
    "window": _kind("of near within months after before", "of", "outside"),
    "order": _kind("first then gap", "first then", "order"),
    "coverage": _kind("of every allow_empty", "of every", "empty", asks=True),
    "field": _kind(
        "of field required type at_least at_most min_length max_length one_of not_in",
        "of field",
        "missing type low high short long value",
    ),
    "total": _kind("of against at_least at_most equals unit", "of", "low high differs", asks=True),
    "unique": _kind("of by", "of by", "duplicate"),
    "implies": _kind("if then", "if then", ""),
    "wording": _kind("words except of", "words", "wrong"),
    "pattern": _kind("of must must_not", "of", "found absent"),
    "length": _kind("of unit at_least at_most", "of unit", "short long"),
    "numbering": _kind("depth", "", "gap repeat style deep"),
    "typography": _kind("checks", "checks", "quotes dates width spaces"),
    "cite": _kind("of", "", "unknown repealed edition"),
    "stale": _kind("checks similarity of", "checks", "year era ordinal signature similar"),
    "festival": _kind("of", "of", "month"),
    "duplicate": _kind("of similarity from", "of", "duplicate"),
}
