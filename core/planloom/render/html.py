"""Plans as one self-contained web page that also prints well; every character of the plan is escaped."""

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from planloom.render.layout import RequirementRow, layout
from planloom_schemas.plan import Plan

_TEMPLATES = Path(__file__).parent / "templates"


def render(plan: Plan, requirements: Sequence[RequirementRow] = ()) -> bytes:
    """The plan as an HTML page."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    blocks = [(type(block).__name__, block) for block in layout(plan, requirements)]
    return environment.get_template("plan.html.j2").render(blocks=blocks).encode()
