"""The same, sent many times at the same moment, is one import."""

from threading import Barrier, Thread

import pytest
from django.db import connection

from imports.models import Import
from tests.factories import NOON, document, make_chart, make_user, play
from tests.imports.views.test_exactly_once import Sender

TOGETHER = 6


@pytest.mark.parametrize(
    ("inline", "key"), [(True, "one"), (False, "one"), (False, None)]
)
def test_of_many_at_once_one_is_imported(database_url, settings, inline, key):
    settings.RATE_LIMITS, settings.IMPORT_INLINE = False, inline
    sender = Sender(make_user())
    sent = document(play(make_chart(), 9_000_000, NOON))
    together, answers = Barrier(TOGETHER), []

    def send():
        try:
            together.wait()
            answers.append(sender.direct(sent, key))
        finally:
            connection.close()

    threads = [Thread(target=send) for _ in range(TOGETHER)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    [import_] = Import.objects.filter(user=sender.user)
    assert len(answers) == TOGETHER
    for answer in answers:
        assert answer.status_code in (200, 202), answer.content
        assert answer.json()["body"]["importID"] == import_.import_id
