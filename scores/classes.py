"""Class claims that a moderator withdraws: the highest claim left is in force then."""

from django.conf import settings
from django.utils import timezone

from scores.locks import only_change_of
from scores.models import ClassClaim
from scores.recalculate import Touched, recalculate


def withdraw_claim(claim: ClassClaim) -> bool:
    """Withdraw a claim on a class; False if it was withdrawn already. Raises Busy."""
    with only_change_of(claim.user_id, settings.REVERT_WAIT_SECONDS):
        withdrawn = ClassClaim.objects.filter(pk=claim.pk, withdrawn_at=None).update(
            withdrawn_at=timezone.now()
        )
        if withdrawn:
            touched = Touched(claim.user_id)
            touched.profiles.add(claim.gpt)
            recalculate(touched)
    return bool(withdrawn)
