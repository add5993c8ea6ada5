"""Sessions on the wire, with how much each of their scores improved."""

from collections.abc import Iterable, Mapping
from typing import Annotated, TypedDict

from scores.documents.ratings import Ratings, numbers
from scores.documents.score_info import ScoreInfo, score_info
from scores.documents.scores import ScoreListing, score_listing
from scores.documents.session_edits import Shown, shown_on
from scores.models import Score, Session
from tachi.api.openapi import Milliseconds


class SessionDocument(TypedDict):
    """What a player played in one go: never more than two hours apart."""

    sessionID: str
    userID: int
    game: str
    playtype: str
    name: str
    desc: str | None
    scoreIDs: Annotated[list[str], "In order of play."]
    timeStarted: Milliseconds
    timeEnded: Milliseconds
    timeInserted: Milliseconds
    highlight: bool
    calculatedData: Annotated[Ratings, "Its ratings, by name."]


# Two underscores in a class would be mangled.
_Compared = TypedDict("_Compared", {"__scoreInfo": list[ScoreInfo]})


class ListedSessionDocument(SessionDocument, _Compared):
    """A session with how much each of its scores improved."""


class CalendarSession(TypedDict):
    """A session, as calendars show it."""

    sessionID: str
    name: str
    desc: str | None
    highlight: bool
    timeStarted: Milliseconds
    timeEnded: Milliseconds
    game: str
    playtype: str


class SessionPage(ScoreListing):
    """A session and what is in it."""

    session: SessionDocument
    scoreInfo: list[ScoreInfo]


def session_documents(sessions: Iterable[Session]) -> list[SessionDocument]:
    """Sessions in the given order, their score ids in order of play."""
    sessions = list(sessions)
    return _documents(sessions, _score_ids(sessions))


def session_listing(sessions: Iterable[Session]) -> list[ListedSessionDocument]:
    """Sessions as lists show them: with `__scoreInfo`."""
    sessions = list(sessions)
    info = score_info(sessions)
    documents = _documents(sessions, _told_in(info))
    return [
        {**document, "__scoreInfo": info[session.pk]}
        for session, document in zip(sessions, documents, strict=True)
    ]


def calendar(sessions: Iterable[Session]) -> list[CalendarSession]:
    """All sessions of a player, or all in a game, as calendars show them; two
    statements.
    """
    sessions = list(sessions)
    shown = shown_on(sessions, all_there_are=True)
    return [_on_calendar(each, shown[each.pk]) for each in sessions]


def session_page(session: Session) -> SessionPage:
    """A session and what is in it: `{session, scores, songs, charts, scoreInfo}`."""
    scores = Score.objects.filter(session=session).order_by("time_achieved", "score_id")
    info = score_info([session])
    return {
        "session": _documents([session], _told_in(info))[0],
        **score_listing(scores),
        "scoreInfo": info[session.pk],
    }


def _told_in(info: Mapping[int, Iterable[ScoreInfo]]) -> dict[int, list[str]]:
    """The score ids by session: those of the infos, which have the same order."""
    return {pk: [each["scoreID"] for each in of_it] for pk, of_it in info.items()}


def _documents(
    sessions: list[Session], played: Mapping[int, list[str]]
) -> list[SessionDocument]:
    shown = shown_on(sessions)
    return [_document(each, shown[each.pk], played[each.pk]) for each in sessions]


def _score_ids(sessions: list[Session]) -> dict[int, list[str]]:
    played: dict[int, list[str]] = {session.pk: [] for session in sessions}
    scores = Score.objects.filter(session__in=sessions)
    scores = scores.order_by("time_achieved", "score_id")
    for session, score_id in scores.values_list("session_id", "score_id"):
        if session is not None:
            played[session].append(score_id)
    return played


def _document(session: Session, shown: Shown, score_ids: list[str]) -> SessionDocument:
    game, playtype = session.gpt.split(":")
    return {
        "sessionID": session.session_id,
        "userID": session.user_id,
        "game": game,
        "playtype": playtype,
        "name": shown.name,
        "desc": shown.description,
        "scoreIDs": score_ids,
        "timeStarted": session.time_started,
        "timeEnded": session.time_ended,
        "timeInserted": session.time_inserted,
        "highlight": shown.highlight,
        "calculatedData": numbers(session.ratings),
    }


def _on_calendar(session: Session, shown: Shown) -> CalendarSession:
    game, playtype = session.gpt.split(":")
    return {
        "sessionID": session.session_id,
        "name": shown.name,
        "desc": shown.description,
        "highlight": shown.highlight,
        "timeStarted": session.time_started,
        "timeEnded": session.time_ended,
        "game": game,
        "playtype": playtype,
    }
