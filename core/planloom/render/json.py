"""Plans as JSON and YAML: the published format, ready to be read by scripts and checked again."""

import json
from typing import Any, cast

from planloom.render.text import clean
from planloom_schemas.convert import plan_to_json
from planloom_schemas.plan import Plan


def render_json(plan: Plan) -> bytes:
    """The plan as JSON, Chinese in plain sight."""
    return (json.dumps(_cleaned(plan_to_json(plan)), ensure_ascii=False, indent=2) + "\n").encode()


def render_yaml(plan: Plan) -> bytes:
    """The same as YAML."""
    import yaml

    text = yaml.dump(
        _cleaned(plan_to_json(plan)),
        Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper),
        allow_unicode=True,
        sort_keys=False,
        width=4096,
    )
    return str(text).encode()


def _cleaned(value: object) -> Any:
    """The same value; half surrogates would not encode and control characters would reach a terminal."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {_cleaned(key): _cleaned(item) for key, item in cast("dict[str, object]", value).items()}
    return [_cleaned(item) for item in cast("list[object]", value)] if isinstance(value, list) else value
