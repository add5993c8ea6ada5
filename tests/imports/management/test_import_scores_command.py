import json

import pytest

from imports.models import Import, State
from imports.pipeline import Sent
from imports.preview import preview
from scores.models import Score
from tests.commands import call, failure
from tests.factories import NOON, document, make_chart, make_user, play
from tests.state import all_rows

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


def test_each_row_that_made_no_score_is_told(user, file):
    chart = make_chart()
    plays = [play(chart, 9_000_000, NOON), play(44), play(chart, 1, 2 * NOON)]
    file.write_text(json.dumps(document(*plays)))
    out, said = failure(
        "import_scores", str(file), "--user", "alice", "--import-type", TYPE
    )
    assert "1 imported, 0 held, 1 orphaned, 1 rejected, 0 blocked, 3 total." in out
    assert "position 1, orphaned: Cannot find song with songID 44." in out
    assert "position 2, rejected: " in out
    assert "1 row was rejected" in said and "--allow-rejected" in said
    assert Import.objects.get().state == State.COMPLETED
    arguments = [str(file), "--user", "alice", "--allow-rejected"]
    assert "1 rejected" in call("import_scores", *arguments)


def test_a_script_reads_one_object(user, file):
    arguments = [str(file), "--user", "alice", "--json"]
    told = json.loads(call("import_scores", *arguments))
    import_ = Import.objects.get()
    assert told["importID"] == import_.import_id
    assert (told["importType"], told["state"]) == (TYPE, "completed")
    assert (told["counts"]["imported"], told["counts"]["orphaned"]) == (1, 1)
    assert told["description"] == "1 imported, 1 orphaned."
    [error] = told["errors"]
    assert (error["type"], error["position"]) == ("SongOrChartNotFound", 1)
    file.write_text("{}")
    out, _ = failure("import_scores", *arguments, "--import-type", TYPE)
    told = json.loads(out)
    assert (told["state"], told["status"]) == ("failed", 400)
    assert [each["path"] for each in told["errors"]] == ["meta.game"]
    assert "BATCH-MANUAL" in told["error"]


def test_many_rows_are_told_in_part(user, file, monkeypatch):
    monkeypatch.setattr("imports.management.outcomes.MOST_TOLD", 2)
    file.write_text(json.dumps(document(*[play(n) for n in range(5)])))
    said = import_file(file)
    assert said.count(", orphaned: ") == 2
    address = f"/api/v1/imports/{Import.objects.get().import_id}/rows.csv"
    assert f"… and 3 more; see {address}." in said


@pytest.fixture
def dry_run(user, file):
    arguments = [str(file), "--user", "alice", "--dry-run"]
    return lambda *more: ("import_scores", *arguments, *more)


def test_a_dry_run_tells_what_it_would_do_and_stores_nothing(dry_run):
    rows = all_rows()
    said = call(*dry_run())
    assert all_rows() == rows
    assert "scores.json is file/batch-manual" in said
    assert "Nothing is stored. It would be: 1 imported, 0 held," in said
    assert "SongOrChartNotFound: " in said
    assert "Personal bests: 1 new, 0 improved." in said
    assert "Sessions: 1 new, 0 changed." in said
    assert "sdvx Single VF6: none → " in said


def test_a_dry_run_has_no_bound_and_speaks_json(dry_run, user, file, settings):
    settings.PREVIEW_ROWS, settings.MAX_BYTES_A_DAY = 0, 1
    told = json.loads(call(*dry_run("--json")))
    assert told == preview(Sent(user, TYPE, file.read_bytes()))
    assert told.keys() == {"counts", "errors", "changes"}
    assert told["changes"]["personalBests"] == {"new": 1, "improved": 0}


def test_a_dry_run_of_a_row_that_is_rejected_fails_as_the_import_does(dry_run, file):
    file.write_text(json.dumps(document(play(make_chart(), time=4_000_000_000_000))))
    said, why = failure(*dry_run("--json"))
    assert json.loads(said)["counts"]["rejected"] == 1
    assert why == "1 row would be rejected."


def test_a_dry_run_of_what_is_refused_says_why(dry_run, file):
    file.write_text('{"meta": {}}')
    _, why = failure(*dry_run("--import-type", TYPE))
    assert why.startswith("It would be refused: ")
