"""Somebody who sends for import what should not be sent, and what became of it."""

import json
import re

from imports.models import Import
from scores.models import Score
from tests.factories import (
    HOUR,
    NOON,
    document,
    make_chart,
    make_import,
    make_token,
    make_user,
    play,
)
from tests.state import state_of

FILE = "/api/v1/import/file"
DIRECT = "/ir/direct-manual/import"
INNARDS = re.compile(
    r"Traceback|\.py\b|line \d+, in|psycopg|sqlite|django|DETAIL:|[a-z]Error|Exception"
)


class Sender:
    """Somebody with an import of the past."""

    def __init__(self):
        self.chart, self.player = make_chart(), make_user()
        self.token = make_token(self.player, "submit_score")
        make_import(self.player, play(self.chart, 8_000_000, NOON), play(4444))
        self.before = state_of(self.player)


class Site:
    """Where the sender sends what should not be sent."""

    def __init__(self, client, sender):
        self.client, self.chart = client, sender.chart
        self.player, self.token = sender.player, sender.token
        self.before = sender.before

    def document(self, **changes):
        """A good play, and one that is changed."""
        good = play(self.chart, 9_000_000, NOON + HOUR, comment="a good one")
        other = play(self.chart, 9_100_000, NOON + 2 * HOUR, comment="another")
        return document(good, {**other, **changes})

    def text(self, **changes):
        return json.dumps(self.document(**changes))

    def upload(self, content=b"{}", *parts, headers=None, **environment):
        form = [field("importType", b"file/batch-manual"), file(as_bytes(content))]
        return self.post_form(*form, *parts, headers=headers, **environment)

    def post_form(self, *parts, headers=None, boundary="edge", **environment):
        content_type = f"multipart/form-data; boundary={boundary}"
        body = b"".join(parts) + b"--edge--\r\n"
        return self.post(FILE, body, content_type, headers, **environment)

    def submit(self, content=b"{}", headers=None, **environment):
        body = as_bytes(content)
        return self.post(DIRECT, body, "application/json", headers, **environment)

    def post(self, path, body, content_type, headers=None, **environment):
        headers = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        return self.client.generic(
            "POST", path, body, content_type, headers=headers, **environment
        )

    def refused(self, answer, status, text):
        """It was refused so; nothing came or went; and the next import is fine."""
        assert (answer.status_code, text_of(answer)[: len(text)]) == (status, text)
        assert answer["Content-Type"].startswith("application/json")
        assert set(answer.json()) - {"errors"} == {"success", "description"}
        assert not INNARDS.search(answer.content.decode()), answer.content
        self.unharmed()

    def unharmed(self):
        assert state_of(self.player) == self.before
        assert not Import.objects.unfinished().exists()
        assert self.upload(self.text()).status_code == 200
        assert self.submit(self.text(score=9_200_000)).status_code == 200
        assert Score.objects.filter(user=self.player).count() == 4


def field(name, data, extra=b""):
    return part(f'form-data; name="{name}"', data, extra)


def file(data, filename="scores.json"):
    return part(f'form-data; name="scoreData"; filename="{filename}"', data)


def part(disposition, data, extra=b""):
    head = b"--edge\r\nContent-Disposition: " + as_bytes(disposition) + b"\r\n"
    return head + extra + b"\r\n" + data + b"\r\n"


def as_bytes(text):
    return text if isinstance(text, bytes) else text.encode()


def text_of(answer):
    assert answer.json()["success"] is False
    return answer.json()["description"]


TYPE = field("importType", b"file/batch-manual")
