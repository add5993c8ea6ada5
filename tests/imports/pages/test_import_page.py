"""The page of an import, its rows, and what its player may do there."""

import pytest
from django.utils import timezone

from imports.models import Import, Revert, State
from tests.factories import NOON, make_chart, make_import, make_row, make_user, play
from tests.imports.pages.site_pages import IMPORTS, page_of, text_of, told

pytestmark = pytest.mark.django_db


def mixed(owner, charts):
    """An earlier import, and one with new, held, orphaned and rejected rows."""
    first = make_import(owner, play(charts[0]))
    return first, make_import(
        owner,
        play(charts[0]),
        play(charts[1], time=NOON, score=9_876_543),
        play(99_999),
        play(charts[2], time=2 * NOON),  # it is still to come
        classes={"dan": "DAN_5"},
    )


def test_an_import_says_what_came_of_it(client, owner, charts):
    first, import_ = mixed(owner, charts)
    answer = client.get(page_of(import_))
    said = text_of(answer)

    for part in ("1 new", "1 held", "1 orphaned", "1 rejected"):
        assert part in said
    assert page_of(first).encode() in answer.content
    assert "row 4" in said
    assert "99999" in said  # what the orphan lacks
    assert charts[1].song.title in said
    assert "EXH 17" in said
    assert "9,876,543" in said
    assert "CLEAR" in said
    assert "5th Dan" in said
    assert "Sessions" in said
    assert f"/api/v1{page_of(import_)}rows.csv".encode() in answer.content


def test_my_import_does_nothing_and_says_why(client, owner, charts):
    first = make_import(owner, *map(play, charts))
    again = make_import(owner, *map(play, charts))

    answer = client.get(page_of(again))
    assert "Nothing new: all 3 scores are held by import" in text_of(answer)
    assert text_of(answer).count("Nothing new") == 1
    assert f'href="{page_of(first)}"'.encode() in answer.content
    assert "No score is its own" in text_of(answer)


def test_many_rejected_rows_are_few_lines(client, owner, charts):
    wrong = [play(charts[0], time=2 * NOON) for _ in range(300)]
    import_ = make_import(owner, *wrong)
    answer = client.get(page_of(import_))
    assert "rows 1–300" in text_of(answer)
    assert answer.content.count(b"<tr>") < 40


def test_all_rows_are_listed_in_pages_and_by_outcome(client, owner, charts):
    first, import_ = mixed(owner, charts)
    rows = page_of(import_, "rows")
    assert "99999" in told(client, rows)
    held = client.get(f"{rows}?outcome=held")
    assert page_of(first).encode() in held.content
    assert "rejected (1)" in text_of(held)
    assert "99999" not in text_of(held)

    many = make_import(owner, *(play(100_000 + n) for n in range(60)))
    page = client.get(page_of(many, "rows"))
    assert "100049" in text_of(page)
    assert "100050" not in text_of(page)
    assert "100050" in told(client, f"{page_of(many, 'rows')}?after=49")


def test_others_see_what_the_api_shows_to_anybody(client, owner, charts):
    _, import_ = mixed(owner, charts)
    client.logout()
    for visitor in (None, make_user()):
        if visitor:
            client.force_login(visitor)
        answer = client.get(page_of(import_))
        assert charts[1].song.title in text_of(answer)
        assert b"Revert" not in answer.content
        assert "matchType" not in told(client, page_of(import_, "rows"))
    assert client.get(page_of(import_, "revert")).status_code == 403
    assert client.post(page_of(import_, "revert")).status_code == 403
    assert client.post(page_of(import_, "cancel")).status_code == 403
    assert client.post(page_of(import_, "retry")).status_code == 403
    assert Import.objects.completed().count() == 2
    client.force_login(owner)
    assert "matchType" in told(client, page_of(import_, "rows"))

    client.post(page_of(import_, "revert"))
    client.force_login(visitor)
    assert client.get(page_of(import_)).status_code == 404
    assert client.get(page_of(import_, "restore")).status_code == 404


def test_what_is_not_there_is_said_in_the_frame(client, owner):
    for path in ("/imports/nothing/", "/imports/x/rows/", "/no/such/page", "/admin/x"):
        answer = client.get(path)
        if path != "/admin/x":
            assert answer.status_code == 404
            assert "There is nothing here" in text_of(answer)
            assert b"</nav>" in answer.content
    assert client.get("/api/v1/nothing").json()["success"] is False


def test_a_bug_is_told_with_its_id_and_without_the_database(
    client, owner, monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr("imports.pages.listing.list_context", lambda request: 1 / 0)
    client.raise_request_exception = False
    answer = client.get(IMPORTS)
    assert answer.status_code == 500
    assert "fault of the site" in text_of(answer)
    assert answer["X-Request-ID"] in text_of(answer)


def test_a_queued_import_is_cancelled_once(client, owner):
    import_ = make_row(owner)
    answer = client.post(page_of(import_, "cancel"), follow=True)
    assert "Nothing of it was stored." in text_of(answer)
    import_.refresh_from_db()
    assert import_.state == State.CANCELLED

    again = client.post(page_of(import_, "cancel"), follow=True)
    assert "was cancelled already" in text_of(again)


def test_who_was_banned_is_not_left_waiting(client, owner):
    import_ = make_row(make_user(auth_level=0))
    answer = client.get(page_of(import_))
    assert "because its user is banned" in text_of(answer)
    assert b"data-poll" not in answer.content


def test_what_failed_by_a_fault_of_the_site_is_run_again(
    client, owner, charts, monkeypatch
):
    from tests.factories import document, send

    import_ = send(owner, document(play(charts[0])))
    Import.objects.filter(pk=import_.pk).update(
        state=State.FAILED, error_status=500, error_text="An internal error."
    )
    assert "An internal error." in told(client, IMPORTS)
    assert b"Run it again" in client.get(page_of(import_)).content

    answer = client.post(page_of(import_, "retry"), follow=True)
    assert "1 new" in text_of(answer)
    again = client.post(page_of(import_, "retry"), follow=True)
    assert "It cannot be retried" in text_of(again)


def test_a_list_says_what_every_import_came_to(client, owner, charts):
    _, import_ = mixed(owner, charts)
    failed = make_row(owner, state=State.FAILED, error_text="It broke.\nHere.")
    make_import(make_user(), play(make_chart()))
    client.post(page_of(import_, "revert"))

    said = told(client, IMPORTS)
    assert "1 new · 1 held · 1 orphaned · 1 rejected" in said
    assert "It broke." in said
    assert "Here." not in said
    assert "Restore" in said
    assert client.get(IMPORTS).content.count(b">Open<span") == 3

    reverted = client.get(f"{IMPORTS}?state=reverted")
    assert page_of(import_).encode() in reverted.content
    assert page_of(failed).encode() not in reverted.content
    assert "None of your imports" in told(client, f"{IMPORTS}?game=iidx")
    assert "The game cannot be 'x'." in told(client, f"{IMPORTS}?game=x")
    assert "cannot be 'x'" in told(client, f"{IMPORTS}?state=x")


def test_a_guest_has_no_list(client, db):
    for path in (IMPORTS, "/orphans/"):
        assert client.get(path).url == f"/sign-in/?next={path}"


def test_what_is_reverted_too_long_ago_offers_no_restore(client, owner, charts):
    import_ = make_import(owner, play(charts[0]))
    client.post(page_of(import_, "revert"))
    Revert.objects.update(
        reverted_at=timezone.now() - timezone.timedelta(days=99), snapshot=None
    )
    assert "Restore" not in told(client, IMPORTS)
    said = told(client, page_of(import_))
    assert "cannot be restored" in said
    assert "Restore…" not in said
    answer = client.get(page_of(import_, "restore"), follow=True)
    assert "more than 30 days ago" in text_of(answer)
