from rest_framework.request import Request

from imports.documents import (
    UNLISTED,
    failed_import_documents,
    import_documents,
    import_page,
)
from imports.models import Import, RequestedBy, Revert
from imports.undo.revert import revert_import
from imports.views import lists
from tachi.accounts.documents import user_document
from tachi.accounts.models import Permission, User
from tachi.accounts.permissions import require_owner_or_admin, require_permission
from tachi.accounts.users import get_user
from tachi.api.envelope import Refused, success
from tachi.api.viewsets import NounViewSet


class ImportViewSet(NounViewSet):
    queryset = Import.objects.completed().defer(*UNLISTED).select_related("user")
    lookup_field = "import_id"
    missing = "This import does not exist."

    def list(self, request: Request):
        imports = import_documents(lists.finished(request.query_params))
        body = {"imports": imports, "users": _owners(imports)}
        return success(f"Found {len(imports)} imports.", body)

    def failed(self, request: Request):
        imports = failed_import_documents(lists.failed(request.query_params))
        body = {"failedImports": imports, "users": _owners(imports)}
        return success(f"Found {len(imports)} failed imports.", body)

    def retrieve(self, request: Request, import_id: str):
        page = import_page(self.get_object())
        return success("Returned info about this import.", page)

    def revert(self, request: Request, import_id: str):
        import_ = self.get_object()
        user = require_owner_or_admin(request, import_.user_id)
        require_permission(request, Permission.DELETE_SCORE)
        if revert_import(import_, RequestedBy(user, Revert.Origin.API)) is None:
            raise Refused(404, self.missing)
        return success("Reverted import.", {})

    def list_of_user(self, request: Request, user: str):
        owner = get_user(request, user)
        imports = import_documents(lists.finished(request.query_params, owner))
        return success(f"Found {len(imports)} imports.", imports)

    def failed_of_user(self, request: Request, user: str):
        owner = get_user(request, user)
        imports = failed_import_documents(lists.failed(request.query_params, owner))
        return success(f"Found {len(imports)} failed imports.", imports)

    def recent_types(self, request: Request, user: str):
        types = lists.recent_types(get_user(request, user))
        return success(f"Found {len(types)} import types.", types)


def _owners(imports: list[dict]) -> list[dict]:
    ids = {document["userID"] for document in imports}
    return [user_document(user) for user in User.objects.filter(pk__in=ids)]
