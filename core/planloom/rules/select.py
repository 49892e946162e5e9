"""Selectors: which subjects of a view a rule looks at; closed, compiled once, remembered for every view."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import compress
from operator import attrgetter

from attrs import field

from planloom.rules.patterns import occurs, pattern_problems
from planloom.rules.remembered import MOST, Remembered
from planloom.rules.views import FIELDS, WHATS, Subject, View, citations
from planloom_schemas.errors import Problem, nearest
from planloom_schemas.records import frozen
from planloom_schemas.rule import FieldTest, Selector

Key = tuple[object, ...]
Test = Callable[[Subject], bool]
Sieve = Callable[[Sequence[Subject]], Sequence[Subject]]


@frozen(eq=False)
class _Compiled:
    """A selector as it is used, the same object for all that are alike: what lets subjects pass beside sort and tags."""

    sieves: tuple[Sieve, ...]


def _compile(selector: Selector) -> _Compiled:
    fields = tuple(sorted((name, repr(test)) for name, test in selector.fields.items()))
    key = (
        selector.what,
        selector.id,
        selector.section,
        selector.months,
        selector.tags,
        selector.all_tags,
        fields,
    )
    if len(_alike) >= MOST:
        _alike.clear()
    return _alike.setdefault(key, _Compiled(tuple(_sieves(selector))))


_alike: dict[Key, _Compiled] = {}
_compiled = Remembered(_compile)
_ALL_TEXTS = (Selector(what="text"),)


@frozen(eq=False)
class Selection:
    """The subjects of one view by selector, each selector answered once."""

    view: View
    _found: dict[Key, tuple[Subject, ...]] = field(factory=dict, init=False, repr=False)
    _by_what: dict[str, tuple[Subject, ...]] = field(factory=dict, init=False, repr=False)
    _by_tag: dict[tuple[str, str], list[tuple[int, Subject]]] = field(factory=dict, init=False, repr=False)

    def all(self, what: str) -> tuple[Subject, ...]:
        """Every subject of one sort, in print order."""
        if what not in self._by_what:
            self._sort(what)
        return self._by_what[what]

    def _sort(self, what: str) -> None:
        if what == "text":
            found = (*self.view.texts, *signed(self.view))
        elif what == "citation":
            found = citations(self.view.texts)
        else:
            found = tuple(item for item in self.view.items if item.what == what)
        self._by_what[what] = found
        for number, subject in enumerate(found):
            for tag in subject.tags:
                self._by_tag.setdefault((what, tag), []).append((number, subject))

    def of(self, selectors: tuple[Selector, ...], profiles: tuple[str, ...] = ()) -> tuple[Subject, ...]:
        """The subjects that any of the selectors picks, in print order.

        Args:
            selectors: As the rule states them.
            profiles: Profiles whose items count, with those that belong to all; empty: every item counts.
        """
        key = (*map(_compiled, selectors), profiles)
        found = self._found.get(key)
        if found is None:
            picked = [subject for selector in selectors for subject in self._pick(selector)]
            if len(selectors) > 1:
                picked = list({id(subject): subject for subject in picked}.values())
            found = self._found[key] = tuple(_belonging(picked, profiles))
        return found

    def of_all_texts(self, profiles: tuple[str, ...] = ()) -> tuple[Subject, ...]:
        """Every printed text of some profiles."""
        return self.of(_ALL_TEXTS, profiles)

    def _pick(self, selector: Selector) -> Sequence[Subject]:
        picked = self._candidates(selector)
        for sieve in _compiled(selector).sieves:
            picked = sieve(picked)
        return picked

    def _candidates(self, selector: Selector) -> Sequence[Subject]:
        every = self.all(selector.what)
        tags = selector.tags or selector.all_tags[:1]
        if not tags:
            return every
        tagged = {
            number: subject for tag in tags for number, subject in self._by_tag.get((selector.what, tag), ())
        }
        return [tagged[number] for number in sorted(tagged)]


def signed(view: View) -> Iterator[Subject]:
    """The name and the date under a plan, as far as there are any, to be asked for by id.

    In a document they are among the texts already, so there they have no words of their own.
    """
    body, date = view.signature
    for part, said in (("name", body), ("date", date and f"{date.year}年{date.month}月{date.day}日")):
        if said:
            name, text = f"signature-{part}", "" if view.is_document else said
            yield Subject(what="text", id=name, path=f"signature/{part}", title=said, text=text)


def _belonging(subjects: Sequence[Subject], profiles: tuple[str, ...]) -> Sequence[Subject]:
    if not profiles:
        return subjects
    strange = frozenset(profiles).isdisjoint
    return [subject for subject in subjects if not subject.profiles or not strange(subject.profiles)]


def matches(selector: Selector, subject: Subject) -> bool:
    """Whether a selector picks a subject."""
    tagged = not selector.tags or any(tag in subject.tags for tag in selector.tags)
    sieves = _compiled(selector).sieves
    return subject.what == selector.what and tagged and all(sieve((subject,)) for sieve in sieves)


def _sieves(selector: Selector) -> Iterator[Sieve]:
    """What must hold of a subject, beside its sort and one of its tags."""
    if selector.id:
        yield _holding(lambda subject: subject.id in selector.id)
    if selector.section:
        yield _holding(lambda subject: subject.section in selector.section)
    if selector.months:
        months = frozenset(selector.months)
        yield _holding(lambda subject: not months.isdisjoint(subject.months))
    if selector.all_tags:
        wanted = frozenset(selector.all_tags)
        yield _holding(lambda subject: wanted.issubset(subject.tags))
    for name, test in selector.fields.items():
        if test.matches is not None:
            yield _on_texts(name, test.matches)
        yield from map(_holding, _field_tests(name, test))


def _holding(test: Test) -> Sieve:
    return lambda subjects: [subject for subject in subjects if test(subject)]


class _Verdicts(dict[object, bool]):
    """Value to whether a pattern matches in a text of it; most texts of a plan are those of the plan before."""

    def __init__(self, pattern: str) -> None:
        super().__init__()
        self.pattern = pattern

    def __missing__(self, value: object) -> bool:
        if len(self) >= MOST:
            self.clear()
        self[value] = verdict = any(occurs(self.pattern, text) for text in as_texts(value))
        return verdict


def _on_texts(name: str, pattern: str) -> Sieve:
    verdict, value = _Verdicts(pattern).__getitem__, attrgetter(name)
    return lambda subjects: [*compress(subjects, map(verdict, map(value, subjects)))]


def _field_tests(name: str, test: FieldTest) -> Iterator[Test]:
    operators: list[tuple[object, Callable[[object], bool]]] = [
        (test.eq, lambda value: same(value, test.eq)),
        (test.in_, lambda value: any(same(value, one) for one in test.in_ or ())),
        (test.has, lambda value: contains(value, test.has)),
        (test.gt, lambda value: (number := as_number(value)) is not None and number > Decimal(test.gt or 0)),
        (test.lt, lambda value: (number := as_number(value)) is not None and number < Decimal(test.lt or 0)),
        (test.between, lambda value: _between(value, test.between or ())),
        (test.exists, lambda value: is_present(value) == test.exists),
    ]
    for said, holds in operators:
        if said is not None:
            yield _on_field(name, holds)


def _on_field(name: str, holds: Callable[[object], bool]) -> Test:
    return lambda subject: holds(subject.value(name))


def is_present(value: object) -> bool:
    """Whether something was said: none, an empty text and an empty list are nothing."""
    return value is not None and value != "" and value != ()


def as_number(value: object) -> Decimal | None:
    """A number, or None for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    return Decimal(str(value))


def as_texts(value: object) -> tuple[str, ...]:
    """The texts in a value: itself, or the members of a list."""
    members = value if isinstance(value, tuple | list) else (value,)
    return tuple(str(member) for member in members if isinstance(member, str))


def same(value: object, wanted: object) -> bool:
    """Whether a field is what was asked for; numbers compare as numbers, a one-member list as its member."""
    if isinstance(value, tuple) and not isinstance(wanted, tuple | list):
        return len(value) == 1 and same(value[0], wanted)
    if isinstance(wanted, list):
        wanted = tuple(wanted)
    left, right = as_number(value), as_number(wanted)
    return left == right if left is not None and right is not None else value == wanted


def contains(value: object, wanted: object) -> bool:
    """Whether a list has a member, or a text a part."""
    if isinstance(value, str):
        return str(wanted) in value
    return isinstance(value, tuple | list) and any(same(member, wanted) for member in value)


def _between(value: object, bounds: tuple[Decimal, ...]) -> bool:
    number = as_number(value)
    return number is not None and Decimal(bounds[0]) <= number <= Decimal(bounds[1])


# ---- what can be wrong with a selector ----


def selector_problems(
    selector: Selector, tags: Mapping[str, object] | None, path: str = ""
) -> Iterator[Problem]:
    """Everything wrong with a selector: sorts, fields and tags nobody knows, operators that cannot work.

    Args:
        selector: As the rule states it.
        tags: The vocabulary; only its keys matter. None: tags are not looked at.
        path: Path of the rule, for the problems.
    """
    if selector.what not in WHATS:
        yield _unknown("UnknownWhat", "there is nothing called {name} to look at", selector.what, WHATS, path)
        return
    for name, test in selector.fields.items():
        yield from field_problems(selector.what, name, path)
        yield from _operator_problems(name, test, path)
    for tag in (*selector.tags, *selector.all_tags):
        if tags is not None and tag not in tags:
            yield _unknown("UnknownTag", "no tag is called {name}", tag, tags, path)
    for month in selector.months:
        if not 1 <= month <= 12:
            params = {"month": month}
            yield Problem(
                code="BadSelector", message="there is no month {month}", params=params, path=path, fix=_MONTH
            )


def field_problems(what: str, name: str, path: str = "") -> Iterator[Problem]:
    """What is wrong with naming a field of one sort of subject."""
    known = FIELDS.get(what, ())
    if known and name not in known:
        yield _unknown("UnknownField", "{what} has no field {name}", name, known, path, what=what)


_MONTH = "write months from 1 to 12"


def _operator_problems(name: str, test: FieldTest, path: str) -> Iterator[Problem]:
    if test.between is not None and (len(test.between) != 2 or test.between[0] > test.between[1]):
        message, fix = (
            "“between” of {name} should be two numbers, the smaller first",
            "write for example [1, 10]",
        )
        yield Problem(code="BadSelector", message=message, params={"name": name}, path=path, fix=fix)
    if test.matches is not None:
        yield from pattern_problems(test.matches, path)


def _unknown(
    code: str,
    message: str,
    name: str,
    known: "Mapping[str, object] | tuple[str, ...]",
    path: str,
    **params: object,
) -> Problem:
    near = nearest(name, known)
    fix = "did you mean {near}?" if near else "use one of: {known}" if known else "leave it out"
    values = {"name": name, "near": near, "known": ", ".join(sorted(known)), **params}
    return Problem(code=code, message=message, params=values, path=path, fix=fix)
