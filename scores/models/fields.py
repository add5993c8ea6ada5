"""Content hashes: 32 bytes in the database, `T` and 64 hex digits everywhere else."""

from django.db import models


class HashField(models.BinaryField):
    """A hash that the wire shows as a letter and hex digits, stored as its bytes.

    Half the size of the text, and one index in place of PostgreSQL's two. A text
    that is no such hash is stored by nobody, so looking it up finds nothing.
    """

    def __init__(self, prefix: str, size: int, **kwargs) -> None:
        self.prefix, self.size = prefix, size
        super().__init__(**kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "prefix": self.prefix, "size": self.size}

    def from_db_value(self, value, expression, connection) -> str | None:
        return None if value is None else self.prefix + bytes(value).hex()

    def to_python(self, value):
        return value

    def get_prep_value(self, value: str | None) -> bytes | None:
        if value is None:
            return None
        if value[:1] != self.prefix or len(value) != 1 + 2 * self.size:
            return b""
        try:
            return bytes.fromhex(value[1:])
        except ValueError:
            return b""

    def get_db_prep_value(self, value, connection, prepared=False):
        if not prepared:
            value = self.get_prep_value(value)
        return None if value is None else connection.Database.Binary(value)

    def value_to_string(self, obj) -> str:
        return self.value_from_object(obj)
