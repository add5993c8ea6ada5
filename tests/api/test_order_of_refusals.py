"""Who is refused what, and in which order: a row for each endpoint with permissions.

Each row asks with the body that is named, so that it is seen whether the body is
checked before or after the permission. The token of the stranger may do nothing, that
of the other everything; the powerless one is the owner's, without the permission.
"""

import re

import pytest
from rest_framework.schemas.generators import EndpointEnumerator

from imports.models import Import
from scores.models import ClassClaim, ScoreBlock, Session
from tachi.accounts.models import ApiToken, AuthLevel, Permission
from tachi.moderation.models import Notification
from tachi.moderation.notices import notify
from tests.factories import (
    NOON,
    make_chart,
    make_import,
    make_token,
    make_user,
    play,
)
from tests.imports.batches.making import drafted
from tests.imports.boku_hooks import lr2_play
from tests.imports.hooks import vivid_play
from tests.imports.rules.make import make_rule
from tests.state import state_of

pytestmark = pytest.mark.django_db

TABLE = """
endpoint                             body      missing guest  stranger other  powerless owner  admin_token admin

POST   {import}/revert               nothing   404     401    owner    owner  token     200    owner       200
POST   {import}/revert               nonsense  404     401    owner    owner  token     200    owner       200
POST   {import}/restore              nothing   404     401    owner    owner  token     409    owner       409
POST   {import}/restore              nonsense  404     401    owner    owner  token     409    owner       409
GET    {import}/revert/preview       nothing   404     401    owner    owner  token     200    owner       200
GET    {import}/restore/preview      nothing   404     401    owner    owner  token     409    owner       409
POST   {import}/cancel               nothing   404     401    owner    owner  token     409    owner       409
POST   {import}/cancel               nonsense  404     401    owner    owner  token     409    owner       409
POST   {import}/retry                nothing   404     401    owner    owner  token     409    owner       409
POST   {import}/retry                nonsense  404     401    owner    owner  token     409    owner       409
PATCH  {score}                       good      404     401    owner    owner  token     200    owner       200
PATCH  {score}                       nonsense  404     401    owner    owner  token     400    owner       400
PATCH  {score}                       nothing   404     401    owner    owner  token     400    owner       400
DELETE {score}                       nothing   404     401    owner    owner  token     200    owner       200
DELETE {score}                       nonsense  404     401    owner    owner  400       400    owner       400
PATCH  {session}                     good      404     owner  owner    owner  token     200    owner       owner
PATCH  {session}                     nonsense  404     owner  owner    owner  token     400    owner       owner
GET    {tokens}                      nothing   404     401    key      key    key       200    key         owner
POST   {tokens}/create               good      404     401    key      key    key       200    key         owner
POST   {tokens}/create               nonsense  404     401    key      key    key       400    key         owner
DELETE {tokens}/{prefix}             nothing   404     401    key      key    key       200    key         owner
DELETE {tokens}/unknown              nothing   404     401    key      key    key       404    key         owner
GET    {user}/imports/reverted       nothing   404     401    owner    owner  200       200    owner       200
GET    {told}                        nothing   404     401    owner    owner  200       200    owner       200
DELETE {told}                        nothing   404     401    owner    owner  200       200    owner       200
POST   {told}/{notice}/mark-read     nothing   404     401    owner    owner  200       200    owner       200
POST   {told}/unknown/mark-read      nothing   404     401    owner    owner  404       404    owner       404
POST   {told}/mark-all-read          nothing   404     401    key      key    key       200    key         owner
POST   {told}/delete-all             nothing   404     401    key      key    key       200    key         owner
PATCH  {played}/settings             good      404     401    owner    owner  token     200    owner       200
PATCH  {played}/settings             nonsense  404     401    owner    owner  token     400    owner       400
DELETE {played}                      good      404     401    key      key    key       200    key         owner
DELETE {played}                      wrong     404     401    key      key    key       403    key         owner
DELETE {played}                      nonsense  404     401    key      key    key       400    key         owner
PATCH  {user}/settings               good      404     401    key      key    key       200    key         owner
PATCH  {user}/settings               nonsense  404     401    key      key    key       400    key         owner
GET    {user}/is-email-verified      nothing   404     401    key      key    key       200    key         owner
GET    {input}                        nothing   404     401    owner    owner  200       200    owner       200
PATCH  {user}                        good      404     401    key      key    key       200    key         owner
PATCH  {user}                        nonsense  404     401    key      key    key       400    key         owner
GET    {user}/blocks                 nothing   404     401    owner    owner  200       200    owner       200
DELETE {user}/blocks/{blocked}       nothing   404     401    owner    owner  token     200    owner       200
DELETE {user}/blocks/unknown         nothing   404     404    404      404    404       404    404         404
GET    {orphans}                     nothing   404     401    owner    owner  200       200    owner       200
DELETE {orphans}/{orphan}            nothing   404     401    owner    owner  token     200    owner       200
DELETE {orphans}/unknown             nothing   404     404    404      404    404       404    404         404
GET    /api/v1/import-rules          nothing   -       401    key      key    key       owner  key         200
POST   /api/v1/import-rules          nothing   -       401    key      key    key       owner  key         400
POST   /api/v1/import-rules          nonsense  -       401    key      key    key       owner  key         400
POST   /api/v1/import-rules          good      -       401    key      key    key       owner  key         201
DELETE /api/v1/import-rules/{rule}   nothing   -       401    key      key    key       owner  key         200
DELETE /api/v1/import-rules/unknown  nothing   -       404    404      404    404       404    404         404
GET    /api/v1/class-reviews         nothing   -       401    key      key    key       owner  key         200
POST   {class}/withdraw              nothing   -       401    key      key    key       owner  key         200
POST   {class}/withdraw              nonsense  -       401    key      key    key       owner  key         400
POST   {class}/keep                  nothing   -       401    key      key    key       owner  key         409
POST   {class}/reinstate             nothing   -       401    key      key    key       owner  key         409
POST   /api/v1/class-reviews/x/keep  nothing   404     404    404      404    404       404    404         404
POST   /api/v1/import/file           nothing   -       401    token    400    token     400    400         400
POST   /api/v1/import/file           nonsense  -       401    token    400    token     400    400         400
POST   /api/v1/import/orphans        nothing   -       401    token    200    token     200    200         200
POST   /ir/direct-manual/import      good      -       401    token    202    token     202    202         202
POST   /ir/barbatos/score/submit     good      -       401    token    200    token     200    200         200
POST   /ir/fervidex/score/submit     nothing   -       401    token    400    token     400    400         400
POST   /ir/fervidex/profile/submit   nothing   -       401    token    400    -         400    -           -
POST   /ir/fervidex/class/submit     nothing   -       401    token    400    -         400    -           -
POST   /ir/kshook/sv6c/score/save    nothing   -       401    token    400    token     400    400         400
POST   /ir/kshook/sv6c/score/export  nothing   -       401    token    400    -         400    -           -
GET    {hooks}/fervidex/settings     nothing   404     401    key      key    key       200    key         owner
PUT    {hooks}/fervidex/settings     nonsense  404     401    key      key    key       400    key         owner
PATCH  {hooks}/fervidex/settings     nonsense  404     401    key      -      -         400    -           owner
GET    {hooks}/kshook-sv6c/settings  nothing   404     401    key      -      -         200    -           owner
PUT    {hooks}/kshook-sv6c/settings  nonsense  404     401    key      -      -         400    -           owner
PATCH  {hooks}/kshook-sv6c/settings  nonsense  404     401    key      -      -         400    -           owner
POST   /ir/beatoraja/submit-score    nothing   -       401    token    400    token     400    400         400
POST   /ir/beatoraja/submit-course   nothing   -       401    token    400    token     400    400         400
POST   /ir/lr2hook/import            good      -       401    token    200    token     200    200         200
GET    /api/v1/revert-batches       nothing   -        401    key      key    key       -      key         200
POST   /api/v1/revert-batches       nothing   -        401    key      key    key       -      key         400
POST   /api/v1/revert-batches       nonsense  -        401    key      key    key       -      key         400
GET    {batch}                      nothing   404      401    key      key    key       -      key         200
GET    {batch}/outcomes             nothing   404      401    key      key    key       -      key         200
GET    {batch}/outcomes.csv         nothing   404      401    key      key    key       -      key         -
POST   {batch}/confirm              nothing   404      401    key      key    key       -      key         400
POST   {batch}/confirm              nonsense  404      401    key      key    key       -      key         400
POST   {batch}/pause                nothing   404      401    key      key    key       -      key         409
POST   {batch}/pause                nonsense  404      401    key      key    key       -      key         400
POST   {batch}/resume               nothing   404      401    key      key    key       -      key         409
POST   {batch}/cancel               nothing   404      401    key      key    key       -      key         200
POST   {batch}/restore              nothing   404      401    key      key    key       -      key         409
POST   {batch}/retry-failed         nothing   404      401    key      key    key       -      key         409
POST   {batch}/hold                 nothing   404      401    key      key    key       -      key         200
POST   {batch}/hold                 nonsense  404      401    key      key    key       -      key         400
POST   /ir/lr2hook/import/course     nothing   -       401    token    400    token     400    400         400
"""  # noqa: E501
SAYS = {
    "401": (401, "You are not authorised as anyone, and this endpoint requires us to"),
    "owner": (403, "You are not authorised to perform this action."),
    "token": (403, "You are missing the following permissions necessary for this "),
    "key": (403, "This request cannot be performed by an API key, and requires "),
    "404": (404, ""),
}
NEEDED = {
    "{import}/revert": "delete_score",
    "{import}/restore": "delete_score",
    "{user}/blocks": "delete_score",
    "{input}": "submit_score",
    "{orphans}": "delete_score",
    "{import}/": "submit_score",
    "PATCH {score}": "customise_score",
    "DELETE {score}": "delete_score",
    "{session}": "customise_session",
    "{played}/settings": "customise_profile",
    "import/": "submit_score",
    "/import": "submit_score",
    "/ir/": "submit_score",
}
PASSWORD = "correct horse"
GOOD = {
    "PATCH {score}": {"comment": "well played"},
    "DELETE {played}": {"!password": PASSWORD},
    "PATCH {user}": {"status": "playing"},
    "PATCH {user}/settings": {"invisible": True},
    "PATCH {played}/settings": {"preferredScoreAlg": "VF6"},
    "PATCH {session}": {"name": "an evening"},
    "POST {tokens}/create": {"permissions": ["submit_score"]},
    "POST /api/v1/import-rules": {"filters": {"game": "iidx"}, "text": "No."},
    "POST /ir/direct-manual/import": {"meta": {"game": "sdvx"}},
    "POST /ir/barbatos/score/submit": vivid_play(),
    "POST /ir/lr2hook/import": lr2_play(),
}


HEAD, *ROWS = [line.split() for line in TABLE.splitlines() if line.strip()]
CELLS = [
    (f"{method} {path}", body, who, outcome)
    for method, path, body, *outcomes in ROWS
    for who, outcome in zip(HEAD[2:], outcomes, strict=True)
    if outcome != "-"
]


class World:
    """A player with an import, a score, a session and a token; and what to ask for."""

    def __init__(self, api):
        self.api, self.owner = api, make_user("owner", PASSWORD)
        self.admin = make_user("admin", auth_level=AuthLevel.ADMIN)
        self.import_ = make_import(
            self.owner, play(make_chart(), time=NOON), play(4444)
        )
        self.batch = drafted(self.import_)
        plays = play(make_chart(), time=NOON), play(4444)
        self.import_ = make_import(self.owner, *plays, classes={"dan": "DAN_5"})
        self.revoked = make_token(self.owner)
        self.rule = make_rule(game="iidx")
        self.block = ScoreBlock.objects.create(
            user=self.owner, score_id="T" + "0" * 64, score={}
        )
        notify(self.owner.pk, Notification.Kind.REVERTED, "0" * 40, {})
        self.notice = Notification.objects.get()

    def path(self, path, missing):
        score, session = self.import_.scores.get(), Session.objects.get()
        return path.format_map(
            {
                "import": f"/api/v1/imports/{missing or self.import_.import_id}",
                "input": f"/cdn/score-import-input/{missing or self.import_.import_id}",
                "score": f"/api/v1/scores/{missing or score.score_id}",
                "session": f"/api/v1/sessions/{missing or session.session_id}",
                "tokens": f"/api/v1/users/{missing or 'owner'}/api-tokens",
                "hooks": f"/api/v1/users/{missing or 'owner'}/integrations",
                "prefix": self.revoked[:8],
                "class": f"/api/v1/class-reviews/{ClassClaim.objects.get().pk}",
                "told": f"/api/v1/users/{missing or 'owner'}/notifications",
                "notice": self.notice.notif_id,
                "orphans": f"/api/v1/users/{missing or 'owner'}/orphans",
                "user": f"/api/v1/users/{missing or 'owner'}",
                "batch": f"/api/v1/revert-batches/{missing or self.batch.batch_id}",
                "rule": self.rule.rule_id,
                "played": f"/api/v1/users/{missing or 'owner'}/games/sdvx/Single",
                "blocked": self.block.score_id,
                "orphan": self.import_.orphans.get().orphan_id,
            }
        )

    def ask(self, endpoint, body, who):
        method, path = endpoint.split()
        if who == "admin":
            self.api.login(self.admin)
        elif who == "owner" and re.match(
            "{tokens}|{hooks}|{told}|{class}|.*-reviews|.*-rules"
            "|{user}(/settings|/is-|$)|{played}$",
            path,
        ):
            self.api.login(self.owner)
        token = self.token_of(who, endpoint)
        path = self.path(path, "nobody" if who == "missing" else "")
        sent = {
            "nothing": None,
            "nonsense": {"blacklist": "yes", "no": 1},
            "wrong": {"!password": "wrong horse"},
        }
        body = GOOD[endpoint] if body == "good" else sent[body]
        return self.api.send(method, path, body, token=token)

    def state(self):
        tokens = ApiToken.objects.filter(user=self.owner, prefix=self.revoked[:8])
        told = Notification.objects.filter(user=self.owner).values()
        imports = Import.objects.count()
        return state_of(self.owner), list(tokens.values()), list(told), imports

    def token_of(self, who, endpoint):
        if who == "stranger":
            return make_token(make_user())
        if who == "other":
            return make_token(make_user(), *Permission.values)
        if who == "admin_token":
            return make_token(self.admin, *Permission.values)
        if who == "powerless":
            return make_token(self.owner, *set(Permission.values) - {needed(endpoint)})
        if who == "owner" and needed(endpoint):
            return make_token(self.owner, needed(endpoint))
        return None


def endpoints_with_permissions():
    for path, method, view in EndpointEnumerator().get_api_endpoints():
        if hasattr(view, "actions"):
            viewset = view.cls(**view.initkwargs)
            viewset.action = view.actions[method.lower()]
            own_protocol = path.startswith(
                "/ir/usc/"
            )  # tests/imports/views/test_usc.py
            if viewset.get_permissions() and not own_protocol:
                yield f"{method} {path}"


def test_the_table_has_every_endpoint_with_permissions():
    addresses = {
        "import": "/api/v1/imports/{import_id}",
        "input": "/cdn/score-import-input/{import_id}",
        "score": "/api/v1/scores/{score_id}",
        "session": "/api/v1/sessions/{session_id}",
        "tokens": "/api/v1/users/{user}/api-tokens",
        "hooks": "/api/v1/users/{user}/integrations",
        "prefix": "{token}",
        "orphans": "/api/v1/users/{user}/orphans",
        "orphan": "{orphan_id}",
        "class": "/api/v1/class-reviews/{review_id}",
        "told": "/api/v1/users/{user}/notifications",
        "notice": "{notif_id}",
        "user": "/api/v1/users/{user}",
        "played": "/api/v1/users/{user}/games/{game}/{playtype}",
        "blocked": "{score_id}",
        "batch": "/api/v1/revert-batches/{batch_id}",
        "rule": "{rule_id}",
    }
    rows = {f"{method} {path.format_map(addresses)}" for method, path, *_ in ROWS}
    listed = set(endpoints_with_permissions())

    assert len(listed) >= 10
    assert listed - rows == set()


def needed(endpoint):
    found = [name for part, name in NEEDED.items() if part in endpoint]
    return found[0] if found else ""


@pytest.mark.parametrize(("endpoint", "body", "who", "outcome"), CELLS)
def test_a_request_is_refused_in_the_order_of_the_contract(
    api, endpoint, body, who, outcome
):
    world = World(api)
    before = world.state()

    response = world.ask(endpoint, body, who)

    status, text = SAYS.get(outcome, (int(outcome) if outcome.isdigit() else 0, ""))
    answer = response.json()
    if isinstance(answer, list):  # what was sent for an import has no envelope
        answer = {"success": True, "description": ""}
    assert (response.status_code, answer["description"][: len(text)]) == (status, text)
    assert answer["success"] is (status < 400)
    assert world.state() == before or status < 400
    if outcome == "token":
        assert answer["description"].endswith(f": {needed(endpoint)}")
