"""The boundary: data that people and scripts write becomes schema classes, and these become plain data again.

``structuring`` reads strictly and names every mistake; ``planjson`` writes plans and reports and reads plans.
"""

from planloom_schemas.planjson import params_to_plain, plain, plan_from_json, plan_to_json, report_to_json
from planloom_schemas.scalars import Mistake, StructureError
from planloom_schemas.structuring import structure, structure_layer, structure_plan_file

__all__ = [
    "Mistake",
    "StructureError",
    "params_to_plain",
    "plain",
    "plan_from_json",
    "plan_to_json",
    "report_to_json",
    "structure",
    "structure_layer",
    "structure_plan_file",
]
