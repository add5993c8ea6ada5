"""Lists that page: `?limit=1..500&cursor=`, the same for every list.

A cursor holds the sort key of the last item of its page, and the next page is what
comes after that key (keyset pagination). So whatever is inserted, deleted, reverted or
restored between two pages, every other item is listed once. The keys are what clients
see, never primary keys that a restore gives anew.
"""

import base64
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypedDict, TypeVar, cast

import orjson
from django.conf import settings
from django.db.models import (
    DateTimeField,
    F,
    Field,
    ForeignKey,
    IntegerField,
    Model,
    Q,
    QuerySet,
)
from django.db.models.expressions import OrderBy
from django.utils.encoding import escape_uri_path
from rest_framework.request import Request

from tachi.api.envelope import Refused
from tachi.api.validation import as_object, optional, text, that, validate

Row = TypeVar("Row", bound=Model)

LONGEST = 500
BIGINT = 2**63
BROKEN = "[cursor] This is no cursor of this list: pass `next` on as it came."
#: What the Link header of a list says, for its description.
LINK = '`<address of the next page>; rel="next"`, where a page was asked for.'
PAGING = {
    "limit": optional(
        that(
            lambda sent: is_limit(sent),
            f"Expected an integer between 1 and {LONGEST}.",
            {"type": "integer", "minimum": 1, "maximum": LONGEST},
        )
    ).described("Asks for a page of so many items."),
    "cursor": optional(text).described("Where the page begins: `next` of the last."),
}


class Next(TypedDict, total=False):
    """The key of a body that pages."""

    next: str | None


@dataclass(frozen=True)
class Order:
    """The order of a list: column names, with `-` for the larger first.

    Together they tell any two rows apart. Nulls of `nullable` columns come last; no
    other column of a listed row is null.
    """

    columns: tuple[str, ...]
    nullable: frozenset[str] = frozenset()

    @property
    def names(self) -> list[str]:
        return [column.removeprefix("-") for column in self.columns]

    def expressions(self) -> list[OrderBy]:
        """What `order_by` takes."""
        return [
            OrderBy(
                F(name),
                descending=column.startswith("-"),
                nulls_last=name in self.nullable or None,
            )
            for column, name in zip(self.columns, self.names, strict=True)
        ]

    def after(self, key: list[Any]) -> Q:
        """The rows that come after this key."""
        found, equal = Q(pk__in=[]), Q()
        for column, name, value in zip(self.columns, self.names, key, strict=True):
            if value is None:  # nulls are last: no other value comes after them
                equal &= Q((f"{name}__isnull", True))
                continue
            later = "lt" if column.startswith("-") else "gt"
            beyond = Q((f"{name}__{later}", value))
            if name in self.nullable:
                beyond |= Q((f"{name}__isnull", True))
            found |= equal & beyond
            equal &= Q((name, value))
        return found & self._from(key[0])

    def _from(self, value: Any) -> Q:
        """It follows from `after`, and is what an index can be searched for."""
        column, name = self.columns[0], self.names[0]
        if value is None or name in self.nullable:
            return Q()
        return Q((f"{name}__{'lte' if column.startswith('-') else 'gte'}", value))


@dataclass(frozen=True)
class Page(Generic[Row]):
    """The rows to show; `more` is what the body adds, where it is an object."""

    rows: QuerySet[Row]
    more: Next
    headers: dict[str, str]


def page(
    request: Request,
    rows: QuerySet[Row],
    order: Order,
    unpaged: int | None = None,
    *,
    always: bool = False,
) -> Page[Row]:
    """The page of `rows` that the request asks for by `limit` and `cursor`.

    Without either the first `unpaged` rows (None: all), and neither `next` nor Link;
    with `always` that is a page, too. Of a page, `next` is null at the end. Raises
    Refused (400) for a bad limit or cursor.
    """
    query = as_object(request.query_params)
    sent = validate(query, PAGING, extra_keys_ok=True)
    ordered = rows.order_by(*order.expressions())
    if not (sent or always):
        return Page(ordered[:unpaged], {}, {})
    if "cursor" in sent:
        ordered = ordered.filter(
            order.after(decoded(sent["cursor"], rows.model, order))
        )
    limit = int(sent.get("limit", min(unpaged or LONGEST, LONGEST)))
    keys = list(ordered.values_list("pk", *order.names)[: limit + 1])
    shown = rows.filter(pk__in=[key[0] for key in keys[:limit]])
    shown = shown.order_by(*order.expressions())
    if len(keys) <= limit:
        return Page(shown, {"next": None}, {})
    cursor = encoded(list(keys[limit - 1][1:]), order)
    return Page(shown, {"next": cursor}, {"Link": link(request, cursor)})


def link(request: Request, cursor: str) -> str:
    """The Link header: this request's address, with the cursor of the next page."""
    site = settings.OUR_URL or request.build_absolute_uri("/").rstrip("/")
    query = request.query_params.copy()
    query["cursor"] = cursor
    return f'<{site}{escape_uri_path(request.path)}?{query.urlencode()}>; rel="next"'


def encoded(key: list[Any], order: Order) -> str:
    """A sort key as an opaque text, which says of which order it is."""
    said = orjson.dumps([*order.columns, *map(_written, key)])
    return base64.urlsafe_b64encode(said).decode().rstrip("=")


def decoded(cursor: str, model: type[Model], order: Order) -> list[Any]:
    """The sort key that `encoded` made a cursor of. Raises Refused (400)."""
    size = len(order.columns)
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True)
        said = orjson.loads(raw)
        if not isinstance(said, list) or said[:size] != list(order.columns):
            raise ValueError(cursor)
        key = [
            None
            if value is None and name in order.nullable
            else _read(name, value, model)
            for name, value in zip(order.names, said[size:], strict=True)
        ]
        if encoded(key, order) != cursor:  # one text for each place
            raise ValueError(cursor)
    except (ValueError, OverflowError):
        raise Refused(400, BROKEN) from None
    return key


def is_limit(sent: object) -> bool:
    return (
        isinstance(sent, str)
        and sent.isascii()
        and sent.isdigit()
        and len(sent) < 10
        and 1 <= int(sent) <= LONGEST
    )


def _written(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _read(name: str, value: Any, model: type[Model]) -> Any:
    """A value that the database can compare with the column. Raises ValueError."""
    options = model._meta
    name = options.pk.name if name == "pk" else name
    field = cast("Field[Any, Any]", options.get_field(name))
    if isinstance(field, ForeignKey):
        field = field.target_field
    if isinstance(field, DateTimeField):
        moment = datetime.fromisoformat(_of_type(str, value))
        if moment.utcoffset() != timedelta(0):  # as all that `encoded` writes is
            raise ValueError(value)
        return moment
    if isinstance(field, IntegerField):
        number: int = _of_type(int, value)
        if not -BIGINT <= number < BIGINT:
            raise ValueError(value)
        return number
    said: str = _of_type(str, value)
    if "\0" in said or not field.get_prep_value(said):
        raise ValueError(value)
    return said


def _of_type(kind: type, value: Any) -> Any:
    if type(value) is not kind:
        raise ValueError(value)
    return value
