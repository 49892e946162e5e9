"""The pages for authors hold what the code holds."""

import re
from pathlib import Path

from planloom.testing import CHECKS
from planloom_schemas.layerdocs import page

DOCS = Path(__file__).parent.parent / "docs"


def test_layer_reference_is_made_from_the_classes() -> None:
    """`python -m planloom_schemas.layerdocs docs/layer-reference.md` was run after the last change."""
    assert (DOCS / "layer-reference.md").read_text(encoding="utf-8") == page()


def test_every_check_has_a_heading_with_cause_and_cure() -> None:
    """docs/kit.md explains each check under its number and name."""
    text = (DOCS / "kit.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (\d+)\. (.+)\n\n\*\*Cause\.\*\* .+\n\n\*\*Cure\.\*\* .+$", text, re.MULTILINE)
    assert [(int(number), name.lower()) for number, name in headings] == [
        (one.number, one.name.lower()) for one in CHECKS
    ]


def test_every_value_in_the_reference_is_in_words() -> None:
    """No Python type shows in the page."""
    for word in ("Unset", "Mapping", "tuple", "NoneType", "planloom_schemas."):
        assert word not in page().replace("planloom_schemas.layerdocs", "")
