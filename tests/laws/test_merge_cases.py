"""Every statement of docs/merging.md and of its exact semantics, by number, with one case to read."""

# ruff: noqa: E501

import pytest

import planloom
from planloom.facts import Words
from planloom_schemas.convert import plan_to_json
from planloom_schemas.errors import PlanloomError
from planloom_schemas.plan import Plan
from planloom_schemas.statement import Strategy, said, statement

from .conftest import Compose, Refusal


def profile(name: str, body: str = "", *, extends: str = "", kind: str = "profile") -> str:
    """A layer file: five lines of head (six with `extends`), then the body."""
    head = f"planloom: 1\nlayer: {name}\nkind: {kind}\ntitle: {name}\nprefix: {name.upper():X<3.3}\n"
    return head + (f"extends: [{extends}]\n" if extends else "") + body


def directive(name: str, body: str = "", *, extends: str = "") -> str:
    """A directive file."""
    return profile(name, body, extends=extends, kind="directive")


def plan(profiles: str, body: str = "") -> str:
    """A plan file: three lines of head, then the body."""
    return f"planloom: 1\nplan: office\nprofiles: [{profiles}]\n" + body


def activities(composed: Plan) -> dict[str, str]:
    """Titles of activities by id."""
    return {activity.id: activity.title for activity in composed.activities}


OPEN_DAY = "activities: {open-day: {title: 开放日, on: {month: 3}}}\n"
RULE = """rules:
  HAR001: {title: 开会, kind: count, of: {what: activity}, per: year, at_least: 2}
"""
BOUND = """documents: {law: {title: 工会法}}
rules:
  HAR001: {title: 开会, kind: count, of: {what: activity}, per: year, at_least: 2, binding: law,
           basis: [{document: law, verified: true}]}
"""

# ---- 1–3 ----


def test_a_definition_knows_where_it_stands(compose_text: Compose) -> None:
    """1: A definition is a path, a value and an origin with file and line."""
    composed = compose_text({"harbour.yaml": profile("harbour", OPEN_DAY), "plan.yaml": plan("harbour")})
    (held,) = composed.origins["activities/open-day/title"].holds
    assert (held.value, held.origin.layer, held.origin.line) == ("开放日", "harbour", 6)
    assert held.origin.file.endswith("harbour.yaml")


def test_a_layer_counts_once(compose_text: Compose) -> None:
    """2: Naming a layer twice, or reaching it by two ways, changes nothing."""
    files = {
        "base.yaml": profile("base", OPEN_DAY),
        "left.yaml": profile("left", extends="base"),
        "right.yaml": profile("right", extends="base"),
    }
    once = compose_text({**files, "plan.yaml": plan("left, right")})
    twice = compose_text(
        {**files, "plan.yaml": plan("right, base, left, right")}, profiles=["left", "right", "left"]
    )
    assert plan_to_json(once)["activities"] == plan_to_json(twice)["activities"]
    assert once.origins == twice.origins


def test_a_composed_plan_is_no_input(compose_text: Compose, refusal: Refusal) -> None:
    """3: What composing gave cannot be composed again."""
    import json

    files = {"harbour.yaml": profile("harbour", OPEN_DAY)}
    composed = compose_text({**files, "plan.yaml": plan("harbour")})
    again = refusal({**files, "plan.yaml": json.dumps(plan_to_json(composed), ensure_ascii=False)})
    assert again.kind == "PlanFileError"
    assert again.codes == ["NotAPlanFile"]


def test_a_layer_that_cannot_be_read_is_named_where_it_is_missed(refusal: Refusal) -> None:
    """18: Beside the name that nobody offers stands what is wrong with the files that could offer it."""
    told = refusal(
        {"harbour.yaml": "planloom: 1\nlayer: harbour\n  kind: profile\n", "plan.yaml": plan("harbour")}
    )
    assert sorted(told.codes) == ["UnexpectedColon", "UnknownLayer"]
    assert "layers/harbour.yaml:3: a colon stands here" in told.text


# ---- 4: who beats whom ----


def test_the_more_specific_layer_wins(compose_text: Compose) -> None:
    """4: Plan file over directive over profile; within a kind, over what is extended, also through others."""
    files = {
        "base.yaml": profile(
            "base", "activities: {a: {title: base, on: {month: 3}, place: base, participants: base}}\n"
        ),
        "middle.yaml": profile("middle", extends="base"),
        "top.yaml": profile("top", "activities: {a: {title: top, place: top}}\n", extends="middle"),
        "district.yaml": directive("district", "activities: {a: {title: district}}\n"),
        "plan.yaml": plan("top", "directives: [district]\nactivities: {a: {owner: 王芳}}\n"),
    }
    (a,) = compose_text(files).activities
    assert (a.title, a.place, a.participants, a.owner) == ("district", "top", "base", ("王芳",))


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        ({"a.yaml": profile("a", extends="b"), "b.yaml": profile("b", extends="a")}, "“extends” runs in a circle: a → b → a"),
        ({"a.yaml": profile("a", extends="harbor"), "harbour.yaml": profile("harbour")},
         "layers/a.yaml:6: there is no profile or directive “harbor”"),
        ({"a.yaml": profile("a", extends="d"), "d.yaml": directive("d")},
         "“d” is a directive, but “a”, which extends it, is a profile"),
    ],
    ids=["circle", "missing", "kind"],
)  # fmt: skip
def test_extends_must_make_sense(files: dict[str, str], wanted: str, refusal: Refusal) -> None:
    """4: A circle, a missing parent and a parent of another kind are errors."""
    assert wanted in refusal({**files, "plan.yaml": plan("a")}).text


# ---- 5: strategies ----

QUARREL = {
    "harbour.yaml": profile("harbour", "activities: {open-day: {title: 开放日, on: {month: 3}}}\n"),
    "railway.yaml": profile("railway", "activities:\n  open-day: {title: 开放日, on: {month: 11}}\n"),
}


def test_a_disagreement_names_both_and_the_line_to_paste(refusal: Refusal) -> None:
    """5, 9, 18: Unrelated layers that differ are both named, with value, file and line, and the line that ends it."""
    told = refusal({**QUARREL, "plan.yaml": plan("railway, harbour")})
    assert told.text == (
        "2 layers say different things of activities/open-day/on\n"
        "  harbour  layers/harbour.yaml:6  {month: 3}\n"
        "  railway  layers/railway.yaml:7  {month: 11}\n"
        "  fix: say in plan.yaml what holds: activities: {open-day: {on: {month: 3}}}"
    )


def test_a_disagreement_of_three_names_three(refusal: Refusal) -> None:
    """5: All parties are named, also those that agree with each other."""
    third = {"airport.yaml": profile("airport", "activities: {open-day: {on: {month: 3}}}\n")}
    told = refusal({**QUARREL, **third, "plan.yaml": plan("railway, harbour, airport")})
    assert [party.layer for party in told.problems[0].parties] == ["airport", "harbour", "railway"]


DISAGREEMENTS = {
    "heading": ("heading: 甲\n", "heading: 乙\n", ""),
    "text": ("sections: {s: {title: 甲, measures: {m: {text: '甲：乙'}}}}\n", "sections: {s: {measures: {m: {text: 丙}}}}\n", ""),
    "lead": ("sections: {s: {title: 甲, lead: null}}\n", "sections: {s: {lead: '第一行\n\n  第二行'}}\n", ""),
    "owner": ("activities: {a: {title: 甲, on: {month: 3}, owner: [甲, 乙]}}\n", "activities: {a: {owner: 丙}}\n", ""),
    "money": ("budget: {b: {title: 甲, amount: 12.5}}\n", "budget: {b: {amount: 12}}\n", ""),
    "spend": ("activities: {a: {title: 甲, on: {month: 3}, budget: 0.5}}\n", "activities: {a: {budget: null}}\n", ""),
    "festival": ("festivals: {厂庆: {date: 05-20}}\n", "festivals: {厂庆: {date: 05-21}}\n", ""),
    "festival-on": ("activities: {a: {title: 甲, on: {festival: 春节, before: 10 days}}}\n", "activities: {a: {on: {from: 12-20, to: 01-10}}}\n", ""),
    "editions": ("documents: {d: {title: 甲, editions: [{year: 2021, from: 2022-01-01}]}}\n", "documents: {d: {editions: []}}\n", ""),
    "target": ("sections: {s: {title: 甲, measures: {m: {text: 甲, target: {value: 99.5, unit: '%'}}}}}\n", "sections: {s: {measures: {m: {target: null}}}}\n", ""),
    "message": (RULE.replace("at_least", "messages: {few: 少}, at_least"), "rules: {HAR001: {messages: {few: '太少，不够'}}}\n", ""),
    "word": ("rules: {HAR001: {title: 甲, kind: wording, words: {校务公开: 院务公开}}}\n", "rules: {HAR001: {words: {校务公开: 厂务公开}}}\n", ""),
    "tag": ("tags: {t: {words: [甲]}}\nactivities: {a: {title: 甲, on: {month: 3}, tags: [t]}}\n", "activities: {a: {tags: {remove: [t]}}}\n", ""),
    "merge-months": ("sections: {s: {title: 甲, merge_months: [[1, 2]]}}\n", "sections: {s: {merge_months: null}}\n", ""),
    "truth": ("facts: {f: {type: boolean, title: 甲, ask: true}}\n", "facts: {f: {ask: false}}\n", ""),
    "yes": ("activities: {a: {title: 甲, on: {month: 3}, place: 'yes'}}\n", "activities: {a: {place: 'true'}}\n", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", DISAGREEMENTS)
def test_the_line_to_paste_ends_the_disagreement(name: str, compose_text: Compose, refusal: Refusal) -> None:
    """18: For every kind of value, the offered line is valid in a plan file and ends the conflict."""
    one, other, _ = DISAGREEMENTS[name]
    files = {"harbour.yaml": profile("harbour", one), "railway.yaml": profile("railway", other)}
    told = refusal({**files, "plan.yaml": plan("harbour, railway")})
    assert told.codes == ["ValueConflict"]
    compose_text({**files, "plan.yaml": plan("harbour, railway", told.paste + "\n")})


def test_equal_values_are_shared(compose_text: Compose) -> None:
    """5: Unrelated layers that say the same do not disagree, and both are recorded."""
    files = {"harbour.yaml": QUARREL["harbour.yaml"], "railway.yaml": profile("railway", OPEN_DAY)}
    held = compose_text({**files, "plan.yaml": plan("harbour, railway")}).origins["activities/open-day/on"]
    assert [one.origin.layer for one in held.holds] == ["harbour", "railway"]
    assert held.why == "agreed"


def test_sets_add_and_take_away(compose_text: Compose) -> None:
    """5: A plain list adds, `remove` takes away, element by element."""
    files = {
        "base.yaml": profile("base", "tags: {a: {words: [甲]}, b: {words: [乙]}, c: {words: [丙]}}\n"
                                     "activities: {x: {title: 甲, on: {month: 3}, tags: [a, b]}}\n"),
        "top.yaml": profile("top", "activities: {x: {tags: {add: [c], remove: [a]}}}\n", extends="base"),
        "plan.yaml": plan("top"),
    }  # fmt: skip
    assert compose_text(files).activities[0].tags == ("b", "c")


def test_sets_disagree_by_element(refusal: Refusal) -> None:
    """5: An add and a removal neither of which beats the other are a conflict that names both."""
    files = {
        "harbour.yaml": profile("harbour", "tags: {a: {words: [甲]}}\nactivities: {x: {title: 甲, on: {month: 3}, tags: [a]}}\n"),
        "railway.yaml": profile("railway", "activities: {x: {tags: {remove: [a]}}}\n"),
    }  # fmt: skip
    assert refusal({**files, "plan.yaml": plan("harbour, railway")}).text == (
        "one layer adds a to activities/x/tags, another takes it away\n"
        "  harbour  layers/harbour.yaml:7  [a]\n"
        "  railway  layers/railway.yaml:6  {remove: [a]}\n"
        "  fix: say in plan.yaml what holds: activities: {x: {tags: [a]}}"
    )


def test_taking_away_what_nobody_adds_is_an_error(refusal: Refusal) -> None:
    """5: With the nearest element."""
    body = "tags: {open: {words: [甲]}}\nactivities: {x: {title: 甲, on: {month: 3}, tags: [open]}}\n"
    told = refusal({
        "harbour.yaml": profile("harbour", body),
        "plan.yaml": plan("harbour", "activities: {x: {tags: {remove: [opne]}}}\n"),
    })  # fmt: skip
    assert told.text == (
        "plan.yaml:4: opne is taken away from activities/x/tags, but nobody adds it\n"
        "  office  plan.yaml:4  {remove: [opne]}\n"
        "  fix: did you mean open?"
    )


@pytest.mark.parametrize(
    ("kind", "low", "high", "wanted"),
    [
        ("count, per: year, of: {what: activity}", "at_least: 1", "at_least: 3", {"at_least": 3}),
        ("count, per: year, of: {what: activity}", "at_most: 1", "at_most: 3", {"at_most": 1}),
        ("field, field: owner, of: {what: activity}", "one_of: [甲, 乙]", "one_of: [乙, 丙]", {"one_of": ["乙"]}),
        ("field, field: owner, of: {what: activity}", "not_in: [甲]", "not_in: [乙]", {"not_in": ["甲", "乙"]}),
        ("require, of: {what: section}", "required: true", "required: false", {"required": True}),
        ("order, first: {what: activity}, then: {what: measure}", "gap: 10 days", "gap: 30 days", {"gap": "30 days"}),
        ("coverage, of: {what: activity}, every: month", "allow_empty: [2, 8]", "allow_empty: [2]", {"allow_empty": [2]}),
        ("window, of: {what: activity}", "near: {date: 05-12}, within: 9 days", "near: {date: 05-12}, within: 5 days",
         {"near": {"date": "05-12"}, "within": "5 days"}),
        ("stale", "checks: [year]", "checks: [era]", {"checks": ["year", "era"]}),
    ],
)  # fmt: skip
def test_requirements_join(
    kind: str, low: str, high: str, wanted: dict[str, object], compose_text: Compose
) -> None:
    """5, 16: Each parameter joins by its own rule, whoever says it, and the stricter side wins."""
    for one, other in ((low, high), (high, low)):
        composed = compose_text({
            "harbour.yaml": profile("harbour", f"rules: {{HAR001: {{title: 甲, kind: {kind}, {one}}}}}\n"),
            "railway.yaml": profile("railway", f"rules: {{HAR001: {{{other}}}}}\n"),
            "plan.yaml": plan("harbour, railway"),
        })  # fmt: skip
        (rule,) = [rule for rule in plan_to_json(composed)["rules"] if rule["code"] == "HAR001"]  # type: ignore[attr-defined]
        got = {
            key: sorted(v) if isinstance(v, list) else v for key, v in rule["params"].items() if key in wanted
        }
        assert got == {key: sorted(v) if isinstance(v, list) else v for key, v in wanted.items()}


def test_windows_stand_side_by_side(compose_text: Compose) -> None:
    """5: Different windows all hold; the merge does not look into the calendar."""
    composed = compose_text({
        "harbour.yaml": profile("harbour", "rules: {HAR001: {title: 甲, kind: window, of: {what: activity}, after: {month: 3}}}\n"),
        "railway.yaml": profile("railway", "rules: {HAR001: {after: {month: 5}}}\n"),
        "plan.yaml": plan("harbour, railway"),
    })  # fmt: skip
    (rule,) = [rule for rule in composed.rules if rule.code == "HAR001"]
    assert len(rule.params["after"]) == 2  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "parameters", "parties"),
    [
        ("count, per: year, of: {what: activity}", ("at_least: 5", "at_least: 4", "at_most: 3"), "ac"),
        (
            "field, field: owner, of: {what: activity}",
            ("one_of: [甲, 乙]", "one_of: [甲]", "one_of: [乙]"),
            "bc",
        ),
        (
            "field, field: owner, of: {what: activity}",
            ("one_of: [甲, 乙]", "not_in: [甲]", "not_in: [乙]"),
            "abc",
        ),
        ("field, field: owner, of: {what: activity}", ("one_of: [甲]", "not_in: [甲]", "not_in: [乙]"), "ab"),
        ("field, field: owner, of: {what: activity}", ("type: text", "type: text", "type: list"), "ac"),
        ("require, of: {what: section}", ("required: true", "forbidden: false", "forbidden: true"), "ac"),
    ],
)
def test_what_nobody_can_meet_is_refused(
    kind: str, parameters: tuple[str, str, str], parties: str, refusal: Refusal
) -> None:
    """5: An empty or crossing join names the least set that clashes, and is said before there is a plan."""
    first, second, third = parameters
    told = refusal({
        "a.yaml": profile("a", f"rules: {{AXX001: {{title: 甲, kind: {kind}, {first}}}}}\n"),
        "b.yaml": profile("b", f"rules: {{AXX001: {{{second}}}}}\n"),
        "c.yaml": profile("c", f"rules: {{AXX001: {{{third}}}}}\n"),
        "plan.yaml": plan("a, b, c"),
    })  # fmt: skip
    assert told.codes == ["Unsatisfiable"]
    assert "".join(party.layer for party in told.problems[0].parties) == parties


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("facts: {f: {type: integer, title: 甲}}\n", "facts: {f: {type: integer}}\n"),
        (RULE, "rules: {HAR001: {of: {what: activity}}}\n"),
        (RULE, "rules: {HAR001: {when: f > 1}}\nfacts: {f: {type: integer, default: 1}}\n"),
        (BOUND, "rules: {HAR001: {help: 见章程}}\n"),
        (BOUND, "rules: {HAR001: {messages: {few: 少}}}\n"),
    ],
)
def test_fixed_fields_belong_to_one_layer(one: str, other: str, refusal: Refusal) -> None:
    """5: Only the layer that introduces an item states its fixed fields; an equal value elsewhere is an error."""
    told = refusal({
        "harbour.yaml": profile("harbour", one), "railway.yaml": profile("railway", other),
        "plan.yaml": plan("harbour, railway", "grant: [harbour]\n"),
    })  # fmt: skip
    assert told.codes == ["Redefined"]
    assert {party.layer for party in told.problems[0].parties} == {"harbour", "railway"}


def test_a_layer_may_repeat_what_it_extends_has_fixed(compose_text: Compose) -> None:
    """5: An equal value of a layer that is extended, directly or through others, may be said again; both hold."""
    composed = compose_text({
        "base.yaml": profile("base", "facts: {f: {type: integer, default: 2}}\n"),
        "middle.yaml": profile("middle", extends="base"),
        "top.yaml": profile("top", "facts: {f: {type: integer, default: 2, min: 1}}\n", extends="middle"),
        "plan.yaml": plan("top"),
    })  # fmt: skip
    for field in ("type", "default"):
        found = composed.origins[f"facts/f/{field}"]
        assert ([held.origin.layer for held in found.holds], found.beat, found.why) == (
            ["base", "top"],
            (),
            "agreed",
        )
    assert composed.facts == {"f": 2}


@pytest.mark.parametrize(
    ("kind", "extends", "repeated"),
    [
        ("profile", "base", "{type: number}"),
        ("profile", "base", "{type: integer, default: 3}"),
        ("profile", "", "{type: integer}"),
        ("directive", "", "{type: integer}"),
    ],
)
def test_nobody_else_repeats_a_fixed_field(kind: str, extends: str, repeated: str, refusal: Refusal) -> None:
    """5: Another value, a field the first layer did not fix, and a layer that does not extend it are refused."""
    told = refusal({
        "base.yaml": profile("base", "facts: {f: {type: integer, title: 甲}}\n"),
        "other.yaml": profile("other", f"facts: {{f: {repeated}}}\n", extends=extends, kind=kind),
        "plan.yaml": plan("base, other" if kind == "profile" else "base", "directives: [other]\n" * (kind != "profile")),
    })  # fmt: skip
    assert told.codes == ["Redefined"]
    assert {party.layer for party in told.problems[0].parties} == {"base", "other"}


def test_house_rules_may_be_reworded(compose_text: Compose) -> None:
    """5: On house rules other layers may state title, help and messages."""
    body = "rules: {HAR001: {title: 开大会, help: 见章程, messages: {few: 少}}}\n"
    files = {"harbour.yaml": profile("harbour", RULE), "top.yaml": profile("top", body, extends="harbour")}
    (rule,) = [
        rule for rule in compose_text({**files, "plan.yaml": plan("top")}).rules if rule.code == "HAR001"
    ]
    assert (rule.title, rule.help, rule.messages) == ("开大会", "见章程", {"few": "少"})


def test_a_field_without_strategy_does_not_import() -> None:
    """5: A class of statements names a strategy for every field, and a join where the strategy is join."""
    with pytest.raises(TypeError, match="names no merge strategy"):

        @statement
        class Nameless:
            title: str = ""

    with pytest.raises(TypeError, match="a join goes with strategy join"):

        @statement
        class Joinless:
            most: int = said(Strategy.JOIN, "最多")


# ---- 6, 7: prose and canonical form ----


def test_texts_are_replaced_whole(compose_text: Compose) -> None:
    """6: A section has a lead and keyed measures; each text has one value."""
    files = {
        "base.yaml": profile(
            "base", "sections: {s: {title: 甲, lead: 起, measures: {m: {text: 一}, n: {text: 二}}}}\n"
        ),
        "plan.yaml": plan("base", "sections: {s: {measures: {n: {text: 改}}}}\n"),
    }
    (section,) = compose_text(files).sections
    assert (section.lead, [measure.text for measure in section.measures]) == ("起", ["一", "改"])


def test_values_are_compared_in_canonical_form(compose_text: Compose) -> None:
    """7: One name or a list of one, composed or decomposed letters, a number or its decimal: the same."""
    one = "activities: {a: {title: Café, on: {month: 3}, owner: 工会, budget: 100}}\n"
    other = "activities: {a: {title: Cafe\u0301, on: {month: 3}, owner: [工会], budget: {amount: 100.0}}}\n"
    composed = compose_text({
        "harbour.yaml": profile("harbour", one), "railway.yaml": profile("railway", other),
        "plan.yaml": plan("harbour, railway"),
    })  # fmt: skip
    assert composed.origins["activities/a/title"].why == "agreed"


def test_true_is_not_one(refusal: Refusal) -> None:
    """7: A truth value and a number are never the same value."""
    told = refusal({
        "base.yaml": profile("base", "facts: {f: {type: integer, title: 甲}}\n"),
        "one.yaml": directive("one", "facts: {f: {value: 1}}\n"),
        "two.yaml": directive("two", "facts: {f: {value: true}}\n"),
        "plan.yaml": plan("base", "directives: [one, two]\n"),
    })  # fmt: skip
    assert told.codes == ["ValueConflict"]


# ---- 8, 9: existence ----


def test_an_incomplete_item_names_the_nearest(refusal: Refusal) -> None:
    """8: An item of which nobody states a required field is an error with the nearest key."""
    told = refusal({
        "harbour.yaml": profile("harbour", OPEN_DAY),
        "plan.yaml": plan("harbour", "activities: {open-dya: {place: 馆}}\n"),
    })  # fmt: skip
    assert told.text == (
        "plan.yaml:4: activities/open-dya is not complete: nobody states title, on\n"
        "  office  plan.yaml:4  馆\n"
        "  fix: did you mean “open-day”? otherwise state title, on"
    )


def test_a_measure_needs_its_section(refusal: Refusal) -> None:
    """8: A measure in a section that nobody states is no section."""
    told = refusal({
        "harbour.yaml": profile("harbour", "sections: {s: {measures: {m: {text: 甲}}}}\n"), "plan.yaml": plan("harbour"),
    })  # fmt: skip
    assert "sections/s is not complete: nobody states title" in told.text


def test_if_present(compose_text: Compose) -> None:
    """8: What stands under `if_present` applies where another layer completes the item, and is listed elsewhere."""
    files = {
        "harbour.yaml": profile("harbour", OPEN_DAY),
        "railway.yaml": profile("railway", "activities: {meeting: {title: 会, on: {month: 5}}}\n"),
        "district.yaml": directive("district", "activities: {open-day: {if_present: true, place: 码头}}\n"),
    }
    body = "directives: [district]\n"
    met = compose_text({**files, "plan.yaml": plan("harbour", body)})
    assert met.activities[0].place == "码头"
    unmet = compose_text({**files, "plan.yaml": plan("railway", body)})
    assert activities(unmet) == {"meeting": "会"}
    (note,) = [note for note in unmet.notes if note.code == "NotApplied"]
    assert note.text() == "what “district” says of activities/open-day is not applied: no other layer has it"


def test_two_conditions_do_not_complete_each_other(compose_text: Compose) -> None:
    """8: An item of which everybody speaks conditionally is not there, nor are the measures said with it."""
    body = "sections: {s: {if_present: true, title: 甲, measures: {m: {text: 甲}}}}\n"
    composed = compose_text({
        "harbour.yaml": profile("harbour", body), "railway.yaml": profile("railway", body),
        "plan.yaml": plan("harbour, railway"),
    })  # fmt: skip
    assert composed.sections == ()
    assert [note.code for note in composed.notes].count("NotApplied") == 2


def test_if_present_hides_no_other_statement(refusal: Refusal) -> None:
    """8: What others say without condition is not lost because a conditional layer does not apply."""
    told = refusal({
        "harbour.yaml": profile("harbour", "sections: {s: {if_present: true, title: 甲}}\n"),
        "railway.yaml": profile("railway", "sections: {s: {measures: {m: {text: 甲}}}}\n"),
        "plan.yaml": plan("harbour, railway"),
    })  # fmt: skip
    assert told.codes == ["Incomplete"]


REMOVED = {
    "harbour.yaml": profile("harbour", OPEN_DAY),
    "city.yaml": directive("city", "activities: {open-day: {remove: 经费不足}}\n"),
}


def test_remove_and_restore(compose_text: Compose) -> None:
    """9: A removal takes the item away until a restore beats it; provenance keeps both reasons."""
    gone = compose_text({**REMOVED, "plan.yaml": plan("harbour", "directives: [city]\n")})
    assert activities(gone) == {}
    assert gone.origins["activities/open-day"].holds[0].reason == "经费不足"
    back = compose_text(
        {
            **REMOVED,
            "plan.yaml": plan("harbour", "directives: [city]\nactivities: {open-day: {restore: 已筹到}}\n"),
        }
    )
    assert activities(back) == {"open-day": "开放日"}
    assert {one.reason for one in back.origins["activities/open-day"].holds} == {"", "经费不足", "已筹到"}


def test_removed_yet_changed(compose_text: Compose, refusal: Refusal) -> None:
    """9: Who speaks of an item that another removes is named with it; the line to paste restores it."""
    district = {"district.yaml": directive("district", "activities:\n  open-day: {place: 码头}\n")}
    body = "directives: [city, district]\n"
    told = refusal({**REMOVED, **district, "plan.yaml": plan("harbour", body)})
    assert told.text == (
        "activities/open-day is removed by one layer, and another speaks of it (activities/open-day/place)\n"
        "  city  layers/city.yaml:6  经费不足\n"
        "  district  layers/district.yaml:7  码头\n"
        "  fix: restore it in plan.yaml, or take out what is said of it: "
        'activities: {open-day: {restore: "保留：经费不足"}}'
    )
    back = compose_text({**REMOVED, **district, "plan.yaml": plan("harbour", body + told.paste + "\n")})
    assert back.activities[0].place == "码头"


def test_a_restore_meets_a_removal_it_does_not_beat(refusal: Refusal) -> None:
    """9: A restore and a removal neither of which beats the other are RemovedYetChanged."""
    other = {"county.yaml": directive("county", "activities: {open-day: {restore: 要办}}\n")}
    told = refusal({**REMOVED, **other, "plan.yaml": plan("harbour", "directives: [city, county]\n")})
    assert told.codes == ["RemovedYetChanged"]


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ("activities: {open-day: {restore: 要办}}\n", "activities/open-day is restored, but no layer below removes it"),
        ("activities: {open-dya: {remove: 不办}}\n", "activities/open-dya is removed, but no layer has it\n"
         "  office  plan.yaml:4  不办\n  fix: did you mean “open-day”?"),
        ("activities: {open-day: {remove: 不办, place: 馆}}\n", "one layer may not both remove an item and say something of it"),
        ("activities: {open-day: {remove: ''}}\n", "plan.yaml:4"),
    ],
)  # fmt: skip
def test_removals_that_make_no_sense(body: str, wanted: str, refusal: Refusal) -> None:
    """9: A restore of nothing, a removal of nothing, both removing and setting, a removal without reason."""
    assert (
        wanted
        in refusal({"harbour.yaml": profile("harbour", OPEN_DAY), "plan.yaml": plan("harbour", body)}).text
    )


def test_null_is_a_value(compose_text: Compose) -> None:
    """9: `null` says "none"; the item stays."""
    base = "sections: {s: {title: 甲, lead: 起, measures: {m: {text: 一}}}}\n"
    files = {"base.yaml": profile("base", base), "plan.yaml": plan("base", "sections: {s: {lead: null}}\n")}
    (section,) = compose_text(files).sections
    assert (section.title, section.lead, len(section.measures)) == ("甲", None, 1)


WEB = """sections: {s: {title: 甲, measures: {m: {text: 甲, activities: [a, b]}}}, t: {title: 乙}}
activities:
  a: {title: 甲, on: {month: 3}, section: t}
  b: {title: 乙, on: {activity: a, before: 10 days}}
  c: {title: 丙, on: {activity: a, after: 10 days}, section: s}
"""


def test_what_needs_a_removed_item_is_an_error(refusal: Refusal) -> None:
    """9: Activities that stand in a removed section or are dated from a removed activity, all in one message."""
    body = "sections: {t: {remove: 不设}}\nactivities: {b: {remove: 不办}}\n"
    told = refusal({"base.yaml": profile("base", WEB), "plan.yaml": plan("base", body)})
    assert told.codes == ["RemovedReference"]
    assert "sections/t is removed (不设), and these still need it: activities/a" in told.text
    both = refusal(
        {"base.yaml": profile("base", WEB), "plan.yaml": plan("base", "activities: {a: {remove: 不办}}\n")}
    )
    assert both.codes == ["RemovedReference"]
    assert "activities/a is removed (不办), and these still need it: activities/b, activities/c" in both.text


def test_a_removed_activity_drops_out_of_lists(compose_text: Compose) -> None:
    """9: A measure is carried out by what is left."""
    composed = compose_text({
        "base.yaml": profile("base", WEB), "plan.yaml": plan("base", "activities: {b: {remove: 不办}}\n"),
    })  # fmt: skip
    assert composed.sections[0].measures[0].activities == ("a",)


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (
            "sections: {s: {measures: {m: {activities: [aa]}}}}\n",
            "names “aa”, which no layer has under activities",
        ),
        (
            "sections: {s: {measures: {m: {on: {activity: zz}}}}}\n",
            "names “zz”, which no layer has under activities",
        ),
        ("activities: {a: {section: u}}\n", "names “u”, which no layer has under sections"),
        ("activities: {a: {tags: [x]}}\n", "names “x”, which no layer has under tags"),
        ("activities: {a: {on: {festival: 春接}}}\n", "is dated from the festival “春接”, which is unknown"),
        ("sections: {s: {after: [tt]}}\n", "names “tt”, which no layer has under sections"),
        ("sections: {s: {when: stuff > 1}}\n", "stuff"),
    ],
)
def test_unknown_names(body: str, wanted: str, refusal: Refusal) -> None:
    """10: A name that leads nowhere is an error that says where it was looked for."""
    assert wanted in refusal({"base.yaml": profile("base", WEB), "plan.yaml": plan("base", body)}).text


# ---- 10: order ----


def sections(composed: Plan) -> list[str]:
    """Ids of sections in print order."""
    return [section.id for section in composed.sections]


def test_order_of_introduction(compose_text: Compose) -> None:
    """10: What is extended comes first, then by layer id, then as written; directives follow, then the plan file."""
    files = {
        "root.yaml": profile("root", "sections: {r: {title: r}}\n"),
        "aaa.yaml": profile("aaa", "sections: {a2: {title: a}, a1: {title: a}}\n", extends="root"),
        "bbb.yaml": profile("bbb", "sections: {b: {title: b}, a1: {title: a}}\n"),
        "ddd.yaml": directive("ddd", "sections: {d: {title: d}}\n"),
        "plan.yaml": plan("aaa, bbb", "directives: [ddd]\nsections: {p: {title: p}, r: {lead: 起}}\n"),
    }
    assert sections(compose_text(files)) == ["b", "a1", "r", "a2", "d", "p"]


def test_edges_move_what_they_name(compose_text: Compose) -> None:
    """10: An edge moves an item; the others keep their order; a removed id drops its edges."""
    files = {"base.yaml": profile("base", "sections: {a: {title: a}, b: {title: b}, c: {title: c}}\n")}
    moved = "sections: {p: {title: p, before: [b]}, a: {after: [c]}}\n"
    assert sections(compose_text({**files, "plan.yaml": plan("base", moved)})) == ["c", "a", "p", "b"]
    gone = "sections: {p: {title: p, before: [b]}, b: {remove: 不设}}\n"
    assert sections(compose_text({**files, "plan.yaml": plan("base", gone)})) == ["a", "c", "p"]


def test_a_circle_prints_every_edge(refusal: Refusal) -> None:
    """10: With who said it and where."""
    files = {
        "base.yaml": profile(
            "base", "sections:\n  a: {title: a, after: [b]}\n  b: {title: b}\n  c: {title: c}\n"
        )
    }
    told = refusal({**files, "plan.yaml": plan("base", "sections: {a: {before: [b]}}\n")})
    assert told.text == (
        "“after” and “before” run in a circle: a, b\n"
        "  base  layers/base.yaml:7  a: {after: [b]}\n"
        "  office  plan.yaml:4  a: {before: [b]}\n"
        "  fix: take one of these edges away in plan.yaml: sections: {a: {after: {remove: [b]}}}"
    )


def test_dates_of_rules_are_no_edges(compose_text: Compose) -> None:
    """10: `after` and `before` of a rule are dates, not order."""
    body = "rules: {HAR001: {title: 甲, kind: window, of: {what: activity}, after: {month: 3}, before: {month: 6}}}\n"
    composed = compose_text({"harbour.yaml": profile("harbour", body), "plan.yaml": plan("harbour")})
    assert "HAR001" in {rule.code for rule in composed.rules}


# ---- 11: conditions ----

CONDITIONAL = """facts: {staff: {type: integer, title: 职工人数}, night: {type: boolean, title: 夜班}}
sections:
  s: {title: 甲, when: staff >= 100 or night, measures: {m: {text: 甲, activities: [a]}}}
  t: {title: 乙, measures: {n: {text: "{% if 'a' in activities %}有{% else %}无{% endif %}", activities: [a, c]}}}
activities:
  a: {title: 甲, on: {month: 3}, section: s}
  b: {title: 乙, on: {activity: a, after: 5 days}}
  c: {title: 丙, on: {month: 5}}
"""


def test_conditions_hide(compose_text: Compose) -> None:
    """11: A hidden section hides its measures, its activities and what is dated from them; lists and texts follow."""
    files = {"base.yaml": profile("base", CONDITIONAL)}
    shown = compose_text({**files, "plan.yaml": plan("base", "facts: {staff: 100, night: false}\n")})
    assert (sections(shown), sorted(activities(shown))) == (["s", "t"], ["a", "b", "c"])
    assert shown.sections[1].measures[0].text == "有"
    hidden = compose_text({**files, "plan.yaml": plan("base", "facts: {staff: 9, night: false}\n")})
    assert (sections(hidden), sorted(activities(hidden))) == (["t"], ["c"])
    assert (hidden.sections[0].measures[0].text, hidden.sections[0].measures[0].activities) == ("无", ("c",))


def test_conditions_are_three_valued(compose_text: Compose, refusal: Refusal) -> None:
    """11: A missing fact decides nothing, but need not be asked where the rest decides."""
    files = {"base.yaml": profile("base", CONDITIONAL)}
    decided = compose_text({**files, "plan.yaml": plan("base", "facts: {night: true}\n")})
    assert sections(decided) == ["s", "t"]
    told = refusal({**files, "plan.yaml": plan("base")})
    assert told.kind == "PlanFileError"
    assert told.text == (
        "the fact night (夜班) is not stated; 1 places need it, such as sections/s\n"
        "  fix: state it under facts: or with --set night=…\n"
        "the fact staff (职工人数) is not stated; 1 places need it, such as sections/s\n"
        "  fix: state it under facts: or with --set staff=…: facts: {night: , staff: }"
    ).replace("the fact", "plan.yaml:2: the fact") or told.codes == ["MissingFact", "MissingFact"]


def test_hidden_items_still_disagree(refusal: Refusal) -> None:
    """11: Conditions hide after fields and order are settled."""
    body = "facts: {{f: {{type: integer, default: 1, title: 甲}}}}\nsections: {{s: {{title: {title}, when: f > 5}}}}\n"
    told = refusal({
        "harbour.yaml": profile("harbour", body.format(title="甲")),
        "railway.yaml": profile("railway", "sections: {s: {title: 乙}}\n"), "plan.yaml": plan("harbour, railway"),
    })  # fmt: skip
    assert told.codes == ["ValueConflict"]


def test_conditions_know_what_a_fact_can_be(compose_text: Compose, refusal: Refusal) -> None:
    """11: As the layer says that introduces it; a layer that narrows the choices breaks nobody's condition."""
    body = "facts: {g: {type: choice, title: 等级, one_of: [一级, 二级]}}\nsections: {s: {title: 甲, when: g == '%s'}}\n"
    narrowed = "directives: [city]\nfacts: {g: 一级}\n"
    files = {
        "city.yaml": directive("city", "facts: {g: {one_of: [一级]}}\n"),
        "plan.yaml": plan("base", narrowed),
    }
    assert sections(compose_text({**files, "base.yaml": profile("base", body % "二级")})) == []
    told = refusal({**files, "base.yaml": profile("base", body % "三级")})
    assert told.text.splitlines()[:2] == [
        "layers/base.yaml:7: g is never '三级'", "  base  layers/base.yaml:7  \"g == '三级'\"",
    ]  # fmt: skip


# ---- 12–15: requirements ----


def rule_of(composed: Plan, code: str = "HAR001") -> dict[str, object]:
    """Parameters, severity and binding of a rule."""
    (rule,) = [rule for rule in composed.rules if rule.code == code]
    return {**rule.params, "severity": rule.severity, "binding": rule.binding}


def test_below_one_may_tighten(compose_text: Compose) -> None:
    """12: A plan file that states a stricter number has it."""
    files = {"harbour.yaml": profile("harbour", BOUND)}
    body = "grant: [harbour]\nrules: {HAR001: {at_least: 5, severity: error}}\n"
    rule = rule_of(compose_text({**files, "plan.yaml": plan("harbour", body)}))
    assert (rule["at_least"], rule["severity"], rule["binding"]) == (5, "error", "law")


@pytest.mark.parametrize(
    ("body", "value"),
    [("at_least: 1", "1"), ("at_least: 2", "2"), ("severity: advice", "advice")],
)
def test_a_number_that_does_not_tighten_has_no_effect(body: str, value: str, compose_text: Compose) -> None:
    """12: Also against the default severity; a note says to write `loosen`."""
    composed = compose_text({
        "harbour.yaml": profile("harbour", RULE), "plan.yaml": plan("harbour", f"rules: {{HAR001: {{{body}}}}}\n"),
    })  # fmt: skip
    rule = rule_of(composed)
    assert (rule["at_least"], rule["severity"]) == (2, "warn")
    (note,) = [note for note in composed.notes if note.code == "NoEffect"]
    assert f"{value} has no effect, a layer below requires as much or more" in note.text()


def test_a_house_requirement_is_loosened_with_a_reason(compose_text: Compose) -> None:
    """12: `loosen` takes the house definitions it beats out of the join and puts its own in."""
    body = "rules: {HAR001: {loosen: {reason: 轮休, at_least: 1, severity: advice}}}\n"
    composed = compose_text({"harbour.yaml": profile("harbour", RULE), "plan.yaml": plan("harbour", body)})
    rule = rule_of(composed)
    assert (rule["at_least"], rule["severity"]) == (1, "advice")
    held = composed.origins["rules/HAR001/at_least"]
    assert [(one.op, one.reason) for one in held.holds] == [("loosen", "轮休")]
    assert [one.value for one in held.beat] == [2]


def test_what_a_rule_does_not_allow_is_not_allowed_by_saying_so(compose_text: Compose) -> None:
    """12: A rule that allows no empty month allows one only by `loosen`."""
    base = {"harbour.yaml": profile("harbour", "rules: {HAR001: {title: 甲, kind: coverage, of: {what: activity}, every: month}}\n")}  # fmt: skip
    quiet = compose_text({**base, "plan.yaml": plan("harbour", "rules: {HAR001: {allow_empty: [8]}}\n")})
    assert rule_of(quiet)["allow_empty"] == ()
    loose = "rules: {HAR001: {loosen: {reason: 暑假, allow_empty: [8]}}}\n"
    assert rule_of(compose_text({**base, "plan.yaml": plan("harbour", loose)}))["allow_empty"] == (8,)


@pytest.mark.parametrize(
    ("body", "code", "wanted"),
    [
        ("loosen: {reason: 轮休, at_least: 1}", "FloorError",
         "plan.yaml:5: rules/HAR001/at_least cannot be loosened to 1: the law or the upper union sets more\n"
         "  harbour  layers/harbour.yaml:8  2\n  office  plan.yaml:5  1\n"
         "  fix: leave the loosening out; a waiver with a reason, a name and an end date answers the finding: "
         'waivers: [{rule: HAR001, reason: 轮休, by: "（审批人姓名）", until: "2027-12-31"}]'),
        ("loosen: {reason: 轮休, severity: advice}", "FloorError", "cannot be loosened to advice"),
        ("remove: 不用", "FloorError", "rules/HAR001 cannot be removed: the law or the upper union requires it"),
        ("binding: law, at_least: 3", "BindingInPlan", "a plan file cannot speak for the law or the upper union"),
    ],
)  # fmt: skip
def test_nobody_goes_below_the_floor(body: str, code: str, wanted: str, refusal: Refusal) -> None:
    """12, 13: What law or upper union require can be neither loosened nor removed."""
    told = refusal({
        "harbour.yaml": profile("harbour", BOUND),
        "plan.yaml": plan("harbour", f"grant: [harbour]\nrules: {{HAR001: {{{body}}}}}\n"),
    })  # fmt: skip
    assert told.codes == [code]
    assert wanted in told.text


WORDS = "rules: {CIT001: {title: 称谓, kind: wording, words: {厂务公开: 校务公开}%s}}\n"


def test_the_right_word_of_a_floor_stands(refusal: Refusal, compose_text: Compose) -> None:
    """12: What the upper union wants a word replaced by, nobody below may change; of a house rule it may."""
    body = "directives: [city]\nrules: {CIT001: {words: {厂务公开: 厂务公开}}}\n"
    files = {"base.yaml": profile("base"), "plan.yaml": plan("base", body)}
    told = refusal({**files, "city.yaml": directive("city", WORDS % ", binding: upper")})
    assert told.codes == ["FloorError"]
    assert {party.layer for party in told.problems[0].parties} == {"city", "office"}
    composed = compose_text({**files, "city.yaml": directive("city", WORDS % "")})
    assert rule_of(composed, "CIT001")["words"] == {"厂务公开": "厂务公开"}


CITY = """documents: {law: {title: 工会法}, letter: {title: 通知}}
rules: {CIT001: {title: 甲, severity: error, kind: require, of: {what: section}, required: true%s}}
"""


def test_a_floor_does_not_rest_on_less(refusal: Refusal, compose_text: Compose) -> None:
    """12, 13: Whoever stands below a floor cannot cap its severity by taking away what the rule rests on."""
    basis = ", basis: [{document: law, verified: true}, {document: letter}]"
    body = "directives: [city]\nrules: {CIT001: {basis: {remove: [{document: law, verified: true}]}}}\n"
    files = {"base.yaml": profile("base"), "plan.yaml": plan("base", body)}
    told = refusal({**files, "city.yaml": directive("city", CITY % f"{basis}, binding: upper")})
    assert told.codes == ["FloorError"]
    house = compose_text({**files, "city.yaml": directive("city", CITY % basis)})
    assert rule_of(house, "CIT001")["severity"] == "warn"


def test_a_floor_does_not_become_a_mere_warning(compose_text: Compose) -> None:
    """12, 13: What a layer below a floor rests the rule on neither caps its severity nor carries it."""
    body = "directives: [city]\nrules: {CIT001: {basis: [{document: letter}]}}\n"
    files = {"base.yaml": profile("base"), "plan.yaml": plan("base", body)}
    upper = {**files, "city.yaml": directive("city", CITY % ", binding: upper")}
    assert rule_of(compose_text(upper), "CIT001")["severity"] == "error"
    house = compose_text({**files, "city.yaml": directive("city", CITY % "")})
    assert rule_of(house, "CIT001")["severity"] == "warn"
    more = plan(
        "base",
        "directives: [city]\nrules: {CIT001: {basis: [{document: law, article: 第二条, verified: true}]}}\n",
    )
    rested = compose_text(
        {**files, "city.yaml": directive("city", CITY % ", binding: upper"), "plan.yaml": more}
    )
    assert rule_of(rested, "CIT001")["severity"] == "error"


def test_a_parameter_that_the_kind_does_not_take_is_refused(refusal: Refusal) -> None:
    """5: What a directive says of another layer's rule has an effect, or is an error with its place."""
    told = refusal({
        "harbour.yaml": profile("harbour", RULE),
        "city.yaml": directive("city", "rules: {HAR001: {within: 3 days, words: {甲: 乙}}}\n"),
        "plan.yaml": plan("harbour", "directives: [city]\n"),
    })  # fmt: skip
    assert told.codes == ["UnknownParameter", "UnknownParameter"]
    assert "layers/city.yaml:6: rules/HAR001/within: count takes no within" in told.text


def test_a_floor_may_change_the_word_of_a_house_rule(compose_text: Compose) -> None:
    """12: A directive that binds beats what a profile says of a word."""
    composed = compose_text({
        "base.yaml": profile("base", "rules: {BAS001: {title: 称谓, kind: wording, words: {厂务公开: 事务公开}}}\n"),
        "city.yaml": directive("city", "rules: {BAS001: {binding: upper, words: {厂务公开: 校务公开}}}\n"),
        "plan.yaml": plan("base", "directives: [city]\n"),
    })  # fmt: skip
    assert rule_of(composed, "BAS001")["words"] == {"厂务公开": "校务公开"}


def test_an_entry_that_only_binds_is_a_floor(compose_text: Compose, refusal: Refusal) -> None:
    """12: The upper union may adopt a house rule as it is; then it cannot be removed."""
    files = {
        "harbour.yaml": profile("harbour", RULE),
        "city.yaml": directive("city", "rules: {HAR001: {binding: upper}}\n"),
    }
    adopted = compose_text({**files, "plan.yaml": plan("harbour", "directives: [city]\n")})
    assert rule_of(adopted)["binding"] == "upper"
    assert adopted.origins["rules/HAR001/binding"].holds[0].origin.layer == "city"
    body = "directives: [city]\nrules: {HAR001: {remove: 不用}}\n"
    assert refusal({**files, "plan.yaml": plan("harbour", body)}).codes == ["FloorError"]
    unknown = {**files, "city.yaml": directive("city", "rules: {HAR002: {binding: upper}}\n")}
    assert (
        "did you mean “HAR001”?"
        in refusal({**unknown, "plan.yaml": plan("harbour", "directives: [city]\n")}).text
    )


def test_a_conditional_requirement_cannot_be_escaped(refusal: Refusal) -> None:
    """12: Removing a house rule does not make an upper requirement under `if_present` vanish."""
    told = refusal({
        "harbour.yaml": profile("harbour", RULE),
        "city.yaml": directive("city", "rules: {HAR001: {if_present: true, binding: upper, at_least: 3}}\n"),
        "plan.yaml": plan("harbour", "directives: [city]\nrules: {HAR001: {remove: 不用}}\n"),
    })  # fmt: skip
    assert told.codes == ["FloorError"]


def test_a_house_rule_can_be_switched_off(compose_text: Compose) -> None:
    """12: With a reason."""
    body = "rules: {HAR001: {remove: 不用}}\n"
    composed = compose_text({"harbour.yaml": profile("harbour", RULE), "plan.yaml": plan("harbour", body)})
    assert "HAR001" not in {rule.code for rule in composed.rules}


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ("loosen: {at_least: 1}", "a loosening needs a reason"),
        (
            "loosen: {reason: 轮休, at_most: 9}",
            "rules/HAR001/at_most is loosened, but no layer below sets it",
        ),
    ],
)
def test_a_loosening_must_loosen_something(body: str, wanted: str, refusal: Refusal) -> None:
    """12: A loosening without reason, or of nothing, is an error."""
    told = refusal({
        "harbour.yaml": profile("harbour", RULE), "plan.yaml": plan("harbour", f"rules: {{HAR001: {{{body}}}}}\n"),
    })  # fmt: skip
    assert wanted in told.text


def test_loosening_does_not_depend_on_how_a_list_is_written(compose_text: Compose) -> None:
    """12: A floor that allows [2, 8] also allows [8, 2]."""
    base = BOUND.replace("kind: count", "kind: coverage").replace(
        "per: year, at_least: 2", "every: month, allow_empty: [2, 8]"
    )
    body = "grant: [harbour]\nrules: {HAR001: {loosen: {reason: 暑假, allow_empty: [8, 2]}}}\n"
    composed = compose_text({"harbour.yaml": profile("harbour", base), "plan.yaml": plan("harbour", body)})
    assert set(rule_of(composed)["allow_empty"]) == {2, 8}  # type: ignore[call-overload]


def test_trust(compose_text: Compose) -> None:
    """13: A layer from elsewhere that claims law counts as house, and is told so, until the plan file grants it."""
    files = {"harbour.yaml": profile("harbour", BOUND)}
    house = compose_text({**files, "plan.yaml": plan("harbour")})
    assert rule_of(house)["binding"] == "house"
    (note,) = [note for note in house.notes if note.code == "CountsAsHouse"]
    assert "“harbour” claims to speak for the law or the upper union in HAR001" in note.text()
    granted = compose_text({**files, "plan.yaml": plan("harbour", "grant: [harbour]\n")})
    assert rule_of(granted)["binding"] == "law"


def test_directives_and_what_they_extend_are_trusted(compose_text: Compose) -> None:
    """13: Naming a directive in the plan file trusts it and its parents."""
    files = {
        "harbour.yaml": profile("harbour", RULE),
        "province.yaml": directive("province", "rules: {HAR001: {binding: upper, at_least: 4}}\n"),
        "city.yaml": directive("city", extends="province"),
    }
    rule = rule_of(compose_text({**files, "plan.yaml": plan("harbour", "directives: [city]\n")}))
    assert (rule["binding"], rule["at_least"]) == ("upper", 4)


def test_law_needs_a_verified_basis(refusal: Refusal) -> None:
    """13: A rule that claims to be law and rests on nothing verified is refused."""
    told = refusal({
        "harbour.yaml": profile("harbour", BOUND.replace("verified: true", "verified: false")),
        "plan.yaml": plan("harbour", "grant: [harbour]\n"),
    })  # fmt: skip
    assert told.codes == ["LawWithoutBasis"]


def test_an_unverified_rule_only_warns(compose_text: Compose) -> None:
    """13: Severity is capped where no basis is verified, not where there is no basis."""
    capped = BOUND.replace("binding: law", "severity: error").replace("verified: true", "verified: false")
    free = RULE.replace("at_least: 2", "at_least: 2, severity: error")
    for body, severity in (
        (capped, "warn"),
        (free, "error"),
        (BOUND.replace("binding: law", "severity: error"), "error"),
    ):
        composed = compose_text({"harbour.yaml": profile("harbour", body), "plan.yaml": plan("harbour")})
        assert rule_of(composed)["severity"] == severity
        assert (composed.origins["rules/HAR001/severity"].why == "capped") == (severity == "warn")


OTHER_BASIS = BOUND.replace("binding: law", "severity: error").replace("verified: true", "article: 一")


@pytest.mark.parametrize(
    ("base", "body"),
    [
        (RULE.replace("at_least: 2", "at_least: 2, severity: error"), "[{document: law}]"),
        (OTHER_BASIS.replace("[{", "[{document: law, verified: true}, {"), "[{document: law, article: 二}]"),
    ],
)
def test_a_basis_stated_below_caps_nothing(base: str, body: str, compose_text: Compose) -> None:
    """13: Only bases of the introducing layer, of law and of upper entries decide how far a bound rule reaches."""
    documents = "" if base.startswith("documents") else "documents: {law: {title: 工会法}}\n"
    composed = compose_text({
        "harbour.yaml": profile("harbour", documents + base),
        "city.yaml": directive("city", "rules: {HAR001: {binding: upper}}\n"),
        "plan.yaml": plan("harbour", f"directives: [city]\nrules: {{HAR001: {{basis: {body}}}}}\n"),
    })  # fmt: skip
    assert (rule_of(composed)["severity"], rule_of(composed)["binding"]) == ("error", "upper")


def test_nobody_below_verifies_a_claim_of_law(refusal: Refusal) -> None:
    """13: A plan file's `verified: true` does not make law of what a directive claims; both are named."""
    told = refusal({
        "harbour.yaml": profile("harbour", "documents: {law: {title: 工会法}}\n" + RULE),
        "city.yaml": directive("city", "rules: {HAR001: {binding: law}}\n"),
        "plan.yaml": plan("harbour", "directives: [city]\nrules: {HAR001: {basis: [{document: law, verified: true}]}}\n"),
    })  # fmt: skip
    assert told.codes == ["LawWithoutBasis"]
    assert told.text.splitlines()[0].startswith("layers/city.yaml:6")
    assert [party.layer for party in told.problems[0].parties] == ["city", "office"]


@pytest.mark.parametrize("taker", ["plan", "directive"])
def test_the_basis_of_a_bound_rule_stays(taker: str, compose_text: Compose, refusal: Refusal) -> None:
    """13: Taking it away from below is FloorError; the line to paste states it again."""
    taken = "rules: {HAR001: {basis: {remove: [{document: law, verified: true}]}}}\n"
    head = "grant: [harbour]\n" + ("directives: [city]\n" if taker == "directive" else "")
    files = {"harbour.yaml": profile("harbour", BOUND.replace("binding: law", "binding: upper")),
             "city.yaml": directive("city", taken)}  # fmt: skip
    told = refusal({**files, "plan.yaml": plan("harbour", head + (taken if taker == "plan" else ""))})
    assert told.codes == ["FloorError"]
    assert "{document: law, verified: true} cannot be taken away from rules/HAR001/basis" in told.text
    back = compose_text({**files, "plan.yaml": plan("harbour", f"{head}{told.paste}\n")})
    assert rule_of(back)["binding"] == "upper"


def test_an_upper_loosening_binds(compose_text: Compose, refusal: Refusal) -> None:
    """12: A loosening speaks with the binding of its entry: the upper union's is a floor for those below."""
    files = {
        "harbour.yaml": profile("harbour", RULE.replace("at_least: 2", "at_least: 3")),
        "city.yaml": directive("city", "rules: {HAR001: {binding: upper, loosen: {reason: 轮休, at_least: 2}}}\n"),
    }  # fmt: skip
    loosened = rule_of(compose_text({**files, "plan.yaml": plan("harbour", "directives: [city]\n")}))
    assert (loosened["at_least"], loosened["binding"]) == (2, "upper")
    lower = "directives: [city]\nrules: {HAR001: {loosen: {reason: 再放宽, at_least: 1}}}\n"
    assert refusal({**files, "plan.yaml": plan("harbour", lower)}).codes == ["FloorError"]


def test_every_layer_states_only_what_the_kind_takes(refusal: Refusal) -> None:
    """12: A parameter that the kind does not take is refused from whichever layer, not kept and never judged."""
    told = refusal({
        "harbour.yaml": profile("harbour", RULE),
        "city.yaml": directive("city", "rules:\n  HAR001: {binding: upper, gap: 3 days, required: true, words: {院务: 校务}}\n"),
        "plan.yaml": plan("harbour", "directives: [city]\n"),
    })  # fmt: skip
    assert told.codes == ["UnknownParameter"] * 3
    assert "layers/city.yaml:7: rules/HAR001/gap: count takes no gap\n  city  layers/city.yaml:7" in told.text


def test_thresholds_are_facts(compose_text: Compose, refusal: Refusal) -> None:
    """14: A directive sets a fact's value, a profile only asks; outside its limits the fact is refused."""
    files = {
        "base.yaml": profile(
            "base", "facts: {from_size: {type: integer, title: 起点, default: 80, min: 10}}\n"
        ),
        "city.yaml": directive("city", "facts: {from_size: {value: 120, max: 200}}\n"),
    }
    composed = compose_text({**files, "plan.yaml": plan("base", "directives: [city]\n")})
    assert composed.facts["from_size"] == 120
    low = refusal({**files, "plan.yaml": plan("base", "directives: [city]\nfacts: {from_size: 500}\n")})
    assert (low.kind, low.codes) == ("MergeConflictError", ["Unsatisfiable"])
    assert "the fact from_size (起点): 500 is too large; at most 200 is wanted" in low.text
    answered = {**files, "base.yaml": profile("base", "facts: {from_size: {type: integer, value: 1}}\n")}
    assert refusal({**answered, "plan.yaml": plan("base")}).codes == ["ValueInProfile"]


# ---- 16, 17: several profiles ----


NURSES_DAY = """rules:
  BAS001: {title: 护士节慰问, kind: window, of: {what: activity, tags: [nurses]}, near: {date: 05-12}, within: 5 days}
tags: {nurses: {title: 护士}}
"""


@pytest.mark.parametrize(
    ("upper", "parties"),
    [
        ("near: {date: 09-12}", ["within: 5 days", "near: {date: 05-12}", "near: {date: 09-12}"]),
        (
            "months: [5, 6], after: {date: 05-20}",
            ["within: 5 days", "near: {date: 05-12}", "after: {date: 05-20}"],
        ),
        ("before: {date: 03-01}", ["within: 5 days", "near: {date: 05-12}", "before: {date: 03-01}"]),
        ("months: [9]", ["within: 5 days", "near: {date: 05-12}", "months: [9]"]),
    ],
)
def test_windows_that_never_meet_are_refused(upper: str, parties: list[str], refusal: Refusal) -> None:
    """5: No day of this period meets all windows: the least of them that clash are named, and the period."""
    told = refusal({
        "base.yaml": profile("base", NURSES_DAY),
        "city.yaml": directive("city", f"rules: {{BAS001: {{binding: upper, {upper}}}}}\n"),
        "plan.yaml": plan("base", "directives: [city]\n"),
    })  # fmt: skip
    assert told.codes == ["Unsatisfiable"]
    assert "in 2027年 no day meets these requirements of rules/BAS001 together" in told.text
    assert sorted(party.value.replace('"', "") for party in told.problems[0].parties) == sorted(parties)


@pytest.mark.parametrize(
    ("upper", "period"),
    [
        ("near: {date: 05-15}", 2027),
        ("months: [9]", "2027-02/2027-07"),  # no day of this term is in September
        ("near: {date: 10-12}", "2027-02/2027-07"),
        ("after: {activity: late}", 2027),
        ("near: {date: 05-06}, months: [5]", "2027-05/2027-08"),
        ("near: {date: 04-25}", "2026-09/2027-04"),  # they meet just after the period
    ],
)
def test_windows_that_may_meet_are_not(upper: str, period: object, compose_text: Compose) -> None:
    """5: Windows clash only where each has a day of the period, and none has it with all others."""
    late = "activities: {late: {title: 总结, on: {month: 12}}}\n" if "late" in upper else ""
    within = "" if "04-25" not in upper else ", within: 10 days"
    files = {
        "base.yaml": profile("base", NURSES_DAY.replace("5 days", "10 days") + late),
        "city.yaml": directive("city", f"rules: {{BAS001: {{binding: upper, {upper}{within}}}}}\n"),
        "plan.yaml": plan("base", "directives: [city]\n"),
    }
    assert compose_text(files, period=period).rules


@pytest.mark.parametrize(
    ("said", "code", "path"),
    [
        ("near: {date: 2027-05-12}", "YearInProfile", "rules/BAS002/near"),
        ("before: {date: 2027-05-12}", "YearInProfile", "rules/BAS002/before"),
        ("near: {festival: 愚人节}", "UnknownFestival", "rules/BAS002/near"),
        ("near: {activity: nobody}", "UnknownReference", "rules/BAS002/near"),
    ],
)
@pytest.mark.parametrize("nested", [False, True])
def test_the_days_a_rule_names_are_known_and_of_no_year(
    said: str, code: str, path: str, nested: bool, refusal: Refusal
) -> None:
    """14: A profile serves every year, its rules too; a festival or activity exists, in a consequence too."""
    window = f"kind: window, of: {{what: activity}}, {said}"
    rule = f"kind: implies, if: {{what: activity}}, then: {{{window}}}" if nested else window
    body = f"rules: {{BAS002: {{title: 甲, {rule}}}}}\n"
    told = refusal({"base.yaml": profile("base", body), "plan.yaml": plan("base")})
    assert [(one.code, one.path) for one in told.problems] == [
        (code, "rules/BAS002/then" if nested else path)
    ]


def test_sections_that_may_be_empty_exist(refusal: Refusal) -> None:
    """9: `allow_empty` of a rule on sections names sections of the stack."""
    body = "sections: {work: {title: 甲}}\nrules: {BAS002: {title: 甲, kind: coverage, of: {what: measure}, every: section, allow_empty: [wrok]}}\n"
    told = refusal({"base.yaml": profile("base", body), "plan.yaml": plan("base")})
    assert told.codes == ["UnknownReference"]
    assert "did you mean “work”?" in told.text


def test_a_share_that_a_directive_brings_is_refused(compose_text: Compose) -> None:
    """12: What a joined parameter makes of a rule is judged as what its own layer says."""
    composed = compose_text({
        "base.yaml": profile("base", "rules: {BAS002: {title: 甲, kind: count, of: {what: activity}, per: year}}\n"),
        "city.yaml": directive("city", "rules: {BAS002: {at_least: 5%}}\n"),
        "plan.yaml": plan("base", "directives: [city]\n"),
    })  # fmt: skip
    with pytest.raises(PlanloomError) as caught:
        planloom.check(composed)
    assert [problem.code for problem in caught.value.problems] == ["BadValue"]


@pytest.mark.parametrize(("code", "owner"), [("BAS999", "base"), ("COR999", "planloom")])
def test_a_plan_file_has_rules_under_a_prefix_of_its_own(
    code: str, owner: str, refusal: Refusal, compose_text: Compose
) -> None:
    """10: What the plan file introduces never looks like the rule of a layer, or of the engine."""
    rule = "{title: 甲, kind: require, of: {what: section}, required: true}"
    base = {"base.yaml": profile("base")}
    told = refusal({**base, "plan.yaml": plan("base", f"rules: {{{code}: {rule}}}\n")})
    assert told.codes == ["ForeignPrefix"]
    assert f"that prefix belongs to “{owner}”" in told.text
    own = compose_text({**base, "plan.yaml": plan("base", f"rules: {{OWN001: {rule}}}\n")})
    assert "OWN001" in {one.code for one in own.rules}


def test_a_grant_of_a_layer_that_takes_no_part_is_refused(refusal: Refusal) -> None:
    """13: A misspelt grant would give nobody a voice."""
    told = refusal({"base.yaml": profile("base"), "plan.yaml": plan("base", "grant: [bsae, base]\n")})
    assert told.codes == ["UnknownGrant"]
    assert "did you mean “base”?" in told.text


@pytest.mark.parametrize(
    ("festivals", "codes"),
    [
        ("{院庆日: {activity: fair}}", ["FestivalFromActivity"]),
        ("{院庆日: {festival: 店庆日}, 店庆日: {festival: 院庆日}}", ["FestivalCycle", "FestivalCycle"]),
        ("{院庆日: {festival: 院庆日, before: 3 days}}", ["FestivalCycle"]),
    ],
)
def test_a_festival_rests_on_a_date(festivals: str, codes: list[str], refusal: Refusal) -> None:
    """7: A festival reckoned from an activity or from itself is refused, used or not, before any rule asks for it."""
    body = f"activities: {{fair: {{title: 义诊, on: {{month: 3}}}}}}\nfestivals: {festivals}\n"
    told = refusal({"base.yaml": profile("base", body), "plan.yaml": plan("base")})
    assert told.codes == codes
    assert "layers/base.yaml:7" in told.text


@pytest.mark.parametrize("name", ["教师节", "中秋", "国庆"])
@pytest.mark.parametrize("kind", ["profile", "directive"])
def test_known_festivals_keep_their_date(name: str, kind: str, refusal: Refusal) -> None:
    """7: A layer that gives a festival everyone knows another date is refused, by its short name too."""
    told = refusal({
        "base.yaml": profile("base"),
        "other.yaml": profile("other", f"festivals: {{{name}: {{date: 09-28}}}}\n", kind=kind),
        "plan.yaml": plan("base, other" if kind == "profile" else "base", "directives: [other]\n" * (kind != "profile")),
    })  # fmt: skip
    assert told.codes == ["KnownFestival"]


def test_restoring_what_nobody_has_is_one_error(refusal: Refusal) -> None:
    """9: A restore of an unknown item is idle, and nothing else is asked of it."""
    body = "activities: {visit: {restore: 本年恢复}}\n"
    assert refusal({"base.yaml": profile("base"), "plan.yaml": plan("base", body)}).codes == ["IdleRestore"]


@pytest.mark.parametrize("facts", [{"f": Words("0")}, {"g": Words("1")}])
def test_words_that_are_no_such_fact_are_refused(facts: dict[str, object], refusal: Refusal) -> None:
    """14: A fact given as text and outside its limits, or unknown, is an error that quotes it."""
    files = {
        "base.yaml": profile("base", "facts: {f: {type: integer, min: 1, title: 甲}}\n"),
        "plan.yaml": plan("base"),
    }
    told = refusal(files, facts=facts)
    assert told.kind == "MergeConflictError"


def test_a_finding_of_joined_windows_has_the_binding_of_the_one_it_fails(compose_text: Compose) -> None:
    """12: What only the upper union's day refuses is the upper union's finding; the other is the house's."""
    composed = compose_text({
        "base.yaml": profile("base", NURSES_DAY + "activities: {early: {title: 甲, on: {date: 05-08}, tags: [nurses]}, late: {title: 乙, on: {date: 05-19}, tags: [nurses]}}\n"),
        "city.yaml": directive("city", "rules: {BAS001: {binding: upper, near: {date: 05-15}}}\n"),
        "plan.yaml": plan("base", "directives: [city]\n"),
    })  # fmt: skip
    found = {one.path: one.binding for one in planloom.check(composed).findings if one.code == "BAS001"}
    assert found == {"activities/early/on": "upper", "activities/late/on": "house"}


def test_profiles_are_a_set(compose_text: Compose) -> None:
    """16, 17: Items unite; an item belongs to each selected profile that, or whose parents, speak of it."""
    files = {
        "base.yaml": profile("base", "activities: {shared: {title: 共, on: {month: 2}}}\n"),
        "harbour.yaml": profile("harbour", OPEN_DAY, extends="base"),
        "railway.yaml": profile(
            "railway", "activities: {run: {title: 跑, on: {month: 5}}}\n", extends="base"
        ),
        "city.yaml": directive("city", "activities: {talk: {title: 谈, on: {month: 6}}, run: {place: 场}}\n"),
        "plan.yaml": plan(
            "railway, harbour", "directives: [city]\nactivities: {own: {title: 己, on: {month: 7}}}\n"
        ),
    }
    both = ("harbour", "railway")
    assert {activity.id: activity.profiles for activity in compose_text(files).activities} == {
        "shared": both, "open-day": ("harbour",), "run": ("railway",), "talk": both, "own": both,
    }  # fmt: skip


def test_taking_away_owns_nothing(compose_text: Compose) -> None:
    """12, 17: A layer that only removes an item, or restores it, is none of its owners."""
    files = {
        "harbour.yaml": profile("harbour", OPEN_DAY),
        "railway.yaml": profile("railway", "activities: {open-day: {remove: 不办}}\n", extends="harbour"),
        "plan.yaml": plan("harbour, railway", "activities: {open-day: {restore: 照办}}\n"),
    }
    (day,) = compose_text(files).activities
    assert day.profiles == ("harbour", "railway")  # railway extends what states it
    files["railway.yaml"] = directive("railway", "activities: {open-day: {remove: 不办}}\n")
    files["airport.yaml"] = profile("airport")
    files["plan.yaml"] = plan(
        "harbour, airport", "directives: [railway]\nactivities: {open-day: {restore: 照办}}\n"
    )
    (day,) = compose_text(files).activities
    assert day.profiles == ("harbour",)


@pytest.mark.parametrize(("layer", "named"), [("planloom", "office"), ("harbour", "planloom")])
def test_the_name_of_the_core_rules_is_taken(layer: str, named: str, refusal: Refusal) -> None:
    """4: Neither a layer nor a plan file can stand where the rules of any plan stand."""
    files = {f"{layer}.yaml": profile(layer, "heading: 甲\n"), "plan.yaml": plan(layer, "heading: 乙\n")}
    files["plan.yaml"] = files["plan.yaml"].replace("plan: office", f"plan: {named}")
    assert refusal(files).codes == ["ReservedName" if layer == "planloom" else "PlanNamedLikeLayer"]


def test_the_command_line_states_only_the_value(compose_text: Compose, refusal: Refusal) -> None:
    """14: `--set` leaves what the plan file says of a fact: its limits, its type."""
    files = {
        "harbour.yaml": profile("harbour", "facts: {k: {type: integer, title: 甲}}\n"),
        "plan.yaml": plan("harbour", "facts: {k: {value: 4, max: 10}, n: {type: integer, title: 乙, default: 3}}\n"),
    }  # fmt: skip
    assert compose_text(files, facts={"k": 9, "n": 5}).facts == {"k": 9, "n": 5}
    assert "99 is too large; at most 10 is wanted" in refusal(files, facts={"k": 99}).text


def test_what_hangs_on_a_hidden_activity_needs_no_facts(compose_text: Compose) -> None:
    """11: An activity dated from a hidden one is hidden with it, whatever its own condition reads."""
    body = (
        "facts: {h: {type: boolean, title: 甲}, n: {type: integer, title: 乙}}\n"
        "activities: {x: {title: 甲, on: {month: 3}, when: h}, y: {title: 乙, on: {activity: x}, when: n > 3}}\n"
    )
    files = {"harbour.yaml": profile("harbour", body), "plan.yaml": plan("harbour", "facts: {h: false}\n")}
    assert activities(compose_text(files)) == {}


# ---- 18, 19: errors and provenance ----


def test_errors_do_not_depend_on_order(refusal: Refusal) -> None:
    """18: All errors of a stratum, in the same words whatever the order of files and names."""
    harbour = profile(
        "harbour", "activities: {b: {title: 甲, on: {month: 3}}, a: {title: 甲, on: {month: 3}}}\n"
    )
    railway = profile("railway", "activities: {a: {title: 乙, on: {month: 4}}, b: {title: 乙}}\n")
    one = refusal({"harbour.yaml": harbour, "railway.yaml": railway, "plan.yaml": plan("harbour, railway")})
    other = refusal({"railway.yaml": railway, "harbour.yaml": harbour, "plan.yaml": plan("railway, harbour")})
    assert one.text == other.text
    assert [problem.path for problem in one.problems] == [
        "activities/a/on",
        "activities/a/title",
        "activities/b/title",
    ]


def test_a_party_names_what_ships_it(compose_text: Compose, refusal: Refusal) -> None:
    """18: A bundled layer is named with distribution and version."""
    told = refusal({"extra.yaml": profile("extra", "heading: 甲\n"),
                    "plan.yaml": plan("extra, school", "facts: {nope: 1}\n")})  # fmt: skip
    assert "facts/nope is not complete" in told.text
    composed = compose_text(
        {"plan.yaml": plan("union", "facts: {staff: 50, members: 40, women_members: 10}\n")}
    )
    first = next(p.holds[0].origin for p in composed.origins.values() if p.holds[0].origin.layer == "union")
    assert (first.distribution, first.file) == ("planloom", "planloom_union/layer.yaml")
    assert first.version


def test_every_leaf_says_why(compose_text: Compose) -> None:
    """19: What holds, what it beats and why; joined values cite all; a default says so."""
    files = {
        "harbour.yaml": profile("harbour", RULE + "activities: {a: {title: 甲, on: {month: 3}}}\n"),
        "railway.yaml": profile("railway", "rules: {HAR001: {at_least: 3}}\n"),
        "plan.yaml": plan("harbour, railway", "activities: {a: {title: 乙}}\n"),
    }
    origins = compose_text(files).origins
    title = origins["activities/a/title"]
    assert ([one.value for one in title.holds], [one.value for one in title.beat], title.why) == (
        ["乙"],
        ["甲"],
        "more-specific",
    )
    assert [one.value for one in origins["rules/HAR001/at_least"].holds] == [2, 3]
    assert origins["rules/HAR001/severity"].why == "default"
    assert origins["heading"].why == "computed"
    assert origins["activities/a"].holds[0].origin.layer == "harbour"
