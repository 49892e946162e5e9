"""What betrays a text of another year: years, eras, ordinals, last year's wording.

The tables are dated public facts. Anniversaries count from the year of the event; congresses and plenary
sessions of the Communist Party of China and the five-year plans stand with the month in which they took
place or the years they cover (public record; 十八届四中全会 and earlier sessions as reported at the time). A
plan may look back ("以来") and may name what was in force; it is residue when something later has taken its
place.
"""

import datetime as dt
import re
from collections.abc import Iterator
from functools import lru_cache

from planloom.regexes import compiled
from planloom.rules.cases import Case, Hit, NotApplicable, shown
from planloom.rules.layout_kinds import cn_number
from planloom.rules.remembered import Clean
from planloom.rules.views import Subject, View
from planloom_schemas.dates import Period
from planloom_schemas.records import frozen
from planloom_schemas.rule import Percent

DEFAULT_SIMILARITY = 80

Fault = tuple[str, int, int, str, int]
"""Message id, start, end, what is wanted, and the year that the text points to."""


def check_stale(case: Case) -> Iterator[Hit]:
    """Years, eras and ordinals that do not belong to the plan's year, and text taken over from last year."""
    checks: tuple[str, ...] = case.params["checks"]
    readers = [name for name in _READERS if name in checks]
    signed = case.view.signature[1] if "signature" in checks else None
    if not readers and not signed and not ("similar" in checks and case.view.last):
        raise NotApplicable
    if signed:
        yield from (_hit(each, fault) for each in case.texts() for fault in _not_held(each.text, signed))
    clean = _clean.of((*readers, case.view.period))
    for subject in case.texts():
        if subject.text in clean:
            continue
        faults = [fault for name in readers for fault in _faults(name, subject.text, case.view.period)]
        yield from (_hit(subject, fault) for fault in faults)
        if not faults:
            clean.add(subject.text)
    if "similar" in checks and case.view.last:
        yield from _similar(case)


_clean = Clean()

# ---- years ----

_CN_ZERO = "〇○零"
_YEAR = (
    r"(?<![0-9])((?:19[4-9]|20[0-9])[0-9])(?=年|学年|工作|度|—|－|-\s*20)"
    rf"|([二一][{_CN_ZERO}九][{_CN_ZERO}一二三四五六七八九]{{2}})年"
)
_QUOTED = r"《[^》]*》|〔[^〕]*〕"
_RANGE = r"(?:19|20)[0-9]{2}年?\s*[—－~～至到-]{1,2}\s*(?:19|20)?[0-9]{2,4}"
_HISTORY = (
    "[^，。；]{0,16}?(?:以来|起[，至]|成立|创建|创办|始建|建校|建会|建厂|诞生|出台|颁布|施行|实施|印发|修订|修正|修改"
    "|通过|发布|版)"
)
_LOOKING_BACK = r"[^，。；]{0,14}?(?:总结|决算|考核|表彰|评选|评比|回顾|先进|成绩|工作报告|执行情况|审计)"
_LOOKED_BACK = r"(?:总结|回顾|听取|审议|审查|通报|公布|编报)[^，。；]{0,4}$"
_DATED = r"[^，。；]{0,12}[年][^，。；]{1,3}月(?:[^，。；]{1,3}[日号])?\s*"
"""A line that is nothing but a date: a plan may be signed in the year before."""
_AHEAD = r"(?:到|至|力争|面向|迈向|展望|截至|于)$"
_CN_DIGITS = {
    **dict.fromkeys(_CN_ZERO, "0"),
    **{char: str(n) for n, char in enumerate("一二三四五六七八九", 1)},
}


def _years(text: str, period: Period) -> Iterator[Fault]:
    for match in compiled(_YEAR).finditer(text):
        year = int(match[1] or "".join(_CN_DIGITS[char] for char in match[2]))
        if period.start.year <= year <= period.end.year or _is_guarded(match.start(), text, period):
            continue
        before, after = text[: match.start()], text[match.end() :]
        if compiled(_HISTORY).match(after) or (year > period.end.year and compiled(_AHEAD).search(before)):
            continue
        if year == period.start.year - 1 and _looks_back(before, after, text):
            continue
        yield "year", match.start(), match.end(), period.label, year


def _is_guarded(at: int, text: str, period: Period) -> bool:
    """Whether a year stands in a title, or in a range of years that takes in the plan's."""
    ranges = [span for span in _spans(_RANGE, text) if _reaches(text, span, period)]
    return _within(at, [*_spans(_QUOTED, text), *ranges])


def _looks_back(before: str, after: str, text: str) -> bool:
    """Whether the year before is named because it is over, or because the plan was signed in it."""
    return bool(
        compiled(_LOOKING_BACK).match(after)
        or compiled(_LOOKED_BACK).search(before)
        or compiled(_DATED).fullmatch(text)
    )


def _reaches(text: str, span: tuple[int, int], period: Period) -> bool:
    """Whether a range of years takes in the plan's year."""
    years = re.findall(r"[0-9]{2,4}", text[span[0] : span[1]])
    first = int(years[0])
    last = int(years[-1]) if len(years[-1]) == 4 else first // 100 * 100 + int(years[-1])
    return first <= period.end.year and period.start.year <= last


def _spans(pattern: str, text: str) -> list[tuple[int, int]]:
    return [match.span() for match in compiled(pattern).finditer(text)]


def _within(at: int, spans: list[tuple[int, int]]) -> bool:
    return any(start <= at < end for start, end in spans)


def _hit(subject: Subject, fault: Fault) -> Hit:
    message, start, end, wanted, year = fault
    data = {"found": subject.text[start:end].strip(), "wanted": wanted, "year": year}
    return Hit(message=message, subject=subject, start=start, end=end, data=data, param="checks")


# ---- eras ----


@frozen
class Era:
    """Something texts name while it is current.

    Args:
        key: What stands in every text that names it, apart from spaces.
        pattern: How texts name it.
        family: What it is one of: ``congress``, ``plan``, or itself.
        name: Its name.
        year: The year it points to.
        begins: The first day it can be named.
        ends: The first day on which naming it is residue, or None.
        instead: What took its place, where that is not the current one of its family.
    """

    key: str
    pattern: str
    family: str
    name: str
    year: int
    begins: dt.date
    ends: dt.date | None
    instead: str = ""


# Source: reports of the 16th to 20th national congresses of the CPC, 2002 to 2022; each is held in the
# autumn.
_CONGRESSES = {16: (2002, 11), 17: (2007, 10), 18: (2012, 11), 19: (2017, 10), 20: (2022, 10)}
# Source: communiqués of the plenary sessions.
_PLENUMS = {
    (17, 4): (2009, 9),
    (18, 3): (2013, 11),
    (18, 4): (2014, 10),
    (19, 4): (2019, 10),
    (19, 6): (2021, 11),
    (20, 2): (2023, 2),
    (20, 3): (2024, 7),
    (20, 4): (2025, 10),
}
# Source: outlines of the 12th to 15th five-year plans.
_FIVE_YEARS = {12: 2011, 13: 2016, 14: 2021, 15: 2026}
# Residue from the beginning of the next year on: a plan written in the autumn may still name what was in
# force.
_SINCE = r"(?!\s*以来)"


_CN = "一二三四五六七八九十"


def _loose(word: str) -> str:
    """The word with stray spaces allowed between its characters."""
    return r"\s?".join(word)


@lru_cache(maxsize=1)
def eras() -> tuple[Era, ...]:
    """Every era that texts may name."""
    return (*_congresses(), *_plenums(), *_five_year_plans(), *_finished())


def _congresses() -> Iterator[Era]:
    follows = r"(?=精神|[，。、；和]|报告|提出|部署|$|的|以|会议)"
    for number, (year, month) in _CONGRESSES.items():
        name = cn_number(number) + "大"
        pattern = rf"(?<![{_CN}会]){_loose(name)}{follows}{_SINCE}"
        yield Era(name, pattern, "congress", name, year, dt.date(year, month, 1), _after_congress(number))


def _plenums() -> Iterator[Era]:
    for number, (year, month) in _CONGRESSES.items():
        for session in range(1, 8):
            held = _PLENUMS.get((number, session), (year, month))
            name = f"{cn_number(number)}届{cn_number(session)}中"
            pattern = rf"(?<![{_CN}]){_loose(name)}(?:\s?全会)?{_SINCE}"
            yield Era(name, pattern, "plenum", name, held[0], dt.date(*held, 1), _after_congress(number))


def _after_congress(number: int) -> dt.date | None:
    """The first day on which this congress is no longer the last one."""
    later = _CONGRESSES.get(number + 1)
    return dt.date(later[0] + 1, 1, 1) if later else None


def _five_year_plans() -> Iterator[Era]:
    follows = r"(?=时期|规划|期间|发展|开局|收官|末|计划|[，。、；]|$)"
    for number, first in _FIVE_YEARS.items():
        name = f"{cn_number(number)}五"
        pattern = rf"(?<![{_CN}])“?{name}”?{follows}"
        yield Era(name, pattern, "plan", name, first, dt.date(first - 2, 1, 1), dt.date(first + 6, 1, 1))


def _finished() -> Iterator[Era]:
    # Source: declared on 1 July 2021; the state and local tax offices merged in 2018.
    society = r"全面建(?:设|成)?小康(?:社会)?(?!的?历史|后|之后|以来)"
    now = "全面建设社会主义现代化国家"
    yield Era("小康", society, "", "全面小康", 2021, dt.date(2002, 11, 1), dt.date(2022, 1, 1), now)
    tax = r"地税(?:局|部门)?"
    yield Era("地税", tax, "", "地税", 2018, dt.date(1994, 1, 1), dt.date(2019, 1, 1), "税务部门")


def _current(era: Era, day: dt.date) -> str:
    """What texts should name instead on some day."""
    family = "congress" if era.family == "plenum" else era.family
    names = [one.name for one in eras() if one.family == family and one.begins <= day]
    return era.instead or (names[-1] if names else "")


# Source: 党章 as amended in October 2017.
_THEORIES = r"邓小平理论|“?三个代表”?|科学发展观"
_CURRENT_THEORY, _CURRENT_SINCE = "习近平新时代中国特色社会主义思想", dt.date(2018, 1, 1)

_THEORY_WORDS = ("邓小平理论", "三个代表", "科学发展观")


def _named(text: str) -> list[Era]:
    """The eras that a text may name: most name none, and need not be read for each."""
    bare = "".join(text.split())
    return [era for era in eras() if era.key in bare]


def _eras(text: str, period: Period) -> Iterator[Fault]:
    for era in _named(text):
        current = _current(era, period.start)
        is_over = era.ends is not None and era.ends <= period.start and current not in text
        if is_over or era.begins > period.end:
            for match in compiled(era.pattern).finditer(text):
                if not _within(match.start(), _spans(_QUOTED, text)):
                    yield "era", match.start(), match.end(), current if is_over else period.label, era.year
    theories = list(compiled(_THEORIES).finditer(text)) if any(map(text.__contains__, _THEORY_WORDS)) else []
    if theories and period.start >= _CURRENT_SINCE and "习近平" not in text:
        last = theories[-1]
        if not _within(last.start(), _spans(_QUOTED, text)):
            yield "era", last.start(), last.end(), _CURRENT_THEORY, _CURRENT_SINCE.year - 1


_AWAITED = r"(?:喜迎|迎接|筹备|即将召开的?|将要召开的?|将于[^，。；]{1,8}召开的?)[^，。；]{0,6}$"


def _not_held(text: str, signed: dt.date) -> Iterator[Fault]:
    """Meetings that had not begun in the month in which a plan was signed."""
    for era in _named(text):
        if era.family in ("congress", "plenum") and signed < era.begins:
            for match in compiled(era.pattern).finditer(text):
                if not compiled(_AWAITED).search(text[: match.start()]):
                    wanted = f"{signed.year}年{signed.month}月"
                    yield "signature", match.start(), match.end(), wanted, era.year


# ---- ordinals ----

# The year whose first anniversary, or first edition, is one later. Source: the founding events themselves;
# 教师节 was first kept in 1985, 安全生产月 in 2002, 职业病防治法宣传周 in 2003, 全民健身日 in 2009 and
# 国家宪法日 in 2014.
_ANNIVERSARIES = (
    (r"(?:建国|新中国成立|中华人民共和国成立|国庆)", 1949),
    (r"(?:建党|中国共产党成立|党成立)", 1921),
    (r"(?:全总|中华全国总工会)(?:成立|建立|诞生)?", 1925),
    (r"(?:建军|中国人民解放军建军)", 1927),
    (r"五四(?:运动)?", 1919),
    (r"(?:抗战|抗日战争)(?:胜利)?", 1945),
    (r"(?:红军)?长征(?:胜利)?", 1936),
    (r"改革开放", 1978),
)
_EDITIONS = (
    (r"(?:教师节)", 1984),
    (r"(?:“?三八”?(?:国际)?(?:劳动)?(?:妇女)?节?|国际(?:劳动)?妇女节)", 1910),
    (r"(?:全国)?“?安全生产月”?", 2001),
    (r"(?:《?职业病防治法》?宣传周)", 2002),
    (r"(?:国家宪法日|宪法日)", 2013),
    (r"(?:全民健身日)", 2008),
)
_COUNT = rf"([0-9]{{1,3}}|[{_CN}百零]{{1,6}})"


@lru_cache(maxsize=1)
def _ordinals() -> tuple[tuple[str, str, int], ...]:
    """What a text must have, how it names the ordinal, and the year before the first."""
    anniversaries = (("周年", rf"“?{name}”?\s?{_COUNT}\s?周年", year) for name, year in _ANNIVERSARIES)
    editions = (("第", rf"第\s?{_COUNT}\s?个{name}", year) for name, year in _EDITIONS)
    bare = (
        ("个教师节", rf"(?<![第0-9{_CN}]){_COUNT}个{name}(?!前|后)", year) for name, year in _EDITIONS[:1]
    )
    return (*anniversaries, *editions, *bare)


def read_count(text: str) -> int:
    """A number up to 999, in digits or in Chinese."""
    if text.isdecimal():
        return int(text)
    hundreds, hundred, rest = text.rpartition("百")
    total = (_CN.index(hundreds) + 1 if hundreds else 1) * 100 if hundred else 0
    rest = rest.lstrip("零")
    head, ten, tail = rest.partition("十")
    if not ten:
        return total + (_CN.index(rest) + 1 if rest in _CN and rest else 0)
    return total + (_CN.index(head) + 1 if head else 1) * 10 + (_CN.index(tail) + 1 if tail else 0)


def _ordinal(text: str, period: Period) -> Iterator[Fault]:
    if "周年" not in text and "个" not in text:
        return
    for key, pattern, zero in _ordinals():
        for match in compiled(pattern).finditer(text) if key in text else ():
            try:
                found = zero + read_count(match[1])
            except ValueError:
                continue
            wanted = [year - zero for year in range(period.start.year, period.end.year + 1)]
            if found - zero not in wanted:
                yield "ordinal", match.start(), match.end(), str(shown(tuple(wanted))), found


# ---- last year ----


def _similar(case: Case) -> Iterator[Hit]:
    """How much of the plan stands word for word, or nearly, in last year's."""
    from rapidfuzz import process
    from rapidfuzz.fuzz import ratio

    similarity: Percent | None = case.get("similarity")
    wanted = float(similarity.value) if similarity else float(DEFAULT_SIMILARITY)
    texts = [subject.text for subject in case.texts() if len(subject.text) >= 10]
    last = [text for text in case.view.last if len(text) >= 10]
    total = sum(map(len, texts))
    if not total or not last:
        return
    same = sum(
        len(text)
        for text in texts
        if process.extractOne(text, last, scorer=ratio, score_cutoff=90) is not None
    )
    found = 100 * same / total
    if found >= wanted:
        data = {"found": f"{found:.0f}%", "wanted": f"{wanted:g}%"}
        yield Hit(message="similar", data=data, param="similarity")


_READERS = {"year": _years, "era": _eras, "ordinal": _ordinal}


@lru_cache(maxsize=32_768)
def _faults(name: str, text: str, period: Period) -> tuple[Fault, ...]:
    return tuple(_READERS[name](text, period))


def last_texts(view: View) -> tuple[str, ...]:
    """The paragraphs of a plan, to be compared with next year's."""
    return tuple(subject.text for subject in view.texts)
