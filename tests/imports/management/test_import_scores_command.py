import json

import pytest

from imports.models import Import, State
from scores.models import Score
from tests.commands import call, failure
from tests.factories import NOON, document, make_chart, make_user, play

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return make_user("alice")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "scores.json"
    path.write_text(json.dumps(document(play(make_chart(), 9_000_000, NOON), play(44))))
    return path


def import_file(file, user="alice", import_type="file/batch-manual"):
    return call(
        "import_scores", str(file), "--user", user, "--import-type", import_type
    )


def test_a_file_is_imported_and_counted(user, file):
    said = import_file(file, "ALICE")

    import_ = Import.objects.get()
    assert (import_.state, import_.user, import_.user_intent) == (
        State.COMPLETED,
        user,
        True,
    )
    assert import_.import_id in said
    assert "1 imported, 0 held, 1 orphaned, 0 rejected, 0 blocked, 2 total." in said
    assert Score.objects.get().user == user


def test_an_import_that_is_refused_says_why(user, file):
    file.write_text("{}")

    _, said = failure(
        "import_scores", str(file), "--user", "alice", "--import-type", TYPE
    )

    assert "failed" in said and "BATCH-MANUAL" in said
    assert Import.objects.get().state == State.FAILED


TYPE = "file/batch-manual"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["{file}", "--user", "bob", "--import-type", TYPE], "no user 'bob'"),
        (["{file}x", "--user", "alice", "--import-type", TYPE], "No such file"),
        (["/", "--user", "alice", "--import-type", TYPE], "Is a directory"),
        (["{file}", "--user", "alice", "--import-type", "file/x"], "invalid choice"),
    ],
)
def test_what_cannot_be_imported_is_refused(user, file, arguments, reason):
    _, said = failure("import_scores", *[each.format(file=file) for each in arguments])

    assert reason in said
    assert not Import.objects.exists()
