"""Signing in, notices, tokens, batches of one's own, wiping a profile."""

import re

import pytest
from django.urls import reverse

from imports.models import Import, RevertBatch, State
from imports.undo.revert import revert_import
from tachi.accounts.models import ApiToken, AuthLevel, User
from tachi.moderation.models import Notification
from tests.factories import (
    HOUR,
    NOON,
    make_chart,
    make_import,
    make_token,
    make_user,
    play,
)
from tests.imports.batches.making import asked

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse"
SIGN_IN, HOME = reverse("pages:sign_in"), reverse("pages:home")
NOTICES, TOKENS = reverse("pages:notices"), reverse("pages:tokens")
DRAFT, WIPE = reverse("pages:draft"), reverse("pages:wipe")
OWN_PASSWORD = reverse("pages:password")
FOR_OWNERS = (NOTICES, TOKENS, DRAFT, WIPE, OWN_PASSWORD)


@pytest.fixture
def player():
    return make_user("player_1", PASSWORD)


@pytest.fixture
def owner(client, player):
    client.force_login(player)
    return client


def text_of(answer):
    return answer.content.decode()


def enter(client, name="player_1", password=PASSWORD, **more):
    return client.post(SIGN_IN, {"username": name, "password": password, **more})


def make_imports(user, count):
    chart = make_chart()
    return [
        make_import(user, play(chart, 9_000_000 + n, NOON + n * 9 * HOUR))
        for n in range(count)
    ]


def test_who_comes_by_is_told_what_this_is(client):
    said = text_of(client.get(HOME))

    assert "undone" in said
    assert said.count("/cdn/game-banners/") == 17
    assert "file/batch-manual" in said
    assert SIGN_IN in said


@pytest.mark.parametrize("page", FOR_OWNERS)
def test_a_guest_signs_in_and_comes_back(client, player, page):
    answer = client.get(page)
    assert answer.url == f"{SIGN_IN}?next={page}"
    assert enter(client, next=page).url == page
    assert client.get(page).status_code == 200


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "javascript:1", ""]
)
def test_nobody_is_led_to_another_site(client, player, elsewhere):
    assert enter(client, next=elsewhere).url == HOME


def test_all_who_do_not_get_in_are_told_the_same(client, player):
    make_user("banned_1", PASSWORD, auth_level=AuthLevel.BANNED)
    make_user("not_active", PASSWORD, is_active=False)
    make_user("no_password")
    said = set()
    for name, word in (
        ("player_1", "wrong one"),
        ("nobody_here", PASSWORD),
        ("banned_1", PASSWORD),
        ("not_active", PASSWORD),
        ("no_password", PASSWORD),
    ):
        answer = enter(client, name, word)
        assert answer.status_code == 200
        said.add(str(answer.context["form"].non_field_errors()))
    assert len(said) == 1


def test_attempts_count_together_with_those_of_the_api(client, api, player):
    for _ in range(8):
        enter(client, password="wrong one")
        sent = {"username": "player_1", "!password": "wrong one", "captcha": "x"}
        api.post("/api/v1/auth/login", sent)

    answer = enter(client)

    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert "too many attempts" in text_of(answer)


def test_signing_out_is_a_post(owner):
    assert owner.get(reverse("pages:sign_out")).status_code == 405
    assert owner.post(reverse("pages:sign_out")).url == HOME
    assert owner.get(TOKENS).status_code == 302


@pytest.mark.parametrize("page", FOR_OWNERS)
def test_a_ban_closes_the_pages_at_once(owner, player, page):
    User.objects.update(auth_level=AuthLevel.BANNED)
    for answer in (owner.get(page), owner.post(page, {"act": "delete-all"})):
        assert answer.status_code == 403
        assert "You are banned" in text_of(answer)
    assert "latest imports" not in text_of(owner.get(HOME))


def test_a_player_in_the_admin_is_told_where_his_pages_are(owner):
    said = text_of(owner.get(reverse("admin:index"), follow=True))
    assert "These pages are for moderators" in said


def test_ones_own_password_is_changed_and_attempts_are_counted(owner, player):
    new = "battery staple 7"
    sent = {"new_password1": new, "new_password2": new}
    assert (
        owner.post(OWN_PASSWORD, {**sent, "old_password": "wrong"}).status_code == 200
    )
    assert User.objects.get().check_password(PASSWORD)
    assert owner.post(OWN_PASSWORD, {**sent, "old_password": PASSWORD}).url
    assert User.objects.get().check_password(new)
    answers = [owner.post(OWN_PASSWORD, sent).status_code for _ in range(20)]
    assert answers[-1] == 429


def test_a_token_is_shown_once_and_is_nowhere_else(owner, api, player):
    sent = {"identifier": "my hook", "permissions": ["submit_score"]}

    said = text_of(owner.post(TOKENS, sent))

    [secret] = re.findall(r"\b[0-9a-f]{40}\b", said)
    assert api.get("/api/v1/status", token=secret).json()["body"]["whoami"] == player.pk
    assert secret not in text_of(owner.get(TOKENS))
    assert secret not in str(dict(owner.session))
    assert ApiToken.objects.get().permissions == ["submit_score"]


@pytest.mark.parametrize(
    "sent", [{}, {"identifier": "x"}, {"identifier": "x", "permissions": ["all"]}]
)
def test_a_token_that_makes_no_sense_is_not_made(owner, sent):
    owner.post(TOKENS, sent)
    assert not ApiToken.objects.exists()


def test_a_token_is_revoked_by_its_owner_only(owner, player):
    make_token(player, "submit_score")
    make_token(make_user(), "submit_score")
    own, other = ApiToken.objects.order_by("pk")
    for token, status in ((own, 302), (other, 404)):
        page = reverse("pages:revoke_token", args=[token.pk])
        assert owner.post(page).status_code == status
    assert list(ApiToken.objects.live()) == [other]


def test_everything_a_token_sent_is_reverted_and_restored(owner, player, settings):
    settings.IMPORT_INLINE = True
    make_token(player, "submit_score")
    token = ApiToken.objects.get()
    sent, other = make_imports(player, 3), make_imports(player, 1)
    Import.objects.filter(pk__in=[each.pk for each in sent]).update(token=token)

    page = owner.post(DRAFT, {"token": token.prefix}).url
    said = owner.get(page)
    assert "Revert 3 imports" in text_of(said)
    batch = RevertBatch.objects.get()
    wrong = {"verb": "confirm", "fingerprint": "other", "imports": 3}
    owner.post(page, wrong)
    assert not Import.objects.reverted().exists()

    owner.post(page, {**wrong, "fingerprint": batch.fingerprint})
    assert Import.objects.reverted().count() == 3
    assert Import.objects.get(pk=other[0].pk).state == State.COMPLETED
    owner.get(page)
    owner.post(page, {"verb": "restore"})
    assert not Import.objects.reverted().exists()
    assert "restored" in text_of(owner.get(page))
    assert not Notification.objects.exists()


def test_nobody_drafts_what_is_not_his(owner, player):
    stranger = make_user()
    [theirs] = make_imports(stranger, 1)
    make_imports(player, 1)
    make_token(stranger, "submit_score")
    token = ApiToken.objects.get()
    from imports.batches.own import draft_own
    from imports.filters import BadFilter

    for sent in ({}, {"import": theirs.import_id}, {"token": token.prefix}):
        assert owner.post(DRAFT, sent).status_code in (200, 400)
    with pytest.raises(BadFilter):
        draft_own(player, asked(player), filters={"token": token.prefix})
    assert not RevertBatch.objects.exists()
    by_name = {"game": "sdvx", "user": stranger.username}
    draft_own(player, asked(player), filters=by_name)
    assert set(RevertBatch.objects.get().players.values_list("user", flat=True)) == {
        player.pk
    }


def test_nobody_sees_or_moves_the_batch_of_another(owner, player, client):
    make_imports(player, 1)
    page = owner.post(DRAFT, {"game": "sdvx"}).url
    client.force_login(make_user(is_staff=True, is_superuser=True))
    assert client.get(page).status_code == 404
    assert client.post(page, {"verb": "cancel"}).status_code == 404
    assert RevertBatch.objects.get().state == "draft"


def test_notices_say_what_happened_and_are_read(owner, player):
    boss = make_user("boss")
    [import_] = make_imports(player, 1)
    batch = RevertBatch.objects.create(created_by=boss, origin="admin")
    by = asked(boss, "a broken client")
    revert_import(import_, type(by)(boss, "admin", by.reason, batch))
    notice = Notification.objects.get()
    said = text_of(owner.get(NOTICES))
    assert "Reason: a broken client." in said
    assert reverse("pages:import", args=[import_.import_id]) in said

    owner.post(NOTICES, {"act": "read", "notice": notice.notif_id})
    assert Notification.objects.get().read
    other = Notification.objects.create(user=boss, kind="reverted", about="x")
    answer = owner.post(NOTICES, {"act": "read", "notice": other.notif_id})
    assert answer.status_code == 404
    assert not Notification.objects.get(pk=other.pk).read


def test_a_profile_is_wiped_with_the_password(owner, player, settings):
    settings.IMPORT_INLINE = True
    make_imports(player, 2)
    sent = {"profile": "sdvx:Single", "password": "wrong one"}
    assert owner.post(WIPE, sent).status_code == 403
    assert not Import.objects.reverted().exists()

    page = owner.post(WIPE, {**sent, "password": PASSWORD}).url

    assert Import.objects.reverted().count() == 2
    assert "Wiping 2 imports" in text_of(owner.get(page))


@pytest.mark.parametrize("page", [HOME, NOTICES, TOKENS, DRAFT])
def test_no_page_asks_for_each_row(owner, player, page, django_assert_max_num_queries):
    for n in range(12):
        make_token(player, "submit_score")
        Notification.objects.create(user=player, kind="reverted", about=str(n))
    make_imports(player, 4)
    with django_assert_max_num_queries(10):
        assert owner.get(page).status_code == 200
