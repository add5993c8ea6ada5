import pytest

from imports.class_review.decide import NotDecided, keep, reinstate, withdraw
from imports.class_review.listing import reviews
from imports.class_review.sentences import classes_after_restore
from imports.models import Import, RequestedBy, RevertBatch
from imports.undo.restore import restore_import
from imports.undo.revert import revert_import
from scores.derived.integrity import check_user
from scores.locks import Busy
from scores.models import ClassClaim, ClassReview, GameStats
from tests.factories import OPERATOR, make_chart, make_import, make_user, play
from tests.state import state_of

pytestmark = pytest.mark.django_db
DECISIONS = {"withdraw": withdraw, "keep": keep, "reinstate": reinstate}


@pytest.fixture
def moderator(db):
    return make_user("boss")


@pytest.fixture
def by(moderator):
    return RequestedBy(moderator, "admin", "never passed it")


def provide(user, dan, **more):
    """A claim of an import of its own."""
    import_ = make_import(user, play(make_chart()), classes={"dan": dan}, **more)
    return ClassClaim.objects.get(source_import=import_)


def reverted(user, dan):
    claim = provide(user, dan)
    revert_import(claim.source_import, OPERATOR)
    return claim


def dan_of(user):
    stats = GameStats.objects.filter(user=user).first()
    return stats and stats.classes.get("dan")


def state(claim):
    claim = ClassClaim.objects.get(pk=claim.pk)
    return reviews([claim])[0].state


def test_a_class_is_to_be_reviewed_when_its_import_is_reverted(user):
    claim = provide(user, "DAN_5")
    assert state(claim) == "live"

    revert_import(claim.source_import, OPERATOR)

    assert (state(claim), dan_of(user)) == ("review", "DAN_5")


def test_what_is_withdrawn_leaves_the_next_highest(user, by):
    provide(user, "DAN_3")
    provide(user, "DAN_1")
    claim = reverted(user, "DAN_7")
    assert dan_of(user) == "DAN_7"

    assert withdraw(claim, by)

    assert (state(claim), dan_of(user)) == ("withdrawn", "DAN_3")
    assert check_user(user.pk) == []


def test_what_is_kept_stays_in_force_and_leaves_the_review(user, by):
    claim = reverted(user, "DAN_7")

    assert keep(claim, by)

    assert (state(claim), dan_of(user)) == ("kept", "DAN_7")


def test_a_withdrawal_can_be_undone_and_is_to_be_reviewed_again(user, by):
    claim = reverted(user, "DAN_7")
    keep(claim, by)
    withdraw(claim, by)

    assert reinstate(claim, by)

    assert (state(claim), dan_of(user)) == ("review", "DAN_7")
    assert check_user(user.pk) == []


def test_who_decided_what_when_from_where_and_why_is_kept(user, moderator, by):
    claim = reverted(user, "DAN_7")
    for decide in (keep, withdraw, reinstate):
        decide(claim, by)
    moderator.delete()

    told = ClassReview.objects.order_by("pk")
    assert [each.decision for each in told] == ["kept", "withdrawn", "reinstated"]
    for each in told:
        assert (each.claim, each.user, each.decided_by) == (claim, user, None)
        assert (each.decided_by_name, each.origin) == ("boss", "admin")
        assert each.reason == "never passed it"


@pytest.mark.parametrize(
    ("first", "again"),
    [
        (["withdraw"], "withdraw"),
        (["keep"], "keep"),
        ([], "reinstate"),
        (["keep"], "reinstate"),
        (["withdraw", "reinstate"], "reinstate"),
    ],
)
def test_what_is_decided_already_changes_nothing(user, by, first, again):
    claim = reverted(user, "DAN_7")
    for name in first:
        assert DECISIONS[name](claim, by)
    before = ClassClaim.objects.values().get(), ClassReview.objects.count()

    assert DECISIONS[again](claim, by) is None

    assert (ClassClaim.objects.values().get(), ClassReview.objects.count()) == before


def test_what_is_withdrawn_is_reinstated_before_it_is_kept(user, by):
    claim = reverted(user, "DAN_7")
    withdraw(claim, by)

    with pytest.raises(NotDecided, match=r"It was withdrawn on 20\d\d-.*reinstate it"):
        keep(claim, by)

    assert state(claim) == "withdrawn"


def test_what_is_not_to_be_reviewed_cannot_be_kept(user, by):
    claim = provide(user, "DAN_7")

    with pytest.raises(NotDecided, match="Its import is not reverted"):
        keep(claim, by)


def test_the_class_of_a_completed_import_can_be_withdrawn(user, by):
    claim = provide(user, "DAN_7")

    assert withdraw(claim, by)

    assert dan_of(user) is None


@pytest.mark.parametrize("decide", DECISIONS.values())
def test_a_claim_that_is_gone_is_not_decided_on(user, by, decide):
    claim = reverted(user, "DAN_7")
    ClassClaim.objects.all().delete()

    assert decide(claim, by) is None
    assert not ClassReview.objects.exists()


@pytest.mark.parametrize("decide", DECISIONS.values())
def test_a_decision_waits_for_the_players_lock(user, by, decide, monkeypatch):
    claim = reverted(user, "DAN_7")
    asked = []

    def busy(user_id, *args, **kwargs):
        asked.append(user_id)
        raise Busy("Another change of these scores is at work.")

    monkeypatch.setattr("scores.derived.change.only_change_of", busy)
    with pytest.raises(Busy):
        decide(claim, by)
    assert asked == [user.pk]


def test_a_restore_takes_its_classes_out_of_the_review(user, by):
    claim, kept = reverted(user, "DAN_7"), reverted(user, "DAN_8")
    keep(kept, by)

    for each in (claim, kept):
        restore_import(each.source_import, OPERATOR)
        assert state(each) == "live"

    # and another revert is another thing to look at
    revert_import(Import.objects.get(pk=kept.source_import_id), OPERATOR)
    assert state(kept) == "review"


def test_what_was_withdrawn_by_hand_stays_so_and_the_restore_says_so(user, by):
    claim = reverted(user, "DAN_7")
    withdraw(claim, by)

    restore_import(claim.source_import, OPERATOR)

    assert (state(claim), dan_of(user)) == ("withdrawn", None)
    assert ClassReview.objects.count() == 1
    text = "1 provided class stays withdrawn: 7th Dan (dan, sdvx Single)."
    assert classes_after_restore([claim.source_import]) == text


def test_what_counts_again_is_said_too(user):
    assert classes_after_restore([make_import(user, play(make_chart()))]) == ""
    claim = reverted(user, "DAN_7")
    restore_import(claim.source_import, OPERATOR)
    text = "1 provided class counts by its import again: 7th Dan (dan, sdvx Single)."
    assert classes_after_restore([claim.source_import]) == text
    claims = [provide(user, "DAN_5") for _ in range(11)]
    said = classes_after_restore([each.source_import for each in claims])
    assert said.startswith("11 provided classes count by their imports again: 5th Dan")
    assert said.endswith(", 5th Dan (dan, sdvx Single) and 1 more.")


@pytest.fixture
def with_classes(moderator):
    batch = RevertBatch.objects.create(origin="command", withdraw_classes=True)
    return RequestedBy(moderator, "command", "all of it", batch)


def test_a_batch_withdraws_what_it_leaves_and_its_restore_brings_it_back(
    user, with_classes
):
    provide(user, "DAN_3")
    claim = provide(user, "DAN_7")
    before = state_of(user)

    revert_import(claim.source_import, with_classes)

    assert (state(claim), dan_of(user)) == ("withdrawn", "DAN_3")
    assert check_user(user.pk) == []
    restore_import(claim.source_import, OPERATOR)
    assert (state(claim), dan_of(user)) == ("live", "DAN_7")
    assert state_of(user) == before
    told = ClassReview.objects.order_by("pk")
    revert = claim.source_import.reverts.get()
    assert [(each.decision, each.revert) for each in told] == [
        ("withdrawn", revert),
        ("reinstated", revert),
    ]
    assert [each.reason for each in told] == ["all of it", "a test"]


def test_a_class_without_a_score_goes_and_comes_back_too(user, with_classes):
    make_import(user, classes={"dan": "DAN_7"})
    claim = ClassClaim.objects.get()

    revert_import(claim.source_import, with_classes)
    assert (state(claim), dan_of(user)) == ("withdrawn", None)

    restore_import(claim.source_import, OPERATOR)
    assert (state(claim), dan_of(user)) == ("live", "DAN_7")
    assert check_user(user.pk) == []


def test_a_batch_that_does_not_say_so_withdraws_nothing(user, moderator):
    batch = RevertBatch.objects.create(origin="command")
    claim = provide(user, "DAN_7")

    revert_import(claim.source_import, RequestedBy(moderator, "command", "", batch))

    assert (state(claim), dan_of(user)) == ("review", "DAN_7")
    assert not ClassReview.objects.exists()


def test_what_a_moderator_withdrew_before_a_batch_does_not_come_back(
    user, by, with_classes
):
    claim = provide(user, "DAN_7")
    withdraw(claim, by)

    revert_import(claim.source_import, with_classes)
    restore_import(claim.source_import, OPERATOR)

    assert (state(claim), dan_of(user)) == ("withdrawn", None)


def test_what_a_moderator_withdrew_after_a_batch_did_does_not_come_back(
    user, by, with_classes
):
    claim = provide(user, "DAN_7")
    revert_import(claim.source_import, with_classes)
    reinstate(claim, by)
    assert (state(claim), dan_of(user)) == ("review", "DAN_7")
    withdraw(claim, by)

    restore_import(claim.source_import, OPERATOR)

    assert (state(claim), dan_of(user)) == ("withdrawn", None)


def test_the_classes_of_others_are_left_alone(user, with_classes):
    other = provide(make_user(), "DAN_7")
    beside = provide(user, "DAN_5")
    claim = provide(user, "DAN_7")

    revert_import(claim.source_import, with_classes)

    assert (state(other), state(beside)) == ("live", "live")
