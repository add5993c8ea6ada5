"""What a preview tells of a set of imports that was tried out, from both its ends."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, NamedTuple

from imports.hand_overs import Moved
from imports.models import Import
from imports.undo.documents import (
    MOST_LISTED,
    ChangedScore,
    ChangedScores,
    Preview,
    StayingClass,
    fingerprint_of,
    listed,
)
from imports.undo.follows import bests, profiles, sessions
from scores.copy_rows import chunks
from scores.games import get_game
from scores.models import Chart, ClassClaim, Score, ScoreEdit
from scores.tried_out import (
    Derived,
    class_changes,
    rating_changes,
)


class Ends(NamedTuple):
    """A score that stays, as it is at both ends."""

    before: Score
    after: Score


Stays = Moved | Ends


@dataclass
class Selection:
    """Imports of a player, and what became of scores when they were tried out.

    `gone` are the scores that went, or came, by their ids: the import (primary key),
    the chart (primary key), the game and playtype. `kept` come with the import of the
    selection and the other one (primary keys; 0 where that is not there yet). `orphans`
    are ids. Where some scores go and others come, those are `also`, with what they are.
    With `classes_go` the provided classes are withdrawn with the imports.
    """

    user_id: int
    imports: Sequence[Import]
    gone: dict[str, tuple[int, int, str]]
    kept: Sequence[tuple[Stays, int, int]]
    changed: Sequence[Stays]
    orphans: list[str]
    also: tuple[str, dict[str, tuple[int, int, str]]] | None = None
    classes_go: bool = False

    @property
    def gone_or_come(self) -> dict[str, tuple[int, int, str]]:
        return self.gone | (self.also[1] if self.also else {})


def told(selection: Selection, what: str, before: Derived, after: Derived) -> Preview:
    """The document; `what` is what the scores are that went or came: "removed"."""
    user_id = selection.user_id
    names = _names(selection, before, after)
    scores, of_scores = _scores(selection, what, names)
    of_bests, said_of_bests = bests(user_id, before, after, names.charts)
    live, withdrawn = _provided(selection)
    staying = [] if selection.classes_go else live
    moved_classes = live if selection.classes_go else withdrawn
    import_ids = [import_.import_id for import_ in selection.imports]
    orphans = sorted(selection.orphans)
    return {
        "imports": len(selection.imports),
        "players": 1 if selection.imports else 0,
        "scores": scores,
        "personalBests": of_bests,
        "sessions": sessions(before, after),
        "profiles": profiles(user_id, "rating", rating_changes(before, after)),
        "classes": {
            "changed": profiles(user_id, "set", class_changes(before, after)),
            "staying": len(staying),
            "list": staying[:MOST_LISTED],
        },
        "orphans": len(orphans),
        # Sessions and profiles follow from these, and from what else is played.
        "fingerprint": fingerprint_of(
            [
                sorted(import_ids),
                of_scores,
                said_of_bests,
                orphans,
                staying,
                moved_classes,
            ]
        ),
    }


class Names(NamedTuple):
    """What imports and charts (primary keys) are called."""

    imports: dict[int, str]
    charts: dict[int, str]


def _names(selection: Selection, before: Derived, after: Derived) -> Names:
    moved_away = selection.gone_or_come
    imports = {owner for owner, _, _ in moved_away.values()}
    imports |= {pk for _, ours, other in selection.kept for pk in (ours, other)}
    imports |= {moved.after.source_import_id for moved in selection.changed}
    charts = {chart for _, chart, _ in moved_away.values()}
    charts |= {moved.before.chart_id for moved in _staying_scores(selection)}
    charts |= before.bests.keys() | after.bests.keys()
    names = Names({}, {})
    for pks in chunks(sorted(imports)):
        found = Import.objects.filter(pk__in=pks)
        names.imports.update(found.values_list("pk", "import_id"))
    for pks in chunks(sorted(charts)):
        rows = Chart.objects.filter(pk__in=pks)
        names.charts.update(rows.values_list("pk", "chart_id"))
    return names


def _staying_scores(selection: Selection) -> list[Stays]:
    return [*(moved for moved, _, _ in selection.kept), *selection.changed]


def _scores(
    selection: Selection, what: str, names: Names
) -> tuple[ChangedScores, list[Any]]:
    """What becomes of scores; and all of it in full, for the fingerprint."""

    def change(what: str, score: str, owner: int, chart: int, gpt: str) -> ChangedScore:
        game, playtype = gpt.split(":")
        return {
            "what": what,
            "userID": selection.user_id,
            "scoreID": score,
            "importID": names.imports[owner],
            "chartID": names.charts[chart],
            "game": game,
            "playtype": playtype,
            "keptBy": None,
            "differs": [],
        }

    def changes(what: str, scores: dict[str, tuple[int, int, str]]) -> list[Any]:
        return [change(what, score_id, *at) for score_id, at in sorted(scores.items())]

    gone = changes(what, selection.gone)
    also = changes(*selection.also) if selection.also else []
    kept: list[ChangedScore] = []
    for moved, ours, other in selection.kept:
        stored = moved.before
        of_it = change("kept", stored.score_id, ours, stored.chart_id, stored.gpt)
        of_it["keptBy"] = names.imports.get(other)
        kept.append(of_it)
    said = _said_otherwise(selection)
    changed: list[ChangedScore] = []
    for moved, says in said:
        score, owner = moved.before, moved.after.source_import_id
        of_it = change("changed", score.score_id, owner, score.chart_id, score.gpt)
        of_it["differs"] = list(says)
        changed.append(of_it)
    kept.sort(key=itemgetter("scoreID"))
    counts = {what: len(gone), "kept": len(kept), "changed": len(changed)}
    if selection.also:
        counts[selection.also[0]] = len(also)
    told: Any = {**counts, "list": listed(gone, also, kept, changed)}
    keepers = [[each["scoreID"], each["keptBy"]] for each in kept]
    moved_away = [each["scoreID"] for each in (*gone, *also)]
    says_now = [[moved.before.score_id, says] for moved, says in said]
    return told, [moved_away, keepers, says_now]


def _said_otherwise(selection: Selection) -> list[tuple[Stays, dict[str, Any]]]:
    """The scores that stay and say something else, and what, by their ids."""
    edited = _commented(selection)
    said = (
        (moved, _says_otherwise(moved, moved.before.score_id in edited))
        for moved in _staying_scores(selection)
    )
    changed = [(moved, says) for moved, says in said if says]
    return sorted(changed, key=lambda pair: pair[0].before.score_id)


def _says_otherwise(moved: Stays, commented: bool) -> dict[str, Any]:
    """What the score's document says otherwise, apart from the marks of its owner."""
    before, after = moved
    pairs = {
        "timeAchieved": (before.time_achieved, after.time_achieved),
        "comment": (before.comment, after.comment),
        "scoreData": (before.score_data, after.score_data),
        "scoreMeta": (before.score_meta, after.score_meta),
    }
    if commented:  # its player's own comment is shown, whoever owns it
        del pairs["comment"]
    return {name: new for name, (old, new) in pairs.items() if old != new}


def _commented(selection: Selection) -> set[str]:
    """Those of the scores that stay whose player has written a comment himself."""
    ids = [moved.before.score_id for moved in _staying_scores(selection)]
    edits = ScoreEdit.objects.filter(user=selection.user_id, has_comment=True)
    return {
        score_id
        for some in chunks(ids)
        for score_id in edits.filter(score_id__in=some).values_list(
            "score_id", flat=True
        )
    }


def _provided(
    selection: Selection,
) -> tuple[list[StayingClass], list[StayingClass]]:
    """The claims on classes that the imports made: those that are live, and those that
    were withdrawn with a revert and come back with its restore.
    """
    imports = {import_.pk: import_.import_id for import_ in selection.imports}
    claims = [
        claim
        for pks in chunks(imports)
        for claim in ClassClaim.objects.filter(source_import__in=pks)
    ]
    by_import = [(imports[claim.source_import_id or 0], claim) for claim in claims]
    by_import.sort(key=lambda pair: (pair[0], pair[1].gpt, pair[1].class_set))
    live = [
        _staying_class(import_id, claim)
        for import_id, claim in by_import
        if claim.withdrawn_at is None
    ]
    withdrawn = [
        _staying_class(import_id, claim)
        for import_id, claim in by_import
        if claim.withdrawn_with_id is not None
    ]
    return live, withdrawn


def _staying_class(import_id: str, claim: ClassClaim) -> StayingClass:
    game, playtype = claim.gpt.split(":")
    return {
        "userID": claim.user_id,
        "importID": import_id,
        "game": game,
        "playtype": playtype,
        "set": claim.class_set,
        "value": claim.value,
        "name": _class_name(claim),
    }


def _class_name(claim: ClassClaim) -> str | None:
    """As the class review has it; None for what is no class any more."""
    classes = get_game(claim.gpt).classes.get(claim.class_set)
    if classes is None or classes.index(claim.value) is None:
        return None
    return claim.name
