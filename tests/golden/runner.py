"""A replay with every answer and state compared."""

import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tests.golden import rules
from tests.golden.absent import Absent
from tests.golden.comparison import Mismatch, Side, mismatches
from tests.golden.differences import explanation
from tests.golden.judges import Case
from tests.golden.order import misplaced
from tests.golden.recordings import Recording
from tests.golden.replay import Replay
from tests.golden.states import NOT_KEPT, state_of
from tests.golden.steps import (
    REVERT,
    TOKEN,
    answered,
    is_import,
    sent_headers,
    user_of,
    walk,
)
from tests.golden.world import create_users, store_attached

HEADERS = (
    "content-type",
    "retry-after",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
)


@dataclass
class Verdict:
    """The mismatches of an answer or a state: explained ones by their differences."""

    unexplained: list[Mismatch] = field(default_factory=list)
    explained: list[str] = field(default_factory=list)

    def __lt__(self, other: "Verdict") -> bool:
        return self._size < other._size

    @property
    def _size(self) -> tuple[int, int]:
        return len(self.unexplained), len(self.explained)


@dataclass
class Run:
    """One recording, replayed after those that it builds on."""

    recording: Recording
    before: list[Recording]
    replay: Replay
    is_our_own: bool = False
    verdicts: dict[str, "Verdict"] = field(default_factory=dict)
    skipped: dict[int | None, str] = field(default_factory=dict)
    undone: set[str] = field(default_factory=set)
    has_lost: bool = False
    lost: set[str] = field(default_factory=set)
    absent: dict[str, str] = field(default_factory=dict)

    def run(self) -> None:
        self.started = int(time.time() * 1000)
        every = [*self.before, self.recording]
        create_users(every)
        for recording in every:
            store_attached(recording)
        for recording in self.before:
            for step in recording.steps:
                try:
                    self.replay.send(recording, step)
                except Absent:
                    continue
            self.replay.run_queued()
        self._compare_all()

    def problems(self) -> list[str]:
        """What differs without a reason, and what was compared nowhere."""
        nowhere = self.recording.states.keys() - {
            label.removeprefix("state ") for label in [*self.verdicts, *self.absent]
        }
        return [
            *(
                f"{label}: {mismatch}"
                for label, verdict in self.verdicts.items()
                for mismatch in verdict.unexplained
            ),
            *(f"state {name} was reached nowhere" for name in sorted(nowhere)),
        ]

    @property
    def seen(self) -> set[str]:
        """The names of the declared differences that occurred."""
        verdicts = self.verdicts.values()
        return {name for verdict in verdicts for name in verdict.explained}

    def made_nothing(self) -> bool:
        """Whether nothing of the recording could be replayed."""
        return not self.verdicts

    def _compare_all(self) -> None:
        places = self.recording.places(self.before)
        self._compare_states(places, -1)
        for number, step in enumerate(self.recording.steps):
            label = f"step {number} ({step.get('name')})"
            try:
                answer = self.replay.send(self.recording, step)
                if answer is not None:
                    self._compare_answer(label, step, answer)
            except Absent as absent:
                self.absent[label] = str(absent)
                self._note_skipped(step, str(absent))
            self._note(step)
            if number == len(self.recording.steps) - 1:
                self.replay.run_queued()
            self._compare_states(places, number)

    def _note_skipped(self, step: dict, reason: str) -> None:
        """Whose states are not to be compared any more: an import is missing."""
        if "request" not in step:
            return
        if is_import(step) and step["response"]["status"] in (200, 202):
            match = TOKEN.fullmatch(sent_headers(step).get("Authorization", ""))
            self.skipped[self.recording.users.get(match["name"]) if match else None] = (
                reason
            )

    def _note(self, step: dict) -> None:
        """What the original lost with a revert, and got again with an import."""
        if "request" not in step or step["response"]["status"] != 200:
            return
        deleted = step["request"]["method"] == "DELETE"
        match = REVERT.search(step["request"]["path"])
        self.has_lost |= deleted or bool(match)
        if match:
            for document in self.recording.documents:
                if document.get("importID") == match[1] and "scoreIDs" in document:
                    self.undone.update(document["scoreIDs"])
                    self.lost.update(document["scoreIDs"])
        elif is_import(step):
            self.lost.difference_update(answered(step).get("scoreIDs", ()))

    def _compare_answer(self, label: str, step: dict, answer) -> None:
        recorded = step["response"]
        found = list(self._of_envelope(recorded, answer))
        ties = frozenset()
        if "body" in recorded:
            theirs = self._without_unmade(recorded["body"])
            body = content(answer)
            found += self._differing(theirs, body)
            found += misplaced(step["request"]["path"], *self._plain(theirs, body))
            ties = rules.ties(theirs, body)
        case = Case(
            self.recording,
            label,
            is_state=False,
            request=step["request"],
            recorded_status=recorded["status"],
            has_lost=self.has_lost,
            lost=frozenset(self.lost),
            undone=frozenset(self.undone),
            ties=ties,
        )
        self.verdicts[label] = self._judged(found, case)

    def _of_envelope(self, recorded: dict, answer) -> Iterator[Mismatch]:
        if recorded["status"] != answer.status_code:
            yield Mismatch(("status",), recorded["status"], answer.status_code)
        for name, value in (recorded.get("headers") or {}).items():
            if name in HEADERS and answer.headers.get(name) != value:
                yield Mismatch((name,), value, answer.headers.get(name))

    def _plain(self, theirs, ours) -> tuple:
        every = [*self.before, self.recording]
        started = min(each.started for each in every)
        names = frozenset(self.recording.chosen_names)
        their_side = Side(started, self.replay.ids, names, self.is_our_own)
        our_side = Side(self.started, {}, names, self.is_our_own)
        return their_side.plain(theirs), our_side.plain(ours)

    def _differing(self, theirs, ours) -> Iterator[Mismatch]:
        return mismatches(*self._plain(theirs, ours))

    def _judged(self, found: Iterable[Mismatch], case: Case) -> "Verdict":
        verdict = Verdict()
        for mismatch in found:
            if difference := explanation(mismatch, case):
                verdict.explained.append(difference.name)
            else:
                verdict.unexplained.append(mismatch)
        return verdict

    def _without_unmade(self, value):
        """A recorded value without the imports that could not be made here."""
        unmade = self.replay.unmade
        if isinstance(value, list):
            return [
                self._without_unmade(each)
                for each in value
                if not (isinstance(each, dict) and each.get("importID") in unmade)
            ]
        if isinstance(value, dict):
            return {key: self._without_unmade(value[key]) for key in value}
        return value

    def _compare_states(self, places: dict[str, list[int]], position: int) -> None:
        """Of the steps after which a state may have been taken, the likest counts."""
        for name in (name for name in places if position in places[name]):
            label, state = f"state {name}", self.recording.states[name]
            reached = label in self.verdicts and not self.verdicts[label].unexplained
            if not reached and (reason := self._unreachable(state)):
                self.absent[label] = reason
                self.verdicts.pop(label, None)
                continue
            verdict = self._of_state(label, state)
            if label not in self.verdicts or verdict < self.verdicts[label]:
                self.verdicts[label] = verdict

    def _unreachable(self, state: dict) -> str | None:
        """Why a state cannot be reached here, if it cannot."""
        ids = (document.get("importID") for document in walk(state))
        unmade = self.replay.unmade
        reason = next((unmade[id_] for id_ in ids if id_ in unmade), None)
        if user_of(state) is None:
            return "a state of nobody"
        return reason or self.skipped.get(user_of(state), self.skipped.get(None))

    def _of_state(self, label: str, recorded: dict) -> "Verdict":
        ours = state_of(user_of(recorded))
        for kind in recorded.keys() - ours.keys() - NOT_KEPT.keys():
            self.absent[f"{label}: {kind}"] = "a kind of state that is not known here"
        theirs = {key: value for key, value in recorded.items() if key in ours}
        ours = {key: ours[key] for key in theirs}
        for document in theirs.get("imports", []):
            if isinstance(document["scoreIDs"], int):  # as many as that
                _count_scores(ours["imports"])
                break
        case = Case(
            self.recording,
            label,
            is_state=True,
            has_lost=self.has_lost,
            lost=frozenset(self.lost),
            undone=frozenset(self.undone),
            ties=rules.ties(theirs, ours),
        )
        return self._judged(self._differing(theirs, ours), case)


def content(answer) -> object:
    """What we answered: JSON, or the text of anything else."""
    try:
        return json.loads(answer.content)
    except ValueError:
        return answer.content.decode()


def _count_scores(imports: list[dict]) -> None:
    for document in imports:
        document["scoreIDs"] = len(document["scoreIDs"])
