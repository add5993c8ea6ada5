"""The name, description and highlight of sessions: defaults, and the player's edits.

An edit is stored under an anchor score and its time. It is shown on the session that
holds the anchor; without the anchor, on the nearest session within two hours of that
time (the earlier of two equally near). Otherwise it is kept, and not shown until a
session covers its time again. Of several edits of one session the newest counts, field
by field. This is looked up on read, so nothing has to be updated when sessions change.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scores.derived.sessions import GAP
from scores.models import Score, Session, SessionEdit

ADJECTIVES = (
    "Amber Ancient Autumn Bashful Blazing Bold Boundless Brave Breezy Bright Brisk "
    "Bronze Calm Candid Careful Cheerful Clever Cosmic Cosy Crimson Curious Daring "
    "Dazzling Distant Dreamy Eager Early Electric Endless Epic Fabled Fearless Fierce "
    "Final Fleeting Frosty Gentle Gilded Glassy Glorious Golden Graceful Hasty Hidden "
    "Honest Humble Icy Idle Jolly Joyful Keen Kind Late Lively Lone Lucky Lunar Merry "
    "Midnight Mighty Misty Modest Neon Nimble Noble Patient Perfect Playful Polite "
    "Proud Quick Quiet Radiant Rapid Restless Rolling Rosy Rustic Scarlet Secret "
    "Serene Shining Silent Silver Sleepy Snowy Solar Stellar Stormy Sturdy Sunny "
    "Swift Tender Tireless Tranquil Twilight Velvet Vivid Wandering Wild Winter Zesty"
).split()
NOUNS = (
    "Anthem Arcade Arrow Aurora Ballad Beacon Beat Bell Blossom Breeze Bridge Cadence "
    "Canyon Carnival Cascade Chorus Cloud Comet Compass Concert Crane Current Dance "
    "Dawn Desert Dream Drum Echo Ember Encore Fable Falcon Feather Festival Firefly "
    "Flute Forest Fountain Galaxy Garden Glacier Groove Harbour Harmony Harvest Hill "
    "Horizon Island Journey Lagoon Lantern Legend Lighthouse Machine Marathon Meadow "
    "Melody Meteor Mirror Moment Moon Mountain Ocean Orbit Overture Parade Path Pearl "
    "Pilot Pulse Quest Rally Rhythm River Sail Season Serenade Shore Signal Sky Song "
    "Spark Sprint Stage Star Storm Summit Sunrise Tempo Thunder Tide Tower Tune "
    "Valley Voyage Wave Whisper Wind Wing"
).split()


def default_name(session_id: str) -> str:
    """Two adjectives and a noun, picked by the session's id."""
    digits = int(session_id[1:], 16)
    words = []
    for choices in (ADJECTIVES, ADJECTIVES, NOUNS):
        digits, index = divmod(digits, len(choices))
        words.append(choices[index])
    return " ".join(words)


@dataclass
class Shown:
    """What a player wrote on a session, or the defaults."""

    name: str
    description: str | None = None
    highlight: bool = False

    def edit(self, edit: SessionEdit) -> None:
        """Change the fields that were edited."""
        if edit.name is not None:
            self.name = edit.name
        if edit.has_description:
            self.description = edit.description
        if edit.highlight is not None:
            self.highlight = edit.highlight


def shown_on(sessions: Sequence[Session]) -> dict[int, Shown]:
    """What is to be shown on each session, by primary key.

    A constant number of queries, whatever the number of sessions.
    """
    edits = _edits_by_session(sessions)
    shown: dict[int, Shown] = {}
    for session in sessions:
        shown[session.pk] = Shown(default_name(session.session_id))
        for edit in edits[session.pk]:
            shown[session.pk].edit(edit)
    return shown


def _edits_by_session(sessions: Iterable[Session]) -> dict[int, list[SessionEdit]]:
    """The edits to show, by session (primary key), the newest last."""
    edits = SessionEdit.objects.filter(
        user__in={session.user_id for session in sessions},
        gpt__in={session.gpt for session in sessions},
    ).order_by("edited_at", "pk")
    found = defaultdict(list)
    session_of = _sessions_of(list(edits))
    for edit in edits:
        if edit.pk in session_of:
            found[session_of[edit.pk]].append(edit)
    return found


def _sessions_of(edits: list[SessionEdit]) -> dict[int, int]:
    """Edit → session, by primary keys: the anchor's, or the nearest within reach."""
    if not edits:
        return {}
    anchors = Score.objects.filter(
        score_id__in=[edit.anchor for edit in edits], session__isnull=False
    )
    held = dict(anchors.values_list("score_id", "session_id"))
    sessions = {edit.pk: held[edit.anchor] for edit in edits if edit.anchor in held}
    without_anchor = [edit for edit in edits if edit.pk not in sessions]
    candidates = _near(without_anchor)
    for edit in without_anchor:
        distances = [(*_distance(each, edit), each.pk) for each in candidates]
        gap, _, nearest = min(distances, default=(GAP + 1, 0, 0))
        if gap <= GAP:
            sessions[edit.pk] = nearest
    return sessions


def _near(edits: list[SessionEdit]) -> list[Session]:
    """The sessions that may be within reach of edits without their anchor."""
    if not edits:
        return []
    times = [edit.anchor_time for edit in edits]
    return list(
        Session.objects.filter(
            user__in={edit.user_id for edit in edits},
            gpt__in={edit.gpt for edit in edits},
            time_started__lte=max(times) + GAP,
            time_ended__gte=min(times) - GAP,
        )
    )


def _distance(session: Session, edit: SessionEdit) -> tuple[int, int]:
    """(milliseconds from the edit's time to the session, the session's start).

    More than GAP for a session of another player or game.
    """
    if (session.user_id, session.gpt) != (edit.user_id, edit.gpt):
        return GAP + 1, 0
    gap = max(
        session.time_started - edit.anchor_time,
        edit.anchor_time - session.time_ended,
        0,
    )
    return gap, session.time_started
