"""No text takes longer to look at than its length says."""

import pytest

from imports.matching import MATCH_TYPES, Name, match
from imports.models import Import, State
from scores.games import GAMES
from tests.attacks.limits import LINEAR, cpu_limit, growth
from tests.attacks.players import Player
from tests.attacks.queued import accept, work_on
from tests.expressions import address_patterns, expressions
from tests.factories import NOON, document, make_user, play

DIGITS = "1" * 60_000 + "x"
BOMBS = {
    "digits and an x": lambda n: "1" * n + "x",
    "zeros and an x": lambda n: "0" * n + "x",
    "a fraction and an x": lambda n: "1." + "1" * n + "x",
    "points": lambda n: "." * n,
    "digits and points": lambda n: "1." * n,
    "an exponent and an x": lambda n: "1e" + "1" * n + "x",
    "exponents": lambda n: "e-1" * n,
    "numbers with exponents": lambda n: "1e-1" * n,
    "signs": lambda n: "-" * n + "1",
    "hexadecimal digits and a g": lambda n: "0x" + "f" * n + "g",
    "spaces and an x": lambda n: " " * n + "x",
    "spaces around an x": lambda n: " " * n + "x" + " " * n,
    "lines": lambda n: "\n" * n + "x",
    "backslashes": lambda n: "\\" * n,
    "backslashes before no NUL": lambda n: "\\" * n + "u0001",
    "an odd number of backslashes before NUL": lambda n: "\\" * (2 * n) + "u0000",
    "escapes that are no NUL": lambda n: "\\u000" * n,
    "letters and a sign": lambda n: "a" * n + "!",
    "slashes": lambda n: "/" * n,
    "segments": lambda n: "/a" * n + "\n",
    "wide letters": lambda n: "\u0130\u1e9e\ufb03" * n,
}
EXPRESSIONS = expressions()
ADDRESSES = address_patterns()
each_bomb = pytest.mark.parametrize("bomb", BOMBS)


@pytest.fixture
def player(settings, db):
    settings.RATE_LIMITS = False
    return Player()


def test_the_expressions_of_the_product_are_found():
    found = {each.pattern for each in EXPRESSIONS}
    assert len(found) > 8
    assert any(isinstance(pattern, bytes) for pattern in found)
    assert len(ADDRESSES) > 50


@pytest.mark.slow  # and the times of a busy machine are no measure
@each_bomb
@pytest.mark.parametrize("expression", EXPRESSIONS, ids=str)
def test_an_expression_takes_time_in_proportion_to_its_input(expression, bomb):
    with cpu_limit(8):
        assert growth(expression.apply, BOMBS[bomb]) < LINEAR


@pytest.mark.slow  # and the times of a busy machine are no measure
@each_bomb
def test_finding_an_address_takes_time_in_proportion_to_it(bomb):
    def apply_all(text):
        for apply in ADDRESSES.values():
            apply(text)

    with cpu_limit(8):
        assert growth(apply_all, BOMBS[bomb]) < LINEAR


def game_with(match_type):
    """A game and playtype that names charts in this way."""
    return next(game for game in GAMES.values() if match_type in game.match_types)


def named(match_type, *identifiers):
    """A document that names charts in this way, and is right but for these names."""
    game = game_with(match_type)
    bad = play(0, lamp=None)
    rows = [
        {**bad, "matchType": match_type, "identifier": each} for each in identifiers
    ]
    return document(*rows, game=game.name, playtype=game.playtype)


@pytest.mark.django_db
@each_bomb
@pytest.mark.parametrize("match_type", MATCH_TYPES)
def test_an_identifier_is_looked_up_in_time(match_type, bomb):
    game = game_with(match_type)
    names = [Name(match_type, BOMBS[bomb](60_000), "EXH")]
    with cpu_limit(2):
        [found] = match(game, None, names)
    assert found.message


@pytest.mark.django_db
def test_60000_digits_and_an_x_are_refused_at_once(player, settings):
    settings.IMPORT_INLINE = True
    sent = document({**play(1, time=NOON), "matchType": "sdvxInGameID"})
    sent["scores"][0]["identifier"] = DIGITS
    for send in (player.upload, player.submit):
        with cpu_limit(2):
            answer = send(sent)
        assert answer.status_code == 400, answer.content[:300]
        assert len(answer.json()["description"]) <= 2_000
        assert "identifier" in answer.json()["description"]


@pytest.mark.django_db(transaction=True)
def test_60000_digits_and_an_x_keep_no_worker():
    sent = document({**play(1, time=NOON), "matchType": "sdvxInGameID"})
    sent["scores"][0]["identifier"] = DIGITS
    import_ = accept(make_user(), sent)
    with cpu_limit(2):
        work_on(import_)
    import_.refresh_from_db()
    assert (import_.state, import_.error_status) == (State.FAILED, 400)


@pytest.mark.django_db
def test_two_thousand_longest_identifiers_keep_nobody(player, settings):
    """1,000 characters each: within every bound, 2 MB together."""
    settings.IMPORT_INLINE = True
    row = {**play(1, time=NOON), "matchType": "sdvxInGameID"}
    rows = [{**row, "identifier": f"{n:04}" + "1" * 995 + "x"} for n in range(2_000)]
    with cpu_limit(10):
        answer = player.upload(document(*rows))
    assert answer.status_code == 200, answer.content[:300]
    assert Import.objects.get().counts["orphaned"] == 2_000
