"""Pictures of users: drawn, for none are uploaded here."""

from django.http import HttpResponse
from rest_framework.decorators import action
from rest_framework.request import Request

from tachi.accounts.users import UserResourceViewSet
from tachi.api.drawings import SVG, colour_of, drawing
from tachi.api.openapi import answers
from tachi.api.throttles import Pictures

PRIVATE = "private, max-age=3600"


class PictureViewSet(UserResourceViewSet):
    """Pictures of a user."""

    tag = "accounts"

    throttle_classes = [Pictures]

    @action(detail=False)
    @answers(str, media_type=SVG)
    def pfp(self, request: Request, user: str) -> HttpResponse:
        """The user's picture: an initial, in a colour of the user's id."""
        found = self.get_user()
        initial = found.username[:1].upper()
        return self.shown(drawing(initial, colour_of(found.pk), 256, 256))

    @action(detail=False)
    @answers(str, media_type=SVG)
    def banner(self, request: Request, user: str) -> HttpResponse:
        """The picture behind the user's pages: a darker shade of that colour."""
        colour = colour_of(self.get_user().pk, 22)
        return self.shown(drawing("", colour, 1500, 500))

    def shown(self, picture: HttpResponse) -> HttpResponse:
        """Whose `me` is depends on who asks: no proxy may keep that."""
        if self.kwargs["user"].lower() == "me":
            picture["Cache-Control"] = PRIVATE
        return picture
