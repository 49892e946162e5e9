"""The forms that the types of the schema classes do not tell: ids, codes, and names that stand for lists."""

from collections.abc import Mapping
from typing import Final

from attrs import fields

from planloom_schemas.layer import Layer, PlanFile
from planloom_schemas.rule import Rule, RuleParams
from planloom_schemas.statement import key_of

SLUG: Final = "^[a-z][a-z0-9-]*$"
FACT_ID: Final = "^[a-z][a-z0-9_]*$"
CODE: Final = "^[A-Z]{2,5}[0-9]{3}$"
PREFIX: Final = "^[A-Z]{2,5}$"

KEYS: Final[Mapping[str, str]] = {
    "facts": FACT_ID, "tags": SLUG, "documents": SLUG, "budget": SLUG, "sections": SLUG, "measures": SLUG,
    "activities": SLUG, "attachments": SLUG, "rules": CODE,
}  # fmt: skip
"""The form of the keys of each collection; keys of other mappings are free text."""

NAMES: Final[Mapping[tuple[type, str], str]] = {
    (Layer, "layer"): SLUG, (Layer, "prefix"): PREFIX, (PlanFile, "plan"): SLUG, (Rule, "slug"): SLUG,
}  # fmt: skip
"""The texts that are names, with their form."""

ONE_OR_MORE: Final = frozenset({"owner", "id", "section"})
"""The lists of names for which a single name may stand."""

RESERVED_FACTS: Final = frozenset({"organisation", "period", "activities", "profiles"})
"""What templates know by these names already."""

PARAMS: Final = frozenset(key_of(attribute) for attribute in fields(RuleParams))  # type: ignore[arg-type]
"""The parameters of all kinds, by the word in the file."""
