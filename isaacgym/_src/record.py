"""Records of typed attributes that convert what they are given and refuse a misspelt name."""

import difflib
import operator
from collections.abc import Callable
from enum import IntEnum, IntFlag
from typing import Annotated, Any, ClassVar, Literal, Self, dataclass_transform, get_args, get_origin

import numpy as np

from isaacgym._src.vectors import Struct, Vec3, taken

__all__ = ["Record", "Single"]

Single = Annotated[float, "32 bits"]  # a number that reads back rounded, as clients of a C float know it
Convert = Callable[[Any], Any]


@dataclass_transform(kw_only_default=True)
class Record:
    """Attributes declared as `name: type = default` in a subclass.

    A value assigned is converted to the declared type, numpy and torch values of one element included. A
    structure assigned (a `Vec3`, a `Transform`, another record) is copied; one read is live, so that
    `params.gravity.z = -9.81` works.
    """

    _convert: ClassVar[dict[str, Convert]] = {}
    _plain: ClassVar[dict[str, Any]] = {}
    _nested: ClassVar[dict[str, Any]] = {}

    def __init_subclass__(cls) -> None:
        declared = cls.__annotations__
        defaults = {name: cls.__dict__[name] for name in declared}
        cls._convert = cls._convert | {name: _converter(kind) for name, kind in declared.items()}
        plain = {name: cls._convert[name](value) for name, value in defaults.items() if not _is_struct(value)}
        cls._plain = cls._plain | plain
        cls._nested = cls._nested | {name: value for name, value in defaults.items() if _is_struct(value)}

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(self._plain)
        for name, value in self._nested.items():
            self.__dict__[name] = value.__copy__()
        for name, value in values.items():
            setattr(self, name, value)

    def __setattr__(self, name: str, value: Any) -> None:
        convert = self._convert.get(name)
        if convert is None:
            if isinstance(derived := getattr(type(self), name, None), property) and derived.fset:
                return derived.fset(self, value)
            raise AttributeError(self._unknown(name))
        try:
            self.__dict__[name] = convert(value)
        except (TypeError, ValueError) as error:
            raise type(error)(f"{type(self).__name__}.{name}: {error}, given {value!r}") from None

    def __copy__(self) -> Self:
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        for name in self._nested:
            twin.__dict__[name] = self.__dict__[name].__copy__()
        return twin

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self.__copy__()

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self.__dict__ == other.__dict__

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._convert)
        return f"{type(self).__name__}({shown})"

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The attributes that can be assigned."""
        return tuple(cls._convert)

    def _unknown(self, name: str) -> str:
        near = difflib.get_close_matches(name, self._convert, n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"attributes: {', '.join(self._convert)}"
        return f"{type(self).__name__}: no attribute '{name}'; {hint}"


def _is_struct(value: object) -> bool:
    return isinstance(value, (Struct, Record))


def _converter(kind: Any) -> Convert:
    if get_origin(kind) is Literal:
        return lambda value: _one_of(get_args(kind), value)
    if get_origin(kind) is Annotated:
        return _single
    if issubclass(kind, (IntEnum, IntFlag)):
        return lambda value: _member(kind, value)
    if issubclass(kind, (Struct, Record)):
        return lambda value: _struct(kind, value)
    return _NUMBERS[kind]


def _item(value: Any) -> Any:
    """The Python number in a numpy or torch value of one element."""
    return value.item() if hasattr(value, "item") else value


def _bool(value: Any) -> bool:
    value = _item(value)
    if not isinstance(value, (bool, int, float)):
        raise TypeError("needs True or False")
    return bool(value)


def _int(value: Any) -> int:
    value = _item(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    try:
        return operator.index(value)
    except TypeError:
        raise TypeError("needs a whole number") from None


def _float(value: Any) -> float:
    try:
        return float(_item(value))
    except (TypeError, ValueError):
        raise TypeError("needs one number") from None


def _single(value: Any) -> float:
    return float(np.float32(_float(value)))


_NUMBERS: dict[type, Convert] = {bool: _bool, int: _int, float: _float}


def _member(kind: type[IntEnum] | type[IntFlag], value: Any) -> Any:
    if type(value) is kind:
        return value
    try:
        return kind(_int(value))
    except ValueError:
        valid = ", ".join(f"{name} = {member.value}" for name, member in kind.__members__.items())
        raise ValueError(f"is not a {kind.__name__} ({valid})") from None


def _one_of(choices: tuple[Any, ...], value: Any) -> Any:
    if value not in choices:
        raise ValueError(f"needs one of {', '.join(map(repr, choices))}")
    return value


def _struct(kind: type[Any], value: Any) -> Any:
    if issubclass(kind, Struct):
        value = taken(kind, value)
    if isinstance(value, kind):
        return value.__copy__()
    if kind is Vec3 and hasattr(value, "__len__") and len(value) == 3:
        return Vec3(*value)
    raise TypeError(f"needs a {kind.__name__}")
