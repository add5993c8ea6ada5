"""A user's notifications."""

from django.db.models import QuerySet
from rest_framework.decorators import action
from rest_framework.request import Request

from tachi.accounts.permissions import IsOwnerOrAdmin, IsSelf
from tachi.accounts.users import UserResourceViewSet
from tachi.api.envelope import success
from tachi.api.openapi import answers
from tachi.api.openapi.answers import Empty
from tachi.api.paging import LINK, PAGING, Order, page
from tachi.api.rendering import JSONResponse
from tachi.moderation import notices
from tachi.moderation.documents import NotificationDocument, notification_document
from tachi.moderation.models import Notification

NEWEST = Order(("-sent_at", "-pk"))
LONGEST = 500
AT = "notifications"


class NotificationViewSet(UserResourceViewSet):
    """What a user was told, for that user."""

    not_found_text = "This notification does not exist."
    permission_classes = [IsOwnerOrAdmin]

    @action(detail=False)
    @answers(
        list[NotificationDocument],
        query=PAGING,
        response_headers={"Link": LINK},
        tag="accounts",
        name="user_notifications",
    )
    def notifications(self, request: Request, user: str) -> JSONResponse:
        """The last 500 notifications, newest first.

        There is one for each batch of reverts, or of restores, that somebody else asked
        for: it counts on, and is unread again, while the batch goes on.
        """
        found = page(request, self.owned(), NEWEST, LONGEST)
        rows = [notification_document(each) for each in found.rows]
        text = f"Found {len(rows)} notifications."
        return success(text, rows, headers=found.headers)

    @action(detail=False, methods=["post"], url_path=f"{AT}/<notif_id>/mark-read")
    @answers(Empty, tag="accounts", name="user_notification_mark_read")
    def mark_read(self, request: Request, user: str, notif_id: str) -> JSONResponse:
        """Mark a notification as read."""
        if not notices.mark_read(self.get_user().pk, notif_id):
            raise self.not_found()
        return success("Marked notification as read.", {})

    @notifications.mapping.delete
    @answers(Empty, tag="accounts", name="user_notification_delete_every")
    def delete_every(self, request: Request, user: str) -> JSONResponse:
        """Delete all notifications."""
        self.owned().delete()
        return success("Deleted all notifications.", {})

    @action(
        detail=False,
        methods=["post"],
        url_path=f"{AT}/mark-all-read",
        permission_classes=[IsSelf],
    )
    @answers(Empty, tag="accounts", name="user_notification_mark_all_read")
    def mark_all_read(self, request: Request, user: str) -> JSONResponse:
        """Mark all notifications as read but for those of the last two seconds."""
        notices.mark_all_read(self.get_user().pk)
        return success("Marked all notifications as read.", {})

    @action(
        detail=False,
        methods=["post"],
        url_path=f"{AT}/delete-all",
        permission_classes=[IsSelf],
    )
    @answers(Empty, tag="accounts", name="user_notification_delete_all")
    def delete_all(self, request: Request, user: str) -> JSONResponse:
        """Delete all notifications but those of the last two seconds."""
        notices.delete_all(self.get_user().pk)
        return success("Deleted all notifications.", {})

    def owned(self) -> QuerySet[Notification]:
        """The notifications of the user that the address names. Raises Refused."""
        return Notification.objects.filter(user=self.get_user())
