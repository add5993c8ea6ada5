"""The name, description and highlight of sessions: defaults, and the player's edits.

An edit is stored under an anchor score and its time. It is shown on the session that
holds the anchor; without the anchor, on the nearest session within two hours of that
time (the earlier of two equally near). Otherwise it is kept, and not shown until a
session covers its time again. Of several edits of one session the newest counts, field
by field. This is looked up on read, so nothing has to be updated when sessions change.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from django.db.models import OuterRef, Q, QuerySet, Subquery

from scores.derived.sessions import GAP
from scores.models import Score, Session, SessionEdit

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

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


class Place(TypedDict):
    """Sessions (primary keys) that an edit may be shown on.

    The one that holds its anchor, or else those that ended before and after its time.
    """

    holder: int | None
    before: int | None
    after: int | None


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


def shown_on(
    sessions: Sequence[Session], *, all_there_are: bool = False
) -> dict[int, Shown]:
    """What is to be shown on each session, by primary key; two statements.

    They cost what these sessions and the edits near them cost, however many there are.
    With `all_there_are` they are all sessions of their players in their games.
    """
    edits: Mapping[int, Sequence[SessionEdit]] = {}
    if sessions:
        of_players = _edits_of(sessions) if all_there_are else _edits_near(sessions)
        edits = _by_session(of_players)
    shown: dict[int, Shown] = {}
    for session in sessions:
        shown[session.pk] = Shown(default_name(session.session_id))
        for edit in edits.get(session.pk, ()):
            shown[session.pk].edit(edit)
    return shown


def highlighted(user_id: int, gpt: str) -> list[int]:
    """The player's sessions (primary keys) that are highlighted; two statements."""
    edits = SessionEdit.objects.filter(user=user_id, gpt=gpt)
    found = []
    for session, of_session in _by_session(_placed(edits)).items():
        shown = Shown("")
        for edit in of_session:
            shown.edit(edit)
        if shown.highlight:
            found.append(session)
    return found


def _by_session(
    placed: "QuerySet[WithAnnotations[SessionEdit, Place]]",
) -> Mapping[int, Sequence[SessionEdit]]:
    """The edits to show, by session (primary key), the newest last."""
    found = defaultdict(list)
    edits = list(placed)
    near = Session.objects.in_bulk(
        {pk for edit in edits if not edit.holder for pk in (edit.before, edit.after)}
    )
    for edit in edits:
        session = edit.holder or _nearest(edit, near)
        if session is not None:
            found[session].append(edit)
    return found


def _edits_of(
    sessions: Sequence[Session],
) -> "QuerySet[WithAnnotations[SessionEdit, Place]]":
    """All edits of the sessions' players in their games."""
    edits = SessionEdit.objects.filter(
        user__in={session.user_id for session in sessions},
        gpt__in={session.gpt for session in sessions},
    )
    return _placed(edits)


def _edits_near(
    sessions: Sequence[Session],
) -> "QuerySet[WithAnnotations[SessionEdit, Place]]":
    """Those that one of the sessions may show."""
    first = min(session.time_started for session in sessions)
    last = max(session.time_ended for session in sessions)
    held = Score.objects.filter(session__in=[session.pk for session in sessions])
    return _edits_of(sessions).filter(
        Q(anchor_time__range=(first - GAP, last + GAP))
        | Q(anchor__in=held.values("score_id"))
    )


def _placed(
    edits: QuerySet[SessionEdit],
) -> "QuerySet[WithAnnotations[SessionEdit, Place]]":
    """The edits with where they belong, the newest last."""
    holder = Score.objects.filter(score_id=OuterRef("anchor"))
    same = Session.objects.filter(user=OuterRef("user"), gpt=OuterRef("gpt"))
    before = same.filter(time_ended__lt=OuterRef("anchor_time")).order_by("-time_ended")
    after = same.filter(time_ended__gte=OuterRef("anchor_time")).order_by("time_ended")
    return edits.annotate(
        holder=Subquery(holder.values("session_id")),
        before=Subquery(before.values("pk")[:1]),
        after=Subquery(after.values("pk")[:1]),
    ).order_by("edited_at", "pk")


def _nearest(
    edit: "WithAnnotations[SessionEdit, Place]", near: dict[int, Session]
) -> int | None:
    """The session beside the edit's time that is nearer, if it is within reach."""
    beside = [near[pk] for pk in (edit.before, edit.after) if pk in near]
    gap, _, nearest = min(
        ((*_distance(each, edit), each.pk) for each in beside), default=(GAP + 1, 0, 0)
    )
    return nearest if gap <= GAP else None


def _distance(session: Session, edit: SessionEdit) -> tuple[int, int]:
    """(milliseconds from the edit's time to the session, the session's start)."""
    gap = max(
        session.time_started - edit.anchor_time,
        edit.anchor_time - session.time_ended,
        0,
    )
    return gap, session.time_started
