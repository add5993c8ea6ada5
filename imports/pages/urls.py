"""Addresses of the owners' pages."""

from django.urls import path

from imports.pages.home import home

app_name = "pages"
urlpatterns = [
    path("", home, name="home"),
    path("sign-in/", home, name="sign_in"),
    path("sign-out/", home, name="sign_out"),
    path("notices/", home, name="notices"),
    path("tokens/", home, name="tokens"),
    path("imports/", home, name="imports"),
    path("imports/<import_id>/", home, name="import"),
    path("orphans/", home, name="orphans"),
]
