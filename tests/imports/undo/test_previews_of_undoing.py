"""What a preview says of reverts or restores is what comes of them, in every number."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imports.models import Import, Orphan
from imports.undo.preview import (
    preview_restores,
    preview_reverts,
)
from imports.undo.restore import bring_back, in_force, restore_import
from imports.undo.revert import revert_import
from imports.undo.withdraw import holdings_of, withdraw
from scores.derived.change import change_of
from scores.derived.integrity import check_user
from scores.derived.recalculate import Touched
from scores.documents import pb_documents, plain, score_documents, session_documents
from scores.edits import delete_score, edit_score, edit_session
from scores.games import get_game
from scores.models import (
    ClassClaim,
    GameStats,
    PersonalBest,
    Score,
    Session,
)
from tests.factories import (
    HOUR,
    NOON,
    OPERATOR,
    make_chart,
    make_import,
    make_user,
    play,
)
from tests.state import all_rows, state_of

pytestmark = pytest.mark.django_db
SDVX, IIDX = "sdvx:Single", "iidx:SP"
MARKS = ("service", "importType", "timeAdded")
NO_MORE = ("imports", "players", "orphans")


def seen(user):
    """All that a preview speaks of, as clients read it, by ids."""
    bests = pb_documents(PersonalBest.objects.filter(user=user))
    scores = map(plain, score_documents(Score.objects.filter(user=user)))
    return {
        "scores": {
            each["scoreID"]: {k: v for k, v in each.items() if k not in MARKS}
            for each in scores
        },
        "bests": {
            each["chartID"]: {**plain(each), "rankingData": None} for each in bests
        },
        "sessions": {
            each["sessionID"]: each
            for each in session_documents(Session.objects.filter(user=user))
        },
        "ratings": values_of(user, "ratings"),
        "classes": values_of(user, "classes"),
    }


def values_of(user, column):
    return {
        (*stats.gpt.split(":"), name): value
        for stats in GameStats.objects.filter(user=user)
        for name, value in getattr(stats, column).items()
    }


def of_kinds(before, after):
    """(what is gone, what is another now, what is new), by ids."""
    gone, new = before.keys() - after.keys(), after.keys() - before.keys()
    others = {key for key in before.keys() & after.keys() if before[key] != after[key]}
    return gone, others, new


def changes(before, after):
    return {
        key: (before.get(key), after.get(key))
        for key in before.keys() | after.keys()
        if before.get(key) != after.get(key)
    }


def told_values(entries, name):
    return {
        (each["game"], each["playtype"], each[name]): (each["old"], each["new"])
        for each in entries
    }


def ids(told, kind, name):
    return {each[name] for each in told["list"] if each["what"] == kind}


def assert_came(told, before, after):
    """Bests, sessions, profiles and classes are as they were told; scores, too."""
    gone, others, new = of_kinds(before["scores"], after["scores"])
    scores = told["scores"]
    assert (scores.get("removed", 0), scores.get("added", 0)) == (len(gone), len(new))
    assert scores["changed"] == len(others)
    assert ids(scores, "removed", "scoreID") == gone
    assert ids(scores, "added", "scoreID") == new
    assert ids(scores, "changed", "scoreID") == others
    for name, part, key in (
        ("personalBests", "bests", "chartID"),
        ("sessions", "sessions", "sessionID"),
    ):
        kinds = of_kinds(before[part], after[part])
        for what, found in zip(("removed", "changed", "created"), kinds, strict=True):
            assert told[name][what] == len(found), (name, what)
            assert ids(told[name], what, key) == found
    for best in told["personalBests"]["list"]:
        metric = get_game(f"{best['game']}:{best['playtype']}").default_metric
        for end, seen_then in (("old", before), ("new", after)):
            document = seen_then["bests"].get(best["chartID"])
            assert best[end] == (document and document["scoreData"][metric])
    for session in told["sessions"]["list"]:
        for end, seen_then in (("old", before), ("new", after)):
            document = seen_then["sessions"].get(session["sessionID"])
            assert session[end] == (document and len(document["scoreIDs"]))
    ratings = changes(before["ratings"], after["ratings"])
    assert told_values(told["profiles"], "rating") == ratings
    classes = changes(before["classes"], after["classes"])
    assert told_values(told["classes"]["changed"], "set") == classes


def live_classes(imports):
    claims = ClassClaim.objects.filter(source_import__in=imports, withdrawn_at=None)
    return claims.count()


def undo_and_compare(user, imports, block=False):
    """Preview, then revert one by one: told is what came. Returns the preview."""
    rows = all_rows()
    told = preview_reverts(user.pk, imports, block=block)
    assert all_rows() == rows
    assert preview_reverts(user.pk, imports)["fingerprint"] == told["fingerprint"]
    before, orphans = seen(user), Orphan.objects.count()
    staying = live_classes(imports)
    newest_first = sorted(imports, key=lambda each: -each.sequence)
    done = [revert_import(each, OPERATOR, block=block) for each in newest_first]
    done = [each for each in done if each is not None]
    assert_came(told, before, seen(user))
    assert told["imports"] == len(done)
    assert told["scores"]["kept"] == sum(each.kept for each in done)
    assert told["scores"]["removed"] == sum(each.scores - each.kept for each in done)
    assert told["orphans"] == orphans - Orphan.objects.count()
    assert told["classes"]["staying"] == staying == live_classes(imports)
    for each in told["scores"]["list"]:
        if each["what"] == "kept":
            owner = Score.objects.get(score_id=each["scoreID"]).source_import
            assert owner.import_id == each["keptBy"]
    return told


def restore_and_compare(user, imports):
    rows = all_rows()
    told = preview_restores(user.pk, imports)
    assert all_rows() == rows
    before, orphans = seen(user), Orphan.objects.count()
    oldest_first = sorted(imports, key=lambda each: each.sequence)
    done = [restore_import(each, OPERATOR) for each in oldest_first]
    done = [each for each in done if each is not None]
    assert_came(told, before, seen(user))
    assert told["imports"] == len(done)
    assert told["scores"]["added"] + told["scores"]["kept"] == sum(done)
    assert told["orphans"] == Orphan.objects.count() - orphans
    return told


def undone_as_one(user, imports):
    with change_of(user.pk):
        found = list(Import.objects.completed().filter(pk__in=[i.pk for i in imports]))
        withdraw(found, holdings_of(found), Touched(user.pk))


def restored_as_one(user, imports):
    with change_of(user.pk):
        found = {
            each.pk: each
            for each in Import.objects.reverted().filter(pk__in=[i.pk for i in imports])
        }
        reverts = in_force(list(found.values()))
        bring_back(
            {found[each.of_import_id]: each for each in reverts}, Touched(user.pk)
        )


def in_a_world_of_its_own(act):
    with transaction.atomic():
        result = act()
        transaction.set_rollback(True)
    return result


def facts_after(act, user):
    """The state when that was done, with what later claims say in full."""

    def done():
        act()
        assert check_user(user.pk) == []
        return state_of(user)

    return in_a_world_of_its_own(done)


# Random histories


class History:
    """A player of two games, whose imports and marks follow a list of choices."""

    def __init__(self, charts, steps):
        self.user, self.charts = make_user(), charts
        self.imports = []
        for number, (verb, *chosen) in enumerate(steps):
            getattr(self, verb)(number, *chosen)

    def send(self, number, game, plays, dan):
        charts = self.charts[game]
        sent = [said_of(charts, game, **each) for each in plays]
        header = {} if game == SDVX else {"game": "iidx", "playtype": "SP"}
        classes = {"dan": dan} if dan else None
        said = {"service": f"import {number}", "classes": classes, **header}
        self.imports.append(make_import(self.user, *sent, **said))

    def edit(self, number, which):
        if score := self.score(which):
            edit_score(score, comment="mine", highlight=bool(which % 2))

    def delete(self, number, which):
        if score := self.score(which):
            delete_score(score, block=bool(which % 2))

    def name(self, number, which):
        sessions = list(Session.objects.filter(user=self.user).order_by("session_id"))
        if sessions:
            edit_session(sessions[which % len(sessions)], name="An evening")

    def revert(self, number, which):
        if self.imports:
            each = self.imports[which % len(self.imports)]
            revert_import(each, OPERATOR, block=bool(which % 3 == 0))

    def score(self, which):
        scores = list(Score.objects.filter(user=self.user).order_by("score_id"))
        return scores[which % len(scores)] if scores else None

    def some(self, which):
        """Those of the imports that the bits choose."""
        return [each for n, each in enumerate(self.imports) if which >> n & 1]


def said_of(charts, game, chart, score, time, comment, fast, judged):
    on = 77_777 if chart == 3 else charts[chart]
    if game == IIDX:
        optional = {} if fast is None else {"fast": fast}
        told = {"score": score // 10_000, "difficulty": "ANOTHER"}
    else:
        optional = {} if fast is None else {"fast": fast}
        told = {"score": score}
    judgements = None
    if judged and game == SDVX:
        judgements = {"critical": judged, "near": 3}
    said = {"comment": comment, "optional": optional, "judgements": judgements}
    return {**play(on, time=time), **told, **said}


plays = st.builds(
    dict,
    chart=st.integers(0, 3),
    score=st.sampled_from([9_000_000, 9_500_000]),
    time=st.sampled_from([None, None, NOON, NOON + HOUR, NOON + 4 * HOUR]),
    comment=st.sampled_from([None, None, "well played", "and more"]),
    fast=st.sampled_from([None, None, 1]),
    judged=st.sampled_from([None, None, 900]),
)
numbers = st.integers(0, 1000)
sending = st.tuples(
    st.just("send"),
    st.sampled_from([SDVX, SDVX, IIDX]),
    st.lists(plays, min_size=1, max_size=4),
    st.sampled_from([None, None, "DAN_1", "DAN_5"]),
)
others = st.tuples(st.sampled_from(["edit", "delete", "name", "revert"]), numbers)
histories = st.tuples(
    st.lists(st.one_of(sending, sending, sending, others), min_size=3, max_size=9),
    st.integers(0, 511),
    st.booleans(),
)


def charts_of_two_games():
    return {
        SDVX: [make_chart(level=15 + n) for n in range(3)],
        IIDX: [
            make_chart(
                "iidx",
                "SP",
                level=10 + n,
                difficulty="ANOTHER",
                data={"notecount": 786, "2dxtraSet": None},
            )
            for n in range(3)
        ],
    }


def check_history(drawn):
    """Set and singles, previews and deeds, back and forth."""
    steps, which, block = drawn

    def in_this_world():
        history = History(charts_of_two_games(), steps)
        user, some = history.user, history.some(which)
        newest_first = sorted(some, key=lambda each: -each.sequence)
        assert facts_after(lambda: undone_as_one(user, some), user) == facts_after(
            lambda: [revert_import(each, OPERATOR) for each in newest_first], user
        )
        undo_and_compare(user, some, block)
        oldest_first = newest_first[::-1]
        assert facts_after(lambda: restored_as_one(user, some), user) == facts_after(
            lambda: [restore_import(each, OPERATOR) for each in oldest_first], user
        )
        restore_and_compare(user, some)

    in_a_world_of_its_own(in_this_world)


def checked(examples):
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=examples < 100,
        suppress_health_check=list(HealthCheck),
    )


@checked(15)
@given(histories)
def test_what_is_told_is_what_comes(drawn):
    check_history(drawn)


@pytest.mark.slow
@checked(400)
@given(histories)
def test_what_is_told_is_what_comes_in_many_histories(drawn):
    check_history(drawn)
