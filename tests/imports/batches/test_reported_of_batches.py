"""What users of other trackers reported, and what was learnt from their reverters: what
it takes batches and rules to put right, by a moderator's session.
"""

from datetime import timedelta

import pytest
from django.utils import timezone

from imports.batches.run import run_to_end
from imports.batches.step import step
from imports.models import Import, RevertBatch, State
from imports.pipeline import run_inline
from imports.tasks import purge
from scores.derived.integrity import check_user
from scores.models import Score, ScoreBlock
from tachi.accounts.models import PREFIX_LENGTH
from tachi.api.times import milliseconds
from tachi.jobs import leases
from tachi.jobs.models import Job
from tests.conftest import Api
from tests.factories import (
    HOUR,
    NOON,
    document,
    make_chart,
    make_import,
    make_song,
    make_token,
    make_user,
    play,
)
from tests.imports.batches.making import make_player, state_of_import
from tests.imports.batches.test_restoring import age
from tests.rights.people import make_moderator
from tests.state import state_of

pytestmark = pytest.mark.django_db

BATCHES = "/api/v1/revert-batches"
HOOK = "/ir/direct-manual/import"
DAY = 24 * HOUR


@pytest.fixture
def mod(api):
    return api.login(make_moderator(username="mod_1"))


class Batch:
    """A batch by its address, moved by a moderator's requests."""

    def __init__(self, mod, **sent):
        self.mod, self.drafted = mod, body_of(mod.post(BATCHES, sent), 201)
        self.path = f"{BATCHES}/{self.drafted['batchID']}"

    @property
    def row(self):
        return RevertBatch.objects.get(batch_id=self.drafted["batchID"])

    def post(self, verb, sent=None):
        return body_of(self.mod.post(f"{self.path}/{verb}", sent))

    def now(self):
        return body_of(self.mod.get(self.path))

    def confirm(self):
        """As it is shown now, until the workers have done all."""
        shown = self.now()
        sent = {"fingerprint": shown["fingerprint"], "imports": shown["toConfirm"]}
        self.post("confirm", sent)
        return self.to_end()

    def restore(self):
        self.post("restore")
        return self.to_end()

    def to_end(self):
        run_to_end(self.row)
        return self.now()


def body_of(response, status=200):
    answer = response.json()
    assert response.status_code == status, answer
    return answer["body"]


def hook(token, sent, agent="hook/1.2"):
    """Send what a client sends; the import, once a worker has run it."""
    headers = {"User-Agent": agent}
    answer = Api().post(HOOK, sent, token=token, headers=headers)
    assert answer.status_code == 202, answer.json()
    import_ = Import.objects.get(import_id=answer.json()["body"]["importID"])
    return run_inline(import_)


def received(import_, ago):
    """It came so long ago."""
    moment = timezone.now() - ago
    Import.objects.filter(pk=import_.pk).update(received_at=moment)


def test_a_client_that_sent_the_wrong_playtype_for_months(mod, user):
    """A hook submitted keyboard scores as those of the other playtype."""
    song, data = make_song("iidx"), {"notecount": 1000, "2dxtraSet": None}
    single, double = (
        make_chart("iidx", each, song=song, difficulty="ANOTHER", data=data)
        for each in ("SP", "DP")
    )
    token, other = (make_token(user, "submit_score") for _ in range(2))

    def said(playtype, n):
        of = {"game": "iidx", "playtype": playtype}
        return document(play(single, 900 + n, NOON + n * DAY), **of)

    for n in range(6):
        received(hook(token, said("SP", n)), timedelta(days=12 * (6 - n)))
    right = [
        hook(token, said("DP", 10)),
        hook(token, said("SP", 11), agent="another/2.0"),
        hook(other, said("SP", 12)),
    ]
    purge()  # what was sent is kept for a month
    source = {"token": token[:PREFIX_LENGTH], "userAgent": "hook/1", "playtype": "SP"}

    batch = Batch(mod, filters=source, runAgain={"playtype": "DP"}, reason="wrong way")
    assert (batch.drafted["imports"], batch.drafted["players"]) == (6, 1)
    done = batch.confirm()

    assert (done["reverted"], done["refused"], done["verified"]) == (2, 4, 1)
    refused = body_of(mod.get(f"{batch.path}/outcomes?state=refused"))["outcomes"]
    assert all(each["why"] for each in refused)
    ran_again = Score.objects.filter(user=user, chart=double).exclude(
        source_import__in=right
    )
    assert sorted(each.time_achieved for each in ran_again) == [
        NOON + n * DAY for n in (4, 5)
    ]
    # What cannot be run again any more can be reverted.
    old = Batch(mod, importIDs=[each["importID"] for each in refused])
    assert old.confirm()["reverted"] == 4
    left = Score.objects.filter(user=user, chart=single)
    assert {each.source_import for each in left} == set(right[1:])
    assert check_user(user.pk) == []
    assert batch.now()["state"] == "done"

    rule = {"filters": source, "text": "Update your client."}
    body_of(mod.post("/api/v1/import-rules", rule), 201)
    # The playtype of a document is known when it is read.
    stopped = hook(token, said("SP", 20))
    answer = Api().get(f"/api/v1/imports/{stopped.import_id}/poll-status")
    told = answer.status_code, answer.json()["description"]
    assert told == (403, "Update your client.")
    for one in (
        hook(token, said("SP", 21), agent="another/2.0"),
        hook(token, said("DP", 22)),
        hook(other, said("SP", 23)),
    ):
        assert one.state == State.COMPLETED, one.error_text


def test_a_restore_of_what_was_run_again_gives_the_months_back(mod, user):
    song, data = make_song("iidx"), {"notecount": 1000, "2dxtraSet": None}
    single, _ = (
        make_chart("iidx", each, song=song, difficulty="ANOTHER", data=data)
        for each in ("SP", "DP")
    )
    token = make_token(user, "submit_score")
    for n in range(3):
        of = {"game": "iidx", "playtype": "SP"}
        hook(token, document(play(single, 900 + n, NOON + n * DAY), **of))
    before = state_of(user)
    sent = {"filters": {"userAgent": "hook"}, "runAgain": {"playtype": "DP"}}

    batch = Batch(mod, **sent)
    batch.confirm()
    assert not Score.objects.filter(user=user, chart=single).exists()
    assert batch.restore()["state"] == "restored"

    assert state_of(user) == before


def test_a_type_that_talked_to_a_development_server_for_an_afternoon(mod, chart):
    """What came of one type within some hours goes, of all players, and no more."""
    people = [make_user() for _ in range(3)]
    tokens = [make_token(each, "submit_score") for each in people]

    def sent(n):
        return document(play(chart, 9_000_000 + n, NOON + n * DAY))

    for n, token in enumerate(tokens):
        received(hook(token, sent(n)), timedelta(hours=9))
        received(hook(token, sent(20 + n)), timedelta(hours=1))
        file = make_import(people[n], *sent(30 + n)["scores"], service="a file")
        received(file, timedelta(hours=5))
    before = [state_of(each) for each in people]
    for n, token in enumerate(tokens):
        for hours in (6, 5, 4):
            wrong = hook(token, sent(40 + 3 * n + hours))
            received(wrong, timedelta(hours=hours))

    now = timezone.now()
    window = {"since": now - timedelta(hours=8), "until": now - timedelta(hours=2)}
    filters = {name: each.isoformat() for name, each in window.items()}
    batch = Batch(mod, filters={**filters, "importType": "ir/direct-manual"})
    shown = batch.drafted
    assert (shown["imports"], shown["players"]) == (9, 3)
    assert shown["preview"]["scores"]["removed"] == 9
    done = batch.confirm()

    assert (done["reverted"], done["verified"], done["kept"]) == (9, 3, 0)
    assert [state_of(each) for each in people] == before


def test_a_profile_that_was_wiped_by_repeated_bad_imports(mod, user):
    charts = [make_chart(level=level) for level in (15, 16, 17)]
    good = make_import(user, *(play(chart, 9_000_000, NOON) for chart in charts))
    received(good, timedelta(days=3))
    bystander = make_import(make_user(), play(charts[0], 9_100_000, NOON))
    before = state_of(user)
    for n in range(12):
        day = n // 2  # each of them comes twice
        plays = [play(chart, 9_990_000 + day, NOON + day * DAY) for chart in charts]
        make_import(user, *plays, play(4444, 5_000_000 + n), service=f"bad {n}")
    assert state_of(user) != before

    filters = {"user": user.username, "since": "yesterday"}
    batch = Batch(mod, filters=filters, reason="a broken script")
    bad = state_of(user)
    assert batch.drafted["imports"] == 12
    assert batch.drafted["preview"]["scores"]["removed"] == 18
    batch.confirm()

    assert state_of(user) == before
    assert state_of_import(bystander) == State.COMPLETED
    batch.restore()
    assert state_of(user) == bad


def test_two_selected_imports_with_the_same_score_are_net_and_not_a_sum(mod, chart):
    user = make_user()
    both = [
        make_import(user, play(chart, 1, NOON), service=f"import {n}") for n in (1, 2)
    ]
    batch = Batch(mod, importIDs=[each.import_id for each in both])
    scores = batch.drafted["preview"]["scores"]
    assert (scores["removed"], scores["kept"]) == (1, 0)
    done = batch.confirm()
    assert (done["scores"] - done["kept"], done["reverted"]) == (1, 2)
    assert not Score.objects.filter(user=user).exists()


def test_an_import_that_arrives_between_preview_and_confirmation(mod, chart):
    user, (one, _) = make_player(chart, 1, 2)
    batch = Batch(mod, filters={"user": user.username})
    late = make_import(user, play(chart, 1, NOON), service="late")

    done = batch.confirm()

    # It has the score of one of them: that would stay now, which was not shown.
    assert (done["state"], done["aside"], done["reverted"]) == ("done", 1, 0)
    assert state_of_import(one) == State.COMPLETED
    [kept] = [
        each for each in done["preview"]["scores"]["list"] if each["what"] == "kept"
    ]
    assert kept["keptBy"] == late.import_id
    done = batch.confirm()
    assert (done["aside"], done["reverted"], done["kept"]) == (0, 2, 1)
    assert Score.objects.get(user=user).source_import == late


def test_what_an_import_filled_of_others_goes_and_comes_back_with_it(mod, chart):
    user = make_user()
    make_import(user, play(chart, 9_000_000), service="first")
    before = state_of(user)
    told = {"comment": "well played", "optional": {"fast": 3}}
    filling = make_import(user, play(chart, 9_000_000, NOON, **told), service="second")
    filled = state_of(user)
    assert Score.objects.get(user=user).comment == "well played"

    batch = Batch(mod, importIDs=[filling.import_id])
    assert batch.drafted["preview"]["scores"]["changed"] == 1
    batch.confirm()
    assert state_of(user) == before
    batch.restore()
    assert state_of(user) == filled


def test_blocks_that_a_batch_made_are_lifted_by_its_restore(mod, chart):
    user, imports = make_player(chart, 1, 2)
    before = state_of(user)
    ids = [each.import_id for each in imports]
    batch = Batch(mod, importIDs=ids, block=True)
    batch.confirm()
    token = make_token(user, "submit_score")
    hook(token, document(play(chart, 1, NOON)))
    assert not Score.objects.filter(user=user).exists()
    assert ScoreBlock.objects.filter(user=user).count() == 2

    batch.restore()

    assert not ScoreBlock.objects.filter(user=user).exists()
    assert {**state_of(user), "later_claims": []} == {**before, "later_claims": []}


def test_a_batch_says_its_outcome_and_not_that_it_was_queued(mod, chart):
    _, (one, two) = make_player(chart, 1, 2)
    batch = Batch(mod, importIDs=[one.import_id, two.import_id])
    sent = {"fingerprint": batch.drafted["fingerprint"]}
    queued = batch.post("confirm", sent)
    assert (queued["state"], queued["done"]) == ("queued", 0)
    done = batch.to_end()
    told = {"state": "done", "done": 2, "reverted": 2, "scores": 2, "failed": 0}
    assert {name: done[name] for name in told} == told
    assert milliseconds(timezone.now()) >= done["finishedAt"] >= done["startedAt"]
    assert done["progress"] is None


def test_a_batch_that_was_paused_for_a_month_goes_on_and_comes_back(mod, chart):
    user, imports = make_player(chart, 1, 2, 3)
    before = state_of(user)
    batch = Batch(mod, importIDs=[each.import_id for each in imports])
    batch.post("confirm", {"fingerprint": batch.drafted["fingerprint"]})
    job = leases.take(Job.objects.get(kind="revert-batches").pk)
    step(job)
    assert batch.post("pause")["state"] == "pausing"
    step(job)
    leases.finish(job)
    age(batch.row)
    purge()
    paused = batch.now()
    assert (paused["state"], paused["done"]) == ("paused", 1)

    batch.post("resume")
    done = batch.to_end()

    assert (done["reverted"], done["verified"]) == (3, 1)
    purge()
    batch.restore()
    assert state_of(user) == before
