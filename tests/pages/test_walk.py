"""Every button that a page shows works for the one who sees it.

Each kind of person starts at the site's first pages, follows every link and sends every
form (`walk.py`), on a site that has everything on it (`world.py`).
"""

import pytest

from tests.pages import known
from tests.pages.walk import MOST_REQUESTS, Walk
from tests.pages.world import make_world

pytestmark = pytest.mark.django_db

SLOW = pytest.mark.slow
KINDS = [
    "guest",
    "newcomer",
    "player",
    "busy",
    "banned",
    pytest.param("viewer", marks=SLOW),
    "moderator",
    pytest.param("administrator", marks=SLOW),
    pytest.param("superuser", marks=SLOW),
]
#: What who moderates can do on pages, by the moderation log. (All of a list is drafted
#: with a box that takes JavaScript; a rule needs filters, which no walk makes up.)
MODERATES = {
    *("revert", "restore", "run again", "cancel", "retry"),
    *("withdraw class", "keep class", "reinstate class"),
    *("lift rule", "discard orphan"),
    *("confirm batch", "pause batch", "resume batch", "cancel batch"),
    *("restore batch", "retry failed of batch", "hold batch"),
}
ADMINISTERS = MODERATES | {"ban", "lift ban", "revoke token"}
#: What has to be among the acts of each: the walk has really pressed the last button.
ACTS = {
    "moderator": MODERATES,
    "administrator": ADMINISTERS,
    "superuser": ADMINISTERS | {"pause job", "resume job", "cancel job"},
    "viewer": set(),
    "guest": set(),
    "newcomer": set(),
    "player": {"revert", "restore"},
    "busy": {"draft batch"},
    "banned": set(),
}


@pytest.fixture
def world(db, settings):
    settings.RATE_LIMITS = False  # one person, within a minute
    return make_world()


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_is_shown_works_for_who_sees_it(world, kind):
    walk = Walk(world.client(kind), signed_in=kind != "guest").go()

    faults = {fault for fault in walk.faults if not is_known(kind, fault)}
    assert sorted(str(fault) for fault in faults) == []
    assert walk.requests < MOST_REQUESTS
    assert walk.offered - walk.asked == set(), "The caps hide these routes."
    assert unneeded(kind, walk.faults) == []
    if kind in ACTS:
        done = walk.acts if ACTS[kind] else walk.acts - OWN
        assert ACTS[kind] - done == set(), "The walk has not done these."
        assert ACTS[kind] or not done, "Nobody has offered that."


#: What anybody may do with what is his own.
OWN = {"issue token", "revoke token"}


def is_known(kind, fault):
    return any(fits(each, kind, fault) for each in known.OF_WALKS)


def unneeded(kind, faults):
    """Lines about this kind that excuse nothing."""
    return [
        each
        for each in known.OF_WALKS
        if kind in each.kinds and not any(fits(each, kind, one) for one in faults)
    ]


def fits(each, kind, fault):
    return (
        kind in each.kinds
        and fault.page == each.route
        and each.what in fault.what
        and each.answer in fault.answer
    )
