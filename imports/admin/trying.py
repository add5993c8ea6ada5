"""What a confirmation shows of what it asks for: it is tried out."""

from imports.models import Import
from imports.undo.preview import Preview, preview_of_all, too_many_scores
from scores.locks import Busy


def tried_out(imports: list[Import]) -> Preview | None:
    """What it would do; None where that takes longer than a request may."""
    if too_many_scores(imports):
        return None
    try:
        return preview_of_all(imports)
    except Busy:
        return None
