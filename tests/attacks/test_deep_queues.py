"""How many unfinished imports a user may have."""

import pytest

from imports.models import Import
from tests.factories import make_chart
from tests.imports.queue.test_deep_queues import DEEP, one_score, queue

UPLOADS, FROM_HOOKS = 100, 2_000  # unfinished imports that a user may have


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("bound", "import_type", "verb"),
    [
        (UPLOADS, "file/batch-manual", "upload"),
        (FROM_HOOKS, "ir/direct-manual", "submit"),
    ],
)
def test_a_user_with_too_many_unfinished_imports_is_told_to_wait(
    player, bound, import_type, verb
):
    chart = make_chart()
    queue(player.user, bound - 1, chart, import_type)
    send = getattr(player, verb)
    sent = one_score(chart, DEEP)
    assert send(sent).status_code == 202
    refused = send(sent)
    assert refused.status_code == 429, refused.content
    assert int(refused["Retry-After"]) >= 1
    assert refused.json()["success"] is False
    assert Import.objects.filter(user=player.user).count() == bound
    Import.objects.filter(user=player.user).first().delete()
    assert send(sent).status_code == 202
