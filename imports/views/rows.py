"""What became of each row of an import, in pages and as CSV."""

from typing import Any

from django.http import HttpResponse
from django.utils.cache import patch_vary_headers
from rest_framework.decorators import action
from rest_framework.request import Request

from imports.documents import UNLISTED
from imports.models import Import
from imports.models.imports import WAYS
from imports.rows.listing import RowDocument, every_document, page, page_documents
from imports.rows.spreadsheet import as_csv
from scores.models import Score
from tachi.accounts.permissions import IsOwnerOrAdmin
from tachi.api.envelope import success
from tachi.api.openapi import answers
from tachi.api.paging import LINK, LONGEST, PAGING, Next, Order, decoded, encoded, link
from tachi.api.validation import as_object, one_of, optional, validate
from tachi.api.viewsets import ResourceViewSet

CSV = "text/csv"
IN_ORDER = Order(("position",))
OUTCOME = {
    "outcome": optional(one_of(*WAYS)).described("Only rows that ended in this way.")
}


class ImportRows(Next):
    """Rows of an import, in their order."""

    rows: list[RowDocument]


class ImportRowsViewSet(ResourceViewSet):
    """The rows of completed imports."""

    queryset = Import.objects.completed().defer(*UNLISTED)
    lookup_field = "import_id"
    not_found_text = "This import does not exist."

    @action(detail=True)
    @answers(
        ImportRows,
        query={**OUTCOME, **PAGING},
        response_headers={"Link": LINK},
        or_csv=True,
        tag="imports",
        name="import_rows",
    )
    def rows(self, request: Request, import_id: str) -> HttpResponse:
        """What became of each row of an import when it ran, in pages of up to 500.

        `scoreID` and `heldBy` are as they are now. What was sent, `input`, is for the
        import's owner and administrators; null for others. With `Accept: text/csv` all
        rows are the answer, as of `rows.csv`.
        """
        import_ = self.get_object()
        if wants_csv(request):
            return self.csv_of(request, import_)
        sent = validate(as_object(request.query_params), {**OUTCOME, **PAGING})
        after, limit = -1, int(sent.get("limit", LONGEST))
        if "cursor" in sent:
            (after,) = decoded(sent["cursor"], Score, IN_ORDER)
        found = page(import_, sent.get("outcome"), after, limit)
        body: dict[str, Any] = {"next": None}
        headers = {}
        if found.more:
            body["next"] = encoded([found.rows[-1].position], IN_ORDER)
            headers["Link"] = link(request, body["next"])
        owns = self.may_see_input(request, import_)
        rows = page_documents(import_, found.rows, with_input=owns)
        response = success(
            f"Found {len(rows)} rows.", {"rows": rows, **body}, headers=headers
        )
        patch_vary_headers(response, ["Accept"])
        return response

    @action(detail=True, url_path="rows.csv")
    @answers(str, query=OUTCOME, media_type=CSV, tag="imports", name="import_rows_csv")
    def rows_csv(self, request: Request, import_id: str) -> HttpResponse:
        """All rows of an import as CSV, in UTF-8 with a line of headers.

        The columns are the keys of `rows`; `differs` and `filled` have spaces between
        the names, `input` is JSON. A text that a spreadsheet could take for a formula
        begins with an apostrophe.
        """
        return self.csv_of(request, self.get_object())

    def csv_of(self, request: Request, import_: Import) -> HttpResponse:
        """Raises Refused (400) for an outcome that there is not."""
        query = as_object(request.query_params)
        sent = validate(query, OUTCOME, extra_keys_ok=True)
        owns = self.may_see_input(request, import_)
        rows = every_document(import_, sent.get("outcome"), with_input=owns)
        response = HttpResponse(as_csv(rows), f"{CSV}; charset=utf-8")
        name = f'attachment; filename="rows-{import_.import_id}.csv"'
        response["Content-Disposition"] = name
        patch_vary_headers(response, ["Accept"])
        return response

    def may_see_input(self, request: Request, import_: Import) -> bool:
        return IsOwnerOrAdmin().has_object_permission(request, self, import_)


def wants_csv(request: Request) -> bool:
    """Whether CSV is asked for by name, and JSON is not."""
    accepted = request.headers.get("Accept", "").lower()
    kinds = {each.partition(";")[0].strip() for each in accepted.split(",")}
    return CSV in kinds and "application/json" not in kinds
