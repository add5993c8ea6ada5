"""Drafts that died, that are large in another way, or whose filters are words."""

from datetime import datetime

import pytest
from django.db import IntegrityError
from django.utils import timezone

from imports.batches import control, previews, restoring, reverting
from imports.batches import draft as drafts
from imports.batches.draft import draft
from imports.batches.run import run_to_end
from imports.delete_user import delete_user
from imports.models import Import, RevertBatch
from tachi.accounts.models import User
from tests.factories import HOUR, NOON, OPERATOR, make_import, play
from tests.imports.batches.making import (
    asked,
    confirmed,
    drafted,
    make_player,
    outcomes,
    ran,
    states,
)
from tests.rights.people import make_moderator

pytestmark = pytest.mark.django_db


def test_a_draft_whose_process_died_at_its_preview_has_it_when_asked_again(
    chart, monkeypatch
):
    _, (one,) = make_player(chart, 1)
    by = asked(make_moderator())

    def killed(*args):
        raise SystemExit

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(previews, "preview_player", killed)
        drafted(one, by=by, client_key="once")
    batch = drafted(one, by=by, client_key="once")
    assert RevertBatch.objects.get() == batch
    assert batch.preview["scores"]["removed"] == 1
    assert confirmed(batch, by).state == "queued"


def test_a_draft_selects_by_the_very_moments_that_it_keeps(chart, monkeypatch):
    """ "now" is another a moment later, and so is "yesterday" at midnight."""
    _, (old,) = make_player(chart, 1)
    freeze = drafts.selection.by_filters

    def slowly(filters):
        make_player(chart, 2)
        return freeze(filters)

    monkeypatch.setattr(drafts.selection, "by_filters", slowly)
    batch = draft(OPERATOR, filters={"until": "now"})
    assert list(outcomes(batch)) == [old.import_id]
    assert datetime.fromisoformat(batch.filters["until"]) < timezone.now()


@pytest.mark.parametrize("run_again", [None, {}])
def test_many_rows_that_own_nothing_are_left_to_a_worker(chart, settings, run_again):
    """They are read, if not reverted: scores that another import had sent before."""
    settings.PREVIEW_SCORES = 3
    user, _ = make_player(chart)
    plays = [play(chart, score, NOON + score * HOUR) for score in range(5)]
    make_import(user, *plays, service="first")
    again = make_import(user, *plays, service="again")
    assert Import.objects.get(pk=again.pk).counts["held"] == 5
    assert drafted(again, run_again=run_again).needs_preview


def test_rows_that_are_no_scores_count_where_they_are_read_again(chart, settings):
    settings.PREVIEW_SCORES = 3
    user, _ = make_player(chart)
    orphans = make_import(user, *[play(7777, 1, NOON + n) for n in range(5)])
    assert not drafted(orphans).needs_preview
    assert drafted(orphans, run_again={}).needs_preview


def test_a_restore_leaves_players_alone_who_never_had_their_turn(chart):
    (_, (one,)), (_, (two,)) = make_player(chart, 1), make_player(chart, 2)
    batch = ran(one, two)
    for outcome in batch.outcomes.filter(of_import=two):
        outcome.state, outcome.done_at = "waiting", None
        outcome.save()
        batch.players.filter(pk=outcome.player_id).update(
            state="waiting", verified=None
        )
    RevertBatch.objects.update(state="cancelled")
    run_to_end(control.restore(batch, OPERATOR))
    assert states(batch) == ["restored", "waiting"]
    assert [each.verified for each in batch.players.order_by("position")] == [
        True,
        None,
    ]


@pytest.mark.django_db(transaction=True)
def test_a_player_who_is_deleted_meanwhile_is_no_draft_of_the_key(chart, monkeypatch):
    user, (one,) = make_player(chart, 1)
    found = drafts.selection.by_ids

    def slowly(ids):
        selected = found(ids)
        delete_user(user)
        return selected

    monkeypatch.setattr(drafts.selection, "by_ids", slowly)
    with pytest.raises(IntegrityError):
        drafted(one, by=asked(make_moderator()), client_key="once")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("verb", ["reverting", "restoring"])
def test_a_batch_goes_on_whose_moderator_is_deleted_meanwhile(chart, monkeypatch, verb):
    moderator = make_moderator()
    _, imports = make_player(chart, 1, 2)
    batch = drafted(*imports, by=asked(moderator))
    batch = confirmed(batch, asked(moderator))
    if verb == "restoring":
        run_to_end(batch)
        control.restore(batch, asked(moderator))
    of = {"reverting": reverting, "restoring": restoring}[verb]
    begin = of.step

    def slowly(turn):
        if User.objects.filter(pk=moderator.pk).exists():
            delete_user(moderator)
        return begin(turn)

    monkeypatch.setattr(of, "step", slowly)
    run_to_end(batch)
    state = {"reverting": "reverted", "restoring": "restored"}[verb]
    assert list(outcomes(batch).values()) == [(state, "")] * 2
