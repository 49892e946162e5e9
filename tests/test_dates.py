"""How dates, periods and lengths of time are read and written."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planloom_schemas.dates import (
    FESTIVALS,
    PARTS,
    SOLAR_TERMS,
    ActivityRef,
    Base,
    Date,
    DateError,
    Every,
    Festival,
    Month,
    Months,
    On,
    OnError,
    Period,
    Quarter,
    SolarTerm,
    Span,
    Weekday,
    festival_name,
    format_on,
    has_year,
    parse_date,
    parse_days,
    parse_on,
    parse_period,
)


def said(error: DateError) -> list[tuple[tuple[str | int, ...], str, str]]:
    """Where, what is wrong, what to do: as printed."""
    return [
        (issue.path, issue.message.format(**issue.params), issue.fix.format(**issue.params))
        for issue in error.issues
    ]


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ({"month": 3}, On(Month(3))),
        ({"month": 3, "part": "下旬"}, On(Month(3, "下旬"))),
        ({"months": [8, 7]}, On(Months((7, 8)))),
        ({"months": [7, 7, 8], "part": "上旬"}, On(Months((7, 8), "上旬"))),
        ({"date": "03-08"}, On(Date(3, 8))),
        ({"date": "3-8"}, On(Date(3, 8))),
        ({"date": "2027-03-08"}, On(Date(3, 8, 2027))),
        ({"date": "02-29"}, On(Date(2, 29))),
        ({"festival": "春节", "before": "10 days"}, On(Festival("春节"), before=10)),
        ({"festival": "三八"}, On(Festival("妇女节"))),
        ({"festival": "厂庆日"}, On(Festival("厂庆日"))),
        ({"quarter": 2}, On(Quarter(2))),
        ({"solar_term": "清明"}, On(SolarTerm("清明"))),
        ({"weekday": "2nd saturday of october"}, On(Weekday(2, 5, 10))),
        ({"weekday": "Last Friday of May"}, On(Weekday(-1, 4, 5))),
        ({"weekday": "十月第二个星期六"}, On(Weekday(2, 5, 10))),
        ({"weekday": "10月第2个周六"}, On(Weekday(2, 5, 10))),
        ({"weekday": "五月最后一个星期五"}, On(Weekday(-1, 4, 5))),
        ({"weekday": "十二月第一个星期天"}, On(Weekday(1, 6, 12))),
        ({"every": "month", "part": "中旬"}, On(Every("month", "中旬"))),
        ({"every": "quarter"}, On(Every("quarter"))),
        ({"from": "12-20", "to": "01-10"}, On(Span(Date(12, 20), Date(1, 10)))),
        ({"from": "2027-03-01", "to": "2027-04-02"}, On(Span(Date(3, 1, 2027), Date(4, 2, 2027)))),
        ({"activity": "congress", "before": "60天", "after": 5}, On(ActivityRef("congress"), 60, 5)),
    ],
)
def test_every_form_is_read_to_its_value(raw: dict[str, object], wanted: On) -> None:
    """Each way of writing a date gives one value, and that value reads back the same."""
    on = parse_on(raw)
    assert on == wanted
    assert hash(on) == hash(wanted)
    assert parse_on(format_on(on)) == on


@pytest.mark.parametrize(
    ("raw", "path", "message", "fix"),
    [
        ({}, (), "“on” says no time", "write exactly one of: month, months, date, festival"),
        ({"before": "3 days"}, (), "“on” says no time", "write exactly one of: month"),
        ({"month": 3, "date": "03-08"}, (), "“on” has 2 bases: month, date", "keep one of them"),
        ({"mnth": 3}, ("mnth",), "“on” knows no mnth", "did you mean month?"),
        ({"zzz": 3}, ("zzz",), "“on” knows no zzz", "use one of: month"),
        ({"month": 13}, ("month",), "13 should be a whole number from 1 to 12", "from 1 to 12"),
        ({"month": True}, ("month",), "True should be a whole number from 1 to 12", "from 1 to 12"),
        ({"month": "３"}, ("month",), "３ has full-width digits", "write 3"),
        ({"months": [7, 0]}, ("months", 1), "0 should be a whole number from 1 to 12", "from 1 to 12"),
        ({"months": 7}, ("months",), "months should be a list of months, but is 7", "[7, 8]"),
        ({"months": []}, ("months",), "months should be a list of months, but is []", "[7, 8]"),
        ({"date": "02-30"}, ("date",), "02-30: month 2 has at most 29 days", "from 1 to 29"),
        ({"date": "2027-02-29"}, ("date",), "2027-02-29: month 2 of 2027 has 28 days", "from 1 to 28"),
        ({"date": "13-01"}, ("date",), "13-01: there is no month 13", "from 1 to 12"),
        ({"date": "三月八日"}, ("date",), "三月八日 is no date", "03-08"),
        ({"date": "０３-０８"}, ("date",), "０３-０８ has full-width digits", "write 03-08"),
        ({"date": 308}, ("date",), "308 should be a text", "write it as a text"),
        ({"date": "1066-10-14"}, ("date",), "the year 1066 is outside 1950 to 2099", "check the year"),
        ({"weekday": "6th friday of may"}, ("weekday",), "6th friday of may is no weekday of a month", "2nd"),
        (
            {"weekday": "十三月第一个星期六"},
            ("weekday",),
            "十三月第一个星期六 is no weekday of a month",
            "2nd",
        ),
        (
            {"month": 3, "part": "月初"},
            ("part",),
            "月初 is none of: 上旬 中旬 下旬",
            "use one of: 上旬 中旬 下旬",
        ),
        ({"date": "03-08", "part": "上旬"}, ("part",), "or every: month, not with date", "leave part out"),
        ({"every": "quarter", "part": "上旬"}, ("part",), "not with every: quarter", "leave part out"),
        ({"every": "week"}, ("every",), "week is none of: month quarter", "use one of: month quarter"),
        ({"solar_term": "春风"}, ("solar_term",), "春风 is none of: 小寒 大寒", "did you mean 春分?"),
        ({"festival": ""}, ("festival",), "the festival has no name", "春节"),
        ({"quarter": 5}, ("quarter",), "5 should be a whole number from 1 to 4", "from 1 to 4"),
        ({"activity": "Big Day"}, ("activity",), "Big Day is no id of an activity", "the id of the activity"),
        ({"month": 3, "before": "十天"}, ("before",), "十天 is no number of days", "10 days"),
        ({"month": 3, "before": "１０天"}, ("before",), "１０天 has full-width digits", "write 10天"),
        ({"month": 3, "after": 0}, ("after",), "0 should be from 1 to 366 days", "10 days"),
        ({"month": 3, "after": 367}, ("after",), "367 should be from 1 to 366 days", "10 days"),
        ({"from": "05-10"}, (), "“from” and “to” go together; to is missing", "add to"),
        ({"to": "05-10"}, (), "“from” and “to” go together; from is missing", "add from"),
        (
            {"from": "05-10", "to": "05-01"},
            ("to",),
            "05-01 comes before 05-10",
            "the earlier date under from",
        ),
        (
            {"from": "2027-05-10", "to": "2027-04-01"},
            ("to",),
            "2027-04-01 comes before 2027-05-10",
            "earlier",
        ),
        ({"from": "2027-05-10", "to": "06-01"}, ("to",), "one of 2027-05-10 and 06-01 has a year", "neither"),
        ("三月", (), "“on” should be a mapping, but is 三月", "on: {month: 3}"),
        (None, (), "“on” should be a mapping, but is null", "on: {month: 3}"),
    ],
)
def test_what_cannot_be_read_is_named(
    raw: object, path: tuple[str | int, ...], message: str, fix: str
) -> None:
    """One mistake gives one problem: where it is, what was found, what to write."""
    with pytest.raises(OnError) as caught:
        parse_on(raw)
    [(where, what, mend)] = said(caught.value)
    assert where == path
    assert message in what
    assert fix in mend


def test_all_problems_come_at_once() -> None:
    """Several mistakes in one expression are all reported."""
    with pytest.raises(OnError) as caught:
        parse_on({"months": [0, 13], "date": "02-30", "part": "旬", "bfore": 3, "after": "x"})
    assert [where for where, _, _ in said(caught.value)] == [
        ("bfore",), (), ("months", 0), ("months", 1), ("date",), ("part",), ("after",),
    ]  # fmt: skip


def test_only_full_dates_have_a_year() -> None:
    """A year inside a date, or inside a span, is found."""
    years = [{"date": "2027-03-08"}, {"from": "2027-03-01", "to": "2027-03-09"}]
    none = [{"date": "03-08"}, {"from": "12-20", "to": "01-10"}, {"festival": "春节"}, {"month": 3}]
    assert all(has_year(parse_on(raw)) for raw in years)
    assert not any(has_year(parse_on(raw)) for raw in none)


@pytest.mark.parametrize(
    ("raw", "start", "end", "label", "form", "term"),
    [
        (2027, "2027-01-01", "2027-12-31", "2027年", "year", None),
        ("2027", "2027-01-01", "2027-12-31", "2027年", "year", None),
        ("2027-01-01/2027-12-31", "2027-01-01", "2027-12-31", "2027年", "year", None),
        ("2026-09/2027-08", "2026-09-01", "2027-08-31", "2026—2027学年", "school-year", None),
        ("2026-9 / 2027-8", "2026-09-01", "2027-08-31", "2026—2027学年", "school-year", None),
        ("2026-09/2027-01", "2026-09-01", "2027-01-31", "2026—2027学年第一学期", "term", 1),
        ("2027-02/2027-07", "2027-02-01", "2027-07-31", "2026—2027学年第二学期", "term", 2),
        ("2027-03/2027-09", "2027-03-01", "2027-09-30", "2027年3—9月", "range", None),
        ("2027-03/2027-03", "2027-03-01", "2027-03-31", "2027年3月", "range", None),
        ("2027-11/2028-02", "2027-11-01", "2028-02-29", "2027年11月—2028年2月", "range", None),
        ("2027-03-05/2027-04-06", "2027-03-05", "2027-04-06", "2027年3月5日—4月6日", "range", None),
        ("2027-12-05/2028-01", "2027-12-05", "2028-01-31", "2027年12月5日—2028年1月31日", "range", None),
    ],
)
def test_periods(raw: object, start: str, end: str, label: str, form: str, term: int | None) -> None:
    """Each way of writing a period gives its days, its name in documents and what kind it is."""
    period = parse_period(raw)
    assert (str(period.start), str(period.end)) == (start, end)
    assert (period.label, period.form, period.term, period.year) == (label, form, term, int(start[:4]))


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ("2027年", "2027年 is no period"),
        ("２０２７", "２０２７ has full-width digits"),
        ("2027-02", "2027-02 is no period"),
        ("2027-13/2028-01", "2027-13-1: there is no month 13"),
        ("2027-03/2027-01", "the period 2027-03/2027-01 ends before it starts"),
        (20270, "20270 is no period"),
        (1066, "the year 1066 is outside 1950 to 2099"),
        (True, "True should be a text"),
        (None, "null should be a text"),
        ("", '"" is no period'),
    ],
)
def test_bad_periods(raw: object, message: str) -> None:
    """What is no period is refused with what was found."""
    with pytest.raises(DateError, match=re.escape(message)):
        parse_period(raw)


@pytest.mark.parametrize(
    ("raw", "days"),
    [("10 days", 10), ("10天", 10), ("10 天", 10), ("1 day", 1), (10, 10), ("10", 10), (0, 0)],
)
def test_days(raw: object, days: int) -> None:
    """A length of time is a number of days, however written."""
    assert parse_days(raw) == days


@pytest.mark.parametrize("raw", ["", "ten days", "-3 days", -3, 1.5, True, None, "10 months", "１０天"])
def test_bad_days(raw: object) -> None:
    """Anything else is no length of time."""
    with pytest.raises(DateError):
        parse_days(raw)


def test_one_day() -> None:
    """A single day needs its year."""
    assert parse_date("2027-3-8") == date(2027, 3, 8)
    with pytest.raises(DateError, match="03-08 has no year"):
        parse_date("03-08")


def test_festivals_go_by_other_names() -> None:
    """Short forms, quoted forms and full forms mean one festival; an unknown name means none."""
    short = {
        "中秋": "中秋节",
        "“三八”妇女节": "妇女节",
        "五·一": "劳动节",
        "六一": "儿童节",
        "清明": "清明节",
    }
    assert {text: festival_name(text) for text in short} == short
    assert festival_name("厂庆日") is None
    assert all(festival_name(name) == name for name in FESTIVALS)


def test_no_name_belongs_to_two_festivals() -> None:
    """Each of the names leads to one festival only."""
    names = [name for full, others in FESTIVALS.items() for name in (full, *others)]
    assert len(names) == len(set(names))


MONTH = st.integers(1, 12)
PART = st.none() | st.sampled_from(PARTS)
DAY = st.dates(date(2024, 1, 1), date(2024, 12, 31)).map(lambda day: Date(day.month, day.day))
BASES: st.SearchStrategy[Base] = st.one_of(
    st.builds(Month, MONTH, PART),
    st.builds(Months, st.sets(MONTH, min_size=1).map(lambda months: tuple(sorted(months))), PART),
    DAY,
    st.dates(date(1950, 1, 1), date(2099, 12, 31)).map(lambda day: Date(day.month, day.day, day.year)),
    st.builds(Festival, st.sampled_from([*FESTIVALS, "厂庆日"])),
    st.builds(Quarter, st.integers(1, 4)),
    st.builds(SolarTerm, st.sampled_from(SOLAR_TERMS)),
    st.builds(Weekday, st.sampled_from([1, 2, 3, 4, 5, -1]), st.integers(0, 6), MONTH),
    st.builds(Every, st.just("month"), PART),
    st.just(Every("quarter")),
    st.tuples(DAY, DAY).filter(lambda ends: ends[0].month != ends[1].month).map(lambda ends: Span(*ends)),
    st.builds(ActivityRef, st.from_regex("[a-z][a-z0-9-]*", fullmatch=True)),
)
SHIFT = st.none() | st.integers(1, 366)


@given(st.builds(On, BASES, SHIFT, SHIFT))
def test_what_is_written_reads_back(on: On) -> None:
    """Writing and reading again gives the same value, for every value."""
    assert parse_on(format_on(on)) == on


JUNK = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers() | st.text())
)
KEYS = st.sampled_from(
    ["month", "months", "date", "festival", "weekday", "from", "to", "part", "before", "every"]
)


@given(JUNK | st.dictionaries(KEYS | st.text(), JUNK))
def test_nothing_read_breaks_the_reader(raw: object) -> None:
    """Whatever is written, the answer is a value or a list of problems that can be printed."""
    try:
        on = parse_on(raw)
    except OnError as error:
        problems = said(error)
    else:
        problems = [((), "", "")] if parse_on(format_on(on)) == on else []
    assert problems


@given(st.dates(date(1950, 1, 1), date(2099, 12, 31)), st.integers(0, 800))
def test_every_period_has_a_name(start: date, length: int) -> None:
    """Any stretch of days that can be written is a period with a label that begins with its year."""
    end = date.fromordinal(min(start.toordinal() + length, date(2099, 12, 31).toordinal()))
    period = parse_period(f"{start}/{end}")
    assert period == Period(start, end)
    assert period.label[:4] in {str(start.year), str(start.year - 1)}
