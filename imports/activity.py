"""What players did lately: sessions, the scores that they highlighted in these, and the
classes that they achieved meanwhile.

Nothing of it is stored: a revert takes away what its import brought, classes too, and a
restore brings it back. A class is achieved when the import that changed it takes
effect.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, TypedDict

from django.db.models import Q, QuerySet

from imports.models import Import
from scores.documents import (
    Parents,
    ScoreDocument,
    SessionDocument,
    chart_documents,
    score_documents,
    session_documents,
    song_documents,
)
from scores.games import GAMES
from scores.models import Chart, Score, ScoreEdit, Session, Song
from tachi.accounts.documents import UserDocument, user_document
from tachi.accounts.models import User
from tachi.api.openapi import Milliseconds
from tachi.api.times import EPOCH, milliseconds

SESSIONS = 30
#: Of highlights, and of imports that changed classes, no more are looked at.
MOST = 500
EARLIEST, LATEST = 0, 253_402_300_799_000  # 1970 and 9999, in unix milliseconds

Nothing = Annotated[list[dict[str, Any]], "Empty: these are not kept here."]


class AchievedClass(TypedDict):
    """A class that a player has achieved, and the one before it."""

    userID: int
    game: str
    playtype: str
    classSet: str
    classOldValue: str | None
    classValue: str
    timeAchieved: Milliseconds


class Activity(Parents):
    """What was done in one game and playtype, newest first."""

    recentSessions: list[SessionDocument]
    recentlyHighlightedScores: list[ScoreDocument]
    achievedClasses: list[AchievedClass]
    users: list[UserDocument]
    goals: Nothing
    goalSubs: Nothing
    quests: Nothing
    questSubs: Nothing


@dataclass(frozen=True)
class Asked:
    """Whose activity (None: everybody's), in which games, how many sessions, and
    before which moment in unix milliseconds (None: up to now).
    """

    gpts: Sequence[str]
    user: User | None = None
    sessions: int = SESSIONS
    before: int | None = None


def activity(asked: Asked) -> dict[str, Activity]:
    """Game and playtype → what was done there; in a dozen statements.

    The newest sessions in all of them together, and what happened since the oldest of
    these began. So what comes `before` that is the next page.
    """
    sessions = list(_sessions(asked))
    full = len(sessions) == asked.sessions
    since = sessions[-1].time_started if full else None
    scores = _highlighted(sessions)
    classes = list(_achieved(asked, since))
    found = {gpt: _empty() for gpt in asked.gpts}
    played = score_documents(scores.order_by("-time_achieved", "score_id")[:MOST])
    for session in session_documents(sessions):
        found[_gpt(session)]["recentSessions"].append(session)
    for score in played:
        found[_gpt(score)]["recentlyHighlightedScores"].append(score)
    for achieved in classes:
        found[_gpt(achieved)]["achievedClasses"].append(achieved)
    if played:
        _add_parents(found, scores)
    _add_users(found)
    return found


def _sessions(asked: Asked) -> QuerySet[Session]:
    sessions = Session.objects.all()
    if asked.user is not None:
        sessions = sessions.filter(user=asked.user)
    if set(asked.gpts) != set(GAMES):
        sessions = sessions.filter(gpt__in=asked.gpts)
    if asked.before is not None:
        sessions = sessions.filter(time_started__lt=asked.before)
    return sessions.order_by("-time_started", "session_id")[: asked.sessions]


def _highlighted(sessions: Iterable[Session]) -> QuerySet[Score]:
    """The scores of these sessions that are highlighted.

    By the session and not by the time of the score, so each is on one page.
    """
    marked = ScoreEdit.objects.filter(
        highlight=True, user__in={session.user_id for session in sessions}
    )
    return Score.objects.filter(
        session__in=[session.pk for session in sessions],
        score_id__in=marked.values("score_id"),
    )


def _achieved(asked: Asked, since: int | None) -> Iterator[AchievedClass]:
    """The classes that imports improved which took effect in the time, newest first."""
    imports = Import.objects.completed().filter(~Q(class_deltas=[]))
    if asked.user is not None:
        imports = imports.filter(user=asked.user)
    if since is not None:
        imports = imports.filter(finished_at__gte=_moment(since))
    if asked.before is not None:
        imports = imports.filter(finished_at__lt=_moment(asked.before))
    gpts = set(asked.gpts)
    if gpts != set(GAMES):
        imports = imports.filter(game__in={gpt.split(":")[0] for gpt in gpts})
    newest = imports.order_by("-finished_at", "-pk")
    changed = newest.values_list("user_id", "finished_at", "class_deltas")
    for user_id, finished_at, deltas in changed[:MOST]:
        assert finished_at is not None  # it took effect
        for delta in deltas:
            if _gpt(delta) in gpts and _is_better(delta):
                yield {
                    "userID": user_id,
                    "game": delta["game"],
                    "playtype": delta["playtype"],
                    "classSet": delta["set"],
                    "classOldValue": delta["old"],
                    "classValue": delta["new"],
                    "timeAchieved": milliseconds(finished_at),
                }


def _is_better(delta: dict[str, Any]) -> bool:
    """Whether the class is still one of the game, and above the one before it."""
    classes = GAMES[_gpt(delta)].classes.get(delta["set"])
    if classes is None or classes.index(delta["new"]) is None:
        return False
    return delta["old"] is None or bool(classes.better(delta["new"], delta["old"]))


def _add_parents(found: dict[str, Activity], scores: QuerySet[Score]) -> None:
    """The songs and charts of the highlighted scores, to each game's; four
    statements.
    """
    charts = Chart.objects.filter(pk__in=scores.values("chart")).order_by("pk")
    songs = Song.objects.filter(pk__in=charts.order_by().values("song")).order_by("pk")
    titled = dict(
        zip(songs.values_list("pk", flat=True), song_documents(songs), strict=True)
    )
    places = charts.values_list("game", "playtype", "song")
    for (game, playtype, song), document in zip(
        places, chart_documents(charts), strict=True
    ):
        of_game = found[f"{game}:{playtype}"]
        of_game["charts"].append(document)
        if titled[song] not in of_game["songs"]:
            of_game["songs"].append(titled[song])


def _add_users(found: dict[str, Activity]) -> None:
    """The users of what is there, to each game's."""
    of_gpt = {gpt: _user_ids(each) for gpt, each in found.items()}
    ids = {user_id for each in of_gpt.values() for user_id in each}
    users = User.objects.in_bulk(ids)
    for gpt, each in of_gpt.items():
        found[gpt]["users"] = [user_document(users[user_id]) for user_id in each]


def _user_ids(of_game: Activity) -> list[int]:
    done: list[Any] = [
        *of_game["recentSessions"],
        *of_game["recentlyHighlightedScores"],
        *of_game["achievedClasses"],
    ]
    return list(dict.fromkeys(each["userID"] for each in done))


def _moment(milliseconds: int) -> datetime:
    """Unix milliseconds as a moment that databases can hold."""
    bounded = min(max(milliseconds, EARLIEST), LATEST)
    return EPOCH + timedelta(milliseconds=bounded)


def _gpt(said: Any) -> str:
    return f"{said['game']}:{said['playtype']}"


def _empty() -> Activity:
    return {
        "recentSessions": [],
        "recentlyHighlightedScores": [],
        "songs": [],
        "charts": [],
        "achievedClasses": [],
        "users": [],
        "goals": [],
        "goalSubs": [],
        "quests": [],
        "questSubs": [],
    }
