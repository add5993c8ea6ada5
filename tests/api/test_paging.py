"""Lists page by sort keys: each item once, whatever changes between two pages."""

import base64
import json
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from imports.models import Import, State
from imports.undo.restore import restore_import
from imports.undo.revert import revert_import
from tests.conftest import Api
from tests.factories import (
    HOUR,
    NOON,
    OPERATOR,
    make_chart,
    make_import,
    make_row,
    make_token,
    make_user,
    play,
)

pytestmark = pytest.mark.django_db
START = datetime(2026, 1, 1, tzinfo=UTC)
PLAYER = "/api/v1/users/{0.pk}/games/sdvx/Single"
LISTS = {
    "imports": "/api/v1/imports",
    "failed": "/api/v1/imports/failed",
    "user_imports": "/api/v1/users/{0.pk}/imports",
    "user_failed": "/api/v1/users/{0.pk}/imports/failed",
    "all": f"{PLAYER}/scores/all",
    "recent": f"{PLAYER}/scores/recent",
    "on_chart": f"{PLAYER}/scores/{{1.chart_id}}",
    "sessions": f"{PLAYER}/sessions/recent",
}
KEYS = ("imports", "failedImports", "scores")
IDS = ("scoreID", "sessionID", "importID")

#: What no cursor holds, or no list ever needs: the ends of what a column can be.
MADE_UP = (
    *("x", "T00", "\0", "", 1.5, True, None, [], {}),
    *(2**70, 2**63, 2**63 - 1, -(2**63), -1),
    *("2026-01-01", "2026-01-01T00:00:00", "2026-01-01T00:00:00+00:00"),
    *("0001-01-01T00:00:00+23:59", "0001-01-01T00:00:00+00:00"),
    *("9999-12-31T23:59:59.999999-23:59", "9999-12-31T23:59:59.999999+00:00"),
)


@pytest.fixture(autouse=True)
def as_often_as_we_like(settings):
    settings.RATE_LIMITS = False


def items(answer):
    """The ids of what a list shows, in its order."""
    body = answer.json()["body"]
    if isinstance(body, dict):
        body = next(body[key] for key in KEYS if key in body)
    return [next(each[key] for key in IDS if key in each) for each in body]


def next_address(answer):
    """Where the next page is, by the Link header; None at the end."""
    link = answer.get("Link")
    if link is None:
        return None
    address, relation = link.split("; ")
    assert relation == 'rel="next"'
    assert address.startswith("<http://testserver/") and address.endswith(">")
    return address[1:-1].removeprefix("http://testserver")


MOST = 1_000  # more items than any list here has


def pages(api, path, limit, between=lambda: None):
    """All items, page by page; `between` is called after each page but the last."""
    found = []
    address = f"{path}?limit={limit}"
    while address:
        answer = api.get(address)
        assert answer.status_code == 200, answer.content
        assert len(items(answer)) <= limit
        found += items(answer)
        assert len(found) < MOST, "It does not end."
        address = next_address(answer)
        if address:
            between()
    return found


def world(user, chart, times):
    """Imports, failed ones, and scores of these times, of which some are null."""
    for number, time in enumerate(times):
        score = 9_000_000 + number
        import_ = make_import(user, play(chart, score, time))
        moment = START + timedelta(seconds=number // 2)
        Import.objects.filter(pk=import_.pk).update(finished_at=moment)
        make_row(user, state=State.FAILED, started_at=moment, error_status=400)


@pytest.mark.parametrize("name", LISTS)
class TestEveryList:
    def setup(self, name):
        user, chart = make_user(), make_chart()
        world(user, chart, [NOON, None, NOON + 9 * HOUR, None, NOON, NOON + 99 * HOUR])
        return LISTS[name].format(user, chart)

    def test_the_pages_together_are_the_list(self, api, name):
        path = self.setup(name)
        whole = items(api.get(path))
        assert len(whole) >= 3
        for limit in (1, 2, 4, 500):
            assert pages(api, path, limit) == whole

    def test_without_the_parameters_there_is_neither_next_nor_link(self, api, name):
        answer = api.get(self.setup(name))
        assert "Link" not in answer
        assert "next" not in answer.json()["body"]

    def test_an_object_says_what_the_link_says_and_null_at_the_end(self, api, name):
        path = self.setup(name)
        first = api.get(f"{path}?limit=2")
        rest = api.get(next_address(first).replace("limit=2", "limit=500"))
        assert next_address(rest) is None
        bodies = [answer.json()["body"] for answer in (first, rest)]
        if isinstance(bodies[0], dict):
            assert bodies[0]["next"] in next_address(first)
            assert bodies[1]["next"] is None

    def test_a_limit_that_is_none_is_400(self, api, name):
        path = self.setup(name)
        for limit in ("0", "501", "-1", "1.5", "", "a", "1&limit=2", "9" * 5000, "٣"):
            answer = api.get(f"{path}?limit={limit}")
            assert answer.status_code == 400, limit
            said = answer.json()["description"]
            assert said.startswith("[limit] Expected an integer")

    def test_a_broken_cursor_is_400(self, api, name):
        path = self.setup(name)
        cursor = next_address(api.get(f"{path}?limit=1")).split("cursor=")[1]
        said = json.loads(base64.urlsafe_b64decode(cursor + "=="))
        spaced = base64.urlsafe_b64encode(json.dumps(said).encode())
        broken = [
            spaced,
            "",
            "x",
            "é",
            "AA==",
            cursor[:-3],
            cursor + "A",
            f"{cursor}&cursor=b",
        ]
        for key in ("x", 1.5, 2**70, True, None, [], "2026-01-01", "T00", "\0"):
            for place in (len(said) // 2, len(said) - 1):
                other = [*said[:place], key, *said[place + 1 :]]
                broken.append(base64.urlsafe_b64encode(json.dumps(other).encode()))
        for each in broken:
            text = each.decode() if isinstance(each, bytes) else each
            answer = api.get(f"{path}?cursor={text}")
            is_null_time = answer.status_code == 200 and b"null" in base64.b64decode(
                text + "==", b"-_"
            )
            assert is_null_time or answer.status_code == 400, text
            assert is_null_time or answer.json()["description"].startswith("[cursor]")

    def test_a_cursor_that_somebody_made_up_is_never_a_fault(self, api, name):
        path = self.setup(name)
        cursor = next_address(api.get(f"{path}?limit=1")).split("cursor=")[1]
        said = json.loads(base64.urlsafe_b64decode(cursor + "=="))
        for key in MADE_UP:
            for place in range(len(said)):
                other = [*said[:place], key, *said[place + 1 :]]
                text = json.dumps(other, separators=(",", ":"), ensure_ascii=False)
                made_up = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
                answer = api.get(f"{path}?cursor={made_up}")
                assert answer.status_code in (200, 400), (place, key)


def test_a_cursor_of_another_list_is_400(api, user, chart):
    world(user, chart, [NOON, NOON + 9 * HOUR])
    cursor = api.get("/api/v1/imports?limit=1").json()["body"]["next"]
    other = f"{LISTS['all'].format(user)}?cursor={cursor}"
    assert api.get(other).status_code == 400


def test_a_cursor_alone_goes_on_with_as_many_as_the_list_shows(api, user, chart):
    world(user, chart, [NOON, NOON + 1, NOON + 2])
    path = LISTS["recent"].format(user)
    cursor = api.get(f"{path}?limit=1").json()["body"]["next"]
    assert items(api.get(f"{path}?cursor={cursor}")) == items(api.get(path))[1:]


def test_pages_go_on_where_the_list_ends(api, user, chart):
    plays = [play(chart, 8_000_000 + n, NOON + n) for n in range(103)]
    make_import(user, *plays)
    path = LISTS["recent"].format(user)
    whole = pages(api, path, 60)
    assert len(items(api.get(path))) == 100
    assert (len(whole), len(set(whole))) == (103, 103)
    assert whole[:100] == items(api.get(path))


def test_a_page_has_the_songs_and_charts_of_its_scores_only(api, user):
    for number in range(2):
        make_import(user, play(make_chart(), 9_000_000, NOON + number))
    body = api.get(f"{LISTS['all'].format(user)}?limit=1").json()["body"]
    assert len(body["songs"]) == len(body["charts"]) == len(body["scores"]) == 1


def test_the_link_keeps_the_other_parameters(api, user, chart):
    world(user, chart, [NOON, NOON])
    answer = api.get("/api/v1/imports?importType=file/batch-manual&limit=1")
    assert "importType=file%2Fbatch-manual" in next_address(answer)


def test_the_link_names_the_address_that_the_site_is_known_by(
    api, user, chart, settings
):
    settings.OUR_URL = "https://scores.example"
    world(user, chart, [NOON, NOON])
    link = api.get("/api/v1/imports?limit=1")["Link"]
    assert link.startswith("<https://scores.example/api/v1/imports?limit=1&cursor=")


def test_a_restored_score_is_where_it_was(api, user, chart):
    """Its row is a new one, with another primary key."""
    imports = [make_import(user, play(chart, 9_000_000 + n, NOON)) for n in range(4)]
    path = LISTS["all"].format(user)
    whole = items(api.get(path))

    def undo_and_restore():
        for each in imports:
            revert_import(each, OPERATOR)
            restore_import(Import.objects.get(pk=each.pk), OPERATOR)

    assert pages(api, path, 1, undo_and_restore) == whole


def test_the_scores_of_somebody_else_are_not_paged_into(api, user, chart):
    make_import(make_user(), play(chart, 9_000_000, NOON))
    make_import(user, play(chart, 9_000_000, NOON + 1))
    token = make_token(user, "submit_score")
    answer = api.get(f"{LISTS['all'].format(user)}?limit=1", token=token)
    assert next_address(answer) is None


def test_pages_do_not_use_up_the_limit_on_the_whole_list(api, user, chart, settings):
    settings.RATE_LIMITS = True
    make_import(user, play(chart, 9_000_000, NOON))
    path = LISTS["all"].format(user)
    paged = [api.get(f"{path}?limit=1").status_code for _ in range(3)]
    assert paged == [200] * 3
    assert [api.get(path).status_code for _ in range(3)] == [200, 200, 429]
    settings.RATE_LIMIT = 3
    assert api.get(f"{path}?limit=1").status_code == 429


class TestChangesBetweenPages(TestCase):
    @settings(max_examples=25, deadline=None)
    @given(
        times=st.lists(st.none() | st.integers(NOON, NOON + 3), min_size=1, max_size=8),
        changes=st.lists(
            st.tuples(st.booleans(), st.integers(0, 7), st.none() | st.just(NOON + 1)),
            max_size=6,
        ),
        limit=st.integers(1, 3),
        name=st.sampled_from(["all", "recent", "on_chart", "user_imports"]),
    )
    def test_they_skip_and_double_nothing_else(self, times, changes, limit, name):
        """Imports are reverted and made while a client pages through the list."""
        api, user, chart = Api(), make_user(), make_chart()
        of_imports = name == "user_imports"
        path = LISTS[name].format(user, chart)
        numbers = count()

        def add(time):
            score = 8_000_000 + next(numbers)
            import_ = make_import(user, play(chart, score, time))
            score_id = import_.scores.get().score_id
            return import_, import_.import_id if of_imports else score_id

        made = [add(time) for time in times]
        if not api.get(path).json()["success"]:
            return
        before, todo, changed = items(api.get(path)), list(changes), set()

        def between():
            if not todo:
                return
            insert, which, time = todo.pop()
            import_, id_ = add(time) if insert else made[which % len(made)]
            changed.add(id_)
            if not insert and len(made) > 1:
                revert_import(import_, OPERATOR)

        found = pages(api, path, limit, between)
        assert [each for each in found if each not in changed] == [
            each for each in before if each not in changed
        ]
        assert len(found) == len(set(found))
