"""The first rows of a list, found before their documents are made."""

from typing import TypeVar

from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)


def first_of(rows: QuerySet[Row], most: int) -> QuerySet[Row]:
    """The first rows in their order, as a queryset that finds them by key; one
    statement.

    A queryset with a limit would make the database sort all rows with their documents
    in them, and sort them again for their songs, and for their charts.
    """
    pks = list(rows.values_list("pk", flat=True)[:most])
    return rows.model._default_manager.filter(pk__in=pks).order_by(*rows.query.order_by)
