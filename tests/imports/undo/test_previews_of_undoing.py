"""What a preview says of reverts or restores is what comes of them, in every number."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imports.undo.restore import restore_import
from imports.undo.revert import revert_import
from scores.edits import delete_score, edit_score, edit_session
from scores.models import (
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
from tests.imports.undo.told import (
    IIDX,
    SDVX,
    facts_after,
    in_a_world_of_its_own,
    restore_and_compare,
    restored_as_one,
    undo_and_compare,
    undone_as_one,
)

pytestmark = pytest.mark.django_db


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
@checked(200)
@given(histories)
def test_what_is_told_is_what_comes_in_many_histories(drawn):
    check_history(drawn)
