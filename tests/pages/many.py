"""A site with one, or with hundreds, of whatever a page shows.

One of each is made by the verbs; the others are copies of it, written in bulk.
"""

from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle, islice

from django.utils import timezone

from imports.models import (
    Import,
    RequestedBy,
    RevertBatch,
    State,
)
from imports.undo.revert import revert_import
from scores.models import (
    Chart,
)
from tachi.accounts.models import User
from tests.factories import HOUR, NOON, make_chart, make_import, make_user, play
from tests.imports.batches.making import drafted, ran
from tests.pages.copied import (
    copies,
    fill_account,
    fill_batches,
    fill_catalogue,
    fill_lists,
    fill_review,
)

DAN = {"dan": "DAN_5"}
REASON = "A broken client sent these scores."
UNKNOWN = 100_000  # and above: songs that no seed has
MINUTE, YEAR = HOUR // 60, 365 * 24 * HOUR
#: In which states the imports of others are: most are completed.
STATES = [*[State.COMPLETED] * 7, State.FAILED, State.REVERTED, State.CANCELLED]


@dataclass
class Many:
    """Whom and what the pages are about: each has as many of everything as there are.

    `import_` has as many scores, known ones, orphans and rejected rows each, in as many
    sessions; `evening` is all in one. `undone` are reverted as `import_` is not. The
    batches `draft` and `done` are of as many players with an import each, `own` of as
    many imports of `owner`, and `small` of one with as many scores, which can be tried
    out.
    """

    mod: User
    owner: User
    import_: Import
    evening: Import
    undone: Import
    draft: RevertBatch
    done: RevertBatch
    own: RevertBatch
    small: RevertBatch


def make_many(count: int, imports: int, players: int) -> Many:
    """A site with `imports` of `players`, and an owner with `count` of each thing."""
    name = f"of_{count}"
    mod = make_user(f"mod_{name}", is_staff=True, is_superuser=True)
    by = RequestedBy(mod, "admin", REASON, note="seen in #bugs")
    owner, charts = make_user(f"owner_{name}"), [make_chart() for _ in range(3)]
    import_ = of_all_outcomes(owner, charts, count)
    evening = make_import(
        owner,
        *(
            play(charts[2], 9_000_000 - n, NOON - 2 * YEAR + n * MINUTE)
            for n in range(count)
        ),
    )
    undone = make_import(
        owner,
        *(
            play(charts[1], 9_000_000 - n, NOON - 3 * YEAR + n * HOUR)
            for n in range(count)
        ),
        *(play(2 * UNKNOWN + n) for n in range(count)),
        classes=DAN,
    )
    revert_import(undone, by)
    others = make_players(f"player_{name}", players)
    done = ran(make_import(others[0], play(charts[0], time=NOON), classes=DAN), by=by)
    draft = drafted(make_import(others[-1], play(charts[1], time=NOON)), by=by)
    own = drafted(
        make_import(owner, play(charts[2], time=NOON - 9 * YEAR)),
        by=RequestedBy(owner, "api", REASON),
    )
    one = make_user(f"one_{name}")
    small = ran(
        make_import(
            one, *(play(charts[0], n, NOON + n * HOUR * 3) for n in range(count))
        ),
        by=by,
    )
    many = Many(mod, owner, import_, evening, undone, draft, done, own, small)
    rows = [
        *make_imports([owner], count, import_),
        *make_imports(others, imports, import_),
    ]
    fill_batches(owner, [draft, done], own, others, rows)
    fill_account(owner, count, by, [import_, undone], done)
    fill_review(undone, rows[:count] * (count // max(len(rows), 1) + 1), count, by)
    fill_lists(others, count, rows, by)
    fill_catalogue(charts[0], count)
    return many


def of_all_outcomes(owner: User, charts: list[Chart], count: int) -> Import:
    """An import of as many new, held, orphaned and rejected rows each."""
    plays = [play(charts[0], 9_000_000 - n, NOON + n * 3 * HOUR) for n in range(count)]
    make_import(owner, *plays)
    return make_import(
        owner,
        *plays,
        *(
            play(charts[1], 9_000_000 - n, NOON - YEAR + n * 3 * HOUR)
            for n in range(count)
        ),
        *(play(UNKNOWN + n) for n in range(count)),
        *(play(charts[2], time=2 * NOON + n) for n in range(count)),
        classes={"dan": "DAN_3"},
    )


def make_players(name: str, count: int) -> list[User]:
    return User.objects.bulk_create(
        User(username=f"{name}_{n}", password="!") for n in range(count)
    )


def make_imports(players: list[User], count: int, like: Import) -> list[Import]:
    """Imports like that one, in all states, each player's a minute after the last."""
    now, first = timezone.now(), like.sequence + 10
    whose = list(islice(cycle(players), count))
    states = list(islice(cycle(STATES), count))
    return copies(
        like,
        (
            {
                "user_id": user.pk,
                "sequence": first + n,
                "state": state,
                "later_claims": {},
                "errors": like.errors[:3],
                "received_at": now - timedelta(minutes=n),
                "started_at": now - timedelta(minutes=n),
                "finished_at": now - timedelta(minutes=n),
                "error_text": "Broken." if state == State.FAILED else "",
                "error_status": 500 if state == State.FAILED else None,
            }
            for n, (user, state) in enumerate(zip(whose, states, strict=True))
        ),
    )
