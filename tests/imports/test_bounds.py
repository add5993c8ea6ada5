"""Bounds on what an import may have, keeps and lists; texts are in test_big_texts."""

import json

import pytest

from imports.failures import FailureType
from imports.models import Import, Orphan
from tachi.api.parsing import too_many_values
from tests.factories import NOON, document, make_import, make_user, play
from tests.imports.hostile_bytes import rows

UPLOAD = 16 * 1024 * 1024 - 4096
FULL_ROW = {
    **play(1, time=NOON),
    "judgements": {"critical": 1000, "near": 10, "miss": 3},
    "optional": {"fast": 5, "slow": 5, "maxCombo": 900, "gauge": 98.5},
}


@pytest.fixture(autouse=True)
def inline(settings):
    settings.IMPORT_INLINE = True


@pytest.mark.django_db
def test_the_number_of_rows_is_a_setting(player, settings):
    settings.MAX_ROWS = 2
    three = document(play(1), play(2), play(3))
    for send in (player.upload, player.submit):
        answer = send(three)
        assert answer.status_code == 400
        assert answer.json()["description"] == (
            "There are 3 scores in it, and an import may have at most 2:"
            " send them in several."
        )
    assert player.upload(document(play(1), play(2))).status_code == 200
    schema = player.ask("GET", "/api/v1/schemas/batch-manual/sdvx/Single").json()
    assert schema["body"]["properties"]["scores"]["maxItems"] == 2


@pytest.mark.slow
def test_a_file_full_of_scores_has_not_too_many_values():
    compact = json.dumps(FULL_ROW, separators=(",", ":"))
    assert too_many_values(rows(compact)(UPLOAD)) == ""


@pytest.mark.django_db
def test_errors_that_are_not_listed_are_counted_and_not_kept(player, monkeypatch):
    monkeypatch.setattr("imports.write.MOST_LISTED", 2)
    sent = document(play(1), play(2), play(1) | {"identifier": "x"}, play(4))
    told = player.upload(sent).json()["body"]
    assert len(told["errors"]) == len(Import.objects.get().errors) == 2
    assert told["moreErrors"] == 2
    assert told["counts"]["total"] == 4
    assert (told["counts"]["orphaned"], told["counts"]["rejected"]) == (3, 1)
    assert Orphan.objects.count() == 3


@pytest.mark.django_db
def test_a_document_from_before_the_bounds_is_listed_within_them(player):
    make_import(player.user, play(1))
    error = {"type": FailureType.NOT_FOUND, "message": "m" * 5_000, "position": 0}
    Import.objects.update(errors=[error] * 1_003, counts={})
    told = player.poll(Import.objects.get()).json()["body"]["import"]
    assert (len(told["errors"]), told["moreErrors"]) == (1_000, 3)
    assert {each["message"] for each in told["errors"]} == {"m" * 1_997 + "..."}


@pytest.mark.django_db
def test_what_orphans_share_is_kept_with_their_import():
    import_ = make_import(make_user(), play(1), play(2), service="shared")
    kept = {"service": "shared", "game": "sdvx", "playtype": "Single", "version": None}
    assert import_.context == kept
    assert "shared" not in json.dumps(list(Orphan.objects.values()), default=str)
