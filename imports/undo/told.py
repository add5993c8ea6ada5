"""What a preview tells of a set of imports that was tried out, from both its ends."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, NamedTuple

from imports.hand_overs import Moved
from imports.models import Import
from imports.undo.documents import (
    MOST_LISTED,
    BestChange,
    BestChanges,
    Preview,
    ScoreChange,
    ScoreChanges,
    SessionChange,
    SessionChanges,
    StayingClass,
    fingerprint_of,
    listed,
)
from scores.copy_rows import chunks
from scores.derived import personal_bests
from scores.documents import SessionDocument
from scores.games import get_game
from scores.models import Chart, ClassClaim, ScoreEdit
from scores.tried_out import (
    Change,
    Derived,
    class_changes,
    differing,
    rating_changes,
)

GPT, SCORE_DATA = map(personal_bests.FIELDS.index, ("gpt", "score_data"))
#: What is in a best's document of the plays themselves.
SAYS = [
    personal_bests.FIELDS.index(name)
    for name in ("score_data", "composed_from", "time_achieved", "highlight")
]


@dataclass
class Selection:
    """Imports of a player, and what became of scores when they were tried out.

    `gone` are the scores that went, or came, by their ids: the import (primary key),
    the chart (primary key), the game and playtype. `kept` come with the import of the
    selection and the other one (primary keys). `orphans` are ids.
    """

    user_id: int
    imports: Sequence[Import]
    gone: dict[str, tuple[int, int, str]]
    kept: list[tuple[Moved, int, int]]
    changed: list[Moved]
    orphans: list[str]


def told(selection: Selection, what: str, before: Derived, after: Derived) -> Preview:
    """The document; `what` is what the scores are that went or came: "removed"."""
    user_id = selection.user_id
    names = _names(selection, before, after)
    scores, of_scores = _scores(selection, what, names)
    bests, of_bests = _bests(user_id, before, after, names)
    staying = _staying(selection)
    import_ids = [import_.import_id for import_ in selection.imports]
    orphans = sorted(selection.orphans)
    return {
        "imports": len(selection.imports),
        "players": 1 if selection.imports else 0,
        "scores": scores,
        "personalBests": bests,
        "sessions": _sessions(before, after),
        "profiles": _profiles(user_id, "rating", rating_changes(before, after)),
        "classes": {
            "changed": _profiles(user_id, "set", class_changes(before, after)),
            "staying": len(staying),
            "list": staying[:MOST_LISTED],
        },
        "orphans": len(orphans),
        # Sessions and profiles follow from these, and from what else is played.
        "fingerprint": fingerprint_of(
            [sorted(import_ids), of_scores, of_bests, orphans, staying]
        ),
    }


class Names(NamedTuple):
    """What imports and charts (primary keys) are called."""

    imports: dict[int, str]
    charts: dict[int, str]


def _names(selection: Selection, before: Derived, after: Derived) -> Names:
    imports = {owner for owner, _, _ in selection.gone.values()}
    imports |= {pk for _, ours, other in selection.kept for pk in (ours, other)}
    imports |= {moved.after.source_import_id for moved in selection.changed}
    charts = {chart for _, chart, _ in selection.gone.values()}
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


def _staying_scores(selection: Selection) -> list[Moved]:
    return [*(moved for moved, _, _ in selection.kept), *selection.changed]


def _scores(
    selection: Selection, what: str, names: Names
) -> tuple[ScoreChanges, list[Any]]:
    """What becomes of scores; and all of it in full, for the fingerprint."""
    user_id = selection.user_id
    edited = _commented(selection)

    def change(what: str, score: str, owner: int, chart: int, gpt: str) -> ScoreChange:
        game, playtype = gpt.split(":")
        return {
            "what": what,
            "userID": user_id,
            "scoreID": score,
            "importID": names.imports[owner],
            "chartID": names.charts[chart],
            "game": game,
            "playtype": playtype,
            "keptBy": None,
            "differs": [],
        }

    gone = [
        change(what, score_id, *where)
        for score_id, where in sorted(selection.gone.items())
    ]
    kept: list[ScoreChange] = []
    changed: list[ScoreChange] = []
    said: list[list[Any]] = []
    for moved, ours, other in selection.kept:
        stored = moved.before
        of_it = change("kept", stored.score_id, ours, stored.chart_id, stored.gpt)
        of_it["keptBy"] = names.imports[other]
        kept.append(of_it)
    for moved in _staying_scores(selection):
        score, owner = moved.before, moved.after.source_import_id
        says = _says_otherwise(moved, score.score_id in edited)
        if says:
            of_it = change("changed", score.score_id, owner, score.chart_id, score.gpt)
            of_it["differs"] = list(says)
            changed.append(of_it)
            said.append([score.score_id, says])
    for each in (kept, changed):
        each.sort(key=itemgetter("scoreID"))
    counts = {what: len(gone), "kept": len(kept), "changed": len(changed)}
    told: Any = {**counts, "list": listed(gone, kept, changed)}
    keepers = [[each["scoreID"], each["keptBy"]] for each in kept]
    return told, [[each["scoreID"] for each in gone], keepers, sorted(said, key=_first)]


def _first(pair: list[Any]) -> Any:
    return pair[0]


def _says_otherwise(moved: Moved, commented: bool) -> dict[str, Any]:
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


def _bests(
    user_id: int, before: Derived, after: Derived, names: Names
) -> tuple[BestChanges, list[Any]]:
    """What becomes of bests; and all of it in full, for the fingerprint."""
    old, new = before.bests, after.bests
    kinds: dict[str, list[BestChange]] = {"removed": [], "changed": [], "created": []}
    full: list[list[Any]] = []
    for chart in old.keys() | new.keys():
        now, then = old.get(chart), new.get(chart)
        if now == then:
            continue
        what = "created" if now is None else "removed" if then is None else "changed"
        values = now or then
        assert values is not None  # it is on one side
        game, playtype = values[GPT].split(":")
        kinds[what].append(
            {
                "what": what,
                "userID": user_id,
                "chartID": names.charts[chart],
                "game": game,
                "playtype": playtype,
                "old": _default_metric(now),
                "new": _default_metric(then),
            }
        )
        full.append([names.charts[chart], what, _says(now), _says(then)])
    for some in kinds.values():
        some.sort(key=itemgetter("chartID"))
    counts = {what: len(some) for what, some in kinds.items()}
    told: Any = {**counts, "list": listed(*kinds.values())}
    return told, sorted(full, key=_first)


def _default_metric(best: tuple[Any, ...] | None) -> float | None:
    if best is None:
        return None
    return best[SCORE_DATA][get_game(best[GPT]).default_metric]


def _says(best: tuple[Any, ...] | None) -> list[Any]:
    """What a best says of what was played; its ratings are the chart's, too."""
    return [] if best is None else [best[at] for at in SAYS]


def _sessions(before: Derived, after: Derived) -> SessionChanges:
    old, new = before.sessions, after.sessions
    ids = {
        "removed": old.keys() - new.keys(),
        "changed": differing(old, new),
        "created": new.keys() - old.keys(),
    }
    kinds = [
        [_session(what, old.get(each), new.get(each)) for each in sorted(some)]
        for what, some in ids.items()
    ]
    counts = {what: len(some) for what, some in ids.items()}
    told: Any = {**counts, "list": listed(*kinds)}
    return told


def _session(
    what: str, old: SessionDocument | None, new: SessionDocument | None
) -> SessionChange:
    document = old or new
    assert document is not None  # it is on one side
    return {
        "what": what,
        "userID": document["userID"],
        "sessionID": document["sessionID"],
        "game": document["game"],
        "playtype": document["playtype"],
        "name": document["name"],
        "old": len(old["scoreIDs"]) if old else None,
        "new": len(new["scoreIDs"]) if new else None,
    }


def _staying(selection: Selection) -> list[StayingClass]:
    """The live claims on classes that the imports made: none of these goes."""
    imports = {import_.pk: import_.import_id for import_ in selection.imports}
    claims = [
        claim
        for pks in chunks(imports)
        for claim in ClassClaim.objects.filter(source_import__in=pks, withdrawn_at=None)
    ]
    by_import = [(imports[claim.source_import_id or 0], claim) for claim in claims]
    by_import.sort(key=lambda pair: (pair[0], pair[1].gpt, pair[1].class_set))
    return [_staying_class(import_id, claim) for import_id, claim in by_import]


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
    """As it is shown; None for what is no class any more."""
    classes = get_game(claim.gpt).classes.get(claim.class_set)
    at = classes.index(claim.value) if classes else None
    return None if classes is None or at is None else classes.rows[at].display


def _profiles(user_id: int, name: str, changes: Iterable[Change]) -> list[Any]:
    """The ratings or classes of profiles that change, under that name."""
    told = []
    for change in changes:
        game, playtype = change.gpt.split(":")
        told.append(
            {
                "userID": user_id,
                "game": game,
                "playtype": playtype,
                name: change.name,
                "old": change.old,
                "new": change.new,
            }
        )
    return told[:MOST_LISTED]
