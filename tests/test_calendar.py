"""Which days symbolic dates mean, and what a year holds."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planloom.calendar import (
    Calendar,
    CalendarDay,
    DateSpan,
    festival_date,
    festival_dates,
    months_of,
    resolve_all,
    unknown_festivals,
    year_table,
)
from planloom_schemas.dates import (
    FESTIVALS,
    PARTS,
    SOLAR_TERMS,
    Base,
    Date,
    Every,
    Festival,
    Month,
    Months,
    On,
    Period,
    Quarter,
    SolarTerm,
    Span,
    Weekday,
    parse_on,
    parse_period,
)
from planloom_schemas.errors import CalendarError

Raw = dict[str, object]
YEAR, SCHOOL_YEAR, FIRST_TERM, SECOND_TERM = "2027", "2026-09/2027-08", "2026-09/2027-01", "2027-02/2027-07"


def shown(spans: tuple[DateSpan, ...]) -> str:
    """Spans as ``27-03-01~27-03-31``, a single day as one date."""
    short = [(str(span.start)[2:], str(span.end)[2:]) for span in spans]
    return " ".join(start if start == end else f"{start}~{end}" for start, end in short)


def days(raw: Raw, period: str, festivals: Mapping[str, Raw] | None = None) -> str:
    """What an expression means in a period."""
    named = {name: parse_on(on) for name, on in (festivals or {}).items()}
    return shown(Calendar(parse_period(period), named).spans(parse_on(raw)))


@pytest.mark.parametrize(
    ("raw", "period", "wanted"),
    [
        ({"month": 3}, YEAR, "27-03-01~27-03-31"),
        ({"month": 3}, SCHOOL_YEAR, "27-03-01~27-03-31"),
        ({"month": 10}, SCHOOL_YEAR, "26-10-01~26-10-31"),
        ({"month": 10}, SECOND_TERM, ""),
        ({"month": 2, "part": "上旬"}, YEAR, "27-02-01~27-02-10"),
        ({"month": 2, "part": "中旬"}, YEAR, "27-02-11~27-02-20"),
        ({"month": 2, "part": "下旬"}, "2028", "28-02-21~28-02-29"),
        ({"months": [7, 8]}, YEAR, "27-07-01~27-08-31"),
        ({"months": [7, 8]}, SCHOOL_YEAR, "27-07-01~27-08-31"),
        ({"months": [7, 8]}, SECOND_TERM, "27-07-01~27-07-31"),
        ({"months": [3, 5, 6]}, YEAR, "27-03-01~27-03-31 27-05-01~27-06-30"),
        ({"months": [12, 1]}, SCHOOL_YEAR, "26-12-01~27-01-31"),
        ({"months": [12, 1]}, YEAR, "27-01-01~27-01-31 27-12-01~27-12-31"),
        ({"months": [7, 8], "part": "上旬"}, YEAR, "27-07-01~27-07-10 27-08-01~27-08-10"),
        ({"date": "03-08"}, YEAR, "27-03-08"),
        ({"date": "03-08"}, FIRST_TERM, ""),
        ({"date": "02-29"}, YEAR, ""),
        ({"date": "02-29"}, "2028", "28-02-29"),
        ({"date": "2026-10-01"}, SCHOOL_YEAR, "26-10-01"),
        ({"date": "2026-10-01"}, YEAR, ""),
        ({"quarter": 1}, YEAR, "27-01-01~27-03-31"),
        ({"quarter": 3}, SCHOOL_YEAR, "26-09-01~26-09-30 27-07-01~27-08-31"),
        ({"quarter": 1}, SECOND_TERM, "27-02-01~27-03-31"),
        ({"solar_term": "清明"}, YEAR, "27-04-05"),
        ({"solar_term": "冬至"}, SCHOOL_YEAR, "26-12-22"),
        ({"weekday": "2nd saturday of october"}, YEAR, "27-10-09"),
        ({"weekday": "last friday of may"}, SCHOOL_YEAR, "27-05-28"),
        ({"weekday": "5th friday of february"}, YEAR, ""),
        ({"weekday": "5th tuesday of february"}, "2028", "28-02-29"),
        (
            {"every": "quarter"},
            YEAR,
            "27-01-01~27-03-31 27-04-01~27-06-30 27-07-01~27-09-30 27-10-01~27-12-31",
        ),
        ({"every": "quarter"}, SECOND_TERM, "27-02-01~27-03-31 27-04-01~27-06-30 27-07-01~27-07-31"),
        ({"every": "month", "part": "下旬"}, "2027-01/2027-02", "27-01-21~27-01-31 27-02-21~27-02-28"),
        ({"from": "04-25", "to": "05-01"}, SECOND_TERM, "27-04-25~27-05-01"),
        ({"from": "12-20", "to": "01-10"}, YEAR, "27-01-01~27-01-10 27-12-20~27-12-31"),
        ({"from": "12-20", "to": "01-10"}, SCHOOL_YEAR, "26-12-20~27-01-10"),
        ({"from": "02-10", "to": "02-29"}, YEAR, "27-02-10~27-02-28"),
        ({"from": "02-29", "to": "03-05"}, YEAR, "27-03-01~27-03-05"),
        ({"from": "2027-06-20", "to": "2027-09-10"}, SCHOOL_YEAR, "27-06-20~27-08-31"),
        ({"from": "2026-01-01", "to": "2030-01-01"}, YEAR, "27-01-01~27-12-31"),
        ({"festival": "春节"}, YEAR, "27-02-06"),
        ({"festival": "重阳节"}, YEAR, "27-10-08"),
        ({"festival": "重阳节"}, "2028", "28-10-26"),
        ({"festival": "清明节"}, SECOND_TERM, "27-04-05"),
        ({"festival": "全国助残日"}, YEAR, "27-05-16"),
        ({"festival": "中秋"}, FIRST_TERM, "26-09-25"),
    ],
)
def test_days_of_an_expression(raw: Raw, period: str, wanted: str) -> None:
    """Each form means its days in a calendar year, a school year or a term, clipped to it."""
    assert days(raw, period) == wanted


@pytest.mark.parametrize(
    ("raw", "period", "wanted"),
    [
        ({"date": "03-08", "before": "10 days"}, YEAR, "27-02-26~27-03-07"),
        ({"date": "03-08", "after": "1 day"}, YEAR, "27-03-09"),
        ({"date": "03-08", "before": 2, "after": 3}, YEAR, "27-03-06~27-03-11"),
        ({"month": 3, "before": "5 days"}, YEAR, "27-02-24~27-02-28"),
        ({"months": [7, 8], "before": 1, "after": 1}, YEAR, "27-06-30~27-09-01"),
        ({"every": "quarter", "after": "2 days"}, SECOND_TERM, "27-04-01~27-04-02 27-07-01~27-07-02"),
        ({"festival": "春节", "before": "10 days"}, YEAR, "27-01-27~27-02-05"),
        ({"festival": "春节", "before": "10 days"}, FIRST_TERM, "27-01-27~27-01-31"),
        ({"festival": "春节", "before": "30 days"}, "2027-12/2027-12", "27-12-27~27-12-31"),
        ({"month": 1, "before": "20 days"}, YEAR, "27-12-12~27-12-31"),
        ({"from": "12-20", "to": "01-10", "after": "5 days"}, YEAR, "27-01-11~27-01-15"),
        ({"date": "12-31", "after": "365 days"}, YEAR, "27-01-01~27-12-31"),
    ],
)
def test_days_around_a_base(raw: Raw, period: str, wanted: str) -> None:
    """The days before or after leave the base out, both take it in, and a base outside the period counts."""
    assert days(raw, period) == wanted


def test_every_month_is_twelve_spans() -> None:
    """Each month is a span of its own, in whichever year it falls."""
    for period in (YEAR, SCHOOL_YEAR):
        spans = Calendar(parse_period(period)).spans(On(Every("month")))
        assert len(spans) == 12
        assert sorted(span.start.month for span in spans) == list(range(1, 13))


TABLE = """
2024 02-10 02-24 04-04 06-10 09-17 10-11 12-21
2025 01-29 02-12 04-04 05-31 10-06 10-29 12-21
2026 02-17 03-03 04-05 06-19 09-25 10-18 12-22
2027 02-06 02-20 04-05 06-09 09-15 10-08 12-22
2028 01-26 02-09 04-04 05-28 10-03 10-26 12-21
2029 02-13 02-27 04-04 06-16 09-22 10-16 12-21
2030 02-03 02-17 04-05 06-05 09-12 10-05 12-22
"""


@pytest.mark.parametrize("row", TABLE.split("\n")[1:-1])
def test_lunar_festivals_and_solar_terms(row: str) -> None:
    """春节 元宵 清明 端午 中秋 重阳 冬至 fall where a published almanac has them."""
    year, *wanted = row.split()
    names = ("春节", "元宵", "清明", "端午", "中秋", "重阳")
    found = [str(festival_date(name, int(year)))[5:] for name in names]
    assert [*found, days({"solar_term": "冬至"}, year)[3:]] == wanted


def test_lunar_dates_agree_with_another_library() -> None:
    """From 2020 to 2056 the lunar calendars of two independent libraries agree day for day."""
    from holidays import country_holidays

    years = range(2020, 2057)
    mainland = country_holidays("CN", years=years, language="zh_CN", observed=False)
    hong_kong = country_holidays("HK", years=years, language="zh_CN", observed=False)
    macau = country_holidays(
        "MO", years=years, language="zh_CN", observed=False, categories=("public", "government")
    )
    for year in years:
        for name in ("春节", "清明节", "端午节", "中秋节"):
            assert festival_date(name, year) == min(
                day for day, label in mainland.items() if day.year == year and name in label.split("; ")
            )
        assert "重阳节" in hong_kong[festival_date("重阳", year) or date.min]
        assert "冬至" in macau[Calendar(parse_period(year)).spans(On(SolarTerm("冬至")))[0].start]


def test_the_eve_is_the_day_before_spring_festival() -> None:
    """除夕 is the last day of the lunar year, be it the 29th or the 30th."""
    for year in range(2020, 2060):
        eve, festival = festival_date("除夕", year), festival_date("春节", year)
        assert eve is not None
        assert festival == eve + timedelta(days=1)


def test_laba_may_fall_twice_or_never_in_a_year() -> None:
    """A lunar festival near the year's end is looked for by day, not by year."""
    dates = festival_dates("腊八", date(2020, 1, 1), date(2040, 12, 31))
    per_year = [sum(day.year == year for day in dates) for year in range(2020, 2041)]
    assert set(per_year) <= {0, 1, 2}
    assert per_year[2022 - 2020] == 2
    assert per_year[2023 - 2020] == 0
    assert festival_date("腊八", 2023) is None


def test_an_unknown_festival_has_no_date() -> None:
    """Only festivals known to everyone have a date of their own."""
    assert festival_date("厂庆日", 2027) is None


def test_every_known_festival_has_a_day_each_school_year() -> None:
    """The festivals and their rules are two tables of the same names."""
    for name in FESTIVALS:
        assert len(festival_dates(name, date(2026, 9, 1), date(2027, 8, 31))) == 1


def test_layers_name_their_own_festivals() -> None:
    """A festival of a layer has the days it states, shifts included, and may be reckoned from another."""
    own: dict[str, Raw] = {
        "厂庆日": {"date": "05-20"},
        "厂庆周": {"festival": "厂庆日", "before": 3, "after": 3},
    }
    assert days({"festival": "厂庆日"}, YEAR, own) == "27-05-20"
    assert days({"festival": "厂庆周"}, YEAR, own) == "27-05-17~27-05-23"
    assert days({"festival": "厂庆周", "before": 1}, YEAR, own) == "27-05-16"


def test_layers_do_not_move_known_festivals() -> None:
    """A layer that gives another date to a known festival changes nothing."""
    assert (
        days({"festival": "国庆"}, YEAR, {"国庆节": {"date": "01-01"}, "国庆": {"date": "01-01"}})
        == "27-10-01"
    )


@pytest.mark.parametrize(
    ("raw", "festivals", "message", "fix"),
    [
        ({"festival": "中球节"}, {}, "no festival is called 中球节", "did you mean 中秋节?"),
        ({"festival": "冬至节"}, {}, "no festival is called 冬至节", "write solar_term: 冬至"),
        ({"festival": "XX"}, {}, "no festival is called XX", "festivals: {XX: {date: 05-20}}"),
        (
            {"festival": "厂庆"},
            {"厂庆日": {"date": "05-20"}},
            "no festival is called 厂庆",
            "did you mean 厂庆日?",
        ),
        (
            {"festival": "甲"},
            {"甲": {"festival": "乙"}, "乙": {"festival": "甲"}},
            "these dates are reckoned from each other: 甲 → 乙 → 甲",
            "give one of them a date of its own",
        ),
        (
            {"festival": "甲"},
            {"甲": {"activity": "congress"}},
            "the festival 甲 is reckoned from the activity congress",
            "give the festival a date",
        ),
        (
            {"activity": "congress"},
            {},
            "reckoned from congress, but there is no such activity",
            "or give a date",
        ),
    ],
)
def test_what_has_no_days_is_named(raw: Raw, festivals: dict[str, Raw], message: str, fix: str) -> None:
    """An expression that leads nowhere says what is missing and what to write."""
    with pytest.raises(CalendarError) as caught:
        days(raw, YEAR, festivals)
    [problem] = caught.value.problems
    assert message in problem.text()
    assert fix in problem.fix_text()


def test_unknown_festivals_are_known_beforehand() -> None:
    """A loader can ask which names nobody knows, before any calendar exists."""
    assert unknown_festivals(parse_on({"festival": "厂庆日"}), []) == ["厂庆日"]
    assert unknown_festivals(parse_on({"festival": "厂庆日"}), ["厂庆日"]) == []
    assert unknown_festivals(parse_on({"festival": "三八"}), []) == []
    assert unknown_festivals(parse_on({"month": 3}), []) == []


def resolved(ons: Mapping[str, Raw], period: str = YEAR) -> dict[str, str]:
    """The dates of activities that may be reckoned from each other."""
    found = resolve_all({key: parse_on(raw) for key, raw in ons.items()}, Calendar(parse_period(period)))
    return {key: shown(spans) for key, spans in found.items()}


def test_activities_are_reckoned_from_activities() -> None:
    """A reference without shift has the same dates; shifts add up along a chain."""
    assert resolved(
        {
            "report": {"activity": "congress", "after": "10 days"},
            "call": {"activity": "congress", "before": "60 days"},
            "notice": {"activity": "call", "before": "2 days"},
            "party": {"activity": "congress"},
            "congress": {"month": 4, "part": "下旬"},
        }
    ) == {
        "report": "27-05-01~27-05-10",
        "call": "27-02-20~27-04-20",
        "notice": "27-02-18~27-02-19",
        "party": "27-04-21~27-04-30",
        "congress": "27-04-21~27-04-30",
    }


def test_a_reference_means_what_the_other_says() -> None:
    """A reference is the other's expression, not its clipped dates: here the congress of next January."""
    found = resolved({"call": {"activity": "congress", "before": "10 days"}, "congress": {"month": 1}})
    assert found == {"call": "27-12-22~27-12-31", "congress": "27-01-01~27-01-31"}


def test_shifts_of_a_chain_reach_back_over_years() -> None:
    """A date two years before the period counts when the shifts of a chain lead from it into the period."""
    ons: dict[str, Raw] = {
        "last": {"activity": "middle", "after": "300 days"},
        "middle": {"activity": "first", "after": "300 days"},
        "first": {"date": "12-01"},
    }
    assert resolved(ons)["last"] == "27-01-01~27-07-24 27-09-28~27-12-31"


def test_given_dates_of_activities() -> None:
    """A single expression may be resolved with dates already known, as a mapping or a function."""
    calendar, on = Calendar(parse_period(YEAR)), parse_on({"activity": "congress", "before": "3 days"})
    known = {"congress": (DateSpan(start=date(2027, 3, 8), end=date(2027, 3, 9)),)}
    assert shown(calendar.spans(on, known)) == "27-03-05~27-03-07"
    assert calendar.spans(on, lambda activity: known[activity]) == calendar.spans(on, known)


def test_long_chains_of_activities() -> None:
    """Two hundred activities, each a year before the next, lead out of the period and out of no calendar."""
    ons: dict[str, Raw] = {f"a{n}": {"activity": f"a{n + 1}", "before": 366} for n in range(200)}
    found = resolved({**ons, "a200": {"month": 3}})
    assert found["a200"] == "27-03-01~27-03-31"
    assert found["a0"] == ""


def test_all_problems_of_activities_come_at_once() -> None:
    """Cycles, unknown activities and unknown festivals are listed together, each cycle once and in full."""
    with pytest.raises(CalendarError) as caught:
        resolved(
            {
                "c": {"activity": "a"},
                "a": {"activity": "b"},
                "b": {"activity": "c", "before": "3 days"},
                "into": {"activity": "b"},
                "self": {"activity": "self"},
                "lost": {"activity": "congres"},
                "congress": {"festival": "春劫"},
            }
        )
    assert [(problem.code, problem.path, problem.text()) for problem in caught.value.problems] == [
        ("DateCycle", "activities/a/on", "these dates are reckoned from each other: a → b → c → a"),
        ("UnknownFestival", "activities/congress/on", "no festival is called 春劫"),
        (
            "UnknownActivity",
            "activities/lost/on",
            "the date is reckoned from congres, but there is no such activity",
        ),
        ("DateCycle", "activities/self/on", "these dates are reckoned from each other: self → self"),
    ]


@pytest.mark.parametrize(
    ("raw", "period", "months"),
    [
        ({"months": [7, 8]}, YEAR, (7, 8)),
        ({"from": "12-20", "to": "01-10"}, SCHOOL_YEAR, (12, 1)),
        ({"from": "12-20", "to": "01-10"}, YEAR, (1, 12)),
        ({"every": "month"}, SCHOOL_YEAR, (9, 10, 11, 12, 1, 2, 3, 4, 5, 6, 7, 8)),
        ({"date": "02-29"}, YEAR, ()),
    ],
)
def test_months_in_the_order_of_the_dates(raw: Raw, period: str, months: tuple[int, ...]) -> None:
    """The months a list of spans touches, in the order in which they come."""
    assert months_of(Calendar(parse_period(period)).spans(parse_on(raw))) == months


# ---- against a count of days ----

MONTH = st.integers(1, 12)
PART = st.none() | st.sampled_from(PARTS)
DAY = st.dates(date(2024, 1, 1), date(2024, 12, 31)).map(lambda day: Date(day.month, day.day))


def _apart(ends: tuple[Date, Date]) -> bool:
    """Whether a span leaves at least a month of each year free, so that its years do not touch."""
    start, end = ((date(2024, day.month, day.day).timetuple().tm_yday) for day in ends)
    return ends[0].month != ends[1].month and (end - start) % 366 < 330


PERIODS = st.tuples(st.dates(date(2021, 1, 1), date(2033, 12, 31)), st.integers(0, 500)).map(
    lambda pair: Period(pair[0], pair[0] + timedelta(days=pair[1]))
)
BASES: st.SearchStrategy[Base] = st.one_of(
    st.builds(Month, MONTH, PART),
    st.builds(
        Months, st.sets(MONTH, min_size=1, max_size=11).map(lambda months: tuple(sorted(months))), PART
    ),
    DAY,
    st.builds(Festival, st.sampled_from(sorted(FESTIVALS))),
    st.builds(Quarter, st.integers(1, 4)),
    st.builds(SolarTerm, st.sampled_from(SOLAR_TERMS)),
    st.builds(Weekday, st.sampled_from([1, 2, 3, 4, 5, -1]), st.integers(0, 6), MONTH),
    st.tuples(DAY, DAY).filter(_apart).map(lambda ends: Span(*ends)),
)
SHIFT = st.none() | st.integers(1, 366)


def _in_part(day: date, part: str | None) -> bool:
    return part is None or part == PARTS[min((day.day - 1) // 10, 2)]


def _belongs(base: Base) -> Callable[[date], bool]:
    """Whether a single day belongs to a base, said without any span."""
    match base:
        case Month(month, part):
            return lambda day: day.month == month and _in_part(day, part)
        case Months(months, part):
            return lambda day: day.month in months and _in_part(day, part)
        case Date(month, number):
            return lambda day: (day.month, day.day) == (month, number)
        case Quarter(quarter):
            return lambda day: (day.month + 2) // 3 == quarter
        case Weekday(-1, weekday, month):
            return lambda day: (
                day.month == month != (day + timedelta(days=7)).month and day.weekday() == weekday
            )
        case Weekday(n, weekday, month):
            return lambda day: day.month == month and day.weekday() == weekday and (day.day + 6) // 7 == n
        case Span(start, end):
            first, last = (start.month, start.day), (end.month, end.day)
            if first <= last:
                return lambda day: first <= (day.month, day.day) <= last
            return lambda day: (day.month, day.day) >= first or (day.month, day.day) <= last
        case Festival(name):
            return lambda day: bool(festival_dates(name, day, day))
        case _:
            return lambda day: Calendar(Period(day, day)).spans(On(base)) != ()


def _runs(base: Base, first: date, last: date) -> list[tuple[date, date]]:
    """Every unbroken run of days that belong to a base."""
    belongs, runs, day = _belongs(base), list[tuple[date, date]](), first
    while day <= last:
        if belongs(day):
            joins = bool(runs) and runs[-1][1] == day - timedelta(days=1)
            runs[-1:] = [(runs[-1][0], day)] if joins else [*runs[-1:], (day, day)]
        day += timedelta(days=1)
    return runs


@given(BASES, SHIFT, SHIFT, PERIODS)
def test_spans_against_counting_days(
    base: Base, before: int | None, after: int | None, period: Period
) -> None:
    """Shifting and clipping give what counting every single day of the years around gives."""
    wanted: set[tuple[date, date]] = set()
    for start, end in _runs(base, period.start - timedelta(days=800), period.end + timedelta(days=800)):
        first = start - timedelta(days=before) if before else end + timedelta(days=1) if after else start
        last = end + timedelta(days=after) if after else start - timedelta(days=1) if before else end
        if first <= period.end and last >= period.start:
            wanted.add((max(first, period.start), min(last, period.end)))
    found = Calendar(period).spans(On(base, before, after))
    assert [(span.start, span.end) for span in found] == sorted(wanted)


@given(BASES | st.builds(Every, st.just("month"), PART), SHIFT, SHIFT, PERIODS)
def test_spans_are_sorted_and_inside(
    base: Base, before: int | None, after: int | None, period: Period
) -> None:
    """Spans come in order, none twice, none empty, none outside; and clipping again changes nothing."""
    found = Calendar(period).spans(On(base, before, after))
    pairs = [(span.start, span.end) for span in found]
    assert pairs == sorted(set(pairs))
    assert all(period.start <= start <= end <= period.end for start, end in pairs)
    for span in found:
        inner = Calendar(Period(span.start, span.end)).spans(On(base, before, after))
        assert span in inner


@given(BASES, PERIODS, st.integers(0, 500))
def test_a_longer_period_keeps_what_a_shorter_one_has(base: Base, period: Period, cut: int) -> None:
    """The days in a part of a period are the days in the whole, cut to the part."""
    part = Period(period.start, max(period.start, period.end - timedelta(days=cut)))
    whole = {(span.start, min(span.end, part.end)) for span in Calendar(period).spans(On(base))}
    found = [(span.start, span.end) for span in Calendar(part).spans(On(base))]
    assert found == sorted(span for span in whole if span[0] <= part.end)


# ---- a year at a glance ----


def lines(table: tuple[CalendarDay, ...], *kinds: str) -> list[str]:
    """Rows of some kinds as ``start~end name status``."""
    return [
        f"{shown((DateSpan(start=row.start, end=row.end),))} {row.name} {row.status}"
        for row in table
        if row.kind in kinds
    ]


def test_an_announced_year_has_its_working_weekends() -> None:
    """2026 is as the State Council announced it, with the weekends worked in exchange."""
    table = year_table(2026)
    assert lines(table, "workday") == [
        "26-01-04 补班 announced",
        "26-02-14 补班 announced",
        "26-02-28 补班 announced",
        "26-05-09 补班 announced",
        "26-09-20 补班 announced",
        "26-10-10 补班 announced",
    ]
    found = lines(table, "holiday")
    assert "26-02-17~26-02-19 春节 announced" in found
    assert "26-02-20 休息日（由 2026-02-14 调休） announced" in found
    assert "26-04-06 清明节（补假） announced" in found
    assert {row.note for row in table if row.kind == "workday"} == {"by notice of the State Council"}


def test_a_year_without_notice_is_computed() -> None:
    """Where no arrangement is known the thirteen days are reckoned and no weekend is claimed to be worked."""
    from planloom.almanac import statutory

    year = next(year for year in range(2027, 2060) if not statutory(year).announced)
    table = year_table(year)
    assert lines(table, "workday") == []
    assert {row.status for row in table if row.kind == "holiday"} == {"computed"}
    named = [name for _, name in statutory(year).holidays if "补假" not in name]
    assert len(named) == 13


def test_half_days_are_marked() -> None:
    """The four days that are half holidays for some say so."""
    half = [row.name for row in year_table(2027) if row.note == "half a day off for those it concerns"]
    assert half == ["国际妇女节", "五四青年节", "六一儿童节", "建军节"]


def test_the_year_is_complete_and_in_order() -> None:
    """All solar terms and all festivals of the year are there, by date."""
    table = year_table(2027)
    assert [row.name for row in table if row.kind == "solar-term"] == list(SOLAR_TERMS)
    assert {row.name for row in table if row.kind == "festival"} == set(FESTIVALS)
    assert [row.start for row in table] == sorted(row.start for row in table)


def test_observances_of_layers() -> None:
    """Days, weeks and months that layers name stand in the table; known festivals are not repeated."""
    observances = {
        "安全生产月": parse_on({"month": 6}),
        "职业病防治法宣传周": parse_on({"from": "04-25", "to": "05-01"}),
        "教师节": parse_on({"date": "09-10"}),
    }
    assert lines(year_table(2027, observances), "observance") == [
        "27-04-25~27-05-01 职业病防治法宣传周 computed",
        "27-06-01~27-06-30 安全生产月 computed",
    ]
