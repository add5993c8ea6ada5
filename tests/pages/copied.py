"""The others of what there is one of, by the verbs: copies of it, written in bulk."""

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import cycle

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
from tests.imports.rules.make import make_rule

OUTCOMES = ["reverted", "reverted", "failed", "gone"]


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


def fill_batches(
    owner: User,
    batches: list[RevertBatch],
    own: RevertBatch,
    others: list[User],
    rows: list[Import],
) -> None:
    """More players, outcomes and reverts in a draft and a batch that is done; more
    imports in an owner's own; and more batches.
    """
    draft, done = batches
    mine = [each for each in rows if each.user_id == owner.pk]
    theirs = [each for each in rows if each.user_id != owner.pk]
    for batch in batches:
        player = batch.players.get()
        more = copies(
            player,
            (
                {"user_id": user.pk, "name": user.username, "position": 1 + n}
                for n, user in enumerate(others[1:], 1)
            ),
        )
        add_outcomes(batch, more, theirs)
    add_outcomes(own, [own.players.get()], mine[1:])
    if draft.preview:
        preview = together(each.preview for each in draft.players.all())
        RevertBatch.objects.filter(pk=draft.pk).update(preview=preview)
    outcomes = done.outcomes.filter(state="reverted").exclude(of_import=None)
    undone = outcomes.exclude(of_import__reverts__batch=done)
    revert = Revert.objects.get(batch=done)
    copies(revert, ({"of_import_id": each.of_import_id} for each in undone))
    numbers = range(len(done.players.all()))
    copies(done, ({"client_key": ""} for _ in numbers))
    copies(own, ({"client_key": ""} for _ in numbers))


def add_outcomes(
    batch: RevertBatch, players: list[BatchPlayer], rows: list[Import]
) -> None:
    """These imports, in turns of the players, and what came of each."""
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
                zip(cycle(players), rows, cycle(OUTCOMES), strict=False), 1
            )
        ),
    )
    total = BatchImport.objects.filter(batch=batch).count()
    RevertBatch.objects.filter(pk=batch.pk).update(imports=total)


def fill_account(
    owner: User,
    count: int,
    by: RequestedBy,
    imports: list[Import],
    batch: RevertBatch,
) -> None:
    """The owner's tokens and notices, half of each new, and the log of all of that."""
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
        *((Subject.IMPORT, each.import_id, "") for each in imports),
        (Subject.BATCH, batch.batch_id, batch.batch_id),
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
