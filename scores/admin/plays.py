"""Scores, sessions, personal bests and profiles, read-only."""

from typing import TYPE_CHECKING, TypedDict

from django.contrib import admin
from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from scores.admin.filters import GptFilter, ImportFilter
from scores.documents.session_edits import default_name
from scores.games import get_game
from scores.models import (
    GameSettings,
    GameStats,
    PersonalBest,
    ProfileSnapshot,
    Score,
    Session,
)
from tachi.accounts.admin.filters import UserFilter
from tachi.admin.filters import TextFilter
from tachi.admin.formatting import (
    detail_link,
    format_json,
    format_milliseconds,
    list_link,
    shortened,
)
from tachi.admin.read_only import ReadOnlyAdmin

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class SessionFilter(TextFilter):
    title = "session"
    parameter_name = "session"
    lookup = "session__session_id"
    hint = "sessionID"


class ChartFilter(TextFilter):
    title = "chart"
    parameter_name = "chart"
    lookup = "chart__chart_id"
    hint = "chartID"


class SessionImportFilter(ImportFilter):
    """Sessions by an import that owns scores in them."""

    def narrowed(self, queryset: QuerySet[Session], value: str) -> QuerySet[Session]:
        scores = Score.objects.filter(**{self.lookup: value})
        return queryset.filter(pk__in=scores.values("session"))


class PlayAdmin(ReadOnlyAdmin):
    """The columns that scores and personal bests have in common."""

    @admin.display(description="score data")
    def data(self, play: Score | PersonalBest) -> str:
        return format_json(play.score_data)

    def ratings(self, play: Score | PersonalBest) -> str:
        names = get_game(play.gpt).score_ratings
        return format_json(dict(zip(names, play.ratings, strict=False)))

    @admin.display(description="achieved")
    def achieved(self, play: Score | PersonalBest) -> str:
        return format_milliseconds(play.time_achieved)

    @admin.display(description="score")
    def score(self, play: Score | PersonalBest) -> float | None:
        return play.score_data.get("score")

    @admin.display(description="lamp")
    def lamp(self, play: Score | PersonalBest) -> str | None:
        return play.score_data.get("lamp")


class OfImport(TypedDict):
    """What the list adds to each row."""

    import_id: str


@admin.register(Score)
class ScoreAdmin(PlayAdmin):
    list_display = [
        "short_id",
        "user",
        "chart",
        "score",
        "lamp",
        "achieved",
        "added",
        "import_link",
    ]
    list_select_related = ["user", "chart__song"]
    list_filter = [UserFilter, GptFilter, ImportFilter, ChartFilter, SessionFilter]
    search_fields = ["score_id"]
    search_help_text = "A score id, in full."
    fields = [
        "score_id",
        "user",
        "chart",
        "gpt",
        "source_import",
        "position",
        "service",
        "import_type",
        "achieved",
        "added",
        "comment",
        "data",
        "meta",
        "ratings",
        "session",
    ]
    readonly_fields = ["achieved", "added", "data", "meta", "ratings"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Score]:
        scores = super().get_queryset(request)
        return scores.annotate(import_id=F("source_import__import_id"))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Score], search_term: str
    ) -> tuple[QuerySet[Score], bool]:
        if not search_term:
            return queryset, False
        return queryset.filter(score_id=search_term.strip()), False

    @admin.display(description="score id")
    def short_id(self, score: Score) -> str:
        return shortened(score.score_id)

    @admin.display(description="added")
    def added(self, score: Score) -> str:
        return format_milliseconds(score.time_added)

    @admin.display(description="import")
    def import_link(self, score: "WithAnnotations[Score, OfImport]") -> str:
        return detail_link(
            shortened(score.import_id), "imports_import", score.source_import_id
        )

    @admin.display(description="score meta")
    def meta(self, score: Score) -> str:
        return format_json(score.score_meta)


@admin.register(PersonalBest)
class PersonalBestAdmin(PlayAdmin):
    list_display = ["chart", "user", "score", "lamp", "achieved"]
    list_select_related = ["user", "chart__song"]
    list_filter = [UserFilter, GptFilter, ChartFilter]
    fields = ["user", "chart", "gpt", "achieved", "data", "ratings", "composed"]
    readonly_fields = ["achieved", "data", "ratings", "composed"]

    @admin.display(description="composed from")
    def composed(self, best: PersonalBest) -> str:
        return format_json(best.composed_from)


class Counted(TypedDict):
    """What the list adds to each row."""

    score_count: int


@admin.register(Session)
class SessionAdmin(ReadOnlyAdmin):
    list_display = ["name", "user", "gpt", "started", "ended", "score_count"]
    list_select_related = ["user"]
    list_filter = [UserFilter, GptFilter, SessionImportFilter]
    search_fields = ["session_id"]
    search_help_text = "A session id, in full."
    fields = ["session_id", "user", "gpt", "started", "ended", "ratings_json", "scores"]
    readonly_fields = ["started", "ended", "ratings_json", "scores"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Session]:
        scores = Score.objects.filter(session=OuterRef("pk")).order_by()
        count = scores.values("session").annotate(count=Count("pk")).values("count")
        sessions = super().get_queryset(request)
        return sessions.annotate(score_count=Coalesce(Subquery(count), 0))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Session], search_term: str
    ) -> tuple[QuerySet[Session], bool]:
        if not search_term:
            return queryset, False
        return queryset.filter(session_id=search_term.strip()), False

    def name(self, session: Session) -> str:
        return default_name(session.session_id)

    @admin.display(description="scores")
    def score_count(self, session: "WithAnnotations[Session, Counted]") -> int:
        return session.score_count

    def started(self, session: Session) -> str:
        return format_milliseconds(session.time_started)

    def ended(self, session: Session) -> str:
        return format_milliseconds(session.time_ended)

    @admin.display(description="ratings")
    def ratings_json(self, session: Session) -> str:
        return format_json(session.ratings)

    def scores(self, session: "WithAnnotations[Session, Counted]") -> str:
        return list_link(
            session.score_count, "scores_score", session=session.session_id
        )


@admin.register(GameStats)
class GameStatsAdmin(ReadOnlyAdmin):
    list_display = ["user", "gpt", "ratings", "classes"]
    list_select_related = ["user"]
    list_filter = [UserFilter, GptFilter]
    fields = ["user", "gpt", "ratings_json", "classes_json"]
    readonly_fields = ["ratings_json", "classes_json"]

    @admin.display(description="ratings")
    def ratings_json(self, stats: GameStats) -> str:
        return format_json(stats.ratings)

    @admin.display(description="classes")
    def classes_json(self, stats: GameStats) -> str:
        return format_json(stats.classes)


@admin.register(GameSettings)
class GameSettingsAdmin(ReadOnlyAdmin):
    list_display = ["user", "gpt", "preferences"]
    list_select_related = ["user"]
    list_filter = [UserFilter, GptFilter]
    fields = ["user", "gpt", "preferences_json"]
    readonly_fields = ["preferences_json"]

    @admin.display(description="preferences")
    def preferences_json(self, settings: GameSettings) -> str:
        return format_json(settings.preferences)


@admin.register(ProfileSnapshot)
class ProfileSnapshotAdmin(ReadOnlyAdmin):
    list_display = ["user", "gpt", "day", "playcount"]
    list_select_related = ["user"]
    list_filter = [UserFilter, GptFilter]
