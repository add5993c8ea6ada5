"""A player with a token for everything, and the requests that they send."""

import json

from django.test import Client

from tachi.accounts.models import Permission, User
from tests.factories import make_token, make_user
from tests.imports.site import DIRECT, FILE, TYPE, file


class Player:
    """Each verb sends one request in this process and returns the answer."""

    def __init__(self, user: User | None = None):
        self.user = user or make_user()
        self.token = make_token(self.user, *Permission.values)
        self.client = Client(raise_request_exception=False)

    def ask(self, method, path, body=None, content_type="application/json", **headers):
        headers = {"Authorization": f"Bearer {self.token}", **headers}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        body = b"" if body is None else body
        return self.client.generic(method, path, body, content_type, headers=headers)

    def upload(self, document, filename="scores.json", **headers):
        """`document` is an object, or the bytes of the file."""
        return self.ask("POST", FILE, *self.form(document, filename), **headers)

    def submit(self, document, **headers):
        return self.ask("POST", DIRECT, document, **headers)

    def revert(self, import_):
        return self.ask("POST", f"/api/v1/imports/{import_.import_id}/revert")

    def poll(self, import_):
        return self.ask("GET", f"/api/v1/imports/{import_.import_id}/poll-status")

    def delete(self, score, **body):
        return self.ask("DELETE", f"/api/v1/scores/{score.score_id}", body)

    def edit(self, score, **body):
        return self.ask("PATCH", f"/api/v1/scores/{score.score_id}", body)

    def retry_orphans(self):
        return self.ask("POST", "/api/v1/import/orphans")

    def form(self, document, filename="scores.json"):
        """An upload of a file: its body, and its content type."""
        sent = (
            document if isinstance(document, bytes) else json.dumps(document).encode()
        )
        body = TYPE + file(sent, filename) + b"--edge--\r\n"
        return body, "multipart/form-data; boundary=edge"
