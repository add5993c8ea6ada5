"""The form that takes a file: what it offers, and what comes of it.

`pages/upload_form.html` shows it, with `upload` from here, on any page.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request

from imports.formats.base import Field, Format
from imports.formats.recognise import NotRecognised, recognise
from imports.formats.reference import extension
from imports.once import Sent
from imports.uploads import kept_fields, offered_here, one_file
from imports.views.sent import sent_by
from tachi.api.envelope import Refused

AUTO = "auto"
WORD = re.compile("([A-Z])")
CHOOSE = "Choose a file first."
NO_TYPE = "Choose what kind of file it is."
NOT_FOUND_OUT = "What kind of file this is could not be found out: {}. Choose it above."


class Kind(NamedTuple):
    """A type of file that can be uploaded here."""

    value: str
    title: str
    ending: str


class Extra(NamedTuple):
    """A field that files of some types need beside them; `kinds` are these types."""

    name: str
    label: str
    meaning: str
    kinds: str
    titles: str


@dataclass(frozen=True)
class Upload:
    """What the form shows, and what was chosen last."""

    kinds: tuple[Kind, ...]
    extras: tuple[Extra, ...]
    chosen: str = AUTO
    filled: Mapping[str, str] = field(default_factory=dict)

    @property
    def endings(self) -> str:
        """What the files' names end with, as a file input takes it."""
        return ",".join(sorted({each.ending for each in self.kinds}))

    @property
    def filled_extras(self) -> list[tuple[Extra, str]]:
        """The further fields, with what was written in them."""
        return [(each, self.filled.get(each.name, "")) for each in self.extras]

    @property
    def most_bytes(self) -> int:
        """A file has to be smaller."""
        return settings.MAX_UPLOAD_BYTES


def upload_form(sent: Mapping[str, str] | None = None) -> Upload:
    """The form, as it was `sent` or empty. It looks nothing up."""
    formats = offered_here()
    kinds = tuple(
        Kind(each.import_type, each.about.title, extension(each)) for each in formats
    )
    chosen = (sent or {}).get("importType", AUTO)
    known = {each.value for each in kinds}
    extras = tuple(_extras(formats))
    filled = {each.name: (sent or {}).get(each.name, "") for each in extras}
    return Upload(kinds, extras, chosen if chosen in known else AUTO, filled)


def sent_by_form(request: HttpRequest, as_asked: Request) -> Sent:
    """What the form brings for import: a person wants it.

    Raises Refused (400) for what is no upload.
    """
    file = one_file(request.FILES.lists(), CHOOSE)
    payload = file.read()
    file.close()
    name = file.name or ""
    format_ = _format(request.POST.get("importType", AUTO), payload, name)
    fields = kept_fields(_fields_of(format_, request.POST))
    sent = sent_by(
        as_asked, format_.import_type, payload, filename=name, parameters=fields
    )
    return replace(sent, user_intent=True)


def _extras(formats: Iterable[Format]) -> Iterator[Extra]:
    of: dict[Field, list[Format]] = defaultdict(list)
    for format_ in formats:
        for each in format_.about.form:
            of[each].append(format_)
    for each, some in of.items():
        yield Extra(
            each.name,
            WORD.sub(r" \1", each.name).lower(),
            each.meaning.replace("`", ""),
            " ".join(format_.import_type for format_ in some),
            ", ".join(format_.about.title for format_ in some),
        )


def _format(chosen: str, payload: bytes, name: str) -> Format:
    offered = {each.import_type: each for each in offered_here()}
    if chosen in offered:
        return offered[chosen]
    if chosen != AUTO:
        raise Refused(400, NO_TYPE)
    try:
        return recognise(payload, name, offered.values()).format
    except NotRecognised as why:
        raise Refused(400, NOT_FOUND_OUT.format(why)) from None


def _fields_of(format_: Format, sent: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of this type that were filled in."""
    said = {each.name: sent.get(each.name, "") for each in format_.about.form}
    return {name: text.strip() for name, text in said.items() if text.strip()}
