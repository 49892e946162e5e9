from hypothesis import given, event
from .strategies import *
from .oracles import judge
from planloom_schemas.errors import MergeConflictError
from planloom_schemas.convert import plain
from planloom.merge import resolve

def engine(world, order=()):
    try:
        return resolve(stack(world, order))
    except MergeConflictError as e:
        return e

def law_oracle(world):
    found=engine(world)
    wanted=judge(world.layers, world.plan, world.bundled)
    if isinstance(found, MergeConflictError):
        event("refused")
        got={(p.code,p.path,frozenset(x.layer for x in p.parties)) for p in found.problems if p.code!="Unsatisfiable"}
        want={tuple(m) for m in wanted.errors}
        got={(c,p,l if c not in("OrderCycle",) else frozenset()) for c,p,l in got}
        assert got==want, (got-want, want-got)
        clash=[(p.path,frozenset(x.layer for x in p.parties)) for p in found.problems if p.code=="Unsatisfiable"]
        for path, layers in clash:
            assert any(path==w and layers in sets for w,sets in wanted.clashes),(path,layers,wanted.clashes)
        for w,sets in wanted.clashes:
            assert any(path==w and layers in sets for path,layers in clash),(w,sets,clash)
    else:
        event("composed")
        assert not wanted.errors and not wanted.clashes,(wanted.errors,wanted.clashes)
        items=[i for c in found.items.values() for i in c]; items+=[m for s in found.items["sections"] for m in s.children] if "sections" in found.items else []
        values={i.path:{k:plain(v) for k,v in i.values.items()} for i in items}
        assert set(values)=={p for p in wanted.values if p}
        for p in values:
            for k in {*values[p],*wanted.values[p]}:
                a,b=values[p][k],wanted.values[p][k]
                if isinstance(a,list) and k in("one_of","not_in","allow_empty","except"): a=sorted(a,key=str);b=sorted(b,key=str)
                if k=="of": continue
                assert a==b,(p,k,a,b)
        order={(i.path[:-1]):[] for i in items}
        for i in items: order[i.path[:-1]].append(i.id)
        for base,ids in order.items(): assert tuple(ids)==wanted.order[base]
        assert {i.path:frozenset(i.layers) for i in items if len(i.path)>2 or i.path[0]!="sections"}=={p:l for p,l in wanted.layers.items() if len(p)>2 or p[0]!="sections"}
        assert found.removed==wanted.removed
        notes=set()
        for n in found.notes:
            notes.add((n.code,n.path,n.params["layer"] if n.code=="NotApplied" else n.location.file[:-5] if n.location else "?"))
        assert notes==wanted.notes,(notes^wanted.notes)

@settings(LAWS,max_examples=400)
@given(worlds())
def test_wild(world): law_oracle(world)
@settings(LAWS,max_examples=400)
@given(worlds(calm=True))
def test_calm(world): law_oracle(world)
@settings(LAWS,max_examples=100)
@given(ordered_worlds())
def test_order(world): law_oracle(world)
