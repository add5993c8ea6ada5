"""A site with everybody and everything on it, made by the verbs that make it live."""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from unittest.mock import patch

from django.contrib.auth.models import Permission
from django.test import Client

from imports.batches import control, reverting
from imports.batches.draft import draft
from imports.batches.run import run_to_end
from imports.class_review import decide
from imports.models import Import, RequestedBy, Worker
from imports.pipeline import run_inline
from imports.queue import leases
from imports.queue.stops import cancel_import
from imports.rules.stop import lift
from imports.undo.restore import restore_import
from imports.undo.revert import revert_import
from imports.undo.run_again import run_again
from scores.models import ClassClaim, GameSettings, GameStats, ProfileSnapshot
from scores.snapshots import take
from tachi.accounts import tokens
from tachi.accounts.bans import ban
from tachi.accounts.groups import OURS
from tachi.accounts.models import ApiToken, User, UserSettings
from tachi.jobs.enqueue import enqueue
from tests.factories import (
    HOUR,
    NOON,
    document,
    make_chart,
    make_import,
    make_user,
    play,
    send,
)
from tests.imports.batches.making import confirmed, drafted, ran, restored
from tests.imports.rules.make import make_rule, soon
from tests.rights.people import make_administrator, make_moderator, make_staff

PASSWORD = "correct horse battery"
DAN = {"dan": "DAN_5"}
UNKNOWN = 99_999  # a song that no seed has
REASON = "A broken client sent these scores."


@dataclass
class World:
    """Who is there, by kind (None is nobody in particular), and some of what is."""

    people: dict[str, User | None]
    imports: dict[str, Import] = field(default_factory=dict)
    batches: dict[str, object] = field(default_factory=dict)

    def client(self, kind: str) -> Client:
        """A browser that this person is signed in with; it checks as a site does."""
        client = Client(enforce_csrf_checks=True, raise_request_exception=False)
        user = self.people[kind]
        if user is not None:
            client.force_login(user)
        return client


def make_world(password: str = "") -> World:
    """A site on which nothing is missing that a page could show.

    With a password everybody can sign in by it.
    """
    charts = [make_chart(level=10 + n) for n in range(4)]
    world = World(make_people(password))
    mod = world.people["moderator"]
    by = RequestedBy(mod, "admin", REASON, note="seen in #bugs")
    make_class_reviews(by)
    make_batches(world, charts, by)
    keep_busy(world, world.people["busy"], charts)
    make_import(world.people["moderator"], play(charts[0], 9_100_000, NOON))
    # The last ones, which lists show first: those whose pages have most buttons.
    fill_player(world, world.people["player"], charts, by)
    make_import(world.people["staff"], play(charts[1], 9_100_000, NOON))
    make_rule(TEXT_OF_RULE, until=soon(days=1), game="sdvx")
    lift(make_rule(TEXT_OF_RULE, game="iidx"), by)
    ban(User.objects.filter(username="banned"), by.acting)
    for kind in ("orphans", "all-orphans"):
        enqueue(kind, world.people["player"] if kind == "orphans" else None)
    Worker.objects.create(name="host.example:1", processes=2)
    ProfileSnapshot.objects.bulk_create(take(GameStats.objects.all(), date.today()))
    return world


TEXT_OF_RULE = "Your client sends scores of another game. Update it."


def make_people(password: str) -> dict[str, User | None]:
    """Somebody of every kind."""

    def named(make, kind, **fields):
        return make(username=kind, password=password, **fields)

    people: dict[str, User | None] = {
        "guest": None,
        "newcomer": named(make_user, "newcomer"),
        "player": named(make_user, "player"),
        "busy": named(make_user, "busy"),
        "banned": named(make_user, "banned"),
        "viewer": named(make_staff, "viewer"),
        "moderator": named(make_moderator, "moderator"),
        "administrator": named(make_administrator, "administrator"),
        "superuser": named(make_user, "superuser", is_staff=True, is_superuser=True),
        # Of staff, too, but nobody walks as him: his imports need an administrator.
        "staff": named(make_staff, "staff"),
    }
    people["viewer"].user_permissions.set(
        Permission.objects.filter(
            content_type__app_label__in=OURS, codename__startswith="view_"
        )
    )
    return people


def fill_player(world, player, charts, by) -> None:
    """Imports of a player in every state that there is, a token, settings."""
    secret = tokens.issue(player, ["submit_score"], "my script", by.acting)
    tokens.issue(player, [], "an old one", by.acting)
    old, token = ApiToken.objects.filter(user=player).order_by("-pk")
    assert token.prefix == secret[: len(token.prefix)]
    tokens.revoke(ApiToken.objects.filter(pk=old.pk), by.acting)
    plays = [play(chart, 9_000_000 + n, NOON) for n, chart in enumerate(charts)]
    sent = {"token": token, "user_agent": "a client/1.0"}
    said = document(*plays, classes=DAN)
    world.imports |= {
        "good": run_inline(send(player, said, user_intent=True, **sent)),
        "mixed": make_import(
            player,
            play(charts[0], 9_300_000, NOON + HOUR),
            play(charts[1], 9_300_001, NOON + HOUR, lamp="PERFECT ULTIMATE CHAIN"),
            play(UNKNOWN),
            play(UNKNOWN + 1, artist="<i>Somebody</i>"),
        ),
        "held": make_import(player, *plays, service="again"),
        "refused": run_inline(send(player, {"meta": "none"})),
        "failed": failed(send(player, said, **sent)),
        "reverted": make_import(player, play(charts[2], 9_400_000, NOON + 20 * HOUR)),
        "restored": make_import(player, play(charts[3], 9_500_000, NOON + 40 * HOUR)),
        "again": make_import(player, play(charts[0], 9_600_000, NOON + 60 * HOUR)),
        "cancelled": send(player, document(play(charts[0], 9_700_000, NOON))),
    }
    cancel_import(world.imports["cancelled"], by)
    for name in ("reverted", "restored"):
        revert_import(world.imports[name], by)
    restore_import(world.imports["restored"], by)
    run_again(world.imports["again"], by)
    GameSettings.objects.get_or_create(user=player, gpt="sdvx:Single")
    UserSettings.objects.get_or_create(user=player)


def keep_busy(world, player, charts) -> None:
    """Somebody whose import runs, while another waits: nothing of his can be undone."""
    make_import(player, play(charts[0], 9_000_100, NOON))
    for name, score in (("running", 9_800_000), ("queued", 9_900_000)):
        world.imports[name] = send(player, document(play(charts[1], score, NOON)))
    assert leases.take(world.imports["running"].pk)


def failed(import_: Import) -> Import:
    """It failed by a fault of the server: it can be retried."""
    taken = leases.take_now(import_.pk)
    leases.fail(taken, 500, "An internal error has occurred.", "KeyError: 'x'")
    return taken


def make_batches(world, charts, by) -> None:
    """Batches in the states that have buttons of their own."""

    def imports(name, how_many=2, **said):
        user = make_user(f"of_{name}")
        return [
            make_import(
                user, play(charts[n], 8_000_000 + n, NOON + n * 9 * HOUR), **said
            )
            for n in range(how_many)
        ]

    make = {
        "draft": lambda of: drafted(*of, by=by),
        "done": lambda of: ran(*of, by=by),
        "failures": lambda of: with_failure(of, by),
        "filtered": lambda of: run_to_end(
            confirmed(draft(by, filters={"user": of[0].user.username}), by)
        ),
        "restored": lambda of: restored(ran(*of, by=by), by),
        "cancelled": lambda of: control.cancel(drafted(*of, by=by), by),
        "paused": lambda of: control.pause(confirmed(drafted(*of, by=by), by), by),
        "again": lambda of: drafted(*of, by=by, run_again={}, block=True),
        "classes": lambda of: ran(*of, by=by, withdraw_classes=True),
        # The last one: what runs a batch here runs all that are queued.
        "queued": lambda of: confirmed(drafted(*of, by=by), by),
    }
    for name, of in make.items():
        said = {"classes": DAN} if name in ("done", "classes") else {}
        world.batches[name] = of(imports(name, **said))
    make_rule(TEXT_OF_RULE, user="of_failures", note="the same client")


def with_failure(imports, by):
    """A batch that is done, one import of which has failed."""
    whole = reverting.revert_within

    def broken(import_, *args, **kwargs):
        if import_ == imports[0]:
            raise ValueError("planted")
        return whole(import_, *args, **kwargs)

    with patch.object(reverting, "revert_within", broken):
        return ran(*imports, by=by)


def make_class_reviews(by) -> None:
    """Classes of reverted imports: to be looked at, and looked at."""
    decisions = [None, decide.keep, decide.withdraw]
    for number, decision in enumerate(decisions):
        user = make_user(f"dan_{number}")
        import_ = make_import(user, play(make_chart()), classes=DAN)
        revert_import(import_, by)
        if decision is not None:
            with suppress(LookupError):
                decision(ClassClaim.objects.get(user=user), by)
