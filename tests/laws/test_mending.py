"""What errors of merging say and offer: every party by name, and a line that ends the error once it is pasted."""

# ruff: noqa: E501

import json
from typing import Any

import pytest

import planloom
from planloom.pasting import together
from planloom.source import parse_source
from planloom_schemas.plan import Plan

from .conftest import Compose, Refusal, Refused
from .test_merge_cases import OPEN_DAY, QUARREL, RULE, WEB, directive, plan, profile, rule_of


def with_pastes(plan_file: str, told: Refused) -> str:
    """The plan file with everything that is offered in it; a value takes the place of one at the same path."""
    data: Any = parse_source(plan_file, "plan.yaml").data
    for problem in told.problems:
        if problem.paste:
            _put(data, parse_source(problem.paste, "paste").data)
    return json.dumps(data)


def _put(data: Any, more: Any) -> None:
    for key, value in more.items():
        if isinstance(value, dict) and isinstance(data.get(key), dict):
            _put(data[key], value)
        else:
            data[key] = value


@pytest.fixture
def mended(compose_text: Compose, refusal: Refusal) -> Any:
    """Composes files that are refused, then again with all pastes: gives the refusal and the plan."""

    def mend(files: dict[str, str]) -> tuple[Refused, Plan]:
        told = refusal(files)
        assert any(problem.paste for problem in told.problems), told.text
        return told, compose_text({**files, "plan.yaml": with_pastes(files["plan.yaml"], told)})

    return mend


# ---- what was removed ----

SCHOOL = """planloom: 1
plan: school-2027
profiles: [school]
period: 2027
organisation: 育才小学工会委员会
facts: {staff: 86, members: 84, women_members: 60}
sections: {culture: {remove: 本年度不单列}}
"""


def test_a_removed_section_of_a_school_plan(mended: Any) -> None:
    """9, 18: All ten activities in one message that names the removal and its reason; they go with the section."""
    told, composed = mended({"plan.yaml": SCHOOL})
    (problem,) = told.problems
    assert problem.text().startswith(
        "sections/culture is removed (本年度不单列), and these still need it: activities/"
    )
    assert (problem.location.file, problem.location.line) == ("plan.yaml", 7)
    shipped = {(party.layer, party.distribution) for party in problem.parties}
    assert shipped == {("union", "planloom"), ("school", "planloom"), ("school-2027", "")}
    assert len(problem.parties) == 11
    assert "autumn-outing: {remove: 本年度不单列}" in problem.paste
    assert not any(activity.section == "culture" for activity in composed.activities)


def test_what_is_dated_from_it_goes_too(mended: Any) -> None:
    """9: The line to paste also takes away what would lose its date."""
    body = "sections: {t: {remove: 不设}}\n"
    told, composed = mended({"base.yaml": profile("base", WEB), "plan.yaml": plan("base", body)})
    assert told.paste == "activities: {a: {remove: 不设}, b: {remove: 不设}, c: {remove: 不设}}"
    assert composed.activities == ()


def test_what_the_plan_file_speaks_of_is_moved(mended: Any) -> None:
    """9: An activity cannot be removed where the plan file speaks of it; it leaves the section instead."""
    body = "sections: {t: {remove: 不设}}\nactivities: {b: {place: 馆}}\n"
    told, composed = mended({"base.yaml": profile("base", WEB), "plan.yaml": plan("base", body)})
    assert told.paste == "activities: {a: {section: null}}"
    assert len(composed.activities) == 3


TAGGED = (
    "tags: {t: {words: [甲]}, u: {words: [乙]}}\n"
    "activities: {x: {title: 乙, on: {month: 3}, tags: [t, u]}}\n"
    "rules: {HAR001: {title: 有, kind: require, of: {what: activity, tags: [t]}}}\n"
)


@pytest.mark.parametrize(
    ("city", "body", "wanted"),
    [
        ("tags: {t: {remove: 不用}}\n", "directives: [city]\n", 'tags: {t: {restore: "保留：不用"}}'),
        ("", "tags: {t: {remove: 不用}}\n", "activities: {x: {tags: {remove: [t]}}}\nrules: {HAR001: {remove: 不用}}"),
        ("", "tags: {t: {remove: 不用}}\nactivities: {x: {tags: {add: [t], remove: [u]}}}\n",
         "activities: {x: {tags: {add: [], remove: [u, t]}}}\nrules: {HAR001: {remove: 不用}}"),
    ],
    ids=["above", "here", "here-and-used-here"],
)  # fmt: skip
def test_a_removed_tag_that_is_used(city: str, body: str, wanted: str, mended: Any) -> None:
    """9: An item or rule that needs a removed tag is an error of composing, and names the removal."""
    told, _ = mended({
        "harbour.yaml": profile("harbour", TAGGED), "city.yaml": directive("city", city), "plan.yaml": plan("harbour", body),
    })  # fmt: skip
    assert told.codes == ["RemovedReference"]
    assert "tags/t is removed (不用), and these still need it: activities/x, rules/HAR001" in told.text
    assert told.paste == wanted


@pytest.mark.parametrize(
    ("body", "gone", "user"),
    [
        ("facts: {n: {type: integer, title: 甲, default: 3}}\nsections: {s: {title: 甲, when: n > 2}}\n", "facts: {n: {remove: 不用}}\n", "sections/s"),
        ("facts: {n: {type: integer, title: 甲, default: 3}}\nsections: {s: {title: 甲, lead: '共 {{ n }} 人'}}\n", "facts: {n: {remove: 不用}}\n", "sections/s"),
        ("sections: {s: {title: 甲, lead: '{{ activities.x.title }}'}}\nactivities: {x: {title: 甲, on: {month: 3}}}\n", "activities: {x: {remove: 不用}}\n", "sections/s"),
    ],
    ids=["condition", "fact-in-text", "activity-in-text"],
)  # fmt: skip
def test_what_is_read_and_removed(body: str, gone: str, user: str, mended: Any) -> None:
    """9, 11: A fact that a condition or a text reads, or an activity that a text prints, was removed: who, and why."""
    told, _ = mended({
        "harbour.yaml": profile("harbour", body), "city.yaml": directive("city", gone),
        "plan.yaml": plan("harbour", "directives: [city]\n"),
    })  # fmt: skip
    assert told.codes == ["RemovedReference"]
    assert f"is removed (不用), and these still need it: {user}\n" in told.text
    assert {party.layer for party in told.problems[0].parties} == {"harbour", "city"}


@pytest.mark.parametrize(
    ("body", "offered"),
    [
        ("sections: {s: {measures: {m: {activities: [aa]}}}}\n", ("[a]", "{add: [a], remove: [aa]}")),
        ("activities: {a: {section: ss}}\n", ("section: s", "section: s")),
        ("activities: {a: {section: unknown}}\n", ("section: null", "section: null")),
        ("sections: {s: {after: [nowhere]}}\n", ("after: []", "after: {remove: [nowhere]}")),
        ("activities: {c: {on: {activity: aa, before: 3 days}}}\n", ('{activity: a, before: "3 days"}',) * 2),
    ],
)
def test_a_name_that_leads_nowhere_is_corrected(body: str, offered: tuple[str, str], mended: Any) -> None:
    """10, 18: The nearest name, or none, in the plan file's own words or over those of another layer."""
    base = {"base.yaml": profile("base", WEB)}
    here, _ = mended({**base, "plan.yaml": plan("base", body)})
    city = {"city.yaml": directive("city", body), "plan.yaml": plan("base", "directives: [city]\n")}
    there, _ = mended({**base, **city})
    assert (offered[0] in here.paste, offered[1] in there.paste) == (True, True)
    assert [[party.layer for party in one.problems[0].parties] for one in (here, there)] == [
        ["office"],
        ["city"],
    ]


def test_names_and_order_are_one_stratum(mended: Any) -> None:
    """18: A name that leads nowhere hides no circle."""
    body = (
        "sections: {a: {title: a, after: [b]}, b: {title: b, after: [a]}, c: {title: c, after: [nowhere]}}\n"
    )
    told, _ = mended({"base.yaml": profile("base", body), "plan.yaml": plan("base")})
    assert sorted(told.codes) == ["OrderCycle", "UnknownReference"]


# ---- order ----


def test_a_circle_names_only_its_own_edges(mended: Any) -> None:
    """10: Not what stands behind it, not an edge that was taken away; separate circles are separate errors."""
    files = {
        "aaa.yaml": profile("aaa", "sections: {a: {title: a}, b: {title: b}, c: {title: c}, x: {title: x, after: [y]}, y: {title: y, after: [x]}}\n"),
        "bbb.yaml": profile("bbb", "sections: {a: {after: [b]}, b: {after: [a]}, c: {after: [a]}}\n", extends="aaa"),
        "ccc.yaml": profile("ccc", "sections: {b: {after: [c]}}\n", extends="aaa"),
        "city.yaml": directive("city", "sections: {b: {after: {remove: [c]}}}\n"),
        "plan.yaml": plan("bbb, ccc", "directives: [city]\n"),
    }  # fmt: skip
    told, _ = mended(files)
    assert told.text == (
        "“after” and “before” run in a circle: a, b\n"
        "  bbb  layers/bbb.yaml:7  a: {after: [b]}\n"
        "  bbb  layers/bbb.yaml:7  b: {after: [a]}\n"
        "  fix: take one of these edges away in plan.yaml: sections: {a: {after: {remove: [b]}}}\n"
        "“after” and “before” run in a circle: x, y\n"
        "  aaa  layers/aaa.yaml:6  x: {after: [y]}\n"
        "  aaa  layers/aaa.yaml:6  y: {after: [x]}\n"
        "  fix: take one of these edges away in plan.yaml: sections: {x: {after: {remove: [y]}}}"
    )


# ---- requirements ----


@pytest.mark.parametrize(
    ("kind", "house", "upper", "loosened"),
    [
        ("count, per: year", "at_least: 5", "at_most: 2", "at_least: 2"),
        ("field, field: owner", "one_of: [甲, 乙]", "one_of: [丙]", "one_of: [丙]"),
        ("field, field: owner", "not_in: [甲, 乙]", "one_of: [甲]", "not_in: [乙]"),
        ("field, field: owner", "type: text", "type: list", "type: list"),
        ("require", "forbidden: true", "required: true", "forbidden: false"),
        ("total", "equals: 5", "at_least: 6", "equals: 6"),
        ("total", "equals: 5", "equals: 6", "equals: 6"),
        ("window", "months: [2, 3]", "months: [4]", "months: [4]"),
    ],
)
def test_a_house_requirement_gives_way(kind: str, house: str, upper: str, loosened: str, mended: Any) -> None:
    """12, 18: Where a house requirement clashes with the upper union's, the line to paste loosens it so far."""
    told, _ = mended({
        "harbour.yaml": profile("harbour", f"rules: {{HAR001: {{title: 甲, kind: {kind}, of: {{what: activity}}, {house}}}}}\n"),
        "city.yaml": directive("city", f"rules: {{HAR001: {{binding: upper, {upper}}}}}\n"),
        "plan.yaml": plan("harbour", "directives: [city]\n"),
    })  # fmt: skip
    assert told.codes == ["Unsatisfiable"]
    assert f"loosen: {{reason: 与其他规定不能同时满足, {loosened}}}" in told.paste


def test_a_clash_of_floors_is_named_first(refusal: Refusal) -> None:
    """12: Where the upper union's own requirements clash, no house requirement is named and no loosening offered."""
    told = refusal({
        "harbour.yaml": profile("harbour", RULE.replace("at_least: 2", "at_least: 5")),
        "city.yaml": directive("city", "rules: {HAR001: {binding: upper, at_least: 4}}\n"),
        "town.yaml": directive("town", "rules: {HAR001: {binding: upper, at_most: 2}}\n"),
        "plan.yaml": plan("harbour", "directives: [city, town]\n"),
    })  # fmt: skip
    (problem,) = told.problems
    assert ([party.layer for party in problem.parties], problem.paste) == (["city", "town"], "")
    assert "what the law or the upper union sets cannot be loosened" in told.text


def test_no_loosening_is_advised_against_a_floor(compose_text: Compose) -> None:
    """12: A number below the upper union's has no effect, and loosening would not help."""
    composed = compose_text({
        "harbour.yaml": profile("harbour", RULE),
        "city.yaml": directive("city", "rules: {HAR001: {binding: upper, at_least: 4}}\n"),
        "plan.yaml": plan("harbour", "directives: [city]\nrules: {HAR001: {at_least: 3}}\n"),
    })  # fmt: skip
    (note,) = [note for note in composed.notes if note.code == "NoEffect"]
    assert note.fix_text() == "the law or the upper union sets more; only a waiver answers the finding"


@pytest.mark.parametrize("body", ["loosen: {reason: 轮休, at_least: 1}", "remove: 轮休"])
def test_a_waiver_stands_where_the_floor_does_not_give_way(
    body: str, compose_text: Compose, refusal: Refusal
) -> None:
    """12, 15: In place of the loosening or the removal, with its reason, to the end of the period."""
    files = {
        "harbour.yaml": profile("harbour", RULE),
        "city.yaml": directive("city", "rules: {HAR001: {binding: upper, at_least: 2}}\n"),
    }
    head = "directives: [city]\n"
    told = refusal({**files, "plan.yaml": plan("harbour", f"{head}rules: {{HAR001: {{{body}}}}}\n")})
    (waiver,) = compose_text({**files, "plan.yaml": plan("harbour", f"{head}{told.paste}\n")}).waivers
    assert (waiver.rule, waiver.reason, str(waiver.until)) == ("HAR001", "轮休", "2027-12-31")


# ---- facts ----


@pytest.mark.parametrize(
    ("limits", "value", "party", "offered"),
    [
        ("type: integer, min: 1, max: 10", "0", "7", "7"),
        ("type: integer, min: 1, max: 10", "11", "10", "10"),
        ("type: choice, one_of: [一级, 二级]", "二级", "[一级]", "一级"),
    ],
)
def test_a_fact_outside_names_the_one_limit(
    limits: str, value: str, party: str, offered: str, mended: Any
) -> None:
    """5, 14: The value and the one limit that rules it out; the nearest value to paste."""
    narrower = "one_of: [一级]" if "choice" in limits else "min: 7"
    told, composed = mended({
        "harbour.yaml": profile("harbour", f"facts: {{n: {{title: 甲, {limits}}}}}\n"),
        "city.yaml": directive("city", f"facts: {{n: {{{narrower}}}}}\n"),
        "plan.yaml": plan("harbour", f"directives: [city]\nfacts: {{n: {value}}}\n"),
    })  # fmt: skip
    assert [one.value for one in told.problems[0].parties] == [party, value]
    assert str(composed.facts["n"]) == offered


def test_facts_are_one_stratum(refusal: Refusal) -> None:
    """18: A value of the wrong type hides no value outside its limits."""
    body = "facts: {n: {type: integer, title: 甲, min: 5}, m: {type: integer, title: 乙}}\n"
    told = refusal({"base.yaml": profile("base", body), "plan.yaml": plan("base", "facts: {n: 1, m: x}\n")})
    assert (told.kind, sorted(told.codes)) == ("PlanFileError", ["Unsatisfiable", "WrongType"])


def test_a_default_is_not_for_others(refusal: Refusal) -> None:
    """5: A directive that states a default is told to state the value."""
    told = refusal({
        "base.yaml": profile("base", "facts: {n: {type: integer, title: 甲, default: 1}}\n"),
        "city.yaml": directive("city", "facts: {n: {default: 3}}\n"), "plan.yaml": plan("base", "directives: [city]\n"),
    })  # fmt: skip
    assert (
        "facts/n/default belongs to “base”, which introduces the item; nobody else may state it" in told.text
    )
    assert "fix: write “value:” instead of “default:”" in told.text


@pytest.mark.parametrize(
    ("kind", "default", "stated", "noted"),
    [("number", "0.1", "", False), ("list", "[甲]", "", False), ("number", "0.1", "facts: {n: 0.2}\n", True),
     ("number", "80", "facts: {n: 80}\n", False)],
)  # fmt: skip
def test_facts_off_their_default(
    kind: str, default: str, stated: str, noted: bool, compose_text: Compose
) -> None:
    """14: A fact on its default is not off it, of whatever type."""
    when = "'甲' in n" if kind == "list" else "n > 0"
    composed = compose_text({
        "harbour.yaml": profile("harbour", f"facts: {{n: {{type: {kind}, title: 甲, default: {default}}}}}\n"
                                           + RULE.replace("at_least", f'when: "{when}", at_least')),
        "city.yaml": directive("city", "rules: {HAR001: {binding: upper}}\n"),
        "plan.yaml": plan("harbour", "directives: [city]\n" + stated),
    })  # fmt: skip
    notes = planloom.check(composed).notes
    assert any(note.code == "FactOffDefault" for note in notes) == noted


# ---- existence ----


def test_an_item_that_only_others_speak_of_can_be_left_out(mended: Any) -> None:
    """8: A directive speaks of what no selected profile has: the line to paste leaves it out."""
    told, composed = mended({
        "harbour.yaml": profile("harbour", OPEN_DAY),
        "city.yaml": directive("city", "activities: {night-run: {place: 码头}}\n"),
        "plan.yaml": plan("harbour", "directives: [city]\n"),
    })  # fmt: skip
    assert told.codes == ["Incomplete"]
    assert [activity.id for activity in composed.activities] == ["open-day"]


def test_a_removal_of_what_only_a_condition_names(refusal: Refusal) -> None:
    """9: An item that stands only under an unmet `if_present` is not its own nearest name."""
    told = refusal({
        "harbour.yaml": profile("harbour"), "city.yaml": directive("city", "activities: {x: {if_present: true, place: 馆}}\n"),
        "plan.yaml": plan("harbour", "directives: [city]\nactivities: {x: {remove: 不办}}\n"),
    })  # fmt: skip
    assert "fix: leave the removal out" in told.text


def test_a_measure_restored_with_its_section(mended: Any) -> None:
    """9: The removal of a section takes its measures, so restoring one of them is not idle."""
    body = "directives: [city]\nsections: {s: {measures: {m: {restore: 要办}}}}\n"
    told, composed = mended({
        "harbour.yaml": profile("harbour", "sections: {s: {title: 甲, measures: {m: {text: 一}}}}\n"),
        "city.yaml": directive("city", "sections: {s: {remove: 不设}}\n"), "plan.yaml": plan("harbour", body),
    })  # fmt: skip
    assert told.codes == ["RemovedYetChanged"]
    assert [section.id for section in composed.sections] == ["s"]


def test_what_is_not_applied_names_who_said_it(compose_text: Compose) -> None:
    """8, 18: With layer, file and line."""
    composed = compose_text({
        "harbour.yaml": profile("harbour"), "city.yaml": directive("city", "activities: {x: {if_present: true, place: 馆}}\n"),
        "plan.yaml": plan("harbour", "directives: [city]\n"),
    })  # fmt: skip
    (note,) = [note for note in composed.notes if note.code == "NotApplied"]
    assert [str(party) for party in note.parties] == ["city  layers/city.yaml:6  true"]


# ---- pasting ----


def test_a_paste_keeps_what_the_plan_file_says_of_a_set(mended: Any) -> None:
    """18: What it takes away already, it still takes away."""
    body = "tags: {t: {words: [甲]}, u: {words: [乙]}}\nactivities: {x: {title: 甲, on: {month: 3}, tags: [t, u]}}\n"
    told, composed = mended({
        "harbour.yaml": profile("harbour", body), "railway.yaml": profile("railway", "activities: {x: {tags: {remove: [t]}}}\n"),
        "plan.yaml": plan("harbour, railway", "activities: {x: {tags: {remove: [u]}}}\n"),
    })  # fmt: skip
    assert told.paste == "activities: {x: {tags: {add: [t], remove: [u]}}}"
    assert composed.activities[0].tags == ("t",)


def test_a_paste_keeps_the_value_of_a_fact(mended: Any) -> None:
    """18: Where the plan file answers a fact and two layers differ about the fact."""
    told, composed = mended({
        "harbour.yaml": profile("harbour", "facts: {n: {type: integer, title: 甲}}\n"),
        "railway.yaml": profile("railway", "facts: {n: {title: 乙}}\n"),
        "plan.yaml": plan("harbour, railway", "facts: {n: 5}\n"),
    })  # fmt: skip
    assert told.paste == "facts: {n: {value: 5, title: 甲}}"
    assert composed.facts == {"n": 5}


def test_a_paste_writes_odd_characters_so_that_they_can_be_read(
    compose_text: Compose, refusal: Refusal
) -> None:
    """18: A line separator, a next line and a byte order mark are escaped."""
    title = r'"甲\u2028乙\x85丙\ufeff"'
    files = {
        "harbour.yaml": profile("harbour", f"activities: {{x: {{title: {title}, on: {{month: 3}}}}}}\n"),
        "railway.yaml": profile("railway", "activities: {x: {title: 乙}}\n"),
    }
    told = refusal({**files, "plan.yaml": plan("harbour, railway")})
    (x,) = compose_text({**files, "plan.yaml": plan("harbour, railway", told.paste + "\n")}).activities
    assert x.title == "甲\u2028乙\x85丙\ufeff"


def test_all_pastes_in_one_block(compose_text: Compose, refusal: Refusal) -> None:
    """18: Several lines for one collection are offered together too, each key once."""
    railway = QUARREL["railway.yaml"].replace("title: 开放日", "title: 公开日")
    files = {
        **QUARREL,
        "railway.yaml": railway + "heading: 甲\n",
        "airport.yaml": profile("airport", "heading: 乙\n"),
    }
    told = refusal({**files, "plan.yaml": plan("harbour, railway, airport")})
    assert len(told.problems) == 3
    block = together(told.problems)
    assert block == "activities:\n  open-day: {on: {month: 3}, title: 开放日}\nheading: 乙"
    compose_text({**files, "plan.yaml": plan("harbour, railway, airport", block + "\n")})
    assert together(told.problems[:1]) == ""


def test_granting_nobody(compose_text: Compose, refusal: Refusal) -> None:
    """13: A name under `grant` that no layer of the plan has is refused, with the nearest."""
    files = {"harbour.yaml": profile("harbour", RULE.replace("at_least: 2", "at_least: 2, binding: upper"))}
    told = refusal({**files, "plan.yaml": plan("harbour", "grant: [harbor, nobody]\n")})
    assert told.text.splitlines()[:2] == [
        "plan.yaml:4: “grant” names “harbor”, and no layer of that name takes part",
        "  fix: did you mean “harbour”?: grant: [harbour]",
    ]
    assert told.codes == ["UnknownGrant", "UnknownGrant"]
    composed = compose_text({**files, "plan.yaml": plan("harbour", told.paste + "\n")})
    assert rule_of(composed)["binding"] == "upper"


def test_several_circles_through_one_item_end_together(mended: Any) -> None:
    """10: Where one edge is not enough, the line to paste takes away as many as it needs, the least specific."""
    files = {
        "aaa.yaml": profile("aaa", "sections: {a: {title: a, after: [b, c]}, b: {title: b, after: [b]}, c: {title: c}}\n"),
        "bbb.yaml": profile("bbb", "sections: {b: {after: [a]}, c: {after: [a]}}\n", extends="aaa"),
        "plan.yaml": plan("bbb"),
    }  # fmt: skip
    told, composed = mended(files)
    assert told.codes == ["OrderCycle"]
    assert told.paste == "sections: {b: {after: {remove: [b]}}, a: {after: {remove: [c, b]}}}"
    assert [section.id for section in composed.sections] == ["a", "b", "c"]
