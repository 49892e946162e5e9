"""The profile does what planloom asks of every profile, and what its author wants of it."""

from datetime import date
from pathlib import Path

import planloom
import pytest
from planloom.testing import KitCase, kit_cases

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("case", kit_cases(ROOT, today=date.today()), ids=str)
def test_kit(case: KitCase) -> None:
    """Each check of the kit passes, or is skipped for a reason."""
    case.run()


def test_the_example_composes() -> None:
    """The example plan has what this profile adds."""
    plan = planloom.compose(ROOT / "examples" / "plan.yaml", layer_path=[ROOT])
    assert "@id@-posts" in [section.id for section in plan.sections]
