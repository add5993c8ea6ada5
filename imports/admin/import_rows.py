"""The rows of an import that were not imported, on its page."""

from itertools import islice

from django.utils.html import format_html, format_html_join

from imports.models import Import
from imports.rows.listing import every
from tachi.admin.formatting import link

ROWS_SHOWN = 100
ROW = "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>"


def rows_not_imported(import_: Import) -> str:
    """The first of them as a table, and a link to all rows of a completed import."""
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
