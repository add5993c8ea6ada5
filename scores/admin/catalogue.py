"""Songs and charts. Seeds own them: `manage.py load_seeds` changes them."""

from django.contrib import admin
from django.db.models import Q, QuerySet

from scores.admin.filters import GameFilter
from scores.models import Chart, ChartIdentifier, Song
from tachi.admin.filters import ChoiceFilter, TextFilter
from tachi.admin.formatting import listing, pretty
from tachi.admin.read_only import ReadOnlyAdmin

DIGITS = 9  # of a song id, at most


def is_number(text: str) -> bool:
    return text.isdecimal() and len(text) <= DIGITS


class SongFilter(TextFilter):
    title = "song id"
    parameter_name = "song"
    lookup = "song__song_id"
    hint = "number"

    def narrowed(self, queryset: QuerySet[Chart], value: str) -> QuerySet[Chart]:
        if not is_number(value):
            return queryset.none()
        return super().narrowed(queryset, value)


class PrimaryFilter(ChoiceFilter):
    title = "primary"
    parameter_name = "primary"
    values = [("yes", "Yes"), ("no", "No")]

    def narrowed(self, queryset, value):
        found = {"yes": queryset.filter(is_primary=True)}
        found["no"] = queryset.filter(is_primary=False)
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
        "terms",
        "the_rest",
        "charts",
    ]
    readonly_fields = ["alternative_titles", "terms", "the_rest", "charts"]

    def get_search_results(self, request, queryset, search_term):
        text = search_term.strip()
        wanted = Q(title__icontains=text) | Q(artist__icontains=text)
        if is_number(text):
            wanted |= Q(song_id=text)
        return queryset.filter(wanted), False

    def alternative_titles(self, song):
        return pretty(song.alt_titles)

    @admin.display(description="search terms")
    def terms(self, song):
        return pretty(song.search_terms)

    @admin.display(description="data")
    def the_rest(self, song):
        return pretty(song.data)

    def charts(self, song):
        count = song.charts.count()
        return listing(count, "scores_chart", game=song.game, song=song.song_id)


@admin.register(Chart)
class ChartAdmin(ReadOnlyAdmin):
    list_display = ["song", "game", "playtype", "difficulty", "level", "is_primary"]
    list_select_related = ["song"]
    list_filter = [GameFilter, PrimaryFilter, SongFilter]
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
        "chart_id",
        "in_versions",
        "the_rest",
        "bests",
    ]
    readonly_fields = ["in_versions", "the_rest", "bests"]

    def get_search_results(self, request, queryset, search_term):
        text = search_term.strip()
        if not text:
            return queryset, False
        named = ChartIdentifier.objects.filter(value=text, chart__isnull=False)
        songs = Song.objects.filter(
            Q(title__icontains=text) | Q(artist__icontains=text)
        )
        wanted = Q(song__in=songs) | Q(chart_id=text) | Q(pk__in=named.values("chart"))
        return queryset.filter(wanted), False

    @admin.display(description="versions")
    def in_versions(self, chart):
        return pretty(chart.versions)

    @admin.display(description="data")
    def the_rest(self, chart):
        return pretty(chart.data)

    @admin.display(description="personal bests")
    def bests(self, chart):
        return listing("on this chart", "scores_personalbest", chart=chart.chart_id)
