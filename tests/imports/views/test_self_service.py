"""What owners do themselves: revert with a reason and blocks, restore, lift blocks."""

from datetime import timedelta

import pytest
from django.utils import timezone

from imports.models import Import, Revert, State
from imports.undo.restore import restore_import
from imports.undo.revert import revert_import
from scores.edits import delete_score
from scores.models import Score, ScoreBlock
from tachi.accounts.models import AuthLevel
from tachi.api.times import milliseconds
from tests.factories import (
    HOUR,
    NOON,
    OPERATOR,
    make_chart,
    make_import,
    make_token,
    make_user,
    play,
)
from tests.state import state_of

pytestmark = pytest.mark.django_db
NO_IMPORT = "This import does not exist."


@pytest.fixture
def owner(user):
    return make_token(user, "delete_score", "submit_score")


def act(api, verb, import_, token, **body):
    return api.post(f"/api/v1/imports/{import_}/{verb}", body, token=token)


def reverted(api, user, token, query=""):
    return api.get(f"/api/v1/users/{user.pk}/imports/reverted{query}", token=token)


def blocks(api, user, token):
    answer = api.get(f"/api/v1/users/{user.pk}/blocks", token=token)
    assert answer.status_code == 200, answer.content
    return answer.json()["body"]


def test_an_owner_reverts_and_restores(api, user, owner, chart):
    make_import(user, play(chart, 9_000_000, NOON), service="kept")
    import_ = make_import(user, play(chart, 9_500_000, NOON + HOUR), play(4444))
    before = state_of(user)
    assert act(api, "revert", import_, owner).json()["body"] == {}
    assert state_of(user) != before
    answer = act(api, "restore", import_, owner)
    assert (answer.status_code, answer.json()["body"]) == (200, {})
    assert state_of(user) == before
    revert = Revert.objects.get()
    assert revert.restored_by == user
    assert act(api, "restore", import_, owner).status_code == 409


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", ""])
def test_a_body_that_would_not_be_read_reverts_nothing(api, user, owner, content_type):
    import_ = make_import(user, play(make_chart()))
    address = f"/api/v1/imports/{import_}/revert"
    answer = api.client.post(
        address,
        b'{"block": true}',
        content_type,
        headers={"Authorization": f"Bearer {owner}"},
    )
    assert answer.status_code == 400
    assert "Content-Type: application/json" in answer.json()["description"]
    assert Score.objects.count() == 1
    assert api.post(address, token=owner).status_code == 200


def test_the_reverted_are_listed_for_their_owner(api, user, owner, chart):
    first = make_import(user, play(chart), service="first")
    second = make_import(user, play(make_chart()), service="second")
    moderator = make_user()
    act(api, "revert", first, owner, reason="a wrong file")
    revert_import(second, OPERATOR)
    Revert.objects.filter(of_import=second).update(reverted_by=moderator)
    third = make_import(user, play(chart), service="third")
    revert_import(third, OPERATOR)
    restore_import(third, OPERATOR)

    newest, oldest = reverted(api, user, owner).json()["body"]
    at = Revert.objects.get(of_import=first)
    assert oldest == {
        "importID": first.import_id,
        "importType": "file/batch-manual",
        "game": "sdvx",
        "timeFinished": milliseconds(first.finished_at),
        "scoreCount": 1,
        "revertedAt": milliseconds(at.reverted_at),
        "revertedBy": user.pk,
        "origin": "api",
        "reason": "a wrong file",
        "batchID": at.batch.batch_id,
        "restorableUntil": milliseconds(at.reverted_at) + 30 * 86_400_000,
    }
    assert (newest["importID"], newest["revertedBy"]) == (
        second.import_id,
        moderator.pk,
    )
    page = reverted(api, user, owner, "?limit=1")
    assert [each["importID"] for each in page.json()["body"]] == [second.import_id]
    assert 'rel="next"' in page["Link"]


def test_too_old_says_the_day_and_is_listed_without_a_time(api, user, owner, chart):
    import_ = make_import(user, play(chart))
    act(api, "revert", import_, owner)
    long_ago = timezone.now() - timedelta(days=31)
    Revert.objects.update(reverted_at=long_ago)
    answer = act(api, "restore", import_, owner)
    assert answer.status_code == 409
    assert f"on {long_ago.date().isoformat()}." in answer.json()["description"]
    assert reverted(api, user, owner).json()["body"][0]["restorableUntil"] is None
    assert Import.objects.get().state == State.REVERTED


def test_to_everybody_else_a_reverted_import_is_not_there(api, user, owner, chart):
    import_ = make_import(user, play(chart))
    stranger = make_token(make_user(), "delete_score")
    assert act(api, "restore", import_, stranger).status_code == 403
    act(api, "revert", import_, owner)
    for token in (stranger, None):
        answer = act(api, "restore", import_, token)
        assert answer.status_code == 404
        assert answer.json()["description"] == NO_IMPORT
    assert reverted(api, user, stranger).status_code == 403
    reader = make_token(user, "submit_score")
    assert act(api, "restore", import_, reader).status_code == 403
    admin = make_user(auth_level=AuthLevel.ADMIN)
    api.client.force_login(admin)
    assert act(api, "restore", import_, None).status_code == 200


def test_blocked_by_a_revert_it_does_not_come_back(api, user, owner, chart):
    other = make_chart()
    import_ = make_import(user, play(chart, 9_000_000), play(other, 9_100_000))
    make_import(user, play(other, 9_100_000), service="sent too")
    score = Score.objects.get(chart=chart).score_id
    act(api, "revert", import_, owner, block=True, reason="played by a friend")

    (block,) = blocks(api, user, owner)  # the other one stays: it was sent again
    assert (block["scoreID"], block["importID"]) == (score, import_.import_id)
    assert (block["game"], block["playtype"]) == ("sdvx", "Single")
    assert block["chartID"] == block["score"]["chartID"] == chart.chart_id
    again = make_import(user, play(chart, 9_000_000), service="again")
    assert again.counts["blocked"] == 1
    assert Score.objects.get().chart == other

    path = f"/api/v1/users/{user.pk}/blocks/{score}"
    assert api.delete(path, token=make_token(user, "submit_score")).status_code == 403
    assert (
        api.delete(path, token=make_token(make_user(), "delete_score")).status_code
        == 403
    )
    assert api.delete(path, token=owner).status_code == 200
    assert api.delete(path, token=owner).status_code == 404
    assert make_import(user, play(chart, 9_000_000)).counts["imported"] == 1


def test_a_restore_lifts_the_blocks_that_its_revert_made(api, user, owner, chart):
    import_ = make_import(user, play(chart, 9_000_000), play(make_chart()))
    before = state_of(user)
    act(api, "revert", import_, owner, block=True)
    assert ScoreBlock.objects.count() == 2
    act(api, "restore", import_, owner)
    assert not ScoreBlock.objects.exists()
    assert state_of(user) == before


def test_restored_in_any_order_all_comes_back_that_was_blocked_too(user, chart):
    imports = [
        make_import(user, play(chart), service="first"),
        make_import(user, play(chart, time=NOON), service="second"),
    ]
    before = state_of(user)
    for order in (imports, imports[::-1]):
        for import_ in imports:
            revert_import(import_, OPERATOR, block=True)
        assert not Score.objects.exists()
        for import_ in order:
            restore_import(import_, OPERATOR)
        assert state_of(user) == before
        assert not ScoreBlock.objects.exists()


def test_a_restore_lifts_no_block_of_what_was_deleted_since(user, chart):
    first = make_import(user, play(chart), service="first")
    revert_import(first, OPERATOR)
    make_import(user, play(chart), service="second")
    delete_score(Score.objects.get())
    third = make_import(user, play(chart), service="third")
    revert_import(third, OPERATOR, block=True)
    restore_import(first, OPERATOR)
    assert ScoreBlock.objects.exists()
    assert not Score.objects.exists()
    restore_import(third, OPERATOR)
    assert not ScoreBlock.objects.exists()
    assert Score.objects.get().source_import == third


def test_what_its_player_blocked_stays_blocked(api, user, owner, chart):
    import_ = make_import(user, play(chart), play(make_chart()))
    score = Score.objects.get(chart=chart).score_id
    answer = api.delete(f"/api/v1/scores/{score}", {"blacklist": True}, token=owner)
    assert answer.status_code == 200
    act(api, "revert", import_, owner, block=True)
    act(api, "restore", import_, owner)
    assert [each["scoreID"] for each in blocks(api, user, owner)] == [score]


@pytest.mark.parametrize(
    ("body", "path"), [({"reason": 5}, "[reason]"), ({"block": "yes"}, "[block]")]
)
def test_a_wrong_body_reverts_nothing(api, user, owner, chart, body, path):
    import_ = make_import(user, play(chart))
    answer = act(api, "revert", import_, owner, **body)
    assert answer.status_code == 400
    assert answer.json()["description"].startswith(path)
    assert Score.objects.exists()
