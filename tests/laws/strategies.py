"""Sets of layers dense enough to collide: few ids, few values, every strategy, removal, order, bindings.

A `World` holds raw layers, as files would say them; it prints as these files. `stack` makes the engine's input of it
without touching a disk, `write` writes it as real files.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from attrs import evolve, frozen
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from planloom_schemas.convert import structure_layer, structure_plan_file
from planloom_schemas.plan import Origin

from planloom import layers as engine_layers
from planloom.definitions import definitions_of
from planloom.layers import LoadedLayer, Stack

Raw = Mapping[str, Any]
ItemPath = tuple[str, ...]

LAWS = settings(
    derandomize=True, database=None, deadline=None, max_examples=60, suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
)  # fmt: skip


@frozen
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
        files = {f"{name}.yaml": text_of(data) for name, data in (*self.layers.items(), (self.plan["plan"], self.plan))}
        return "\n".join((f"World (bundled: {self.bundled})", *(f"--- {n}\n{text}" for n, text in files.items())))

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
    return engine_layers._stack(loaded, sorted(world.plan.get("profiles", ())), named, plan)


def _loaded(data: Raw, trusted: bool) -> LoadedLayer:
    content: Any = structure_layer(data) if "layer" in data else structure_plan_file(data)
    name = content.layer if "layer" in data else content.plan
    lines = {path: line for line, path in enumerate(_paths(data, ()), 1)}

    def locate(path: ItemPath) -> Origin:
        return Origin(layer=name, file=f"{name}.yaml", line=lines.get(path, 0), column=1)

    return LoadedLayer(
        id=name, kind=content.kind if "layer" in data else "plan", title=name, content=content, trusted=trusted,
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


# ---- statements about items ----


def _some(often: Mapping[str, Any], seldom: Mapping[str, Any] = {}) -> st.SearchStrategy[dict[str, Any]]:  # noqa: B006
    names = sorted(often) * 4 + sorted(seldom)
    chosen = st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True)
    return chosen.flatmap(lambda keys: st.fixed_dictionaries({key: {**seldom, **often}[key] for key in keys}))


def _of(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


def _edit(*names: Any) -> st.SearchStrategy[Any]:
    few = st.lists(_of(*names), min_size=1, max_size=2, unique_by=repr)
    return st.one_of(few, few, few, few, few, few.map(lambda gone: {"remove": gone}))


SECTIONS, MEASURES, ACTIVITIES = ("alpha", "beta", "gamma"), ("one", "two"), ("march", "visit")
ON = _of({"month": 3}, {"month": 4}, {"months": [7, 8]})
TITLE = _of("甲", "乙")
COUNT = st.integers(1, 4)
SEVERITY = _of("advice", "warn", "error")
TAGS = _edit("open", "safe")
OWNER = _of("工会", ["工会"], ["工会", "校办"], None)
BASIS = _edit({"document": "law", "verified": True}, {"document": "law", "article": "第一条"})

MEASURE = _some(
    {"text": TITLE, "owner": OWNER, "tags": TAGS, "target": _of({"value": 90}, None)},
    {"after": _edit(*MEASURES), "activities": _edit(*ACTIVITIES)},
)
RULE_HEAD = {
    "title": TITLE, "help": TITLE, "severity": SEVERITY, "basis": BASIS,
    "messages": st.fixed_dictionaries({"few": TITLE}), "when": _of("staff > 1"),
}  # fmt: skip
BINDING = _of("house", "upper", "law")
WORDS = _of("a", "b", "c")
LIST = st.lists(WORDS, min_size=1, max_size=2, unique=True)
MONTHS = st.lists(_of(2, 7, 8), min_size=1, max_size=2, unique=True)
PARAMETERS: Mapping[str, Mapping[str, st.SearchStrategy[Any]]] = {
    "ONE001": {"at_least": COUNT, "at_most": st.integers(2, 5)},
    "ONE002": {"required": st.booleans(), "one_of": LIST, "not_in": LIST, "min_length": COUNT, "max_length": COUNT,
               "type": _of("text", "list")},
    "ONE003": {"except": LIST, "words": st.fixed_dictionaries({"校务公开": TITLE})},
    "ONE004": {"allow_empty": MONTHS},
}  # fmt: skip
LOOSENED: Mapping[str, Mapping[str, st.SearchStrategy[Any]]] = {
    "ONE001": {"at_least": COUNT, "at_most": COUNT, "severity": SEVERITY},
    "ONE002": {"required": st.booleans(), "one_of": LIST, "not_in": LIST, "severity": SEVERITY},
    "ONE003": {"except": LIST},
    "ONE004": {"allow_empty": MONTHS},
}
WHOLE: Mapping[str, Raw] = {
    "ONE001": {"kind": "count", "title": "甲", "of": {"what": "activity"}, "per": "year"},
    "ONE002": {"kind": "field", "title": "甲", "of": {"what": "activity"}, "field": "owner"},
    "ONE003": {"kind": "wording", "title": "甲", "words": {"工人": "职工"}},
    "ONE004": {"kind": "coverage", "title": "甲", "of": {"what": "activity"}, "every": "month"},
}
STATEMENTS: Mapping[str, st.SearchStrategy[dict[str, Any]]] = {
    "facts": _some({"title": TITLE, "min": _of(1, 2), "max": _of(2, 900), "ask": st.booleans()}),
    "tags": _some({"title": TITLE, "words": _edit("公开", "安全")}),
    "budget": _some({"title": TITLE, "amount": _of(100, 200, None), "side": _of("income", "expense")}),
    "sections": _some(
        {"title": TITLE, "lead": _of("起", None), "tags": TAGS}, {"after": _edit(*SECTIONS), "before": _edit(*SECTIONS)}
    ),
    "activities": _some(
        {"title": TITLE, "on": ON, "owner": OWNER, "place": _of("馆", None), "tags": TAGS},
        {"budget": _of(100, {"amount": 100})},
    ),
}
COMPLETE: Mapping[str, Raw] = {
    "facts": {"type": "integer", "default": 2},
    "tags": {"words": ["标"]},
    "budget": {"title": "甲", "amount": 100},
    "sections": {"title": "甲"},
    "measures": {"text": "甲"},
    "activities": {"title": "甲", "on": {"month": 3}},
}
POOL: Sequence[ItemPath] = (
    *(("sections", name) for name in SECTIONS),
    ("sections", "alpha", "measures", "one"), ("sections", "alpha", "measures", "two"), ("sections", "beta", "measures", "one"),
    ("activities", "march"), ("activities", "visit"), ("facts", "staff"), ("tags", "open"), ("tags", "safe"),
    ("budget", "dues"), *(("rules", code) for code in PARAMETERS),
)  # fmt: skip
DOCUMENTS = {"law": {"title": "法"}}


def _partial(item: ItemPath) -> st.SearchStrategy[dict[str, Any]]:
    if item[0] == "rules":
        parameters = LOOSENED[item[1]].items()
        loosen = st.one_of(*(st.fixed_dictionaries({"reason": st.just("轮休"), k: v}) for k, v in parameters))
        return _some({**PARAMETERS[item[1]], "severity": SEVERITY, "binding": BINDING}, {**RULE_HEAD, "loosen": loosen})
    return MEASURE if len(item) > 2 else STATEMENTS[item[0]]


_EXISTENCE = st.sampled_from(("",) * 12 + ("remove", "restore", "if_present", "if_present"))


@st.composite
def _statement(draw: st.DrawFn, item: ItemPath, calm: bool) -> dict[str, Any]:
    kind = "" if calm else draw(_EXISTENCE)
    if kind == "remove":
        return {"remove": "不办"}
    said: dict[str, Any] = draw(_partial(item))
    if kind:
        said[kind] = "要办" if kind == "restore" else True
    return said


# ---- layers ----


def put(data: dict[str, Any], item: ItemPath, said: Raw) -> None:
    """Say something of an item in a raw layer, beside what it says already."""
    if not said:
        return
    for key in item[:-1]:
        data = data.setdefault(key, {})
    if "remove" in said or "remove" in data.get(item[-1], {}):
        data[item[-1]] = dict(said)
    else:
        data[item[-1]] = {**data.get(item[-1], {}), **said}


def _readable(data: dict[str, Any]) -> dict[str, Any]:
    """Without what no single layer may say: a removal of a section beside measures of it."""
    for section in data.get("sections", {}).values():
        if "remove" in section:
            section.pop("measures", None)
    return data


@st.composite
def contents(draw: st.DrawFn, calm: bool = False, pool: Sequence[ItemPath] = POOL) -> dict[str, Any]:
    """What one layer says of items that others know too."""
    data: dict[str, Any] = {}
    for item in draw(st.lists(st.sampled_from(pool), min_size=1 if calm else 3, max_size=3 if calm else 6, unique=True)):
        put(data, item, draw(_statement(item, calm)))
    return _readable(data)


def _layer(name: str, kind: str, extends: Sequence[str], content: Raw) -> dict[str, Any]:
    head = {"planloom": 1, "layer": name, "kind": kind, "title": name.upper()}
    return {**head, **({"extends": list(extends)} if extends else {}), **content}


@st.composite
def worlds(draw: st.DrawFn, calm: bool = False) -> World:
    """Profiles and directives with `extends` between them, and a plan file.

    Args:
        draw: Given by Hypothesis.
        calm: Without removals and the like, and with fewer statements, so that most worlds compose.
    """
    pool = draw(st.lists(st.sampled_from(POOL), min_size=5, max_size=8, unique=True))
    names = draw(st.permutations(("aspen", "birch", "cedar", "doum", "elm")))
    profiles, directives = names[: draw(_of(1, 2, 3, 3))], names[3 : 3 + draw(_of(0, 1, 2))]
    layers: dict[str, dict[str, Any]] = {}
    for group, kind in ((profiles, "profile"), (directives, "directive")):
        for place, name in enumerate(group):
            extends = [other for other in group[:place] if not draw(st.integers(0, 2))]
            layers[name] = _layer(name, kind, extends, draw(contents(calm, pool)))
    plan_content = draw(contents(calm, pool))
    everyone = list(layers)
    home = draw(st.sampled_from(everyone))
    layers[home] |= {"prefix": "ONE", "documents": DOCUMENTS}
    for item in POOL:
        if not calm and not draw(st.integers(0, 29)):
            continue  # nobody introduces it
        chosen = home if item[0] == "rules" else draw(st.sampled_from(everyone))
        whole = WHOLE[item[1]] if item[0] == "rules" else COMPLETE[item[-2]]
        put(layers[chosen], item, whole)
    plan = {"planloom": 1, "plan": "plan", "profiles": profiles, **({"directives": directives} if directives else {})}
    granted = [name for name in profiles if draw(st.booleans())]
    bundled = tuple(name for name in profiles if name in granted and draw(st.booleans()))
    for code, rule in plan_content.get("rules", {}).items():
        plan_content["rules"][code] = {k: v for k, v in rule.items() if k != "binding"} or {"if_present": True}
    head = plan | {"grant": [name for name in granted if name not in bundled]}
    return World({n: _readable(d) for n, d in layers.items()}, {**head, "period": 2027, **_readable(plan_content)}, bundled)


@st.composite
def ordered_worlds(draw: st.DrawFn) -> World:
    """Up to seven sections from three profiles, with edges between them."""
    names = ("s1", "s2", "s3", "s4", "s5", "s6", "s7")[: draw(st.integers(3, 7))]
    owner = {name: draw(st.sampled_from(("aspen", "birch", "cedar"))) for name in names}
    shuffled = draw(st.permutations(names))
    layers: dict[str, dict[str, Any]] = {
        "birch": _layer("birch", "profile", (), {}),
        "aspen": _layer("aspen", "profile", ("birch",) if draw(st.booleans()) else (), {}),
        "cedar": _layer("cedar", "directive", (), {}),
    }
    for name in shuffled:
        put(layers[owner[name]], ("sections", name), {"title": name})
    pairs = st.lists(st.sampled_from(names), min_size=2, max_size=2, unique=True)
    for one, other in draw(st.lists(pairs, max_size=5)):
        layer = draw(st.sampled_from(sorted(layers)))
        put(layers[layer], ("sections", one), {draw(_of("after", "before")): [other]})
    plan = {"planloom": 1, "plan": "plan", "profiles": ["aspen", "birch"], "directives": ["cedar"], "period": 2027}
    return World(layers, plan)


@cache
def corpus(count: int) -> tuple[World, ...]:
    """Some worlds of every kind, always the same."""
    found: list[World] = []

    @settings(LAWS, max_examples=count, phases=(Phase.generate,))
    @given(st.one_of(worlds(), worlds(calm=True), ordered_worlds()))
    def collect(world: World) -> None:
        found.append(world)

    collect()
    return tuple(found)
