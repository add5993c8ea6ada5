"""Comparing what a preview says of reverts or restores with what comes of them."""

from django.db import transaction

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
from scores.games import get_game
from scores.models import (
    ClassClaim,
    GameStats,
    PersonalBest,
    Score,
    Session,
)
from tests.factories import (
    OPERATOR,
)
from tests.state import all_rows, state_of

SDVX, IIDX = "sdvx:Single", "iidx:SP"
MARKS = ("service", "importType", "timeAdded")


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


def pks_of(imports):
    return [import_.pk for import_ in imports]


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
    completed = list(Import.objects.completed().filter(pk__in=pks_of(imports)))
    staying = live_classes(completed)
    newest_first = sorted(imports, key=lambda each: -each.sequence)
    done = [revert_import(each, OPERATOR, block=block) for each in newest_first]
    done = [each for each in done if each is not None]
    assert_came(told, before, seen(user))
    assert told["imports"] == len(done)
    assert told["scores"]["kept"] == sum(each.kept for each in done)
    assert told["scores"]["removed"] == sum(each.scores - each.kept for each in done)
    assert told["orphans"] == orphans - Orphan.objects.count()
    assert told["classes"]["staying"] == staying == live_classes(completed)
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
        found = list(Import.objects.completed().filter(pk__in=pks_of(imports)))
        withdraw(found, holdings_of(found), Touched(user.pk))


def restored_as_one(user, imports):
    with change_of(user.pk):
        found = {
            each.pk: each
            for each in Import.objects.reverted().filter(pk__in=pks_of(imports))
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
