"""Issuing and ending the API tokens of others."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from tachi.accounts.models import ApiToken, ApiTokenQuerySet, User
from tachi.moderation.log import Act, Acting, Subject, Verb, is_own, record_each


def issue(user: User, permissions: list[str], identifier: str, by: Acting) -> str:
    """A new token of a user, logged; returns its secret, which is not kept."""
    with transaction.atomic():
        token, secret = ApiToken.objects.issue(user, permissions, identifier)
        record_each(by, [_act(Verb.ISSUE_TOKEN, token)])
    return secret


def revoke(tokens: ApiTokenQuerySet, by: Acting | None = None) -> list[ApiToken]:
    """Revoke those that are live; returns them. In a few statements for any number.

    What they have brought and is not written yet is cancelled when its turn comes.
    Those of others are logged; where who does it is not known yet, the caller does that
    within the same transaction.
    """
    with transaction.atomic():
        live = tokens.live().order_by("pk").select_related("user")
        found = list(live.select_for_update(no_key=True, of=("self",)))
        ApiToken.objects.filter(pk__in=[each.pk for each in found]).update(
            revoked_at=timezone.now()
        )
        if by:
            log_revoked(found, by)
    return found


def log_revoked(tokens: Iterable[ApiToken], by: Acting) -> None:
    """Log that tokens were revoked, but for one's own."""
    of_others = [each for each in tokens if not is_own(by, each.user_id)]
    record_each(by, [_act(Verb.REVOKE_TOKEN, each) for each in of_others])


def _act(verb: Verb, token: ApiToken) -> Act:
    permissions = {"permissions": token.permissions}
    subject = (Subject.TOKEN, token.pk, str(token), token.user)
    return Act(verb, *subject, details=permissions)
