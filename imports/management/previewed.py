"""What `import_scores --dry-run` prints: a preview, for people or for programs."""

from collections.abc import Iterator

import orjson
from django.core.management.base import CommandError, OutputWrapper

from imports.documents import ClassDelta
from imports.preview import ImportPreview, RatingChange
from tachi.admin.formatting import count_of, in_one_line
from tachi.commands import SOME_FAILED

MOST_SHOWN = 20  # errors


def write_preview(
    preview: ImportPreview,
    stdout: OutputWrapper,
    *,
    as_json: bool,
    allow_rejected: bool = False,
) -> None:
    """Print what an import would do; as JSON, one object.

    Raises CommandError, as the import does, when rows are rejected that may not be.
    """
    if as_json:
        stdout.write(orjson.dumps(preview).decode())
    else:
        for line in _lines(preview):
            stdout.write(line)
    rejected = preview["counts"]["rejected"]
    if rejected and not allow_rejected:
        text = f"{count_of(rejected, 'row')} would be rejected."
        raise CommandError(text, returncode=SOME_FAILED)


def _lines(preview: ImportPreview) -> Iterator[str]:
    named = ", ".join(f"{number} {name}" for name, number in preview["counts"].items())
    yield f"Nothing is stored. It would be: {named}."
    errors = preview["errors"]
    for error in errors[:MOST_SHOWN]:
        yield f"{error['type']}: {in_one_line(error['message'])}"
    more = len(errors[MOST_SHOWN:]) + preview.get("moreErrors", 0)
    if more:
        yield f"And {more:,} more."
    changes = preview["changes"]
    if changes is None:
        return
    bests, sessions = changes["personalBests"], changes["sessions"]
    yield f"Personal bests: {bests['new']} new, {bests['improved']} improved."
    yield f"Sessions: {sessions['new']} new, {sessions['changed']} changed."
    for rating in changes["profiles"]:
        yield _line(rating, rating["rating"])
    for delta in changes["classes"]:
        yield _line(delta, delta["set"])


def _line(change: RatingChange | ClassDelta, name: str) -> str:
    old, new = _shown(change["old"]), _shown(change["new"])
    return f"{change['game']} {change['playtype']} {name}: {old} → {new}"


def _shown(value: float | str | None) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    return "none" if value is None else str(value)
