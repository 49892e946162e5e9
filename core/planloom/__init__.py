"""planloom composes plans from layers, explains where every line comes from, and checks plans against their rules.

The public surface is what `__all__` names. Everything returned is immutable, and nothing prints.
"""

from typing import TYPE_CHECKING, Any

# The function `render` shares its name with a sub-package, which must be loaded before the function takes the name.
import planloom.render  # noqa: F401
from planloom.facade import compose, discover, load_plan_file, render
from planloom.version import VERSION
from planloom_schemas.errors import PlanloomError
from planloom_schemas.finding import Finding, Report
from planloom_schemas.layer import Layer, PlanFile
from planloom_schemas.plan import Plan

if TYPE_CHECKING:
    from planloom.checking import check
    from planloom.hookspecs import hookimpl

__version__ = VERSION
__all__ = [
    "Finding",
    "Layer",
    "Plan",
    "PlanFile",
    "PlanloomError",
    "Report",
    "__version__",
    "check",
    "compose",
    "discover",
    "hookimpl",
    "load_plan_file",
    "render",
]


def __getattr__(name: str) -> Any:
    # Only authors of code plugins need pluggy, and only a check needs the rules.
    if name == "hookimpl":
        from planloom.hookspecs import hookimpl

        return hookimpl
    if name == "check":
        from planloom.checking import check

        return check
    raise AttributeError(f"module 'planloom' has no attribute {name!r}")
