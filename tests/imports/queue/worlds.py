"""What a test begins with, and what it finds."""

from django.apps import apps
from django.db import connection, transaction

from imports.models import Import
from tests.state import state_of

OURS = ("tachi", "scores", "imports", "django_q")


class World:
    """All rows as they are now, to begin anew with: quicker than making them again."""

    def __init__(self):
        self.rows = {
            model: list(model._base_manager.all())
            for model in apps.get_models()
            if model.__module__.split(".")[0] in OURS and not model._meta.proxy
        }

    def begin_anew(self):
        with transaction.atomic(), connection.cursor() as cursor:
            for model in self.rows:
                cursor.execute(f"DELETE FROM {model._meta.db_table}")
            for model, rows in self.rows.items():
                model._base_manager.bulk_create(rows)


def state(user):
    """All that imports may change for a user, and which of them are completed."""
    completed = Import.objects.completed().filter(user=user)
    return state_of(user), sorted(completed.values_list("service", flat=True))
