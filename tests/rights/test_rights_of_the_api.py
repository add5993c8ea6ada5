"""Every endpoint × everybody who may ask, as one table.

A cell says whether rights let the request pass ("ok", whatever it is answered then) or
401 or 403. What exactly is answered, and in which order, is in
tests/api/test_order_of_refusals.py.
"""

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from imports.models import Orphan
from scores.models import ClassClaim, Score, ScoreBlock, Session
from tachi.accounts.models import ApiToken, AuthLevel, Permission
from tachi.moderation.models import Notification
from tachi.moderation.notices import notify
from tests.conftest import Api
from tests.factories import NOON, make_chart, make_import, make_token, make_user, play
from tests.imports.batches.making import drafted
from tests.imports.rules.make import make_rule
from tests.rights.addresses import endpoints
from tests.rights.people import make_administrator, make_moderator

pytestmark = pytest.mark.django_db

#: Sessions, but for the columns with "token". The owner's tokens have the permission
#: that the endpoint needs and no other, or all others. A moderator and an administrator
#: are members of the groups; an admin has the level of that name, as upstream knows it.
WHO = """
right    nobody other other_token owner with_token without_token moderator administrator admin admin_token superuser banned banned_token revoked_token
plain    ok     ok    ok          ok    ok         ok            ok        ok            ok    ok          ok        ok     ok           ok
public   ok     ok    ok          ok    ok         ok            ok        ok            ok    ok          ok        403    403          401
sender   401    ok    ok          ok    ok         403           ok        ok            ok    ok          ok        403    403          401
owner    401    403   403         ok    ok         403           403       403           ok    403         403       403    403          401
player   403    403   403         ok    ok         403           403       403           403   403         403       403    403          401
self     401    403   403         ok    403        403           403       403           403   403         403       403    403          401
private  401    403   403         ok    ok         ok            403       403           ok    403         403       403    403          401
known    401    ok    ok          ok    ok         ok            ok        ok            ok    ok          ok        403    403          401
usc      ok     ok    ok          ok    ok         403           ok        ok            ok    ok          ok        ok     ok           ok
moderate 401    403   403         403   403        403           ok        ok            ok    403         ok        403    403          401
"""  # noqa: E501
TABLE = """
right    permission         endpoint
plain    -                  ANY /admin
plain    -                  ANY /api/docs
plain    -                  ANY /api/v1/openapi.json
plain    -                  ANY /api/v1/imports/{import_id}/poll-status
plain    -                  ANY /api/v1/jobs/{job_id}
public   -                  GET /api/v1/config
public   -                  GET /api/v1/schemas/batch-manual/{game}/{playtype}
public   -                  GET /api/v1/status
public   -                  POST /api/v1/status
public   -                  POST /api/v1/auth/login
public   -                  POST /api/v1/auth/logout
public   -                  GET /api/v1/users
public   -                  GET /api/v1/users/{user}
public   -                  GET /api/v1/users/{user}/game-stats
public   -                  GET /api/v1/users/{user}/games/{game}/{playtype}
self     -                  DELETE /api/v1/users/{user}/games/{game}/{playtype}
public   -                  GET /api/v1/users/{user}/games/{game}/{playtype}/pbs/all
public   -                  GET /api/v1/users/{user}/games/{game}/{playtype}/pbs/best
public   -                  GET /api/v1/users/{user}/games/{game}/{playtype}/pbs/{chart_id}
public   -                  GET /api/v1/users/{user}/games/{game}/{playtype}/scores/all
public   -                  GET /api/v1/users/{user}/games/{game}/{playtype}/scores/recent
public   -                  GET /api/v1/users/{user}/games/{game}/{playtype}/scores/{chart_id}
public   -                  GET /api/v1/users/{user}/games/{game}/{playtype}/sessions/best
public   -                  GET /api/v1/users/{user}/games/{game}/{playtype}/sessions/recent
public   -                  GET /api/v1/users/{user}/games/{game}/{playtype}/settings
owner    customise_profile  PATCH /api/v1/users/{user}/games/{game}/{playtype}/settings
public   -                  GET /api/v1/config/max-rivals
public   -                  GET /api/v1/games/{game}/{playtype}/charts/{chart_id}/playcount
public   -                  GET /api/v1/games/{game}/{playtype}/charts/{chart_id}/folders
public   -                  GET /api/v1/users/{user}/recent-summary
public   -                  GET /api/v1/users/{user}/stats
public   -                  GET /api/v1/users/{user}/sessions/calendar
public   -                  GET /api/v1/activity
public   -                  GET /api/v1/games/{game}/{playtype}/activity
public   -                  GET /api/v1/users/{user}/activity
public   -                  GET /api/v1/users/{user}/games/{game}/{playtype}/activity
public   -                  GET /api/v1/users/{user}/settings
self     -                  PATCH /api/v1/users/{user}/settings
self     -                  GET /api/v1/users/{user}/is-email-verified
public   -                  POST /api/v1/auth/register
public   -                  GET /api/v1/search
public   -                  GET /api/v1/search/chart-hash
public   -                  GET /api/v1/games/{game}/{playtype}/charts
public   -                  GET /api/v1/games/{game}/{playtype}/charts/resolve
public   -                  GET /api/v1/games/{game}/{playtype}/tables
public   -                  GET /api/v1/users/{user}/games/{game}/{playtype}/targets/all-subs
public   -                  GET /api/v1/users/{user}/games/{game}/{playtype}/targets/on-chart/{chart_id}
public   -                  GET /api/v1/users/{user}/games/{game}/{playtype}/showcase
public   -                  GET /api/v1/sessions/{session_id}/folder-raises
private  -                  GET /cdn/score-import-input/{import_id}
public   -                  GET /api/v1/users/{user}/games/{game}/{playtype}/most-played
public   -                  GET /api/v1/users/{user}/games/{game}/{playtype}/pbs
public   -                  GET /api/v1/users/{user}/games/{game}/{playtype}/scores
public   -                  GET /api/v1/users/{user}/games/{game}/{playtype}/sessions
public   -                  GET /api/v1/users/{user}/games/{game}/{playtype}/sessions/highlighted
public   -                  GET /api/v1/users/{user}/games/{game}/{playtype}/sessions/last
public   -                  GET /api/v1/users/{user}/games/{game}/{playtype}/sessions/calendar
public   -                  GET /api/v1/users/{user}/games/{game}/{playtype}/leaderboard-adjacent
public   -                  GET /api/v1/users/{user}/games/{game}/{playtype}/pbs/{chart_id}/leaderboard-adjacent
public   -                  GET /api/v1/users/{user}/games/{game}/{playtype}/pbs/{chart_id}/rivals
public   -                  GET /api/v1/games/{game}/{playtype}/leaderboard
public   -                  GET /api/v1/games/{game}/{playtype}/pb-leaderboard
public   -                  GET /api/v1/games/{game}/{playtype}/players
public   -                  GET /api/v1/users/{user}/games/{game}/{playtype}/history
public   -                  GET /api/v1/users/{user}/pfp
public   -                  GET /api/v1/users/{user}/banner
self     -                  PATCH /api/v1/users/{user}
plain    -                  ANY /cdn/logos/{name}
plain    -                  ANY /cdn/game-banners/{name}
plain    -                  ANY /cdn/{kind}/{name}
public   -                  GET /api/v1/users/{user}/imports
public   -                  GET /api/v1/users/{user}/imports/failed
public   -                  GET /api/v1/users/{user}/recent-imports
public   -                  GET /api/v1/games
public   -                  GET /api/v1/games/{game}
public   -                  GET /api/v1/games/{game}/{playtype}
public   -                  GET /api/v1/games/{game}/{playtype}/charts/{chart_id}
public   -                  GET /api/v1/games/{game}/{playtype}/charts/{chart_id}/pbs
public   -                  GET /api/v1/games/{game}/{playtype}/songs/{song_id}
public   -                  GET /api/v1/scores/{score_id}
public   -                  GET /api/v1/sessions/{session_id}
public   -                  GET /api/v1/imports
public   -                  GET /api/v1/imports/failed
public   -                  GET /api/v1/imports/{import_id}
public   -                  GET /api/v1/imports/{import_id}/rows
public   -                  GET /api/v1/imports/{import_id}/rows.csv
moderate -                  GET /api/v1/import-rules
moderate -                  POST /api/v1/import-rules
moderate -                  DELETE /api/v1/import-rules/{rule_id}
moderate -                  GET /api/v1/class-reviews
moderate -                  POST /api/v1/class-reviews/{review_id}/withdraw
moderate -                  POST /api/v1/class-reviews/{review_id}/keep
moderate -                  POST /api/v1/class-reviews/{review_id}/reinstate
owner    submit_score       POST /api/v1/imports/{import_id}/cancel
owner    submit_score       POST /api/v1/imports/{import_id}/retry
owner    delete_score       POST /api/v1/imports/{import_id}/restore
owner    delete_score       POST /api/v1/imports/{import_id}/revert
owner    delete_score       GET /api/v1/imports/{import_id}/restore/preview
owner    delete_score       GET /api/v1/imports/{import_id}/revert/preview
owner    customise_score    PATCH /api/v1/scores/{score_id}
owner    delete_score       DELETE /api/v1/scores/{score_id}
player   customise_session  PATCH /api/v1/sessions/{session_id}
sender   submit_score       POST /api/v1/import/file
sender   submit_score       POST /api/v1/import/orphans
sender   submit_score       POST /ir/direct-manual/import
sender   submit_score       POST /ir/barbatos/score/submit
sender   submit_score       POST /ir/beatoraja/submit-score
sender   submit_score       POST /ir/beatoraja/submit-course
known    -                  GET /ir/beatoraja/charts/{sha256}/scores
sender   submit_score       POST /ir/fervidex/score/submit
sender   submit_score       POST /ir/fervidex/profile/submit
sender   submit_score       POST /ir/fervidex/class/submit
sender   submit_score       POST /ir/kshook/sv6c/score/save
sender   submit_score       POST /ir/kshook/sv6c/score/export
sender   submit_score       POST /ir/lr2hook/import
sender   submit_score       POST /ir/lr2hook/import/course
plain    -                  GET /ir/usc/{playtype}
plain    -                  GET /ir/usc/{playtype}/charts/{chart_hash}
plain    -                  GET /ir/usc/{playtype}/charts/{chart_hash}/leaderboard
plain    -                  GET /ir/usc/{playtype}/charts/{chart_hash}/record
usc      submit_score       POST /ir/usc/{playtype}/scores
usc      submit_score       POST /ir/usc/{playtype}/replays
private  -                  GET /api/v1/users/{user}/blocks
owner    delete_score       DELETE /api/v1/users/{user}/blocks/{score_id}
private  -                  GET /api/v1/users/{user}/imports/reverted
private  -                  GET /api/v1/users/{user}/notifications
private  -                  DELETE /api/v1/users/{user}/notifications
private  -                  POST /api/v1/users/{user}/notifications/{notif_id}/mark-read
self     -                  POST /api/v1/users/{user}/notifications/mark-all-read
self     -                  POST /api/v1/users/{user}/notifications/delete-all
private  -                  GET /api/v1/users/{user}/orphans
owner    delete_score       DELETE /api/v1/users/{user}/orphans/{orphan_id}
self     -                  GET /api/v1/users/{user}/integrations/fervidex/settings
self     -                  PUT /api/v1/users/{user}/integrations/fervidex/settings
self     -                  PATCH /api/v1/users/{user}/integrations/fervidex/settings
self     -                  GET /api/v1/users/{user}/integrations/kshook-sv6c/settings
self     -                  PUT /api/v1/users/{user}/integrations/kshook-sv6c/settings
self     -                  PATCH /api/v1/users/{user}/integrations/kshook-sv6c/settings
self     -                  GET /api/v1/users/{user}/api-tokens
self     -                  POST /api/v1/users/{user}/api-tokens/create
moderate -                  GET /api/v1/revert-batches
moderate -                  POST /api/v1/revert-batches
moderate -                  GET /api/v1/revert-batches/{batch_id}
moderate -                  GET /api/v1/revert-batches/{batch_id}/outcomes
moderate -                  GET /api/v1/revert-batches/{batch_id}/outcomes.csv
moderate -                  POST /api/v1/revert-batches/{batch_id}/confirm
moderate -                  POST /api/v1/revert-batches/{batch_id}/pause
moderate -                  POST /api/v1/revert-batches/{batch_id}/resume
moderate -                  POST /api/v1/revert-batches/{batch_id}/cancel
moderate -                  POST /api/v1/revert-batches/{batch_id}/restore
moderate -                  POST /api/v1/revert-batches/{batch_id}/retry-failed
moderate -                  POST /api/v1/revert-batches/{batch_id}/hold
self     -                  DELETE /api/v1/users/{user}/api-tokens/{token}
"""  # noqa: E501
NOT_FOUND = {"/api/v1", "/ir", "/cdn"}  # whatever is not there
HEAD, *KINDS = [line.split() for line in WHO.splitlines() if line]
EXPECTED = {right: dict(zip(HEAD[1:], cells, strict=True)) for right, *cells in KINDS}
ROWS = [line.split(maxsplit=2) for line in TABLE.splitlines() if line][1:]
SAFE = {"GET", "ANY"}
LOGIN = "POST /api/v1/auth/login"  # makes a cookie, so it is refused whoever asks
USC, OF_USC = "/ir/usc/", "Controller"  # takes tokens only
FOREIGN = {"Origin": "http://tachi.example:8080", "Sec-Fetch-Site": "same-site"}


class World:
    """A player with a bit of everything, and everybody who asks for it."""

    def __init__(self):
        self.owner = make_user("owner_1", is_staff=False)
        plays = play(make_chart(), time=NOON), play(4444)
        import_ = make_import(self.owner, *plays, classes={"dan": "DAN_5"})
        score, session = Score.objects.get(), Session.objects.get()
        ScoreBlock.objects.create(
            user=self.owner, score_id=score.score_id, score=score.score_data
        )
        self.names = {
            "import_id": import_.import_id,
            "score_id": score.score_id,
            "session_id": session.session_id,
            "chart_id": score.chart.chart_id,
            "song_id": score.chart.song.song_id,
            "user": "owner_1",
            "review_id": ClassClaim.objects.get().pk,
            "token": make_token(self.owner)[:8],
            "game": "sdvx",
            "rule_id": make_rule(game="iidx").rule_id,
            "name": "default",
            "kind": "hero",
            "job_id": "0" * 40,
            "notif_id": told(self.owner).notif_id,
            "orphan_id": Orphan.objects.get().orphan_id,
            "batch_id": drafted(import_).batch_id,
            "chart_hash": "0" * 40,
            "sha256": "0" * 64,
        }
        everything = list(Permission.values)
        others, admin = make_user(), make_user(auth_level=AuthLevel.ADMIN)
        banned = make_user(auth_level=AuthLevel.BANNED)
        self.sessions = {
            "owner": logged_in(self.owner),
            "other": logged_in(others),
            "moderator": logged_in(make_moderator()),
            "administrator": logged_in(make_administrator()),
            "admin": logged_in(admin),
            "superuser": logged_in(make_user(is_staff=True, is_superuser=True)),
            "banned": logged_in(banned),
        }
        revoked = make_token(self.owner, *everything)
        ApiToken.objects.filter(prefix=revoked[:8]).update(revoked_at=timezone.now())
        self.tokens = {
            "other_token": make_token(others, *everything),
            "admin_token": make_token(admin, *everything),
            "banned_token": make_token(banned, *everything),
            "revoked_token": revoked,
        }
        for each in ("", *everything):
            rest = set(everything) - {each}
            self.tokens["with_token", each] = make_token(self.owner, each)
            self.tokens["without_token", each] = make_token(self.owner, *rest)

    def ask(self, who, permission, endpoint, headers=None):
        """The answer, after which everything is as before."""
        method, path = endpoint.split()
        method = "GET" if method == "ANY" else method
        body = None if method == "GET" else {}
        api = Api()
        api.client.cookies.load(self.sessions.get(who, ""))
        wanted = "" if permission == "-" else permission
        token = self.tokens.get(who) or self.tokens.get((who, wanted))
        names = self.names | {"playtype": OF_USC if USC in path else "Single"}
        address = path.format_map(names)
        with transaction.atomic():
            answer = api.send(method, address, body, token=token, headers=headers)
            transaction.set_rollback(True)
        return answer.status_code


def told(user):
    """Something that the user is told."""
    notify(user.pk, Notification.Kind.REVERTED, "0" * 40, {})
    return Notification.objects.get()


def logged_in(user):
    """The cookie of a session."""
    client = Client()
    client.force_login(user)
    return {name: each.value for name, each in client.cookies.items()}


def said(status):
    return str(status) if status in {401, 403} else "ok"


def test_the_table_names_every_endpoint_and_no_other():
    there = {each for each in endpoints() if each.split()[1] not in NOT_FOUND}
    listed = [endpoint for _, _, endpoint in ROWS]
    assert there - set(listed) == set(), (
        "Add a line for each to TABLE, with its right (a line of WHO) and the "
        "permission that a token needs."
    )
    assert sorted(listed) == sorted(there), "They are gone, or named twice."


def test_each_may_do_what_the_table_says_and_nothing_else(settings):
    settings.RATE_LIMITS = False
    world = World()
    wrong = {
        f"{endpoint}: {who} got {status}, not {expected}"
        for right, permission, endpoint in ROWS
        for who, expected in EXPECTED[right].items()
        if said(status := world.ask(who, permission, endpoint)) != expected
        or (status >= 500 and status != 501)  # what a site does not do
    }
    assert wrong == set()


def test_a_cookie_from_another_origin_changes_nothing(settings):
    settings.RATE_LIMITS = False
    world = World()
    for right, permission, endpoint in ROWS:
        is_safe = endpoint.split()[0] in SAFE or USC in endpoint
        expected = EXPECTED[right]["owner"] if is_safe else "403"
        got = said(world.ask("owner", permission, endpoint, FOREIGN))
        assert got == expected, (endpoint, right)


def test_a_token_from_another_origin_does_what_it_does_from_ours(settings):
    settings.RATE_LIMITS = False
    world = World()
    for right, permission, endpoint in ROWS:
        got = said(world.ask("with_token", permission, endpoint, FOREIGN))
        expected = "403" if endpoint == LOGIN else EXPECTED[right]["with_token"]
        assert got == expected, endpoint
