"""`make formats`: docs/formats.md, from what the formats say of themselves."""

import os
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "formats.md"


def page() -> str:
    from imports.formats import FORMATS
    from imports.formats.reference import reference

    return reference(FORMATS.values())


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tachi.settings")
    import django

    django.setup()
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{PAGE}\n")
