"""How many unfinished imports a user may have."""

import pytest
from django.test import Client

from imports.models import Import, ImportInput, State
from tests.factories import make_user
from tests.imports.site import Sender, Site

pytestmark = pytest.mark.django_db
VERBS = {"upload": "file/batch-manual", "submit": "ir/direct-manual"}


@pytest.fixture(params=VERBS)
def verb(request):
    return request.param


@pytest.fixture
def site(settings):
    settings.RATE_LIMITS = False
    settings.MAX_UNFINISHED_UPLOADS = settings.MAX_UNFINISHED_FROM_HOOKS = 3
    return Site(Client(), Sender())


def queue(user, count, import_type):
    rows = [Import(user=user, import_type=import_type) for _ in range(count)]
    imports = Import.objects.bulk_create(rows)
    inputs = [ImportInput(of_import=import_, payload=b"") for import_ in imports]
    ImportInput.objects.bulk_create(inputs)
    return imports


def refused(answer, most):
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) >= 1
    told = answer.json()
    assert told["success"] is False
    assert told["description"].startswith(f"You have {most} imports that are not ")


def test_one_more_is_told_to_wait_until_another_has_ended(site, verb):
    first, *_ = queue(site.player, 2, VERBS[verb])
    send = getattr(site, verb)
    assert send(site.text()).status_code == 202
    refused(send(site.text()), 3)
    assert Import.objects.unfinished().filter(user=site.player).count() == 3
    Import.objects.filter(pk=first.pk).update(state=State.FAILED)
    assert send(site.text()).status_code == 202


def test_what_runs_counts_too(site, verb):
    first, *_ = queue(site.player, 3, VERBS[verb])
    Import.objects.filter(pk=first.pk).update(state=State.RUNNING)
    refused(getattr(site, verb)(site.text()), 3)


def test_uploads_and_hooks_are_counted_apart(site, verb):
    [other] = set(VERBS) - {verb}
    queue(site.player, 3, VERBS[other])
    assert getattr(site, verb)(site.text()).status_code == 202
    refused(getattr(site, other)(site.text()), 3)


def test_others_imports_do_not_count(site, verb):
    queue(make_user(), 3, VERBS[verb])
    assert getattr(site, verb)(site.text()).status_code == 202


def test_a_gap_between_two_imports_is_not_an_import(site, verb):
    queue(site.player, 1, VERBS[verb])
    queue(make_user(), 5, VERBS[verb])
    queue(site.player, 1, VERBS[verb])
    assert getattr(site, verb)(site.text()).status_code == 202
    refused(getattr(site, verb)(site.text()), 3)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("bound", "import_type", "verb"),
    [(100, "file/batch-manual", "upload"), (2_000, "ir/direct-manual", "submit")],
)
def test_the_bounds_of_a_site_that_says_nothing(
    api, settings, bound, import_type, verb
):
    settings.RATE_LIMITS = False
    site = Site(api.client, Sender())
    queue(site.player, bound - 1, import_type)
    send = getattr(site, verb)
    assert send(site.text()).status_code == 202
    refused(send(site.text()), bound)
