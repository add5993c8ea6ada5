"""Whether a mismatch is one of the declared differences: one judge for each of them.

A judge is as narrow as it can be: it says yes to what the difference explains only.
"""

from collections import Counter
from dataclasses import dataclass, field
from math import isclose

from imports.formats import FORMATS
from scores.games import GAMES
from scores.models import Score
from tachi.accounts.models import User
from tests.golden import rules
from tests.golden.comparison import NOTHING, Mismatch
from tests.golden.recordings import Recording
from tests.golden.wording import says_the_same

TEXTS = {"description", "message", "errMsg"}


@dataclass(frozen=True)
class Case:
    """Where a mismatch was found, and what had happened until then.

    `has_lost` says whether scores were reverted or deleted; `undone` are the scores of
    reverted imports, `lost` those of them that were not sent again.
    `ties` are bests, by chart and user, that begin with another of two equal scores.
    """

    recording: Recording
    label: str
    is_state: bool
    request: dict = field(default_factory=dict)
    recorded_status: int = 200
    has_lost: bool = False
    lost: frozenset[str] = frozenset()
    undone: frozenset[str] = frozenset()
    ties: frozenset[tuple] = frozenset()

    @property
    def is_poll(self) -> bool:
        return self.request.get("path", "").endswith("/poll-status")

    @property
    def kept(self) -> set[str]:
        """Scores that the original lost with a revert, and another import sent too."""
        scores = Score.objects.filter(score_id__in=self.lost)
        return set(scores.values_list("score_id", flat=True))


def leaked_id(m: Mismatch, case: Case) -> bool:
    return m.path[-1] == "_id" and m.ours is NOTHING


def added(m: Mismatch, case: Case) -> bool:
    names = ("counts", "appendedSessions")
    if "counts" in m.path:
        names = ("differing", "filled")
    elif "errors" in m.path:
        names = ("position", "line")
    return m.path[-1] in (*names, "counts") and m.theirs is NOTHING


def all_problems(m: Mismatch, case: Case) -> bool:
    """Beside the description of a document that is refused."""
    return m.path[-1] == "errors" and m.theirs is NOTHING


def number_is_text(m: Mismatch, case: Case) -> bool:
    """The replay sends a boolean where the original refuses a number."""
    if m.path[-1] not in TEXTS or not isinstance(m.theirs, str):
        return False
    refused = m.theirs.replace(
        "Received 5 [type: number]", "Received true [type: boolean]"
    )
    return "identifier | Expected string." in refused and refused == m.ours


def mark_is_read(m: Mismatch, case: Case) -> bool:
    """A byte-order mark before JSON, and the failure that it was."""
    if m.ours is NOTHING and isinstance(m.theirs, dict):
        error = m.theirs.get("error") or {}
        return case.is_state and str(error.get("message")).startswith("Invalid JSON")
    file = (case.request.get("multipart") or {}).get("scoreData")
    text = file.get("text", "") if isinstance(file, dict) else ""
    return text.startswith("\ufeff") and case.recorded_status == 400


def listed_apart(m: Mismatch, case: Case) -> bool:
    if m.path[-1] != "createdSessions":
        return False
    ours = [*m.ours, *m.around[1]["appendedSessions"]]
    return sorted(m.theirs) == sorted(ours)


def no_change(m: Mismatch, case: Case) -> bool:
    if "classDeltas" not in m.path or m.ours is not NOTHING:
        return False
    game = GAMES[f"{m.theirs['game']}:{m.theirs['playtype']}"]
    provided = game.classes[m.theirs["set"]].provided
    return m.theirs["old"] == m.theirs["new"] and not provided


def free_wording(m: Mismatch, case: Case) -> bool:
    return m.path[-1] in TEXTS and says_the_same(m.theirs, m.ours)


def reason_given(m: Mismatch, case: Case) -> bool:
    """A 500 of the original, or its record of one, where we say what is wrong."""
    if m.path[-1] == "type":
        return (m.theirs, m.ours) == ("InternalError", "InvalidDatapoint")
    if m.path[-1] == "status":
        return (m.theirs, m.ours) == (500, 400)
    return "error" in m.path and m.path[-1] == "statusCode" and m.theirs is None


def nothing_to_infer(m: Mismatch, case: Case) -> bool:
    """The header that infers a time, and no score to infer it for."""
    if case.recorded_status == 500:
        sent = case.request.get("json") or {}
        return case.is_poll or sent.get("scores") == []
    if m.ours is NOTHING and isinstance(m.theirs, dict):
        error = m.theirs.get("error") or {}
        return m.theirs.get("type") == "FAILED" and error.get("statusCode", 0) is None
    if m.theirs is not NOTHING or not isinstance(m.ours, dict):
        return False
    nothing = {"importType": "ir/direct-manual", "scoreIDs": [], "errors": []}
    return all(m.ours.get(key) == nothing[key] for key in nothing)


def class_without_scores(m: Mismatch, case: Case) -> bool:
    """The original forgets such a class, and so tells of it again and again."""
    if "classDeltas" in m.path:
        again = m.ours is NOTHING and m.theirs["old"] is None
        return again or (m.path[-1] == "old" and m.theirs is None)
    new = "game-stats" in m.path and m.theirs is NOTHING
    return new and bool(m.ours["classes"]) and not any(m.ours["ratings"].values())


def version_ahead(m: Mismatch, case: Case) -> bool:
    """A version that the game does not have: the row is kept as an orphan."""
    types = ("InvalidDatapoint", "SongOrChartNotFound")
    said = m.path[-1] == "type" and (m.theirs, m.ours) == types
    return said and (m.path[0] == "imports" or _is_ahead(case))  # of a state, or answer


def _is_ahead(case: Case) -> bool:
    meta = _meta(case)
    games = [game for game in GAMES.values() if game.name == meta.get("game")]
    version = meta.get("version")
    return bool(version) and any(version not in game.versions for game in games)


def _meta(case: Case) -> dict:
    """Of the document that was uploaded."""
    file = (case.request.get("multipart") or {}).get("scoreData", {}).get("json")
    meta = file.get("meta") if isinstance(file, dict) else None
    return meta if isinstance(meta, dict) else {}


def only_playtype(m: Mismatch, case: Case) -> bool:
    """A document that does not say the playtype of a game that has one only."""
    meta = _meta(case)
    if meta and "playtype" not in meta:
        return meta.get("game") == "sdvx"
    if m.ours is not NOTHING or not isinstance(m.theirs, dict):
        return False
    said = (m.theirs.get("error") or {}).get("message", "")
    return said.startswith("Could not retrieve meta.")


def own_limits(m: Mismatch, case: Case) -> bool:
    """Sixty imports a minute where the original has five; and a token counts, too."""
    header = str(m.path[0])
    if header == "x-ratelimit-limit":
        return (m.theirs, m.ours) == ("5", "60")
    of_token = header == "x-ratelimit-remaining" and m.ours not in (NOTHING, None)
    return of_token and (int(m.theirs) < 5 or int(m.ours) < int(m.theirs))


def nothing_left(m: Mismatch, case: Case) -> bool:
    gone = "game-stats" in m.path and m.ours is NOTHING
    return gone and not any(m.theirs["ratings"].values())


def polled_without_worker(m: Mismatch, case: Case) -> bool:
    return case.is_poll and case.recorded_status == 501


def notices_by_token(m: Mismatch, case: Case) -> bool:
    path = case.request.get("path", "")
    return path.endswith("/notifications") and case.recorded_status == 403


def polling_has_its_limit(m: Mismatch, case: Case) -> bool:
    return case.is_poll and str(m.path[0]).startswith("x-ratelimit")


def progress_is_told(m: Mismatch, case: Case) -> bool:
    told = m.ours if m.path[-1] == "progress" else m.around[1]
    return "progress" in m.path and isinstance(told, dict) and "description" in told


def other_players(m: Mismatch, case: Case) -> bool:
    """A place among more players than those of the recording: as far behind as that."""
    theirs, ours = m.around
    if not {"rankingData", "__rankingData"} & set(map(str, m.path)):
        return False
    if m.path[-1] not in ("rank", "ranking", "outOf"):
        return False
    rank = "rank" if "rank" in theirs else "ranking"
    more = theirs["outOf"] - ours["outOf"]
    return more > 0 and 0 <= theirs[rank] - ours[rank] <= more


def elsewhere(m: Mismatch, case: Case) -> bool:
    """A document of a player of whom there is no recording."""
    if m.ours is not NOTHING or not isinstance(m.theirs, dict):
        return False
    owner = m.theirs.get("userID") or m.theirs.get("id")
    return not case.is_state and not User.objects.filter(pk=owner).exists()


def locked(m: Mismatch, case: Case) -> bool:
    refused = m.ours is NOTHING and isinstance(m.theirs, dict)
    return refused and (m.theirs.get("error") or {}).get("statusCode") == 409


def absent_type(m: Mismatch, case: Case) -> bool:
    """A failed import of a type that is not read here."""
    failed = m.ours is NOTHING and isinstance(m.theirs, dict)
    type_ = m.theirs.get("importType") if failed else None
    return failed and m.theirs.get("type") == "FAILED" and type_ not in FORMATS


def orphans_of_files(m: Mismatch, case: Case) -> bool:
    """Rows of a file are kept in a shape of our own, and so under other ids."""
    told = m.theirs if m.ours is NOTHING else m.ours
    type_ = told.get("importType", "") if isinstance(told, dict) else ""
    of_file = type_.startswith("file/") and type_ != "file/batch-manual"
    return "orphan-scores" in m.path and of_file


def difficulty_ahead(m: Mismatch, case: Case) -> bool:
    """A difficulty of SOUND VOLTEX that is not known: the row waits for it."""
    sent = case.request.get("multipart") or {}
    is_csv = sent.get("importType") == "file/eamusement-sdvx-csv"
    types = ("InvalidDatapoint", "SongOrChartNotFound")
    return is_csv and m.path[-1] == "type" and (m.theirs, m.ours) == types


def no_goals(m: Mismatch, case: Case) -> bool:
    return bool({"goalInfo", "questInfo"} & set(m.path)) and m.ours in (NOTHING, [])


def no_rivals(m: Mismatch, case: Case) -> bool:
    return m.path[-1] == "rivalRank" and m.ours is None


def two_hours(m: Mismatch, case: Case) -> bool:
    if not any(rules.breaks_the_rule(s) for s in case.recording.states.values()):
        return False
    of_sessions = "sessions" in m.path or m.path[-1] == "createdSessions"
    return of_sessions and rules.sessions_follow_the_rule()


def bounds(m: Mismatch, case: Case) -> bool:
    """A session of the original stays as long as it was when scores of it go."""
    if not (case.has_lost and "sessions" in m.path):
        return False
    wider = {
        "timeStarted": lambda: m.theirs < m.ours,
        "timeEnded": lambda: m.theirs > m.ours,
    }
    is_wider = wider.get(m.path[-1], lambda: False)
    return is_wider() and rules.bounds_are_those_of_scores()


def shared_scores(m: Mismatch, case: Case) -> bool:
    if not (kept := case.kept):
        return False
    named = set(map(str, m.path))
    if "scores" in named:
        return m.theirs is NOTHING and m.path[-1] in kept
    if "personal-bests" in named:
        scores = Score.objects.filter(score_id__in=kept)
        charts = set(scores.values_list("chart__chart_id", flat=True))
        return any(part[0] in charts for part in m.path if isinstance(part, tuple))
    if named & {"songs", "charts"}:
        return m.theirs is NOTHING
    if "sessions" in named:
        return NOTHING in (m.theirs, m.ours) and rules.sessions_follow_the_rule()
    return case.is_state and "game-stats" in named and "ratings" in named


def other_owner(m: Mismatch, case: Case) -> bool:
    """Scores that went over to another import when theirs was reverted."""
    if m.path[-1] == "scoreIDs":
        moved = set(m.theirs) ^ set(m.ours)
        stored = Score.objects.filter(score_id__in=moved).count()
        return 0 < stored == len(moved) and moved <= case.undone
    if m.path[-1] != "createdSessions" or not case.undone:
        return False
    ours = len(m.ours) + len(m.around[1]["appendedSessions"])
    return len(m.theirs) == ours and rules.sessions_follow_the_rule()


def gone_sessions(m: Mismatch, case: Case) -> bool:
    """Sessions without a score any more, which the original still lists."""
    if m.path[-1] != "createdSessions" or not case.is_state:
        return False
    ours = Counter([*m.ours, *m.around[1]["appendedSessions"]])
    return ours < Counter(m.theirs) and rules.sessions_follow_the_rule()


def last_bit(m: Mismatch, case: Case) -> bool:
    """Logarithms and powers may differ in the last bits of their doubles."""
    rated = {"calculatedData", "ratings"} & set(map(str, m.path))
    both = all(isinstance(number, float) for number in (m.theirs, m.ours))
    return bool(rated) and both and isclose(m.theirs, m.ours, rel_tol=1e-12)


def orphans_of_imports(m: Mismatch, case: Case) -> bool:
    theirs, ours = m.around
    fields = ("scoreIDs", "playtypes", "gptStrings", "createdSessions")
    if m.path[-1] not in fields or "added" not in case.recording.content:
        return False
    orphans = [e for e in theirs["errors"] if e["type"] == "SongOrChartNotFound"]
    return 0 < len(ours["scoreIDs"]) - len(theirs["scoreIDs"]) <= len(orphans)


def orphans_that_stay(m: Mismatch, case: Case) -> bool:
    if "orphan-scores" in m.path:
        return case.is_state and m.theirs is NOTHING
    if not case.request.get("path", "").endswith("/import/orphans"):
        return False
    theirs, ours = m.around
    more = {name: ours[name] - theirs[name] for name in ours}
    stay = more["processed"] - more["removed"]
    return m.path[-1] in ours and more["failed"] == stay > 0 == more["success"]


def empty_import(m: Mismatch, case: Case) -> bool:
    stays = "imports" in m.path and m.theirs is NOTHING and isinstance(m.ours, dict)
    return stays and m.ours.get("scoreIDs") == []


def tie(m: Mismatch, case: Case) -> bool:
    """A best of two equal scores, of which the original took another first."""
    own = {"scoreData", "rankingData"} & set(m.path)
    return not own and bool(case.ties & set(m.path))
