"""What becomes of classes, as a child would tell it, event by event."""


def naive_claims(events):
    """By import: its dan, and what became of that, told event by event."""
    found = {}
    for verb, arguments in events:
        name = arguments.get("name")
        if verb == "send" and arguments["dan"]:
            found[name] = (arguments["dan"], False, "")
        elif name in found:
            dan, reverted, mark = found[name]
            verb = arguments.get("decision", verb)
            found[name] = (dan, *naively_next(verb, reverted, mark))
    return {
        name: (dan, STATES.get(mark) or ("review" if reverted else "live"))
        for name, (dan, reverted, mark) in found.items()
    }


#: What became of a claim: "taken" is withdrawn with the revert of its import.
STATES = {"kept": "kept", "withdrawn": "withdrawn", "taken": "withdrawn"}


def naively_next(verb, reverted, mark):
    """Whether the import is reverted after that, and what became of its claim."""
    is_withdrawn = mark in {"withdrawn", "taken"}
    moves = {
        "revert": (True, mark),
        "revert_with_classes": (True, mark or "taken"),
        "restore": (False, "withdrawn" if mark == "withdrawn" else ""),
        "withdraw": (reverted, mark if is_withdrawn else "withdrawn"),
        "keep": (reverted, mark or ("kept" if reverted else "")),
        "reinstate": (reverted, "" if is_withdrawn else mark),
    }
    return moves.get(verb, (reverted, mark))
