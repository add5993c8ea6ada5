"""Every address there is.

Paths are in any case, with or without a last slash. What is not here is a JSON 404
under the API's prefixes, as is a wrong method on what is.
"""

from django.conf import settings
from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

from imports import urls as imports
from scores import urls as scores
from tachi import views as site
from tachi.accounts import views as accounts
from tachi.api import views as api
from tachi.api.routes import anything_under, route, under

admin.site.site_header = admin.site.site_title = settings.SERVER_NAME

api_v1 = [
    route("status", accounts.status),
    route("config", site.config),
    route("auth/login", accounts.login),
    route("auth/logout", accounts.logout),
    route("users", accounts.users),
    route("users/<user>", accounts.user),
    route("users/<user>/api-tokens", accounts.tokens),
    route("users/<user>/api-tokens/create", accounts.create_token),
    route("users/<user>/api-tokens/<token>", accounts.delete_token),
    *scores.api_v1,
    *imports.api_v1,
]
ir = [*imports.ir]

urlpatterns = [
    path("", RedirectView.as_view(url="/admin/")),
    path("admin", RedirectView.as_view(url="/admin/")),
    path("admin/", admin.site.urls),
    under("api/v1", api_v1),
    under("ir", ir),
    anything_under("api/v1", api.not_found),
    anything_under("ir", api.not_found),
]
