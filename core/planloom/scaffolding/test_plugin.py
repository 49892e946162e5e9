"""The rule written in Python complains when it should, and only then."""

import pytest
from planloom.testing import python_findings
from @package@.plugin import visits_leave_room


@pytest.mark.parametrize(("contest", "wanted"), [("05-12", 1), ("05-13", 0)])
def test_visits_leave_room(contest: str, wanted: int) -> None:
    """A visit on the day of a contest is found."""
    plan = {
        "activities": {
            "a": {"on": {"date": "05-12"}, "tags": ["@id@-visit"]},
            "b": {"on": {"date": contest}, "tags": ["@id@-skills"]},
        }
    }
    assert len(python_findings(visits_leave_room, plan)) == wanted
