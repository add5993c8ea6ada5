"""What every page is sent with, and what its templates may not hold."""

import json
import re

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import path, reverse

from imports.models import Import
from tachi.admin.formatting import in_one_line
from tachi.admin.pages import Pages
from tests.commands import ROOT, failure
from tests.factories import document, make_import, make_user, play

pytestmark = pytest.mark.django_db

RTL = "\u202e"
#: Scripts, handlers and styles that stand in a page: its policy runs none of them.
INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)(?:\s[^>]*)?>|<style\b|\sstyle=[\"']|\son\w+=[\"']"
    r"|javascript:",
    re.IGNORECASE,
)


def breaks(request):
    raise KeyError("secret")


def hello(request):
    return HttpResponse("<p>Hello")


urlpatterns = [path("breaks", breaks), path("hello", hello)]


def policy(answer):
    parts = answer["Content-Security-Policy"].split("; ")
    return dict(part.split(" ", 1) for part in parts)


@pytest.mark.parametrize(
    "page", ["/", "/admin/", "/admin/login/", "/api/docs/", "/nothing", "/admin/x"]
)
def test_every_page_loads_what_is_ours_and_runs_nothing_that_stands_in_it(
    moderator, client, page
):
    said = policy(client.get(page))

    for name in ("default-src", "base-uri", "frame-ancestors"):
        assert said[name] == "'none'"
    assert said["script-src"] == said["style-src"] == "'self'"
    assert "unsafe" not in str(said)


@pytest.mark.urls(__name__)
def test_pages_about_errors_too(client):
    client.raise_request_exception = False
    for page, status in (("/breaks", 500), ("/gone", 404), ("/hello", 200)):
        answer = client.get(page)
        assert answer.status_code == status
        assert policy(answer)["script-src"] == "'self'"


@pytest.mark.parametrize("redirect", [True, False])
def test_a_host_that_is_not_ours_is_told_so_as_it_asked(api, settings, redirect):
    """Redirecting to https, Django finds it out before any middleware of ours."""
    settings.ALLOWED_HOSTS = ["tachi.example"]
    settings.SECURE_SSL_REDIRECT = redirect
    headers = {"Host": "evil.example"}

    for path_ in ("/api/v1/auth/login", "/api/v1/status", "/ir/x"):
        answer = api.get(path_, headers=headers)
        assert (answer.status_code, answer.json()["success"]) == (400, False)
        assert answer["Access-Control-Allow-Origin"] == "*"
        assert answer["Cache-Control"] == "no-store"
    page = api.get("/admin/", headers=headers)
    assert (page.status_code, page["Content-Type"]) == (400, "text/html; charset=utf-8")
    assert policy(page)["script-src"] == "'self'"


@pytest.mark.parametrize("slash", ["", "/"])
def test_only_what_hooks_ask_is_answered_over_plain_http(api, settings, slash):
    settings.SECURE_SSL_REDIRECT = True
    for path_ in ("/api/v1/status", "/api/v1", "/ir/direct-manual/import", "/IR/x"):
        assert api.get(path_ + slash).status_code != 301, path_
    redirected = (
        "/api/v1/auth/login",
        "/API/v1/Auth/LOGIN",
        "/api/docs",
        "/admin",
        "/admin/login",
        "",
    )
    for path_ in redirected:
        answer = api.post(path_ + slash, {"username": "x"})
        assert answer.status_code == 301, path_
        assert answer["Location"].startswith("https://")


def test_no_template_and_no_formatting_holds_what_the_policy_stops():
    files = [
        file
        for app in ("tachi", "scores", "imports")
        for kind in ("html", "py")
        for file in (ROOT / app).rglob(f"*.{kind}")
    ]
    assert {"confirmation.html", "formatting.py"} <= {file.name for file in files}
    found = {
        str(file.relative_to(ROOT)): INLINE.findall(file.read_text(encoding="utf-8"))
        for file in files
    }
    assert {name: of for name, of in found.items() if of} == {}


def test_marks_of_direction_in_what_players_send_are_to_be_seen(moderator, client):
    identifier = f"evil{RTL}gnp"
    import_ = make_import(
        make_user("player"),
        play(99_999, matchType="songTitle", identifier=identifier),
        service=f"ser{RTL}vice",
    )
    Import.objects.update(user_agent=f"agent{RTL}\x1b[2J")
    pages = [
        reverse("admin:imports_import_changelist"),
        reverse("admin:imports_import_change", args=[import_.pk]),
        reverse("admin:imports_orphan_change", args=[import_.orphans.get().pk]),
    ]
    for page in pages:
        text = client.get(page).content.decode()
        assert RTL not in text, page
        assert "‹U+202E›" in text, page
    assert "‹U+001B›" in client.get(pages[0]).content.decode()


def test_what_a_form_sends_back_is_not_changed_and_what_it_shows_is():
    page = f"<b title='{RTL}'>{RTL}\u2067é</b><input value='{RTL}'>"
    page += f"<textarea>{RTL}</textarea><script src='x'>'{RTL}'</script>\n\t{RTL}"
    shown = Pages(lambda request: HttpResponse(page, headers={"Content-Length": "9"}))

    answer = shown(RequestFactory().get("/"))

    text = answer.content.decode()
    expected = page.replace(f">{RTL}\u2067é", ">‹U+202E›‹U+2067›é")
    assert text == expected.removesuffix(RTL) + "‹U+202E›"
    assert int(answer["Content-Length"]) == len(answer.content)
    csv = Pages(lambda request: HttpResponse(RTL, content_type="text/csv"))
    assert csv(RequestFactory().get("/")).content.decode() == RTL


def test_a_terminal_is_not_moved_by_what_players_send():
    sent = "a\x1b[2Jb\r\nReverted 3 imports.\u202e\x9b1A"

    assert in_one_line(sent) == (
        "a‹U+001B›[2Jb‹U+000D›‹U+000A›Reverted 3 imports.‹U+202E›‹U+009B›1A"
    )
    assert in_one_line("光のロック é\u0301 👩‍🚀") == "光のロック é\u0301 👩‍🚀"


def test_what_a_command_prints_of_a_document_stays_on_its_line(tmp_path):
    make_user("player")
    file = tmp_path / "scores.json"
    bad = document(service="x\x1b]0;title\x07\u202e")
    bad["meta"]["game"] = "no\x1b[31m\u202egame"
    file.write_text(json.dumps(bad))
    name = "--import-type=file/batch-manual"
    out, text = failure("import_scores", str(file), "--user=player", name)
    assert "\x1b" not in out + text
    assert "\u202e" not in out + text
    assert "‹U+001B›" in text
