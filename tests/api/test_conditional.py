"""ETag and If-None-Match: 304 where nothing changed, and never where something did."""

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from imports.models import Import, State
from imports.orphans import reprocess
from imports.pipeline import run_inline
from imports.undo.restore import restore_import
from imports.undo.revert import revert_import
from scores.edits import delete_score, edit_score, edit_session
from scores.models import Score, Session
from tachi.accounts.models import User
from tests.conftest import Api
from tests.factories import (
    HOUR,
    NOON,
    OPERATOR,
    make_chart,
    make_import,
    make_row,
    make_song,
    make_user,
    play,
    send,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def as_often_as_we_like(settings):
    settings.RATE_LIMITS = False


def poll(api, import_, etag=None, method="GET"):
    path = f"/api/v1/imports/{import_.import_id}/poll-status"
    return api.send(method, path, headers={"If-None-Match": etag} if etag else {})


def page(api, import_, etag=None, method="GET"):
    path = f"/api/v1/imports/{import_.import_id}"
    return api.send(method, path, headers={"If-None-Match": etag} if etag else {})


@pytest.fixture
def import_(user, chart):
    return make_import(user, play(chart, time=NOON))


@pytest.mark.parametrize("asked", [poll, page])
class TestBoth:
    def test_what_is_known_is_304_without_a_body(self, api, import_, asked):
        etag = asked(api, import_)["ETag"]
        answer = asked(api, import_, etag)
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer["ETag"] == etag
        assert "Content-Type" not in answer

    def test_the_comparison_is_weak_and_takes_lists_and_any(self, api, import_, asked):
        etag = asked(api, import_)["ETag"]
        for known in (f"W/{etag}", f'"x", {etag}', f'W/"x",W/{etag}', "*"):
            assert asked(api, import_, known).status_code == 304, known

    def test_what_is_not_known_is_sent(self, api, import_, asked):
        for known in ('"x"', "x", '"', "W/", "é", f"x{asked(api, import_)['ETag']}"):
            assert asked(api, import_, known).status_code == 200, known

    def test_head_is_answered_likewise(self, api, import_, asked):
        head = asked(api, import_, method="HEAD")
        etag = asked(api, import_)["ETag"]
        assert (head.status_code, head["ETag"]) == (200, etag)
        assert asked(api, import_, etag, method="HEAD").status_code == 304

    def test_a_change_gives_another_tag(self, api, import_, user, asked):
        etag = asked(api, import_)["ETag"]
        delete_score(import_.scores.get(), block=False)
        answer = asked(api, import_, etag)
        assert answer.status_code == 200
        assert answer["ETag"] != etag

    def test_what_is_gone_is_404_whatever_is_known(self, api, import_, asked):
        etag = asked(api, import_)["ETag"]
        revert_import(import_, OPERATOR)
        for known in (etag, "*"):
            assert asked(api, import_, known).status_code == 404


def test_what_is_not_completed_has_no_tag(api, user):
    failed = run_inline(send(user, {"nonsense": 1}))
    for each in (make_row(), make_row(state=State.RUNNING), failed):
        answer = poll(api, each, "*")
        assert "ETag" not in answer
        assert answer.status_code != 304


def test_a_poll_that_is_not_modified_costs_one_statement(api, import_):
    etag = poll(api, import_)["ETag"]
    with CaptureQueriesContext(
        connection,
    ) as queries:
        poll(api, import_, etag)
    assert len(queries) == 1


def test_a_user_that_is_saved_later_takes_no_change_back(api, import_, user, chart):
    stale = User.objects.get(pk=user.pk)
    make_import(user, play(chart, 9_100_000, NOON + HOUR))
    etag = poll(api, import_)["ETag"]
    stale.about = "Hello."
    stale.save()
    assert poll(api, import_, etag).status_code == 304
    assert User.objects.get(pk=user.pk).about == "Hello."


def test_the_change_of_another_player_changes_nothing(api, import_, chart):
    etag = poll(api, import_)["ETag"]
    make_import(make_user(), play(chart, 9_100_000, NOON))
    assert poll(api, import_, etag).status_code == 304


ACTS = ("new", "again", "revert", "restore", "delete", "edit", "session", "orphans")


class TestAnyHistory(TestCase):
    @settings(max_examples=20, deadline=None)
    @given(
        acts=st.lists(
            st.tuples(st.sampled_from(ACTS), st.integers(0, 5), st.integers(0, 3)),
            min_size=1,
            max_size=6,
        )
    )
    def test_304_is_never_said_of_another_body(self, acts):
        api, world = Api(), World()
        known = {}
        for step in [None, *acts]:
            if step:
                world.act(*step)
            for each in world.imports:
                fresh = poll(api, each)
                caches["documents"].clear()
                assert poll(api, each).content == fresh.content, step
                etag, before = known.get(each.pk, (None, None))
                if etag and poll(api, each, etag).status_code == 304:
                    assert fresh.content == before, step
                known[each.pk] = (fresh.get("ETag"), fresh.content)


class World:
    """A player's imports, and what may happen to them."""

    def __init__(self):
        self.user = make_user()
        self.charts = [make_chart() for _ in range(2)]
        self.missing = make_song()
        first = play(self.charts[0], time=NOON)
        unknown = play(self.missing.song_id)
        self.imports = [make_import(self.user, first, unknown)]

    def act(self, kind, which, hour):
        getattr(self, kind)(which, hour)

    def import_(self, which):
        return Import.objects.get(pk=self.imports[which % len(self.imports)].pk)

    def new(self, which, hour):
        time = NOON + hour * HOUR
        said = play(self.charts[which % 2], 8_000_000 + which, time, comment="new")
        self.imports.append(make_import(self.user, said))

    def again(self, which, hour):
        again = play(self.charts[0], time=NOON, comment=f"again {which}")
        other = play(self.charts[1], time=NOON + hour * HOUR)
        self.imports.append(make_import(self.user, again, other))

    def revert(self, which, hour):
        revert_import(self.import_(which), OPERATOR)

    def restore(self, which, hour):
        import_ = self.import_(which)
        if import_.state == State.REVERTED:
            restore_import(import_, OPERATOR)

    def delete(self, which, hour):
        for score in Score.objects.filter(user=self.user)[:1]:
            delete_score(score, block=bool(which % 2))

    def edit(self, which, hour):
        for score in Score.objects.filter(user=self.user)[:1]:
            edit_score(score, comment=str(which))

    def session(self, which, hour):
        for session in Session.objects.filter(user=self.user)[:1]:
            edit_session(session, name=f"A day {which}")

    def orphans(self, which, hour):
        make_chart(song=self.missing)
        reprocess(self.user)
