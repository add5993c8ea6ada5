"""The queue's own models have no pages.

With a `Schedule` a superuser ran any function as the worker, a shell included, and what
a deleted or resubmitted task means nobody can tell: the Import rows say what is queued.
"""

from django.contrib import admin
from django_q.admin import FailAdmin  # noqa: F401 - its module registers the pages
from django_q.models import Failure, OrmQ, Schedule, Success, Task

for model in (Failure, OrmQ, Schedule, Success, Task):
    if admin.site.is_registered(model):
        admin.site.unregister(model)
