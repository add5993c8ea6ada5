import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scores.models import Song
from scores.seeds.identifiers import song_identifiers
from scores.seeds.titles import LONGEST, fold, plain_title, plain_titles, wide_title

TITLES = st.text(max_size=12) | st.text(
    "aA ~\u301c\uff5eＡ♥?\u0301\u0345ßẞİ,", max_size=9
)


@given(TITLES)
@example("\u24be\u0307")
@example("\u0345\u0616\u2665")
@example("\u0613\u2665\u1ce2")
def test_each_comparison_is_coarser_than_the_one_before_and_final(title):
    wide, plain = wide_title(title), plain_title(title)
    assert wide_title(fold(title)) == wide
    assert (wide and wide_title(wide)) == wide
    assert (wide and plain_title(wide)) == plain
    assert (plain and plain_title(plain)) == plain
    assert plain is None or plain in plain_titles(title)


@pytest.mark.parametrize(
    ("title", "wide"),
    [
        ("  Two \u3000 Words\u00a0", "two words"),
        ("ＡＢＣ１２３！", "abc123!"),
        ("ｶﾞﾗｽ", "ガラス"),
        ("a \u301c b \uff5e c ~", "a ~ b ~ c ~"),
        ("Röyal", "röyal"),
        ("Cafe\u0301", "café"),
        ("Straẞe", "straße"),
        ("Love♥", "love♥"),
        (" \u3000\t", None),
        ("", None),
        ("\ufdfa" * LONGEST, None),
        (" " * LONGEST + "a", None),
    ],
)
def test_a_wide_title_is_the_same_letters(title, wide):
    assert wide_title(title) == wide


def test_a_song_has_coarser_titles_where_they_are_others():
    song = Song(title="Love♥ Ｘ", alt_titles=["love♥ x", "Plain", "♥", "\u3000"])
    assert song_identifiers(song) == [
        ("title", "love♥ ｘ"),
        ("title", "love♥ x"),
        ("title", "plain"),
        ("title", "♥"),
        ("title", "\u3000"),
        ("plainTitle", "love x"),
        ("plainTitle", "love? x"),
        ("plainTitle", "?"),
    ]
