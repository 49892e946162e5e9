"""Figures of checking, inside one process."""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence

from planloom.checking import check
from planloom.discovery import Library, discover
from planloom.facade import compose
from planloom.rules.engine import check_view
from planloom.rules.trials import plan_rule
from planloom.rules.views import Subject, View
from planloom_schemas.convert import structure
from planloom_schemas.dates import parse_period
from planloom_schemas.plan import DateSpan, Plan, PlanRule
from planloom_schemas.rule import Rule

Row = tuple[str, str, str, bool]
Bound = Callable[[str, float, float], Row]
FACTS = {"staff": 86, "members": 84, "women_members": 60}
PERIOD = parse_period(2027)


def seconds(call: Callable[[], object], runs: int = 7) -> float:
    """The median seconds of a call, after one that warms everything up."""
    call()
    taken = []
    for _ in range(runs):
        begin = time.perf_counter()
        call()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken)


def rules(count: int) -> Sequence[PlanRule]:
    """Rules of the kinds that look at activities, in turn."""
    activity = {"what": "activity"}
    kinds: list[dict[str, object]] = [
        {"kind": "field", "of": activity, "field": "owner", "required": True, "not_in": ["待定"]},
        {"kind": "count", "of": {**activity, "tags": ["sport"]}, "at_least": 1, "per": "month"},
        {"kind": "window", "of": {**activity, "tags": ["sport"]}, "months": list(range(1, 13))},
        {"kind": "wording", "words": {"职代会": "教代会"}},
        {"kind": "pattern", "of": {"what": "text"}, "must_not": ["_{2,}年"]},
        {"kind": "coverage", "of": activity, "every": "month"},
        {
            "kind": "unique",
            "of": {**activity, "fields": {"place": {"exists": True}}},
            "by": ["place", "dates"],
        },
        {"kind": "order", "first": {**activity, "id": "a1"}, "then": {**activity, "id": "a2"}},
        {"kind": "require", "of": {**activity, "tags": ["sport"]}, "required": True},
        {"kind": "length", "of": activity, "unit": "chars", "at_least": 2},
    ]
    made = [kinds[number % len(kinds)] for number in range(count)]
    return [
        plan_rule(f"BEN{number:03}", structure(Rule, {"title": "基准", **rule}))
        for number, rule in enumerate(made)
    ]


def view(activities: int) -> View:
    """A plan with many activities, a day and a place each."""
    items = [_activity(number) for number in range(activities)]
    texts = [
        Subject(what="text", id=item.path, path=f"{item.path}/title", text=item.title, months=item.months)
        for item in items
    ]
    return View(items=tuple(items), texts=tuple(texts), period=PERIOD)


def _activity(number: int) -> Subject:
    day = PERIOD.start.replace(month=number % 12 + 1, day=number % 28 + 1)
    return Subject(
        what="activity",
        id=f"a{number}",
        path=f"activities/a{number}",
        title=f"第{number}项职工活动",
        text=f"第{number}项职工活动",
        months=(day.month,),
        dates=(DateSpan(start=day, end=day),),
        owner=("工会委员会",),
        place=f"场地{number % 997}",
        tags=("sport",) if number % 3 else ("reading",),
    )


def plans(library: Library, count: int) -> list[Plan]:
    """School plans that differ in their facts, and so in what is printed."""
    return [
        compose(
            profiles=["school"],
            period=2027,
            facts={**FACTS, "staff": 86 + number},
            organisation="育才小学工会",
            library=library,
        )
        for number in range(count)
    ]


def in_turn(library: Library, count: int = 41) -> tuple[float, float]:
    """The median seconds of composing and of checking a plan, in turn: a busy machine slows both alike."""
    composed, checked = [], []
    for _ in range(count + 3):
        begin = time.perf_counter()
        (plan,) = plans(library, 1)
        middle = time.perf_counter()
        check(plan, library=library)
        composed.append(middle - begin)
        checked.append(time.perf_counter() - middle)
    return statistics.median(composed[3:]), statistics.median(checked[3:])


def rows(bound: Bound) -> Iterator[Row]:
    """Checking against composing, and checking at size."""
    library = discover()
    composing, checking = in_turn(library)
    yield bound("check a composed school plan / compose it", checking / composing, 2.0)
    begin = time.perf_counter()
    for plan in plans(library, 50):
        check(plan, library=library)
    rate = 50 / (time.perf_counter() - begin)
    yield "compose and check different school plans, warm", f"{rate:.0f} a second", "≥ 200", rate >= 200
    hundred, small, large = rules(100), view(500), view(5_000)
    ten, one = (
        seconds(lambda: check_view(large, hundred, {}), 3),
        seconds(lambda: check_view(small, hundred, {}), 3),
    )
    yield "100 rules over 5,000 activities", f"{ten:.2f} s", "≤ 2 s", ten <= 2
    yield bound("10 × the activities / the time", ten / one, 12.0)
