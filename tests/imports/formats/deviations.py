"""Where we answer a shared case differently from the original on purpose: how, and why.

What a player or an author of a client notices of these is in docs/differences.md.
"""


def instead(**changes):
    return lambda expect: {**expect, **changes}


def refused(expect):
    return {"fatal": {"status": 400}}


def in_whole_milliseconds(expect):
    [score] = expect["stored"]
    return {**expect, "stored": [{**score, "timeAchieved": int(score["timeAchieved"])}]}


def without_misses(expect):
    [score] = expect["stored"]
    data = {**score["scoreData"], "optional": {}}
    return {**expect, "stored": [{**score, "scoreData": data}]}


def imported_one(expect):
    return {"datapoints": 1, "imported": 1, "errors": {}}


def understood(expect):
    return {"fatal": None}


def rejected_one(expect):
    return {"datapoints": 1, "imported": 0, "errors": {"InvalidDatapoint": 1}}


def accepted(expect):
    return {"datapoints": 1, "skipped": 0, "imported": 1, "errors": {}}


def no_play(expect):
    return {**expect, "datapoints": expect["skipped"], "errors": {}}


EARLY = "validation comes before derivation, so the sender learns what is wrong"
REWRITTEN = "official sites rewrite titles: case, accents, width and spaces"
NO_CHART = "there are no such charts: what is played on them is none of the game"
FORMER_LAMP = "the former single lamp says the same in today's two lamps"
AHEAD = "a version ahead of ours loses nothing: the row is kept until it is known"
NO_LAMP = "an empty lamp is how a client says that it does not know one: one row's"
DEVIATIONS = {
    "batch-file-bom": (understood, "a byte-order mark is no fault of a document"),
    "batch-file-dupkey": (refused, "which of two values is meant nobody knows"),
    "ident-number": (understood, "a number as identifier is its text"),
    "saekawa-score": (imported_one, FORMER_LAMP),
    "site-importer": (imported_one, FORMER_LAMP),
    "chuni-penguin": (imported_one, FORMER_LAMP),
    "mikado-no-playtype": (imported_one, "the game has one playtype only"),
    "mikado-nabla": (instead(errors={"SongOrChartNotFound": 1}), AHEAD),
    "asphyxia-empty-lamp": (rejected_one, NO_LAMP),
    "metric-iidx-negative": (instead(errors={"InvalidDatapoint": 1}), EARLY),
    "plaus-ongeki-max": (instead(errors={"InvalidDatapoint": 1}), EARLY),
    "plaus-maimai-over": (instead(errors={"InvalidDatapoint": 1}), EARLY),
    "pms-hash": (
        instead(imported=1, errors={}),
        "the hash is looked up among the charts of the document's own game",
    ),
    "judge-array-empty": (refused, "an empty list is no object of judgements"),
    "time-float": (in_whole_milliseconds, "times are kept in whole milliseconds"),
    "iidx-csv-bp-empty": (without_misses, "nothing is not 0: it is unknown"),
    "iidx-csv-title-case": (instead(imported=1, errors={}), REWRITTEN),
    "iidx-csv-beginner": (no_play, NO_CHART),
    "title-space": (
        instead(imported=1, errors={}),
        "people trim, copy and type titles",
    ),
    "s3-5key-unknown": (no_play, NO_CHART),
    "sdvx-csv-ultimate": (
        instead(errors={"SongOrChartNotFound": 1}),
        "the game has that difficulty, the song has no such chart",
    ),
    "s3-mods-empty": (accepted, "a play without modifiers is a play"),
    "s3-doctype": (refused, "no entity is ever expanded, and no DTD is read"),
    "wacca-csv-scores-short": (
        instead(errors={"SongOrChartNotFound": 2, "InvalidDatapoint": 1}),
        "a score that is no number is a fault of the row, not of the site",
    ),
}
