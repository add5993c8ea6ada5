"""What became of an import, in a sentence for its sender."""

from collections.abc import Mapping

WORDS = {
    "imported": "imported",
    "held": "already held",
    "orphaned": "orphaned",
    "rejected": "rejected",
    "blocked": "blocked",
}
WORDS_OF_HELD = {
    "otherTime": "with another time",
    "otherwise": "that differ",
    "filled": "filled in",
}


BRIEFLY = {
    "imported": "in",
    "held": "held",
    "orphaned": "orphaned",
    "rejected": "rejected",
    "blocked": "blocked",
}


def in_brief(counts: Mapping[str, int]) -> str:
    """ "29 in · 60 held · 4,282 rejected": only what there is."""
    told = [
        f"{counts[way]:,} {word}" for way, word in BRIEFLY.items() if counts.get(way)
    ]
    return " · ".join(told) or ("no scores" if counts else "")


def sentence(counts: Mapping[str, int]) -> str:
    """ "29 imported, 60 already held (3 with another time), 1 orphaned, 2 rejected."

    `counts` are those that an import keeps. What there is none of is not told, but for
    the imported.
    """
    told = [
        f"{counts.get(way, 0)} {words}{_of_held(counts) if way == 'held' else ''}"
        for way, words in WORDS.items()
        if counts.get(way) or way == "imported"
    ]
    return f"{', '.join(told)}."


def _of_held(counts: Mapping[str, int]) -> str:
    """How many of those that are held say something else, or said more."""
    otherwise = counts.get("differing", 0) - counts.get("otherTime", 0)
    found = {**counts, "otherwise": otherwise}
    told = [
        f"{found[name]} {words}"
        for name, words in WORDS_OF_HELD.items()
        if found.get(name)
    ]
    return f" ({', '.join(told)})" if told else ""
