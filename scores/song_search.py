"""Songs by words of their title, artist and other names, best matches first."""

import json
from collections.abc import Collection

from django.db.models import Case, IntegerField, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Cast, Length

from scores.models import Song

MOST_WORDS = 8  # each is looked for in every song
LONGEST = 200


def songs_like(search: str, games: Collection[str]) -> QuerySet[Song]:
    """The songs of these games that have every word in a name of theirs.

    Those of exactly that title come first, then those whose title begins with it, or
    contains it; of equals, the one with the shorter title. The case of letters does not
    matter.
    """
    search = " ".join(search[:LONGEST].split())
    songs = Song.objects.filter(game__in=games).alias(
        terms=Cast("search_terms", TextField()), others=Cast("alt_titles", TextField())
    )
    for word in search.split(" ")[:MOST_WORDS]:
        songs = songs.filter(_has(word))
    exact = When(title__iexact=search, then=Value(0))
    begins = When(title__istartswith=search, then=Value(1))
    contains = When(title__icontains=search, then=Value(2))
    rank = Case(exact, begins, contains, default=Value(3), output_field=IntegerField())
    return songs.order_by(rank, Length("title"), "game", "song_id")


def _has(word: str) -> Q:
    """Whether a name contains the word; lists may be stored as ASCII or as they are."""
    found = Q(title__icontains=word) | Q(artist__icontains=word)
    for written in {word, json.dumps(word)[1:-1]}:
        found |= Q(terms__icontains=written) | Q(others__icontains=written)
    return found
