"""Previews of reverts and restores, case by case."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from imports.models import Import, Revert, State
from imports.undo import documents
from imports.undo.preview import (
    preview_of_all,
    preview_restores,
    preview_reverts,
    together,
    too_many_scores,
)
from imports.undo.restore import restore_import
from imports.undo.revert import Stale, Undone, revert_import
from scores.edits import edit_score
from scores.locks import Busy, only_change_of, waiting_at_most
from scores.models import PlayerToRerate, Score
from tests.factories import (
    HOUR,
    NOON,
    OPERATOR,
    make_chart,
    make_import,
    make_row,
    make_user,
    play,
)
from tests.imports.undo.told import (
    facts_after,
    restore_and_compare,
    undo_and_compare,
    undone_as_one,
)
from tests.locking import held_elsewhere, needs_locks
from tests.state import all_rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def charts(db):
    return [make_chart(level=15 + n) for n in range(4)]


def fingerprint(import_):
    return preview_reverts(import_.user_id, [import_])["fingerprint"]


def test_what_two_selected_imports_have_both_sent_goes(user, charts):
    both = [make_import(user, play(charts[0], time=NOON)) for _ in range(2)]
    told = undo_and_compare(user, both)
    assert (told["scores"]["removed"], told["scores"]["kept"]) == (1, 0)
    assert told["personalBests"]["removed"] == 1
    assert told["sessions"]["removed"] == 1
    told = restore_and_compare(user, both)
    assert (told["scores"]["added"], told["scores"]["kept"]) == (1, 0)


def test_what_another_import_sent_too_is_kept_and_it_is_named(user, charts):
    first = make_import(user, play(charts[0], time=NOON), play(charts[1]))
    make_import(user, play(charts[0], time=NOON), play(charts[2]))
    second = Import.objects.get(sequence=2)
    told = undo_and_compare(user, [first])
    assert (told["scores"]["removed"], told["scores"]["kept"]) == (1, 1)
    kept = told["scores"]["list"][-1]
    assert (kept["what"], kept["importID"]) == ("kept", first.import_id)
    assert kept["keptBy"] == second.import_id
    assert kept["chartID"] == charts[0].chart_id
    told = restore_and_compare(user, [first])
    assert (told["scores"]["added"], told["scores"]["kept"]) == (1, 1)


def test_what_an_import_has_filled_is_changed(user, charts):
    make_import(user, play(charts[0]))
    filling = make_import(user, play(charts[0], time=NOON, comment="well played"))
    told = undo_and_compare(user, [filling])
    assert told["scores"]["removed"] == 0
    (changed,) = told["scores"]["list"]
    assert changed["differs"] == ["timeAchieved", "comment"]
    assert told["sessions"]["removed"] == 1
    assert told["personalBests"]["changed"] == 1
    assert restore_and_compare(user, [filling])["scores"]["changed"] == 1


def test_a_comment_that_its_player_wrote_is_no_change(user, charts):
    make_import(user, play(charts[0]))
    filling = make_import(user, play(charts[0], comment="well played"))
    edit_score(Score.objects.get(), comment="mine")
    assert undo_and_compare(user, [filling])["scores"]["changed"] == 0


def test_a_revert_may_bring_a_chart_and_a_class_back_in_order(user, charts):
    make_import(user, *(play(chart, 9_900_000, NOON) for chart in charts))
    imports = [
        make_import(
            user, play(charts[n], 9_950_000, NOON + n * HOUR), classes={"dan": "DAN_3"}
        )
        for n in range(3)
    ]
    told = undo_and_compare(user, imports, block=True)
    assert told["personalBests"]["changed"] == 3
    assert (told["classes"]["staying"], len(told["classes"]["list"])) == (3, 3)
    assert {each["name"] for each in told["classes"]["list"]} == {"3rd Dan"}
    assert restore_and_compare(user, imports)["scores"]["added"] == 3


def test_a_derived_class_changes_with_its_rating(user):
    many = [make_chart(level=20) for _ in range(50)]
    import_ = make_import(
        user, *(play(chart, 9_990_000, lamp="ULTIMATE CHAIN") for chart in many)
    )
    told = undo_and_compare(user, [import_])
    (change,) = told["classes"]["changed"]
    assert (change["set"], change["new"]) == ("vfClass", None)


def test_a_player_who_waits_is_rated_again_in_the_preview_only(user, charts):
    import_ = make_import(user, play(charts[0]))
    make_import(user, play(charts[1]))
    charts[1].level_num = 20
    charts[1].save()
    PlayerToRerate.objects.create(user=user, gpt="sdvx:Single")
    rows = all_rows()
    told = preview_reverts(user.pk, [import_])
    assert all_rows() == rows
    assert told["personalBests"]["changed"] == 0


def test_those_in_another_state_are_left_out(user, charts):
    first, second = (make_import(user, play(chart)) for chart in charts[:2])
    others = make_import(make_user(), play(charts[0]))
    revert_import(first, OPERATOR)
    queued = make_row(user)
    some = [first, second, second, queued, others]
    assert preview_reverts(user.pk, some)["imports"] == 1
    told = preview_restores(user.pk, some)
    assert (told["imports"], told["scores"]["added"]) == (1, 1)
    none = preview_reverts(user.pk, [queued])
    assert (none["imports"], none["players"]) == (0, 0)
    long_ago = timezone.now() - timezone.timedelta(days=31)
    Revert.objects.update(reverted_at=long_ago)
    assert preview_restores(user.pk, some)["imports"] == 0


def test_lists_end_at_fifty_and_totals_do_not(user):
    charts = [make_chart() for _ in range(60)]
    import_ = make_import(
        user, *(play(chart, time=NOON + n * 3 * HOUR) for n, chart in enumerate(charts))
    )
    make_import(user, *(play(chart, comment="kept") for chart in charts[:4]))
    told = preview_reverts(user.pk, [import_])
    scores = told["scores"]
    assert (scores["removed"], scores["kept"], scores["changed"]) == (56, 4, 4)
    kinds = [each["what"] for each in scores["list"]]
    assert [kinds.count(kind) for kind in ("removed", "kept", "changed")] == [42, 4, 4]
    assert (told["sessions"]["removed"], len(told["sessions"]["list"])) == (60, 50)
    assert (told["personalBests"]["removed"], told["personalBests"]["changed"]) == (
        56,
        4,
    )
    assert len(told["personalBests"]["list"]) == 50
    # The fingerprint is over more than the list shows.
    make_import(user, play(charts[-1], time=NOON + 59 * 3 * HOUR))
    assert fingerprint(import_) != told["fingerprint"]


def test_previews_of_players_are_summed(user, charts):
    other = make_user()
    imports = [
        make_import(player, *map(play, charts), classes={"dan": "DAN_3"})
        for player in (user, other)
    ]
    one, two = (preview_reverts(each.user_id, [each]) for each in imports)
    both = together([one, two])
    assert (both["imports"], both["players"]) == (2, 2)
    assert both["scores"]["removed"] == len(both["scores"]["list"]) == 8
    assert both["classes"]["staying"] == 2
    assert both["fingerprint"] == together([two, one])["fingerprint"]
    assert both["fingerprint"] not in (one["fingerprint"], two["fingerprint"])
    assert preview_of_all(imports) == both
    many = together([one] * 20)
    assert (many["scores"]["removed"], len(many["scores"]["list"])) == (80, 50)
    assert json.loads(json.dumps(both)) == both
    assert together([])["scores"] == {"removed": 0, "kept": 0, "changed": 0, "list": []}
    assert one.keys() == together([]).keys() == documents.Preview.__annotations__.keys()


def test_a_set_costs_no_more_statements_than_one(user):
    charts = [make_chart() for _ in range(24)]
    other = make_user()
    for player, number in ((user, 2), (other, 24)):
        for chart in charts[:number]:
            make_import(player, play(chart, time=NOON), play(99_999, time=NOON))
        make_import(player, *(play(chart, comment="and more") for chart in charts[:2]))
    counted = []
    for player in (user, other):
        imports = list(Import.objects.filter(user=player))[:-1]
        with CaptureQueriesContext(connection) as reverts:
            preview_reverts(player.pk, imports)
        for each in imports:
            revert_import(each, OPERATOR)
        with CaptureQueriesContext(connection) as restores:
            preview_restores(player.pk, imports)
        counted.append((len(reverts), len(restores)))
    few, many = counted
    assert all(b <= a + 6 for a, b in zip(few, many, strict=True)), counted


def test_a_revert_says_what_it_owned_and_what_stays(user, charts):
    first = make_import(user, *map(play, charts[:2]))
    make_import(user, play(charts[0]))
    assert revert_import(first, OPERATOR) == Undone(scores=2, kept=1)


def test_a_set_of_two_games_is_what_single_reverts_make(user, charts):
    bms = make_chart(
        "iidx",
        "SP",
        10,
        difficulty="ANOTHER",
        data={"notecount": 786, "2dxtraSet": None},
    )
    of_iidx = {**play(bms, 900), "difficulty": "ANOTHER"}
    imports = [
        make_import(user, play(charts[0], time=NOON), service="one"),
        make_import(user, of_iidx, game="iidx", playtype="SP", service="two"),
        make_import(user, play(charts[0], comment="again"), service="three"),
        make_import(user, of_iidx, game="iidx", playtype="SP", service="four"),
    ]
    some = imports[:2]
    expected = facts_after(
        lambda: [revert_import(i, OPERATOR) for i in some[::-1]], user
    )
    assert facts_after(lambda: undone_as_one(user, some), user) == expected
    told = undo_and_compare(user, some)
    assert told["scores"]["kept"] == 2


# Fingerprints


def test_a_fingerprint_is_of_what_goes_and_not_of_what_else_is_played(user, charts):
    import_ = make_import(user, play(charts[0], time=NOON), classes={"dan": "DAN_3"})
    first = fingerprint(import_)
    make_import(user, play(charts[1], time=NOON + HOUR))
    make_import(make_user(), play(charts[0], 9_990_000))
    assert fingerprint(import_) == first == fingerprint(import_)
    assert revert_import(import_, OPERATOR, fingerprint=first) == Undone(1, 0)


def test_an_import_that_arrives_in_between_makes_it_stale(user, charts):
    import_ = make_import(user, play(charts[0], time=NOON))
    shown = fingerprint(import_)
    make_import(user, play(charts[0], time=NOON))
    rows = all_rows()
    with pytest.raises(Stale) as stale:
        revert_import(import_, OPERATOR, fingerprint=shown)
    assert all_rows() == rows
    assert stale.value.preview["scores"]["kept"] == 1
    fresh = stale.value.preview["fingerprint"]
    assert revert_import(import_, OPERATOR, fingerprint=fresh) == Undone(1, 1)


def test_a_comment_that_arrives_in_between_makes_it_stale(user, charts):
    make_import(user, play(charts[0], time=NOON))
    import_ = make_import(user, play(charts[0], time=NOON, comment="to be taken back"))
    shown = fingerprint(import_)
    make_import(user, play(charts[0], time=NOON, comment="what it says then"))
    with pytest.raises(Stale):
        revert_import(import_, OPERATOR, fingerprint=shown)


def test_too_many_scores_is_what_imports_brought(user, charts, settings):
    imports = [make_import(user, *map(play, charts)) for _ in range(2)]
    settings.PREVIEW_SCORES = 8
    assert not too_many_scores(imports)
    settings.PREVIEW_SCORES = 7
    assert too_many_scores(imports)
    assert not too_many_scores(imports[:1])


@needs_locks
@pytest.mark.django_db(transaction=True)
def test_a_preview_waits_for_its_player_only_so_long(user, charts):
    import_ = make_import(user, play(charts[0]))
    elsewhere = held_elsewhere(only_change_of, user.pk)
    with elsewhere, waiting_at_most(0.1), pytest.raises(Busy):
        preview_reverts(user.pk, [import_])
    assert preview_reverts(user.pk, [import_])["imports"] == 1


def test_a_restore_that_was_previewed_is_the_one_that_comes(user, charts):
    make_import(user, play(charts[0]))
    import_ = make_import(user, *(play(chart, time=NOON) for chart in charts))
    revert_import(import_, OPERATOR)
    make_import(user, play(charts[1], comment="meanwhile"))
    told = restore_and_compare(user, [import_])
    assert told["scores"]["changed"] == 2
    import_.refresh_from_db()
    assert import_.state == State.COMPLETED
    assert restore_import(import_, OPERATOR) is None
