"""Every owner's page × everybody who may ask, as one table."""

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from imports.batches.draft import draft
from imports.models import Import, Origin, RequestedBy
from imports.pages.urls import urlpatterns
from imports.undo.revert import revert_import
from tachi.accounts.models import ApiToken, AuthLevel
from tests.factories import (
    make_chart,
    make_import,
    make_row,
    make_token,
    make_user,
    play,
)
from tests.rights.people import make_moderator

pytestmark = pytest.mark.django_db

PEOPLE = ("nobody", "other", "owner", "moderator", "admin", "superuser", "banned")
#: "login": the page asks to sign in. A POST has no fields: 400 and 200 say so.
TABLE = """
page             method  nobody other owner moderator admin superuser banned
home             get     200    200   200   200       200   200       200
home             post    405    405   405   405       405   405       405
sign_in          get     200    200   200   200       200   200       200
sign_in          post    200    200   200   200       200   200       200
sign_out         get     405    405   405   405       405   405       405
sign_out         post    302    302   302   302       302   302       302
password         get     login  200   200   200       200   200       403
password         post    login  200   200   200       200   200       403
notices          get     login  200   200   200       200   200       403
notices          post    login  302   302   302       302   302       403
tokens           get     login  200   200   200       200   200       403
tokens           post    login  200   200   200       200   200       403
revoke_token     get     login  404   200   404       404   404       403
revoke_token     post    login  404   302   404       404   404       403
draft            get     login  200   200   200       200   200       403
draft            post    login  400   400   400       400   400       403
batch            get     login  404   200   404       404   404       403
batch            post    login  404   302   404       404   404       403
wipe             get     login  200   200   200       200   200       403
wipe             post    login  200   200   200       200   200       403
imports          get     login  200   200   200       200   200       403
imports          post    405    405   405   405       405   405       405
upload           get     login  200   200   200       200   200       403
upload           post    login  400   400   400       400   400       403
import           get     200    200   200   200       200   200       200
import           post    405    405   405   405       405   405       405
rows             get     200    200   200   200       200   200       200
rows             post    405    405   405   405       405   405       405
revert           get     login  403   200   403       200   403       403
revert           post    login  403   302   403       302   403       403
restore          get     login  404   200   404       200   404       403
restore          post    login  404   302   404       302   404       403
retry            get     405    405   405   405       405   405       405
retry            post    login  403   302   403       302   403       403
cancel           get     405    405   405   405       405   405       405
cancel           post    login  403   302   403       302   403       403
orphans          get     login  200   200   200       200   200       403
orphans          post    405    405   405   405       405   405       405
orphans_discard  get     405    405   405   405       405   405       405
orphans_discard  post    login  302   302   302       302   302       403
orphans_retry    get     405    405   405   405       405   405       405
orphans_retry    post    login  302   302   302       302   302       403
"""
FIELDS = {"batch": {"verb": "cancel"}}
_, *ROWS = [line.split() for line in TABLE.splitlines() if line]


@pytest.fixture
def people():
    banned = make_user("banned_one", auth_level=AuthLevel.BANNED)
    return {
        "nobody": None,
        "other": make_user("somebody_else"),
        "owner": make_user("owner_1"),
        "moderator": make_moderator(),
        "admin": make_user("by_level", auth_level=AuthLevel.ADMIN),
        "superuser": make_user("superuser", is_staff=True, is_superuser=True),
        "banned": banned,
    }


@pytest.fixture
def addresses(people):
    """Each page's address, of something of the owner's to which it applies."""
    owner = people["owner"]
    by_owner = RequestedBy(owner, Origin.API)
    import_ = make_import(owner, play(make_chart()), play(4444))
    reverted = make_import(owner, play(make_chart()))
    revert_import(reverted, by_owner)
    failed, queued = make_row(owner), make_row(owner)
    Import.objects.filter(pk=failed.pk).update(state="failed")
    make_token(owner)
    batch = draft(by_owner, import_ids=[import_.import_id])
    of = {"restore": reverted, "retry": failed, "cancel": queued}
    found = {}
    for name in {row[0] for row in ROWS}:
        route = next(str(each.pattern) for each in urlpatterns if each.name == name)
        args: list = []
        if "<import_id>" in route:
            args = [of.get(name, import_).import_id]
        elif "<batch_id>" in route:
            args = [batch.batch_id]
        elif "<int:pk>" in route:
            args = [ApiToken.objects.get(user=owner).pk]
        found[name] = reverse(f"pages:{name}", args=args)
    return found


def test_the_table_names_every_page_and_both_methods():
    pages = {each.name for each in urlpatterns if each.name}
    assert {(name, method) for name, method, *_ in ROWS} == {
        (name, method) for name in pages for method in ("get", "post")
    }


def test_each_may_do_what_the_table_says_and_nothing_else(people, addresses, settings):
    settings.RATE_LIMITS = False
    wrong = {
        f"{method} {name}: {who} got {got}, not {expected}"
        for name, method, *cells in ROWS
        for who, expected in zip(PEOPLE, cells, strict=True)
        if (got := asked(people[who], method, addresses[name], FIELDS.get(name)))
        != expected
    }
    assert wrong == set()


def test_a_form_from_elsewhere_changes_nothing(people, addresses, settings):
    settings.RATE_LIMITS = False
    for name, method, *cells in ROWS:
        if method == "post" and "405" not in cells:
            strict = Client(enforce_csrf_checks=True)
            strict.force_login(people["owner"])
            assert strict.post(addresses[name]).status_code == 403, name


def asked(user, method, address, fields):
    """The status; "login" where one is asked to sign in. Nothing is changed."""
    client = Client()
    if user is not None:
        client.force_login(user)
    with transaction.atomic():
        answer = getattr(client, method)(address, fields)
        transaction.set_rollback(True)
    if answer.status_code == 302 and answer.url.startswith(reverse("pages:sign_in")):
        return "login"
    return str(answer.status_code)
