"""Imports to look at, for a site that is tried out: made as anybody's are."""

from django.conf import settings

from imports.models import Import, Origin, RequestedBy
from imports.once import Sent
from imports.pipeline import submit
from imports.undo.revert import revert_import
from scores.models import Song
from tachi.accounts.models import User

SAMPLE = settings.BASE_DIR / "scores" / "sample"
#: A good one; one with rejected rows and orphans, and a dan; one that is reverted.
GOOD, MIXED, FAULTY = "demo-chunithm.json", "demo-iidx.json", "demo-sdvx.json"
SONG = "Last Ferry Home"  # of the sample
REASON = "The hook sent every play with a score of 0."


def make_demo_imports(user: User) -> list[Import]:
    """Import the sample's demo files for a user, and revert the faulty one.

    None where the sample's songs are not there. Made in this process: no worker is
    needed.
    """
    if not Song.objects.filter(game="chunithm", title=SONG).exists():
        return []
    made = [_imported(user, name) for name in (GOOD, MIXED, FAULTY)]
    revert_import(made[-1], RequestedBy(user, Origin.API, REASON))
    return made


def _imported(user: User, name: str) -> Import:
    payload = (SAMPLE / name).read_bytes()
    sent = Sent(user, "file/batch-manual", payload, name, user_intent=True)
    return submit(sent, here=True)
