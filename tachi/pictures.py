"""Pictures of the site and its games, where the web client looks for them."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from scores.games import GAMES, PLAYTYPES
from tachi.api.drawings import SVG, colour_of, drawing
from tachi.api.openapi import answers
from tachi.api.throttles import Pictures, limited

MARK = "logo-mark"  # in the name of a logo without the site's name


@answers(str, media_type=SVG, tag="site", name="logo", limits=[Pictures])
@require_safe
@limited(Pictures)
def logo(request: HttpRequest, name: str) -> HttpResponse:
    """The site's logo: its initial (`logo-mark.png`), or else its name."""
    called = settings.SERVER_NAME
    if MARK in name:
        return drawing(called[:1].upper(), colour_of(0), 256, 256)
    return drawing(called, colour_of(0), 960, 256)


@answers(str, media_type=SVG, tag="site", name="game_banner", limits=[Pictures])
@require_safe
@limited(Pictures)
def game_banner(request: HttpRequest, name: str) -> HttpResponse:
    """The picture behind a game's pages: its name; the site's for what is no game."""
    game = name.partition(".")[0]
    if game not in PLAYTYPES:
        return drawing(settings.SERVER_NAME, colour_of(0, 22), 1500, 500)
    title = GAMES[f"{game}:{PLAYTYPES[game][0]}"].title
    return drawing(title, colour_of(list(PLAYTYPES).index(game) + 1, 22), 1500, 500)


@answers(str, media_type=SVG, tag="site", name="decoration", limits=[Pictures])
@require_safe
@limited(Pictures)
def decoration(request: HttpRequest, kind: str, name: str) -> HttpResponse:
    """Whatever else a client decorates its pages with: a colour."""
    return drawing("", colour_of(0, 22), 960, 540)
