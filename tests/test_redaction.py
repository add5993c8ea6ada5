"""Secrets that are sent, accepted or refused, are in no log and no report."""

import logging

import pytest
from django.test import RequestFactory
from django.views.debug import ExceptionReporter

from tachi.redaction import Redacted, redacted
from tests.factories import make_token, make_user

SECRET = "5eC4e7" * 6 + "abcd"


@pytest.fixture
def logged():
    """The log, as the console gets it."""
    lines = []

    class Lines(logging.Handler):
        def emit(self, record):
            lines.append(self.format(record))

    handler = Lines(logging.DEBUG)
    handler.addFilter(Redacted())
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield lines
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.mark.django_db
def test_tokens_that_are_refused_are_not_logged(api, logged):
    bearer = {"Authorization": f"Bearer {SECRET}"}
    user = make_user("player", password=SECRET)
    tokens = f"/api/v1/users/{user.pk}/api-tokens/{SECRET}"
    refused = [
        api.get("/api/v1/users/me", headers=bearer),
        api.get("/api/v1/users/me", headers={"Authorization": SECRET}),
        api.post("/ir/direct-manual/import", {"scores": []}, headers=bearer),
        api.delete(tokens),
        api.delete(tokens, token=make_token(user)),
        api.get(f"/api/v1/nothing?token={SECRET}"),
        api.get(f"/nothing?api_key={SECRET}", headers={"Cookie": f"x={SECRET}"}),
        api.post("/api/v1/auth/login", {"username": "player", "!password": SECRET * 2}),
        api.login(user).delete(tokens),
    ]

    assert all(answer.status_code >= 400 for answer in refused)
    text = "\n".join(logged)
    assert len(logged) >= len(refused)
    assert "/api-tokens/…" in text
    assert SECRET[:8] not in text


@pytest.mark.parametrize(
    "text",
    [
        f'"GET /admin/?token={SECRET} HTTP/1.1" 200 5',
        f"{{'HTTP_AUTHORIZATION': 'Bearer {SECRET}'}}",
        f"Authorization: Bearer {SECRET}",
        f"Authorization: {SECRET}",
        f"Cookie: Tachi_SESSION={SECRET}; csrftoken={SECRET}",
        f'{{"!password": "{SECRET}"}}',
        f"DELETE /api/v1/users/me/api-tokens/{SECRET}/",
    ],
)
def test_what_holds_a_secret_is_shown_without_it(text):
    assert SECRET not in redacted(text)
    assert "…" in redacted(text)


@pytest.mark.parametrize(
    "text",
    [
        "Not Found: /api/v1/imports/833ed29134636c982c6d6644da3ed32cade2bfbb",
        "Not Found: /api/v1/users/me/api-tokens/create",
        "Is it migrated? The token has ended. Who asks?",
        "2 of 3 tokens: done",
    ],
)
def test_what_holds_none_is_shown_as_it_is(text):
    assert redacted(text) == text


def test_a_traceback_is_logged_without_secrets(logged):
    try:
        raise ValueError(f"Bearer {SECRET} is wrong")
    except ValueError:
        logging.getLogger("tachi").exception("It failed with %s", f"Bearer {SECRET}")

    assert "ValueError" in logged[0]
    assert SECRET not in logged[0]


@pytest.mark.parametrize("debug", [True, False])
def test_a_report_of_an_error_has_no_secrets_in_it(settings, debug):
    settings.DEBUG = debug
    settings.DATABASE_URL = f"postgres://me:{SECRET}@db/tachi"
    settings.CACHES = {
        **settings.CACHES,
        "process": {**settings.CACHES["process"], "LOCATION": f"x{SECRET}"},
    }
    request = RequestFactory().get(
        f"/admin/?token={SECRET}",
        headers={"Authorization": f"Bearer {SECRET}"},
    )
    request.COOKIES = {settings.SESSION_COOKIE_NAME: SECRET, "csrftoken": SECRET}
    request.META["HTTP_COOKIE"] = f"a={SECRET}"
    reporter = ExceptionReporter(request, ValueError, ValueError("x"), None)
    data = reporter.get_traceback_data()
    shown = [data["settings"], data["request_meta"], data["request_COOKIES_items"]]

    assert SECRET not in repr([dict(each) for each in shown])
