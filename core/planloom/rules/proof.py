"""Rules that prove themselves: made from rules alone, a plan that satisfies all, and for each one that fails.

The search is a repair loop over small made-up plans, not a decision procedure. What it finds is certain: the
satisfying plan satisfies, the violating plans violate. What it does not find is reported as a clash or as
a dead rule, to be looked at by a person.
"""

from collections.abc import Iterable, Mapping
from itertools import combinations

from attrs import evolve, field, frozen

from planloom.calendar import Calendar
from planloom.conditions import evaluate, parse_condition
from planloom.rules.breaks import breaks
from planloom.rules.cases import Case, Hit, NotApplicable
from planloom.rules.drafts import Draft, days_of, filler, retold, texts_of
from planloom.rules.festivals import check_festival
from planloom.rules.kinds import CHECKS, demanded, selectors_of
from planloom.rules.linear import example
from planloom.rules.repairs import Job, repair
from planloom.rules.select import Selection, matches
from planloom.rules.time_kinds import Frame, allowed
from planloom.rules.views import Subject, View
from planloom_schemas.dates import On, Period
from planloom_schemas.plan import PlanDocument, PlanRule, PlanTag
from planloom_schemas.rule import Selector

ROUNDS = 40
"""How often the rules may take turns in repairing before the search gives up."""


@frozen(kw_only=True)
class Proof:
    """What a set of rules proves about itself.

    Args:
        satisfying: A plan that no rule complains of, or None.
        clash: The smallest set of rules found for which there is no such plan; empty if there is one.
        breaking: Code to a plan that the rule complains of.
        dead: Codes of rules that nothing could make complain.
        idle: Codes of rules that do not apply: their `when` does not hold or is undecided with these
            facts, or what they speak of cannot be judged in this period.
    """

    satisfying: View | None
    clash: tuple[str, ...] = ()
    breaking: Mapping[str, View] = field(factory=dict, repr=False)
    dead: tuple[str, ...] = ()
    idle: tuple[str, ...] = ()


def prove(
    rules: Iterable[PlanRule],
    period: Period,
    facts: Mapping[str, object],
    *,
    tags: tuple[PlanTag, ...] = (),
    documents: tuple[PlanDocument, ...] = (),
    festivals: Mapping[str, On] | None = None,
) -> Proof:
    """Try a set of merged rules against plans made up from nothing but the rules.

    Args:
        rules: The rules in force; those that are not valid (`validity.rule_problems`) crash.
        period: What the plans are for.
        facts: Decide which rules apply.
        tags: The vocabulary.
        documents: What texts may cite; without any, `cite` can never complain.
        festivals: Festivals that layers name.
    """
    base = View(
        period=period, tags=tags, documents=documents, festivals=festivals or {}, title="试", facts=facts
    )
    every = sorted(rules, key=lambda rule: rule.code)
    active = [rule for rule in every if _applies(rule, facts)]
    satisfying = _satisfy(active, base)
    start = satisfying or Draft(base)
    breaking = {
        rule.code: view for rule in active if (view := _violate(rule, start, Draft(base))) is not None
    }
    silent = [rule for rule in active if rule.code not in breaking]
    return Proof(
        satisfying=satisfying.view() if satisfying else None,
        clash=() if satisfying else _smallest_clash(active, base),
        breaking=breaking,
        dead=tuple(rule.code for rule in silent if not _is_idle(rule, base)),
        idle=tuple(
            rule.code for rule in every if rule not in active or (rule in silent and _is_idle(rule, base))
        ),
    )


def _applies(rule: PlanRule, facts: Mapping[str, object]) -> bool:
    return rule.when is None or evaluate(parse_condition(rule.when), facts) is True


def _is_idle(rule: PlanRule, base: View) -> bool:
    """Whether a rule does not apply although there is all that it looks at."""
    draft, selectors = Draft(base), tuple(selectors_of(rule.kind, rule.params))
    for selector in selectors:
        draft = draft.put(draft.make(selector))
    case = _case(rule, draft.view())
    within = {day.month for day in days_of(base.period)}
    possible = [selector for selector in selectors if not selector.months or within & set(selector.months)]
    if not all(case.selection.of((selector,)) for selector in possible):
        return False
    try:
        list(CHECKS[rule.kind](case))
    except NotApplicable:
        return True
    return False


def _case(rule: PlanRule, view: View) -> Case:
    profiles = rule.profiles if rule.scope == "own" else ()
    return Case(Selection(view), Calendar(view.period, view.festivals), rule.params, profiles)


def _hits(rule: PlanRule, view: View) -> list[Hit]:
    try:
        return list(CHECKS[rule.kind](_case(rule, view)))
    except NotApplicable:
        return []


# ---- a plan that satisfies all ----


def _satisfy(rules: list[PlanRule], base: View) -> Draft | None:
    draft = Draft(base)
    for _ in range(ROUNDS):
        before = draft.items
        content = True
        for rule in rules:
            view = draft.view()
            hits = _hits(rule, view)
            if hits:
                content = False
                case = _case(rule, view)
                job = Job(case, hits, _Fits(rules, view), _Words(rules))
                # What one profile asks for, the words of another need not suit.
                draft = repair(rule.kind, job, evolve(draft, profiles=case.profiles))
        if content:
            return draft
        if draft.items == before:
            return None
    return None


class _Fits:
    """Whether an item may stand on its day, for all rules that speak of the days of single items."""

    def __init__(self, rules: list[PlanRule], view: View) -> None:
        self.view = view
        self.rules = [rule for rule in rules if rule.kind in ("window", "festival")]
        self._frames: dict[str, tuple[Frame, ...]] = {}

    def __call__(self, subject: Subject) -> bool:
        return all(self._allows(rule, subject) for rule in self.rules if _speaks_of(rule, subject))

    def _allows(self, rule: PlanRule, subject: Subject) -> bool:
        if rule.kind == "window":
            if rule.code not in self._frames:
                self._frames[rule.code] = tuple(allowed(_case(rule, self.view)))
            return all(frame.holds(subject.dates[0]) for frame in self._frames[rule.code])
        alone = _case(rule, View(items=(subject,), period=self.view.period, festivals=self.view.festivals))
        try:
            return not list(check_festival(alone))
        except NotApplicable:
            return True


class _Words:
    """Gives an item words that all rules on the words of single items are content with."""

    def __init__(self, rules: list[PlanRule]) -> None:
        self.rules = [demanded(rule) for rule in rules]

    def __call__(self, subject: Subject, number: int) -> Subject:
        wanted, least, most = "", 0, 24
        for kind, params in self.rules:
            if kind in ("pattern", "length") and self._read(params["of"], subject):
                wanted += "".join(example(str(pattern)) or "" for pattern in params.get("must") or ())
                if params.get("unit") == "chars":
                    least = max(least, int(params.get("at_least") or 0))
                    most = min(most, int(params.get("at_most") or most))
        return retold(subject, wanted + filler(number, max(least, most) - len(wanted)))

    def _read(self, selectors: Iterable[Selector], subject: Subject) -> bool:
        printed = (subject, *texts_of(subject))
        return any(matches(selector, one) for selector in selectors for one in printed)


def _speaks_of(rule: PlanRule, subject: Subject) -> bool:
    selectors = rule.params["of"]
    return isinstance(selectors, tuple) and any(matches(selector, subject) for selector in selectors)


def _smallest_clash(rules: list[PlanRule], base: View) -> tuple[str, ...]:
    """The fewest rules without a plan: one, two, or what is left when none can be spared."""
    for size in (1, 2):
        for some in combinations(rules, size):
            if _satisfy(list(some), base) is None:
                return tuple(rule.code for rule in some)
    needed = list(rules)
    for rule in rules:
        fewer = [one for one in needed if one is not rule]
        if _satisfy(fewer, base) is None:
            needed = fewer
    return tuple(rule.code for rule in needed)


# ---- plans that violate one ----


def _violate(rule: PlanRule, satisfying: Draft, empty: Draft) -> View | None:
    """A plan that the rule complains of: the satisfying one, changed, or one made from nothing."""
    for start in (satisfying, empty):
        for draft in breaks(rule.kind, _case(rule, start.view()), start):
            view = draft.view()
            if _hits(rule, view):
                return view
    return None
