"""Players who are set aside in a batch: when they are, when again, and when not."""

import pytest

from imports.batches import previews, reverting
from imports.models import State
from imports.undo.revert import revert_within
from scores.models import Score
from tests.conftest import Api
from tests.factories import HOUR, NOON, make_chart, make_import, make_user, play
from tests.imports.batches.making import make_player, state_of_import, states
from tests.imports.batches.test_reported_of_batches import Batch, body_of
from tests.rights.people import make_moderator
from tests.state import state_of

pytestmark = pytest.mark.django_db
OPTIONS = [{}, {"block": True}, {"withdrawClasses": True}, {"runAgain": {}}]


@pytest.fixture
def mod(api):
    return api.login(make_moderator(username="mod_1"))


@pytest.fixture
def wrong(chart):
    """A player's import."""
    user = make_user()
    return make_import(
        user, play(chart, 9_000_000, NOON), classes={"dan": "DAN_1"}, service="wrong"
    )


def sent_too(wrong, chart):
    """Its player sends the same score once more."""
    told = play(chart, 9_000_000, NOON, comment="well played")
    return make_import(wrong.user, told, service="sent it, too")


def set_aside(mod, wrong, chart, **options):
    """A batch whose player sent the same score before his turn; and that import."""
    batch = Batch(mod, importIDs=[wrong.import_id], **options)
    other = sent_too(wrong, chart)
    done = batch.confirm()
    assert (done["state"], done["aside"], done["toConfirm"]) == ("done", 1, 1)
    assert state_of_import(wrong) == State.COMPLETED
    return batch, other


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_one_more_confirmation_is_enough_where_nothing_happens(
    mod, wrong, chart, options
):
    batch, _ = set_aside(mod, wrong, chart, **options)
    before = state_of(wrong.user)
    shown = batch.now()

    done = batch.confirm()

    assert (done["aside"], done["reverted"], done["toConfirm"]) == (0, 1, 0)
    assert done["kept"] == shown["preview"]["scores"]["kept"] == 1
    batch.restore()
    assert state_of(wrong.user) == before


def test_what_makes_no_difference_after_it_does_not_matter(mod, wrong, chart):
    batch, _ = set_aside(mod, wrong, chart)
    make_import(wrong.user, play(make_chart(), 1, NOON + 99 * HOUR), service="more")
    make_player(chart, 9_500_000)

    done = batch.confirm()

    assert (done["aside"], done["reverted"], done["kept"]) == (0, 1, 1)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_who_undoes_after_it_what_was_shown_is_set_aside_again(
    mod, wrong, chart, options
):
    batch, other = set_aside(mod, wrong, chart, **options)
    shown = batch.now()
    assert shown["preview"]["scores"]["kept"] == 1
    own = Api().login(wrong.user)
    body_of(own.post(f"/api/v1/imports/{other.import_id}/revert"))

    again = batch.confirm()

    assert state_of_import(other) == State.REVERTED
    assert (again["aside"], again["reverted"], again["toConfirm"]) == (1, 0, 1)
    assert state_of_import(wrong) == State.COMPLETED
    assert again["preview"]["scores"]["kept"] == (1 if "runAgain" in options else 0)
    assert again["fingerprint"] != shown["fingerprint"]
    sent = {"fingerprint": shown["fingerprint"]}
    refused = body_of(mod.post(f"{batch.path}/confirm", sent), 409)
    assert refused["fingerprint"] == again["fingerprint"]

    done = batch.confirm()

    assert (done["aside"], done["reverted"], done["verified"]) == (0, 1, 1)
    assert done["kept"] == again["preview"]["scores"]["kept"]


def fails(monkeypatch, *failing):
    """Reverts of these imports have a fault."""

    def broken(import_, *args, **kwargs):
        if import_ in failing:
            raise ValueError("planted")
        return revert_within(import_, *args, **kwargs)

    monkeypatch.setattr(reverting, "revert_within", broken)


def of_two_games(user):
    """Imports on charts that changed at different times, the newer ones first."""
    charts = make_chart(), make_chart("iidx", "SP", difficulty="ANOTHER")
    header = {"game": "iidx", "playtype": "SP"}
    sent = {**play(charts[1], 900), "difficulty": "ANOTHER"}
    return [
        make_import(user, play(charts[0], 9_000_000), service="one"),
        make_import(user, sent, service="two", **header),
    ]


@pytest.mark.parametrize("meanwhile", [False, True])
def test_that_its_first_import_failed_is_no_change(mod, user, monkeypatch, meanwhile):
    one, two = of_two_games(user)
    batch = Batch(mod, importIDs=[one.import_id, two.import_id])
    if meanwhile:  # which makes no difference
        make_import(user, play(99_999), service="an orphan")

    with monkeypatch.context() as patch:
        fails(patch, two)
        done = batch.confirm()

    assert states(batch.row) == ["failed", "reverted"]
    assert done["aside"] == 0
    batch.post("retry-failed")
    assert batch.to_end()["reverted"] == 2
    assert not Score.objects.filter(user=user).exists()


def test_a_change_after_its_first_import_failed_is_one(mod, user, chart, monkeypatch):
    """Nothing of his is undone yet: so he is set aside, and what failed is tried again
    only as it is shown then.
    """
    one, two = (
        make_import(user, play(chart, 9_000_000 + n, NOON + n * 9 * HOUR))
        for n in (1, 2)
    )
    batch = Batch(mod, importIDs=[one.import_id, two.import_id])

    def late(import_, *args, **kwargs):
        raise ValueError("planted")

    with monkeypatch.context() as patch:
        patch.setattr(reverting, "revert_within", late)
        patch.setattr(reverting.logger, "exception", lambda *args: send())

        def send():
            patch.undo()
            make_import(user, play(chart, 9_000_001, NOON + 9 * HOUR), service="late")

        done = batch.confirm()

    assert states(batch.row) == ["failed", "waiting"]
    assert (done["aside"], done["failed"], done["toConfirm"]) == (1, 1, 1)

    batch.post("retry-failed")
    again = batch.to_end()

    assert (again["aside"], again["toConfirm"], again["failed"]) == (1, 2, 0)
    assert again["preview"]["imports"] == 2
    assert again["preview"]["scores"]["removed"] == 1
    done = batch.confirm()
    assert (done["aside"], done["reverted"], done["kept"]) == (0, 2, 1)


@pytest.mark.parametrize("broken", ["preview_reverts", "save"])
def test_a_fault_in_looking_anew_lets_nothing_pass(
    mod, user, chart, monkeypatch, broken
):
    """What came of the look is not known, or not stored: the next import is looked at
    by itself, and his player set aside.
    """
    sent = [play(chart, 9_000_000 + n, NOON + n * 9 * HOUR) for n in (1, 2)]
    ids = [make_import(user, each).import_id for each in sent]
    batch = Batch(mod, importIDs=ids)
    make_import(user, *sent, service="sent both, too")
    good = getattr(previews, broken)

    def once(*args, **kwargs):
        monkeypatch.setattr(previews, broken, good)
        raise ValueError("planted")

    monkeypatch.setattr(previews, broken, once)
    done = batch.confirm()

    assert states(batch.row) == ["failed", "waiting"]
    assert (done["aside"], done["toConfirm"]) == (1, 1)
    assert done["preview"]["scores"]["kept"] == 1
