"""Content hashes: 32 bytes in the database, `T` and 64 hex digits everywhere else."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import BaseExpression

if TYPE_CHECKING:
    StoredBytes = models.Field[str, str]  # of models, the attributes are texts
else:
    StoredBytes = models.BinaryField


def hashed(texts: Iterable[str]) -> list[bytes]:
    """What the database holds of hashes, each a letter and hex digits."""
    return [bytes.fromhex(text[1:]) for text in texts]


class HashField(StoredBytes):
    """A hash that the wire shows as a letter and hex digits, stored as its bytes.

    Half the size of the text, and one index in place of PostgreSQL's two. A text
    that is no such hash is stored by nobody, so looking it up finds nothing.
    """

    # For the plugin of django-stubs: what an attribute holds, takes, and is found by.
    _pyi_private_get_type: str
    _pyi_private_set_type: str
    _pyi_lookup_exact_type: str | bytes

    def __init__(self, prefix: str, size: int, **kwargs: Any) -> None:
        self.prefix, self.size = prefix, size
        super().__init__(**kwargs)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "prefix": self.prefix, "size": self.size}

    def from_db_value(
        self,
        value: bytes | memoryview | None,
        expression: BaseExpression,
        connection: BaseDatabaseWrapper,
    ) -> str | None:
        return None if value is None else self.prefix + bytes(value).hex()

    def to_python(self, value: Any) -> Any:
        return value

    def get_prep_value(self, value: str | bytes | None) -> bytes | None:
        if value is None or isinstance(value, bytes):
            return value
        if value[:1] != self.prefix or len(value) != 1 + 2 * self.size:
            return b""
        try:
            return bytes.fromhex(value[1:])
        except ValueError:
            return b""

    def value_to_string(self, obj: models.Model) -> str:
        return self.value_from_object(obj)
