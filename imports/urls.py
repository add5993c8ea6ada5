"""Imports and what is sent for import: under /api/v1, and for scripts under /ir."""

from imports.views import submissions
from imports.views.imports import ImportViewSet
from imports.views.poll import poll_status
from tachi.api.routes import route


def of_import(method: str, action: str):
    return ImportViewSet.as_view({method: action})


api_v1 = [
    route("import/file", submissions.import_file),
    route("import/orphans", submissions.import_orphans),
    route("imports", of_import("get", "list")),
    route("imports/failed", of_import("get", "failed")),
    route("imports/<import_id>", of_import("get", "retrieve")),
    route("imports/<import_id>/revert", of_import("post", "revert")),
    route("imports/<import_id>/poll-status", poll_status),
    route("users/<user>/imports", of_import("get", "list_of_user")),
    route("users/<user>/imports/failed", of_import("get", "failed_of_user")),
    route("users/<user>/recent-imports", of_import("get", "recent_types")),
]
ir = [route("direct-manual/import", submissions.import_direct)]
