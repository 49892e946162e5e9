"""Symbolic dates as mappings again: one spelling for every meaning."""

from planloom_schemas.moments import (
    ActivityRef,
    Base,
    Date,
    Every,
    Festival,
    Month,
    Months,
    On,
    Part,
    Quarter,
    SolarTerm,
    Span,
    Weekday,
)


def format_on(on: On) -> dict[str, object]:
    """The mapping that reads back as ``on``: one spelling for every meaning."""
    result = _format_base(on.base)
    if on.before is not None:
        result["before"] = _format_days(on.before)
    if on.after is not None:
        result["after"] = _format_days(on.after)
    return result


def _format_base(base: Base) -> dict[str, object]:
    match base:
        case Month(month, part):
            return {"month": month, **_format_part(part)}
        case Months(months, part):
            return {"months": list(months), **_format_part(part)}
        case Every(unit, part):
            return {"every": unit, **_format_part(part)}
        case Date():
            return {"date": str(base)}
        case Weekday():
            return {"weekday": str(base)}
        case Span(start, end):
            return {"from": str(start), "to": str(end)}
        case Festival(name):
            return {"festival": name}
        case SolarTerm(name):
            return {"solar_term": name}
        case Quarter(quarter):
            return {"quarter": quarter}
        case ActivityRef(activity):
            return {"activity": activity}


def _format_part(part: Part | None) -> dict[str, object]:
    return {"part": part} if part else {}


def _format_days(days: int) -> str:
    return f"{days} day" if days == 1 else f"{days} days"
