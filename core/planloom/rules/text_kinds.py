"""Kinds that read texts: wording, pattern, length, cite, duplicate."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import chain
from math import floor

from planloom.regexes import bounded, compiled
from planloom.rules.cases import Case, Hit, NotApplicable, shown
from planloom.rules.patterns import may_occur, occurs
from planloom.rules.remembered import Clean
from planloom.rules.views import Subject
from planloom_schemas.dates import Period
from planloom_schemas.layer import Edition
from planloom_schemas.plan import PlanDocument
from planloom_schemas.rule import Percent

# ---- wording ----


def check_wording(case: Case) -> Iterator[Hit]:
    """Words that are wrong here, but not inside a phrase of `except` or the right word."""
    words: Mapping[str, str] = case.params["words"]
    if not words:
        raise NotApplicable
    subjects = case.texts()
    together = "\n".join([subject.text for subject in subjects])
    wrong = sorted((word for word in words if word in together), key=lambda word: (-len(word), word))
    clean = _well_worded.of((tuple(words.items()), case.get("except")))
    for subject in subjects if wrong else ():
        if subject.text in clean:
            continue
        found = sorted(_wrong_words(case, subject.text, wrong))
        if not found:
            clean.add(subject.text)
        for start, word in found:
            right = words[word]
            yield Hit(
                message="wrong",
                subject=subject,
                start=start,
                end=start + len(word),
                param=f"words/{word}",
                data={"found": word, "wanted": right},
                replacement=right or None,
            )


_well_worded = Clean()


def _wrong_words(case: Case, text: str, longest_first: list[str]) -> Iterator[tuple[int, str]]:
    """Where words stand in a text; a word inside a longer one that is wrong there is not told again.

    Only its own right word excuses a word: that of another may be the very word that is wrong.
    """
    told: list[tuple[int, int]] = []
    for word in longest_first:
        excused = _any_of((*(case.get("except") or ()), case.params["words"][word]))
        for match in _any_of((word,)).finditer(text):
            inside = any(start <= match.start() and match.end() <= end for start, end in told)
            if not inside and not _covered(excused, text, match.start(), match.end()):
                told.append(match.span())
                yield match.start(), word


@lru_cache(maxsize=512)
def _any_of(words: tuple[str, ...]) -> "re.Pattern[str]":
    """Any of some words, the longest first; no word matches nothing."""
    longest = sorted(filter(None, words), key=lambda word: (-len(word), word))
    return compiled("|".join(map(re.escape, longest)) or r"(?!)")


def _covered(excused: "re.Pattern[str]", text: str, start: int, end: int) -> bool:
    return any(match.start() <= start and end <= match.end() for match in excused.finditer(text))


# ---- pattern ----


def check_pattern(case: Case) -> Iterator[Hit]:
    """Texts match every pattern of `must` and none of `must_not`.

    A pattern may have a group called ``found``: then that is what is wrong, and the rest only surrounds it.
    """
    must, must_not = case.get("must") or (), case.get("must_not") or ()
    clean = _clean.of((must, must_not))
    subjects = [subject for subject in case.some() if subject.text not in clean]
    together = "\n".join([subject.text for subject in subjects])
    possible = [one for one in must_not if may_occur(one, together)]
    for subject in subjects:
        hits = [*_present(possible, subject), *_absent(must, subject)]
        yield from hits
        if not hits:
            clean.add(subject.text)


_clean = Clean()


def _present(patterns: Sequence[str], subject: Subject) -> Iterator[Hit]:
    for pattern in patterns:
        if not occurs(pattern, subject.text):
            continue
        group = bounded(pattern).groupindex.get("found", 0)
        for match in bounded(pattern).finditer(subject.text):
            if match[group]:
                start, end = match.span(group)
                data = {"found": match[group]}
                yield Hit(message="found", subject=subject, start=start, end=end, param="must_not", data=data)


def _absent(patterns: Sequence[str], subject: Subject) -> Iterator[Hit]:
    for pattern in patterns:
        if not occurs(pattern, subject.text):
            yield Hit(message="absent", subject=subject, data={"wanted": pattern}, param="must")


# ---- length ----


def check_length(case: Case) -> Iterator[Hit]:
    """How long a text is, in characters without spaces, or how many things an item holds.

    A line holds the lines below it, up to the next heading of its level or the next line of its sort.
    """
    unit = str(case.params["unit"])
    subjects = case.some()
    below = _lines_below(case, subjects) if unit == "items" and subjects[0].what == "text" else {}
    for subject in subjects:
        held = below.get(subject.path, len(subject.items))
        found = held if unit == "items" else len("".join(subject.text.split()))
        for message, param, fails in (("short", "at_least", int.__lt__), ("long", "at_most", int.__gt__)):
            wanted = case.get(param)
            if wanted is not None and fails(found, int(wanted)):
                yield Hit(
                    message=message,
                    subject=subject,
                    data={"found": found, "wanted": shown(wanted)},
                    param=param,
                )


def _lines_below(case: Case, subjects: tuple[Subject, ...]) -> dict[str, int]:
    """How many lines each of some lines holds, by path."""
    found = {subject.path: 0 for subject in subjects}
    holder: Subject | None = None
    for text in case.selection.all("text"):
        if text.path in found:
            holder = text
        elif holder is not None and 0 < text.level <= (holder.level or text.level):
            holder = None
        elif holder is not None and text.text:
            found[holder.path] += 1
    return found


# ---- cite ----

_NORMATIVE = (
    "(?:法|条例|规定|规则|规程|办法|细则|通知|意见|章程|方案|纲要|规划|决定|决议|准则|标准|公约|公告|要点|报告)"
    r"(?:[（(][^（()）]*[)）])?$"
)
_NUMBER = r"〔\d{4}〕"
_EDITION = r"^[》\s]*[（(][^（()）]{0,6}?((?:19|20)\d\d)年?(?:[^（()）]{0,8})[)）]"


def check_cite(case: Case) -> Iterator[Hit]:
    """Laws and documents that texts name are known, and in force in the edition named."""
    known = _known(case.view.documents)
    if not known:
        raise NotApplicable
    selectors = case.get("of")
    citations = case.every() if selectors else case.selection.all("citation")
    texts = {text.path: text.text for text in case.selection.all("text")}
    if not citations:
        raise NotApplicable
    told: set[str] = set()
    for citation in citations:
        context = texts.get(citation.path.rpartition("#")[0], "")
        document = _document(citation.title, known)
        if document:
            told.add(citation.path.rpartition("#")[0])
            yield from _currency(citation, document, context, case.view.period)
        elif not _is_excused(citation, context, told):
            yield Hit(
                message="unknown", subject=citation, end=len(citation.text), data={"found": citation.title}
            )


def _known(documents: tuple[PlanDocument, ...]) -> dict[str, PlanDocument]:
    return {_plain(name): document for document in documents for name in (document.title, *document.aliases)}


def _document(title: str, known: Mapping[str, PlanDocument]) -> PlanDocument | None:
    """The document that is meant; before a number stand words that may be part of the sentence."""
    plain = _plain(title)
    if plain in known or not compiled(_NUMBER).search(plain):
        return known.get(plain)
    return next(
        (known[name] for name in known if compiled(_NUMBER).search(name) and plain.endswith(name)), None
    )


@lru_cache(maxsize=4096)
def _plain(title: str) -> str:
    """A title without what people leave out: the country, the state of trial, spaces."""
    bare = compiled(r"\s|[（(](?:试行|暂行|修订|草案)[)）]|^中华人民共和国").sub("", title)
    return bare.replace("(", "（").replace(")", "）")


def _is_excused(citation: Subject, context: str, told: set[str]) -> bool:
    """Books and songs are no documents, and the number of a known document needs no entry of its own."""
    if compiled(_NUMBER).search(citation.title):
        return citation.path.rpartition("#")[0] in told
    return not compiled(_NORMATIVE).search(citation.title)


def _currency(citation: Subject, document: PlanDocument, context: str, period: Period) -> Iterator[Hit]:
    if not document.editions:
        return
    valid = [edition for edition in document.editions if _in_force(edition, period)]
    data = {"found": citation.title, "wanted": str(valid[-1].year) if valid else ""}
    at = context.find(citation.text)
    cited = compiled(_EDITION).match(context[at + len(citation.text) :]) if at >= 0 else None
    if not valid and all(edition.until for edition in document.editions):
        yield Hit(
            message="repealed", subject=citation, end=len(citation.text), data={"found": citation.title}
        )
    elif cited and valid and int(cited[1]) not in [edition.year for edition in valid]:
        data["found"] = f"{citation.title}（{cited[1]}）"
        yield Hit(message="edition", subject=citation, end=len(citation.text), data=data)


def _in_force(edition: Edition, period: Period) -> bool:
    begun = edition.from_ is None or edition.from_ <= period.end
    return begun and (edition.until is None or edition.until >= period.start)


# ---- duplicate ----

DEFAULT_SIMILARITY, DEFAULT_FROM = Percent(Decimal(90)), 20
_BITS = 1021


def check_duplicate(case: Case) -> Iterator[Hit]:
    """Texts that say the same, or nearly; the later one is named, with the earlier."""
    similarity: Percent = case.get("similarity") or DEFAULT_SIMILARITY
    shortest = int(case.get("from") or DEFAULT_FROM)
    subjects = [subject for subject in case.some() if len(subject.text) >= shortest]
    texts = [subject.text for subject in subjects]
    for first, second, found in _pairs_among(texts, float(similarity.value)):
        yield Hit(
            message="duplicate",
            subject=subjects[second],
            param="similarity",
            data={"found": f"{found:.0f}%", "wanted": str(similarity), "other": subjects[first].name},
        )


_unlike: dict[float, frozenset[str]] = {}
"""Similarity to the texts last seen of which no two are so alike."""
_FEW = 8


def _pairs_among(texts: list[str], least: float) -> list[tuple[int, int, float]]:
    """The near pairs; where only a few texts are new since all were unlike, only these are compared."""
    together, known = frozenset(texts), _unlike.get(least, frozenset())
    new = together - known
    if len(together) == len(texts) and len(new) <= _FEW:
        few = not any(_is_like(text, other, least) for text in new for other in together if other is not text)
        pairs = [] if few else list(near_pairs(texts, least))
    else:
        pairs = list(near_pairs(texts, least))
    if not pairs:
        _unlike[least] = together
    return pairs


def _is_like(one: str, other: str, least: float) -> bool:
    lost = _lost(max(len(one), len(other)), least)
    return (_marks(one) & ~_marks(other)).bit_count() <= lost and _similarity(one, other, least) > 0


def near_pairs(texts: list[str], least: float) -> Iterator[tuple[int, int, float]]:
    """For each text the first earlier one that it is at least so similar to, in percent.

    All pairs of letters but those that the allowed edits can destroy must be shared. So a text with more
    pairs of its own is like no other, and the other must have one of the rarest pairs, of which we look at
    one more than can be destroyed. What is left is nearly always ruled out by the marks of the pairs.
    Where all pairs can be destroyed - below two thirds, or where a text repeats itself - texts that have no
    pair in common are not compared.
    """
    pairs = [_pairs(text) for text in texts]
    commonness = Counter(chain.from_iterable(pairs))
    seen: defaultdict[str, list[int]] = defaultdict(list)
    exact: dict[str, int] = {}
    marks: dict[int, int] = {}
    for number, text in enumerate(texts):
        if text in exact:
            yield exact[text], number, 100.0
            continue
        exact[text] = number
        lost = _lost(len(text), least)
        if [*map(commonness.__getitem__, pairs[number])].count(1) > lost:
            continue
        rarest = sorted(pairs[number], key=commonness.__getitem__)[: lost + 1]
        marks[number] = mine = _marks(text)
        for other in sorted(set(chain.from_iterable([seen[pair] for pair in rarest if pair in seen]))):
            if (mine & ~marks[other]).bit_count() > lost:
                continue
            if (found := _similarity(texts[other], text, least)) > 0:
                yield other, number, found
                break
        for pair in rarest:
            seen[pair].append(number)


@lru_cache(maxsize=2048)
def _pairs(text: str) -> tuple[str, ...]:
    """Every two letters that follow each other, in an order that is the same for all texts."""
    return tuple(sorted({text[at : at + 2] for at in range(max(1, len(text) - 1))}))


@lru_cache(maxsize=2048)
def _marks(text: str) -> int:
    """A number with one bit set, out of so many, for every two letters that follow each other."""
    marks = 0
    for pair in _pairs(text):
        marks |= 1 << (ord(pair[0]) * 31 + ord(pair[-1])) % _BITS
    return marks


def _similarity(one: str, other: str, least: float) -> float:
    # Most plans have no texts so alike that this library is needed.
    from rapidfuzz.fuzz import ratio

    return ratio(one, other, score_cutoff=least)


def _lost(length: int, least: float) -> int:
    """How many pairs of a text of this length the allowed edits can destroy.

    Similarity is 1 - edits / (both lengths). The worst are letters left out, each of which stands in two
    pairs, where the other text is as short as it can be; or letters put in, each of which parts one pair,
    where it is as long as it can be.
    """
    share = max(least, 1.0) / 100
    return floor(length * (2 - 2 * share) * max(2 / (2 - share), 1 / share) + 0.001)
