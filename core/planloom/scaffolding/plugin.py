"""What data cannot say: one rule in Python."""

from collections.abc import Iterable, Iterator

import planloom
from planloom.rules.python import NotApplicable, PythonRule, Remark, RuleView, rule


@rule(
    code="@prefix@901",
    title="走访与练兵不在同一天",
    layer="@id@",
    help="同一批人难以两头兼顾。把其中一项改到另一天。",
)
def visits_leave_room(view: RuleView) -> Iterator[Remark]:
    """Report visits that begin on the day of a contest."""
    contests = {span.start for one in view.select("activity", tags=("@id@-skills",)) for span in one.dates}
    visits = view.select("activity", tags=("@id@-visit",))
    if not visits or not contests:
        raise NotApplicable
    for visit in visits:
        for span in visit.dates:
            if span.start in contests:
                yield view.finding(visit, "{found}当天既有走访又有练兵，应当错开", part="on", found=str(span.start))


@planloom.hookimpl
def planloom_rules() -> Iterable[PythonRule]:
    """The rules of this plugin."""
    return [visits_leave_room]
