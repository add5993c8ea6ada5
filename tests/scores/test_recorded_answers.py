import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from scores.models import Session
from tests.factories import make_token, make_user
from tests.recordings import (
    comparable,
    recorded,
    recorded_file,
    store_songs_and_charts,
)
from tests.shared_data import needs_shared_data

pytestmark = [pytest.mark.django_db, needs_shared_data]

READS = [
    "GET import",
    "GET import (empty second)",
    "list",
    "list false intent, direct manual",
    "user imports",
    "user recent-imports",
    "score",
    "score+getRelated",
    "session",
    "user game",
    "pb",
    "pb composed",
    "pbs best",
    "pbs all",
    "scores recent",
    "scores on chart",
    "sessions recent",
    "sessions best",
    "leaderboard",
    "chart",
]
REFUSALS = [
    "GET unknown",
    "list bad intent",
    "list excess key",
]


@pytest.fixture
def answers(api, settings):
    """The recorded reads, with the ids that they have here."""
    settings.IMPORT_INLINE = True
    reads = recorded("s06-import-reads")
    pages = [reads[name]["response"]["body"]["body"] for name in READS[:2]]
    store_songs_and_charts("sdvx", pages[0]["songs"], pages[0]["charts"])
    token = make_token(make_user("sdvxone", id=100), "submit_score")
    upload = recorded("s01-sdvx-batch-import")["import"]
    here = {}
    for page, intent in zip(pages, ("true", "false"), strict=True):
        answer = api.client.post(
            "/api/v1/import/file",
            {
                "importType": "file/batch-manual",
                "scoreData": SimpleUploadedFile("batch.json", recorded_file(upload)),
            },
            headers={"Authorization": f"Bearer {token}", "X-User-Intent": intent},
        )
        here[page["import"]["importID"]] = answer.json()["body"]["importID"]
    for session in pages[0]["sessions"]:
        started = Session.objects.get(time_started=session["timeStarted"])
        here[session["sessionID"]] = started.session_id

    def ask(name):
        path = reads[name]["request"]["path"]
        for theirs, ours in here.items():
            path = path.replace(theirs, ours)
        return api.get(path).json(), reads[name]["response"]["body"]

    return ask


@pytest.mark.parametrize("name", READS)
def test_a_read_answers_as_the_original_did(answers, name):
    ours, theirs = answers(name)
    for body in (ours["body"], theirs["body"]):
        if name == "user game":
            del body["rankingData"]  # there were other players
    assert comparable(ours["body"]) == comparable(theirs["body"])


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_reads_as_the_original_did(answers, name):
    ours, theirs = answers(name)
    assert ours == theirs


def test_the_scores_of_an_import_are_in_its_order(answers):
    ours, theirs = answers("GET import")
    assert ours["body"]["import"]["scoreIDs"] == theirs["body"]["import"]["scoreIDs"]
