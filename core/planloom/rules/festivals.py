"""The kind `festival`: what names a festival stands in the month in which it falls that year.

An activity has one time. Running text has several: a festival is held against the time that stands nearest
before its name in the same clause, and against nothing if the clause has no time.
"""

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from attrs import evolve

from planloom.calendar import Calendar, months_of
from planloom.regexes import compiled
from planloom.rules.cases import Case, Hit, NotApplicable, shown
from planloom.rules.views import Subject
from planloom_schemas.dates import FESTIVALS, Festival, On, Period, festival_name
from planloom_schemas.plan import DateSpan
from planloom_schemas.records import frozen

NEAR_BEFORE, NEAR_AFTER, PREPARED = dt.timedelta(days=15), dt.timedelta(days=10), dt.timedelta(days=45)
"""How far a dated event may stand from its festival, and how long before it preparations may begin."""

_PREPARING = "迎|筹备|准备|备战|前夕|之前|节前|策划|征集|方案|部署|报名|通知|采购|摸底|启动|评选|评先|推荐|推选|制定|制订"
_LOOKING_BACK = "总结|通报|公布|公示|回访|核销|报销|报账|以来|之后|节后"
_NUMERAL = "三八|五一|五四|六一|七一|八一"
_HONOURS = r"[”\"]?(?:劳动奖|红旗|奖章|奖状|口号|中学|小学|学校)"
_AFTER_NUMERAL = r"(?=[”\"]|国际|劳动节|妇女|儿童|青年|建党|建军|节|期间|前|后|慰问|活动|庆祝|系列|联欢|表彰)"


def _says(text: str, words: Iterable[str]) -> bool:
    return any(map(text.__contains__, words))


@lru_cache(maxsize=64)
def _words(own: tuple[str, ...]) -> tuple[str, ...]:
    """Every name of a festival."""
    return tuple({*own, *FESTIVALS, *(other for others in FESTIVALS.values() for other in others)})


@lru_cache(maxsize=64)
def _names(own: tuple[str, ...]) -> "re.Pattern[str]":
    """Every name of a festival, the longest first; 三八 and the like only where a day is meant."""
    numerals = set(_NUMERAL.split("|"))
    longest = sorted(set(_words(own)) - numerals, key=lambda name: (-len(name), name))
    words = "|".join(map(re.escape, longest))
    return compiled(rf"(?:{words})(?!{_HONOURS})|(?:{_NUMERAL})(?!{_HONOURS}){_AFTER_NUMERAL}")


@frozen
class Mention:
    """A festival that a text names: its full name, where the name stands, and the clause around it."""

    name: str
    start: int
    end: int
    start_of_clause: int
    end_of_clause: int


_CLAUSE_ENDS = "，；。：\n"


@lru_cache(maxsize=8192)
def mentions(text: str, own: tuple[str, ...] = ()) -> tuple[Mention, ...]:
    """Every festival that a text names, each time it does."""
    found: list[Mention] = []
    if not _says(text, _words(own)):
        return ()
    for match in _names(own).finditer(text):
        name = match[0] if match[0] in own else festival_name(match[0]) or match[0]
        start = max(text.rfind(mark, 0, match.start()) for mark in _CLAUSE_ENDS) + 1
        ends = (at for mark in _CLAUSE_ENDS if (at := text.find(mark, match.end())) >= 0)
        found.append(Mention(name, match.start(), match.end(), start, min(ends, default=len(text))))
    return tuple(found)


def check_festival(case: Case) -> Iterator[Hit]:
    """One of the festivals that a dated item names falls where the item stands."""
    judge = _Judge(case)
    for subject in case.some():
        if not mentions(f"{subject.title}\n{subject.text}", judge.own):
            continue
        is_running = not subject.title and "月" in subject.text and compiled(_TIME).search(subject.text)
        yield from judge.clauses(subject) if is_running else judge.whole(subject)
    if not judge.judged:
        raise NotApplicable


class _Judge:
    """Holds festivals against the times at which they are named."""

    def __init__(self, case: Case) -> None:
        self.calendar = case.calendar
        self.own = tuple(sorted(case.view.festivals))
        self.known: dict[str, tuple[DateSpan, ...]] = {}
        self.judged = False

    def whole(self, subject: Subject) -> Iterator[Hit]:
        """An item with one time: one of the festivals it names must fall there."""
        if not (subject.months or subject.dates):
            return
        lead = len(subject.title) + 1
        text = f"{subject.title}\n{subject.text}"
        named = [each for each in mentions(text, self.own) if self.spans(each.name)]
        self.judged = self.judged or bool(named)
        if named and not any(self._fits(subject, each.name, text) for each in named):
            first = next((each for each in named if each.start >= lead), None)
            place = (
                (first.start - lead, first.end - lead) if first and first.name == named[0].name else (0, 0)
            )
            yield self._hit(subject, named[0].name, _where(subject), *place)

    def clauses(self, subject: Subject) -> Iterator[Hit]:
        """Running text: one of the festivals that a clause names at a time must fall there."""
        text = subject.text
        timed: dict[int, list[tuple[_Time, Mention]]] = {}
        for each in mentions(text, self.own):
            time = _time_of(text, each)
            if time is not None and self.spans(each.name):
                timed.setdefault(time.start, []).append((time, each))
        for (time, first), *others in timed.values():
            self.judged = True
            clause = text[first.start_of_clause : first.end_of_clause]
            said = evolve(subject, months=time.months, dates=time.dates(self.calendar.period))
            names = [first.name, *(each.name for _, each in others)]
            if not any(self._fits(said, name, clause) for name in names):
                yield self._hit(subject, first.name, _where(said), first.start, first.end)

    def spans(self, name: str) -> tuple[DateSpan, ...]:
        """The days of a festival in the period."""
        if name not in self.known:
            self.known[name] = festival_spans(self.calendar, name)
        return self.known[name]

    def _fits(self, subject: Subject, name: str, text: str) -> bool:
        is_prepared = _says(text, _PREPARING.split("|"))
        if any(_fits(subject, span, is_prepared) for span in self.spans(name)):
            return True
        # What is held in December may be meant for a New Year that the plan does not reach.
        period = self.calendar.period
        later = Calendar(Period(period.start, period.end + PREPARED), self.calendar.festivals)
        return any(_fits(subject, span, is_prepared) for span in festival_spans(later, name))

    def _hit(self, subject: Subject, name: str, found: str, start: int, end: int) -> Hit:
        data = {"festival": name, "found": found, "wanted": shown(self.spans(name)[0])}
        return Hit(message="month", subject=subject, part="on", data=data, start=start, end=end)


def festival_spans(calendar: Calendar, name: str) -> tuple[DateSpan, ...]:
    """The days of a festival in the period."""
    return calendar.spans(On(Festival(name)))


# ---- the times of running text ----

_CN = "一二三四五六七八九十"
_NUMBER = f"(?:1[0-2]|[1-9]|十[一二]?|[{_CN}])"
_DAY = "(?:3[01]|[12][0-9]|[1-9])"
_TIME = (
    f"(?:(?<![0-9{_CN}])(?P<first>{_NUMBER})月?份?[—–－~～至到、和及-])?"
    f"(?<![0-9{_CN}历])(?P<month>{_NUMBER})月(?!初[{_CN}]|十五|廿)份?"
    f"(?:(?P<day>{_DAY})[日号](?:[—–－~～至到-]{_DAY}[日号])?)?"
)
"""A month or two, with the day; not a day of the lunar calendar, as 八月十五 is."""
_TIME_ALONE = f"(?:^|[。；）.．、\\n]) ?{_TIME}(?:上旬|中旬|下旬|初|底|末)?，$"
"""A time that a comma sets before its sentence."""
_OPEN = "至|到|起|止|[日底末旬份月]之?前|以前"
"""Between a time and a festival: the time is where something begins or ends, not when the festival is kept."""
_AFTERWARDS = "(?:于|在|放到|改到|推迟到)$"


@frozen
class _Time:
    """A time in running text: where it stands, its months, and the day or 0."""

    start: int
    months: tuple[int, ...]
    day: int

    def dates(self, period: Period) -> tuple[DateSpan, ...]:
        """The day, in each year of the period; of whole months none."""
        found: list[DateSpan] = []
        for year in range(period.start.year, period.end.year + 1) if self.day else ():
            try:
                day = dt.date(year, self.months[0], self.day)
            except ValueError:
                continue
            found.append(DateSpan(start=day, end=day))
        return tuple(found)


def _time_of(text: str, mention: Mention) -> _Time | None:
    """The time of a festival: the nearest before its name, or that before the comma, or the one behind with 于."""
    start, end = mention.start_of_clause, mention.end_of_clause
    if _says(text[start:end], _LOOKING_BACK.split("|")):
        return None
    before = list(compiled(_TIME).finditer(text, start, mention.start))
    if before:
        between = text[before[-1].end() - 1 : mention.start]
        return None if compiled(_OPEN).search(between) else _read(before[-1])
    if alone := compiled(_TIME_ALONE).search(text[:start]):
        return _read(alone)
    after = list(compiled(_TIME).finditer(text, mention.end, end))
    is_meant = len(after) == 1 and compiled(_AFTERWARDS).search(text[mention.end : after[0].start()])
    return _read(after[0]) if is_meant else None


def _read(match: "re.Match[str]") -> _Time:
    last = _month(match["month"])
    first = _month(match["first"]) if match["first"] else last
    months = tuple((first - 1 + step) % 12 + 1 for step in range((last - first) % 12 + 1))
    return _Time(match.start(), months, int(match["day"]) if match["day"] and first == last else 0)


def _month(text: str) -> int:
    if text.isdecimal():
        return int(text)
    return 10 + _CN.index(text[1]) + 1 if len(text) == 2 else _CN.index(text) + 1


def _where(subject: Subject) -> str:
    if subject.months:
        return "、".join(f"{month}月" for month in subject.months)
    return str(shown(subject.dates[0]))


# ---- whether a time fits ----


def _fits(subject: Subject, festival: DateSpan, is_prepared: bool) -> bool:
    precise = [span for span in subject.dates if _is_precise(span)]
    months = {festival.start.month, festival.end.month}
    if any(_near(span, festival) or (is_prepared and _ahead(span, festival)) for span in precise):
        return True
    if not precise or len(precise) < len(subject.dates):
        margin = PREPARED if is_prepared else dt.timedelta(days=0)
        if festival.start.day <= 3:
            # What is held for a festival on the first days of a month is commonly held at the end of the
            # month before.
            margin = max(margin, dt.timedelta(days=festival.start.day))
        months.add((festival.start - margin).month)
        if is_prepared:
            months.add((festival.start - PREPARED / 2).month)
    return not months.isdisjoint(_months(subject))


def _months(subject: Subject) -> set[int]:
    return set(subject.months or months_of(subject.dates))


def _is_precise(span: DateSpan) -> bool:
    return (span.end - span.start).days < 27


def _near(span: DateSpan, festival: DateSpan) -> bool:
    return span.start <= festival.end + NEAR_AFTER and festival.start - NEAR_BEFORE <= span.end


def _ahead(span: DateSpan, festival: DateSpan) -> bool:
    return span.start <= festival.end and festival.start - PREPARED <= span.end
