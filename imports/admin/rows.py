"""Rows of an import on its page, as a table."""

from itertools import islice

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from imports.models import Import
from imports.rows.listing import every
from tachi.admin.formatting import link

ROWS_SHOWN = 100
ROW = "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>"


def table_of_rows(import_: Import) -> SafeString:
    """The first rows that were not imported, and where all of them are."""
    url = f"/api/v1/imports/{import_.import_id}/rows.csv"
    found = (row for row in every(import_) if row.outcome != "imported")
    shown = [
        (row.position, row.line or "", row.outcome, row.message or "")
        for row in islice(found, ROWS_SHOWN)
    ]
    return format_html(
        "{}<div>{}</div>",
        format_html(
            "<table><tr><th>position<th>line<th>outcome<th>message</tr>{}</table>",
            format_html_join("", ROW, shown),
        )
        if shown
        else "",
        link("All rows (CSV)", url),
    )
