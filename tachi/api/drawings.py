"""Pictures that the site draws itself: an initial, or a name, on a colour.

SVG without a style or a script, which any content security policy lets be shown.
"""

from html import escape

from django.http import HttpResponse

SVG = "image/svg+xml"
#: How long browsers and proxies may keep one: a name may change.
KEPT = "public, max-age=3600"
GOLDEN_ANGLE = 137.508  # degrees: numbers that follow each other get unlike colours


def colour_of(number: int, lightness: int = 36) -> str:
    """A colour of this number, always the same one, dark enough for white letters."""
    return f"hsl({number * GOLDEN_ANGLE % 360:.0f} 45% {lightness}%)"


def drawing(text: str, colour: str, width: int, height: int) -> HttpResponse:
    """A text in white in the middle of a rectangle, as the response to a request."""
    letters = max(len(text), 1)
    size = min(height * 0.5, width * 1.4 / letters)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img">'
        f"<title>{escape(text)}</title>"
        f'<rect width="{width}" height="{height}" fill="{colour}"/>'
        f'<text x="50%" y="50%" dy=".35em" text-anchor="middle" fill="#fff" '
        f'font-family="sans-serif" font-weight="bold" font-size="{size:.0f}">'
        f"{escape(text)}</text></svg>"
    )
    return HttpResponse(svg, f"{SVG}; charset=utf-8", headers={"Cache-Control": KEPT})
