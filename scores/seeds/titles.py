"""Titles, and artists, as they are compared: each way is coarser than the one before.

`fold` is how the original compares them. `wide_title` is for people, who trim, copy and
type: it stands for the same letters, written in another way. `plain_title` is for the
files of official sites, which cannot spell every letter and leave some out.

What is equal in one way is equal in all that follow, and each way makes of its own
result the same again: so a title that has been made plainer once is still found.
"""

import unicodedata

#: Nothing that is longer is a name, and an index takes no longer ones. A title of 500
#: characters may be a few thousand once its ligatures are taken apart.
LONGEST = 500

_TILDES = str.maketrans({"\u301c": "~", "\uff5e": "~"})
_ACCENTS = dict.fromkeys(range(0x300, 0x370))
_PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "ı": "i"}
)


def fold(title: str) -> str:
    """The title with case ignored one character to one: "ß" does not become "ss".

    Unicode's simple case folding, as in JavaScript's regular expressions (flags
    "iu"): the length never changes, "ẞ" becomes "ß", and "İ" stays itself.
    """
    folded = title.casefold()
    if len(folded) == len(title):
        return folded
    return "".join(map(_fold_character, title))


def wide_title(title: str) -> str | None:
    """The title without case, width and spare spaces; None where nothing is left.

    That is NFKC, folded, trimmed, with single spaces, and the wave dash, the full-width
    tilde and "~" alike.
    """
    if len(title) > LONGEST:
        return None
    title = fold(title)
    if not title.isascii():
        title = _composed(fold(_composed(title))).translate(_TILDES)
    wide = " ".join(title.split())
    return wide if 0 < len(wide) <= LONGEST else None


def plain_title(title: str) -> str | None:
    """The wide title without accents and signs, too; None where nothing is left.

    A question mark stays what it is. Voiced kana stay voiced: those marks tell words
    apart. A wide comma stands for a comma and the space after it.
    """
    wide = wide_title(title)
    return wide and _plain(wide, "")


def plain_titles(stored: str) -> list[str]:
    """Under which plain titles a stored title may be asked for.

    That is `plain_title`, and the one in which each of its signs (hearts, stars, notes)
    is a question mark, which some sites write for what they cannot.
    """
    wide = wide_title(stored)
    plain = [_plain(wide, sign) for sign in ("", "?")] if wide else []
    return [each for each in plain if each]


def _fold_character(character: str) -> str:
    for folded in (character.casefold(), character.lower()):
        if len(folded) == 1:
            return folded
    return character


def _composed(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _plain(wide: str, sign: str) -> str | None:
    title = wide
    if not title.isascii():
        apart = unicodedata.normalize("NFKD", title).translate(_ACCENTS)
        said = [
            sign if unicodedata.category(each) == "So" else each
            for each in unicodedata.normalize("NFC", apart)
        ]
        title = unicodedata.normalize("NFC", "".join(said))
    title = " ".join(title.casefold().translate(_PLAIN).split()).replace(", ", ",")
    return title if 0 < len(title) <= LONGEST else None
