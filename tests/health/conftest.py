from datetime import timedelta

import pytest
from django.db.models.functions import Now

from imports.models import Worker
from tachi.health import probes
from tachi.health.collector import DATABASE


@pytest.fixture(autouse=True)
def asked_anew():
    """No probe has been asked yet."""
    probes.READY.forget()
    DATABASE.forget()


@pytest.fixture
def seen(db):
    """Let a worker be seen so many seconds ago, by the database's clock."""

    def see(seconds, name="host:1"):
        moment = Now() - timedelta(seconds=seconds)
        Worker.objects.filter(name=name).delete()
        Worker.objects.create(name=name, processes=2, since=moment, last_seen=moment)

    return see
