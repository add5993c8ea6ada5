"""The shape of a document, declared once: a TypedDict, and the JSON Schema made of it.

The function that builds a document returns the TypedDict, which stands beside it:

    class Best(TypedDict):
        "The best play of a chart."
        scoreID: str
        timeAchieved: Annotated[Milliseconds | None, "Null where it is not known."]
        scoreData: Annotated[Fragment, ScoreData]
        comment: NotRequired[str]

`Annotated` adds to a type: a text is its description, `Keywords(minItems=1)` further
keywords of JSON Schema, and anything else is the shape that is meant, of the text of a
JSON column for example, or a check of `tachi.schema`. No other keys than those named
are allowed, unless by `@others(...)`.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    NotRequired,
    Required,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from tachi.schema import Check
from tachi.schema.check import JSONSchema, with_null

Class = TypeVar("Class", bound=type)

#: What has a JSON Schema: a type, a check, a JSON Schema.
Shape = Any
#: The keys of a query or a body, each with its check.
Fields = Mapping[str, Check]


class Keywords:
    """Further keywords of JSON Schema."""

    def __init__(self, **keywords: Any) -> None:
        self.keywords = keywords


Milliseconds = Annotated[int, "Unix milliseconds."]

_BASIC: dict[Any, JSONSchema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    NoneType: {"type": "null"},
    None: {"type": "null"},
    object: {},
    Any: {},
}
_TYPE_NAMES = {str: "string", int: "integer", bool: "boolean"}
OTHERS = "__other_keys__"


def others(shape: Shape) -> Callable[[Class], Class]:
    """Allow a TypedDict keys that it does not name, with values of this shape."""

    def allow(typed_dict: Class) -> Class:
        setattr(typed_dict, OTHERS, shape)
        return typed_dict

    return allow


class Shapes:
    """JSON Schemas of shapes. TypedDicts become components, by the names they have."""

    def __init__(self) -> None:
        self.components: dict[str, JSONSchema] = {}
        self._classes: dict[str, type] = {}

    def schema(self, shape: Shape) -> JSONSchema:
        """The JSON Schema of a shape. Raises TypeError for what has none."""
        if isinstance(shape, Check):
            return shape.json_schema()
        if isinstance(shape, dict):
            return dict(shape)
        if is_typeddict(shape):
            return self._component(shape)
        if isinstance(shape, type) and issubclass(shape, Enum):
            return _one_of([member.value for member in shape])
        if get_origin(shape) is not None:
            return self._generic(get_origin(shape), get_args(shape))
        if shape in _BASIC:
            return dict(_BASIC[shape])
        raise TypeError(f"{shape!r} has no JSON Schema.")

    def _generic(self, origin: Any, arguments: tuple[Any, ...]) -> JSONSchema:
        if origin is Annotated:
            return self._annotated(*arguments)
        if origin is Literal:
            return _one_of(list(arguments))
        if origin in (Union, UnionType):
            return self._union(arguments)
        if origin in (Required, NotRequired):
            return self.schema(arguments[0])
        if issubclass(origin, Mapping):
            values = self.schema(arguments[1])
            return {"type": "object", "additionalProperties": values}
        if issubclass(origin, Sequence) and len(arguments) == 1:
            return {"type": "array", "items": self.schema(arguments[0])}
        raise TypeError(f"{origin!r} has no JSON Schema.")

    def _annotated(self, shape: Shape, *metadata: Any) -> JSONSchema:
        keywords: JSONSchema = {}
        for each in metadata:
            if isinstance(each, str):
                keywords["description"] = each
            elif isinstance(each, Keywords):
                keywords |= each.keywords
            else:
                shape = each
        return {**self.schema(shape), **keywords}

    def _union(self, shapes: Sequence[Shape]) -> JSONSchema:
        given = [self.schema(each) for each in shapes if each is not NoneType]
        types = [each.get("type") for each in given]
        if all(len(each) == 1 and isinstance(each.get("type"), str) for each in given):
            schema: JSONSchema = {"type": types if len(types) > 1 else types[0]}
            if NoneType in shapes:
                schema["type"] = [*types, "null"]
            return schema
        schema = given[0] if len(given) == 1 else {"anyOf": given}
        return with_null(schema) if NoneType in shapes else schema

    def _component(self, typed_dict: Any) -> JSONSchema:
        name = typed_dict.__name__
        if self._classes.setdefault(name, typed_dict) is not typed_dict:
            raise TypeError(f"Two shapes are called {name}.")
        if name not in self.components:
            self.components[name] = {}  # it may contain itself
            self.components[name] = self._object(typed_dict)
        return {"$ref": f"#/components/schemas/{name}"}

    def _object(self, typed_dict: Any) -> JSONSchema:
        hints = get_type_hints(typed_dict, include_extras=True)
        other_keys = getattr(typed_dict, OTHERS, False)
        schema: JSONSchema = {
            "type": "object",
            "properties": {name: self.schema(hint) for name, hint in hints.items()},
            "required": [n for n in hints if n in typed_dict.__required_keys__],
            "additionalProperties": other_keys and self.schema(other_keys),
        }
        if typed_dict.__doc__ and typed_dict.__doc__ != dict.__doc__:
            schema["description"] = inspect.cleandoc(typed_dict.__doc__)
        return schema


def _one_of(values: list[Any]) -> JSONSchema:
    if len(values) == 1:
        return {"const": values[0]}
    schema: JSONSchema = {"enum": values}
    kinds = {_TYPE_NAMES.get(type(each)) for each in values}
    if len(kinds) == 1 and None not in kinds:
        schema = {"type": kinds.pop(), **schema}
    return schema
