"""The kind `festival`: what names a festival stands in the month in which it falls that year."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from planloom.calendar import Calendar
from planloom.rules.cases import Case, Hit, NotApplicable, shown
from planloom.rules.patterns import compiled
from planloom.rules.views import Subject
from planloom_schemas.dates import FESTIVALS, Festival, On, festival_name
from planloom_schemas.plan import DateSpan

NEAR_BEFORE, NEAR_AFTER, PREPARED = dt.timedelta(days=15), dt.timedelta(days=10), dt.timedelta(days=45)
"""How far a dated event may stand from its festival, and how long before it preparations may begin."""

_PREPARING = r"迎|筹备|准备|备战|前夕|之前|节前|策划|征集"
_NUMERAL = "三八|五一|五四|六一|七一|八一"
_HONOURS = r"[”\"]?(?:劳动奖|红旗|奖章|奖状|口号|中学|小学|学校)"
_AFTER_NUMERAL = r"(?=[”\"]|国际|劳动节|妇女|儿童|青年|建党|建军|节|期间|前|后|慰问|活动|庆祝|系列|联欢|表彰)"


@lru_cache(maxsize=64)
def _names(own: tuple[str, ...]) -> "re.Pattern[str]":
    """Every name of a festival, the longest first; 三八 and the like only where a day is meant."""
    plain = {*own, *FESTIVALS, *(other for others in FESTIVALS.values() for other in others)}
    numerals = set(_NUMERAL.split("|"))
    longest = sorted(plain - numerals, key=lambda name: (-len(name), name))
    words = "|".join(map(re.escape, longest))
    return re.compile(rf"(?:{words})(?!{_HONOURS})|(?:{_NUMERAL})(?!{_HONOURS}){_AFTER_NUMERAL}")


@lru_cache(maxsize=8192)
def named_festivals(text: str, own: tuple[str, ...] = ()) -> Mapping[str, str]:
    """The festivals that a text names, by their full names, each with the words that name it first."""
    found: dict[str, str] = {}
    for match in _names(own).finditer(text):
        found.setdefault(match[0] if match[0] in own else festival_name(match[0]) or match[0], match[0])
    return found


def check_festival(case: Case) -> Iterator[Hit]:
    """One of the festivals that a dated item names falls where the item stands."""
    own = tuple(sorted(case.view.festivals))
    known: dict[str, tuple[DateSpan, ...]] = {}
    judged = False
    for subject in case.some():
        if not (subject.months or subject.dates):
            continue
        named = named_festivals(f"{subject.title}\n{subject.text}", own)
        known |= {name: festival_spans(case.calendar, name) for name in named if name not in known}
        festivals = [(name, words, known[name]) for name, words in named.items() if known[name]]
        judged = judged or bool(festivals)
        if festivals and not any(_fits(subject, span) for _, _, spans in festivals for span in spans):
            name, words, spans = festivals[0]
            data = {"festival": name, "found": _where(subject), "wanted": shown(spans[0])}
            at = subject.text.find(words)
            span = (at, at + len(words)) if at >= 0 else (0, 0)
            yield Hit(message="month", subject=subject, part="on", data=data, start=span[0], end=span[1])
    if not judged:
        raise NotApplicable


def festival_spans(calendar: Calendar, name: str) -> tuple[DateSpan, ...]:
    """The days of a festival in the period."""
    return calendar.spans(On(Festival(name)))


def _where(subject: Subject) -> str:
    if subject.months:
        return "、".join(f"{month}月" for month in subject.months)
    return str(shown(subject.dates[0]))


def _fits(subject: Subject, festival: DateSpan) -> bool:
    if any(_near(span, festival) for span in subject.dates if _is_precise(span)):
        return True
    margin = PREPARED if compiled(_PREPARING).search(subject.title + subject.text) else dt.timedelta(days=0)
    if festival.start.day <= 3:
        # What is held for a festival on the first days of a month is commonly held at the end of the month
        # before.
        margin = max(margin, dt.timedelta(days=festival.start.day))
    months = {(festival.start - margin).month, festival.start.month, festival.end.month}
    if margin == PREPARED:
        months.add((festival.start - PREPARED / 2).month)
    return not months.isdisjoint(_months(subject))


def _months(subject: Subject) -> set[int]:
    return set(subject.months) or {span.start.month for span in subject.dates}


def _is_precise(span: DateSpan) -> bool:
    return (span.end - span.start).days < 27


def _near(span: DateSpan, festival: DateSpan) -> bool:
    return span.start <= festival.end + NEAR_AFTER and festival.start - NEAR_BEFORE <= span.end
