"""What becomes of provided classes with a revert of their imports, and its restore.

Each function is one part of a verb: it runs inside `change_of` of the one player whose
imports these are, with what that has `touched`, which is recalculated afterwards.
"""

from collections.abc import Iterable

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from imports.class_review.decide import NOT_WITHDRAWN, Decision, record
from imports.models import Import, RequestedBy, Revert
from scores.derived.recalculate import Touched
from scores.models import ClassClaim


def classes_left(
    imports: Iterable[Import], requested_by: RequestedBy, touched: Touched
) -> int:
    """See to the classes that imports leave which are reverted: their reverts are made.

    They stay, to be reviewed; for a batch that says so they are withdrawn. Returns how
    many were withdrawn. Three statements at most.
    """
    batch = requested_by.batch
    if batch is None or not batch.withdraw_classes:
        return 0
    return withdraw_classes_of(imports, requested_by, touched)


def withdraw_classes_of(
    imports: Iterable[Import], requested_by: RequestedBy, touched: Touched
) -> int:
    """Withdraw what provided classes reverted imports of one player leave.

    Those that are kept, too. Each goes with the revert of its import, whose restore
    brings it back. Returns how many; four statements at most.
    """
    pks = [each.pk for each in imports]
    claims = list(ClassClaim.objects.filter(source_import__in=pks, withdrawn_at=None))
    if not claims:
        return 0
    reverts = Revert.objects.filter(of_import__in=pks, restored_at=None)
    by_import: dict[int | None, int] = dict(reverts.values_list("of_import", "pk"))
    own = reverts.filter(of_import=OuterRef("source_import")).values("pk")
    ClassClaim.objects.filter(pk__in=[claim.pk for claim in claims]).update(
        withdrawn_at=timezone.now(), withdrawn_with=Subquery(own[:1]), kept_at=None
    )
    for claim in claims:
        claim.withdrawn_with_id = by_import.get(claim.source_import_id)
    record(claims, Decision.WITHDRAWN, requested_by)
    touched.profiles.update(claim.gpt for claim in claims)
    return len(claims)


def bring_back_classes(
    imports: Iterable[Import], requested_by: RequestedBy, touched: Touched
) -> int:
    """Bring back what the reverts withdrew that are undone now, of these imports.

    What a moderator withdrew stays so. A class that was kept leaves the review with
    its import, and is to be reviewed anew after another revert. Returns how many came
    back; four statements at most.
    """
    claims = ClassClaim.objects.filter(source_import__in=[each.pk for each in imports])
    claims.exclude(kept_at=None).update(kept_at=None)
    back = list(claims.exclude(withdrawn_with=None))
    if not back:
        return 0
    claims.exclude(withdrawn_with=None).update(**NOT_WITHDRAWN)
    record(back, Decision.REINSTATED, requested_by)
    touched.profiles.update(claim.gpt for claim in back)
    return len(back)
