"""A class that a hook declares by itself is kept, and kept once; keys with hooks."""

import pytest

from imports.models import Import, State
from scores.edits import withdraw_claim
from scores.models import ClassClaim, Course, GameStats
from tests.factories import OPERATOR, make_token
from tests.imports.boku_hooks import (
    BEATORAJA,
    LR2_COURSE,
    LR2_IMPORT,
    SUBMIT_COURSE,
    SUBMIT_SCORE,
    USC,
    beatoraja_course,
    beatoraja_play,
    lr2_play,
    usc_play,
)
from tests.imports.hooks import CLASS, FERVIDEX, SCORE, fervidex_play

pytestmark = pytest.mark.django_db
LOW, HIGH = "1" * 128, "2" * 128


def of_iidx(number):
    return {"cleared": True, "course_id": number, "play_style": 0}


#: A hook's address and headers, and what declares a low class, and a high one.
HOOKS = {
    "fervidex": (CLASS, FERVIDEX, of_iidx(16), of_iidx(18)),
    "beatoraja": (
        SUBMIT_COURSE,
        BEATORAJA,
        beatoraja_course(LOW),
        beatoraja_course(HIGH),
    ),
    "lr2hook": (LR2_COURSE, {}, lr2_play(md5=LOW), lr2_play(md5=HIGH)),
}


@pytest.fixture(params=HOOKS)
def hook(request):
    for md5s, value in ((LOW, "NORMAL_1"), (HIGH, "OVERJOY")):
        Course.objects.create(
            md5s=md5s, title=value, gpt="bms:7K", class_set="genocideDan", value=value
        )
    return HOOKS[request.param]


@pytest.fixture
def declare(api, user, hook):
    """Send it, with a key or without; status, and whether it raised the class."""
    token = make_token(user, "submit_score")

    def send(body, key=None):
        address, headers, *_ = hook
        if key:
            headers = {**headers, "Idempotency-Key": key}
        answer = api.post(address, body, token=token, headers=headers)
        return answer.status_code, answer.json()["description"]

    return send


def raised(told):
    assert told[0] == 200
    return "unchanged" not in told[1] and "not updated" not in told[1]


def classes():
    return [
        value for each in GameStats.objects.all() for value in each.classes.values()
    ]


def test_a_lower_class_counts_when_a_higher_one_is_withdrawn(hook, declare):
    *_, low, high = hook
    assert raised(declare(high))
    assert not raised(declare(low))
    highest, lowest = ClassClaim.objects.order_by("pk")
    withdraw_claim(highest, OPERATOR.acting)
    assert classes() == [lowest.value]


def test_the_same_again_makes_no_import_until_it_is_withdrawn(hook, declare):
    *_, low, high = hook
    for _ in range(3):
        told = [declare(body) for body in (low, high)]
    assert not any(map(raised, told))
    assert Import.objects.count() == ClassClaim.objects.count() == 2
    withdraw_claim(
        ClassClaim.objects.get(source_import=Import.objects.last()), OPERATOR.acting
    )
    assert raised(declare(high))
    assert Import.objects.count() == 3


def test_another_hooks_word_stands_by_itself(hook, declare):
    """Whoever withdraws all that one source has said leaves the others'."""
    *_, low, _ = hook
    declare(low)
    Import.objects.update(import_type="file/batch-manual")
    assert not raised(declare(low))
    assert ClassClaim.objects.count() == 2


def test_a_key_is_answered_as_at_first(hook, declare):
    *_, low, high = hook
    for _ in range(2):
        assert raised(declare(low, "a key"))
    assert declare(high, "a key")[0] == 422
    assert Import.objects.count() == 1
    Import.objects.update(state=State.REVERTED)
    status, text = declare(low, "a key")
    assert (status, "was reverted" in text) == (409, True)


@pytest.mark.parametrize(
    ("address", "headers", "body"),
    [
        (SUBMIT_SCORE, BEATORAJA, beatoraja_play()),
        (LR2_IMPORT, {}, lr2_play()),
        (f"{USC}/scores", {}, usc_play()),
        (SCORE, FERVIDEX, fervidex_play()),
    ],
)
def test_a_reverted_play_says_so_to_whoever_sends_it_again(
    api, user, address, headers, body
):
    """The game of USC would try it again for ever, were it a fault of the server."""
    token = make_token(user, "submit_score")
    headers = {**headers, "Idempotency-Key": "a key"}
    api.post(address, body, token=token, headers=headers)
    Import.objects.update(state=State.REVERTED)
    answer = api.post(address, body, token=token, headers=headers)
    told = answer.json()
    assert "was reverted" in told["description"]
    assert told.get("statusCode", 40) == 40
    assert answer.status_code in (200, 400, 409)
