"""BATCH-MANUAL, the format people and third-party tools write.

`file/batch-manual` and `ir/direct-manual` differ in their transport, the suffix of the
service, and the header by which a single score takes the time of its request.
One malformed score refuses the whole document, since that is a fault of the sender;
a well-formed score that cannot be is a failure of its own.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Any

from imports.failures import FailureType
from imports.formats import instead
from imports.formats.base import (
    About,
    Draft,
    Failure,
    Field,
    Format,
    ImportRefused,
    Input,
    Parsed,
)
from imports.formats.batch_manual_problems import problems
from imports.formats.batch_manual_schema import with_texts_as_identifiers
from imports.formats.former_lamps import with_current_lamps
from imports.formats.json_text import Read, read
from imports.formats.outcomes import outcomes
from imports.formats.refusals import MOST_PROBLEMS, refuse
from imports.matching import Name, NoMatch, match
from scores.games import PLAYTYPES, get_game
from scores.models import Chart
from scores.rules.game import Game
from scores.rules.metrics import Kind
from tachi.api.envelope import Problem
from tachi.schema.javascript import beginning, type_name
from tachi.schema.nearest import nearest

FOREWORD = "Invalid BATCH-MANUAL"
NOT_SAID = "Could not retrieve meta.{} - is this valid BATCH-MANUAL?"
NO_GAME = NOT_SAID.format("game")
NO_WORD = "There is no {} in it: how this play ended is not known."


def parse_file(sent: Input) -> Parsed:
    """An uploaded document. Raises ImportRefused."""
    return _parsed(read(sent.payload), sent)


def parse_direct(sent: Input) -> Parsed:
    """The document in a request's body. Raises ImportRefused.

    With the parameter `infer`, its only score must be untimed and takes `received_at`.
    """
    parsed = _parsed(read(sent.payload), sent)
    if sent.parameters.get("infer"):
        _infer_time(parsed.entries, sent.received_at)
    return parsed


def convert(
    entries: Sequence[dict], context: dict[str, Any], import_type: str, suffix: str
) -> list[Draft | Failure]:
    """A draft or failure for each well-formed score, whose service gets the suffix."""
    game = get_game(f"{context['game']}:{context['playtype']}")
    names = [
        Name(
            entry["matchType"],
            entry["identifier"],
            entry.get("difficulty"),
            entry.get("artist"),
        )
        for entry in entries
    ]
    draft = partial(
        _draft,
        tuple(game.provided),
        service=f"{context['service']} ({suffix})",
        import_type=import_type,
    )
    words = [name for name, each in game.provided.items() if each.kind == Kind.ENUM]
    charts = match(game, context["version"], names)
    found = [
        _unsaid(words, entry) or chart
        for entry, chart in zip(entries, charts, strict=True)
    ]
    return outcomes(entries, found, draft)


def _unsaid(words: Sequence[str], entry: dict) -> NoMatch | None:
    """What is wrong with a score whose lamp, for example, is empty: it is no play."""
    unsaid = next((name for name in words if not entry[name]), None)
    return NoMatch(FailureType.INVALID, NO_WORD.format(unsaid)) if unsaid else None


def _parsed(read: Read, sent: Input) -> Parsed:
    if playtype := instead.playtype_of(sent):
        with suppress(TypeError, KeyError, IndexError):  # it is refused below
            read.value["meta"]["playtype"] = playtype
    game = _game_of(read)
    body, of_the_past = with_current_lamps(game, read.value)
    refuse(FOREWORD, chain(problems(game, body, of_the_past), read.repeated))
    with_texts_as_identifiers(body["scores"])
    meta = body["meta"]
    declared = (body.get("classes") or {}).items()
    classes = {name: value for name, value in declared if value is not None}
    return Parsed(
        game=game.name,
        entries=body["scores"],
        context={
            "service": meta["service"],
            "game": game.name,
            "playtype": game.playtype,
            "version": meta.get("version"),
        },
        service=meta["service"],
        classes={game.gpt: classes} if classes else {},
    )


def _game_of(read: Read) -> Game:
    """The game that a document says it is for. Raises ImportRefused."""
    try:
        return _game_of_body(read.value)
    except ImportRefused as refused:
        repeated = [each.problem for each in read.repeated]
        refused.problems = [*refused.problems, *repeated][:MOST_PROBLEMS]
        raise


def _game_of_body(body: Any) -> Game:
    if not isinstance(body, dict | list):
        kind = type_name(body)
        raise ImportRefused(f"Invalid BATCH-MANUAL (Not an object, received {kind}.)")
    meta = body.get("meta") if isinstance(body, dict) else None
    meta = meta if isinstance(meta, dict) else {}
    name = _known("game", _said(meta, "game", PLAYTYPES), tuple(PLAYTYPES))
    playtypes = PLAYTYPES[name]
    if "playtype" not in meta and len(playtypes) == 1:
        return get_game(f"{name}:{playtypes[0]}")
    playtype = _known("playtype", _said(meta, "playtype", playtypes), playtypes)
    return get_game(f"{name}:{playtype}")


def _said(meta: dict[str, Any], name: str, known: Iterable[str]) -> Any:
    """A key of `meta`; where it is missing, what may stand there is told."""
    if name not in meta:
        text = NOT_SAID.format(name)
        hint = f'The key "meta" holds an object, whose "{name}" is any of'
        message = f"{text} {hint} {', '.join(known)}."
        problem = Problem(path=f"meta.{name}", message=message)
        raise ImportRefused(text, problems=[problem])
    return meta[name]


def _known(what: str, value: Any, known: tuple[str, ...]) -> str:
    if isinstance(value, str) and value in known:
        return value
    expected, meant = ", ".join(known), nearest(value, known)
    hint = f' Did you mean "{meant}"?' if meant else ""
    text = f"Invalid {what} '{beginning(value, 100)[:100]}'"
    text = f"{text} - expected any of {expected}.{hint}"
    raise ImportRefused(text, problems=[Problem(path=f"meta.{what}", message=text)])


def _infer_time(entries: list[dict], received_at: int) -> None:
    """Set the time of the only score; without scores there is nothing to do."""
    if len(entries) > 1:
        raise ImportRefused(
            "Cannot use X-Infer-Score-TimeAchieved with multiple scores in your import."
            f" There are {len(entries):,}: send them without the header, or one by one."
        )
    for entry in entries:
        if entry.get("timeAchieved"):
            raise ImportRefused(
                "Cannot use X-Infer-Score-Timestamp if the importing score already"
                " has a timeAchieved set. Send it without one of the two."
            )
        entry["timeAchieved"] = received_at


def _draft(
    provided: tuple[str, ...],
    position: int,
    entry: dict,
    chart: Chart,
    service: str,
    import_type: str,
) -> Draft:
    """The score an entry tells. `hitMeta` counts only where there is no `optional`."""
    optional = entry.get("optional")
    if optional is None:
        optional = entry.get("hitMeta") or {}
    score_data = {name: entry[name] for name in provided}
    score_data["judgements"] = entry.get("judgements") or {}
    score_data["optional"] = optional
    time = entry.get("timeAchieved")
    return Draft(
        position=position,
        chart=chart,
        service=service,
        import_type=import_type,
        comment=entry.get("comment"),
        time_achieved=int(time) if time else None,
        score_data=score_data,
        score_meta=entry.get("scoreMeta") or {},
    )


INFER = Field("infer", "any text: the only score was played now")
ABOUT = About(
    title="BATCH-MANUAL",
    text="A JSON document of scores of one game and playtype. One malformed score"
    " refuses the whole document.",
    origin="Written by people, scripts and third-party tools. The JSON Schema for a"
    " game is at /api/v1/schemas/batch-manual/:game/:playtype.",
    fields=(
        Field(
            "meta.game, meta.playtype",
            "what all scores were played on; a game with one playtype needs none",
        ),
        Field("meta.service", "where the scores come from, 3 to 60 characters"),
        Field("meta.version", "the version of the game whose charts are meant"),
        Field("scores[].matchType", "how the chart is named: songTitle, inGameID, …"),
        Field(
            "scores[].identifier",
            "its name, of that kind; a number is its text; of a title neither case,"
            " width, spare spaces nor the kind of a tilde matter where that leaves one"
            " song, of a hexadecimal hash its case never does",
        ),
        Field("scores[].difficulty, artist", "where the kind of name needs them"),
        Field("scores[].score, lamp, …", "the metrics that the game requires"),
        Field("scores[].timeAchieved", "unix milliseconds; missing where unknown"),
        Field("scores[].comment", "3 to 240 characters"),
        Field("scores[].judgements, optional", "further counts and metrics"),
        Field("scores[].scoreMeta", "how it was played: options, gauge, …"),
        Field("classes", "classes that the player has, like a dan"),
    ),
    sample="""{
  "meta": {"game": "iidx", "playtype": "SP", "service": "My script"},
  "scores": [
    {
      "matchType": "songTitle", "identifier": "5.1.1.", "difficulty": "NORMAL",
      "score": 500, "lamp": "CLEAR", "timeAchieved": 1735689600000
    }
  ]
}
""",
)


def recognised(payload: bytes, filename: str) -> str | None:
    """By what this is a document, if it is: its keys may stand in any order."""
    if payload.lstrip()[:1] != b"{" or b'"meta"' not in payload:
        return None
    return "it is a JSON object with the key meta" if b'"scores"' in payload else None


FILE = Format(
    "file/batch-manual",
    parse_file,
    partial(convert, import_type="file/batch-manual", suffix="BATCH-MANUAL"),
    about=ABOUT,
    games=tuple(PLAYTYPES),
    recognises=recognised,
    as_playtype=instead.of_playtype,
)
DIRECT = Format(
    "ir/direct-manual",
    parse_direct,
    partial(convert, import_type="ir/direct-manual", suffix="DIRECT-MANUAL"),
    about=replace(ABOUT, asked=(INFER,)),
    games=tuple(PLAYTYPES),
    as_playtype=instead.of_playtype,
)
