"""What is sent of batches: bodies and queries."""

from imports.filters import ImportFilterSet
from imports.models import BatchImport, RevertBatch
from scores.games import PLAYTYPES
from tachi.api.validation import (
    boolean,
    list_of,
    nullable,
    one_of,
    optional,
    string,
)
from tachi.schema import document, either, integer

LONGEST_TEXT = 10_000
FILTER = either(string(1, 1000), list_of(string(1, 1000)), boolean, integer(0))
DRAFT = {
    "filters": optional(
        document({name: optional(FILTER) for name in ImportFilterSet.base_filters})
    ).described("By name; a text each, or a list of texts of which any will do."),
    "importIDs": optional(list_of(string(1, 100))).described("Instead of filters."),
    "reason": optional(string(0, LONGEST_TEXT)).described("What the players read."),
    "note": optional(string(0, LONGEST_TEXT)).described("For moderators."),
    "clientKey": optional(string(1, 200)).described(
        "The same key of the same user is the same draft."
    ),
    "block": optional(boolean).described(
        "Keep the scores that go from being imported again."
    ),
    "withdrawClasses": optional(boolean).described(
        "Withdraw the classes that the imports provided, too."
    ),
    "runAgain": optional(
        document(
            playtype=optional(
                nullable(
                    one_of(*sorted({each for of in PLAYTYPES.values() for each in of}))
                )
            )
        )
    ).described("Import once more what was sent, as this playtype if one is named."),
}
CONFIRM = {
    "fingerprint": string(1, 100).described("Of the preview that was read."),
    "imports": optional(integer(0)).described(
        "How many imports that is: `toConfirm`. A large batch needs it."
    ),
    "reason": optional(string(1, LONGEST_TEXT)).described("Instead of the draft's."),
}
HOLD = {"held": optional(boolean)}
OUTCOME = {"state": optional(one_of(*BatchImport.State.values))}
STATE = {"state": optional(one_of(*RevertBatch.State.values))}
