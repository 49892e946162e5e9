"""JSON Schema (draft-07) of everything that is written down, made from the schema classes.

An editor completes and explains from these files, so they accept what the converter accepts, shorthands
included, and say in Chinese what a field means. ``python -m planloom_schemas.jsonschema`` writes the
published ones anew.
"""

import datetime as dt
import json
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Literal, get_args

import attrs

from planloom_schemas.dates import On, Period
from planloom_schemas.finding import CHECK_FORMAT, OUTCOMES, Finding, Repair, RuleOutcome, Status
from planloom_schemas.forms import FACT_ID, KEYS, NAMES, ONE_OR_MORE, PARAMS, RESERVED_FACTS
from planloom_schemas.layer import FORMAT_VERSION, Fact, Layer, PlanFile, Spend
from planloom_schemas.moments import PARTS, SOLAR_TERMS
from planloom_schemas.plan import FORMAT, LayerRef, Origin, Plan, Statement
from planloom_schemas.planjson import RECORDS, layout
from planloom_schemas.rule import BINDINGS, KINDS, SEVERITIES, Basis, Days, Percent, Rule, Selector
from planloom_schemas.schemahelp import FIELDS, KIND_HELP, TITLES
from planloom_schemas.statement import Edit
from planloom_schemas.structuring import alternatives, fields_of, origin_of

Schema = dict[str, Any]
Name = Literal["layer", "plan", "composed-plan", "check"]
SCHEMA_NAMES: Final[tuple[Name, ...]] = get_args(Name)

_TEXT: Schema = {"type": "string"}
_MONTH: Schema = {"type": "integer", "minimum": 1, "maximum": 12}
_PERCENT: Schema = {"type": "string", "pattern": "^[0-9]+(\\.[0-9]+)? ?[%％]$"}
_DAYS: Schema = {
    "anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": "^[0-9]{1,5}( *(days?|天))?$"}]
}
_DAY: Schema = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}$"}
_NO_YEAR_NEEDED: Schema = {"type": "string", "pattern": "^([0-9]{4}-)?[0-9]{1,2}-[0-9]{1,2}$"}
_MONEY: Schema = {"anyOf": [{"type": "integer"}, {"type": "string", "pattern": "^[0-9.]+$"}]}
_PERIOD: Schema = {"anyOf": [{"type": "integer"}, _TEXT]}


def schema_for(name: Name) -> Schema:
    """The JSON Schema of a layer, a plan file, a composed plan or the report of a check.

    Raises:
        ValueError: There is no such schema.
    """
    if name not in SCHEMA_NAMES:
        raise ValueError(f"no schema {name}")
    writing = _Writing(records=RECORDS if name in {"composed-plan", "check"} else frozenset())
    roots: Mapping[Name, type] = {"layer": Layer, "plan": PlanFile, "composed-plan": Plan}
    body = writing.of_class(roots[name]) if name in roots else _report(writing)
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": f"urn:planloom:schema:{name}:{FORMAT_VERSION}",
        "title": TITLES[name],
        **body,
        "definitions": {key: writing.definitions[key] for key in sorted(writing.definitions)},
    }


class _Writing:
    """The definitions that one schema refers to.

    Args:
        records: The classes of which every field is written, because planloom writes them, not a person.
    """

    def __init__(self, records: frozenset[type]) -> None:
        self.definitions: dict[str, Schema] = {}
        self.records = records

    def ref(self, name: str, make: Callable[[], Schema]) -> Schema:
        """A reference to a definition, made at its first use."""
        if name not in self.definitions:
            self.definitions[name] = {}
            self.definitions[name] = make()
        return {"$ref": f"#/definitions/{name}"}

    def of_class(self, cls: type) -> Schema:
        """An object with the fields of a class; records have all of them."""
        fields = fields_of(cls)
        keys = [key for _, key in layout(cls)] if cls in self.records else list(fields)
        needed = [key for key in keys if cls in self.records or fields[key].default is attrs.NOTHING]
        result = _object({key: self.of_field(cls, key) for key in keys}, needed)
        if cls is Rule:
            result["allOf"] = [_of_kind(name, keys) for name in KINDS]
        return result

    def of_field(self, cls: type, key: str) -> Schema:
        """What may stand under one field, explained."""
        attribute = fields_of(cls)[key]
        text = attribute.metadata.get("help") or FIELDS.get((cls, key))
        made = self._field(cls, attribute.name, attribute.type)
        # Draft-07 ignores what stands beside a $ref.
        made = {"allOf": [made]} if text and "$ref" in made else made
        return {"description": text, **made} if text else made

    def _field(self, cls: type, name: str, type_: Any) -> Schema:
        kinds = alternatives(type_)
        own = _own_form(cls, name) or self._collection(cls, name, kinds[0])
        if own:
            return own
        if name == "then":
            return _any_of([self.selectors(), self.ref("Rule", lambda: self.of_class(Rule))])
        if name == "months" and tuple[int, ...] in kinds:
            return _list_of(_MONTH)
        if name in ONE_OR_MORE and tuple[str, ...] in kinds and cls not in self.records:
            return _any_of([_TEXT, *map(self.of_type, kinds)])
        if name == "amount" and cls in self.records:
            return dict(_MONEY)
        if Edit in kinds:
            return self.edit(Basis if name == "basis" else str)
        return _any_of([self.of_type(kind) for kind in kinds])

    def _collection(self, cls: type, name: str, type_: Any) -> Schema | None:
        if name not in KEYS or origin_of(type_) is not Mapping or not attrs.has(item := get_args(type_)[1]):
            return None
        inner = self.of_type(item)
        if cls is PlanFile and name == "facts":
            bare = {"type": ["string", "number", "boolean", "array"]}
            inner = _any_of([bare, self.ref("Fact", lambda: self.of_class(Fact))])
        result = {"type": "object", "patternProperties": {KEYS[name]: inner}, "additionalProperties": False}
        if KEYS[name] == FACT_ID:
            result["propertyNames"] = {"not": {"enum": sorted(RESERVED_FACTS)}}
        return result

    def selectors(self) -> Schema:
        """One selector, or several of which any will do."""
        one = self.of_type(Selector)
        return _any_of([one, {**_list_of(one), "minItems": 1}])

    def edit(self, element: Any) -> Schema:
        """A list adds; a mapping adds and removes."""
        items = _list_of(self.of_type(element))
        return _any_of([items, {**_object({"add": items, "remove": items}), "minProperties": 1}])

    def of_type(self, type_: Any) -> Schema:
        """What may stand for a value of a type."""
        if type_ in _TYPES:
            return dict(_TYPES[type_])
        if type_ in _SPECIAL:
            return self.ref(_SPECIAL[type_][0], lambda: _SPECIAL[type_][1](self))
        origin = origin_of(type_)
        if origin is Literal:
            return {"enum": list(get_args(type_))}
        if type_ == tuple[Selector, ...]:
            return self.selectors()
        if origin is tuple:
            return _list_of(self.of_type(get_args(type_)[0]))
        if origin is Mapping:
            return {"type": "object", "additionalProperties": self.of_type(get_args(type_)[1])}
        return self.ref(type_.__name__, lambda: self.of_class(type_))


# ---- pieces ----


def _object(properties: Mapping[str, Schema], required: Iterable[str] = ()) -> Schema:
    result: Schema = {"type": "object", "properties": dict(properties), "additionalProperties": False}
    names = list(required)
    return {**result, "required": names} if names else result


def _list_of(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _any_of(schemas: list[Schema]) -> Schema:
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}


def _own_form(cls: type, name: str) -> Schema | None:
    """The fields that are more than their type says."""
    if name == "planloom":
        return {"const": FORMAT_VERSION}
    if (cls, name) in NAMES:
        return {"type": "string", "pattern": NAMES[cls, name]}
    if (cls, name) == (Plan, "format"):
        return {"const": FORMAT}
    if (cls, name) == (Rule, "kind"):
        return {"oneOf": [{"const": kind, "description": KIND_HELP[kind]} for kind in KINDS]}
    if name == "period" and cls is not Plan:
        return dict(_PERIOD)
    return {"type": "string", "pattern": "\\S"} if name in {"remove", "restore"} else None


def _of_kind(name: str, keys: Iterable[str]) -> Schema:
    """What a rule of a kind takes and needs."""
    kind = KINDS[name]
    allowed = [key for key in keys if key not in PARAMS or key in kind.params]
    then: Schema = {"propertyNames": {"enum": allowed}}
    if kind.needs:
        then["required"] = list(kind.needs)
    return {"if": {"properties": {"kind": {"const": name}}, "required": ["kind"]}, "then": then}


def _on() -> Schema:
    """When something takes place: exactly one base."""
    shift = {**_DAYS, "description": "如 10 days"}
    bases: dict[str, Schema] = {
        "month": {**_MONTH, "description": "某月"},
        "months": {**_list_of(_MONTH), "minItems": 1, "description": "几个月，相邻的月份连成一段"},
        "date": {**_NO_YEAR_NEEDED, "description": "某日，如 03-08"},
        "festival": {**_TEXT, "description": "节日，如 春节、重阳节"},
        "quarter": {"type": "integer", "minimum": 1, "maximum": 4, "description": "某季度"},
        "solar_term": {"enum": list(SOLAR_TERMS), "description": "节气，如 清明"},
        "weekday": {**_TEXT, "description": "某月的第几个星期几，如 2nd saturday of october"},
        "every": {"enum": ["month", "quarter"], "description": "每月或每季度"},
        "from": {**_NO_YEAR_NEEDED, "description": "起日，与 to 同用"},
        "activity": {**_TEXT, "description": "另一项活动的 id"},
    }
    others: dict[str, Schema] = {
        "to": {**_NO_YEAR_NEEDED, "description": "止日，与 from 同用"},
        "part": {"enum": list(PARTS), "description": "上旬、中旬或下旬"},
        "before": {**shift, "description": "在此之前的若干天，如 10 days"},
        "after": {**shift, "description": "在此之后的若干天，如 10 days"},
    }
    return {
        **_object({**bases, **others}),
        "oneOf": [{"required": [base]} for base in bases],
        "dependencies": {"from": ["to"], "to": ["from"]},
    }


# ---- what is written otherwise than the classes say ----


def _spend(writing: _Writing) -> Schema:
    written = writing.of_class(Spend)
    return written if Spend in writing.records else _any_of([{"type": "number"}, written])


def _period(_: _Writing) -> Schema:
    return _object({"start": _DAY, "end": _DAY, "label": _TEXT}, ["start", "end", "label"])


def _statement(writing: _Writing) -> Schema:
    origin = writing.of_class(Origin)
    said = {"value": {}, "reason": _TEXT, "op": {"enum": ["loosen", "remove", "restore", "if_present"]}}
    return _object({**origin["properties"], **said}, [*origin["required"], "value"])


def _report(writing: _Writing) -> Schema:
    count = {"type": "integer", "minimum": 0}
    note = _object(
        {"code": _TEXT, "message": _TEXT, "path": _TEXT, "file": _or_null(_TEXT), "line": _or_null(count)},
        ["code", "message", "path", "file", "line"],
    )
    properties: dict[str, Schema] = {
        "format": {"const": CHECK_FORMAT},
        "findings": _list_of(writing.ref("Finding", lambda: _finding(writing))),
        "outcomes": _object(dict.fromkeys(OUTCOMES, count), OUTCOMES),
        "rules": _list_of(writing.of_type(RuleOutcome)),
        "plugins": _list_of(writing.of_type(LayerRef)),
        "files": _list_of(_TEXT),
        "notes": _list_of(note),
    }
    return _object(properties, properties)


def _finding(writing: _Writing) -> Schema:
    count = {"type": "integer", "minimum": 0}
    place = _object({"file": _TEXT, "line": count}, ["file", "line"])
    texts = dict.fromkeys(
        (
            "code",
            "rule",
            "title",
            "message",
            "path",
            "message_id",
            "subject",
            "quote",
            "trail",
            "help",
            "reason",
        ),
        _TEXT,
    )
    numbers = {key: _or_null(count) for key in ("line", "column", "end_line", "end_column")}
    properties: dict[str, Schema] = {
        **texts,
        **numbers,
        "file": _or_null(_TEXT),
        "severity": {"enum": list(SEVERITIES)},
        "binding": {"enum": list(BINDINGS)},
        "status": {"enum": list(get_args(Status))},
        "basis": _list_of(writing.of_type(Basis)),
        "fix": _or_null(writing.of_type(Repair)),
        "origin": _or_null(writing.of_type(Origin)),
        "data": {"type": "object"},
        "chosen": _or_null(place),
    }
    columns = {"column": count, "end_column": _or_null(count)}
    beside = {"utf16": _or_null(_object(columns, columns))}
    described = {
        key: {"description": FIELDS[Finding, key], **({"allOf": [made]} if "$ref" in made else made)}
        if (Finding, key) in FIELDS
        else made
        for key, made in properties.items()
    }
    return _object({**described, **beside}, described)


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


_TYPES: Mapping[Any, Schema] = {
    str: _TEXT,
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    Decimal: {"type": "number"},
    Percent: _PERCENT,
    Days: _DAYS,
    dt.date: _DAY,
    type(None): {"type": "null"},
    Any: {},
    object: {},
}
_SPECIAL: Mapping[Any, tuple[str, Callable[[_Writing], Schema]]] = {
    On: ("On", lambda _: _on()),
    Spend: ("Spend", _spend),
    Period: ("Period", _period),
    Statement: ("Statement", _statement),
}


def published(name: Name) -> str:
    """The text of the published file of a schema."""
    return json.dumps(schema_for(name), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    for schema_name in SCHEMA_NAMES:
        (Path(__file__).parent / "published" / f"{schema_name}.json").write_text(
            published(schema_name), encoding="utf-8", newline="\n"
        )
