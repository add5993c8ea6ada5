"""Random histories of a small world, against a model that knows no database.

Three players, four charts, times on a half-hour grid, equal metrics, no times at all;
imports, re-imports, reverts, restores, deletions, blocks, edits, classes, orphans;
orphans that are discarded; imports that are cancelled before they are written, or fail
and are tried again; seeds
with other levels, and players who are rated again after them.
After every step the derived rows are what the facts say; at the end, every import that
is reverted, cancelled or failed might as well never have been, every restored one never
reverted, and every retried one never failed.
HISTORIES and STEPS in the environment say how many and how long (`make nightly`).
"""

import json
import os
from contextlib import suppress
from copy import deepcopy

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from imports.discards import discard
from imports.everybodys_orphans import DAILY
from imports.formats import FORMATS as offered_formats
from imports.formats.orphans import orphan_id
from imports.models import Import, Orphan, OrphanDiscard, State
from imports.orphans import reprocess
from imports.pipeline import Sent, run, run_inline, submit
from imports.progress import silent
from imports.queue import leases
from imports.queue.stops import cancel_import
from imports.retry import retry_import
from imports.undo.restore import restore_import
from imports.undo.revert import revert_import
from imports.undo.run_again import run_again
from scores.derived import waiting
from scores.derived.integrity import check_user
from scores.edits import delete_score, edit_score, edit_session, withdraw_claim
from scores.models import (
    Chart,
    ClassClaim,
    GameStats,
    PersonalBest,
    PlayerToRerate,
    Score,
    ScoreBlock,
    ScoreDeletion,
    ScoreEdit,
    Session,
    SessionEdit,
    Song,
)
from tachi.jobs.enqueue import enqueue
from tachi.jobs.run import run_to_end
from tests.factories import (
    HOUR,
    NOON,
    OPERATOR,
    document,
    make_chart,
    make_import,
    make_user,
    play,
    send,
)
from tests.imports.everywhere import FORMATS, SDVX_VERSIONS, Played, make_everywhere
from tests.seeds import load_changed
from tests.state import state_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

UNKNOWN_SONG = 77_777
#: Songs of the charts that are not there: the last one never will be.
SONGS = {4: UNKNOWN_SONG, 5: 88_888}
players = st.integers(0, 2)
times = st.one_of(st.none(), st.integers(0, 12).map(lambda n: NOON + n * HOUR // 2))
#: What one and the same play may be told with.
words = {
    "time": times,
    "comment": st.sampled_from([None, None, "well played", "and more"]),
    "judgements": st.sampled_from(
        [None, {}, {"miss": None}, {"critical": 900, "near": 3}, {"critical": 901}]
    ),
    "fast": st.sampled_from([None, None, 1, 2]),
    "gauge": st.sampled_from([None, None, 50.5, 70]),
}
plays = st.builds(
    dict,
    chart=st.integers(0, 4),
    score=st.sampled_from([9_000_000, 9_400_000, 9_900_000]),
    lamp=st.sampled_from(["FAILED", "CLEAR"]),
    ex_score=st.sampled_from([None, 1000]),
    **words,
)
other_words = st.lists(st.builds(dict, **words), min_size=5, max_size=5)
dans = st.sampled_from([None, None, "DAN_1", "DAN_5"])
picks = st.integers(0, 1_000)


def pick(items, number):
    return items[number % len(items)] if items else None


class Player:
    """Replays events. Imports are known by their names, whatever their keys."""

    def __init__(self, user, charts):
        self.user, self.charts = user, charts

    def import_(self, name):
        """The import of that name, or the last that it was run again as."""
        return Import.objects.get(user=self.user, service=name, reruns=None)

    def play(self, chart, score, lamp, time, comment, ex_score, **more):
        on = self.charts[chart] if chart < 4 else SONGS[chart]
        optional = {} if ex_score is None else {"exScore": ex_score}
        judgements = more.pop("judgements", None)
        optional |= {name: value for name, value in more.items() if value is not None}
        said = {"comment": comment, "optional": optional, "judgements": judgements}
        return play(on, score, time, lamp, **said)

    def send(self, name, scores, dan):
        classes = None if dan is None else {"dan": dan}
        sent = [self.play(**each) for each in scores]
        make_import(self.user, *sent, service=name, classes=classes)

    def send_otherwise(self, name, scores, import_type):
        """The plays in another format, here and now: at once, where that can be."""
        written = FORMATS[import_type]
        plays = [self.as_played(**each) for each in scores]
        text = written.whole([written.row(each) for each in plays])
        sent = Sent(
            self.user, import_type, text.encode(), parameters=written.parameters
        )
        import_ = submit(sent, here=True)
        assert import_.state == State.COMPLETED, import_.error_text
        assert import_.counts["rejected"] == 0, import_.errors
        Import.objects.filter(pk=import_.pk).update(service=name)

    def as_played(self, chart, score, lamp, time, comment, ex_score, **more):
        on = None if chart == 4 else self.charts[chart]
        return Played(
            UNKNOWN_SONG if on is None else on.data["inGameID"],
            "Nobody's" if on is None else on.song.title,
            score // 10_000,
            lamp == "CLEAR",
            time,
            comment,
        )

    def cancel(self, name, scores, read):
        """Sent, taken by a worker, and cancelled before or after it is read."""
        import_ = self.accepted(name, scores)
        taken = leases.take_now(import_.pk) if read else None
        cancel_import(import_, OPERATOR)
        if taken is not None:
            with suppress(leases.Superseded):
                run(taken, silent)

    def fail(self, name, scores):
        """Sent, and failed by a bug of ours at the end of its being written."""
        import_ = self.accepted(name, scores)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("imports.write.insert_and_recalculate", fault)
            run_inline(import_, silent)
        assert self.import_(name).state == State.FAILED

    def accepted(self, name, scores):
        sent = document(*[self.play(**each) for each in scores], service=name)
        import_ = send(self.user, sent)
        # What is not completed has no service of its own yet, and these go by it.
        Import.objects.filter(pk=import_.pk).update(service=name)
        return import_

    def retry(self, name):
        run_inline(retry_import(self.import_(name)), silent)

    def revert(self, name):
        revert_import(self.import_(name), OPERATOR)

    def restore(self, name):
        restore_import(self.import_(name), OPERATOR)

    def run_again(self, name):
        again = run_again(self.import_(name), OPERATOR).import_
        # What another format says of its service is not by what these go.
        Import.objects.filter(pk=again.pk).update(service=name)

    def undo_run(self, name):
        restore_import(self.import_(name).rerun_of, OPERATOR)

    def delete(self, score_id, block):
        score = Score.objects.filter(score_id=score_id).first()
        if score is not None:
            delete_score(score, block=block)
        elif block:
            ScoreBlock.objects.get_or_create(
                user=self.user, score_id=score_id, defaults={"score": {}}
            )

    def edit(self, score_id, changes):
        score = Score.objects.filter(score_id=score_id).first()
        if score is not None:
            edit_score(score, **changes)
        else:
            facts = {"user": self.user, "score_id": score_id}
            given = (
                {"has_comment": True, **changes} if "comment" in changes else changes
            )
            ScoreEdit.objects.update_or_create(**facts, defaults=given)

    def name_session(self, gpt, anchor, time, name):
        session = Session.objects.filter(user=self.user, anchor=anchor).first()
        if session is not None:
            edit_session(session, name=name)
        else:
            SessionEdit.objects.update_or_create(
                user=self.user,
                gpt=gpt,
                anchor=anchor,
                defaults={"anchor_time": time, "name": name},
            )

    def withdraw(self, name):
        for claim in ClassClaim.objects.filter(source_import=self.import_(name)):
            withdraw_claim(claim)

    def retry_orphans(self):
        reprocess(self.user)

    def discard(self, name, orphan_id):
        discard(self.import_(name).orphans.get(orphan_id=orphan_id))

    def orphan_id(self, name, said):
        """What a play would be called, were it an orphan of that import."""
        context = {"service": name, "game": "sdvx", "playtype": "Single"}
        data = json.loads(json.dumps(self.play(**said)))
        context["version"] = None
        return orphan_id("file/batch-manual", data, context, self.user.pk)


def fault(*args):
    raise ZeroDivisionError


def replay(user, charts, events):
    """The state of a player in a world where only these events happened."""
    for table in (PersonalBest, Score, Session, GameStats, ClassClaim, ScoreEdit):
        table.objects.filter(user=user).delete()
    for table in (ScoreBlock, ScoreDeletion, SessionEdit, OrphanDiscard, Import):
        table.objects.filter(user=user).delete()
    player = Player(user, charts)
    for verb, arguments in undiscarded(player, events):
        getattr(player, verb)(**deepcopy(arguments))
    player.retry_orphans()
    never = document(play(SONGS[5]))["scores"][0]["identifier"]
    Orphan.objects.filter(user=user, data__identifier=never).delete()
    return state_of(user)


def undiscarded(player, events):
    """The events, with rows that never are scores for those that were discarded.

    In this world the song may be known from the beginning.
    """
    discarded = [said for verb, said in events if verb == "discard"]
    for verb, arguments in events:
        if verb == "discard":
            continue
        if "scores" in arguments:
            name = arguments["name"]
            scores = [
                {**said, "chart": 5}
                if {"name": name, "orphan_id": player.orphan_id(name, said)}
                in discarded
                else said
                for said in arguments["scores"]
            ]
            arguments = {**arguments, "scores": scores}
        yield verb, arguments


def without(events, name):
    """The events, had the import of that name never been made."""
    return [event for event in events if event[1].get("name") != name]


def unhindered(events, name):
    """The events, had the import never been reverted and restored, run again and that
    undone, and never failed: as if it had been sent when it was retried."""
    scores = [
        arguments["scores"]
        for verb, arguments in events
        if verb == "fail" and arguments["name"] == name
    ]
    other = []
    for verb, arguments in events:
        if arguments.get("name") == name:
            if verb in {"revert", "restore", "fail", "run_again", "undo_run"}:
                continue
            if verb == "retry":
                verb, arguments = (
                    "send",
                    {"name": name, "scores": scores[0], "dan": None},
                )
        other.append((verb, arguments))
    return other


class Histories(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.charts = list(Chart.objects.filter(game="sdvx").order_by("pk"))[:4]
        self.players = [Player(make_user(), self.charts) for _ in range(3)]
        self.events = [[], [], []]
        self.sent = [[], [], []]
        self.named = 0

    def teardown(self):
        try:
            self.rate_all_who_wait()
            for who in range(3):
                self.compare_with_other_worlds(who)
        finally:
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    def compare_with_other_worlds(self, who):
        player, events = self.players[who], self.events[who]
        imports = Import.objects.filter(user=player.user)
        last = imports.filter(reruns=None)
        states = dict(last.values_list("service", "state"))
        again = set(last.exclude(rerun_of=None).values_list("service", flat=True))
        hindered = {"revert", "restore", "cancel", "fail", "run_again"}
        if not {verb for verb, _ in events} & hindered:
            return
        player.retry_orphans()
        found = classless(state_of(player.user))
        for name, state in states.items():
            gone = state != State.COMPLETED
            if name in again and not gone:
                continue  # its place is the last now
            other = without(events, name) if gone else unhindered(events, name)
            with transaction.atomic():
                expected = classless(replay(player.user, self.charts, other))
                transaction.set_rollback(True)
            for part in expected:
                assert found[part] == expected[part], (part, name, state, events)

    def do(self, who, verb, **arguments):
        getattr(self.players[who], verb)(**deepcopy(arguments))
        self.events[who].append((verb, arguments))

    @initialize()
    def a_song_is_not_known_yet(self):
        Song.objects.filter(song_id=UNKNOWN_SONG).delete()

    @rule(who=players, scores=st.lists(plays, min_size=1, max_size=5), dan=dans)
    def send(self, who, scores, dan):
        self.named += 1
        self.sent[who].append(scores)
        self.do(who, "send", name=f"import {self.named}", scores=scores, dan=dan)

    @rule(
        who=players,
        scores=st.lists(plays, min_size=1, max_size=3),
        import_type=st.sampled_from(sorted(FORMATS)),
    )
    def send_otherwise(self, who, scores, import_type):
        self.named += 1
        if FORMATS[import_type].is_one:
            scores = scores[:1]
        sent = {"scores": scores, "import_type": import_type}
        self.do(who, "send_otherwise", name=f"import {self.named}", **sent)

    @rule(who=players, number=picks)
    def send_again(self, who, number):
        scores = pick(self.sent[who], number)
        if scores is not None:
            self.send(who, scores, None)

    @rule(who=players, number=picks, said=other_words)
    def send_in_other_words(self, who, number, said):
        scores = pick(self.sent[who], number)
        if scores is not None:
            pairs = zip(scores, said, strict=False)
            self.send(who, [{**score, **more} for score, more in pairs], None)

    @rule(
        who=players, scores=st.lists(plays, min_size=1, max_size=5), read=st.booleans()
    )
    def cancel(self, who, scores, read):
        self.named += 1
        before = state_of(self.players[who].user)
        name = f"import {self.named}"
        self.do(who, "cancel", name=name, scores=scores, read=read)
        assert self.players[who].import_(name).state == State.CANCELLED
        assert state_of(self.players[who].user) == before

    @rule(who=players, scores=st.lists(plays, min_size=1, max_size=5))
    def fail(self, who, scores):
        self.named += 1
        before = state_of(self.players[who].user)
        self.do(who, "fail", name=f"import {self.named}", scores=scores)
        assert state_of(self.players[who].user) == before

    @rule(who=players, number=picks)
    def retry(self, who, number):
        self.change_import(who, number, "retry", State.FAILED)

    @rule(who=players, number=picks)
    def revert(self, who, number):
        self.change_import(who, number, "revert", State.COMPLETED)

    @rule(who=players, number=picks)
    def restore(self, who, number):
        self.change_import(who, number, "restore", State.REVERTED)

    @rule(who=players, number=picks)
    def run_again(self, who, number):
        before = state_of(self.players[who].user)["scores"]
        self.change_import(who, number, "run_again", State.COMPLETED)
        after = state_of(self.players[who].user)["scores"]
        assert len(after) >= len(before)  # the song may be known by now

    @rule(who=players, number=picks)
    def undo_run(self, who, number):
        reruns = {"rerun_of__isnull": False}
        self.change_import(who, number, "undo_run", State.COMPLETED, **reruns)

    def change_import(self, who, number, verb, state, **like):
        user = self.players[who].user
        imports = Import.objects.filter(user=user, state=state, **like)
        if import_ := pick(list(imports.order_by("pk")), number):
            self.do(who, verb, name=import_.service)

    @rule(who=players, number=picks, block=st.booleans())
    def delete(self, who, number, block):
        if score := self.pick_score(who, number):
            self.do(who, "delete", score_id=score.score_id, block=block)

    @rule(
        who=players,
        number=picks,
        changes=st.sampled_from([{"highlight": True}, {"comment": "mine"}]),
    )
    def edit(self, who, number, changes):
        if score := self.pick_score(who, number):
            self.do(who, "edit", score_id=score.score_id, changes=changes)

    def pick_score(self, who, number):
        scores = Score.objects.filter(user=self.players[who].user)
        return pick(list(scores.order_by("score_id")), number)

    @rule(who=players, number=picks, name=st.sampled_from(["Monday", "Tuesday"]))
    def name_session(self, who, number, name):
        sessions = Session.objects.filter(user=self.players[who].user)
        if session := pick(list(sessions.order_by("session_id")), number):
            anchor = Score.objects.get(score_id=session.anchor)
            self.do(
                who,
                "name_session",
                gpt=session.gpt,
                anchor=session.anchor,
                time=anchor.time_achieved,
                name=name,
            )

    @rule(who=players, number=picks)
    def withdraw_classes(self, who, number):
        claims = ClassClaim.objects.filter(user=self.players[who].user)
        if claim := pick(list(claims.order_by("pk")), number):
            self.do(who, "withdraw", name=claim.source_import.service)

    @rule()
    def the_song_becomes_known(self):
        if not Song.objects.filter(song_id=UNKNOWN_SONG).exists():
            chart = make_chart()
            Song.objects.filter(pk=chart.song_id).update(song_id=UNKNOWN_SONG)

    @rule(who=players)
    def retry_orphans(self, who):
        self.do(who, "retry_orphans")

    @rule()
    def retry_everybodys_orphans(self):
        job = run_to_end(enqueue(DAILY, wake=False))
        assert job.state == "done", job.error_detail
        for events in self.events:
            events.append(("retry_orphans", {}))

    @rule(who=players, number=picks)
    def discard_orphan(self, who, number):
        orphans = Orphan.objects.filter(
            user=self.players[who].user,
            source_import__import_type="file/batch-manual",  # see `undiscarded`
        )
        found = sorted(orphans.values_list("source_import__service", "orphan_id"))
        if found:
            name, id_ = pick(found, number)
            self.do(who, "discard", name=name, orphan_id=id_)

    @rule(number=picks, level=st.sampled_from([1, 16, 20]))
    def load_seeds(self, number, level):
        chart = Chart.objects.get(pk=pick(self.charts, number).pk)
        load_changed(chart, levelNum=level)

    @rule()
    def rate_all_who_wait(self):
        waiting.run_here(lambda job: None)
        assert not PlayerToRerate.objects.exists()
        self.numbers_are_of_the_charts()

    def numbers_are_of_the_charts(self):
        for player in self.players:
            found = state_of(player.user)
            assert check_user(player.user.pk, repair=True) == []
            assert state_of(player.user) == found

    @invariant()
    def everything_derived_follows_from_the_facts(self):
        for player in self.players:
            assert check_user(player.user.pk) == []

    @invariant()
    def sessions_are_what_a_child_would_make_of_the_times(self):
        for player in self.players:
            expected = naive_sessions(player.user)
            sessions = Session.objects.filter(user=player.user)
            found = {
                frozenset(session.scores.values_list("score_id", flat=True))
                for session in sessions
            }
            assert found == expected

    @invariant()
    def every_score_belongs_to_the_first_import_that_sent_it(self):
        for player in self.players:
            owners = Score.objects.filter(user=player.user).values_list(
                "pk", "source_import__sequence", "source_import__state"
            )
            claimed = dict.fromkeys((pk for pk, _, _ in owners), 10**9)
            for import_ in Import.objects.completed().filter(user=player.user):
                for pk in map(int, import_.later_claims):
                    if pk in claimed:
                        claimed[pk] = min(claimed[pk], import_.sequence)
            for pk, sequence, state in owners:
                assert state == State.COMPLETED
                assert sequence < claimed[pk]

    @invariant()
    def scores_say_what_a_child_would_make_of_the_claims(self):
        for player in self.players:
            for score in Score.objects.filter(user=player.user):
                assert naively_told(score) == {
                    "time": score.time_achieved,
                    "comment": score.comment or None,
                    "judgements": counted(score.score_data["judgements"]),
                    **told(score.score_data["optional"]),
                }


def naive_sessions(user):
    """Of each game: start with every score alone; join any two groups within two
    hours; repeat."""
    times = Score.objects.filter(user=user, time_achieved__isnull=False)
    rows = times.values_list("gpt", "time_achieved", "score_id")
    groups = [[tuple(row)] for row in rows]
    joined = True
    while joined:
        joined = False
        for one in groups:
            for other in groups:
                if one is not other and near(one, other):
                    groups.remove(other)
                    one.extend(other)
                    joined = True
                    break
            if joined:
                break
    return {frozenset(score_id for _, _, score_id in group) for group in groups}


def naively_told(score):
    """Import by import: who names another time is not heard, and nobody is twice."""
    data = {"judgements": score.score_data["judgements"]}
    data["optional"] = score.score_data["optional"]
    first = {"time_achieved": score.time_achieved, "comment": score.comment, **data}
    first |= score.own or {}
    claims = [first]
    live = Import.objects.completed().filter(user=score.user_id).order_by("sequence")
    for import_ in live:
        claim = import_.later_claims.get(str(score.pk))
        if claim is not None:
            claims.append({**first, **({} if isinstance(claim, int) else claim)})
    said = {"time": None, "comment": None, "judgements": None}
    for claim in claims:
        time = claim["time_achieved"]
        if None in (time, said["time"]) or time == said["time"]:
            said["time"] = time if said["time"] is None else said["time"]
            said["comment"] = said["comment"] or claim["comment"] or None
            said["judgements"] = said["judgements"] or counted(claim["judgements"])
            said = {**told(claim["optional"]), **said}
    return said


def counted(judgements):
    return judgements if set(judgements.values()) - {None} else None


def told(optional):
    named = optional.items()
    return {name: it for name, it in named if it is not None and name != "enumIndexes"}


def near(one, other):
    return any(
        game == other_game and abs(a - b) <= 2 * HOUR
        for game, a, _ in one
        for other_game, b, _ in other
    )


def classless(state):
    """The state without what a provided class leaves behind after a revert.

    That is the class itself, and the stats of a game of which no score is left.
    """
    stats = [
        (gpt, ratings, {name: classes[name] for name in classes if name != "dan"})
        for gpt, ratings, classes in state["stats"]
        if gpt in state["played"]
    ]
    return {**state, "claims": [], "stats": stats}


def test_every_format_is_sent():
    assert FORMATS.keys() == offered_formats.keys() - {
        "file/batch-manual",
        "ir/direct-manual",  # as file/batch-manual
    }


@pytest.mark.parametrize("import_type", sorted(FORMATS))
def test_a_play_is_a_score_in_every_format_and_an_orphan_where_it_is_not_known(
    import_type,
):
    chart = make_chart(versions=SDVX_VERSIONS)
    make_everywhere(chart.data["inGameID"], chart.song.title)
    player = Player(make_user(), [chart])
    said = {"score": 9_000_000, "lamp": "CLEAR", "time": NOON}
    for number, on in enumerate((0, 4)):
        scores = [{"chart": on, "comment": None, "ex_score": None, **said}]
        player.send_otherwise(f"import {number}", scores, import_type)
    known, unknown = (player.import_(f"import {n}").counts for n in range(2))
    has_scores = import_type != "file/mypagescraper-player-csv"
    assert (known["imported"], known["total"]) == (has_scores, has_scores)
    assert (unknown["orphaned"], unknown["total"]) == (has_scores, has_scores)


def test_histories_leave_no_trace_of_what_was_reverted(monkeypatch):
    # A hook's play is of the time of its request, in this world and in the others.
    monkeypatch.setattr("imports.read.received_at", lambda import_: NOON)
    for level in (16, 17, 18, 19):
        chart = make_chart(level=level, versions=SDVX_VERSIONS)
        make_everywhere(chart.data["inGameID"], chart.song.title)
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=int(os.environ.get("HISTORIES", 60)),
            stateful_step_count=int(os.environ.get("STEPS", 25)),
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
