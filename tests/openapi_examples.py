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


def record(api):
    """Operation and `request` → what is sent; operation and status → an answer."""
    call_command("load_seeds", SAMPLE, verbosity=0)
    user = make_user("demo", id=1)
    token = make_token(user, *Permission.values)
    examples = {}

    def ask(name, method, path, body=None, **options):
        if body is not None:
            examples[f"{name} request"] = body
        response = api.send(method, path, body, token, **options)
        answer = response.json()
        examples[f"{name} {response.status_code}"] = answer
        return answer.get("body")

    document = json.loads((SAMPLE / "batch-manual-sdvx.json").read_text("utf-8"))
    document["scores"] = [*document["scores"][:SHOWN], document["scores"][-1]]
    intent = {"X-User-Intent": "true"}
    sent = ask("import_direct_manual", "POST", "/ir/direct-manual/import", document)
    failing = api.post(
        "/ir/direct-manual/import", {"meta": {}}, token=token, headers=intent
    )
    examples["import_file 202"] = examples["import_direct_manual 202"]
    examples["import_file request"] = {
        "importType": "file/batch-manual",
        "scoreData": json.dumps(document),
    }
    unwanted = api.post("/ir/direct-manual/import", document, token=token)
    unwanted_id = unwanted.json()["body"]["importID"]
    ask("import_cancel", "POST", f"/api/v1/imports/{unwanted_id}/cancel")
    for import_ in Import.objects.unfinished():
        run_inline(import_)
    one = f"/api/v1/imports/{sent['importID']}"
    ask("poll_status", "GET", f"{one}/poll-status")
    failed = f"/api/v1/imports/{failing.json()['body']['importID']}/poll-status"
    ask("poll_status", "GET", failed)
    examples["poll_status 4XX"] = examples.pop("poll_status 400")
    page = ask("import_retrieve", "GET", one)
    ask("import_list", "GET", "/api/v1/imports")
    ask("import_failed", "GET", "/api/v1/imports/failed")
    ask("user_imports", "GET", "/api/v1/users/demo/imports")
    score, chart = page["scores"][0], page["charts"][0]
    ask("score_retrieve", "GET", f"/api/v1/scores/{score['scoreID']}?getRelated=yes")
    session = page["sessions"][0]["sessionID"]
    ask("session_retrieve", "GET", f"/api/v1/sessions/{session}")
    ask("player_retrieve", "GET", PLAYER)
    ask("player_best_pbs", "GET", f"{PLAYER}/pbs/best")
    ask("player_recent_sessions", "GET", f"{PLAYER}/sessions/recent")
    charts = f"/api/v1/games/sdvx/Single/charts/{chart['chartID']}"
    ask("chart_retrieve", "GET", charts)
    ask("chart_pbs", "GET", f"{charts}/pbs")
    ask("profile_game_stats", "GET", "/api/v1/users/demo/game-stats")
    ask("user_retrieve", "GET", "/api/v1/users/demo")
    ask("status", "GET", "/api/v1/status?echo=hello")
    ask("game_retrieve", "GET", "/api/v1/games/sdvx")
    edited = f"/api/v1/scores/{score['scoreID']}"
    ask("score_partial_update", "PATCH", edited, {"comment": "Finally!"})
    ask("session_partial_update", "PATCH", f"/api/v1/sessions/{session}", NAMED)
    ask("status_post", "POST", "/api/v1/status", {"echo": "hello"})
    examples["login request"] = {
        "username": "demo",
        "!password": "a long password",
        "captcha": "",
    }
    examples["token_issue request"] = {
        "identifier": "My tool",
        "permissions": ["submit_score"],
    }
    ask("import_orphans", "POST", "/api/v1/import/orphans")
    ask("import_revert", "POST", f"{one}/revert")
    return examples


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
