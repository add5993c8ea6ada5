"""A user's orphans: listed for their owner, and discarded one by one."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from imports.models import Import, Orphan
from imports.orphans import reprocess
from imports.undo.restore import restore_import
from imports.undo.revert import revert_import
from scores.models import Score
from tests.factories import (
    OPERATOR,
    make_chart,
    make_import,
    make_song,
    make_token,
    make_user,
    play,
)

pytestmark = pytest.mark.django_db
SONG = 500_000
NOBODYS = "O" + "0" * 64


def path(user, orphan=""):
    return f"/api/v1/users/{user.pk}/orphans{orphan and '/'}{orphan}"


@pytest.fixture
def ask(api, user):
    token = make_token(user, "submit_score")

    def ask(query=""):
        answer = api.get(path(user) + query, token=token)
        assert answer.status_code == 200, answer.content
        return answer.json()["body"]

    return ask


@pytest.fixture
def discard(api, user):
    token = make_token(user, "delete_score")
    return lambda orphan: api.delete(path(user, orphan), token=token).status_code


def test_a_player_sees_what_is_missing(ask, user):
    import_ = make_import(user, play(make_chart()), play(SONG, comment="well played"))
    orphan = Orphan.objects.get()
    assert ask() == {
        "orphans": [
            {
                "orphanID": orphan.orphan_id,
                "importID": import_.import_id,
                "position": 1,
                "game": "sdvx",
                "message": f"Cannot find song with songID {SONG}.",
                "data": play(SONG, comment="well played"),
                "timeInserted": orphan.time_inserted,
            }
        ],
        "next": None,
    }


def test_the_list_pages_at_a_constant_cost(ask, user):
    make_import(user, *(play(SONG + n) for n in range(3)), service="first")
    make_import(user, play(SONG), play(SONG + 9), service="second")
    with CaptureQueriesContext(connection) as few:
        whole = ask()["orphans"]
    seen, query = [], "?limit=2"
    while query:
        body = ask(query)
        seen += body["orphans"]
        query = body["next"] and f"?limit=2&cursor={body['next']}"
    assert seen == whole
    assert len(seen) == 5
    make_import(user, *(play(SONG + n) for n in range(50)), service="third")
    with CaptureQueriesContext(connection) as more:
        ask()
    assert len(more) == len(few)


def test_only_the_owner_and_administrators_see_and_discard(api, user):
    make_import(user, play(SONG))
    orphan = Orphan.objects.get().orphan_id
    stranger = make_token(make_user(), "submit_score", "delete_score")
    reader = make_token(user, "submit_score")
    nobody = f"/api/v1/users/nobody/orphans/{NOBODYS}"
    for method, address, token, status in (
        ("GET", path(user), None, 401),
        ("GET", path(user), stranger, 403),
        ("GET", path(user) + "?limit=0", reader, 400),
        ("GET", "/api/v1/users/nobody/orphans", None, 404),
        ("DELETE", nobody, None, 404),
        ("DELETE", path(user, NOBODYS), None, 404),
        ("DELETE", path(user, "x"), reader, 404),
        ("DELETE", path(user, orphan), None, 401),
        ("DELETE", path(user, orphan), stranger, 403),
        ("DELETE", path(user, orphan), reader, 403),
    ):
        sent = api.send(method, address, token=token)
        assert sent.status_code == status, (method, address, sent.content)
    api.login(make_user(auth_level=3))
    assert len(api.get(path(user)).json()["body"]["orphans"]) == 1
    assert api.delete(path(user, orphan)).status_code == 200
    assert not Orphan.objects.exists()


def test_what_is_discarded_is_so_of_all_imports_that_hold_it(discard, ask, user):
    """And of one that is reverted just then; but not of one that is sent later."""
    row, other = play(SONG), play(SONG + 1)
    first, _ = (make_import(user, row, other) for _ in range(2))
    revert_import(first, OPERATOR)
    orphan = Orphan.objects.get(data=row).orphan_id
    assert discard(orphan) == 200
    assert discard(orphan) == 404
    restore_import(Import.objects.get(pk=first.pk), OPERATOR)
    assert [each["data"] for each in ask()["orphans"]] == [other, other]
    make_chart(song=make_song(song_id=SONG))
    assert reprocess(user)["success"] == 0
    make_import(user, row)
    assert Score.objects.count() == 1


def test_what_became_a_score_is_not_discarded(discard, user):
    make_import(user, play(SONG))
    orphan = Orphan.objects.get().orphan_id
    make_chart(song=make_song(song_id=SONG))
    reprocess(user)
    assert discard(orphan) == 404
    assert Score.objects.count() == 1


def test_one_that_is_discarded_while_it_is_tried_again_is_no_score(
    discard, user, monkeypatch
):
    make_import(user, play(SONG), play(SONG + 1))
    orphan = Orphan.objects.get(data=play(SONG)).orphan_id
    for number in (SONG, SONG + 1):
        make_chart(song=make_song(song_id=number))

    def read_again(orphans):
        rows = really_read(orphans)
        assert discard(orphan) == 200
        return rows

    from imports import orphans

    really_read = orphans.read_again
    monkeypatch.setattr(orphans, "read_again", read_again)
    assert reprocess(user)["success"] == 1
    assert Score.objects.count() == 1


def test_moderators_find_what_is_missing_and_discard_it(moderator, client, user):
    make_import(user, play(SONG), play(SONG + 1))
    orphans = Orphan.objects.order_by("pk")
    listed = client.get(f"/admin/imports/orphan/?missing={SONG}&game=sdvx")
    assert listed.context["cl"].result_count == 1
    sent = {"action": "discard", "_selected_action": [orphans[0].pk]}
    answer = client.post("/admin/imports/orphan/", sent, follow=True)
    assert "Discarded 1 orphan." in answer.content.decode()
    assert [each.data for each in orphans.all()] == [play(SONG + 1)]
