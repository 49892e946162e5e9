"""Sets of layers dense enough to collide: few ids, few values, every strategy, removal, order, bindings.

A `World` holds raw layers, as files would say them; it prints as these files. `stack` makes the engine's
input of it without touching a disk, `write` writes it as real files.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from attrs import evolve, frozen
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from planloom import stack as stacks
from planloom.definitions import definitions_of
from planloom.layers import LoadedLayer, Written
from planloom.stack import Stack
from planloom_schemas.convert import structure_layer, structure_plan_file
from planloom_schemas.plan import Origin

Raw = Mapping[str, Any]
ItemPath = tuple[str, ...]

LAWS = settings(
    derandomize=True, database=None, deadline=None, max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
)  # fmt: skip


@frozen(eq=False)
class World:
    """Raw layers and a plan file.

    Args:
        layers: Layer id to layer.
        plan: The plan file.
        bundled: Layers that planloom ships, as far as trust goes.
    """

    layers: Mapping[str, Raw]
    plan: Raw
    bundled: tuple[str, ...] = ()

    def __repr__(self) -> str:
        files = {
            f"{name}.yaml": text_of(data)
            for name, data in (*self.layers.items(), (self.plan["plan"], self.plan))
        }
        return "\n".join(
            (f"World (bundled: {self.bundled})", *(f"--- {n}\n{text}" for n, text in files.items()))
        )

    def having(self, name: str, layer: Raw) -> "World":
        """The same with one more layer that the plan file selects."""
        chosen = "profiles" if layer["kind"] == "profile" else "directives"
        plan = {**self.plan, chosen: [*self.plan.get(chosen, ()), name]}
        return evolve(self, layers={**self.layers, name: layer}, plan=plan)

    def planning(self, **changes: Any) -> "World":
        """The same with another plan file."""
        return evolve(self, plan={**self.plan, **changes})


def text_of(data: Raw) -> str:
    """A layer as YAML, one item a line."""
    lines = []
    for key, value in data.items():
        if isinstance(value, Mapping):
            lines.append(f"{key}:")
            lines += [f"  {_flow(name)}: {_flow(said)}" for name, said in value.items()]
        else:
            lines.append(f"{key}: {_flow(value)}")
    return "\n".join(lines) + "\n"


def _flow(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


# ---- from raw layers to the engine's input ----


def stack(world: World, order: Sequence[str] = ()) -> Stack:
    """The stack of a world.

    Args:
        world: Its layers.
        order: The order in which the engine meets the layers; none should matter.
    """
    loaded = {name: _loaded(world.layers[name], name in world.bundled) for name in order or world.layers}
    plan = _loaded(world.plan, trusted=False)
    named = sorted(world.plan.get("directives", ()))
    return stacks._stack(loaded, sorted(world.plan.get("profiles", ())), named, plan)


def _loaded(data: Raw, trusted: bool) -> LoadedLayer:
    content: Any = structure_layer(data) if "layer" in data else structure_plan_file(data)
    name = content.layer if "layer" in data else content.plan
    lines = {path: line for line, path in enumerate(_paths(data, ()), 1)}

    def locate(path: ItemPath) -> Origin:
        return Origin(layer=name, file=f"{name}.yaml", line=lines.get(path, 0), column=1)

    return LoadedLayer(
        id=name, kind=content.kind if "layer" in data else "plan", title=name,
        prefix=getattr(content, "prefix", "") or "", trusted=trusted, written=lambda: Written(content),
        extends=tuple(data.get("extends", ())), shown=f"{name}.yaml",
        definitions=definitions_of(name, content, locate, lambda file: file.file),
    )  # fmt: skip


def _paths(data: Any, path: ItemPath) -> Iterable[ItemPath]:
    for key, value in data.items() if isinstance(data, Mapping) else ():
        yield (*path, key)
        yield from _paths(value, (*path, key))


def write(world: World, folder: Path, order: Sequence[str] = ()) -> Path:
    """Write a world as files, layers in the order given; gives the plan file."""
    home = folder / "layers"
    home.mkdir(parents=True)
    for name in order or world.layers:
        (home / f"{name}.yaml").write_text(text_of(world.layers[name]), encoding="utf-8")
    file = folder / f"{world.plan['plan']}.yaml"
    file.write_text(text_of(world.plan), encoding="utf-8")
    return file


# ---- what can be said ----

SECTIONS, MEASURES, ACTIVITIES = ("alpha", "beta", "gamma"), ("one", "two"), ("march", "visit")
TITLE, COUNT, SEVERITY = ("甲", "乙"), (1, 2, 3, 4), ("advice", "warn", "error")
TAGS = (["open"], ["open"], ["safe"], ["open", "safe"], ["safe", "open"], {"remove": ["open"]})
OWNER = ("工会", ["工会"], ["工会", "校办"], None)
LAW, ARTICLE = {"document": "law", "verified": True}, {"document": "law", "article": "第一条"}
LIST = (["a"], ["b"], ["a", "b"], ["b", "c"], ["c", "a"])
MONTHS = ([2], [8], [2, 8], [7, 8])
POOL: Sequence[ItemPath] = (
    *(("sections", name) for name in SECTIONS),
    *(("sections", "alpha", "measures", name) for name in MEASURES),
    ("sections", "beta", "measures", "one"), *(("activities", name) for name in ACTIVITIES),
    ("facts", "staff"), ("tags", "open"), ("tags", "safe"), ("budget", "dues"),
    *(("rules", f"ONE00{number}") for number in range(1, 5)),
)  # fmt: skip
OFTEN: Mapping[str, Mapping[str, Sequence[Any]]] = {
    "facts": {"title": TITLE, "min": (1, 2), "max": (2, 900), "ask": (True, False)},
    "tags": {"title": TITLE, "words": (["公开"], ["安全"], {"remove": ["公开"]})},
    "budget": {"title": TITLE, "amount": (100, 200, None), "side": ("income", "expense")},
    "sections": {"title": TITLE, "lead": ("起", None), "tags": TAGS},
    "measures": {"text": TITLE, "owner": OWNER, "tags": TAGS, "target": ({"value": 90}, None)},
    "activities": {"title": TITLE, "on": ({"month": 3}, {"month": 4}, {"months": [7, 8]}), "owner": OWNER,
                   "place": ("馆", None), "tags": TAGS, "budget": (100, {"amount": 100})},
    "ONE001": {"at_least": COUNT, "at_most": (2, 3, 4, 5), "severity": SEVERITY},
    "ONE002": {"required": (True, False), "one_of": LIST, "not_in": LIST, "min_length": COUNT,
               "max_length": COUNT,
               "type": ("text", "text", "list"), "severity": SEVERITY},
    "ONE003": {"except": LIST, "words": ({"校务公开": "甲"}, {"校务公开": "乙"})},
    "ONE004": {"allow_empty": MONTHS},
}  # fmt: skip
"""Values by field, by collection or by rule."""

SELDOM: Mapping[str, Mapping[str, Sequence[Any]]] = {
    "facts": {"type": ("integer",), "default": (2, 3)},
    "sections": {"after": [[name] for name in SECTIONS], "before": [[name] for name in SECTIONS]},
    "measures": {"after": [[name] for name in MEASURES],
                 "activities": (["march"], ["visit"], {"remove": ["visit"]})},
    "rules": {"title": TITLE, "help": TITLE, "basis": ([LAW], [ARTICLE], {"remove": [ARTICLE]}, {"remove": [LAW]}),
              "messages": ({"few": "甲"}, {"few": "乙"}), "when": ("staff > 1",)},
}  # fmt: skip
LOOSENED = ("at_least", "at_most", "severity", "required", "one_of", "not_in", "except", "allow_empty")
WHOLE: Mapping[str, Raw] = {
    "facts": {"type": "integer", "default": 2},
    "tags": {"words": ["标"]},
    "budget": {"title": "甲", "amount": 100},
    "sections": {"title": "甲"},
    "measures": {"text": "甲"},
    "activities": {"title": "甲", "on": {"month": 3}},
    "ONE001": {"kind": "count", "title": "甲", "of": {"what": "activity"}, "per": "year"},
    "ONE002": {"kind": "field", "title": "甲", "of": {"what": "activity"}, "field": "owner"},
    "ONE003": {"kind": "wording", "title": "甲", "words": {"校务公开": "甲"}},
    "ONE004": {"kind": "coverage", "title": "甲", "of": {"what": "activity"}, "every": "month"},
}
"""What makes an item complete."""


@frozen
class Mood:
    """What the layers of a world tend to say.

    Args:
        existence: How likely an item is removed, restored or spoken of under a condition.
        loosen: How likely a rule is loosened rather than stated.
        floors: How likely an entry of a rule binds with law or upper.
        missing: How likely nobody introduces an item.
        seldom: How likely a rarer field is spoken of.
        most: The most items a layer speaks of.
        items: What it speaks of.
    """

    existence: float = 0.0
    loosen: float = 0.0
    floors: float = 0.0
    missing: float = 0.0
    seldom: float = 0.2
    most: int = 3
    items: Sequence[ItemPath] = POOL


CALM = Mood()
MOODS = (
    Mood(existence=0.1, loosen=0.2, floors=0.3, missing=0.03, most=5),
    Mood(existence=0.45, missing=0.03, most=4, items=POOL[:9]),
    Mood(existence=0.15, loosen=0.3, floors=0.4, items=POOL[-4:]),
    Mood(most=6, items=POOL[:8]),
    Mood(most=3, items=(("sections", "alpha"), ("activities", "march"), ("facts", "staff"))),
    Mood(existence=0.5, most=1, items=(("activities", "march"),)),
    Mood(loosen=0.6, floors=0.5, seldom=0.6, most=1, items=POOL[-4:-3]),
)


# ---- making worlds ----


def put(data: dict[str, Any], item: ItemPath, said: Raw) -> None:
    """Say something of an item in a raw layer, beside what it says already."""
    for key in item[:-1]:
        data = data.setdefault(key, {})
    known = data.get(item[-1], {})
    data[item[-1]] = dict(said) if "remove" in said or "remove" in known else {**known, **said}


class _Maker:
    """Makes layers by the throw of a dice.

    Args:
        dice: Where chance comes from.
        mood: What layers tend to say.
    """

    def __init__(self, dice: Random, mood: Mood) -> None:
        self.dice = dice
        self.mood = mood

    def chance(self, likely: float) -> bool:
        return self.dice.random() < likely

    def statement(self, item: ItemPath) -> dict[str, Any]:
        """What one layer says of an item."""
        kind = (
            self.dice.choice(("remove", "remove", "restore", "if_present"))
            if self.chance(self.mood.existence)
            else ""
        )
        if kind == "remove":
            return {"remove": "不办"}
        said: dict[str, Any] = (
            {"restore": "要办"} if kind == "restore" else {"if_present": True} if kind else {}
        )
        if kind == "restore" and self.chance(0.5):
            return said
        return said | self.fields(item)

    def fields(self, item: ItemPath) -> dict[str, Any]:
        often = OFTEN[item[1] if item[0] == "rules" else item[-2]]
        seldom = SELDOM.get(item[-2], {}) if self.chance(self.mood.seldom) else {}
        table = {**often, **seldom}
        names = self.dice.sample(sorted(table), min(len(table), self.dice.choice((1, 1, 2, 3))))
        said = {name: self.dice.choice(table[name]) for name in names}
        if item[0] == "rules" and self.chance(self.mood.floors):
            said["binding"] = self.dice.choice(("upper", "law"))
        if names[0] in LOOSENED and item[0] == "rules" and self.chance(self.mood.loosen):
            said["loosen"] = {"reason": "轮休", names[0]: said.pop(names[0])}
        return said

    def content(self) -> dict[str, Any]:
        """What one layer says of several items."""
        data: dict[str, Any] = {}
        for item in self.dice.sample(
            self.mood.items, self.dice.randint(1, min(self.mood.most, len(self.mood.items)))
        ):
            put(data, item, self.statement(item))
        return readable(data)

    def world(self) -> World:
        """Profiles and directives, some extending others, and a plan file."""
        names = self.dice.sample(("aspen", "birch", "cedar", "doum", "elm"), 5)
        profiles, directives = (
            names[: self.dice.choice((1, 2, 3, 3))],
            names[3 : 3 + self.dice.choice((0, 1, 2))],
        )
        layers: dict[str, dict[str, Any]] = {}
        for group, kind in ((profiles, "profile"), (directives, "directive")):
            for place, name in enumerate(group):
                extends = [o for o in group[:place] if self.chance(0.5 if o == group[place - 1] else 0.2)]
                layers[name] = layer(name, kind, extends, self.content())
        self.introduce(layers)
        trusted = [name for name in profiles if self.chance(0.6)]
        bundled = [name for name in trusted if self.chance(0.5)]
        head = {"planloom": 1, "plan": "plan", "profiles": profiles, "directives": directives, "period": 2027}
        head["grant"] = [name for name in trusted if name not in bundled]
        said = self.content()
        for rule in said.get("rules", {}).values():
            rule.pop("binding", None)
        return World(
            {name: readable(data) for name, data in layers.items()}, {**head, **said}, tuple(bundled)
        )

    def introduce(self, layers: dict[str, dict[str, Any]]) -> None:
        home = self.dice.choice(list(layers))
        layers[home] |= {"prefix": "ONE", "documents": {"law": {"title": "法"}}}
        for item in POOL:
            if not self.chance(self.mood.missing):
                by = home if item[0] == "rules" else self.dice.choice(list(layers))
                put(layers[by], item, WHOLE[item[1] if item[0] == "rules" else item[-2]])

    def ordered(self) -> World:
        """Up to seven sections from three layers, with edges between them."""
        names = [f"s{number}" for number in range(1, self.dice.randint(4, 8))]
        layers = {
            "birch": layer("birch", "profile", (), {}),
            "aspen": layer("aspen", "profile", ("birch",) if self.chance(0.5) else (), {}),
            "cedar": layer("cedar", "directive", (), {}),
        }
        for name in self.dice.sample(names, len(names)):
            put(layers[self.dice.choice(sorted(layers))], ("sections", name), {"title": name})
        for _ in range(self.dice.randint(0, 5)):
            one, other = self.dice.sample(names, 2)
            edge = self.dice.choice(("after", "before"))
            put(layers[self.dice.choice(sorted(layers))], ("sections", one), {edge: [other]})
        head = {"planloom": 1, "plan": "plan", "profiles": ["aspen", "birch"], "directives": ["cedar"]}
        return World(layers, {**head, "period": 2027})


def layer(name: str, kind: str, extends: Sequence[str], content: Raw) -> dict[str, Any]:
    """A raw layer."""
    head = {"planloom": 1, "layer": name, "kind": kind, "title": name.upper()}
    return {**head, **({"extends": list(extends)} if extends else {}), **content}


def readable(data: dict[str, Any]) -> dict[str, Any]:
    """Without what no single layer may say: a removal of a section beside measures of it."""
    for section in data.get("sections", {}).values():
        if "remove" in section:
            section.pop("measures", None)
    return data


# ---- strategies ----

# Half of the dice are Hypothesis's own, so that it can shrink what it finds; half are
# thrown blindly, for variety.
DICE = st.one_of(st.randoms(use_true_random=False), st.integers(0, 1_000_000).map(Random))


def worlds(*moods: Mood) -> st.SearchStrategy[World]:
    """Worlds of some moods."""
    return st.builds(lambda dice, mood: _Maker(dice, mood).world(), DICE, st.sampled_from(moods))


ORDERED = DICE.map(lambda dice: _Maker(dice, CALM).ordered())
ANY = worlds(*MOODS, CALM)


@st.composite
def additions(draw: st.DrawFn, world: World) -> tuple[str, dict[str, Any]]:
    """A layer to add to a world: a profile or a directive, that may extend some of them."""
    maker = _Maker(draw(DICE), draw(st.sampled_from((*MOODS, CALM))))
    kind, name = maker.dice.choice(("profile", "directive")), maker.dice.choice(("acacia", "fir"))
    below = [other for other, data in world.layers.items() if data["kind"] == kind and maker.chance(0.5)]
    return name, layer(name, kind, below, maker.content())


@cache
def corpus() -> tuple[World, ...]:
    """Worlds of every mood, always the same."""
    made = [_Maker(Random(seed), mood).world() for seed in range(25) for mood in (*MOODS, CALM)]
    return (*made, *(_Maker(Random(seed), CALM).ordered() for seed in range(20)), *_seldom_met())


def _seldom_met() -> Iterator[World]:
    """What chance brings together too seldom: a removal taken back, a basis under somebody else's claim."""
    head = {"planloom": 1, "plan": "plan", "profiles": ["birch"], "directives": ["cedar"], "period": 2027}
    day, rule = ("activities", "march"), ("rules", "ONE001")
    for item, above, on_top in (
        (day, {"remove": "不办"}, {"restore": "要办"}),
        (rule, {"binding": "upper"}, {"basis": [LAW]}),
    ):
        birch = layer("birch", "profile", (), {"prefix": "ONE", "documents": {"law": {"title": "法"}}})
        cedar, plan = layer("cedar", "directive", (), {}), dict(head)
        put(birch, item, WHOLE[item[1] if item == rule else item[0]])
        put(cedar, item, above)
        put(plan, item, on_top)
        yield World({"birch": birch, "cedar": cedar}, plan)
