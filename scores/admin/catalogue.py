"""Songs and charts, read-only: `manage.py load_seeds` changes them."""

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from scores.admin.filters import GameFilter
from scores.models import Chart, ChartIdentifier, Song
from scores.seeds.identifiers import as_hash
from tachi.admin.filters import ChoiceFilter, Meaningless, TextFilter
from tachi.admin.formatting import format_json, format_time, list_link
from tachi.admin.read_only import ReadOnlyAdmin

MAX_DIGITS = 9  # of a song id


def is_song_id(text: str) -> bool:
    return text.isdecimal() and len(text) <= MAX_DIGITS


class SongFilter(TextFilter):
    title = "song id"
    parameter_name = "song"
    lookup = "song__song_id"
    hint = "number"

    def narrowed(self, queryset: QuerySet[Chart], value: str) -> QuerySet[Chart]:
        if not is_song_id(value):
            raise Meaningless(f"“{value}” is no song id: it is a number.")
        return super().narrowed(queryset, value)


class PrimaryFilter(ChoiceFilter):
    title = "primary"
    parameter_name = "primary"
    values = [("yes", "Yes"), ("no", "No")]

    def narrowed(self, queryset: QuerySet[Chart], value: str) -> QuerySet[Chart]:
        found = {"yes": queryset.filter(is_primary=True)}
        found["no"] = queryset.filter(is_primary=False)
        return found.get(value, queryset.none())


class RetiredFilter(ChoiceFilter):
    title = "retired"
    parameter_name = "retired"
    values = [("yes", "Yes"), ("no", "No")]

    def narrowed(self, queryset: QuerySet[Chart], value: str) -> QuerySet[Chart]:
        found = {"yes": queryset.filter(retired_at__isnull=False)}
        found["no"] = queryset.filter(retired_at=None)
        return found.get(value, queryset.none())


@admin.register(Song)
class SongAdmin(ReadOnlyAdmin):
    list_display = ["title", "artist", "game", "song_id"]
    list_filter = [GameFilter]
    search_fields = ["title", "artist", "song_id"]
    search_help_text = "Part of a title or of an artist's name, or a song id."
    fields = [
        "game",
        "song_id",
        "title",
        "artist",
        "alternative_titles",
        "search_terms_json",
        "data_json",
        "charts",
    ]
    readonly_fields = ["alternative_titles", "search_terms_json", "data_json", "charts"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Song], search_term: str
    ) -> tuple[QuerySet[Song], bool]:
        text = search_term.strip()
        wanted = Q(title__icontains=text) | Q(artist__icontains=text)
        if is_song_id(text):
            wanted |= Q(song_id=text)
        return queryset.filter(wanted), False

    def alternative_titles(self, song: Song) -> str:
        return format_json(song.alt_titles)

    @admin.display(description="search terms")
    def search_terms_json(self, song: Song) -> str:
        return format_json(song.search_terms)

    @admin.display(description="data")
    def data_json(self, song: Song) -> str:
        return format_json(song.data)

    def charts(self, song: Song) -> str:
        count = song.charts.count()
        return list_link(count, "scores_chart", game=song.game, song=song.song_id)


@admin.register(Chart)
class ChartAdmin(ReadOnlyAdmin):
    list_display = [
        "song",
        "game",
        "playtype",
        "difficulty",
        "level",
        "is_primary",
        "retired",
    ]
    list_select_related = ["song"]
    list_filter = [GameFilter, PrimaryFilter, RetiredFilter, SongFilter]
    search_fields = ["song__title", "song__artist", "chart_id"]
    search_help_text = (
        "Part of a title or of an artist's name, or a chart id, in-game id or hash."
    )
    fields = [
        "song",
        "game",
        "playtype",
        "difficulty",
        "level",
        "level_num",
        "is_primary",
        "retired",
        "chart_id",
        "versions_json",
        "data_json",
        "personal_bests",
    ]
    readonly_fields = ["retired", "versions_json", "data_json", "personal_bests"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Chart], search_term: str
    ) -> tuple[QuerySet[Chart], bool]:
        text = search_term.strip()
        if not text:
            return queryset, False
        named = ChartIdentifier.objects.filter(
            value__in={text, as_hash(text)}, chart__isnull=False
        )
        songs = Song.objects.filter(
            Q(title__icontains=text) | Q(artist__icontains=text)
        )
        wanted = Q(song__in=songs) | Q(chart_id=text) | Q(pk__in=named.values("chart"))
        return queryset.filter(wanted), False

    @admin.display(ordering="retired_at")
    def retired(self, chart: Chart) -> str:
        return format_time(chart.retired_at)

    @admin.display(description="versions")
    def versions_json(self, chart: Chart) -> str:
        return format_json(chart.versions)

    @admin.display(description="data")
    def data_json(self, chart: Chart) -> str:
        return format_json(chart.data)

    def personal_bests(self, chart: Chart) -> str:
        return list_link("on this chart", "scores_personalbest", chart=chart.chart_id)
