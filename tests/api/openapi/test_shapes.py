"""Shapes: what a type says, as JSON Schema."""

from enum import StrEnum
from typing import Annotated, Any, Literal, NotRequired, TypedDict

import pytest
from orjson import Fragment

from tachi.api.openapi import Keywords, Shapes, others
from tachi.schema import integer


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Part(TypedDict):
    """A part."""

    name: str


class Whole(Part):
    """A whole,
    of parts."""

    parts: list[Part]
    note: NotRequired[str | None]
    best: Part | None


@others(float)
class Open(TypedDict):
    known: bool


PART = {"$ref": "#/components/schemas/Part"}


@pytest.mark.parametrize(
    ("shape", "schema"),
    [
        (str, {"type": "string"}),
        (float | None, {"type": ["number", "null"]}),
        (int | str, {"type": ["integer", "string"]}),
        (int | str | None, {"type": ["integer", "string", "null"]}),
        (Any, {}),
        (Literal["a"], {"const": "a"}),
        (Literal["a", "b"], {"type": "string", "enum": ["a", "b"]}),
        (Colour, {"type": "string", "enum": ["red", "blue"]}),
        (list[int], {"type": "array", "items": {"type": "integer"}}),
        (
            dict[str, bool],
            {"type": "object", "additionalProperties": {"type": "boolean"}},
        ),
        (Part, PART),
        (Part | None, {"anyOf": [PART, {"type": "null"}]}),
        (Annotated[int, "A count."], {"type": "integer", "description": "A count."}),
        (Annotated[Fragment, list[str]], Shapes().schema(list[str])),
        (
            Annotated[list[int], Keywords(minItems=1)],
            {"type": "array", "items": {"type": "integer"}, "minItems": 1},
        ),
        (integer(0, 2), {"type": "integer", "minimum": 0, "maximum": 2}),
    ],
)
def test_a_type_is_said_as_json_schema(shape, schema):
    assert Shapes().schema(shape) == schema


def test_a_typed_dict_is_a_component_with_its_docstring_and_no_other_keys():
    shapes = Shapes()
    assert shapes.schema(Whole) == {"$ref": "#/components/schemas/Whole"}
    assert shapes.components["Whole"] == {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "parts": {"type": "array", "items": PART},
            "note": {"type": ["string", "null"]},
            "best": {"anyOf": [PART, {"type": "null"}]},
        },
        "required": ["name", "parts", "best"],
        "additionalProperties": False,
        "description": "A whole,\nof parts.",
    }
    assert set(shapes.components) == {"Part", "Whole"}


def test_other_keys_are_allowed_where_they_are_said_to_be():
    shapes = Shapes()
    shapes.schema(Open)
    assert shapes.components["Open"]["additionalProperties"] == {"type": "number"}


def test_two_shapes_of_one_name_are_told():
    shapes = Shapes()
    shapes.schema(Part)
    with pytest.raises(TypeError, match="Two shapes are called Part"):
        shapes.schema(TypedDict("Part", {"other": int}))


@pytest.mark.parametrize("shape", [Fragment, tuple[int, str], set])
def test_what_has_no_json_schema_is_told(shape):
    with pytest.raises(TypeError, match="has no JSON Schema"):
        Shapes().schema(shape)
