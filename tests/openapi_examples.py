"""The examples of the OpenAPI document: real requests and answers, of the sample.

`make openapi` records them in `tachi/openapi_examples.json`; a test asks again, and
compares what does not change from one time to the next.
"""

import json

from django.conf import settings
from django.core.management import call_command

from imports.models import Import
from imports.pipeline import run_inline
from tachi.accounts.models import Permission
from tests.factories import make_token, make_user

SAMPLE = settings.BASE_DIR / "scores/sample"
#: New each time. The ids of scores and sessions are not: they follow from the user's.
VOLATILE = set(
    "importID url timeStarted timeFinished timeAdded joinDate lastSeen token"
    " serverTime startTime timeInserted".split()
)
#: That many of the scores, and the one whose song is not known.
SHOWN = 2
NAMED = {"name": "Friday night", "highlight": True}
PLAYER = "/api/v1/users/1/games/sdvx/Single"


DIRECT = "/ir/direct-manual/import"
#: Requests that are only shown: the answers hold secrets, or a cookie.
UNSENT = {
    "login request": {
        "username": "demo",
        "!password": "a long password",
        "captcha": "",
    },
    "token_issue request": {"identifier": "My tool", "permissions": ["submit_score"]},
}
READ = {
    "import_list": "/api/v1/imports",
    "import_failed": "/api/v1/imports/failed",
    "user_imports": "/api/v1/users/demo/imports",
    "user_orphans": "/api/v1/users/demo/orphans",
    "player_retrieve": PLAYER,
    "player_best_pbs": f"{PLAYER}/pbs/best",
    "player_recent_sessions": f"{PLAYER}/sessions/recent",
    "profile_game_stats": "/api/v1/users/demo/game-stats",
    "user_retrieve": "/api/v1/users/demo",
    "status": "/api/v1/status?echo=hello",
    "game_retrieve": "/api/v1/games/sdvx",
}


class Recorder:
    """Sends requests, and keeps what was sent and answered under their names."""

    def __init__(self, api, token):
        self.api, self.token = api, token
        self.examples = dict(UNSENT)

    def ask(self, name, method, path, body=None):
        """The body of the answer."""
        if body is not None:
            self.examples[f"{name} request"] = body
        response = self.api.send(method, path, body, self.token)
        answer = response.json()
        self.examples[f"{name} {response.status_code}"] = answer
        return answer.get("body")


def record(api):
    """Operation and `request` → what is sent; operation and status → an answer."""
    call_command("load_seeds", SAMPLE, verbosity=0)
    user = make_user("demo", id=1)
    recorder = Recorder(api, make_token(user, *Permission.values))
    one = f"/api/v1/imports/{imported(recorder)}"
    page = recorder.ask("import_retrieve", "GET", one)
    session = f"/api/v1/sessions/{page['sessions'][0]['sessionID']}"
    score = f"/api/v1/scores/{page['scores'][0]['scoreID']}"
    chart = f"/api/v1/games/sdvx/Single/charts/{page['charts'][0]['chartID']}"
    read(recorder.ask, session, score, chart)
    recorder.ask("score_partial_update", "PATCH", score, {"comment": "Finally!"})
    recorder.ask("session_partial_update", "PATCH", session, NAMED)
    recorder.ask("status_post", "POST", "/api/v1/status", {"echo": "hello"})
    recorder.ask("import_orphans", "POST", "/api/v1/import/orphans")
    recorder.ask("import_revert", "POST", f"{one}/revert")
    return recorder.examples


def imported(recorder):
    """The id of an import of the sample, beside one that fails, and a cancelled one."""
    ask, examples = recorder.ask, recorder.examples
    document = json.loads((SAMPLE / "batch-manual-sdvx.json").read_text("utf-8"))
    document["scores"] = [*document["scores"][:SHOWN], document["scores"][-1]]

    def send(body, **headers):
        answer = recorder.api.post(DIRECT, body, token=recorder.token, headers=headers)
        return answer.json()["body"]["importID"]

    sent = ask("import_direct_manual", "POST", DIRECT, document)["importID"]
    failing = send({"meta": {}}, **{"X-User-Intent": "true"})
    examples["import_file 202"] = examples["import_direct_manual 202"]
    examples["import_file request"] = {
        "importType": "file/batch-manual",
        "scoreData": json.dumps(document),
    }
    another = {**document, "scores": document["scores"][:1]}
    ask("import_cancel", "POST", f"/api/v1/imports/{send(another)}/cancel")
    ask("import_direct_manual", "POST", f"{DIRECT}?preview=true", document)
    for import_ in Import.objects.unfinished():
        run_inline(import_)
    ask("poll_status", "GET", f"/api/v1/imports/{sent}/poll-status")
    ask("poll_status", "GET", f"/api/v1/imports/{failing}/poll-status")
    examples["poll_status 4XX"] = examples.pop("poll_status 400")
    return sent


def read(ask, session, score, chart):
    """Everything that can be read, once."""
    for name, path in READ.items():
        ask(name, "GET", path)
    ask("score_retrieve", "GET", f"{score}?getRelated=yes")
    ask("session_retrieve", "GET", session)
    ask("chart_retrieve", "GET", chart)
    ask("chart_pbs", "GET", f"{chart}/pbs")


def lasting(answer):
    """The answer without what is new each time."""
    if isinstance(answer, list):
        return [lasting(each) for each in answer]
    if not isinstance(answer, dict):
        return answer
    return {
        key: type(value).__name__ if key in VOLATILE else lasting(value)
        for key, value in answer.items()
    }
