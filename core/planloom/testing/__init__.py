"""What authors of profiles test with: the conformance kit, and one rule in Python put to one small plan.

``planloom plugin check`` runs the same checks; docs/kit.md explains each.
"""

from planloom.testing.kit import CHECKS, Check, KitCase, KitReport, KitResult, check_plugin, kit_cases
from planloom.testing.use import python_findings

__all__ = [
    "CHECKS",
    "Check",
    "KitCase",
    "KitReport",
    "KitResult",
    "check_plugin",
    "kit_cases",
    "python_findings",
]
