from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from imports.models import Import, Orphan, Revert, State
from imports.undo.revert import revert_import
from tachi.accounts.models import ApiToken
from tests.factories import (
    NOON,
    OPERATOR,
    make_chart,
    make_import,
    make_row,
    make_token,
    make_user,
    play,
)
from tests.imports.admin.moderation import (
    DAN,
    IMPORTS,
    confirm,
    detail_page,
    found,
    may_only,
    rows,
    send_one,
    state,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("moderator")]

ORPHANS = reverse("admin:imports_orphan_changelist")
REVERTS = reverse("admin:imports_revert_changelist")
PAGES = ["imports_import", "imports_orphan", "imports_revert"]
NONSENSE = [
    "user=nobody-at-all",
    "game=chess",
    "type=paper",
    "state=lost",
    "token=%00",
    "agent=%00",
    "since=tomorrow",
    "since=2025-13-45",
    "until=0001-01-01T00:00%2B14:00",
    "until=9999-12-31T23:59-14:00",
    "import=%F0%9F%92%A9",
    "player=nobody",
    "by=nobody",
    "origin=heaven",
    "restored=maybe",
    "q=%00",
    "q=xyz",
    "q='%22",
    "p=999",
    "o=99.-x",
    "errors__0__regex=(",
    "user__password__startswith=pbkdf",
]


@pytest.mark.parametrize("page", PAGES)
def test_rows_are_looked_at_and_never_added_changed_or_deleted(client, page):
    revert_import(make_import(make_user(), play(make_chart())), OPERATOR)
    make_import(make_user(), play(99_999))
    url = reverse(f"admin:{page}_changelist")
    row = rows(client.get(url))[0]
    change = reverse(f"admin:{page}_change", args=[row.pk])

    response = client.get(change)

    assert response.status_code == 200
    assert b'name="_save"' not in response.content
    assert b"<select" not in response.content
    assert client.post(change, {}).status_code == 403
    delete = reverse(f"admin:{page}_delete", args=[row.pk])
    assert client.post(delete, {"post": "yes"}).status_code == 403
    assert client.get(reverse(f"admin:{page}_add")).status_code == 403
    assert b"delete_selected" not in client.get(url).content


@pytest.mark.parametrize("page", PAGES)
def test_a_list_costs_as_many_queries_for_many_rows_as_for_one(
    client, page, django_assert_num_queries, django_assert_max_num_queries
):
    url = reverse(f"admin:{page}_changelist")

    def happen():
        user, token = make_user(), make_token(make_user())
        sent = {"token": ApiToken.objects.get(prefix=token[:8])}
        revert_import(send_one(user, **sent), OPERATOR)
        make_import(user, play(99_999))

    happen()
    with django_assert_max_num_queries(5) as few:
        client.get(url)
    for _ in range(3):
        happen()

    with django_assert_num_queries(len(few)):
        assert len(rows(client.get(url))) >= 4


@pytest.mark.parametrize("page", PAGES)
def test_what_makes_no_sense_in_an_address_is_no_error(client, page):
    revert_import(make_import(make_user(), play(99_999)), OPERATOR)
    url = reverse(f"admin:{page}_changelist")

    for query in NONSENSE:
        response = client.get(f"{url}?{query}", follow=True)
        assert response.status_code == 200, query


def test_a_time_that_is_none_finds_nothing_and_says_so(client):
    send_one(make_user())

    response = client.get(IMPORTS, {"since": "tomorrow"})

    assert rows(response) == []
    assert "is no time" in response.content.decode()


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("user", "nobody", "There is no user"),
        ("game", "chess", "Game cannot be"),
        ("agent", " ", None),
    ],
)
def test_a_filter_that_means_nothing_finds_nothing_and_an_empty_box_is_no_filter(
    client, name, value, text
):
    send_one(make_user())

    response = client.get(IMPORTS, {name: value})

    assert len(rows(response)) == (0 if text else 1)
    assert (text or "") in response.content.decode()


def test_imports_are_narrowed_by_everything_that_an_incident_is_known_by(client):
    user, secret = make_user("wanted"), make_token(make_user())
    token = ApiToken.objects.get(prefix=secret[:8])
    wanted = send_one(
        user, token=token, user_agent="barbatos/1.2 (Linux)", user_intent=True
    )
    other = send_one(make_user("other"))
    Import.objects.filter(pk=other.pk).update(
        game="museca",
        import_type="ir/direct-manual",
        service="elsewhere",
        state=State.CANCELLED,
        received_at=timezone.now() - timedelta(days=9),
    )
    yesterday = timezone.now() - timedelta(days=1)
    for filters in (
        {"user": "Wanted"},
        {"type": "file/batch-manual"},
        {"game": "sdvx"},
        {"service": "tests"},
        {"state": "completed"},
        {"token": secret[:8]},
        {"token": secret},
        {"agent": "BARBATOS"},
        {"intent": "yes"},
        {"since": f"{yesterday:%Y-%m-%d %H:%M}"},
        {"q": wanted.import_id},
        {"q": wanted.import_id[:10].upper()},
        {"user": "wanted", "game": "sdvx", "agent": "1.2"},
    ):
        assert found(client, **filters) == [wanted], filters
    assert found(client, until=f"{yesterday:%Y-%m-%d}") == [other]
    assert found(client, user="wanted", state="cancelled") == []
    assert found(client) == [other, wanted]
    assert found(client, hasErrors="yes") == []


def test_no_list_of_users_or_tokens_is_drawn(client):
    for number in range(3):
        make_token(make_user(f"bystander_{number}"))
    send_one(make_user("sender"))

    assert "bystander" not in client.get(IMPORTS).content.decode()


def test_the_page_of_an_import_tells_all_and_leads_on(client):
    user = make_user("sender")
    import_ = make_import(
        user, play(make_chart(), time=NOON), play(99_999), classes=DAN
    )

    page = detail_page(client, import_)

    assert "1 imported" in page
    assert "1 orphaned" in page
    assert "SongOrChartNotFound" in page
    assert reverse("admin:accounts_user_change", args=[user.pk]) in page
    for name in ("scores_score", "scores_session", "imports_orphan"):
        assert f"{reverse(f'admin:{name}_changelist')}?import={import_}" in page
    for name in ("scores_classclaim", "imports_revert"):
        assert f"{reverse(f'admin:{name}_changelist')}?import={import_}" in page
    assert f"/api/v1/imports/{import_}" in page


def test_every_link_on_the_page_of_an_import_leads_somewhere(client):
    import_ = make_import(make_user(), play(make_chart(), time=NOON), play(99_999))

    hrefs = [
        part.split('"')[0] for part in detail_page(client, import_).split('href="')
    ]

    for href in {href for href in hrefs[1:] if href.startswith(("/admin/", "/api/"))}:
        assert client.get(href.replace("&amp;", "&")).status_code == 200, href


def test_errors_that_all_differ_are_one_line_with_examples(client):
    import_ = make_import(make_user(), *(play(90_000 + each) for each in range(130)))

    page = detail_page(client, import_)

    assert "130 different messages." in page
    assert "rows 1–130" in page
    assert page.count("<li>Row ") == 5


def test_a_failed_import_tells_operators_what_users_are_not_told(client):
    import_ = send_one(make_user())
    Import.objects.filter(pk=import_.pk).update(
        state=State.FAILED, error_text="It failed.", error_detail="ZeroDivisionError"
    )

    page = detail_page(client, import_)

    assert "It failed." in page
    assert "ZeroDivisionError" in page
    assert f"/api/v1/imports/{import_}" not in page


def test_an_import_that_runs_says_how_far_it_is(client):
    import_ = make_row(state=State.RUNNING, attempts=2, delays=7)
    said = {"description": "Matching charts.", "done": 500, "total": 60_000}
    Import.objects.filter(pk=import_.pk).update(**said)
    page = detail_page(client, import_)
    assert "Matching charts." in page
    assert ": 500 of 60,000</span>" in page
    assert '<progress aria-label="Progress" value="0" max="100">' in page
    assert '<dd class="delays">7</dd>' in page

    Import.objects.filter(pk=import_.pk).update(state=State.CANCELLED)
    assert "Matching charts." not in detail_page(client, import_)


def test_who_may_only_look_sees_no_actions_and_can_do_nothing(client, moderator):
    import_, reverted = send_one(make_user()), send_one(make_user())
    revert_import(reverted, OPERATOR)
    may_only(moderator, "view_import")

    for page in (
        client.get(IMPORTS).content.decode(),
        detail_page(client, import_),
        detail_page(client, reverted),
    ):
        assert 'value="revert"' not in page
        assert 'value="restore"' not in page
    confirm(client, "revert", import_)
    confirm(client, "restore", reverted)
    assert (state(import_), state(reverted)) == (State.COMPLETED, State.REVERTED)


def test_the_permission_for_a_verb_is_enough_to_do_that_and_nothing_else(
    client, moderator
):
    import_ = send_one(make_user())
    may_only(moderator, "revert_import")

    assert IMPORTS in client.get("/admin/").content.decode()
    assert 'value="revert"' in detail_page(client, import_)
    confirm(client, "revert", import_)
    assert state(import_) == State.REVERTED
    assert 'value="restore"' not in detail_page(client, import_)
    confirm(client, "restore", import_)
    assert state(import_) == State.REVERTED

    may_only(moderator, "restore_import")
    assert 'value="restore"' in detail_page(client, import_)
    confirm(client, "restore", import_)
    assert state(import_) == State.COMPLETED
    confirm(client, "revert", import_)
    assert state(import_) == State.COMPLETED
    assert Revert.objects.get().restored_by == moderator


def test_players_do_not_get_in(client):
    client.force_login(make_user())

    assert client.get(IMPORTS).status_code == 302


def test_orphans_are_found_by_user_game_import_and_id(client):
    import_ = make_import(make_user("wanted"), play(99_999))
    make_import(make_user(), play(99_998))
    orphan = Orphan.objects.get(source_import=import_)

    for filters in (
        {"user": "wanted"},
        {"import": import_.import_id},
        {"q": orphan.orphan_id},
    ):
        assert found(client, ORPHANS, **filters) == [orphan]
    assert len(found(client, ORPHANS, game="sdvx")) == 2


def test_reverts_are_found_by_who_why_whose_and_when(client, moderator):
    today = f"{timezone.now():%Y-%m-%d}"
    wanted, other = send_one(make_user("wanted")), send_one(make_user())
    confirm(client, "revert", wanted, reason="Broken scale")
    revert_import(other, OPERATOR)
    confirm(client, "restore", other)
    revert = Revert.objects.get(of_import=wanted)

    for filters in (
        {"player": "wanted"},
        {"by": "boss"},
        {"origin": "admin"},
        {"restored": "no"},
        {"import": wanted.import_id},
        {"q": "scale"},
    ):
        assert found(client, REVERTS, **filters) == [revert], filters
    assert len(found(client, REVERTS, since=today)) == 2
    assert found(client, REVERTS, until=today) == []


def test_what_a_revert_keeps_for_a_restore_is_not_shown(client):
    import_ = send_one(make_user())
    revert_import(import_, OPERATOR)
    url = reverse("admin:imports_revert_change", args=[Revert.objects.get().pk])

    page = client.get(url).content.decode()

    assert "snapshot" not in page.lower().split("content-main")[1]
    assert "a test" in page
