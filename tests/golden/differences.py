"""Where we differ from the recordings on purpose, and why.

Each difference judges mismatches; one that is explained by none fails the test. So
does a recording in which a difference used to be seen that it does not show any more.
"Row" is one of the table in docs/differences.md; "api.md" and
"pipeline.md" are the specification.
"""

from collections.abc import Callable
from dataclasses import dataclass

from tests.golden import judges
from tests.golden.comparison import Mismatch
from tests.golden.judges import Case


@dataclass(frozen=True)
class Difference:
    """`seen_in` are recordings, or the beginnings of their names, that show it."""

    reason: str
    explains: Callable[[Mismatch, Case], bool]
    seen_in: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.explains.__name__


DIFFERENCES = (
    Difference(
        "api.md 7, T40: `_id` leaks from a few writes; clients ignore it",
        judges.leaked_id,
        ("s01", "s02", "s03", "s04", "s05", "s07", "s10", "s12", "s14", "s15", "s21"),
    ),
    Difference(
        "added beside upstream's fields of an import: counts, appendedSessions and the "
        "places of errors",
        judges.added,
        ("s01", "s02", "s03", "s04", "s05", "s06", "s07", "s10", "s12", "s14", "s15"),
    ),
    Difference(
        "row: the first problem of a refused document | all of them, as `errors`",
        judges.all_problems,
        ("s03", "s05", "s09", "s12"),
    ),
    Difference(
        "row: a byte-order mark in JSON is refused | UTF-8 and UTF-16 with it are read",
        judges.mark_is_read,
        ("s09",),
    ),
    Difference(
        "row: a number as `identifier` is refused | its text, as JavaScript prints it",
        judges.number_is_text,
        ("s03",),
    ),
    Difference(
        "row: createdSessions lists the created only, appended ones are beside it",
        judges.listed_apart,
        ("s03", "s05", "s07", "s10", "s12", "s14", "s15", "s19"),
    ),
    Difference(
        "row: no-op class deltas | class = f(rating); a delta only on change",
        judges.no_change,
        ("s03", "s04-ddr", "s05", "s07", "s10", "s12", "s14", "s15", "s19"),
    ),
    Difference(
        "api.md 0: texts may be worded freely, but for the literals of 6.0",
        judges.free_wording,
        ("s09",),
    ),
    Difference(
        "row: bad input is a 500 or internal error | 400, or a rejected row",
        judges.reason_given,
        ("s04-ongeki", "s09"),
    ),
    Difference(
        "row: a version that the game does not have is an error | waits as an orphan",
        judges.version_ahead,
        ("s03",),
    ),
    Difference(
        "row: meta.playtype is needed | a game with one playtype needs none",
        judges.only_playtype,
        ("s03", "s06"),
    ),
    Difference(
        "row: five imports a minute of one address | 60 with one token; others count",
        judges.own_limits,
        ("s01", "s03"),
    ),
    Difference(
        "import-types.md 2.7: a header that infers a time of no score has no effect",
        judges.nothing_to_infer,
        ("s12", "s19"),
    ),
    Difference(
        "row: a class declared for a game without scores is dropped | kept",
        judges.class_without_scores,
        ("s05",),
    ),
    Difference(
        "row: a class is kept (a game-stats row exists when there is a score or a live "
        "class claim); a derived class outlives its rating | class = f(rating)",
        judges.nothing_left,
        ("s07",),
    ),
    Difference(
        "row: notifications are for the user's own session | for his tokens, too",
        judges.notices_by_token,
        ("s05",),
    ),
    Difference(
        "row: poll-status 501 without a worker | always answers from the database",
        judges.polled_without_worker,
        ("s06",),
    ),
    Difference(
        "polling has a rate limit of its own: it is what clients do most",
        judges.polling_has_its_limit,
        ("s19",),
    ),
    Difference(
        "row: progress is always an object with a description, done, total ...",
        judges.progress_is_told,
        ("s19",),
    ),
    Difference(
        "section 5: the bounds of a session are those of its scores, also after some "
        "are gone",
        judges.bounds,
        ("s07", "s10"),
    ),
    Difference(
        "row: a revert removes scores that another import also sent | section 4",
        judges.shared_scores,
        ("s07",),
    ),
    Difference(
        "row: a revert removes shared scores | the next import that sent one owns it",
        judges.other_owner,
        ("s07",),
    ),
    Difference(
        "section 5: what an import created and appended to is computed on read",
        judges.gone_sessions,
        ("s10",),
    ),
    Difference(
        "row: sessions depend on arrival order, never merge or split | section 5",
        judges.two_hours,
        ("s15",),
    ),
    Difference(
        "row: de-orphaned scores have no import | a de-orphaned score is its import's",
        judges.orphans_of_imports,
        ("s16",),
    ),
    Difference(
        "row: an orphan that meets a wrong chart is destroyed | stays, with the reason",
        judges.orphans_that_stay,
        ("s16",),
    ),
    Difference(
        "row: deleting the last score of an import deletes its document | it stays",
        judges.empty_import,
    ),
    Difference(
        "row: personal-best ties undefined | timed, then older, then score_id",
        judges.tie,
        ("s14",),
    ),
    Difference(
        "an orphan keeps a row of a file as its format reads it here",
        judges.orphans_of_files,
        ("s11",),
    ),
    Difference(
        "row: an unknown difficulty in a CSV of SDVX is invalid | an orphan",
        judges.difficulty_ahead,
        ("s11",),
    ),
    Difference("games.md: libm is not V8's", judges.last_bit),
    Difference("goals and quests are not kept here", judges.no_goals),
    Difference("import types that are not read here", judges.absent_type),
    Difference("rivals are not kept here", judges.no_rivals, ("s14",)),
    Difference(
        "row: a second import while one runs: 409 | both run, in order",
        judges.locked,
    ),
    Difference("players of other recordings are ahead", judges.other_players),
    Difference("players of recordings that are not here", judges.elsewhere),
)


def explanation(mismatch: Mismatch, case: Case) -> Difference | None:
    return next((d for d in DIFFERENCES if d.explains(mismatch, case)), None)


def expected_in(name: str) -> list[Difference]:
    """The differences that a recording of this name has to show."""
    return [d for d in DIFFERENCES if name.startswith(tuple(d.seen_in))]
