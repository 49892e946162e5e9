"""Golden documents: whole plans as Markdown, read by people before they are accepted.

``UPDATE_GOLDEN=1 pytest tests/test_golden.py`` writes them anew; read the difference before committing it.
"""

import os
from itertools import combinations
from pathlib import Path

import pytest

import planloom
from planloom.render import render_bytes

GOLDEN = Path(__file__).parent / "golden"
FACTS = {"staff": 86, "members": 84, "women_members": 60}
NAMES = {
    "school": "育才小学工会委员会",
    "enterprise": "东方机械有限公司工会委员会",
    "agency": "区档案局机关工会委员会",
    "community": "和平社区联合工会委员会",
}
SETS = [(name,) for name in NAMES] + list(combinations(sorted(NAMES), 2))


def composed(profiles: tuple[str, ...], period: object = 2027, **facts: object) -> planloom.Plan:
    """A plan made from nothing but facts."""
    return planloom.compose(
        profiles=profiles, period=period, facts={**FACTS, **facts}, organisation=NAMES[profiles[0]]
    )


@pytest.mark.parametrize("profiles", SETS, ids="-".join)
def test_golden_document(profiles: tuple[str, ...]) -> None:
    """The plan of each profile and of each pair reads exactly as it was accepted."""
    file = GOLDEN / f"{'-'.join(profiles)}-2027.md"
    written = render_bytes(composed(profiles), "md")
    if os.environ.get("UPDATE_GOLDEN"):
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(written)
    assert written.decode("utf-8") == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("profiles", [pair for pair in SETS if len(pair) == 2], ids="-".join)
def test_order_of_profiles_means_nothing(profiles: tuple[str, ...]) -> None:
    """A pair gives the same bytes in either order."""
    one, other = composed(profiles), composed(profiles[::-1])
    other_named = planloom.compose(
        profiles=profiles[::-1], period=2027, facts=FACTS, organisation=one.organisation
    )
    assert render_bytes(one, "json") == render_bytes(other_named, "json")
    assert [section.id for section in one.sections] == [section.id for section in other.sections]


@pytest.mark.parametrize(
    ("year", "day"), [(2026, "2026-10-18"), (2027, "2027-10-08"), (2028, "2028-10-26"), (2029, "2029-10-16")]
)
def test_lunar_festivals_move(year: int, day: str) -> None:
    """The Double Ninth visit stands on the day of each year, in the schedule and in the text."""
    plan = composed(("school",), year)
    visit = next(activity for activity in plan.activities if activity.id == "double-ninth-visit")
    assert visit.dates[0].start.isoformat() == day
    _, month, number = day.split("-")
    assert f"{int(month)}月{int(number)}日" in render_bytes(plan, "md").decode("utf-8").split("## 附件")[0]


def test_facts_change_the_words() -> None:
    """Below the threshold the congress is an assembly, in the text and in the schedule."""
    large = render_bytes(composed(("school",)), "md").decode("utf-8")
    small = render_bytes(composed(("school",), staff=40, members=38, women_members=20), "md").decode("utf-8")
    assert "教职工代表大会" in large
    assert "教职工代表大会" not in small
    assert "教职工大会" in small


@pytest.mark.parametrize("profile", sorted(NAMES))
@pytest.mark.parametrize("period", [2026, 2027, 2028, "2026-09/2027-08", "2027-02/2027-07"])
def test_every_profile_fills_every_period(profile: str, period: object) -> None:
    """A plan of each period form is full: sections, owners, and no month without activity but vacations."""
    plan = composed((profile,), period)
    assert len(plan.sections) >= 9
    assert all(activity.owner for activity in plan.activities)
    months = {month for activity in plan.activities for month in activity.months}
    first, last = plan.period.start.month, plan.period.end.month
    is_year = (plan.period.end - plan.period.start).days > 300
    wanted = set(range(1, 13)) if is_year else set(range(first, last + 1))
    assert wanted - months <= {1, 2, 7, 8}


@pytest.mark.parametrize("profile", sorted(NAMES))
def test_profiles_are_full_size(profile: str) -> None:
    """With default facts a plan has 28 measures, 30 activities and the length of a real one, all told."""
    plan = composed((profile,))
    measures = [measure for section in plan.sections for measure in section.measures]
    shown = [activity for activity in plan.activities if activity.dates]
    assert len(measures) >= 28
    assert len(shown) >= 30
    assert all(measure.owner for measure in measures)
    document = render_bytes(plan, "md").decode("utf-8")
    han = sum("\u4e00" <= character <= "\u9fff" for character in document)
    assert 2_000 <= han <= (4_000 if profile == "school" else 5_000)
