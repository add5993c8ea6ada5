"""Scores that change hands between imports, and rows of scores that are written anew.

Under the player's lock. A score that changes is removed, and its row is inserted again
under the same primary key by the caller's recalculation.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from imports.composition import Composition, Reported, compare
from imports.later_claims import (
    compose,
    differ,
    fill,
    left_by,
    reencoded,
    save,
    with_claims,
)
from imports.models import Import
from imports.reports import (
    Claim,
    composition_of,
    decode,
    encode,
    may_fill,
    processed_at,
    reported,
    reported_by_owner,
    sequence_of,
    with_report,
)
from scores.copy_rows import chunks
from scores.derived.recalculate import Touched
from scores.derived.rerate import derive_score
from scores.games import get_game
from scores.models import Chart, Score
from scores.score_rows import ReportedScore, ScoreRow


class Holder(NamedTuple):
    """An import with a claim on a score, and its report. Ordered by sequence."""

    sequence: int
    import_pk: int
    reported: Reported


class Moved(NamedTuple):
    """A stored score that stays: as it was, and the row that takes its place."""

    before: Score
    after: ScoreRow


def take_over(
    import_: Import, taken_over: Mapping[Score, Claim], touched: Touched
) -> list[ScoreRow]:
    """Take scores from later imports, whose reports become later claims."""
    if not taken_over:
        return []
    old_reports: dict[str, Reported] = {}
    all_reports: dict[str, Reported] = {}
    owned = defaultdict(list)
    for score, claim in taken_over.items():
        key = str(score.pk)
        old_reports[key] = reported_by_owner(score)
        all_reports[key] = reported(claim.score, claim.time_added)
        owned[score.source_import_id].append(key)
    new_reports = {
        key: report
        for key, report in all_reports.items()
        if differ(report, old_reports[key])
    }
    compositions = {key: Composition(report) for key, report in all_reports.items()}
    changed = []
    for other in with_claims(import_, owned):
        processed, sequence = processed_at(other), sequence_of(other)
        for key in owned[other.pk]:
            compositions[key].add(old_reports[key], sequence)
        fill(compositions, old_reports, other)
        claims = {
            **reencoded(other, old_reports, new_reports),
            **{
                key: encode(all_reports[key], old_reports[key], processed)
                for key in owned[other.pk]
            },
        }
        if claims:
            other.later_claims.update(claims)
            changed.append(other)
    save(changed)
    remove(taken_over, touched)
    return [
        row_of(
            score.pk,
            claim.score,
            claim.score.chart,
            Holder(sequence_of(import_), import_.pk, all_reports[str(score.pk)]),
            compositions[str(score.pk)],
        )
        for score, claim in taken_over.items()
    ]


def hand_on(imports: Sequence[Import], scores: Sequence[Score]) -> list[Moved]:
    """Give scores that imports of one player and game own to the next import that
    claims them, and is none of these.

    Returns their rows for the new owners; the scores come with their charts, and each
    is claimed by another import (`claimed_later`).
    """
    old_reports = {str(score.pk): reported_by_owner(score) for score in scores}
    new_reports: dict[str, Reported] = {}
    owners: dict[str, Holder] = {}
    compositions: dict[str, Composition] = {}
    waiting = set(old_reports)
    unsaid = set(old_reports)  # where nobody yet says again what the old owner said
    changed = []
    for other in left_by(imports):
        claims = reencoded(other, old_reports, new_reports)
        coming = _come_to(other, old_reports, waiting)
        waiting -= coming.keys()
        owners |= coming
        for key, holder in coming.items():
            compositions[key] = Composition(holder.reported)
            if differ(holder.reported, old_reports[key]):
                new_reports[key] = holder.reported
        unsaid -= _say_again(other, old_reports, compositions, unsaid)
        fill(compositions, old_reports, other)
        for key in coming:
            del other.later_claims[key]
        if claims or coming:
            other.later_claims.update(claims)
            changed.append(other)
    save(changed)
    return [
        Moved(
            score, row_of(score.pk, score, score.chart, owners[key], compositions[key])
        )
        for key, score in ((str(score.pk), score) for score in scores)
    ]


def _come_to(
    import_: Import, old_reports: Mapping[str, Reported], waiting: AbstractSet[str]
) -> dict[str, Holder]:
    """The scores, of those that wait for a new owner, that come to this import."""
    processed, sequence = processed_at(import_), sequence_of(import_)
    return {
        key: Holder(sequence, import_.pk, decode(old_reports[key], claim, processed))
        for key in waiting & import_.later_claims.keys()
        for claim in [import_.later_claims[key]]
    }


def _say_again(
    import_: Import,
    old_reports: Mapping[str, Reported],
    compositions: Mapping[str, Composition],
    unsaid: AbstractSet[str],
) -> set[str]:
    """Add claims that say what the old owner said; returns on which scores.

    Who says the same once more fills no more: so each score is asked for but once.
    """
    processed, sequence = processed_at(import_), sequence_of(import_)
    said = set()
    for key in unsaid & import_.later_claims.keys():
        claim = import_.later_claims[key]
        if not may_fill(claim):
            report = decode(old_reports[key], claim, processed)
            compositions[key].add(report, sequence)
            said.add(key)
    return said


def claimed_later(imports: Sequence[Import]) -> set[int]:
    """The scores (primary keys) on which the player's other imports have later claims.

    Other than these, which are of one player and game.
    """
    return {int(pk) for other in left_by(imports) for pk in other.later_claims}


def take_back(
    imports: Sequence[Import],
    claimed: Iterable[tuple[Score, Reported]],
    touched: Touched,
) -> list[Moved]:
    """Take from scores of others what imports filled with these later claims.

    The imports are of one player and game. Returns the scores that say something else
    without them.
    """
    scores = {
        str(score.pk): score
        for score, report in claimed
        if score.own and compare(reported_by_owner(score), report).filled
    }
    if not scores:
        return []
    owners = {key: reported_by_owner(score) for key, score in scores.items()}
    compositions = compose(owners, left_by(imports))
    changed = changed_by(scores, compositions)
    remove(changed, touched)
    return [*map(Moved, changed, rewritten(changed))]


def changed_by(
    scores: Mapping[str, Score], compositions: Mapping[str, Composition]
) -> dict[Score, Composition]:
    """The scores, given by primary key, that are to say something else."""
    changed = {}
    for key, score in scores.items():
        composition = compositions[key]
        own = composition.kept_apart(reported_by_owner(score))
        if composition != composition_of(score) or own != score.own:
            changed[score] = composition
    return changed


def rewritten(changed: Mapping[Score, Composition]) -> list[ScoreRow]:
    """The rows of stored scores that say something else; their owners stay."""
    charts: dict[int, Chart] = {}
    sequences: dict[int, int | None] = {}
    for pks in chunks({score.chart_id for score in changed}):
        charts.update(Chart.objects.in_bulk(pks))
    for pks in chunks({score.source_import_id for score in changed}):
        found = Import.objects.filter(pk__in=pks)
        sequences.update(found.values_list("pk", "sequence"))
    return [
        row_of(
            score.pk,
            score,
            charts[score.chart_id],
            Holder(
                sequences[score.source_import_id] or 0,
                score.source_import_id,
                reported_by_owner(score),
            ),
            composition,
        )
        for score, composition in changed.items()
    ]


def row_of(
    pk: int,
    score: ReportedScore | Score,
    chart: Chart,
    owner: Holder,
    composition: Composition,
) -> ScoreRow:
    """The row of a stored score for its owner, saying what is composed of its claims.

    `score` is anything of the same identity; it is derived and rated again.
    """
    said, own = composition.report, owner.reported
    score_data, ratings = derive_score(
        get_game(score.gpt), with_report(score.score_data, said), chart
    )
    return ScoreRow(
        score_id=score.score_id,
        user_id=score.user_id,
        chart=chart,
        gpt=score.gpt,
        position=own["position"],
        service=own["service"],
        import_type=own["import_type"],
        time_achieved=said["time_achieved"],
        comment=said["comment"],
        score_data=score_data,
        score_meta=said["score_meta"],
        ratings=ratings,
        source_import_id=owner.import_pk,
        sequence=owner.sequence,
        time_added=own["time_added"],
        pk=pk,
        own=composition.kept_apart(own),
        timed_by=composition.timed_by,
        timed_at=composition.timed_at,
    )


def remove(scores: Iterable[Score], touched: Touched) -> None:
    """Delete scores and note what that touches; recalculating is up to the caller."""
    pks = []
    for score in scores:
        touched.score(score.gpt, score.chart_id, score.time_achieved)
        pks.append(score.pk)
    for chunk in chunks(pks):
        Score.objects.filter(pk__in=chunk).delete()
