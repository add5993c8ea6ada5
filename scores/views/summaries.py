"""What a user has played in all games together."""

import time
from typing import Annotated, Any, TypedDict

from rest_framework.decorators import action
from rest_framework.request import Request

from scores.documents import (
    CalendarSession,
    SessionDocument,
    calendar,
    session_documents,
)
from scores.models import Score, Session
from tachi.accounts.users import UserResourceViewSet
from tachi.api.envelope import success
from tachi.api.openapi import answers
from tachi.api.rendering import JSONResponse

RECENTLY = 16 * 60 * 60 * 1000  # milliseconds: an evening, and the night after it

Nothing = Annotated[list[dict[str, Any]], "Empty: these are not kept here."]


class RecentSummary(TypedDict):
    """What a user has done in the last 16 hours."""

    recentPlaycount: int
    recentSessions: Annotated[list[SessionDocument], "Newest first."]
    recentFolders: Nothing
    recentFolderStats: Nothing
    recentAchievedGoals: Nothing
    recentGoals: Nothing
    recentImprovedGoals: Nothing


class PlayCounts(TypedDict):
    """How much there is of a user."""

    scores: int
    sessions: int


class SummaryViewSet(UserResourceViewSet):
    """What a user has played in all games together."""

    tag = "players"

    @action(detail=False, url_path="recent-summary")
    @answers(RecentSummary)
    def recent_summary(self, request: Request, user: str) -> JSONResponse:
        """What a user has played in the last 16 hours."""
        player = self.get_user()
        since = int(time.time() * 1000) - RECENTLY
        scores = Score.objects.filter(user=player, time_achieved__gte=since)
        sessions = Session.objects.filter(user=player, time_ended__gte=since)
        body: RecentSummary = {
            "recentPlaycount": scores.count(),
            "recentSessions": session_documents(
                sessions.order_by("-time_ended", "session_id")
            ),
            "recentFolders": [],
            "recentFolderStats": [],
            "recentAchievedGoals": [],
            "recentGoals": [],
            "recentImprovedGoals": [],
        }
        return success(f"Retrieved information about {player.username}.", body)

    @action(detail=False)
    @answers(PlayCounts)
    def stats(self, request: Request, user: str) -> JSONResponse:
        """How many scores and sessions a user has, in all games together."""
        player = self.get_user()
        body: PlayCounts = {
            "scores": Score.objects.filter(user=player).count(),
            "sessions": Session.objects.filter(user=player).count(),
        }
        return success("Retrieved stats.", body)

    @action(detail=False, url_path="sessions/calendar")
    @answers(list[CalendarSession])
    def sessions_calendar(self, request: Request, user: str) -> JSONResponse:
        """All sessions of a user, oldest first, with what a calendar shows of them."""
        sessions = Session.objects.filter(user=self.get_user())
        body = calendar(sessions.order_by("time_started", "session_id"))
        return success(f"Found {len(body)} events.", body)
