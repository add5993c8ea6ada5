import pytest

from imports.class_review.decide import keep, withdraw
from imports.class_review.listing import NAMED, STATES, reviews
from imports.models import RequestedBy
from imports.undo.restore import restore_import
from imports.undo.revert import revert_import
from scores.models import ClassClaim
from tests.factories import OPERATOR, make_user
from tests.imports.class_review.test_decide import dan_of, provide, reverted

pytestmark = pytest.mark.django_db


def review(claim):
    return reviews([ClassClaim.objects.get(pk=claim.pk)])[0]


def test_a_review_has_names_and_who_reverted_it_and_why(user):
    claim = provide(user, "DAN_7")
    boss = make_user("boss")
    revert_import(claim.source_import, RequestedBy(boss, "admin", "a broken client"))

    found = review(claim)

    assert (found.name, found.state) == ("7th Dan", "review")
    assert (found.revert.reverted_by, found.revert.reason) == (boss, "a broken client")
    assert found.decided is None
    withdraw(claim, OPERATOR)
    assert review(claim).decided.reason == "a test"


def test_before_is_what_counts_without_the_claim(user):
    claim = reverted(user, "DAN_7")
    assert (review(claim).before, review(claim).before_name) == (None, None)
    provide(user, "DAN_2")
    provide(user, "DAN_10")  # ten is above two, whatever the letters say
    lower = reverted(user, "DAN_3")
    for each in (claim, lower):
        found = review(each)
        assert (found.before, found.before_name) == ("DAN_10", "10th Dan")
        withdraw(each, OPERATOR)
        assert review(each).before == dan_of(user) == "DAN_10"


def test_before_is_the_same_class_where_somebody_else_says_it_too(user):
    claim = reverted(user, "DAN_7")
    other = reverted(user, "DAN_7")
    assert review(claim).before == "DAN_7"
    withdraw(other, OPERATOR)
    assert review(claim).before is None


def test_completed_imports_that_say_so_or_more_support_it(user):
    claim = reverted(user, "DAN_7")
    lower, same, higher = (provide(user, dan) for dan in ("DAN_6", "DAN_7", "DAN_8"))
    reverted(user, "DAN_9")
    withdraw(provide(user, "DAN_10"), OPERATOR)
    provide(make_user(), "DAN_7")

    found = review(claim)

    assert found.supported == 2
    assert [each.pk for each in found.supports] == [
        higher.source_import_id,
        same.source_import_id,
    ]
    # A claim does not support itself.
    assert review(same).supported == 1
    assert review(lower).supported == 2


def test_the_newest_supports_are_named_and_all_are_counted(user):
    claim = reverted(user, "DAN_7")
    claims = [provide(user, "DAN_7") for _ in range(NAMED + 3)]

    found = review(claim)

    assert found.supported == NAMED + 3
    newest = [each.source_import_id for each in reversed(claims)][:NAMED]
    assert [each.pk for each in found.supports] == newest
    own = review(claims[-1])
    assert own.supported == NAMED + 2
    assert len(own.supports) == NAMED


def test_sets_games_and_players_are_told_apart(user):
    claim = reverted(user, "DAN_7")
    of_import = {"source_import": provide(make_user(), "DAN_1").source_import}
    ClassClaim.objects.create(
        user=user, gpt="iidx:SP", class_set="dan", value="DAN_9", **of_import
    )
    assert (review(claim).before, review(claim).supported) == (None, 0)


def test_what_is_no_class_any_more_is_below_all_that_are(user):
    claim = reverted(user, "DAN_1")
    other = provide(user, "DAN_2")
    ClassClaim.objects.filter(pk=other.pk).update(value="DAN_99")

    found = review(claim)

    assert (found.before, found.supported) == ("DAN_99", 0)
    assert review(other).name == "DAN_99"


def test_any_number_costs_four_statements(user, django_assert_num_queries):
    for number in range(6):
        reverted(user if number % 2 else make_user(), f"DAN_{number + 1}")
        provide(user, "DAN_3")
    claims = list(ClassClaim.objects.all())

    with django_assert_num_queries(4):
        assert len(reviews(claims[:1])) == 1
    with django_assert_num_queries(4):
        assert len(reviews(claims)) == 12


def test_every_claim_is_in_the_state_that_its_review_says(user):
    live, to_review, kept, gone, again = (reverted(user, "DAN_7") for _ in range(5))
    for claim in (live, again):
        restore_import(claim.source_import, OPERATOR)
    keep(kept, OPERATOR)
    for claim in (gone, again):
        withdraw(claim, OPERATOR)

    def of(state):
        return set(ClassClaim.objects.filter(STATES[state][0]))

    assert of("review") == {to_review}
    assert of("kept") == {kept}
    assert of("withdrawn") == {gone, again}
    assert of("live") == {live, to_review, kept}
    assert of("reverted") == {to_review, kept, gone}
    for claim in ClassClaim.objects.all():
        state = review(claim).state
        assert state == "live" or claim in of(state)
