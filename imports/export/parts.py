"""The lists of an export: which rows, in which order, as which documents.

A test holds `OF_MODELS` to the models: all that refers to a user is in some list.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.contrib.admin.models import LogEntry
from django.db.models import Q, QuerySet

from imports.documents import failed_import_documents, import_documents
from imports.export import acts, documents
from imports.export.documents import Document, Documents
from imports.models import (
    BatchPlayer,
    ChartQueuePlayer,
    DailyIntake,
    HookSettings,
    Import,
    ImportRule,
    Orphan,
    OrphanDiscard,
    Revert,
    RevertBatch,
    State,
)
from scores.documents import (
    game_stats_document,
    pb_documents,
    score_documents,
    session_documents,
)
from scores.documents.blocks import block_documents
from scores.models import (
    ClassClaim,
    ClassReview,
    GameSettings,
    GameStats,
    PersonalBest,
    PlayerToRerate,
    ProfileSnapshot,
    Replay,
    Score,
    ScoreBlock,
    ScoreDeletion,
    ScoreEdit,
    Session,
    SessionEdit,
)
from tachi.accounts.models import ApiToken, User, UserSettings
from tachi.accounts.user_settings import settings_document
from tachi.jobs.models import Job
from tachi.moderation.documents import notification_document
from tachi.moderation.models import Entry, Notification

ALL = 0


class Part(NamedTuple):
    """One of the lists: its rows in order, their documents, how many at a time.

    Where that is ALL there are never more than a few.
    """

    rows: Callable[[User], QuerySet[Any]]
    as_documents: Callable[[Any], Documents]
    at_once: int = 1000


def _each(document: Callable[[Any], Document]) -> Callable[[Any], Documents]:
    return lambda rows: map(document, rows)


def _of_user(model: Any, *order: str) -> Callable[[User], QuerySet[Any]]:
    return lambda user: model._base_manager.filter(user=user).order_by(*order)


def _imports(*states: State) -> Callable[[User], QuerySet[Import]]:
    def rows(user: User) -> QuerySet[Import]:
        return Import.objects.filter(user=user, state__in=states).order_by("pk")

    return rows


def _completed(user: User) -> QuerySet[Import]:
    return Import.objects.completed().filter(user=user).order_by("sequence")


def _reverts(user: User) -> QuerySet[Revert]:
    of_imports = Revert.objects.filter(of_import__user=user, restored_at=None)
    rows = of_imports.filter(of_import__state=State.REVERTED).defer("snapshot")
    return rows.select_related("of_import", "batch").order_by("-reverted_at", "-pk")


def _requests(user: User) -> QuerySet[Revert]:
    rows = Revert.objects.filter(Q(reverted_by=user) | Q(restored_by=user))
    return rows.defer("snapshot").select_related("of_import", "batch").order_by("pk")


def _batches(user: User) -> QuerySet[RevertBatch]:
    asked = Q(created_by=user) | Q(confirmed_by=user) | Q(restored_by=user)
    return RevertBatch.objects.filter(asked).defer("preview").order_by("pk")


def _rules(user: User) -> QuerySet[ImportRule]:
    rules = ImportRule.objects.filter(Q(made_by=user) | Q(lifted_by=user))
    return rules.order_by("pk")


def _decisions(user: User) -> QuerySet[ClassReview]:
    rows = ClassReview.objects.filter(decided_by=user).select_related("claim")
    return rows.order_by("pk")


def _entries(column: str) -> Callable[[User], QuerySet[Entry]]:
    """Entries of the moderation log; what the user did to his own is told once."""

    def rows(user: User) -> QuerySet[Entry]:
        found = Entry.objects.filter(**{column: user}).order_by("at", "pk")
        return found.exclude(player=user) if column == "by" else found

    return rows


PARTS = {
    "scores": Part(_of_user(Score, "score_id"), score_documents),
    "personalBests": Part(
        _of_user(PersonalBest, "chart__chart_id", "gpt"), pb_documents
    ),
    "sessions": Part(_of_user(Session, "time_started", "gpt"), session_documents, 300),
    "gameStats": Part(_of_user(GameStats, "gpt"), _each(game_stats_document), ALL),
    "imports": Part(_completed, import_documents, 5),  # each may list 100,000 scores
    "failedImports": Part(_imports(State.FAILED), failed_import_documents, 100),
    "cancelledImports": Part(
        _imports(State.CANCELLED), _each(documents.cancelled_import), 100
    ),
    "revertedImports": Part(_reverts, _each(documents.reverted_import), 100),
    "orphans": Part(_of_user(Orphan, "pk"), documents.orphan_documents),
    "classClaims": Part(_of_user(ClassClaim, "pk"), documents.class_claim_documents),
    "blocks": Part(_of_user(ScoreBlock, "score_id"), block_documents),
    "orphanDiscards": Part(
        _of_user(OrphanDiscard, "orphan_id"), _each(documents.discard)
    ),
    "deletions": Part(_of_user(ScoreDeletion, "score_id"), _each(documents.deletion)),
    "scoreEdits": Part(_of_user(ScoreEdit, "score_id"), _each(documents.score_edit)),
    "sessionEdits": Part(
        _of_user(SessionEdit, "gpt", "anchor_time", "pk"), _each(documents.session_edit)
    ),
    "tokens": Part(_of_user(ApiToken, "pk"), _each(documents.token)),
    "hookSettings": Part(_of_user(HookSettings, "hook"), _each(documents.hook), ALL),
    "userSettings": Part(_of_user(UserSettings, "pk"), _each(settings_document), ALL),
    "gameSettings": Part(
        _of_user(GameSettings, "gpt"), _each(documents.game_settings), ALL
    ),
    "profileSnapshots": Part(
        _of_user(ProfileSnapshot, "gpt", "day"), _each(documents.snapshot)
    ),
    "awaitedCharts": Part(
        _of_user(ChartQueuePlayer, "pk"), _each(documents.awaited_chart)
    ),
    "replays": Part(_of_user(Replay, "pk"), _each(documents.replay), 10),
    "notifications": Part(
        _of_user(Notification, "sent_at", "pk"), _each(notification_document)
    ),
    "unfinishedImports": Part(
        _imports(State.QUEUED, State.RUNNING), _each(documents.unfinished_import), 100
    ),
    "requestedReverts": Part(_requests, _each(acts.requested_revert), 100),
    "requestedBatches": Part(_batches, _each(acts.requested_batch), 100),
    "importRules": Part(_rules, _each(acts.made_rule), 100),
    "classDecisions": Part(_decisions, _each(acts.class_decision), 100),
    "jobs": Part(_of_user(Job, "pk"), _each(documents.job_document)),
    "adminLog": Part(_of_user(LogEntry, "pk"), _each(acts.log_entry)),
    "moderationLog": Part(_entries("player"), _each(acts.moderation)),
    "moderated": Part(_entries("by"), _each(acts.moderation)),
    "waitsToBeRated": Part(
        _of_user(PlayerToRerate, "gpt"), _each(documents.waiting), ALL
    ),
    "addedBytes": Part(_of_user(DailyIntake, "pk"), _each(documents.intake), ALL),
}
#: Where rows that refer to a user are, by model and field.
OF_MODELS = {
    (Score, "user"): ("scores",),
    (PersonalBest, "user"): ("personalBests",),
    (Session, "user"): ("sessions",),
    (GameStats, "user"): ("gameStats",),
    (Import, "user"): (
        "imports",
        "failedImports",
        "cancelledImports",
        "revertedImports",
        "unfinishedImports",
    ),
    (Orphan, "user"): ("orphans",),
    (OrphanDiscard, "user"): ("orphanDiscards",),
    (ClassClaim, "user"): ("classClaims",),
    (ClassReview, "user"): ("classClaims",),
    (ImportRule, "made_by"): ("importRules",),
    (ImportRule, "lifted_by"): ("importRules",),
    (ClassReview, "decided_by"): ("classDecisions",),
    (ScoreBlock, "user"): ("blocks",),
    (ScoreDeletion, "user"): ("deletions",),
    (ScoreEdit, "user"): ("scoreEdits",),
    (SessionEdit, "user"): ("sessionEdits",),
    (ApiToken, "user"): ("tokens",),
    (HookSettings, "user"): ("hookSettings",),
    (UserSettings, "user"): ("userSettings",),
    (GameSettings, "user"): ("gameSettings",),
    (ProfileSnapshot, "user"): ("profileSnapshots",),
    (ChartQueuePlayer, "user"): ("awaitedCharts",),
    (Replay, "user"): ("replays",),
    (Revert, "reverted_by"): ("requestedReverts",),
    (Revert, "restored_by"): ("requestedReverts",),
    (RevertBatch, "created_by"): ("requestedBatches",),
    (RevertBatch, "confirmed_by"): ("requestedBatches",),
    (RevertBatch, "restored_by"): ("requestedBatches",),
    (BatchPlayer, "user"): ("revertedImports",),
    (Job, "user"): ("jobs",),
    (LogEntry, "user"): ("adminLog",),
    (Notification, "user"): ("notifications",),
    (Entry, "player"): ("moderationLog",),
    (Entry, "by"): ("moderated",),
    (PlayerToRerate, "user"): ("waitsToBeRated",),
    (DailyIntake, "user"): ("addedBytes",),
    (User.groups.through, "user"): ("account",),
    (User.user_permissions.through, "user"): ("account",),
}
