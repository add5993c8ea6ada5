"""What the OpenAPI document says of the site as a whole, and of words of our domain."""

from typing import Any

from tachi.schema.check import JSONSchema


def complete(result: JSONSchema, **context: Any) -> JSONSchema:
    """drf-spectacular's hook: what no endpoint can say of itself."""
    return result
