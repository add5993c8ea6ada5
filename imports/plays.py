"""What became of a single play, as a hook sends it: one import, one score."""

from django.db.models import Q

from imports.models import Import
from scores.models import Score


def score_of(import_: Import) -> Score | None:
    """The score of the one play that an import brought, with its chart and song: its
    own, or one that was known already. None where the player has blocked it.
    """
    its = Q(source_import=import_) | Q(pk__in=list(import_.later_claims))
    return Score.objects.filter(its).select_related("chart__song").first()
