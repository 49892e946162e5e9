"""Texts: what templates may say, what they cost at most, and how numbers and dates are written."""

import marshal
import subprocess
import sys
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from planloom.texts import Renderer, TextError, is_plain

CONTEXT: dict[str, object] = {
    "organisation": "育才小学工会委员会",
    "staff": 86,
    "ratio": 2.5,
    "night_shift": True,
    "grade": None,
    "clubs": ["球类", "书画"],
    "period": {"year": 2027, "label": "2027年"},
    "activities": {
        "congress": {
            "title": "教代会",
            "months": [3],
            "owner": ["工会", "校长室"],
            "dates": [{"start": "2027-03-20", "end": "2027-03-31"}],
        }
    },
}


def render(source: str, context: dict[str, object] | None = None) -> str:
    """The text with the values of the context above, or of another."""
    renderer = Renderer()
    return renderer.render(renderer.parse(source), CONTEXT if context is None else context)


def refusal(source: str) -> TextError:
    """The error a text ends in, in whatever phase; it must not take long."""
    started = process_time()
    with pytest.raises(TextError) as caught:
        render(source)
    assert process_time() - started < 5
    return caught.value


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("纯文字，100%。", "纯文字，100%。"),
        ("{{ organisation }}{{ period.label }}工作计划", "育才小学工会委员会2027年工作计划"),
        (
            "于{{ activities['congress'].months | cn_months }}召开{{ activities.congress.title }}",
            "于3月召开教代会",
        ),
        ("{% if staff > 80 and night_shift %}甲{% elif staff %}乙{% else %}丙{% endif %}", "甲"),
        ("{% if 'outing' in activities %}春游{% else %}无春游{% endif %}", "无春游"),
        ("{{ '大' if 10 < staff <= 50 else '小' }}", "小"),
        (
            "{% for c in clubs %}{{ loop.index }}{{ c }}{% if not loop.last %}、{% endif %}{% endfor %}",
            "1球类、2书画",
        ),
        ("{% for a in activities %}{{ activities[a].title }}{% else %}无{% endfor %}", "教代会"),
        ("{% for x in [] %}{{ x }}{% else %}无{% endfor %}", "无"),
        ("{% for c in clubs %}{% for c in [1, 2] %}{{ c }}{% endfor %}{{ c }}{% endfor %}", "12球类12书画"),
        ("{{ staff + 1 - 2 }}{{ -staff }}{{ ratio + 0.5 }}", "85-863"),
        ("{{ '共' ~ staff ~ '人' }}", "共86人"),
        (
            "{{ outing | default('未定') }}{{ grade | default('未评') }}{{ '' | default('空', true) }}",
            "未定未评空",
        ),
        ("{{ activities.congress.place | default('待定') }}", "待定"),
        ("{{ clubs[0] }}{{ clubs[-1] }}", "球类书画"),
        ("{# 注 #}{{ '{{' }}{% raw %}{%{% endraw %}", "{{{%"),
        ("第一行\n{% if staff %}\n  第二行\n{% endif %}\n", "第一行\n  第二行"),
        ("{{ 1 if not staff == 1 else 2 }}", "1"),
    ],
)
def test_texts_say_what_a_plan_needs(source: str, text: str) -> None:
    """Values, filters, conditions and loops over plain data."""
    assert render(source) == text


ESCAPES = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ ''.__class__ }}",
    "{{ organisation.__class__ }}",
    "{{ organisation['__class__'] }}",
    "{{ request.__class__ }}",
    "{{ organisation | attr('__class__') }}",
    "{{ organisation | attr('\\x5f\\x5fclass\\x5f\\x5f') }}",
    "{{ organisation['\\x5f\\x5fclass\\x5f\\x5f'] }}",
    "{{ clubs | map(attribute='__class__') | list }}",
    "{{ clubs | map('upper') | join }}",
    "{{ clubs | groupby('__class__') }}",
    "{{ clubs | selectattr('__class__') }}",
    "{{ clubs | sort(attribute='__class__') }}",
    "{{ '{0.__class__}'.format(staff) }}",
    "{{ '{x.__class__}'.format_map({'x': 1}) }}",
    "{{ '%s' | format(staff) }}",
    "{{ self._TemplateReference__context }}",
    "{{ self.__init__.__globals__ }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ joiner.__init__.__globals__ }}",
    "{{ lipsum.__globals__ }}",
    "{{ lipsum() }}",
    "{{ namespace(a=1).a }}",
    "{{ range(10) }}",
    "{{ dict(a=1) }}",
    "{{ config }}",
    "{{ url_for.__globals__ }}",
    "{{ get_flashed_messages() }}",
    "{{ caller() }}",
    "{{ varargs }}",
    "{{ _context }}",
    "{{ clubs.append('x') }}",
    "{{ activities.pop('congress') }}",
    "{{ activities.items }}",
    "{{ organisation.upper }}",
    "{{ (1).bit_length() }}",
    "{{ staff.real }}",
    "{{ loop.parent }}",
    "{% for c in clubs %}{{ loop.cycle('a') }}{% endfor %}",
    "{% for c in clubs %}{{ loop.__class__ }}{% endfor %}",
    "{% for c in clubs recursive %}{{ loop([1]) }}{% endfor %}",
    "{% for loop in clubs %}{{ loop }}{% endfor %}",
    "{% for a, b in clubs %}{{ a }}{% endfor %}",
    "{% for a in clubs if a %}{{ a }}{% endfor %}",
    "{% include 'x' %}",
    "{% import 'x' as y %}",
    "{% from 'x' import y %}",
    "{% extends 'x' %}",
    "{% block x %}{% endblock %}",
    "{% macro x() %}{% endmacro %}",
    "{% set x = 1 %}",
    "{% set x %}a{% endset %}",
    "{% with x = 1 %}{% endwith %}",
    "{% call x() %}{% endcall %}",
    "{% filter upper %}a{% endfilter %}",
    "{% autoescape false %}{% endautoescape %}",
    "{% do clubs.append(1) %}",
    "{% debug %}",
    "{% trans %}a{% endtrans %}",
    "{{ staff is defined }}",
    "{{ clubs[0:1] }}",
    "{{ {'a': 1} }}",
    "{{ (1, 2) }}",
    "{{ staff * 2 }}{{ staff / 2 }}{{ staff // 2 }}{{ staff % 2 }}{{ staff ** 2 }}",
    "{{ clubs | join('、', attribute='x') }}",
    "{{ clubs | join(*clubs) }}",
    "{{ organisation | safe }}{{ organisation | escape }}{{ clubs | pprint }}{{ clubs | tojson }}",
    "{{ activities }}",
    "{{ clubs }}",
    "{{ night_shift }}",
]


@pytest.mark.parametrize("source", ESCAPES)
def test_nothing_but_plain_data_can_be_reached(source: str) -> None:
    """The known ways out of a Jinja sandbox, and every construct texts do not need, are refused."""
    refusal(source)


ATTACKS = {
    "center": "{{ 'x' | center(100000000) }}",
    "center method": "{{ 'x'.center(100000000) }}",
    "format": "{{ '%0300000000d' | format(1) }}",
    "percent": "{{ '%0300000000d' % 1 }}",
    "repeat": "{{ 'x' * 1000000000 }}",
    "power": "{{ 9 ** 9 ** 9 }}",
    "range": "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
    "empty loops": "{% for a in X %}{% for b in X %}{% for c in X %}{% endfor %}{% endfor %}{% endfor %}",
    "four loops": "{% for a in X %}{% for b in X %}{% for c in X %}{% for d in X %}{% endfor %}{% endfor %}"
    "{% endfor %}{% endfor %}",
    "wide loop": "{% for a in X %}{% for b in X %}" + "{{ 'x' }}" * 5_000 + "{% endfor %}{% endfor %}",
    "wide test": "{% for a in X %}{% for b in X %}{% if 1 in X %}{% endif %}{% endfor %}{% endfor %}",
    "giant replace": "{{ A | replace('a', A) | replace('a', A) }}",
    "replace nothing": "{{ A | replace('', A) }}",
    "giant join": "{% for a in [A] %}{{ [a, a, a, a, a, a] | join(a) }}{% endfor %}",
    "exponential": "{% for a in [A ~ A] %}{% for b in [a" + " ~ a" * 99 + "] %}{{ b" + " ~ b" * 9_000
    + " }}{% endfor %}{% endfor %}",
    "growth in loops": "{% for a in [A ~ A] %}{% for b in [a ~ a] %}{% for c in [b ~ b] %}{{ c ~ c }}"
    "{% endfor %}{% endfor %}{% endfor %}",
    "replace in a loop": "{% for a in X %}{% for b in X %}{% if A | replace('a', 'b') == '' %}{% endif %}"
    "{% endfor %}{% endfor %}",
    "search in a loop": "{% for a in X %}{% for b in X %}{% if 'ab' in A %}{% endif %}{% endfor %}"
    "{% endfor %}",
    "deep parentheses": "{{ " + "(" * 5_000 + "1" + ")" * 5_000 + " }}",
    "deep not": "{{ 1 if " + "not " * 5_000 + "1 else 2 }}",
    "deep filters": "{{ 'a'" + " | upper" * 5_000 + " }}",
    "deep sum": "{{ 1" + " + 1" * 10_000 + " }}",
    "deep if": "{% if 1 %}" * 2_000 + "{% endif %}" * 2_000,
    "giant number": "{{ " + "9" * 5_000 + " }}",
    "large number": "{{ " + "9" * 4_000 + " + 1 }}",
    "infinity": "{{ 1e308 + 1e308 }}",
    "giant source": "{{ 1 }}" * 20_000,
    "long words": "{{ " + "a" * 99_000 + " }}",
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_no_text_eats_memory_or_time(name: str) -> None:
    """Whatever a text tries, it ends at once in an error."""
    members = "[" + "1, " * 200 + "1]"
    refusal(ATTACKS[name].replace("X", members).replace("A", "'" + "a" * 20_000 + "'"))


def test_repetitions_are_counted_over_the_whole_text() -> None:
    """Ten thousand repetitions are allowed, however they are spread; one more is not."""
    once = "{% for x in xs %}{% endfor %}"
    assert render(once * 2, {"xs": [1] * 5_000}) == ""
    with pytest.raises(TextError, match="more than 10000 repetitions"):
        render(once * 2 + "{% for x in [1] %}{% endfor %}", {"xs": [1] * 5_000})


@pytest.mark.parametrize(
    "source", ["{{ _a }}", "{{ b._a }}", "{{ b['_a'] }}", "{% for _a in c %}{% endfor %}"]
)
def test_names_with_underscore_are_refused_even_where_they_exist(source: str) -> None:
    """What begins with an underscore is refused in reading, before any value is looked at."""
    with pytest.raises(TextError):
        Renderer().parse(source)


@pytest.mark.parametrize(
    ("source", "line", "message", "name"),
    [
        ("甲\n{{ members }}", 2, "members is missing", "members"),
        (
            "{{ activities['outing'].months | cn_months }}",
            1,
            "activities['outing'] is missing",
            "activities['outing']",
        ),
        ("{{ period.label }}\n\n{{ period.end }}", 3, "period.end is missing", "period.end"),
        ("{{ grade }}", 1, "grade has no value", "grade"),
        ("{% if members > 3 %}a{% endif %}", 1, "members is missing", "members"),
        ("{% for m in members %}a{% endfor %}", 1, "members is missing", "members"),
        ("{% for m in staff %}a{% endfor %}", 1, "staff is not a list", None),
        ("{{ clubs }}", 1, "clubs cannot be printed", None),
        ("甲\n{% if staff < 'a' %}a{% endif %}", 2, "unlike things are compared", None),
        ("{{ organisation + 1 }}", 1, "+ and - want numbers", None),
        ("甲\n{{ organisation | cn_number }}", 2, "cn_number cannot be applied to organisation", None),
        ("甲\n乙{{ staff() }}", 2, "(…) may not be used in texts", None),
        ("{{ staff | cn_numbr }}", 1, "there is no filter cn_numbr", None),
        ("{{ staff ， 1 }}", 1, "， is not understood inside the braces", None),
        ("甲\n{% if staff %}乙", 2, "if is never closed", None),
        ("{{ staff", 1, "a brace is never closed", None),
        ("{% endif %}", 1, "endif may not be used in texts", None),
        ("{{ staff members }}", 1, "members is out of place", None),
        ("{{ '大' if staff }}", 1, "if has no else", None),
    ],
)
def test_an_error_names_line_and_matter(source: str, line: int, message: str, name: str | None) -> None:
    """Errors say on which line what is wrong, and which name is missing."""
    error = refusal(source)
    assert (error.line, error.msgid.format(**error.params), error.name) == (line, message, name)
    assert error.fix.format(**error.params)


def test_all_missing_names_are_reported_at_once() -> None:
    """One missing name does not hide the next."""
    error = refusal(
        "{{ members }}{{ staff }}\n{% if women > 3 %}{{ children }}{% endif %}{{ posts }}{{ members }}"
    )
    assert [problem.name for problem in error.problems] == ["members", "members", "posts", "women"]


def test_all_refused_constructs_are_reported_at_once() -> None:
    """One refused construct does not hide the next."""
    error = refusal("{{ a() }}\n{% set b = 1 %}\n{{ c ** 2 }}")
    assert [(problem.line, problem.params["found"]) for problem in error.problems] == [
        (1, "(…)"),
        (2, "set"),
        (3, "**"),
    ]


@pytest.mark.parametrize(
    "hostile", ["{{ 7*7 }}", "{% for x in clubs %}", "{# x", "{{ staff", "<b>&amp;</b>", "%s{0}"]
)
def test_values_are_never_templates(hostile: str) -> None:
    """A fact that looks like a template comes out as it is."""
    assert render("{{ organisation }}{{ [organisation] | join }}", {"organisation": hostile}) == hostile * 2


def test_rendering_leaves_the_context_alone() -> None:
    """Loop names do not leak into the context."""
    context: dict[str, object] = {"clubs": ["球类"]}
    assert render("{% for c in clubs %}{{ c }}{% endfor %}", context) == "球类"
    assert context == {"clubs": ["球类"]}
    with pytest.raises(TextError, match="c is missing"):
        render("{% for c in clubs %}{% endfor %}{{ c }}", context)


def test_a_template_is_plain_data() -> None:
    """What a text says can be kept as plain data, and a text built from it says the same."""
    source = "{% for a in clubs %}{{ a }}{{ loop.index }}{{ staff }}{% endfor %}{{ b | default('') }}"
    template = Renderer().parse(source)
    assert not template.literal
    assert Renderer().parse("100%").literal
    kept = marshal.loads(marshal.dumps(template.tree))
    again, context = Renderer(), {"clubs": ["球类", "合唱"], "staff": 86}
    assert again.render(again.parse(source, kept), context) == "球类186合唱286"


def test_further_filters_stay_contained() -> None:
    """A plug-in's filter is used like any other; what it raises is an error of the text."""

    def shout(value: str) -> str:
        return value + "！"

    renderer = Renderer({"shout": shout, "broken": lambda value: 1 / 0, "odd": lambda value: object()})
    assert renderer.render(renderer.parse("{{ '好' | shout }}"), {}) == "好！"
    for source in ("{{ 1 | broken }}", "{{ 1 | odd }}", "{{ (1 | odd).__class__ }}"):
        with pytest.raises(TextError):
            renderer.render(renderer.parse(source), {})
    with pytest.raises(ValueError, match="join"):
        Renderer({"join": shout})


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("0 | cn_number", "零"), ("3 | cn_number", "三"), ("10 | cn_number", "十"),
        ("12 | cn_number", "十二"),
        ("20 | cn_number", "二十"), ("100 | cn_number", "一百"), ("105 | cn_number", "一百零五"),
        ("110 | cn_number", "一百一十"), ("1010 | cn_number", "一千零一十"), ("2005 | cn_number", "二千零五"),
        ("10000 | cn_number", "一万"), ("10012 | cn_number", "一万零一十二"),
        ("99999 | cn_number", "九万九千九百九十九"),
        ("2 | cn_ordinal", "第二"), ("'2027-10-08' | cn_date", "2027年10月8日"),
        ("[] | cn_months", ""), ("3 | cn_months", "3月"), ("[7, 8] | cn_months", "7—8月"),
        ("[4, 10] | cn_months", "4月、10月"), ("[12, 1] | cn_months", "12月至次年1月"),
        ("[3, 3] | cn_months", "3月"), ("[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] | cn_months", "1—12月"),
        ("[9, 10, 11, 12, 1, 2] | cn_months", "9月至次年2月"), ("[3, 5, 6] | cn_months", "3月、5—6月"),
        ("3000 | cn_money", "3000元"), ("1234.50 | cn_money", "1234.5元"), ("'3000.00' | cn_money", "3000元"),
        ("0 | cn_money", "0元"), ("100 | cn_money", "100元"),
        ("['a', 1] | join", "a、1"), ("['a', 'b'] | join('；')", "a；b"), ("'一二三' | length", "3"),
        ("[5, 6] | first", "5"), ("[5, 6] | last", "6"), ("2.5 | round", "3"), ("3.14159 | round(2)", "3.14"),
        ("'aB' | upper", "AB"), ("'aB' | lower", "ab"), ("'职代会' | replace('职', '教')", "教代会"),
    ],
)  # fmt: skip
def test_filters_write_official_chinese(expression: str, text: str) -> None:
    """Numbers, dates and money come out as official documents write them."""
    assert render("{{ " + expression + " }}") == text


@pytest.mark.parametrize(
    ("spans", "text"),
    [
        ([], ""),
        ({"start": "2027-10-08", "end": "2027-10-08"}, "10月8日"),
        ([{"start": "2027-02-06", "end": "2027-02-15"}], "2月6日至15日"),
        ([{"start": "2027-01-28", "end": "2027-02-05"}], "1月28日至2月5日"),
        ([{"start": "2026-12-20", "end": "2027-01-10"}], "12月20日至次年1月10日"),
        (
            [{"start": "2027-03-08", "end": "2027-03-08"}, {"start": "2027-05-01", "end": "2027-05-03"}],
            "3月8日、5月1日至3日",
        ),
    ],
)
def test_spans_are_written_short(spans: object, text: str) -> None:
    """A span names month and year only where they change."""
    assert render("{{ spans | cn_span }}", {"spans": spans}) == text


@pytest.mark.parametrize(
    "expression",
    [
        "100000 | cn_number", "-1 | cn_number", "1.5 | cn_number", "true | cn_number", "'三' | cn_number",
        "'2027-13-01' | cn_date", "'20271008' | cn_date", "3 | cn_date", "[13] | cn_months",
        "['3'] | cn_months",
        "'a' | cn_money", "true | cn_money", "'NaN' | cn_money", "[1] | cn_span", "[] | first",
        "'abc' | first",
        "[[1]] | join", "3 | length", "'a' | round", "1 | round(99)", "[1] | upper", "'a' | replace('a')",
        "'a' | upper(1)",
        "1 | cn_number('a')", "'a' | join('b', 'c')",
    ],
)  # fmt: skip
def test_a_filter_refuses_what_it_cannot_use(expression: str) -> None:
    """A filter never guesses."""
    refusal("{{ " + expression + " }}")


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        ({"a": [1, "b", None, True, 2.5]}, True),
        ({"a": (1,)}, False),
        ([object()], False),
        ({None: 1}, False),
        (print, False),
    ],
)
def test_plain_data_is_recognised(value: object, plain: bool) -> None:
    """Contexts hold nothing but text, numbers, truth values, None, lists and mappings."""
    assert is_plain(value) is plain


def test_jinja_is_imported_only_for_real_templates() -> None:
    """Literal texts cost no import."""
    code = (
        "import sys; from planloom.texts import Renderer; r = Renderer(); "
        "assert r.render(r.parse('纯文字\\n'), {}) == '纯文字'; assert 'jinja2' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


VALUES = st.sampled_from(
    ["staff", "ratio", "2", "'甲'", "'a' ~ 3", "period.year", "clubs[0]", "staff + 1", "members"]
)
TESTS = st.sampled_from(
    ["staff > 3", "'a' in clubs", "not night_shift", "staff == 86 and ratio", "none or 1", "women"]
)
PIECES = st.recursive(
    st.one_of(
        VALUES.map(lambda value: "{{ " + value + " }}"), st.sampled_from(["文字", "\n", " ", "{# 注 #}"])
    ),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(TESTS, inner, inner).map(
            lambda p: f"{{% if {p[0]} %}}{p[1]}{{% else %}}\n{p[2]}{{% endif %}}\n"
        ),
        inner.map(lambda part: "{% for c in clubs %}{{ loop.index }}{{ c }}" + part + "{% endfor %}"),
        st.tuples(TESTS, VALUES).map(lambda p: f"{{{{ {p[1]} if {p[0]} else '' }}}}"),
    ),
    max_leaves=8,
)
JINJA = ImmutableSandboxedEnvironment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


@settings(max_examples=150, deadline=None)
@given(PIECES)
def test_texts_mean_what_jinja_means(source: str) -> None:
    """Within the allowed constructs the result is Jinja's, and so is whether a name is missing."""
    from jinja2 import UndefinedError

    try:
        expected: str | None = JINJA.from_string(source).render(CONTEXT).rstrip("\n")
    except UndefinedError:
        expected = None
    try:
        found: str | None = render(source)
    except TextError as error:
        if "nested more than" in error.msgid:
            return
        found = None
    assert found == expected


TEXTS = (
    "{{ staff }}人{% if staff > 80 %}，召开代表大会{% else %}，召开全体大会{% endif %}",
    "{% if 'visit' in activities %}{{ activities['visit'].months | cn_months }}走访{% else %}不走访{% endif %}",
    "{% for name in profiles %}{{ name }}{{ loop.index }}{% endfor %}",
    "{% for name in activities %}{{ name }}{% endfor %}",
    "{{ note | default('无') }}{{ period.label }}",
    "{{ flag and 1 }}{{ ratio }}",
)
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(0, 2), st.floats(0, 2), st.sampled_from(["甲", "乙"])
)
CONTEXTS = st.fixed_dictionaries(
    {
        "activities": st.dictionaries(
            st.sampled_from(["visit", "games"]),
            st.fixed_dictionaries({"months": st.lists(st.integers(1, 3), max_size=2)}),
        ),
        "profiles": st.lists(st.sampled_from(["school", "agency"]), max_size=2),
        "period": st.fixed_dictionaries({"label": st.sampled_from(["2027年", "2028年"])}),
        "flag": st.booleans(),
        "ratio": VALUES,
        "staff": st.one_of(st.integers(79, 82), st.booleans()),
    },
    optional={"note": VALUES},
)


def outcome(renderer: Renderer, source: str, context: dict[str, object]) -> object:
    """The text, or what is wrong with it."""
    try:
        return renderer.render(renderer.parse(source), context)
    except TextError as error:
        return [(fault.line, fault.message, dict(fault.params)) for fault in error.problems]


@given(st.lists(CONTEXTS, min_size=3, max_size=8))
def test_what_is_remembered_of_a_text_is_what_it_would_become(contexts: list[dict[str, object]]) -> None:
    """A renderer that has seen many plans gives what one gives that has seen none."""
    old = Renderer()
    for context in contexts:
        for source in TEXTS:
            assert outcome(old, source, context) == outcome(Renderer(), source, context)


def test_a_filter_of_a_plugin_is_asked_every_time() -> None:
    """What a plugin's filter gives may change; nothing of it is remembered."""
    counted = iter(range(1, 9))
    renderer = Renderer({"count": lambda value: next(counted)})
    template = renderer.parse("{{ staff | count }}{{ staff }}")
    assert [renderer.render(template, {"staff": 5}) for _ in range(4)] == ["15", "25", "35", "45"]
