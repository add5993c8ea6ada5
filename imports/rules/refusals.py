"""What rules refuse: asked when an import is accepted, when it is taken, and once more
in the transaction that writes it.

What an import is of (game, playtype, service) may be known only when it is read; a rule
refuses what it is sure of by then.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, Protocol

from django.db import connection
from django.db.models import F
from django.utils import timezone

from imports.formats import FORMATS
from imports.models import ImportRule
from imports.rules.meaning import Meant
from scores.games import PLAYTYPES
from tachi.accounts.models import ApiToken, User

#: Whether there is any rule at a time, `as_stored`: a column of an SQL statement.
IS_ANY_LIVE = """
    EXISTS (SELECT 1 FROM imports_importrule
            WHERE lifted_at IS NULL AND (until IS NULL OR until > %s))
"""


class Source(Protocol):
    """What is known of an import from the start: an Import, or what was sent."""

    @property
    def user(self) -> User: ...
    @property
    def import_type(self) -> str: ...
    @property
    def token(self) -> ApiToken | None: ...
    @property
    def user_agent(self) -> str: ...
    @property
    def user_intent(self) -> bool: ...
    @property
    def past_rules(self) -> bool: ...


class Said(NamedTuple):
    """What is known of it once it is read; it may be of several playtypes."""

    game: str
    playtypes: set[str]
    services: set[str]


class RefusedByRule(Exception):
    """A rule refuses the import, with its text for the sender."""

    status = 403

    def __init__(self, pk: int, rule_id: str, text: str) -> None:
        super().__init__(text)
        self.pk = pk
        self.rule_id = rule_id
        self.text = text


def as_stored() -> Any:
    """Now, as a parameter of IS_ANY_LIVE."""
    return connection.ops.adapt_datetimefield_value(timezone.now())


def refusal_of(source: Source, said: Said | None = None) -> RefusedByRule | None:
    """The refusal by the oldest rule that matches, if one does; one statement.

    None for what goes `past_rules`: what operators import, and moderators run again.
    """
    if source.past_rules:
        return None
    live = ImportRule.objects.live(timezone.now()).order_by("pk")
    for pk, rule_id, meant, text in live.values_list("pk", "rule_id", "meant", "text"):
        if _matches(meant, source, said):
            return RefusedByRule(pk, rule_id, text)
    return None


def count(refused: RefusedByRule) -> None:
    """Count an import that was refused, for its rule."""
    ImportRule.objects.filter(pk=refused.pk).update(matched=F("matched") + 1)


def _matches(meant: Meant, source: Source, said: Said | None) -> bool:
    """Whether all filters of a rule match; not where one cannot be asked yet."""
    return all(ASKED[name](values, source, said) for name, values in meant.items())


def _of_user(values: Iterable[str], source: Source, said: Said | None) -> bool:
    return str(source.user.pk) in values


def _of_type(values: Iterable[str], source: Source, said: Said | None) -> bool:
    return source.import_type in values


def _of_token(values: Iterable[str], source: Source, said: Said | None) -> bool:
    return source.token is not None and source.token.prefix.startswith(tuple(values))


def _of_agent(values: Iterable[str], source: Source, said: Said | None) -> bool:
    agent = source.user_agent.lower()
    return any(value.lower() in agent for value in values)


def _of_intent(values: Iterable[str], source: Source, said: Said | None) -> bool:
    return ("yes" if source.user_intent else "no") in values


def _of_game(values: Iterable[str], source: Source, said: Said | None) -> bool:
    return bool(_games(source, said)) and _games(source, said) <= set(values)


def _of_playtype(values: Iterable[str], source: Source, said: Said | None) -> bool:
    if said is not None:
        return not said.playtypes.isdisjoint(values)
    possible = {each for game in _games(source, said) for each in PLAYTYPES[game]}
    return len(possible) == 1 and possible <= set(values)


def _of_service(values: Iterable[str], source: Source, said: Said | None) -> bool:
    return said is not None and not said.services.isdisjoint(values)


def _games(source: Source, said: Said | None) -> set[str]:
    """Of which game it is; before it is read, of which it may be."""
    if said is not None:
        return {said.game}
    format_ = FORMATS.get(source.import_type)
    return set(format_.games) if format_ else set()


ASKED: Mapping[str, Callable[[Iterable[str], Source, Said | None], bool]] = {
    "user": _of_user,
    "importType": _of_type,
    "token": _of_token,
    "userAgent": _of_agent,
    "intent": _of_intent,
    "game": _of_game,
    "playtype": _of_playtype,
    "service": _of_service,
}
