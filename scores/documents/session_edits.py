"""What a session is called: a name from its id, or what its player wrote.

An edit belongs to an anchor score and its time. It shows on the session that holds the
anchor; with the anchor gone, on the session within reach of its time (the nearest, the
earlier of two); else it sleeps. Of several on one session the newest counts, field by
field. All of it is worked out on reading, so nothing can drift.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

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


def with_edits(sessions: Sequence[Session]) -> Sequence[Session]:
    """The sessions, each with the `name`, `description` and `highlight` it shows.

    A constant number of queries, whatever the number of sessions.
    """
    edits = _edits_by_session(sessions)
    for session in sessions:
        session.name = default_name(session.session_id)
        session.description, session.highlight = None, False
        for edit in edits[session.pk]:
            if edit.name is not None:
                session.name = edit.name
            if edit.has_description:
                session.description = edit.description
            if edit.highlight is not None:
                session.highlight = edit.highlight
    return sessions


def _edits_by_session(sessions: Iterable[Session]) -> dict[int, list[SessionEdit]]:
    """The edits to show by session, the newest last."""
    edits = SessionEdit.objects.filter(
        user__in={session.user_id for session in sessions},
        gpt__in={session.gpt for session in sessions},
    ).order_by("edited_at", "pk")
    found = defaultdict(list)
    homes = _homes(list(edits))
    for edit in edits:
        if edit.pk in homes:
            found[homes[edit.pk]].append(edit)
    return found


def _homes(edits: list[SessionEdit]) -> dict[int, int]:
    """The session of each edit that has one: its anchor's, or the nearest in reach."""
    if not edits:
        return {}
    anchors = Score.objects.filter(
        score_id__in=[edit.anchor for edit in edits], session__isnull=False
    )
    held = dict(anchors.values_list("score_id", "session"))
    homes = {edit.pk: held[edit.anchor] for edit in edits if edit.anchor in held}
    lost = [edit for edit in edits if edit.pk not in homes]
    near = _near(lost)
    for edit in lost:
        reachable = [(*_distance(each, edit), each.pk) for each in near]
        gap, _, home = min(reachable, default=(GAP + 1, 0, 0))
        if gap <= GAP:
            homes[edit.pk] = home
    return homes


def _near(edits: list[SessionEdit]) -> list[Session]:
    """The sessions that may be within reach of edits whose anchor is gone."""
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
    """How far a session of the same player and game is off, in milliseconds."""
    if (session.user_id, session.gpt) != (edit.user_id, edit.gpt):
        return GAP + 1, 0
    gap = max(
        session.time_started - edit.anchor_time,
        edit.anchor_time - session.time_ended,
        0,
    )
    return gap, session.time_started
