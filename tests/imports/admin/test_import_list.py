"""The list of imports: what a row says, how it is narrowed down, what *all* means."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from imports.admin.import_list import client_of
from imports.models import Import, RevertBatch, State
from imports.undo.restore import restore_import
from imports.undo.revert import revert_import
from tests.factories import (
    OPERATOR,
    make_chart,
    make_import,
    make_row,
    make_user,
    play,
)
from tests.imports.admin.moderation import IMPORTS, ask, confirm, found, may_only, state

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("moderator")]

CELL = re.compile(r'<t[hd][^>]*class="field-(\w+)[^"]*"[^>]*>(.*?)</t[hd]>', re.DOTALL)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
SAID = "No lamp “X”.\nThe rest."
WRONG = {"type": "InvalidDatapoint", "message": SAID, "position": 0}
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"
CHROME = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/138.0.0.0 Safari/537.36"
)


def make_iidx(playtype):
    data = {"notecount": 786, "inGameID": 1000}
    return make_chart("iidx", playtype, difficulty="ANOTHER", data=data)


def texts(client, **filters):
    """The rows of the list, each as the texts of its cells by column."""
    page = client.get(IMPORTS, filters).content.decode().split("<tbody>")[-1]
    return [
        {name: shown(cell) for name, cell in CELL.findall(row)}
        for row in page.split("<tr>")[1:]
    ]


def shown(cell):
    return html.unescape(" ".join(re.sub("<[^>]*>", " ", cell).split()))


def done(**fields):
    """A completed import of which only the row is there."""
    said = {"state": State.COMPLETED, "sequence": Import.objects.count() + 1}
    return make_row(**{"game": "sdvx", **said, **fields})


def test_a_row_says_what_decides(client):
    received = timezone.now() - timedelta(hours=3, minutes=10)
    import_ = done(
        user=make_user("player_one"),
        received_at=received,
        counts={"imported": 29, "held": 60, "rejected": 4282, "total": 4371},
        errors=[WRONG],
        service="Barbatos",
        user_agent="barbatos/1.2 (Linux)",
    )

    assert texts(client) == [
        {
            "short_id": f"{import_.import_id[:12]}…",
            "state": "Completed",
            "user": "player_one",
            "received": "3 hours ago",
            "game": "sdvx Single file/batch-manual",
            "result": "29 in · 60 held · 4,282 rejected",
            "client": "Barbatos barbatos/1.2",
            "error": "No lamp “X”.",
        }
    ]
    page = client.get(IMPORTS).content.decode()
    assert '<span class="badge good">Completed</span>' in page
    assert f'title="{received.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"' in page
    assert 'title="barbatos/1.2 (Linux)"' in page
    assert f"/admin/imports/import/{import_.pk}/change/" in page


def test_a_failed_import_says_the_first_line_of_why(client):
    make_row(state=State.FAILED, error_text="Line 3 has 14 columns.\nAnd so on.")

    (row,) = texts(client)

    assert (row["state"], row["error"]) == ("Failed", "Line 3 has 14 columns.")
    assert row["result"] == "-"


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({"imported": 1, "held": 0, "total": 1}, "1 in"),
        ({"orphaned": 2, "blocked": 3, "total": 5}, "2 orphaned · 3 blocked"),
        ({"imported": 12_345, "total": 12_345}, "12,345 in"),
        ({"imported": 0, "total": 0}, "no scores"),
        ({}, "-"),
    ],
)
def test_only_what_there_is_is_counted(client, counts, said):
    done(counts=counts)

    assert texts(client)[0]["result"] == said


def test_a_running_import_says_how_far_it_is(client):
    make_row(state=State.RUNNING, done=500, total=60_000)

    assert texts(client)[0]["result"] == "500 of 60,000 done"


@pytest.mark.parametrize(
    ("agent", "short"),
    [
        ("barbatos/1.2 (Linux)", "barbatos/1.2"),
        (FIREFOX, "Firefox/140.0"),
        (CHROME, "Chrome/138.0.0.0"),
        ("(only a comment)", "(only a comment)"),
        ("", ""),
    ],
)
def test_a_client_is_said_in_short(agent, short):
    assert client_of(agent) == short


def test_long_clients_are_told_apart_by_both_ends():
    agents = [
        f"{name}-of-a-very-long-name-indeed-that-goes-on/{version}"
        for name in ("one", "two")
        for version in ("1.0", "1.1")
    ]

    assert len({client_of(agent) for agent in agents}) == len(agents)
    assert max(len(client_of(agent)) for agent in agents) < 40


def test_a_row_says_the_playtypes_that_the_filter_finds_it_by(client):
    """Named by the document, by scores that it holds, or by those of other imports."""
    user, single, double = (
        make_user(),
        *(make_iidx(of) for of in ("SP", "DP")),
    )
    named = make_import(
        user, play(single, 1000, lamp="CLEAR"), game="iidx", playtype="SP"
    )
    holds, held = (
        make_import(user, play(double, 1000), game="iidx", playtype="DP")
        for _ in range(2)
    )
    unknown = done(game="iidx")
    failed = make_row(game="iidx", state=State.FAILED)
    Import.objects.filter(pk__in=[holds.pk, held.pk]).update(context={})

    rows = {row["short_id"]: row["game"].split()[:2] for row in texts(client)}

    assert rows[f"{named.import_id[:12]}…"] == ["iidx", "SP"]
    for playtype in ("SP", "DP"):
        narrowed = found(client, playtype=playtype)
        for each in (named, holds, held, unknown, failed):
            shows = rows[f"{each.import_id[:12]}…"][1] == playtype
            assert shows == (each in narrowed), (each.pk, playtype)
    assert held in found(client, playtype="DP")


def test_the_page_costs_as_many_queries_for_fifty_rows_of_all_kinds_as_for_one(
    client, django_assert_num_queries, django_assert_max_num_queries
):
    def happen():
        for each in ({}, {"game": "iidx"}, {"game": "gitadora", "errors": [WRONG]}):
            done(user=make_user(), counts={"rejected": 1, "total": 1}, **each)

    happen()
    with django_assert_max_num_queries(8) as few:
        client.get(IMPORTS)
    for _ in range(16):
        happen()

    with django_assert_num_queries(len(few)):
        assert len(texts(client)) == 50


def test_imports_are_found_by_who_reverted_them_restored_or_not(client, moderator):
    imports = [make_import(make_user(), play(make_chart())) for _ in range(4)]
    for each in imports[:2]:
        confirm(client, "revert", each)
    restore_import(imports[0], OPERATOR)
    revert_import(imports[2], OPERATOR)

    assert set(found(client, revertedBy="Boss")) == set(imports[:2])
    assert found(client, revertedBy="boss", state="reverted") == [imports[1]]


def test_a_preset_is_a_link_that_keeps_the_other_filters_and_says_if_it_is_in_use(
    client,
):
    query = {"user": "x", "until": "now", "since": "today", "p": "3", "o": "1"}
    page = client.get(IMPORTS, query).content.decode()

    links = dict(re.findall(r'<a href="(\?[^"]*)"[^>]*>([^<]*)</a>', page))
    presets = {label: html.unescape(url) for url, label in links.items()}

    assert presets["Last hour"] == "?user=x&since=1+hour+ago&o=1"
    assert presets["Any time"] == "?user=x&o=1"
    assert 'aria-current="true">Today' not in page
    page = client.get(IMPORTS, {"user": "x", "since": "today"}).content.decode()
    assert 'aria-current="true">Today' in page


@pytest.mark.parametrize("preset", ["1 hour ago", "today", "7 days ago"])
def test_a_preset_finds_what_is_new_and_nothing_old(client, preset):
    new, old = make_row(), make_row()
    Import.objects.filter(pk=old.pk).update(received_at=LONG_AGO)

    assert found(client, since=preset) == [new]


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("user", "nobody", "There is no user &#x27;nobody&#x27;."),
        ("revertedBy", "nobody", "There is no user “nobody”."),
        ("token", "abcd", "There is no API token"),
        ("since", "tomorrow", "“tomorrow” is no time"),
        ("state", "lost", "State cannot be “lost”."),
        ("playtype", "Triple", "Playtype cannot be “Triple”."),
        ("hasErrors", "no", "Has errors cannot be “no”."),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_at_the_top(
    client, name, value, text
):
    make_row(make_user("somebody"))
    page = client.get(IMPORTS, {name: value, "agent": ""}).content.decode()

    assert "<tbody>" not in page
    top, form = page.split('<details class="filters" open>')
    assert text in top
    beside = form.split(f'name="{name}"')[1].split("</div>")[0]
    assert 'aria-invalid="true"' in beside
    assert f'id="filter-{name}-problem">{text}' in beside
    assert value in beside  # so that what is sent next selects no more
    assert page.count('aria-invalid="true"') == 1


def test_all_of_a_list_is_what_its_filters_show_and_the_page_that_asks_says_so(client):
    wanted = [make_row(make_user("one"), game="iidx")]
    wanted.append(make_row(wanted[0].user, game="iidx"))
    others = [make_row(wanted[0].user, game="sdvx"), make_row(game="iidx")]
    ended = done(user=wanted[0].user, game="iidx")
    url = f"{IMPORTS}?user=one&game=iidx&since=2+hours+ago&o=&playtype="

    page = ask(client, "cancel", others[0], url=url, select_across="1")
    text = shown(page.content.decode())

    said = "user one, received since 2 hours ago, game iidx."
    assert f"All 3 imports that match: {said}" in text
    assert "1 of the selected imports is in another state" in text
    keys = {each.pk for each in page.context["rows"]}
    assert keys == {each.pk for each in wanted}
    confirm(client, "cancel", *wanted)
    assert [state(each) for each in wanted] == [State.CANCELLED] * 2
    assert [state(each) for each in others] == [State.QUEUED] * 2
    assert state(ended) == State.COMPLETED


def test_what_is_selected_one_by_one_is_not_called_all(client):
    import_ = make_row(make_user("one"))

    page = ask(client, "cancel", import_, url=f"{IMPORTS}?user=one").content.decode()

    assert "that match" not in page


@pytest.mark.parametrize(
    "more", ["state=failed", "state=queued", "state=reverted", "state=nonsense"]
)
def test_no_batch_is_drafted_of_what_a_list_of_another_state_does_not_show(
    client, more
):
    user = make_user("one")
    kept = make_import(user, play(make_chart()))
    make_row(user, state=State.FAILED, game="sdvx")
    url = f"{IMPORTS}?user=one&{more}"

    ask(client, "revert", kept, url=url, select_across="1")

    assert not RevertBatch.objects.exists()
    assert state(kept) == State.COMPLETED


def test_a_batch_of_all_that_somebody_had_reverted_is_of_those_alone(client, moderator):
    user = make_user("one")
    wanted, other = (make_import(user, play(make_chart())) for _ in range(2))
    confirm(client, "revert", wanted)
    restore_import(wanted, OPERATOR)
    assert found(client, revertedBy="BOSS") == [wanted]
    before = set(RevertBatch.objects.values_list("pk", flat=True))

    url = f"{IMPORTS}?user=one&revertedBy=boss"
    page = ask(client, "revert", other, url=url, select_across="1").content.decode()

    assert "All 1 import that matches: user one, reverted by boss." in shown(page)
    (batch,) = RevertBatch.objects.exclude(pk__in=before)
    assert list(batch.outcomes.values_list("import_id", flat=True)) == [
        wanted.import_id
    ]
    assert state(other) == State.COMPLETED


def test_a_box_says_which_row_it_selects(client, moderator):
    import_ = make_row()
    label = f'aria-label="Select import {import_.import_id[:12]}…"'

    assert label in client.get(IMPORTS).content.decode()
    may_only(moderator, "view_import")
    assert label not in client.get(IMPORTS).content.decode()
