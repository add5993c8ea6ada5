"""Every address there is.

Paths are in any case, with or without a last slash. What is not here is a JSON 404
under the API's prefixes, as is a wrong method on what is.
"""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from imports import urls as imports
from scores import urls as scores
from tachi import pictures, views
from tachi.accounts import urls as accounts
from tachi.api.routes import Router, anything_under, endpoint, under
from tachi.api.views import not_found
from tachi.jobs import urls as jobs
from tachi.moderation import urls as moderation

admin.site.site_header = admin.site.site_title = settings.SERVER_NAME

api_v1 = Router()
api_v1.route("config", views.config)
api_v1.route("config/max-rivals", views.max_rivals)
api_v1.route("openapi.json", views.openapi_json, "openapi")

cdn = Router()
cdn.route("logos/<name>", pictures.logo)
cdn.route("game-banners/<name>", pictures.game_banner)
cdn.route("<kind>/<name>", pictures.decoration)

handler400 = views.bad_request
handler403 = views.permission_denied
handler404 = views.page_not_found
handler500 = views.server_error

urlpatterns = [
    path("admin", RedirectView.as_view(url="/admin/")),
    path("admin/", admin.site.urls),
    endpoint("api/docs", views.docs, "docs"),
    under(
        "api/v1",
        imports.api_v1,  # first, for polls are most of what is asked
        api_v1,
        accounts.api_v1,
        jobs.api_v1,
        moderation.api_v1,
        scores.api_v1,
    ),
    under("ir", imports.ir),
    under("cdn", imports.cdn, cdn),
    anything_under("api/v1", not_found),
    anything_under("ir", not_found),
    anything_under("cdn", not_found),
    path("", include("imports.pages.urls")),
]
