"""Songs, charts, and every way in which a source may name them."""

from datetime import datetime

from django.db import models
from django.utils import timezone


class Song(models.Model):
    """A song of one game. `song_id` is unique within its game, not across games."""

    game = models.CharField(max_length=10)
    song_id = models.PositiveIntegerField()
    title = models.TextField()
    artist = models.TextField()
    search_terms = models.JSONField(default=list)
    alt_titles = models.JSONField(default=list)
    data = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["game", "song_id"], name="song_of_game"),
        ]

    def __str__(self) -> str:
        return f"{self.title} – {self.artist}"


class ChartQuerySet(models.QuerySet["Chart"]):
    def charts_version(self, game: str) -> datetime | None:
        """When a chart of the game changed last: what was read before is outdated."""
        return self.filter(game=game).aggregate(last=models.Max("changed_at"))["last"]


def listed_first(chart: "Chart") -> tuple[bool, int]:
    """To sort charts by where several fit: retired ones come last, else as stored."""
    return chart.retired_at is not None, chart.pk


class Chart(models.Model):
    """One difficulty of a song, as played: what a score is on.

    It is retired from when the seeds of its game do not list it any more: the scores on
    it stay as they are, and it is meant by a name only where no listed chart is.
    """

    song = models.ForeignKey(Song, models.PROTECT, related_name="charts")
    game = models.CharField(max_length=10)
    playtype = models.CharField(max_length=10)
    chart_id = models.CharField(max_length=64)
    difficulty = models.CharField(max_length=80)
    level = models.CharField(max_length=20)
    level_num = models.FloatField()
    is_primary = models.BooleanField()
    versions = models.JSONField(default=list)
    data = models.JSONField(default=dict)
    changed_at = models.DateTimeField(default=timezone.now)
    retired_at = models.DateTimeField("retired", null=True, blank=True)

    objects = ChartQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["game", "chart_id"], name="chart_of_game"),
        ]
        indexes = [
            models.Index(fields=["game", "changed_at"], name="chart_by_change"),
        ]

    def __str__(self) -> str:
        return f"{self.song.title} ({self.playtype} {self.difficulty} {self.level})"

    @property
    def gpt(self) -> str:
        """Game and playtype, as in "sdvx:Single"."""
        return f"{self.game}:{self.playtype}"


class ChartIdentifier(models.Model):
    """A name by which a source may mean a chart, or a song and so its charts.

    `kind` is what the name is (title, inGameID, hashSHA256 ...); titles are kept
    with their case folded one to one, and under coarser kinds where they differ there
    (`scores.seeds.titles`). Whole imports are matched against this one
    table in a few queries, whatever way they name their charts.
    """

    game = models.CharField(max_length=10)
    kind = models.CharField(max_length=20)
    value = models.TextField()
    song = models.ForeignKey(
        Song, models.CASCADE, null=True, blank=True, related_name="names"
    )
    chart = models.ForeignKey(
        Chart, models.CASCADE, null=True, blank=True, related_name="names"
    )

    class Meta:
        indexes = [
            models.Index(fields=["game", "kind", "value"], name="name_of_chart"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(song=None) ^ models.Q(chart=None),
                name="name_of_song_or_chart",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


class Course(models.Model):
    """Charts that are played in one go, for a class: a dan of BMS.

    `md5s` are the MD5s of its charts, one after the other, as hooks name it.
    """

    md5s = models.CharField(max_length=200)
    title = models.TextField()
    gpt = models.CharField("game and playtype", max_length=20)
    class_set = models.CharField(max_length=30)
    value = models.CharField(max_length=30)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["md5s"], name="course_of_charts"),
        ]

    def __str__(self) -> str:
        return self.title
