"""An index in the order of lists whose column may be null."""

from copy import copy
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement
from django.db.models import Index, Model


class NullsLastIndex(Index):
    """Its descending columns have nulls last.

    SQLite puts them there by itself, and refuses to be told so in an index.
    """

    def create_sql(
        self,
        model: type[Model],
        schema_editor: BaseDatabaseSchemaEditor,
        using: str = "",
        **kwargs: Any,
    ) -> Statement:
        index = copy(self)
        if schema_editor.connection.vendor == "postgresql":
            index.fields_orders = [
                (name, order and f"{order} NULLS LAST")
                for name, order in self.fields_orders
            ]
        return Index.create_sql(index, model, schema_editor, using, **kwargs)
