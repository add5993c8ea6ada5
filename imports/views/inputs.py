"""What was sent for an import: beside the API, where the web client looks for it."""

from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework.request import Request

from imports.inputs import input_document
from imports.models import Import
from tachi.accounts.permissions import IsOwnerOrAdmin
from tachi.api.openapi import answers
from tachi.api.rendering import CONTENT_TYPE
from tachi.api.viewsets import ResourceViewSet


class ImportInputViewSet(ResourceViewSet):
    """What was sent for an import, for its owner and administrators."""

    lookup_field = "import_id"
    not_found_text = "What was sent for this import is not kept here."
    permission_classes = [IsOwnerOrAdmin]

    def get_queryset(self) -> QuerySet[Import]:
        return Import.objects.only("import_id", "import_type", "user_id")

    @answers(
        {"type": "array", "items": {}, "minItems": 1},
        media_type="application/json",
        tag="imports",
        name="import_input",
    )
    def retrieve(self, request: Request, import_id: str) -> HttpResponse:
        """What was sent for an import: a JSON array, as it is, without an envelope.

        Of a file the first item describes it, its bytes as numbers under `buffer.data`,
        and the second has the fields beside it. Of a JSON body the first is that. 404
        once it is not kept any more.
        """
        document = input_document(self.get_object())
        if document is None:
            raise self.not_found()
        return HttpResponse(document, CONTENT_TYPE)
