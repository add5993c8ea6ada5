"""Another playtype than a document says: what was sent for a wrong one is read as if it
had been sent for the right one. The document stays as it came.
"""

from dataclasses import replace

from imports.formats.base import Input

#: A parameter that no sender can give: theirs are texts, and this is an object.
INSTEAD = "instead"


def of_playtype(sent: Input, playtype: str) -> Input:
    """What was sent, to be read as of that playtype."""
    parameters = sent.parameters | {INSTEAD: {"playtype": playtype}}
    return replace(sent, parameters=parameters)


def playtype_of(sent: Input) -> str | None:
    """The playtype that counts instead of the document's, if there is one."""
    instead = sent.parameters.get(INSTEAD)
    return instead["playtype"] if isinstance(instead, dict) else None
