"""Conditions: what can be read, what fits the facts, and what is decided while facts are missing."""

from itertools import product
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planloom.conditions import ConditionError, FactType, check_condition, evaluate, missing, parse_condition

FACTS = {
    "staff": FactType("integer"),
    "dues": FactType("number"),
    "name": FactType("text"),
    "night_shift": FactType("boolean"),
    "founded": FactType("date"),
    "grade": FactType("choice", ("一级", "二级", "三级")),
    "clubs": FactType("list", ("球类", "书画")),
}


def first_problem(text: str) -> tuple[int, str, str]:
    """The first problem of a condition: offset, message, way to mend it."""
    with pytest.raises(ConditionError) as caught:
        check_condition(parse_condition(text), FACTS)
    offset, message, params, fix = caught.value.problems[0]
    return offset, message.format(**params), fix.format(**params)


@pytest.mark.parametrize(
    ("text", "values", "verdict"),
    [
        ("staff >= 10", {"staff": 10}, True),
        ("staff >= 10", {"staff": 9}, False),
        ("0 < staff < 10", {"staff": 10}, False),
        ("dues == -1.5", {"dues": -1.5}, True),
        ("night_shift", {"night_shift": True}, True),
        ("not night_shift", {"night_shift": True}, False),
        ("night_shift == false", {"night_shift": False}, True),
        ("grade in ['一级', \"二级\"]", {"grade": "二级"}, True),
        ("grade not in ['一级']", {"grade": "二级"}, True),
        ("'球类' in clubs", {"clubs": ["球类"]}, True),
        ("founded < '2000-01-01'", {"founded": "1999-12-31"}, True),
        ("staff > 1 or staff < 0 and night_shift", {"staff": 5}, True),
        ("staff >= 100 and not (grade == '一级' or night_shift == false)", {"staff": 1}, False),
        ("staff >= 1 and not (grade == '一级' or night_shift == false)", {"staff": 1}, None),
        ("\n  staff\n  >= 3 ", {"staff": None}, None),
    ],
)
def test_conditions_are_decided_by_the_facts(
    text: str, values: dict[str, object], verdict: bool | None
) -> None:
    """A condition is true, false, or open while a fact is missing."""
    condition = parse_condition(text)
    check_condition(condition, FACTS)
    assert evaluate(condition, values) is verdict


@pytest.mark.parametrize(
    ("text", "offset", "message", "fix"),
    [
        ("staff ＞ 3", 6, "＞ is not understood here", "write >"),
        ("staff = 3", 6, "= is not understood here", "write =="),
        ("staff＝3", 5, "＝ is not understood here", "write =="),
        ("（staff > 3)", 0, "（ is not understood here", "write ("),
        ("grade in ['一级'， '二级']", 14, "， is not understood here", "write ,"),
        ("grade == “一级”", 9, "“一级” has Chinese quotation marks", "write '一级'"),
        ("grade == 一级", 9, "一级 stands without quotation marks", "write '一级'"),
        ("staff > ８６", 8, "８６ is not understood here", "write 86"),
        ("staff > 3 且 night_shift", 10, "且 is not understood here", "write and"),
        ("staff > 3 || night_shift", 10, "|| is not understood here", "write or"),
        ("staff > 3 && night_shift", 10, "&& is not understood here", "write and"),
        ("非 night_shift", 0, "非 is not understood here", "write not"),
        ("night_shift == 是", 15, "是 is not understood here", "write true"),
        ("night_shift == True", 15, "True is not understood here", "write true"),
        (
            "staff 80",
            6,
            "between staff and 80 something is missing",
            "write a comparison, `and` or `or` between them",
        ),
        ("(staff > 3", 0, "( is never closed", "close it"),
        ("staff > 3)", 9, ") closes nothing", "take it out or open it"),
        ("staf > 3", 0, "there is no fact staf", "write staff, or declare staf under facts"),
        ("staff > '3'", 0, "staff > '3' compares unlike things", "compare like with like"),
        ("name == 3", 0, "name == 3 compares unlike things", "compare like with like"),
        ("night_shift == 1", 0, "night_shift == 1 compares unlike things", "compare like with like"),
        ("night_shift < true", 0, "night_shift < true orders what has no order", "use == or !="),
        ("grade > '一级'", 0, "grade > '一级' orders what has no order", "use == or !="),
        ("staff in ['一级']", 0, "staff in '一级' compares unlike things", "compare like with like"),
        ("staff in 3", 9, "3 after `in` is not a list", "write a list such as ['甲', '乙']"),
        ("clubs == ['球类']", 0, "clubs == ['球类'] compares a list", "with a list use `in` or `not in`"),
        ("grade == '四级'", 9, "grade is never '四级'", "choose one of 一级、二级、三级"),
        ("grade in ['一级', '四级']", 9, "grade is never '四级'", "choose one of 一级、二级、三级"),
        ("'棋类' in clubs", 0, "clubs is never '棋类'", "choose one of 球类、书画"),
        ("founded < '去年'", 0, "founded < '去年' compares unlike things", "compare like with like"),
        ("staff", 0, "staff is neither true nor false", "compare it, for example staff == 1"),
        ("3", 0, "3 alone is not a condition", "compare a fact with it"),
        ("", 0, "the condition is empty", "write a condition, or leave out `when`"),
    ],
)
def test_a_slip_is_named_where_it_stands(text: str, offset: int, message: str, fix: str) -> None:
    """Every slip gets its own name, its place and the way to mend it."""
    assert first_problem(text) == (offset, message, fix)


@pytest.mark.parametrize(
    "text",
    [
        "len(name) > 3", "name.upper == 'A'", "clubs[0] == 'x'", "staff + 1 > 3", "staff * 9 > 3",
        "staff if 1 else 2", "lambda: 1", "[x for x in clubs]", "f'{staff}' == 'a'", "b'a' == name",
        "(staff := 3) > 2", "staff is 3", "{1: 2} == 3", "name == 'a' 'b'", "*clubs == 3",
        "staff == 0x10", "staff == 1e9", "staff == 007", "staff ==", "staff and", "not", "staff == None",
        "__import__('os')", "name == 'a\\x41'", "staff == 3 # x", "name == 3j", "staff in []",
        "staff in [[1]]", "staff in [name]", "night_shift and (staff, 3)", "...", "staff == 1_000",
        "ｓｔａｆｆ == 3", "staff == 3;", "`staff`", "@staff", "await staff", "yield", "-staff == 3",
        "~staff == 3",
    ],
)  # fmt: skip
def test_everything_else_is_refused(text: str) -> None:
    """Nothing but facts, literals, comparisons, and, or, not and parentheses can be read."""
    with pytest.raises(ConditionError):
        check_condition(parse_condition(text), FACTS)


@pytest.mark.parametrize(
    "text", ["(" * 900, "not " * 240 + "staff", "(" * 400 + "staff" + ")" * 400, "[" * 999, "a" * 1_001]
)
def test_deep_or_long_conditions_end_at_once(text: str) -> None:
    """Neither depth nor length can hang or crash the reader."""
    started = process_time()
    with pytest.raises(ConditionError):
        parse_condition(text)
    assert process_time() - started < 1


def test_all_problems_are_reported_in_order() -> None:
    """One problem never hides another of its kind."""
    with pytest.raises(ConditionError) as caught:
        check_condition(parse_condition("grades == '一级' and staff > '3' and night_shift < true"), FACTS)
    assert [problem[0] for problem in caught.value.problems] == [0, 19, 35]


def test_equality_is_by_meaning_not_by_spacing() -> None:
    """Spacing and the kind of quotation marks make no difference."""
    one, other = (
        parse_condition("grade=='一级'  and night_shift"),
        parse_condition('grade == "一级" and night_shift'),
    )
    assert one == other
    assert one.text == "grade == '一级' and night_shift"
    assert one.names == {"grade", "night_shift"}


def test_missing_names_only_what_could_still_decide() -> None:
    """A fact that no longer matters is not asked for."""
    condition = parse_condition("(night_shift and staff > 3) or dues > 1 or grade == name")
    assert missing(condition, {"night_shift": False}) == ("dues", "grade", "name")
    assert missing(condition, {"dues": 2}) == ()


def test_a_value_of_the_wrong_kind_is_an_error_not_a_verdict() -> None:
    """What the check would have refused is refused in deciding too."""
    with pytest.raises(ConditionError, match="compares unlike things"):
        evaluate(parse_condition("staff > 3"), {"staff": "很多"})


ATOMS = st.sampled_from(
    ["a", "b", "c", "x > 1", "x == 2", "1 <= x < 3", "y in [1, 2]", "x != y", "x not in [0]"]
)
EXPRESSIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        inner.map(lambda part: f"not ({part})"),
        st.tuples(inner, inner).map(lambda parts: f"({parts[0]}) and ({parts[1]})"),
        st.tuples(inner, inner).map(lambda parts: f"({parts[0]}) or ({parts[1]})"),
    ),
    max_leaves=6,
)
DOMAINS: dict[str, list[object]] = {
    "a": [True, False],
    "b": [True, False],
    "c": [True, False],
    "x": [0, 1, 2, 3],
    "y": [0, 1, 2],
}


@given(
    EXPRESSIONS,
    st.fixed_dictionaries({name: st.sampled_from([None, *domain]) for name, domain in DOMAINS.items()}),
)
def test_a_verdict_holds_for_every_completion(text: str, values: dict[str, object]) -> None:
    """What is decided with facts missing is what Python says for every way of filling them in."""
    condition = parse_condition(text)
    verdict = evaluate(condition, values)
    choices = [DOMAINS[name] if value is None else [value] for name, value in values.items()]
    completions = [dict(zip(values, chosen, strict=True)) for chosen in product(*choices)]
    oracle = {bool(eval(text, {"__builtins__": {}}, completion)) for completion in completions}
    assert verdict is None or oracle == {verdict}
    assert (verdict is None) == bool(missing(condition, values))
    for completion in completions[:20]:
        assert evaluate(condition, completion) is bool(eval(text, {"__builtins__": {}}, completion))


@given(EXPRESSIONS, st.data())
def test_stating_the_missing_facts_decides(text: str, data: st.DataObject) -> None:
    """With the facts that `missing` names, again and again until it names none, the condition is decided."""
    condition = parse_condition(text)
    values: dict[str, object] = {}
    while names := missing(condition, values):
        values |= {name: data.draw(st.sampled_from(DOMAINS[name])) for name in names}
    assert evaluate(condition, values) is not None
