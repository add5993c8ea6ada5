"""Scores, sessions and personal bests. Imports make them, and reverts unmake them."""

from django.contrib import admin
from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from scores.admin.filters import GptFilter, ImportFilter
from scores.documents.session_edits import default_name
from scores.games import get_game
from scores.models import GameStats, PersonalBest, Score, Session
from tachi.accounts.admin.filters import UserFilter
from tachi.admin.filters import TextFilter
from tachi.admin.formatting import detail, listing, pretty, short, utc
from tachi.admin.read_only import ReadOnlyAdmin


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


class HoldsScoresOf(ImportFilter):
    """Sessions by an import that has scores in them."""

    def narrowed(self, queryset: QuerySet[Session], value: str) -> QuerySet[Session]:
        scores = Score.objects.filter(**{self.lookup: value})
        return queryset.filter(pk__in=scores.values("session"))


class PlayAdmin(ReadOnlyAdmin):
    """What scores and personal bests have in common."""

    @admin.display(description="score data")
    def data(self, play):
        return pretty(play.score_data)

    def ratings(self, play):
        names = get_game(play.gpt).score_ratings
        return pretty(dict(zip(names, play.ratings, strict=False)))

    @admin.display(description="achieved")
    def achieved(self, play):
        return utc(play.time_achieved)

    @admin.display(description="score")
    def score(self, play):
        return play.score_data.get("score")

    @admin.display(description="lamp")
    def lamp(self, play):
        return play.score_data.get("lamp")


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
        "of_import",
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

    def get_queryset(self, request):
        scores = super().get_queryset(request)
        return scores.annotate(import_id=F("source_import__import_id"))

    def get_search_results(self, request, queryset, search_term):
        if not search_term:
            return queryset, False
        return queryset.filter(score_id=search_term.strip()), False

    @admin.display(description="score id")
    def short_id(self, score):
        return short(score.score_id)

    @admin.display(description="added")
    def added(self, score):
        return utc(score.time_added)

    @admin.display(description="import")
    def of_import(self, score):
        return detail(short(score.import_id), "imports_import", score.source_import_id)

    @admin.display(description="score meta")
    def meta(self, score):
        return pretty(score.score_meta)


@admin.register(PersonalBest)
class PersonalBestAdmin(PlayAdmin):
    list_display = ["chart", "user", "score", "lamp", "achieved"]
    list_select_related = ["user", "chart__song"]
    list_filter = [UserFilter, GptFilter, ChartFilter]
    fields = ["user", "chart", "gpt", "achieved", "data", "ratings", "made_of"]
    readonly_fields = ["achieved", "data", "ratings", "made_of"]

    @admin.display(description="composed from")
    def made_of(self, best):
        return pretty(best.composed_from)


@admin.register(Session)
class SessionAdmin(ReadOnlyAdmin):
    list_display = ["name", "user", "gpt", "started", "ended", "score_count"]
    list_select_related = ["user"]
    list_filter = [UserFilter, GptFilter, HoldsScoresOf]
    search_fields = ["session_id"]
    search_help_text = "A session id, in full."
    fields = ["session_id", "user", "gpt", "started", "ended", "rated", "scores"]
    readonly_fields = ["started", "ended", "rated", "scores"]

    def get_queryset(self, request):
        scores = Score.objects.filter(session=OuterRef("pk")).order_by()
        count = scores.values("session").annotate(count=Count("pk")).values("count")
        sessions = super().get_queryset(request)
        return sessions.annotate(score_count=Coalesce(Subquery(count), 0))

    def get_search_results(self, request, queryset, search_term):
        if not search_term:
            return queryset, False
        return queryset.filter(session_id=search_term.strip()), False

    def name(self, session):
        return default_name(session.session_id)

    @admin.display(description="scores")
    def score_count(self, session):
        return session.score_count

    def started(self, session):
        return utc(session.time_started)

    def ended(self, session):
        return utc(session.time_ended)

    @admin.display(description="ratings")
    def rated(self, session):
        return pretty(session.ratings)

    def scores(self, session):
        return listing(session.score_count, "scores_score", session=session.session_id)


@admin.register(GameStats)
class GameStatsAdmin(ReadOnlyAdmin):
    list_display = ["user", "gpt", "ratings", "classes"]
    list_select_related = ["user"]
    list_filter = [UserFilter, GptFilter]
    fields = ["user", "gpt", "rated", "in_force"]
    readonly_fields = ["rated", "in_force"]

    @admin.display(description="ratings")
    def rated(self, stats):
        return pretty(stats.ratings)

    @admin.display(description="classes")
    def in_force(self, stats):
        return pretty(stats.classes)
