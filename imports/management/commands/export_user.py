"""All that is stored about a user, as one JSON object of API documents."""

from argparse import ArgumentParser
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError

from imports.documents import import_documents
from imports.models import Import
from scores.documents import (
    game_stats_document,
    pb_documents,
    score_documents,
    session_documents,
)
from scores.models import GameStats, PersonalBest, Score, Session
from tachi.accounts.documents import user_document
from tachi.accounts.models import User
from tachi.api.one_moment import one_snapshot


class Command(BaseCommand):
    help = "Print a user, scores, bests, sessions, game stats and imports as JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", metavar="USER")

    def handle(self, *, user: str, **options: Any) -> None:
        player = User.objects.named(user)
        if player is None:
            raise CommandError(f"There is no user {user!r}.")
        with one_snapshot():
            exported = orjson.dumps(export(player), option=orjson.OPT_INDENT_2)
        self.stdout.write(exported.decode())


def export(player: User) -> dict:
    """The documents of a user, in an order that depends on nothing but the facts."""
    scores = Score.objects.filter(user=player).order_by("score_id")
    bests = PersonalBest.objects.filter(user=player).order_by("chart__chart_id", "gpt")
    sessions = Session.objects.filter(user=player).order_by("time_started", "gpt")
    stats = GameStats.objects.filter(user=player).order_by("gpt")
    imports = Import.objects.completed().filter(user=player).order_by("sequence")
    return {
        "user": user_document(player),
        "scores": score_documents(scores),
        "personalBests": pb_documents(bests),
        "sessions": session_documents(sessions),
        "gameStats": [game_stats_document(each) for each in stats],
        "imports": import_documents(imports),
    }
