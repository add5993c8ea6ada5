"""Recordings of the original as they are read, and what they tell between the lines.

Nothing in a recording says after which step a state was taken or which recording came
before: both follow from the imports and users that are mentioned.
"""

import json
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tests.golden.history import History
from tests.golden.steps import (
    LOGIN,
    TOKEN,
    Token,
    answered,
    is_import,
    sent_headers,
    user_of,
    walk,
)

UNKNOWN_TOKEN = "does not correspond with any key"


@dataclass
class Recording:
    """One file: requests with their answers, and states of users along the way."""

    name: str
    content: dict

    def __str__(self) -> str:
        return self.name

    @property
    def steps(self) -> list[dict]:
        return self.content["steps"]

    @property
    def requests(self) -> list[dict]:
        """The steps that are requests, not commands."""
        return [step for step in self.steps if "request" in step]

    @property
    def states(self) -> dict[str, dict]:
        return self.content["states"]

    @cached_property
    def documents(self) -> list[dict]:
        return list(walk(self.content))

    @cached_property
    def started(self) -> int:
        """When it was recorded, in unix milliseconds: its earliest `timeStarted` of an
        import, or `timeAdded` of a score."""
        times = [
            document.get("timeAdded") or document["timeStarted"]
            for document in self.documents
            if document.get("timeAdded")
            or ("importID" in document and "timeStarted" in document)
        ]
        return min(times, default=2**53)

    @cached_property
    def tokens(self) -> list[Token]:
        """The tokens that were known to the original."""
        found, unknown = {}, set()
        for step in self.requests:
            sent = sent_headers(step).get("Authorization", "")
            if match := TOKEN.fullmatch(sent):
                token = Token(match["token"], match["name"], match["lacks"])
                found[token.secret] = token
                said = json.dumps(step["response"].get("body"))
                unknown |= {token.secret} if UNKNOWN_TOKEN in said else set()
        return [token for secret, token in found.items() if secret not in unknown]

    @cached_property
    def users(self) -> dict[str, int]:
        """Names of users → their ids, as far as the recording tells."""
        ids = {
            document["username"]: document["id"]
            for document in self.documents
            if "usernameLowercase" in document
        }
        importers = {
            document["importID"]: document["userID"]
            for document in self.documents
            if "importID" in document and "userID" in document
        }
        for step in self.requests:
            match = TOKEN.fullmatch(sent_headers(step).get("Authorization", ""))
            body = answered(step)
            if match and is_import(step):
                user_id = importers.get(body.get("importID"))
                ids |= {match["name"]: user_id} if user_id else {}
            if LOGIN.search(step["request"]["path"]) and "userID" in body:
                ids[step["request"]["json"]["username"]] = body["userID"]
        return ids

    @cached_property
    def logins(self) -> set[str]:
        """The names of users who logged in."""
        return {
            step["request"]["json"]["username"]
            for step in self.requests
            if LOGIN.search(step["request"]["path"]) and "userID" in answered(step)
        }

    @cached_property
    def own_users(self) -> set[int]:
        """Users who do something here, or whose state was taken."""
        names = {token.owner for token in self.tokens} | self.logins
        states = map(user_of, self.states.values())
        return {self.users[name] for name in names if name in self.users} | {
            user for user in states if user
        }

    @cached_property
    def mentioned_users(self) -> set[int]:
        mentioned = {document.get("userID") for document in self.documents}
        mentioned |= set(self.users.values()) | self.own_users
        return {user for user in mentioned if isinstance(user, int)}

    @cached_property
    def levels(self) -> dict[str, int]:
        """Names of users → their authLevel, as far as the recording tells."""
        return {
            document["username"]: document["authLevel"]
            for document in self.documents
            if "usernameLowercase" in document
        }

    @cached_property
    def games(self) -> set[str]:
        """Games of which charts are needed."""
        return {
            document["game"]
            for document in self.documents
            if isinstance(document.get("game"), str)
        }

    @cached_property
    def game_of_charts(self) -> dict[str, str]:
        return {
            document["chartID"]: document["game"]
            for document in self.documents
            if "chartID" in document and isinstance(document.get("game"), str)
        }

    @cached_property
    def played(self) -> dict[str, set[str]]:
        """Sessions → the scores that were in them at some time."""
        scores = defaultdict(set)
        for document in self.documents:
            if "sessionID" in document and isinstance(document.get("scoreIDs"), list):
                scores[document["sessionID"]].update(document["scoreIDs"])
        return scores

    @cached_property
    def chosen_names(self) -> set[str]:
        """Names of sessions that somebody chose."""
        sent = [(step["request"].get("json") or {}) for step in self.requests]
        return {
            body["name"] for body in sent if isinstance(body, dict) and "name" in body
        }

    def places(self, before: list["Recording"]) -> dict[str, list[int]]:
        """After which steps each state may have been taken; -1 is before the first.

        They are told in the order in which they were taken.
        """
        places = {name: self._positions(name, before) for name in self.states}
        low, high = -1, len(self.steps) - 1
        for name, where in places.items():
            low = max(low, where[0])
            places[name] = [i for i in where if i >= low] or where
        for name, where in reversed(places.items()):
            high = min(high, where[-1])
            places[name] = [i for i in where if i <= high] or where
        return places

    def _positions(self, name: str, before: list["Recording"]) -> list[int]:
        state, everywhere = self.states[name], list(range(-1, len(self.steps)))
        named = [
            i
            for i, step in enumerate(self.steps)
            if name == f"after: {step.get('name')}"
        ]
        documents = state.get("imports")
        if named or documents is None:
            return named or everywhere
        there = {document["importID"] for document in documents}
        live = list(self._live_imports(user_of(state), before))
        return [i for i in everywhere if there in live[i + 1]] or everywhere

    def _live_imports(self, user: int | None, before: list["Recording"]):
        """What imports a user may have, before the first step and after each."""
        history = History(user)
        for recording in before:
            for step in recording.steps:
                history.add(step)
        yield history.possible()
        for step in self.steps:
            history.add(step)
            yield history.possible()


def read(folder: Path) -> list[Recording]:
    """All recordings of a folder, in their order."""
    return [
        Recording(path.stem, json.loads(path.read_text(encoding="utf-8")))
        for path in sorted(folder.glob("*.json"))
    ]


def before(recording: Recording, others: list[Recording]) -> list[Recording]:
    """The recordings that have to be replayed before one: of users whom it mentions."""
    needed, users = [], recording.mentioned_users
    for other in reversed(others[: others.index(recording)]):
        if other.own_users & users:
            needed.insert(0, other)
            users = users | other.mentioned_users
    return needed
