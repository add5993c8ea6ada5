"""Reading: the first half of an import, from its input to scores and failures.

It only reads the database, so it can be cut off and repeated. A bad row becomes a
failure; a document that is bad as a whole raises `ImportRefused`.
"""

import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from imports.failures import FailureType
from imports.formats import get_format
from imports.formats.base import Draft, Failure, Input, Parsed, require_at_most
from imports.models import Import
from imports.rules.refusals import Said
from scores.copy_rows import chunks
from scores.games import get_game
from scores.models import Chart
from scores.rules.completion import Completed, Rejected, future_problem
from scores.rules.javascript import whole
from scores.score_rows import ReportedScore
from scores.seeds.unlisted import ToldOfChart
from tachi.api.times import milliseconds

Report = Callable[..., None]


@dataclass(frozen=True)
class ReadImport:
    """An import as it was read: scores that are not claimed yet, and failures.

    `charts_version` is that of the charts it was matched and rated with. `notes` tell
    by position what of an entry was left out, and why.
    """

    parsed: Parsed
    charts_version: datetime | None
    scores: list[ReportedScore]
    failures: list[Failure]
    notes: dict[int, str] = field(default_factory=dict)

    @property
    def orphans(self) -> list[Failure]:
        """The rows whose song or chart is not known (yet)."""
        return [
            failure
            for failure in self.failures
            if failure.type == FailureType.NOT_FOUND
        ]

    @property
    def told_of(self) -> list[ToldOfChart]:
        """What is told of charts that nobody knows, and that may be made of that."""
        return [failure.told for failure in self.failures if failure.told]

    @property
    def said(self) -> Said:
        """What only what was sent says of the import: its game, playtypes, services."""
        gpts = {score.gpt for score in self.scores} | self.parsed.classes.keys()
        playtypes = {gpt.partition(":")[2] for gpt in gpts}
        # Whether or not a chart of it is known.
        named = [self.parsed.context, *(orphan.data for orphan in self.orphans)]
        playtypes |= {
            each["playtype"]
            for each in named
            if isinstance(each, dict) and isinstance(each.get("playtype"), str)
        }
        services = {score.service for score in self.scores} | {self.parsed.service}
        return Said(self.parsed.game, playtypes, services)


def received_at(import_: Import) -> int:
    """When the input was received, in unix milliseconds."""
    return milliseconds(import_.received_at)


def read(import_: Import, report: Report) -> ReadImport:
    """Parse, match, derive, rate and validate. Raises ImportRefused."""
    parsed = parse(import_, report)
    charts_version = Chart.objects.charts_version(parsed.game)
    return match(import_, parsed, charts_version, report)


def parse(import_: Import, report: Report) -> Parsed:
    """The entries of an import; what is wrong with all of it raises ImportRefused."""
    report("parsing", "Parsing the scores.")
    sent = import_.input
    format_ = get_format(import_.import_type)
    parsed = format_.parse(
        Input(
            payload=zlib.decompress(sent.payload),
            filename=sent.filename,
            parameters=sent.parameters,
            received_at=received_at(import_),
        )
    )
    require_at_most(len(parsed.entries))
    return parsed


def match(
    import_: Import, parsed: Parsed, charts_version: datetime | None, report: Report
) -> ReadImport:
    """What the entries are with the charts of this version, or of a later one."""
    total = len(parsed.entries)
    report("matching", f"Matching {total} scores to charts.", 0, total)
    outcomes: Sequence[Draft | Failure] = ()
    if parsed.entries:  # a hook may declare a class by itself
        convert = get_format(import_.import_type).convert
        outcomes = convert(parsed.entries, parsed.context)
    notes = {
        each.position: each.note
        for each in outcomes
        if isinstance(each, Draft) and each.note
    }
    scores, failures = complete(import_, outcomes, report)
    return ReadImport(parsed, charts_version, scores, failures, notes)


def complete(
    import_: Import, outcomes: Sequence[Draft | Failure], report: Report
) -> tuple[list[ReportedScore], list[Failure]]:
    """Derive, rate and validate drafts: the scores in order, and all that failed."""
    scores: list[ReportedScore] = []
    failures = [outcome for outcome in outcomes if isinstance(outcome, Failure)]
    drafts = [outcome for outcome in outcomes if isinstance(outcome, Draft)]
    total, done = len(outcomes), len(failures)
    for chunk in chunks(drafts):
        report("importing", f"Read {done} of {total} scores.", done, total)
        for outcome in _complete(import_, chunk):
            if isinstance(outcome, ReportedScore):
                scores.append(outcome)
            else:
                failures.append(outcome)
        done += len(chunk)
    failures.sort(key=lambda failure: failure.position)
    return scores, failures


def _complete(
    import_: Import, drafts: list[Draft]
) -> Iterable[ReportedScore | Failure]:
    """One outcome for each draft, in their order."""
    now = received_at(import_)
    completed: dict[int, Completed | Rejected] = {}
    for gpt in {draft.chart.gpt for draft in drafts}:
        ours = [draft for draft in drafts if draft.chart.gpt == gpt]
        results = get_game(gpt).complete(
            (draft.score_data, draft.chart) for draft in ours
        )
        completed.update(
            (draft.position, result)
            for draft, result in zip(ours, results, strict=True)
        )
    for draft in drafts:
        result = completed[draft.position]
        if problem := future_problem(draft.time_achieved, now):
            yield Failure(draft.position, FailureType.INVALID, problem.text, None)
        elif isinstance(result, Completed):
            yield _reported(import_, draft, result)
        else:
            yield Failure(draft.position, FailureType.INVALID, result.message, None)


def _reported(import_: Import, draft: Draft, completed: Completed) -> ReportedScore:
    chart = draft.chart
    game = get_game(chart.gpt)
    return ReportedScore(
        score_id=game.score_id(import_.user_id, chart.chart_id, completed.score_data),
        user_id=import_.user_id,
        chart=chart,
        gpt=chart.gpt,
        position=draft.position,
        service=draft.service,
        import_type=draft.import_type,
        time_achieved=draft.time_achieved,
        comment=draft.comment,
        score_data=completed.score_data,
        score_meta={name: whole(value) for name, value in draft.score_meta.items()},
        ratings=completed.ratings,
        highlight=draft.highlight,
    )
