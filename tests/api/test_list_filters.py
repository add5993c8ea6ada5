"""The filters of lists, one list after the other."""

from datetime import timedelta

import pytest
from django.utils import timezone

from imports.formats import FORMATS
from imports.models import Import
from scores.filters import IMPORT_TYPES
from tests.api.test_paging import LISTS, items
from tests.factories import HOUR, NOON, make_chart, make_import, make_user, play

pytestmark = pytest.mark.django_db
SCORES = ("all", "recent", "on_chart")
IMPORTS = ("imports", "failed", "user_imports", "user_failed")


@pytest.fixture(autouse=True)
def as_often_as_we_like(settings):
    settings.RATE_LIMITS = False


@pytest.fixture
def two(user, chart):
    """Two imports of a score each, of different services, a day apart."""
    return [
        make_import(
            user,
            play(chart, 9_000_000 + n, NOON + n * 24 * HOUR),
            service=f"cab {n}",
            user_intent=bool(n),
        )
        for n in range(2)
    ]


@pytest.mark.parametrize(
    "query",
    [
        "service=cab%201",
        f"since={NOON + HOUR}",
        "service=cab%201%20(BATCH-MANUAL)",
        "since=2023-11-15%2022:00",
        f"since={NOON + HOUR}&until={NOON + 48 * HOUR}",
        f"service=cab%201&limit=1&importType=file/batch-manual&since={NOON}&x=y",
    ],
)
@pytest.mark.parametrize("name", [*SCORES, "sessions"])
def test_scores_and_sessions_are_filtered(api, user, chart, two, name, query):
    path = LISTS[name].format(user, chart)
    newest = items(api.get(path))[0]
    assert items(api.get(f"{path}?{query}")) == [newest]


@pytest.mark.parametrize("name", [*SCORES, "sessions"])
def test_a_filter_that_nothing_fits_selects_nothing(api, user, chart, two, name):
    path = LISTS[name].format(user, chart)
    for query in ("service=cab", "importType=ir/direct-manual", f"until={NOON}"):
        assert items(api.get(f"{path}?{query}")) == []


def test_a_session_is_of_every_moment_that_it_lasts(api, user):
    make_import(user, *[play(make_chart(), time=NOON + n * HOUR) for n in range(3)])
    path = LISTS["sessions"].format(user)
    inside, end = NOON + HOUR // 2, NOON + 2 * HOUR
    for query in (f"since={inside}", f"until={inside}", f"since={end}"):
        assert len(items(api.get(f"{path}?{query}"))) == 1, query
    for query in (f"since={end + 1}", f"until={NOON}"):
        assert items(api.get(f"{path}?{query}")) == [], query


def test_scores_of_no_known_time_are_of_no_time(api, user, chart):
    make_import(user, play(chart))
    path = LISTS["all"].format(user)
    assert items(api.get(f"{path}?since=0001-01-02")) == []
    assert len(items(api.get(path))) == 1


@pytest.mark.parametrize("name", ["imports", "user_imports"])
def test_imports_are_filtered(api, user, two, name):
    first, second = two
    old = timezone.now() - timedelta(days=2)
    Import.objects.filter(pk=first.pk).update(received_at=old)
    other = make_import(user, game="iidx", playtype="SP")
    path = LISTS[name].format(user)
    yesterday = timezone.now() - timedelta(days=1)

    def found(query):
        return items(api.get(f"{path}?{query}"))

    assert found("game=iidx") == [other.import_id]
    assert found("playtype=Single") == [second.import_id, first.import_id]
    assert found("playtype=SP") == [other.import_id]  # its document says so
    assert found("playtype=DP") == []
    assert found("service=cab%200") == [first.import_id]
    assert found("intent=yes") == found("userIntent=true") == [second.import_id]
    assert found("intent=yes&userIntent=false") == []
    assert found(f"until={int(yesterday.timestamp() * 1000)}") == [first.import_id]
    assert first.import_id not in found(f"since={yesterday:%Y-%m-%d %H:%M}")
    assert found("game=sdvx&limit=1") == [second.import_id]


BAD_TIMES = ["since=", "until=soon", "since=2023-02-30", "since=1&since=2", "until=9e9"]


@pytest.mark.parametrize("name", [*SCORES, "sessions", *IMPORTS])
def test_a_value_that_means_nothing_is_400(api, user, chart, two, name):
    path = LISTS[name].format(user, chart)
    bad = [*BAD_TIMES, "service=", "importType=", "importType=zzz"]
    if name in IMPORTS:
        bad += [
            "game=chess",
            "game=",
            "playtype=XP",
            "intent=maybe",
            "intent=true",
        ]
    for query in bad:
        answer = api.get(f"{path}?{query}")
        assert answer.status_code == 400, query
        name_of_filter = query.partition("=")[0]
        assert answer.json()["description"].startswith(f"[{name_of_filter}]"), query


def test_the_texts_about_type_and_intent_are_those_of_tachi(api):
    for query in ("importType=zzz", "userIntent=1"):
        said = api.get(f"/api/v1/imports?{query}").json()["description"]
        assert said.startswith(f"[{query.partition('=')[0]}] Expected ")


def test_the_types_of_scores_are_those_that_can_be_imported():
    assert list(IMPORT_TYPES) == list(FORMATS)


def test_somebody_elses_imports_are_not_filtered_into(api, two):
    other = make_user()
    make_import(other, play(make_chart()), service="cab 1")
    (found,) = items(api.get(f"/api/v1/users/{other.pk}/imports?service=cab%201"))
    assert found not in {each.import_id for each in two}
