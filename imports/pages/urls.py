"""Addresses of the owners' pages."""

from django.urls import path
from django.views.generic import RedirectView

from imports.pages import acts, orphans, undoing
from imports.pages.batches import batch
from imports.pages.drafting import draft
from imports.pages.home import home
from imports.pages.listing import listing
from imports.pages.notices import notices
from imports.pages.one import one
from imports.pages.password import PasswordView
from imports.pages.rows import rows
from imports.pages.sign_in import SignInView, sign_out
from imports.pages.tokens import revoke_token, tokens
from imports.pages.uploading import upload
from imports.pages.wiping import wipe_profile

TO_LIST = RedirectView.as_view(pattern_name="pages:imports")
TO_ONE = RedirectView.as_view(pattern_name="pages:import")

app_name = "pages"
urlpatterns = [
    path("", home, name="home"),
    path("sign-in/", SignInView.as_view(), name="sign_in"),
    path("sign-out/", sign_out, name="sign_out"),
    path("password/", PasswordView.as_view(), name="password"),
    path("notices/", notices, name="notices"),
    path("tokens/", tokens, name="tokens"),
    path("tokens/<int:pk>/revoke/", revoke_token, name="revoke_token"),
    path("batches/new/", draft, name="draft"),
    path("batches/<batch_id>/", batch, name="batch"),
    path("wipe/", wipe_profile, name="wipe"),
    path("imports", TO_LIST),
    path("imports/", listing, name="imports"),
    path("imports/upload/", upload, name="upload"),
    path("imports/<import_id>", TO_ONE),
    path("imports/<import_id>/", one, name="import"),
    path("imports/<import_id>/rows/", rows, name="rows"),
    path("imports/<import_id>/revert/", undoing.revert, name="revert"),
    path("imports/<import_id>/restore/", undoing.restore, name="restore"),
    path("imports/<import_id>/retry/", acts.retry, name="retry"),
    path("imports/<import_id>/cancel/", acts.cancel, name="cancel"),
    path("orphans", RedirectView.as_view(pattern_name="pages:orphans")),
    path("orphans/", orphans.orphans, name="orphans"),
    path("orphans/discard/", orphans.discard, name="orphans_discard"),
    path("orphans/retry/", orphans.retry, name="orphans_retry"),
]
