"""What is said of the classes of imports that were restored."""

from collections.abc import Iterable, Sequence

from imports.class_review.listing import named_with_set
from imports.models import Import
from scores.models import ClassClaim

NAMED = 10
WITHDRAWN = "stays withdrawn", "stay withdrawn"


def classes_after_restore(imports: Iterable[Import]) -> str:
    """What became of the classes that restored imports provided; "" without any.

    "1 provided class stays withdrawn: 7th Dan (dan, iidx SP)." One statement.
    """
    pks = [each.pk for each in imports]
    claims = ClassClaim.objects.filter(source_import__in=pks).order_by("pk")
    withdrawn = [each for each in claims if each.withdrawn_at is not None]
    live = [each for each in claims if each.withdrawn_at is None]
    said = [
        _said(live, "counts by its import again", "count by their imports again"),
        _said(withdrawn, *WITHDRAWN),
    ]
    return " ".join(text for text in said if text)


def classes_not_back(imports: Iterable[Import]) -> str:
    """Which classes of restored imports stay withdrawn; "" without any.

    "1 provided class stays withdrawn: 7th Dan (dan, iidx SP)." One statement.
    """
    pks = [each.pk for each in imports]
    claims = ClassClaim.objects.filter(source_import__in=pks)
    withdrawn = claims.exclude(withdrawn_at=None).order_by("pk")
    return _said(list(withdrawn), *WITHDRAWN)


def _said(claims: Sequence[ClassClaim], one: str, many: str) -> str:
    if not claims:
        return ""
    named = ", ".join(map(named_with_set, claims[:NAMED]))
    more = f" and {len(claims) - NAMED} more" if len(claims) > NAMED else ""
    if len(claims) == 1:
        return f"1 provided class {one}: {named}."
    return f"{len(claims)} provided classes {many}: {named}{more}."
