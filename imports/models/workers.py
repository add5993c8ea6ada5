"""Clusters of workers, by their last sign of life."""

from django.db import models
from django.db.models.functions import Now


class Worker(models.Model):
    """A `qcluster`, named by its host and its supervisor's process: `host:pid`.

    It says every few seconds that it is there (`imports.queue.presence`), and takes its
    row along when it ends. The times are the database's.
    """

    name = models.CharField(max_length=200)
    processes = models.PositiveSmallIntegerField(help_text="that work on tasks")
    since = models.DateTimeField(db_default=Now())
    last_seen = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name"], name="worker_name")]

    def __str__(self) -> str:
        return self.name
