"""A game, as one playtype of it is played: tables and pure functions, and what they do.

A score goes through `complete`: its metrics are checked, the derived ones worked out,
the relations between them checked, and the score is rated. Nothing in here raises
anything but Impossible, whatever a score and the data of its chart are.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import isfinite
from typing import NamedTuple, cast

from scores.rules import display
from scores.rules.bests import Best, Merger, Played, Ratings, merge, value_at
from scores.rules.charts import Chart
from scores.rules.classes import ClassSet
from scores.rules.completion import Completed, Rejected, Relation, completer
from scores.rules.grades import Grades
from scores.rules.identity import identifier
from scores.rules.javascript import is_finite, whole
from scores.rules.metrics import Kind, Metric
from scores.rules.problems import Impossible
from scores.rules.ratings import (
    ProfileRating,
    ScoreRating,
    SessionRating,
)
from scores.rules.schema import EMPTY, Schema
from scores.rules.score_data import ScoreData, section

#: Raises Impossible; its numbers may be infinite or NaN where JavaScript's are.
Deriver = Callable[[ScoreData, Chart], str | float]


class DefaultRatings(NamedTuple):
    score: str
    session: str
    profile: str


@dataclass(frozen=True, eq=False, repr=False)
class Game:
    """The rules of one playtype."""

    name: str
    playtype: str
    playtypes: tuple[str, ...]
    title: str
    display_name: str

    provided: dict[str, Metric]
    derived: dict[str, Metric]
    optional: dict[str, Metric]
    derivers: Mapping[str, Deriver]
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
    difficulty_text: Callable[[display.GameNames, Chart], str] = display.difficulty_text
    short_difficulty_text: Callable[[display.GameNames, Chart], str] = (
        display.short_difficulty_text
    )
    chart_text: display.ChartText = display.chart_text

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

    def class_name(self, class_set: str, class_id: str) -> str:
        """What a class is called: "7th Dan". What is no class any more, by its id."""
        classes = self.classes.get(class_set)
        return classes.name(class_id) if classes else class_id

    def score_id(self, user_id: int, chart_id: str, score_data: ScoreData) -> str:
        """ "T" and the SHA-256 of who played what and how, as hexadecimal digits.

        Raises Impossible without one of the provided metrics.
        """
        return self._identify(user_id, chart_id, score_data)

    @cached_property
    def _identify(self) -> Callable[[int, str, ScoreData], str]:
        flagged = (
            name for name, each in self.optional.items() if each.part_of_score_id
        )
        return identifier(self.provided, flagged)

    def complete(
        self, pairs: Iterable[tuple[object, Chart]]
    ) -> list[Completed | Rejected]:
        """Check, derive and rate scores as sources send them, each with its chart."""
        complete = self._completer
        return [complete(score_data, chart) for score_data, chart in pairs]

    @cached_property
    def _completer(self) -> Callable[[object, Chart], Completed | Rejected]:
        return completer(self)

    def derive(self, score_data: ScoreData, chart: Chart) -> dict[str, str | float]:
        """The derived metrics as they are stored: 50, where 50.0 comes out.

        Raises Impossible, also where one is not finite.
        """
        derived = self.derive_unchecked(score_data, chart)
        for name in self._derived_numbers:
            value = derived[name]
            if not (isinstance(value, str) or isfinite(value)):
                raise _not_finite(name)
        return {name: _stored(value) for name, value in derived.items()}

    @cached_property
    def _derived_numbers(self) -> tuple[str, ...]:
        return tuple(n for n, each in self.derived.items() if each.kind != Kind.ENUM)

    def derive_unchecked(
        self, score_data: ScoreData, chart: Chart
    ) -> dict[str, str | float]:
        """The derived metrics before validation: numbers may be infinite or NaN.

        Raises Impossible.
        """
        try:
            return {
                name: derive(score_data, chart)
                for name, derive in self.derivers.items()
            }
        except ArithmeticError as error:
            raise _not_finite("A derived metric") from error

    def enum_indexes(self, score_data: ScoreData) -> dict[str, int]:
        """The position of each ENUM's value. Raises Impossible for an unknown value."""
        words = cast(Mapping[str, str], score_data)  # Others are in no index.
        try:
            return {name: index[words[name]] for name, index in self.enums}
        except (KeyError, TypeError) as error:
            raise Impossible("unknown-enum-value", f"Unknown value {error}.") from error

    def rate(self, score_data: ScoreData, chart: Chart) -> Ratings:
        """The score ratings in their order.

        What a chart's own numbers make impossible (a record below the average), or not
        finite, is rated None: it is no fault of the player.
        """
        ratings: list[float | None] = []
        for rating in self.score_ratings.values():
            try:
                value = rating.calculate(score_data, chart)
                ratings.append(value if value is None or isfinite(value) else None)
            except (Impossible, ArithmeticError):
                ratings.append(None)
        return tuple(ratings)

    def merge(self, scores: Sequence[Played], chart: Chart) -> Best | None:
        """The personal best of one player's scores on one chart; None without any.

        Raises Impossible where a score has an unknown ENUM.
        """

        def finish(score_data: dict[str, object]) -> tuple[dict[str, object], Ratings]:
            optional = section(score_data, "optional")
            score_data["enumIndexes"] = self.enum_indexes(score_data)
            score_data["optional"] = {**optional, "enumIndexes": {}}
            return score_data, self.rate(score_data, chart)

        return merge(
            scores, (self.default_metric, self.base_name), self.mergers, finish
        )

    def rank_key(self, score_data: ScoreData) -> tuple[float, float, float]:
        """What bests on a chart are ranked by before time; larger is better.

        Raises Impossible where that is not a finite number.
        """
        values = []
        for path in self.ranked_by or (self.default_metric,):
            value = value_at(score_data, path)
            if not is_finite(value):
                raise _not_finite(path)
            values.append(value)
        first, second, third = (*values, 0, 0)[:3]
        return first, second, third

    def session_ratings_of(self, ratings: Sequence[Ratings]) -> dict[str, float | None]:
        """The ratings of a session whose scores have these ratings."""
        return {
            name: rating.calculate(
                each[self.rating_position[rating.rating]] for each in ratings
            )
            for name, rating in self.session_ratings.items()
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


def _stored(value: str | float) -> str | float:
    return value if isinstance(value, str) else whole(value)


def _not_finite(name: str) -> Impossible:
    return Impossible("value-not-finite", f"{name} would not be a finite number.")
