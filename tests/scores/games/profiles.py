"""A player's profile ratings of a list of bests; the product asks its database."""

from heapq import nlargest

from scores.rules.ratings import RatedBest, rating_over_all


def profile_ratings_of(game, bests):
    """The ratings of a player with these bests (`.ratings`, `.chart`, `.song`)."""
    return {
        name: profile_rating(game, rating, bests)
        for name, rating in game.profile_ratings.items()
    }


def profile_rating(game, rating, bests):
    if rating.over_all:
        return rating_over_all(rating, rated(game, rating.over_all, bests))
    primary = [best for best in bests if best.chart.is_primary]
    return rating.calculate(
        *(
            nlargest(
                source.n,
                (best.value for best in rated(game, source.rating, primary)),
            )
            for source in rating.sources
        )
    )


def rated(game, score_rating, bests):
    at = game.rating_position[score_rating]
    return [
        RatedBest(best.ratings[at], best.chart, best.song)
        for best in bests
        if best.ratings[at] is not None
    ]
