import json
from datetime import date

import pytest
from django.contrib.admin.models import LogEntry

from imports.class_review.decide import reinstate, withdraw
from imports.export.parts import OF_MODELS, PARTS
from imports.models import (
    ChartQueuePlayer,
    HookSettings,
    OrphanDiscard,
    RequestedBy,
)
from imports.pipeline import run_inline
from imports.queue.stops import cancel_import
from imports.rules.stop import lift
from imports.undo.restore import restore_import
from imports.undo.revert import revert_import
from scores.edits import delete_score, edit_score, edit_session
from scores.models import (
    ClassClaim,
    GameSettings,
    GameStats,
    PersonalBest,
    PlayerToRerate,
    ProfileSnapshot,
    Replay,
    Score,
    Session,
)
from scores.snapshots import take
from tachi.accounts.models import ApiToken, User, UserSettings
from tachi.jobs.models import Job
from tests.commands import call, failure, run
from tests.factories import (
    HOUR,
    NOON,
    OPERATOR,
    document,
    make_chart,
    make_import,
    make_token,
    make_user,
    play,
    send,
)
from tests.imports.rules.make import make_rule
from tests.imports.scratch import scratch_database

KEYS = ["user", "scores", "personalBests", "sessions", "gameStats", "imports"]
MORE_KEYS = [
    "failedImports",
    "cancelledImports",
    "revertedImports",
    "orphans",
    "classClaims",
    "blocks",
    "orphanDiscards",
    "deletions",
    "scoreEdits",
    "sessionEdits",
    "tokens",
    "hookSettings",
    "userSettings",
    "gameSettings",
    "profileSnapshots",
    "awaitedCharts",
    "replays",
    "notifications",
    "unfinishedImports",
    "requestedReverts",
    "requestedBatches",
    "importRules",
    "classDecisions",
    "jobs",
    "adminLog",
    "moderationLog",
    "moderated",
    "waitsToBeRated",
    "addedBytes",
    "account",
]


@pytest.fixture
def user(db):
    return make_user("somebody")


@pytest.fixture
def charts(db):
    return [make_chart() for _ in range(12)]


@pytest.fixture
def first_import(user, charts):
    """Many scores, several sessions, two games, an orphan, and what its owner wrote."""
    make_import(
        user,
        play(make_chart("usc", "Controller"), 9_000_000, NOON, comment="two words"),
        game="usc",
        playtype="Controller",
        service="first",
    )
    import_ = make_import(
        user,
        *(
            play(chart, 9_000_000 + n, NOON + n * HOUR, comment="日本語 \u2028 😀 \\")
            for n, chart in enumerate(charts[::-1])
        ),
        play(charts[3], 9_800_000, NOON + 30 * HOUR, optional={"gauge": 50.25}),
        play(charts[4], 9_800_000),
        play(4444),
        service="second",
        classes={"dan": "DAN_3"},
    )
    edit_score(Score.objects.get(score_data__score=9_000_001), comment="mine")
    edit_session(Session.objects.filter(gpt="sdvx:Single").first(), name="A session")
    return import_


def exported(user):
    return call("export_user", user.username)


def test_it_is_one_json_object_with_these_keys_in_this_order(user, first_import):
    assert list(json.loads(exported(user))) == KEYS + MORE_KEYS


def test_everything_is_as_the_api_has_it(api, user, first_import):
    export = json.loads(exported(user))

    def body(path):
        return api.get(f"/api/v1/{path}").json()["body"]

    assert len(export["scores"]) == 15
    for score in export["scores"]:
        assert score == body(f"scores/{score['scoreID']}")["score"]
    for best in export["personalBests"]:
        path = f"users/{user.pk}/games/{best['game']}/{best['playtype']}"
        assert best == body(f"{path}/pbs/{best['chartID']}")["pb"]
    for session in export["sessions"]:
        assert session == body(f"sessions/{session['sessionID']}")["session"]
    for stats in export["gameStats"]:
        path = f"users/{user.pk}/games/{stats['game']}/{stats['playtype']}"
        assert stats == body(path)["gameStats"]
    for import_ in export["imports"]:
        assert import_ == body(f"imports/{import_['importID']}")["import"]
    assert export["user"] == body(f"users/{user.pk}")
    counts = {name: len(export[name]) for name in KEYS[2:]}
    assert counts == {
        "personalBests": PersonalBest.objects.count(),
        "sessions": Session.objects.count(),
        "gameStats": 2,
        "imports": 2,
    }


def test_the_order_inside_is_fixed(user, first_import):
    export = json.loads(exported(user))

    def values(name, *keys):
        return [[each[key] for key in keys] for each in export[name]]

    for name, *keys in (
        ("scores", "scoreID"),
        ("personalBests", "chartID"),
        ("sessions", "timeStarted", "game", "playtype"),
        ("gameStats", "game", "playtype"),
        ("imports", "timeFinished"),
    ):
        found = values(name, *keys)
        assert len(found) > 1
        assert found == sorted(found), name


def test_a_revert_is_told_of_beside_what_there_was_before(user, charts, first_import):
    make_import(make_user(), play(charts[0], 9_999_000))
    before = facts(user)
    second = make_import(
        user,
        *(play(chart, 9_900_000 + n, NOON + n) for n, chart in enumerate(charts)),
        play(charts[0], 9_000_011, NOON + 90 * HOUR, comment="said again"),
        play(5555),
        service="third",
    )
    after = facts(user)
    assert after != before

    revert_import(second, OPERATOR)
    assert facts(user) == before
    [told] = json.loads(exported(user))["revertedImports"]
    assert told["importID"] == second.import_id
    assert (told["scoreCount"], told["reason"]) == (12, "a test")

    restore_import(second, OPERATOR)
    assert facts(user) == after
    assert json.loads(exported(user))["revertedImports"] == []


def facts(user):
    """What there is now, apart from what tells of the past."""
    past = {"revertedImports", "classClaims", "addedBytes"}
    past |= {"notifications", "moderationLog"}
    return {
        key: value
        for key, value in json.loads(exported(user)).items()
        if key not in past
    }


def test_an_import_that_comes_again_after_its_revert_is_exported_once(user, charts):
    import_ = make_import(user, play(charts[0]))
    revert_import(import_, OPERATOR)
    again = make_import(user, play(charts[0]))
    export = json.loads(exported(user))
    assert [each["importID"] for each in export["imports"]] == [again.import_id]
    assert len(export["scores"]) == 1


def test_of_a_player_who_never_played_there_is_the_user_alone(user, first_import):
    nobody = make_user()
    export = json.loads(exported(nobody))
    assert export["user"]["id"] == nobody.pk
    assert [export[name] for name in KEYS[1:]] == [[]] * 5


def test_only_this_users_rows_are_exported(user, charts, first_import):
    other = make_user()
    make_import(other, play(charts[0], 1_000_000, NOON))
    export = json.loads(exported(other))
    assert [len(export[name]) for name in KEYS[1:]] == [1] * 5
    assert {each["userID"] for name in KEYS[1:] for each in export[name]} == {other.pk}


def test_nothing_secret_is_exported(user):
    user.set_password("correct horse battery")
    user.email = "some@body.example"
    user.save()
    assert user.password not in exported(user)
    assert user.email not in exported(user)


def test_a_name_is_known_in_any_case(user):
    assert call("export_user", "SomeBody") == exported(user)


@pytest.mark.parametrize("name", ["nobody", "", "1", "ſomebody"])
def test_an_unknown_user_is_told(user, name):
    out, reason = failure("export_user", name)
    assert (out, reason) == ("", f"There is no user {name!r}.")


def test_many_scores_take_as_many_statements_as_a_few(
    user, charts, django_assert_max_num_queries
):
    make_import(user, *(play(chart, 9_000_000 + n) for chart in charts for n in (1, 2)))
    with django_assert_max_num_queries(44):
        exported(user)


@pytest.mark.slow
def test_what_is_printed_is_json_and_nothing_else(tmp_path, django_db_blocker):
    with django_db_blocker.unblock(), scratch_database(tmp_path) as url:
        user = make_user("somebody")
        make_import(user, play(make_chart(), comment="日本語"))
        here = exported(user)
        process = run(url, "export_user", "somebody")
        assert process.returncode == 0
        assert process.stdout == here
        assert json.loads(process.stdout)["scores"][0]["comment"] == "日本語"
        nobody = run(url, "export_user", "nobody")
        assert (nobody.returncode, nobody.stdout) == (2, "")
        assert "There is no user 'nobody'." in nobody.stderr


def test_whatever_refers_to_a_user_is_in_some_list(user):
    referring = {
        (each.related_model, each.field.name)
        for each in User._meta.get_fields(include_hidden=True)
        if each.auto_created and not each.concrete and not each.many_to_many
    }
    assert referring == set(OF_MODELS)
    keys = {key for keys in OF_MODELS.values() for key in keys}
    assert keys <= set(json.loads(exported(user)))


@pytest.fixture
def moderated(user, charts, first_import, moderator):
    """What the user did as a moderator, and what moderators did to him; whose class he
    withdrew.
    """
    revert_import(
        make_import(make_user(), play(charts[0])), RequestedBy(user, "admin", "wrong")
    )
    claim = ClassClaim.objects.get(user=user)
    withdraw(claim, OPERATOR)
    reinstate(claim, OPERATOR)
    other = make_user()
    make_import(other, play(charts[0]), classes={"dan": "DAN_1"})
    of_other = ClassClaim.objects.get(user=other)
    withdraw(of_other, RequestedBy(user, "admin", "wrong"))
    back = make_import(user, play(make_chart()), service="there and back")
    boss = RequestedBy(moderator, "admin", "his own words", note="not for him")
    revert_import(back, boss)
    restore_import(back, boss)
    lift(make_rule(game="iidx"), RequestedBy(user, "admin"))
    return other


@pytest.fixture
def only(user):
    """Asserts what the only document of a list says."""

    def only(key, **said):
        [found] = json.loads(exported(user))[key]
        assert {name: found[name] for name in said} == said

    return only


def test_what_the_api_does_not_show_is_there_too(
    user, charts, moderated, moderator, only
):
    make_token(user, "submit_score")
    unknown = make_import(user, play(77, comment="an orphan"), service="with orphan")
    refused = run_inline(send(user, "no document"))
    cancelled = send(user, document(play(charts[0], 9_123_456)))
    cancel_import(cancelled, OPERATOR)
    queued = send(user, document(play(charts[0], 9_123_457)))
    blocked = Score.objects.filter(user=user, score_data__score=9_000_003).first()
    delete_score(blocked, block=True)
    Job.objects.create(kind="orphans", user=user)
    LogEntry.objects.log_actions(user.pk, [moderator], 2, change_message="looked")
    PlayerToRerate.objects.create(user=user, gpt="sdvx:Single")
    UserSettings.objects.create(user=user, invisible=True)
    chosen = {"preferredScoreAlg": "VF6"}
    GameSettings.objects.create(user=user, gpt="sdvx:Single", preferences=chosen)
    HookSettings.objects.create(user=user, hook="fervidex", cards=["E004"])
    OrphanDiscard.objects.create(user=user, orphan_id="O" + "0" * 64, up_to_sequence=1)
    ChartQueuePlayer.objects.create(user=user, game="bms", playtype="7K", sha256="0")
    stats = GameStats.objects.filter(user=user, gpt="sdvx:Single")
    ProfileSnapshot.objects.bulk_create(take(stats, date(2026, 1, 2)))
    Replay.objects.create(user=user, score_id=f"T{0:064}", data=b"\0replay", size=7)

    export = json.loads(exported(user))

    assert [key for key in MORE_KEYS if not export[key]] == ["revertedImports"]
    only("failedImports", importID=refused.import_id)
    only(
        "cancelledImports",
        importID=cancelled.import_id,
        reason="This import was cancelled.",
    )
    only("unfinishedImports", importID=queued.import_id, state="queued")
    only("userSettings", userID=user.pk)
    only("gameSettings", game="sdvx", preferences=chosen)
    only("profileSnapshots", game="sdvx", day="2026-01-02")
    only("awaitedCharts", game="bms", sha256="0")
    only("replays", scoreID=f"T{0:064}", data="AHJlcGxheQ==")
    orphan = export["orphans"][-1]
    assert orphan["importID"] == unknown.import_id
    assert orphan["data"]["comment"] == "an orphan"
    only("blocks", scoreID=blocked.score_id, chartID=blocked.chart.chart_id)
    only("deletions", scoreID=blocked.score_id)
    only("scoreEdits", comment="mine", hasComment=True)
    only("sessionEdits", name="A session")
    only("tokens", permissions=["submit_score"], revokedAt=None)
    only("jobs", kind="orphans", state="queued")
    only("adminLog", object="boss", message="looked")
    only("waitsToBeRated", game="sdvx", playtype="Single")
    assert ApiToken.objects.get(user=user).digest not in exported(user)


def test_what_was_done_to_whom_and_told_is_there(
    user, first_import, moderated, moderator, only
):
    export = json.loads(exported(user))
    assert [each["body"]["content"]["kind"] for each in export["notifications"]] == [
        "reverted",
        "restored",
    ]
    told = {"by": moderator.pk, "reason": "his own words", "userID": user.pk}
    log = [each for each in export["moderationLog"] if each["by"] == moderator.pk]
    assert [each["verb"] for each in log] == ["revert", "restore"]
    assert all(each.items() >= told.items() for each in log)
    assert "not for him" not in exported(user)
    did = [each for each in export["moderated"] if each["by"] == user.pk]
    assert [(each["verb"], each["reason"]) for each in did] == [
        ("revert", "wrong"),
        ("withdraw class", "wrong"),
        ("lift rule", ""),
    ]
    only("classClaims", set="dan", value="DAN_3", importID=first_import.import_id)
    of_claim = export["classClaims"][0]
    assert (of_claim["name"], of_claim["withdrawnAt"]) == ("3rd Dan", None)
    told = [(each["decision"], each["reason"]) for each in of_claim["decisions"]]
    assert told == [("withdrawn", "a test"), ("reinstated", "a test")]
    only("classDecisions", decision="withdrawn", userID=moderated.pk, reason="wrong")
    only("requestedReverts", reason="wrong", revertedBy=user.pk, restoredBy=None)


def test_it_goes_on_over_many_pages(user, charts, monkeypatch):
    plays = [play(chart, 9_000_000 + n) for chart in charts for n in range(3)]
    make_import(user, *plays)
    whole = exported(user)
    pages = {
        key: part._replace(at_once=part.at_once and 5) for key, part in PARTS.items()
    }
    monkeypatch.setattr("imports.export.PARTS", pages)
    assert exported(user) == whole
    assert len(json.loads(whole)["scores"]) == 36
