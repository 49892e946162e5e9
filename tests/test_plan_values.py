"""A composed plan is a value: nothing in it can be changed, and it can be copied, stored and sent."""

import copy
import pickle
from collections.abc import Callable, Mapping
from typing import Any

import pytest

import planloom
from planloom_schemas.plan import Plan

FACTS = {"staff": 86, "members": 84, "women_members": 60}


def composed() -> Plan:
    """A plan of a shipped profile that has rules of every sort."""
    return planloom.compose(profiles=["school"], period=2027, facts=FACTS, organisation="育才小学工会委员会")


def rule(plan: Plan, code: str) -> Any:
    """One of its rules."""
    return next(one for one in plan.rules if one.code == code)


@pytest.mark.parametrize(
    "mapping",
    [
        lambda plan: plan.facts,
        lambda plan: plan.festivals,
        lambda plan: plan.origins,
        lambda plan: rule(plan, "SCH003").params,
        lambda plan: rule(plan, "SCH003").messages,
        lambda plan: rule(plan, "SCH003").entries,
        lambda plan: rule(plan, "SCH021").params["words"],
    ],
)
def test_what_a_plan_holds_cannot_be_changed(mapping: Callable[[Plan], Mapping[str, object]]) -> None:
    """A change would reach every later plan of the same process, so there is none."""
    held: Any = mapping(composed())
    with pytest.raises(TypeError):
        held["at_least"] = 99


def test_a_plan_can_be_stored_and_copied() -> None:
    """It comes back from pickle and from a deep copy equal, and can still be checked."""
    plan = composed()
    for again in (pickle.loads(pickle.dumps(plan)), copy.deepcopy(plan)):
        assert again == plan
        assert planloom.check(again).findings == planloom.check(plan).findings
        with pytest.raises(TypeError):
            again.facts["staff"] = 1  # type: ignore[index]
