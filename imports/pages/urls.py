"""Addresses of the owners' pages."""

from django.urls import path

from imports.pages.home import home
from imports.pages.password import PasswordView
from imports.pages.sign_in import SignInView, sign_out

app_name = "pages"
urlpatterns = [
    path("", home, name="home"),
    path("sign-in/", SignInView.as_view(), name="sign_in"),
    path("sign-out/", sign_out, name="sign_out"),
    path("password/", PasswordView.as_view(), name="password"),
    path("notices/", home, name="notices"),
    path("tokens/", home, name="tokens"),
    path("batches/new/", home, name="draft"),
    path("wipe/", home, name="wipe"),
    path("imports/", home, name="imports"),
    path("imports/<import_id>/", home, name="import"),
    path("orphans/", home, name="orphans"),
]
