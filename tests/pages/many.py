"""A site with one, or with hundreds, of whatever a page shows.

One of each is made by the verbs; the others are copies of it, written in bulk.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import cycle, islice

from django.db.models import Model
from django.utils import timezone

from imports.class_review import decide
from imports.models import (
    BatchImport,
    BatchPlayer,
    Import,
    RequestedBy,
    Revert,
    RevertBatch,
    State,
    Worker,
)
from imports.undo.documents import together
from imports.undo.revert import revert_import
from scores.models import (
    Chart,
    ClassClaim,
    ClassReview,
    GameSettings,
    GameStats,
    PersonalBest,
)
from scores.snapshots import take
from tachi.accounts import tokens
from tachi.accounts.models import User, UserSettings
from tachi.jobs.enqueue import enqueue
from tachi.moderation.log import Subject
from tachi.moderation.models import Entry, Notification
from tests.factories import HOUR, NOON, make_chart, make_import, make_user, play
from tests.imports.batches.making import drafted, ran
from tests.imports.rules.make import make_rule

DAN = {"dan": "DAN_5"}
REASON = "A broken client sent these scores."
UNKNOWN = 100_000  # and above: songs that no seed has
MINUTE, YEAR = HOUR // 60, 365 * 24 * HOUR
#: In which states the imports of others are: most are completed.
STATES = [*[State.COMPLETED] * 7, State.FAILED, State.REVERTED, State.CANCELLED]
OUTCOMES = ["reverted", "reverted", "failed", "gone"]


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
    fill_batches(many, others, rows)
    fill_account(many, count)
    fill_review(undone, rows[:count] * (count // max(len(rows), 1) + 1), count, by)
    fill_lists(others, count, rows, by)
    fill_catalogue(charts[0], count)
    return many


def copies(of: Model, each: Iterable[dict]) -> list:
    """As many rows like it, each with its own values, and with ids of their own."""
    columns = [field for field in of._meta.concrete_fields if not field.primary_key]
    values = {
        field.attname: getattr(of, field.attname)
        for field in columns
        if field.editable or not field.has_default()
    }
    model = type(of)
    rows = [model(**{**values, **more}) for more in each]
    return model._default_manager.bulk_create(rows, batch_size=1000)


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
                "received_at": now - timedelta(minutes=n),
                "started_at": now - timedelta(minutes=n),
                "finished_at": now - timedelta(minutes=n),
                "error_text": "Broken." if state == State.FAILED else "",
                "error_status": 500 if state == State.FAILED else None,
            }
            for n, (user, state) in enumerate(zip(whose, states, strict=True))
        ),
    )


def fill_batches(many: Many, others: list[User], rows: list[Import]) -> None:
    """Players, outcomes and reverts of the batches of which there is one by now."""
    mine = [each for each in rows if each.user_id == many.owner.pk]
    theirs = [each for each in rows if each.user_id != many.owner.pk]
    for batch in (many.draft, many.done):
        player = batch.players.get()
        more = copies(
            player,
            (
                {"user_id": user.pk, "name": user.username, "position": 1 + n}
                for n, user in enumerate(others[1:], 1)
            ),
        )
        add_outcomes(batch, more, theirs)
    add_outcomes(many.own, [many.own.players.get()] * (len(mine) - 1), mine)
    if many.draft.preview:
        preview = together(each.preview for each in many.draft.players.all())
        RevertBatch.objects.filter(pk=many.draft.pk).update(preview=preview)
    outcomes = many.done.outcomes.filter(state="reverted").exclude(of_import=None)
    undone = outcomes.exclude(of_import__reverts__batch=many.done)
    revert = Revert.objects.get(batch=many.done)
    copies(revert, ({"of_import_id": each.of_import_id} for each in undone))
    numbers = range(len(many.done.players.all()))
    copies(many.done, ({"client_key": ""} for _ in numbers))
    copies(many.own, ({"client_key": ""} for _ in numbers))


def add_outcomes(
    batch: RevertBatch, players: list[BatchPlayer], rows: list[Import]
) -> None:
    is_done = batch.state == RevertBatch.State.DONE
    copies(
        batch.outcomes.get(),
        (
            {
                "player_id": player.pk,
                "of_import_id": row.pk,
                "import_id": row.import_id,
                "position": 1 + n,
                "state": state if is_done else "waiting",
                "why": "Broken." if is_done and state == "failed" else "",
            }
            for n, (player, row, state) in enumerate(
                zip(players, cycle(rows), cycle(OUTCOMES), strict=False), 1
            )
        ),
    )
    total = BatchImport.objects.filter(batch=batch).count()
    RevertBatch.objects.filter(pk=batch.pk).update(imports=total)


def fill_account(many: Many, count: int) -> None:
    """The owner's tokens and notices, half of each new, and entries about him."""
    owner, by = many.owner, RequestedBy(many.mod, "admin", REASON)
    tokens.issue(owner, ["submit_score"], "my script", by.acting)
    token = owner.tokens.get()
    digests = (f"{owner.pk:08}{n:056}" for n in range(count - 1))
    gone = cycle([None, timezone.now()])
    copies(
        token,
        ({"digest": each, "revoked_at": next(gone)} for each in digests),
    )
    Import.objects.filter(user=owner).update(token=token)
    notice = Notification.objects.filter(user=owner).earliest("pk")
    batches = list(RevertBatch.objects.order_by("pk")[:count])
    copies(
        notice,
        (
            {
                "about": f"batch {n}",
                "content": {**notice.content, "batchID": batch.batch_id},
                "read": bool(n % 2),
            }
            for n, batch in zip(range(count - 1), cycle(batches), strict=False)
        ),
    )
    entry = Entry.objects.latest("pk")
    about = [
        (Subject.IMPORT, many.import_.import_id, ""),
        (Subject.IMPORT, many.undone.import_id, ""),
        (Subject.BATCH, many.done.batch_id, many.done.batch_id),
        (Subject.PLAYER, str(owner.pk), ""),
        (Subject.TOKEN, str(token.pk), ""),
    ]
    for kind, subject, batch_id in about:
        said = {"subject_kind": kind, "subject_id": subject, "batch_id": batch_id}
        copies(entry, ({**said, "player_id": owner.pk} for _ in range(count)))


def fill_review(
    undone: Import, rows: list[Import], count: int, by: RequestedBy
) -> None:
    """Classes of reverted imports, of which one has been looked at again and again."""
    claim, revert = ClassClaim.objects.get(source_import=undone), undone.reverts.get()
    reverted = [each for each in rows if each.state == State.REVERTED]
    known = set(Revert.objects.values_list("of_import", flat=True))
    new = [each for each in dict.fromkeys(reverted) if each.pk not in known]
    copies(revert, ({"of_import_id": each.pk} for each in new))
    rows = list(dict.fromkeys(rows))[: count - 1]
    copies(
        claim, ({"source_import_id": each.pk, "user_id": each.user_id} for each in rows)
    )
    decide.keep(claim, by)
    review = ClassReview.objects.latest("pk")
    copies(review, ({} for _ in range(count - 1)))
    ClassClaim.objects.filter(pk=claim.pk).update(kept_at=None)


def fill_lists(
    others: list[User], count: int, rows: list[Import], by: RequestedBy
) -> None:
    """What the other lists show: rules, jobs, settings, profiles, days of them."""
    rule = make_rule("Your client is broken.", user=others[0].username)
    copies(rule, ({"meant": rule.meant} for _ in range(count - 1)))
    job = enqueue("orphans", others[0], wake=False)
    copies(job, ({"user_id": each.pk} for each in others[1:count]))
    Worker.objects.bulk_create(
        Worker(name=f"host.example:{others[0].pk}:{n}", processes=2)
        for n in range(count)
    )
    stats = GameStats.objects.latest("pk")
    best = PersonalBest.objects.latest("pk")
    copies(stats, ({"user_id": each.pk} for each in others[1:-1]))
    copies(best, ({"user_id": each.pk} for each in others[1:-1]))
    (snapshot,) = take(GameStats.objects.filter(pk=stats.pk), date.today())
    copies(
        snapshot,
        ({"day": date.today() - timedelta(days=n)} for n in range(count)),
    )
    GameSettings.objects.bulk_create(
        GameSettings(user=each, gpt="sdvx:Single") for each in others
    )
    UserSettings.objects.bulk_create(UserSettings(user=each) for each in others)


def fill_catalogue(chart: Chart, count: int) -> None:
    """A song with as many charts, and as many songs."""
    copies(
        chart,
        (
            {"chart_id": f"{chart.pk:020x}{n:020x}", "difficulty": f"D{n}"}
            for n in range(count - 1)
        ),
    )
    copies(
        chart.song,
        ({"song_id": 10**8 + chart.pk * 10**4 + n} for n in range(count - 1)),
    )
