"""A noun of the API, whose id is in the address."""

from django.http import Http404
from rest_framework.viewsets import GenericViewSet

from tachi.api.envelope import Refused


class NounViewSet(GenericViewSet):
    """`get_object` finds the row by `lookup_field`, or refuses in the noun's words."""

    missing = "This does not exist."

    def get_object(self):
        try:
            return super().get_object()
        except Http404:
            raise Refused(404, self.missing) from None
