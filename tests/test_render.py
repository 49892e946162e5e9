"""What a plan looks like on paper: text, order, tables and numbers that all formats share."""

import datetime as dt
from decimal import Decimal

from planloom_schemas.dates import parse_on, parse_period
from planloom_schemas.layer import Signature, Spend
from planloom_schemas.plan import (
    DateSpan,
    Origin,
    Plan,
    PlanActivity,
    PlanBudgetLine,
    PlanMeasure,
    PlanSection,
)

ORIGIN = Origin(layer="school")


def spans(*days: str) -> tuple[DateSpan, ...]:
    """Spans of days written ``03-01..03-10`` or ``03-08`` in 2027."""
    edges = [day.split("..") for day in days]
    return tuple(
        DateSpan(start=dt.date.fromisoformat(f"2027-{edge[0]}"), end=dt.date.fromisoformat(f"2027-{edge[-1]}"))
        for edge in edges
    )


def activity(id: str, title: str, on: dict[str, object], *days: str, **more: object) -> PlanActivity:
    """An activity on the given days."""
    return PlanActivity(id=id, title=title, on=parse_on(on), dates=spans(*days), origin=ORIGIN, **more)  # type: ignore[arg-type]


def section(id: str, label: str, title: str, *texts: str, **more: object) -> PlanSection:
    """A section with measures numbered （一）（二）."""
    measures = tuple(
        PlanMeasure(id=f"m{place}", label=f"（{'一二三四五六七八九十'[place]}）", text=text, origin=ORIGIN)
        for place, text in enumerate(texts)
    )
    return PlanSection(id=id, label=label, title=title, measures=measures, origin=ORIGIN, **more)  # type: ignore[arg-type]


def sample_plan(**more: object) -> Plan:
    """A plan of a school's union for 2027 with a schedule, a budget and a signature."""
    activities = (
        activity("relief", "春节前走访慰问困难教职工和离退休教职工", {"festival": "春节", "before": "10 days"},
                 "01-27..02-05", owner=("工会委员会",), participants="困难教职工", budget=Spend(amount=Decimal(20000), category="职工服务")),
        activity("womens-day", "“三八”国际妇女节健康讲座与健步走", {"festival": "妇女节"}, "03-08",
                 owner=("女职工委员会",), place="阶梯教室", participants="女教职工"),
        activity("congress", "召开教职工代表大会", {"month": 3, "part": "下旬"}, "03-21..03-31",
                 owner=("工会委员会", "校办公室"), place="报告厅", participants="全体代表", budget=Spend(amount=Decimal(3000), category="业务")),
        activity("spring", "春季教职工登山活动", {"month": 4}, "04-01..04-30", owner=("文体委员",), participants="全体会员"),
        activity("mayday", "“五一”表彰先进教职工", {"festival": "劳动节"}, "05-01", owner=("宣传委员",)),
        activity("health", "教职工健康体检", {"month": 6, "part": "上旬"}, "06-01..06-10", owner=("生活委员",), participants="全体教职工", budget=Spend(amount=Decimal("25800.50"), category="职工服务")),
        activity("cool", "送清凉，看望暑期值班和施工人员", {"months": [7, 8]}, "07-01..08-31", owner=("工会委员会",)),
        activity("teachers", "庆祝教师节座谈会", {"festival": "教师节"}, "09-10", owner=("工会委员会",), place="会议室", participants="教师代表"),
        activity("double-ninth", "重阳节看望离退休教职工", {"festival": "重阳节"}, "10-08", owner=("退休教工小组",), participants="离退休教职工"),
        activity("sports", "教职工趣味运动会", {"weekday": "2nd saturday of october"}, "10-09", owner=("文体委员",), place="操场", participants="全体教职工"),
        activity("proposals", "征集、整理教代会提案", {"from": "11-01", "to": "11-20"}, "11-01..11-20", owner=("提案工作小组",), participants="全体代表"),
        activity("review", "年终总结、会员评家", {"month": 12, "part": "中旬"}, "12-11..12-20", owner=("工会委员会",), participants="全体会员"),
        activity("account", "公布工会经费收支情况", {"every": "quarter"}, "01-01..03-31", "04-01..06-30", "07-01..09-30", "10-01..12-31", owner=("经费审查委员会",)),
        activity("outside", "暑期后的事情", {"month": 6}, owner=("文体委员",)),
    )  # fmt: skip
    sections = (
        section("preamble", "", "前言", lead="为做好2027年学校工会工作，根据上级工会部署和学校党组织要求，结合我校教职工队伍实际，制定本计划。"),
        section("guidance", "一、", "指导思想", lead="坚持以习近平新时代中国特色社会主义思想为指导，深入学习贯彻党的二十大精神，聚焦立德树人根本任务，突出维护职工合法权益、竭诚服务职工群众的基本职责，团结引导教职工为学校高质量发展建功立业。\n\n全年工作坚持“小而实、常而新”——件件有人管、事事有回音。"),
        section("affairs", "二、", "民主管理与校务公开",
                "于三月召开教职工代表大会，审议学校工作报告、财务报告和绩效分配方案，提案答复率达到100%。",
                "每季度公开一次校务事项，重点公开经费使用、职称评聘和评优评先情况。"),
        section("service", "三、", "服务教职工", "建立困难教职工档案，做到情况清、措施实；\n全年走访不少于12人次。", "组织教职工健康体检，建立健康档案。"),
        section("schedule", "四、", "活动安排", shows="activities", lead="全年活动按月安排，逐项落实到人。", merge_months=((1, 2), (7, 8))),
        section("budget", "五、", "经费预算", shows="budget"),
        section("safeguards", "六、", "保障措施", "工会委员会每月研究一次工作，遇有重大事项及时向学校党组织和上级工会报告。"),
    )  # fmt: skip
    budget = (
        PlanBudgetLine(id="dues", title="会费收入", side="income", amount=Decimal(36000), category="会费", origin=ORIGIN),
        PlanBudgetLine(id="allotted", title="拨缴经费收入", side="income", amount=Decimal(82000), origin=ORIGIN),
        PlanBudgetLine(id="sport", title="文体活动", amount=Decimal(30000), category="职工活动", origin=ORIGIN),
    )
    fields: dict[str, object] = {
        "title": "育才小学工会委员会2027年工作计划",
        "organisation": "育才小学工会委员会",
        "period": parse_period("2027"),
        "sections": sections,
        "activities": activities,
        "budget": budget,
        "signature": Signature(name="育才小学工会委员会", date=dt.date(2027, 1, 5)),
    }
    return Plan(**{**fields, **more})  # type: ignore[arg-type]
