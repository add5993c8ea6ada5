"""Addresses of the owners' pages."""

from django.urls import path

from imports.pages.batches import batch
from imports.pages.drafting import draft
from imports.pages.home import home
from imports.pages.notices import notices
from imports.pages.password import PasswordView
from imports.pages.sign_in import SignInView, sign_out
from imports.pages.tokens import revoke_token, tokens
from imports.pages.wiping import wipe_profile

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
    path("imports/", home, name="imports"),
    path("imports/<import_id>/", home, name="import"),
    path("orphans/", home, name="orphans"),
]
