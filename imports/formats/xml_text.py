"""XML as senders send it: read while it comes in, with no tree, no DTD, no entities."""

import re
from collections.abc import Collection
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from imports.formats.refusals import ImportRefused, in_utf8
from tachi.encodings import READ

PIECE = 64 * 1024  # bytes
#: The parser looks at an unfinished tag again with each piece.
LONGEST_RUN = 64 * 1024  # bytes without a "<"
MOST_TAGS = 1_000_000  # and comments, and the like
MOST_ELEMENTS = 250_000
MOST_NAMES = 1_000  # of elements: the parser keeps each
DEEPEST = 16
LONGEST_FIELD = 10_000  # characters

NOT_XML = "Invalid XML. ({})"
_LONGEST_DECLARATION = 1_000  # bytes
_DECLARED = re.compile(
    rb"""\s*<\?xml\b[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._:-]+)["']"""
)
_DECLARED_RIGHT = (b"utf-8", b"utf8", b"utf-16", b"utf16", b"us-ascii", b"ascii")

#: What is in an element: texts, and elements that hold nothing but texts.
Record = dict[str, Any]


def read_records(
    payload: bytes, paths: Collection[str], fields: Collection[str]
) -> list[tuple[str, int, Record]]:
    """The elements at these paths ("root/list/item"), their lines, and what is in them.

    Names are without their namespaces, texts trimmed. Of the elements inside those of
    `fields` are kept; an element that has elements in it is a record of their texts.
    Raises ImportRefused with what is wrong with the XML.
    """
    if not _has_short_runs(payload):
        raise ImportRefused("Invalid XML. (A text or tag in it is far too long.)")
    if payload.count(b"<") > MOST_TAGS:
        raise ImportRefused("Invalid XML. (It has too many elements.)")
    payload = in_utf8(payload, NOT_XML)
    _require_utf8(payload)
    target = _Records(paths, fields)
    parser = DefusedXMLParser(target=target, encoding="utf-8", forbid_dtd=True)
    # Past the wrappers that make elements of it, which cost as much as all the rest.
    expat = target.expat = parser.parser
    expat.StartElementHandler, expat.EndElementHandler = target.start, target.end
    expat.buffer_text = True
    try:
        for at in range(0, len(payload), PIECE):
            parser.feed(payload[at : at + PIECE])
        parser.close()
    except DefusedXmlException:
        raise ImportRefused("Invalid XML. (DTDs and entities are refused.)") from None
    except (ParseError, LookupError, ValueError) as error:
        raise ImportRefused(f"Invalid XML. ({error})") from None
    return target.records


def _require_utf8(payload: bytes) -> None:
    """Raise ImportRefused where the declaration says that it is something else."""
    declared = _DECLARED.match(payload[:_LONGEST_DECLARATION])
    if declared and not declared[1].lower().startswith(_DECLARED_RIGHT):
        named = declared[1].decode("ascii")
        raise ImportRefused(
            NOT_XML.format(
                f"It declares the encoding {named} (at byte {declared.start(1)}). Save"
                f' it as UTF-8, with encoding="UTF-8", and send it again: {READ}.'
            )
        )


def _has_short_runs(payload: bytes) -> bool:
    """Whether there is a "<" in every LONGEST_RUN bytes."""
    at = 0
    while len(payload) - at > LONGEST_RUN:
        last = payload.rfind(b"<", at, at + LONGEST_RUN)
        if last < 0:
            return False
        at = last + 1
    return True


class _Records:
    """Takes what the parser finds."""

    def __init__(self, paths: Collection[str], fields: Collection[str]) -> None:
        self.records: list[tuple[str, int, Record]] = []
        self.expat: Any = None
        self._paths, self._fields = set(paths), frozenset(fields)
        self._open: list[str] = []
        self._names: dict[str, str] = {}
        self._elements = 0
        self._record: Record | None = None
        self._depth = 0  # of the record that is read
        self._began = 0
        self._texts: list[str] = []

    def start(self, tag: str, attributes: list[str]) -> None:
        self._elements += 1
        if self._elements > MOST_ELEMENTS or len(self._open) >= DEEPEST:
            raise ImportRefused(
                NOT_XML.format(
                    f"It has more than {MOST_ELEMENTS:,} elements, or more than"
                    f" {DEEPEST} inside each other."
                )
            )
        name = self._names.get(tag)
        if name is None:
            name = self._names[tag] = tag.rpartition("}")[2]
            if len(self._names) > MOST_NAMES:
                raise ImportRefused("Invalid XML. (It has elements of too many names.)")
        self._open.append(name)
        self._texts.clear()
        # Most text is between elements, or in those that nobody reads.
        is_read = self._record is not None and name in self._fields
        self.expat.CharacterDataHandler = self._texts.append if is_read else None
        if self._record is None:
            if "/".join(self._open) in self._paths:
                self._record, self._depth = {}, len(self._open)
                self._began = self.expat.CurrentLineNumber
        elif len(self._open) == self._depth + 2 and self._open[-2] in self._fields:
            inner = self._record.get(self._open[-2])
            if not isinstance(inner, dict):
                self._record[self._open[-2]] = {}

    def end(self, tag: str) -> None:
        name = self._open.pop()
        self.expat.CharacterDataHandler = None
        if self._record is None:
            return
        inside = len(self._open) + 1 - self._depth
        if inside == 0:
            self.records.append(
                ("/".join([*self._open, name]), self._began, self._record)
            )
            self._record = None
        elif inside == 1 and name in self._fields:
            if not isinstance(self._record.get(name), dict):
                self._record[name] = self._text()
        elif inside == 2 and self._open[-1] in self._fields and name in self._fields:
            self._record[self._open[-1]][name] = self._text()
        self._texts.clear()

    def close(self) -> None:
        """There is nothing to make: `records` has all."""

    def _text(self) -> str:
        text = "".join(self._texts).strip()
        if len(text) > LONGEST_FIELD:
            line = self.expat.CurrentLineNumber
            raise ImportRefused(
                NOT_XML.format(
                    f"The text that ends in line {line:,} has more than"
                    f" {LONGEST_FIELD:,} characters."
                )
            )
        return text
