"""`attrs.frozen` that starts faster: equality, order, hash and repr are written once, not compiled per class.

attrs generates and compiles these methods anew for every class it makes, and for slots it makes each class
twice. For the hundred classes of planloom that was more than a tenth of the time of a short command.
"""

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from attrs import frozen
else:
    import attrs

    def frozen(cls=None, /, *, kw_only=False, eq=True, order=False):
        """A frozen attrs class without slots; the arguments mean what they mean to `attrs.frozen`."""
        if cls is None:
            return lambda cls: frozen(cls, kw_only=kw_only, eq=eq, order=order)
        made = attrs.frozen(cls, kw_only=kw_only, eq=False, repr=False, slots=False)
        fields = made.__attrs_attrs__
        methods = {"__repr__": _representation([field.name for field in fields if field.repr])}
        if eq:
            values = _values([field.name for field in fields if field.eq])
            methods["__eq__"] = _comparison(operator.eq, values)
            methods["__hash__"] = lambda self: hash((made, values(self)))
            if order:
                methods |= {f"__{op.__name__}__": _comparison(op, values) for op in _ORDER}
        for name, method in methods.items():
            if name not in cls.__dict__:
                setattr(made, name, method)
        return made


__all__ = ["frozen"]

_ORDER = (operator.lt, operator.le, operator.gt, operator.ge)
Values = Callable[[Any], Any]


def _values(names: list[str]) -> Values:
    return operator.attrgetter(*names) if names else lambda _: ()


def _comparison(compare: Callable[[Any, Any], bool], values: Values) -> Callable[[Any, Any], bool]:
    def method(one: Any, other: Any) -> bool:
        return compare(values(one), values(other)) if one.__class__ is other.__class__ else NotImplemented

    return method


def _representation(names: list[str]) -> Callable[[Any], str]:
    def method(one: Any) -> str:
        return f"{type(one).__qualname__}({', '.join(f'{name}={getattr(one, name)!r}' for name in names)})"

    return method
