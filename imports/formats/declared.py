"""Classes that a hook declares by themselves, with no score: imports of their own.

What the pipeline is given beside such a hook's body is the class that follows from it,
as the parameter `declared`: {"bms:7K": {"genocideDan": "OVERJOY"}}.
"""

from collections.abc import Callable
from functools import wraps

from imports.formats.base import Input, Parsed

Parse = Callable[[Input], Parsed]
DECLARED = "declared"


def or_declared(parse: Parse, service: str) -> Parse:
    """The parser of a hook that declares classes, too, under the name of a service."""

    @wraps(parse)
    def parse_either(sent: Input) -> Parsed:
        classes = sent.parameters.get(DECLARED)
        if classes is None:
            return parse(sent)
        game = next(iter(classes)).partition(":")[0]
        return Parsed(game, [], {}, service, classes)

    return parse_either
