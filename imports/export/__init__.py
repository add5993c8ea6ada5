"""All that is stored about a user, as documents; docs/export.md says what each is."""

from array import array
from collections.abc import Iterator

from imports.export.documents import Document, Documents, account
from imports.export.parts import ALL, PARTS, Part
from scores.copy_rows import chunks
from tachi.accounts.documents import user_document
from tachi.accounts.models import User

__all__ = ["Document", "Documents", "export"]


def export(user: User) -> Iterator[tuple[str, Document | Documents]]:
    """Keys, and what is under them: a document, or documents that are made as they are
    asked for. In an order that depends on nothing but the facts.

    To be read in one snapshot (`tachi.api.one_moment`). What is in memory is a few
    hundred rows, and the primary keys of one list.
    """
    yield "user", user_document(user)
    for key, part in PARTS.items():
        yield key, _documents(part, user)
    yield "account", account(user)


def _documents(part: Part, user: User) -> Iterator[Document]:
    rows = part.rows(user)
    if part.at_once == ALL:
        yield from part.as_documents(rows)
        return
    # Paging by the order itself would sort all of them once for each page.
    pks = array("q", rows.values_list("pk", flat=True).iterator(10_000))
    for some in chunks(pks, part.at_once):
        yield from part.as_documents(rows.filter(pk__in=some))
