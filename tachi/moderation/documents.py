"""Notifications as the API shows them: Tachi's shape."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypedDict

from tachi.api.openapi import Milliseconds
from tachi.api.times import milliseconds
from tachi.moderation.models import Notification


class AnnouncementContent(TypedDict):
    """What a revert or restore was; Tachi's clients show the title and look no further.

    `kind` is "reverted" or "restored".
    """

    kind: str
    batchID: str | None
    reason: Annotated[str, "What whoever did it says; empty where nothing."]
    imports: int
    scores: int
    restorableUntil: Annotated[
        Milliseconds | None, "Until when all of it can come back; null of a restore."
    ]


class NotificationBody(TypedDict):
    """Of a type that Tachi's clients know."""

    type: Literal["SITE_ANNOUNCEMENT"]
    content: AnnouncementContent


class NotificationDocument(TypedDict):
    """What a user is told."""

    notifID: str
    title: Annotated[str, "A sentence or two that say it all."]
    sentTo: int
    sentAt: Annotated[Milliseconds, "When it last told something new."]
    read: bool
    body: NotificationBody


def notification_document(notification: Notification) -> NotificationDocument:
    """A notification, as its user reads it."""
    content: dict[str, Any] = notification.content
    return {
        "notifID": notification.notif_id,
        "title": title_of(notification),
        "sentTo": notification.user_id,
        "sentAt": milliseconds(notification.sent_at),
        "read": notification.read,
        "body": {
            "type": "SITE_ANNOUNCEMENT",
            "content": {
                "kind": notification.kind,
                "batchID": content.get("batchID"),
                "reason": content.get("reason", ""),
                "imports": notification.imports,
                "scores": notification.scores,
                "restorableUntil": content.get("restorableUntil"),
            },
        },
    }


def title_of(notification: Notification) -> str:
    """What a notification says, in sentences."""
    imports, scores = notification.imports, notification.scores
    of_yours = "One of your imports" if imports == 1 else f"{imports} of your imports"
    with_scores = f"{scores} score{'' if scores == 1 else 's'}"
    was = "was" if imports == 1 else "were"
    said = [f"{of_yours}, with {with_scores}, {was} {notification.kind}."]
    if reason := notification.content.get("reason"):
        stop = "" if reason.endswith((".", "!", "?", "…")) else "."
        said.append(f"Reason: {reason}{stop}")
    if until := notification.content.get("restorableUntil"):
        day = datetime.fromtimestamp(until / 1000, UTC).date().isoformat()
        said.append(f"This can be undone until {day}.")
    return " ".join(said)
