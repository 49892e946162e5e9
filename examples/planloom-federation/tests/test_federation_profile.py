"""The federation's profile does what planloom asks of every profile, and what its author wants of it."""

from datetime import date
from pathlib import Path

import pytest
from planloom_federation.plugin import breakdown, work_is_shared

import planloom
from planloom.testing import KitCase, kit_cases, python_findings

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("case", kit_cases(ROOT, today=date.today()), ids=str)
def test_kit(case: KitCase) -> None:
    """Each check of the kit passes, or is skipped for a reason."""
    case.run()


@pytest.mark.parametrize(("led", "found"), [(4, 0), (5, 1)])
def test_work_is_shared(led: int, found: int) -> None:
    """Of ten measures one department may lead four."""
    measures = {f"m{number}": {"owner": "组织部" if number < led else f"{number}科"} for number in range(10)}
    findings = python_findings(work_is_shared, {"sections": {"s": {"measures": measures}}})
    assert len(findings) == found


def test_breakdown_is_a_table() -> None:
    """Each measure has a row with its department and its months."""
    plan = planloom.compose(ROOT / "examples" / "plan.yaml", layer_path=[ROOT])
    lines = breakdown(plan).decode("utf-8-sig").splitlines()
    assert lines[1] == "序号,重点任务,工作内容,责任部门,完成时间"
    assert len(lines) == 2 + sum(len(section.measures) for section in plan.sections)
    assert any(line.endswith("权益保障部、各街道总工会,1月、12月") for line in lines)
