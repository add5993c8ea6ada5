"""What moderators do on the pages of imports."""

from django.contrib.auth.models import Permission
from django.urls import reverse

from imports.models import Import
from imports.pipeline import run_inline
from tests.factories import document, make_chart, play, send

IMPORTS = reverse("admin:imports_import_changelist")
DAN = {"dan": "DAN_5"}


def may_only(user, *permissions):
    user.is_superuser = False
    user.save()
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))


def rows(response):
    return list(response.context["cl"].result_list)


def found(client, url=IMPORTS, **filters):
    return rows(client.get(url, filters))


def ask(client, action, *imports, url=IMPORTS, **more):
    """The page that comes after choosing an action for these imports."""
    keys = [import_.pk for import_ in imports]
    data = {"action": action, "_selected_action": keys, **more}
    return client.post(url, data, follow=True)


def confirm(client, action, *imports, **more):
    return ask(client, action, *imports, confirmed="yes", **more).content.decode()


def state(import_):
    return Import.objects.get(pk=import_.pk).state


def detail_page(client, import_):
    url = reverse("admin:imports_import_change", args=[import_.pk])
    return client.get(url).content.decode()


def send_one(user, **sent):
    return run_inline(send(user, document(play(make_chart())), **sent))
