"""Requests of a client that knows nothing of us: over sockets, with its patience."""

import json
from http.client import HTTPConnection
from types import SimpleNamespace

from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart


class Answer:
    """As much of Django's response as the clients of tests read."""

    def __init__(self, response):
        self.status_code = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.content = response.read()

    def json(self):
        return json.loads(self.content)


class RealApi:
    """The same requests as the `api` of tests makes, to a server on a port.

    It follows no redirect: what is redirected is not answered. Raises TimeoutError
    where an answer takes longer than its `patience`, in seconds.
    """

    def __init__(self, port, patience=10, headers=()):
        self.origin = f"http://127.0.0.1:{port}"
        self.port, self.patience, self.headers = port, patience, dict(headers)
        self.client = SimpleNamespace(post=self.post_form)

    def send(self, method, path, body=None, token=None, headers=None, **extra):
        """An address as a whole has to be one of this server's."""
        if "://" in path:
            assert path.startswith(f"{self.origin}/")
            path = path.removeprefix(self.origin)
        headers = {**self.headers, **dict(headers or {})}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        if body is not None:
            headers["Content-Type"] = extra.get("content_type", "application/json")
            if not isinstance(body, str | bytes):
                body = json.dumps(body)
            body = body.encode() if isinstance(body, str) else body
        connection = HTTPConnection("127.0.0.1", self.port, timeout=self.patience)
        try:
            connection.request(method, path, body, headers)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def get(self, path, **more):
        return self.send("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.send("POST", path, body, **more)

    def post_form(self, path, fields, headers=None, **more):
        """A form with files, as `django.test.Client` takes it."""
        body = encode_multipart(BOUNDARY, fields)
        kind = {"content_type": MULTIPART_CONTENT}
        return self.send("POST", path, body, headers=headers, **kind, **more)
