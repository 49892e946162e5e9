"""A new plan file: what it says, and its text with comments for the officer, which are Chinese."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import evolve, field, frozen

import planloom_schemas
from planloom.discovery import Library
from planloom.layers import LoadedLayer, plan_layer
from planloom.merge import Item, Resolution, resolve
from planloom.pasting import flow
from planloom.source import parse_source
from planloom.stack import stack_of
from planloom_cli.request import problems_of
from planloom_cli.width import pad, width
from planloom_schemas.convert import StructureError, plain, structure_plan_file
from planloom_schemas.dates import Month, Period
from planloom_schemas.errors import PlanFileError

_SCHEMA = Path(planloom_schemas.__file__).parent / "published" / "plan.json"
_COMMENT_COLUMN = 34
Answers = tuple[tuple[str, str], ...]


@frozen(kw_only=True)
class Draft:
    """What a new plan file is to say.

    Args:
        id: Its id.
        profiles: The profiles selected.
        directives: The directives, as the file names them.
        period: In the words of the file.
        organisation: Its name, or "".
        facts: Fact id to value.
        answers: Paths on which the profiles differ, with the value chosen as one line of YAML.
        open: The same for differences that nobody answered, with one of the values.
    """

    id: str
    profiles: tuple[str, ...]
    directives: tuple[str, ...]
    period: str
    organisation: str = ""
    facts: Mapping[str, object] = field(factory=dict[str, object])
    answers: Answers = ()
    open: Answers = ()

    def layer(self) -> LoadedLayer:
        """The draft as a layer.

        Raises:
            PlanFileError: It says something that no plan file may say.
        """
        data: dict[str, Any] = {
            "planloom": 1, "plan": self.id, "profiles": list(self.profiles), "period": self.period,
            **({"directives": list(self.directives)} if self.directives else {}),
            **({"organisation": self.organisation} if self.organisation else {}),
            **({"facts": dict(self.facts)} if self.facts else {}),
        }  # fmt: skip
        for path, value in self.answers:
            _put(data, path.split("/"), parse_source(f"value: {value}", "-").data)
        try:
            return plan_layer(structure_plan_file(data))
        except StructureError as error:
            raise PlanFileError(*problems_of(error)) from error

    def merged(self, library: Library, folder: Path) -> Resolution:
        """The draft merged with its layers.

        Raises:
            PlanloomError: A layer cannot be used, or the layers disagree.
        """
        layer = evolve(self.layer(), shown=str(folder / "plan.yaml"))
        return resolve(stack_of(library, self.profiles, self.directives, layer))


def _put(data: dict[str, Any], parts: Sequence[str], found: Any) -> None:
    for part in parts[:-1]:
        data = data.setdefault(part, {})
    data[parts[-1]] = found["value"]


def plan_id(profiles: Sequence[str], period: str) -> str:
    """The id of a new plan: ``school-2027``, ``school-2026-09-2027-08``."""
    return "-".join((*profiles, period.strip().replace("/", "-").replace(" ", "")))


def seen_from(folder: Path, directive: str) -> str:
    """A directive as a plan file in a folder names it: paths are relative to that folder."""
    if not directive.endswith((".yaml", ".yml")) and "/" not in directive and "\\" not in directive:
        return directive
    path = Path(os.path.relpath(directive, folder)).as_posix()
    return path if path.startswith("../") else f"./{path}"


# ---- the text ----


def text_of(draft: Draft, merged: Resolution, period: Period, file: str) -> str:
    """The plan file as text: what is stated, then every other fact with its default, then examples.

    Args:
        draft: What it says.
        merged: The draft merged with its layers.
        period: Its period.
        file: The name it will have.
    """
    return "\n".join([*_head(draft, period, file), *_facts(draft, merged), *_changes(draft, merged), ""])


def _noted(line: str, comment: str) -> str:
    return f"{pad(line, max(_COMMENT_COLUMN, width(line) + 2))}# {comment}"


def _head(draft: Draft, period: Period, file: str) -> Iterator[str]:
    name = Path(file).name
    yield f"# yaml-language-server: $schema={_SCHEMA.as_posix()}"
    yield f"# {draft.organisation or '本单位'}{period.label}工作计划。“#”后面是说明；每一行都可以修改。"
    yield f"# 成文：planloom compose {name} -o {Path(name).stem}.docx"
    yield _noted("planloom: 1", "格式版本，不用改")
    yield _noted(f"plan: {draft.id}", "本计划的编号")
    yield _noted(f"profiles: [{', '.join(draft.profiles)}]", "选用的配置，次序无关")
    if draft.directives:
        yield _noted(f"directives: {flow(list(draft.directives))}", "上级要点")
    else:
        yield _noted("# directives: [./区总工会要点.yaml]", "上级要点：文件或名称")
    yield _noted(f"period: {draft.period}", "年度；学年写 2026-09/2027-08，学期写 2027-02/2027-07")
    if draft.organisation:
        yield _noted(f"organisation: {flow(draft.organisation)}", "单位或工会全称")
    else:
        yield _noted("# organisation: 育才小学工会委员会", "单位或工会全称")
    yield _noted(f"# signature: {{date: {period.start.isoformat()}}}", "落款日期；署名不写则用单位全称")


def _facts(draft: Draft, merged: Resolution) -> Iterator[str]:
    items = merged.items.get("facts", ())
    stated = [item for item in items if item.id in draft.facts]
    others = [item for item in items if item.id not in draft.facts]
    yield ""
    yield "facts:" if stated else "# facts:"
    for item in stated:
        yield _noted(f"  {item.id}: {flow(draft.facts[item.id])}", _about(item))
    if others:
        yield "  # 以下各项按默认值处理；与本单位不符的，删去行首的“# ”再改。"
    for item in others:
        value = plain(item.get("value", item.get("default")))
        yield _noted(f"  # {item.id}: {'' if value is None else flow(value)}".rstrip(), _about(item))


def _about(item: Item) -> str:
    """The title of a fact, with what it may be."""
    title = item.get("title") or item.id
    if item.get("one_of"):
        return f"{title}：{'、'.join(map(str, item.values['one_of']))}"
    return f"{title}（true 是，false 否）" if item.values["type"] == "boolean" else title


def _changes(draft: Draft, merged: Resolution) -> Iterator[str]:
    yield ""
    yield f"# ---- 修改、删去、增加（编号见 planloom profiles {draft.profiles[0]}）----"
    if draft.answers:
        yield "# 所选配置说法不同之处，以下列各行为准："
        yield from _block(draft.answers)
    if draft.open:
        yield "# 所选配置在下列各处说法不同，须定下来才能成文：删去行首的“# ”，需要时改动。"
        yield from (f"# {line}" for line in _block(draft.open))
    # A second “activities:” would be a repeated key once it is brought to life.
    if not any(path.startswith("activities/") for path, _ in (*draft.answers, *draft.open)):
        yield from (f"# {line}" for line in _examples(merged))


def _examples(merged: Resolution) -> Iterator[str]:
    """A change, a removal and an addition that fit these profiles."""
    activities = merged.items.get("activities", ())
    bases = {getattr(item.values["on"].base, "activity", "") for item in activities}
    free = [item for item in activities if item.id not in bases and item.get("section")]
    change = next((item for item in free if isinstance(item.values["on"].base, Month)), None)
    if change is None or free[-1] is change:
        return
    gone = free[-1]
    yield "activities:"
    yield _noted(f"  {change.id}: {{on: {{month: 4}}}}", f"修改“{change.values['title']}”的时间")
    yield _noted(
        f"  {gone.id}: {{remove: 本年度经费优先用于送温暖}}", f"删去“{gone.values['title']}”，写明理由"
    )
    addition = (
        f"{{title: 职工读书分享会, on: {{date: 04-23}}, owner: 宣传委员, section: {gone.values['section']}}}"
    )
    yield f"  our-reading-day: {addition}   # 增加一项活动"


def _block(answers: Answers) -> Iterator[str]:
    """Paths with values as nested YAML."""
    tree: dict[str, Any] = {}
    for path, value in answers:
        node = tree
        *parents, last = path.split("/")
        for part in parents:
            node = node.setdefault(part, {})
        node[last] = value
    yield from _branches(tree, "")


def _branches(tree: dict[str, Any], indent: str) -> Iterator[str]:
    for key, value in tree.items():
        if not isinstance(value, str):
            yield f"{indent}{key}:"
            yield from _branches(value, indent + "  ")
        else:
            yield f"{indent}{key}: {value}"
