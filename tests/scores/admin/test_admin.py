import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from imports.models import Import
from imports.undo.revert import revert_import
from scores.locks import Busy
from scores.models import Chart, ClassClaim, GameStats, Score, Session, Song
from tachi.admin.read_only import CappedPaginator
from tests.factories import NOON, OPERATOR, make_chart, make_import, make_user, play
from tests.imports.admin.moderation import DAN, rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("moderator")]

LISTS = {
    name: reverse(f"admin:{name}_changelist")
    for name in (
        "scores_song",
        "scores_chart",
        "scores_score",
        "scores_session",
        "scores_personalbest",
        "scores_gamestats",
        "scores_classclaim",
    )
}
CLAIMS = LISTS["scores_classclaim"]
NONSENSE = [
    "user=nobody-at-all",
    "gpt=chess:Blitz",
    "game=chess",
    "import=x",
    "chart=%F0%9F%92%A9",
    "song=" + "9" * 5000,
    "song=eight",
    "session=Q12",
    "state=lost",
    "primary=maybe",
    "user=%00",
    "q=%00",
    "q=" + "9" * 5000,
    "q='%22",
    "p=999",
    "p=x",
    "o=99.-x",
    "nothing=1",
    "score_data__lamp__regex=(",
    "user__password__startswith=pbkdf",
    "_to_field=user",
]


def withdraw(client, *claims, **more):
    keys = [claim.pk for claim in claims]
    data = {"action": "withdraw", "_selected_action": keys, **more}
    return client.post(CLAIMS, data, follow=True).content.decode()


def make_played(username="", plays=1):
    """A player with an import of timed plays and a class."""
    user = make_user(username)
    charts = [make_chart() for _ in range(plays)]
    make_import(user, *(play(chart, time=NOON) for chart in charts), classes=DAN)
    return user


@pytest.mark.parametrize("page", LISTS)
def test_rows_are_looked_at_and_never_added_changed_or_deleted(client, page):
    user = make_played()
    row = rows(client.get(LISTS[page]))[0]
    change = reverse(f"admin:{page}_change", args=[row.pk])

    response = client.get(change)

    assert response.status_code == 200
    assert b'name="_save"' not in response.content
    assert b"<select" not in response.content
    assert client.post(change, {"user": user.pk}).status_code == 403
    delete = reverse(f"admin:{page}_delete", args=[row.pk])
    assert client.post(delete, {"post": "yes"}).status_code == 403
    assert client.get(reverse(f"admin:{page}_add")).status_code == 403
    assert b"delete_selected" not in client.get(LISTS[page]).content


@pytest.mark.parametrize("page", LISTS)
def test_a_list_costs_as_many_queries_for_many_rows_as_for_one(
    client, page, django_assert_num_queries, django_assert_max_num_queries
):
    make_played()
    with django_assert_max_num_queries(5) as few:
        client.get(LISTS[page])
    for _ in range(3):
        make_played(plays=3)

    with django_assert_num_queries(len(few)):
        assert len(rows(client.get(LISTS[page]))) >= 4


@pytest.mark.parametrize("page", LISTS)
def test_what_makes_no_sense_in_an_address_is_no_error(client, page):
    make_played()

    for query in NONSENSE:
        response = client.get(f"{LISTS[page]}?{query}", follow=True)
        assert response.status_code == 200, query


def test_an_address_that_is_not_understood_says_so(client):
    response = client.get(LISTS["scores_score"], {"lamp": "CLEAR"}, follow=True)

    assert "this is the whole list" in response.content.decode()


def test_scores_are_found_by_id(client):
    make_played(plays=3)
    score = Score.objects.order_by("pk")[1]

    found = client.get(LISTS["scores_score"], {"q": f" {score.score_id} "})

    assert rows(found) == [score]


@pytest.mark.parametrize("text", ["T12", "t" + "0" * 64, "Tzz", "Song", "%"])
def test_what_is_no_score_id_finds_no_score(client, text):
    make_played()

    assert rows(client.get(LISTS["scores_score"], {"q": text})) == []


def test_scores_are_narrowed_by_user_game_import_chart_and_session(client):
    user = make_played("wanted")
    make_played("other")
    score = Score.objects.get(user=user)
    narrow = {
        "user": "WANTED",
        "gpt": "sdvx:Single",
        "import": score.source_import.import_id,
        "chart": score.chart.chart_id,
        "session": score.session.session_id,
    }

    for name, value in narrow.items():
        found = rows(client.get(LISTS["scores_score"], {name: value}))
        assert len(found) == (2 if name == "gpt" else 1)
        assert score in found
    assert rows(client.get(LISTS["scores_score"], {"user": "want"})) == []


def test_the_list_of_sessions_is_narrowed_by_an_import_that_has_scores_in_them(client):
    user = make_played()
    make_played()
    later = make_import(user, play(make_chart(), time=NOON + 1))

    found = client.get(LISTS["scores_session"], {"import": later.import_id})

    assert rows(found) == [Session.objects.get(user=user)]
    assert rows(found)[0].score_count == 2


def test_times_are_dates_and_users_are_links(client):
    user = make_played("linked")
    change = reverse("admin:scores_score_change", args=[Score.objects.get().pk])

    page = client.get(change).content.decode()

    assert "2023-11-14 22:13:20 UTC" in page
    assert reverse("admin:accounts_user_change", args=[user.pk]) in page


def test_songs_are_found_by_title_artist_and_id(client):
    wanted = Song.objects.create(
        game="sdvx", song_id=70_123, title="Xyzzy", artist="Plugh"
    )
    make_chart()

    for text in ("xyz", "LUGH", "70123"):
        assert rows(client.get(LISTS["scores_song"], {"q": text})) == [wanted]
    assert rows(client.get(LISTS["scores_song"], {"q": "7012"})) == []


def test_charts_are_found_by_song_by_chart_id_and_by_in_game_id(client):
    make_chart()
    wanted = make_chart(data={"inGameID": 987_654})
    url = LISTS["scores_chart"]

    for text in (wanted.song.title, wanted.chart_id, "987654"):
        assert rows(client.get(url, {"q": text})) == [wanted]
    assert rows(client.get(url, {"song": wanted.song.song_id})) == [wanted]


def test_retired_charts_are_told_apart(client):
    listed, retired = make_chart(), make_chart()
    Chart.objects.filter(pk=retired.pk).update(retired_at="2026-01-02T03:04:05Z")
    url = LISTS["scores_chart"]

    assert rows(client.get(url, {"retired": "yes"})) == [retired]
    assert rows(client.get(url, {"retired": "no"})) == [listed]
    page = client.get(f"/admin/scores/chart/{retired.pk}/change/").content.decode()
    assert "2026-01-02 03:04:05 UTC" in page


def test_a_long_list_is_counted_up_to_a_limit(client, monkeypatch):
    monkeypatch.setattr(CappedPaginator, "max_count", 2)
    make_played(plays=5)

    assert client.get(LISTS["scores_score"]).context["cl"].result_count == 2


def test_claims_are_told_apart_by_what_became_of_them(client):
    for _ in range(4):
        make_played()
    live, review, withdrawn, both = ClassClaim.objects.order_by("pk")
    for claim in (review, both):
        revert_import(claim.source_import, OPERATOR)
    withdraw(client, withdrawn, both)

    def found(state):
        return set(rows(client.get(CLAIMS, {"state": state})))

    assert found("review") == {review}
    assert found("live") == {live, review}
    assert found("withdrawn") == {withdrawn, both}
    assert found("reverted") == {review, both}


def test_withdrawing_a_claim_takes_the_class_away(client):
    make_played()
    assert GameStats.objects.get().classes["dan"] == "DAN_5"

    page = withdraw(client, ClassClaim.objects.get())

    assert "Withdrew 1 class claim." in page
    assert "dan" not in GameStats.objects.get().classes
    assert ClassClaim.objects.get().withdrawn_at is not None


def test_a_claim_is_withdrawn_once(client):
    make_played()
    claim = ClassClaim.objects.get()
    withdraw(client, claim)

    page = withdraw(client, claim)
    assert "All of the selected class claims were withdrawn before." in page
    assert "Withdrew" not in page


def test_a_busy_player_is_waited_for_once_and_said_to_be_busy(client, monkeypatch):
    user = make_user()
    for _ in range(3):
        make_import(user, play(make_chart()), classes=DAN)
    asked = []

    def busy(claim, by):
        asked.append(claim)
        raise Busy("Another change of these scores is at work.")

    monkeypatch.setattr("scores.admin.classes.withdraw_claim", busy)

    page = withdraw(client, *ClassClaim.objects.all())

    assert page.count("Another change of these scores is at work.") == 3
    assert len(asked) == 1


def test_too_many_claims_at_once_are_refused(client, monkeypatch):
    monkeypatch.setattr("tachi.admin.read_only.MAX_ROWS", 1)
    for _ in range(2):
        make_played()

    page = withdraw(client, *ClassClaim.objects.all())

    assert "Select at most" in page
    assert not ClassClaim.objects.exclude(withdrawn_at=None).exists()


def test_who_may_only_look_may_not_withdraw(client, moderator):
    make_played()
    moderator.is_superuser = False
    moderator.save()
    moderator.user_permissions.add(Permission.objects.get(codename="view_classclaim"))

    page = client.get(CLAIMS).content.decode()
    withdraw(client, ClassClaim.objects.get())

    assert "Withdraw selected" not in page
    assert ClassClaim.objects.get().withdrawn_at is None


def test_keys_that_are_none_select_nothing(client):
    make_played()

    page = withdraw(client, _selected_action=["x", "9" * 30, "-1"])

    assert "must be selected" in page
    assert Import.objects.completed().count() == 1
