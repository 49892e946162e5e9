"""The defects seen in real plans: each is found in a document; what only looks like it is left alone."""

from functools import cache
from pathlib import Path

import pytest

from planloom import compose, render
from planloom.documents import read_bytes
from planloom.documents.viewing import Vocabulary
from planloom.rules.engine import check_view
from planloom_schemas.dates import parse_period
from planloom_schemas.finding import Finding
from planloom_schemas.plan import Plan

FACTS: dict[str, object] = {
    "staff": 86,
    "members": 84,
    "women_members": 60,
    "retirees": 10,
    "stage": "小学",
    "boarding": False,
}


HEADS: dict[str, object] = {"staff": 86, "members": 84, "women_members": 60}


@cache
def school() -> Plan:
    """Where the rules and the vocabulary come from."""
    return compose(profiles=["school"], period=2027, facts=FACTS, organisation="育才小学工会委员会")


def found(text: str, period: object = 2027) -> list[Finding]:
    """What the core, union and school rules find in a Markdown file."""
    plan = school()
    words = Vocabulary(
        tags=plan.tags,
        documents=plan.documents,
        festivals=plan.festivals,
        sections={section.id: section.title for section in plan.sections},
    )
    document = read_bytes(text.encode(), "plan.md", period=parse_period(period), words=words)
    findings, outcomes = check_view(document.view, plan.rules, plan.facts)
    assert [one for one in outcomes if one.outcome in ("crashed", "unknown")] == []
    return list(findings)


def quotes(findings: list[Finding], code: str) -> list[str]:
    """The words one rule complains of."""
    return [finding.quote for finding in findings if finding.code == code]


@pytest.mark.parametrize(
    ("text", "code", "quoted"),
    [
        # placeholders and masked words
        ("认真落实____年全区工会部署。", "COR001", ["____"]),
        ("学习贯彻xx届三中全会和xx大精神，落实20xx年任务。", "COR001", ["xx", "xx", "20xx"]),
        ("听取^v^通报，建设法治**，完成□项。", "COR001", ["^v^", "**", "□"]),
        ("总结201*年工作。", "COR001", ["201*"]),
        ("落实区教育发展规划（-2025）。", "COR001", ["-2025"]),
        ("学习贯彻党的十八精神。", "COR001", ["党的十八精神"]),
        ("以“”为主题开展读书活动。", "COR002", ["“”"]),
        # numbering
        ("## 二、主要任务\n推进各项工作。", "COR011", ["二、"]),
        ("一、目标\n二、任务\n四、要求", "COR011", ["四、"]),
        ("一、目标\n二、任务\n3、做好健身\n4、做好读书", "COR011", ["3、", "3、", "4、"]),
        ("一、目标\n四. 其他", "COR011", ["四.", "四."]),
        # the schedule
        ("## 活动安排\n### 九月\n教师节座谈会\n### 十月\n### 十一月\n球类比赛", "COR004", None),
        ("## 活动安排\n### 九月\n1.庆祝重阳节登高\n### 十月\n1.秋季健步走", "COR025", ["重阳节"]),
        # residue of other years
        ("# 育才小学工会2019年工作计划", "COR021", ["2019"]),
        ("二〇一四年三月", "COR021", ["二〇一四年"]),
        ("学习党的十七 届四中全会精神。", "COR022", ["十七 届四中全会"]),
        ("为实现全面建设小康社会的目标而努力。", "COR022", ["全面建设小康社会"]),
        ("高举邓小平理论、“三个代表”重要思想伟大旗帜。", "COR022", ["“三个代表”"]),
        ("联系地税部门办理手续。", "COR022", ["地税部门"]),
        ("全面建设小康社会，为全面建设小康社会出力。", "COR022", ["全面建设小康社会"] * 2),
        ("年，我们将继续努力。", "COR001", ["年"]),
        ("# 工会工作思路 篇一\n富有情趣的`业余生活。", "COR015", ["篇一", "`"]),
        ("## 一、活动安排：\n每月一次。", "COR018", ["："]),
        ("按照中国工会章程，开展讲座、等形式的交流。", "UNI012", ["中国工会章程", "、等形式"]),
        (
            "# 某处工会2025年计划\n学习二十届四中全会精神。\n某处工会\n2025年1月10日",
            "COR026",
            ["二十届四中全会"],
        ),
        ("举办庆祝国庆63周年歌咏会。", "COR023", ["国庆63周年"]),
        ("庆祝第32个教师节，纪念全总成立100周年。", "COR023", ["第32个教师节", "全总成立100周年"]),
        ("深入贯彻中国工会十六大精神。", "UNI010", ["工会十六大精神"]),
        # summary text inside a plan
        ("今年组织了健步走，增强了凝聚力。", "COR016", ["组织了健步走", "增强了凝聚力"]),
        ("截止5月底共举办讲座4场，被评为先进集体。", "COR016", ["截止5月底共举办讲座4场", "被评为"]),
        ("一年来，对优秀小组进行了表彰。", "COR016", ["一年来", "进行了表彰"]),
        # terms of another type of organisation
        ("健全职代会制度，推行厂务公开。", "SCH021", ["职代会", "厂务公开"]),
        ("班前会上组织煤矿职工学习。", "SCH023", ["班前会", "煤矿"]),
        ("发动社区居民参与，推进工资集体协商。", "SCH023", ["社区居民", "工资集体协商"]),
        # duplication
        (
            "完善提案办理制度，做到件件有着落、事事有回音，让代表满意。\n\n完善提案的办理制度，做到件件有着落、事事有回音，让代表满意。",
            "COR012",
            None,
        ),
        ("把思想统一到统一到部署上来，完成年度年度任务。", "COR013", ["统一到统一到", "年度年度"]),
        # website remains and garbled words
        (
            "以下由小编整理，仅供参考，希望对大家有所帮助。",
            "COR015",
            ["小编", "仅供参考", "希望对大家有所帮助"],
        ),
        ("此处隐藏120个字", "COR015", ["此处隐藏120个字"]),
        ("仔细履行职责，效劳职工，坚持以法治校。", "UNI012", ["仔细履行", "效劳职工", "以法治校"]),
        ("由工会会长主持，工会秘书记录。", "UNI011", ["工会会长", "工会秘书"]),
        ("健全制度，，抓好落实。", "COR013", ["，，"]),
        ("各组室,要认真准备。", "COR014", [","]),
        ("执行《某省学校工会经费三年规划》。", "COR031", ["《某省学校工会经费三年规划》"]),
        # money
        ("中秋节给每名会员发放购物卡。", "UNI026", ["发放购物卡"]),
        ("教师节发放慰问品。", "UNI025", ["教师节发放慰问品"]),
        ("四月组织春游，在山庄住宿一晚。", "UNI027", ["春游，在山庄住宿"]),
        ("年底发放过节费。", "UNI028", ["过节费"]),
    ],
)
def test_a_defect_is_found_where_it_stands(text: str, code: str, quoted: list[str] | None) -> None:
    """The rule fires on the words that are wrong, and nowhere else in the line."""
    got = quotes(found(text), code)
    assert got if quoted is None else got == quoted


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        # 表彰, 完善 without 了, 要…开展, 将继续 are not past
        ("五一前夕表彰先进工作者，完善评选办法，要有计划地开展竞赛，将继续办好社团。", {"COR016"}),
        ("为了解会员需求，组织了解情况；规范组织过程。", {"COR016"}),
        # measurable, whatever the words
        (
            "## 二、任务\n（一）读书\n1.每周推荐好书\n2.做到“四个一”\n3.工间操为16:00至16:20\n4.“五一”前评选",
            {"COR003"},
        ),
        (
            "## 一、任务\n（一）会议\n1.由组织委员负责建立名册\n2.每人每季度谈心一次\n3.8月底前上报信息1-2篇",
            {"COR003"},
        ),
        # merged months are months, and neither numbers nor empty
        ("## 活动安排\n### 一、二月\n走访困难会员\n### 七、八月\n暑期培训", {"COR011", "COR004"}),
        ("一、目标\n（一）服务\n1.走访\n2.慰问\n（二）活动\n1.健身\n二、要求\n（一）责任", {"COR011"}),
        # guidance and headings with running text below them are no measures
        (
            "## 一、总的要求\n以创建为载体，以提高素质为目标，推动工作的正常开展。\n## 二、任务\n"
            "1. 发挥工会职能优势，开创性做好各方面事情。\n每月研究一次。",
            {"COR003"},
        ),
        # names stand twice by nature: in the list of attachments and above them, in every row of a table
        (
            "附件：2026—2027学年第二学期教职工活动安排表\n\n2026—2027学年第二学期教职工活动安排表\n\n"
            "| 时间 | 内容 | 参加人员 |\n|---|---|---|\n| 3月 | 健步走 | 室外和值守岗位会员及退休教职工代表共同参加 |\n"
            "| 4月 | 读书会 | 室外和值守岗位会员及退休教职工代表共同参加 |",
            {"COR012"},
        ),
        ("学习《中国工会章程》，落实等级评定、等次确定。", {"UNI012"}),
        # the congress in June and in November are two school years
        ("## 活动安排\n### 六月\n召开教代会\n### 十一月\n召开教代会", {"SCH003", "COR012"}),
        # years that belong there
        (
            "贯彻《工会法》（2021年修正），总结2026年度工作，落实“十五五”规划（2026—2030年）。",
            {"COR021", "COR022", "COR031"},
        ),
        ("党的十八大以来，学习党的二十大精神。", {"COR022"}),
        ("庆祝新中国成立78周年、第43个教师节和第117个三八国际妇女节。", {"COR023"}),
        # words that are right in a school
        (
            "学习《全民所有制工业企业职工代表大会条例》，召开教职工代表大会，到社区开展志愿服务。",
            {"SCH021", "SCH023"},
        ),
        # money: what is forbidden may be said to be forbidden
        ("只发放节日食品，不发放现金和购物卡券，严禁以任何名义发放代金券。", {"UNI026"}),
        ("工会经费不得用于请客送礼和公款旅游，严禁设立小金库。", {"UNI028"}),
        ("十月组织秋游，当日往返，不安排住宿。", {"UNI027"}),
        ("妇女节举办读书会，不发放慰问品；教师节召开座谈会。", {"UNI025", "SCH032"}),
        ("会员生日发放蛋糕券，会员住院发放慰问金。", {"UNI026"}),
        # marks that are in order
        (
            "开展“书香校园”活动（第一期），参加率100%，网址http://a.cn/b，时间16:30。",
            {"COR001", "COR002", "COR014"},
        ),
        ("尺寸3×5米，规格2x4，编号A_01。", {"COR001"}),
        # words that only look like remains of a website
        ("缩小编制差距，依托驿站服务，编好两篇简报。", {"COR015"}),
        ("人人参与，年年进步，常常谈心。", {"COR013"}),
    ],
)
def test_what_only_looks_like_a_defect_is_left_alone(text: str, codes: set[str]) -> None:
    """The guards against false alarms."""
    assert [(one.code, one.quote) for one in found(text) if one.code in codes] == []


def test_vague_measures_are_found_and_measurable_ones_are_not() -> None:
    """A measure says when, who or how much."""
    vague = ["加大宣传工作力度", "以多种形式凝聚人心", "把教职工的冷暖时时挂在心上", "定期或不定期交流情况"]
    text = "## 一、主要任务\n（一）服务\n" + "\n".join(f"{n}.{words}。" for n, words in enumerate(vague, 1))
    assert len(quotes(found(text), "COR003")) == len(vague)


@pytest.mark.parametrize(
    ("period", "codes"),
    [
        (2027, {"SCH003", "UNI048", "UNI055", "UNI056", "SCH034"}),
        ("2026-09/2027-08", {"SCH003", "UNI048", "UNI055", "UNI056", "SCH034"}),
        ("2026-09/2027-01", set[str]()),
        ("2027-02/2027-07", set[str]()),
    ],
)
def test_yearly_duties_are_asked_of_plans_that_can_hold_them(period: object, codes: set[str]) -> None:
    """A term plan is not blamed for what belongs to the other term."""
    yearly = {"SCH003", "SCH004", "UNI048", "UNI055", "UNI056", "SCH034"}
    assert {
        finding.code for finding in found("# 育才小学工会工作计划\n组织读书活动。", period)
    } & yearly == codes


def test_signature_and_date_are_seen_in_a_document() -> None:
    """A document that ends with name and date lacks neither; the day may be in the year before."""
    text = "# 育才小学工会2027年工作计划\n\n做好各项工作。\n\n育才小学工会委员会\n\n2026年12月28日"
    assert {finding.code for finding in found(text)} & {"COR005", "COR006", "COR007", "COR021"} == set()
    bare = {finding.code for finding in found("做好各项工作。")}
    assert {"COR005", "COR006", "COR007"} <= bare


@pytest.mark.parametrize(
    ("text", "code", "is_missed"),
    [
        ("组织教职工政治学习，每周1次。", "SCH042", False),
        ("每学期组织政治学习4次。", "SCH042", False),
        ("安排政治理论学习，由宣传委员于3月、10月主持。", "SCH042", False),
        ("政治学习定期进行。", "SCH042", True),
        ("由工会委员会于3月召开教代会1次。", "SCH003", False),
        ("组织一次“三八节”庆祝活动。", "UNI048", False),
        ("庆祝“三八节”，慰问女教工。", "UNI043", False),
        ("每年安排教师体检1次。", "SCH034", False),
        ("做好教师的体检工作。", "SCH034", True),
    ],
)
def test_what_a_measure_says_of_its_time_counts(text: str, code: str, is_missed: bool) -> None:
    """A time, a frequency or a festival inside a measure is a time; without one it is said that none is given."""
    findings = [
        one for one in found(f"# 育才小学工会2027年工作计划\n## 一、工作\n（一）{text}") if one.code == code
    ]
    assert bool(findings) == is_missed
    assert all("写明时间的" in one.message for one in findings if one.code in ("SCH034", "SCH042"))


def test_helping_a_poor_village_is_paired_help() -> None:
    """The older word for the same task shows the tag as well."""
    tag = next(
        tag for tag in compose(profiles=["agency"], period=2027, facts=HEADS).tags if tag.id == "paired-help"
    )
    assert "对口扶贫" in tag.words


@pytest.mark.parametrize("profile", ["school", "enterprise", "agency", "community"])
@pytest.mark.parametrize("period", [2027, 2028, "2027-09/2028-08", "2026-09/2027-01"])
def test_our_own_plans_as_documents_have_no_false_findings(
    profile: str, period: object, tmp_path: Path
) -> None:
    """A printed plan of ours, checked as a document, has nothing above advice."""
    facts = {**HEADS, "staff": 300 if profile == "enterprise" else 86}
    plan = compose(profiles=[profile], period=period, facts=facts, organisation="测试单位工会委员会")
    words = Vocabulary(
        tags=plan.tags,
        documents=plan.documents,
        festivals=plan.festivals,
        sections={section.id: section.title for section in plan.sections},
    )
    render(plan, tmp_path / "plan.md")
    content = (tmp_path / "plan.md").read_bytes()
    document = read_bytes(content, "plan.md", period=plan.period, words=words)
    findings, _ = check_view(document.view, plan.rules, plan.facts)
    assert [(one.code, one.message) for one in findings if one.severity != "advice"] == []
