"""A game, as one playtype of it is played: tables and pure functions, and what they do.

A score goes through `complete`: its metrics are checked, the derived ones worked out,
the relations between them checked, and the score is rated. Nothing in here raises on
bad input; what cannot be a play of the game comes back Rejected.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from scores.rules import display
from scores.rules.bests import Best, Merger, Played, merge, value_at
from scores.rules.classes import ClassSet
from scores.rules.completion import Completed, Rejected, completer
from scores.rules.errors import Impossible
from scores.rules.grades import Grades
from scores.rules.identity import identifier
from scores.rules.metrics import Kind, Metric
from scores.rules.problems import Problem
from scores.rules.ratings import (
    ProfileRating,
    ScoreRating,
    SessionRating,
    profile_rating,
)
from scores.rules.schema import EMPTY, Schema

Deriver = Callable[[dict, object], object]
Relation = Callable[[dict, object], Problem | None]


class DefaultRatings(NamedTuple):
    score: str
    session: str
    profile: str


@dataclass(frozen=True, eq=False, repr=False)
class Game:
    """The rules of one playtype. Charts are objects with `level_num`, `difficulty`,
    `data` and `is_primary`; score data is a dict in the form of the wire.
    """

    name: str
    playtype: str
    playtypes: tuple[str, ...]
    title: str
    display_name: str

    provided: dict[str, Metric]
    derived: dict[str, Metric]
    optional: dict[str, Metric]
    derivers: dict[str, Deriver]
    relations: tuple[Relation, ...]
    judgements: tuple[str, ...]
    grades: Grades

    difficulties: tuple[str, ...] | None
    default_difficulty: str | None
    versions: dict[str, str]
    match_types: tuple[str, ...]

    default_metric: str
    default_enum: str
    score_ratings: dict[str, ScoreRating]
    session_ratings: dict[str, SessionRating]
    profile_ratings: dict[str, ProfileRating]
    default_ratings: DefaultRatings
    classes: dict[str, ClassSet]

    base_name: str = "Best Score"
    mergers: tuple[Merger, ...] = ()
    ranked_by: tuple[str, ...] = ()

    difficulty_shorthand: dict[str, str] = field(default_factory=dict)
    difficulty_text: Callable = display.difficulty_text
    short_difficulty_text: Callable = display.short_difficulty_text
    chart_text: Callable = display.chart_text

    song_data: Schema = EMPTY
    chart_data: Schema = EMPTY
    score_meta: Schema = EMPTY
    preferences: Schema = EMPTY

    def __repr__(self) -> str:
        return f"<Game {self.gpt}>"

    @property
    def gpt(self) -> str:
        return f"{self.name}:{self.playtype}"

    @cached_property
    def metrics(self) -> dict[str, Metric]:
        """The provided and the derived metrics."""
        return {**self.provided, **self.derived}

    @cached_property
    def enums(self) -> tuple[tuple[str, Mapping[str, int]], ...]:
        """Every provided or derived ENUM with the position of its values."""
        return tuple(
            (name, metric.index)
            for name, metric in self.metrics.items()
            if metric.kind is Kind.ENUM
        )

    @cached_property
    def rating_position(self) -> dict[str, int]:
        """Where each score rating stands in a tuple of ratings."""
        return {name: i for i, name in enumerate(self.score_ratings)}

    def score_id(self, user_id: int, chart_id: str, score_data: dict) -> str:
        """ "T" and the SHA-256 of who played what and how, as hexadecimal digits.

        Raises Impossible without one of the provided metrics.
        """
        return self._identify(user_id, chart_id, score_data)

    @cached_property
    def _identify(self) -> Callable[[int, str, dict], str]:
        flagged = (
            name for name, each in self.optional.items() if each.part_of_score_id
        )
        return identifier(self.provided, flagged)

    def complete(
        self, pairs: Iterable[tuple[dict, object]]
    ) -> list[Completed | Rejected]:
        """Check, derive and rate scores as sources send them, each with its chart."""
        complete = self._completer
        return [complete(score_data, chart) for score_data, chart in pairs]

    @cached_property
    def _completer(self) -> Callable[[dict, object], Completed | Rejected]:
        return completer(self)

    def derive(self, score_data: dict, chart: object) -> dict:
        """The derived metrics. Raises Impossible."""
        return {
            name: derive(score_data, chart) for name, derive in self.derivers.items()
        }

    def enum_indexes(self, score_data: dict) -> dict[str, int]:
        """The position of each ENUM's value. Raises Impossible for an unknown value."""
        try:
            return {name: index[score_data[name]] for name, index in self.enums}
        except (KeyError, TypeError) as error:
            raise Impossible("unknown-enum-value", f"Unknown value {error}.") from error

    def rate(self, score_data: dict, chart: object) -> tuple[float | None, ...]:
        """The score ratings in their order.

        What a chart's own numbers make impossible (a record below the average) is
        rated None: it is no fault of the player.
        """
        ratings = []
        for rating in self.score_ratings.values():
            try:
                ratings.append(rating.calculate(score_data, chart))
            except Impossible:
                ratings.append(None)
        return tuple(ratings)

    def merge(self, scores: Sequence[Played], chart: object) -> Best | None:
        """The personal best of one player's scores on one chart; None without any."""

        def finish(score_data: dict) -> tuple[dict, tuple[float | None, ...]]:
            score_data["enumIndexes"] = self.enum_indexes(score_data)
            score_data["optional"]["enumIndexes"] = {}
            return score_data, self.rate(score_data, chart)

        return merge(
            scores, (self.default_metric, self.base_name), self.mergers, finish
        )

    def rank_key(self, score_data: dict) -> tuple[float, float, float]:
        """What bests on a chart are ranked by before time; larger is better."""
        by = self.ranked_by or (self.default_metric,)
        values = [value_at(score_data, path) for path in by]
        return (*values, *(0,) * (3 - len(values)))

    def session_ratings_of(
        self, ratings: Sequence[tuple[float | None, ...]]
    ) -> dict[str, float | None]:
        """The ratings of a session whose scores have these ratings."""
        return {
            name: rating.calculate(
                each[self.rating_position[rating.rating]] for each in ratings
            )
            for name, rating in self.session_ratings.items()
        }

    def profile_ratings_of(self, bests: Sequence) -> dict[str, float | None]:
        """The ratings of a player with these bests (`.ratings`, `.chart`, `.song`)."""
        return {
            name: profile_rating(rating, bests, self.rating_position)
            for name, rating in self.profile_ratings.items()
        }

    def derived_classes(
        self, ratings: Mapping[str, float | None]
    ) -> dict[str, str | None]:
        """The classes that follow from these profile ratings."""
        return {
            name: classes.derive(ratings)
            for name, classes in self.classes.items()
            if not classes.provided
        }
