"""Titles as official sites and spreadsheets rewrite them, compared more widely.

Letters lose their accents, commas become wide, spaces double or do not break, and signs
(hearts, stars, notes) are left out or become a question mark. Voiced kana stay voiced:
those marks tell words apart.
"""

import unicodedata

_ACCENTS = dict.fromkeys(range(0x300, 0x370))
_PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "ı": "i"}
)


def wide_title(title: str) -> str:
    """The title without case, accents, width, signs and spare spaces; may be empty.

    A question mark stays what it is.
    """
    return _plain(title, "")


def wide_titles(stored: str) -> set[str]:
    """Under which wide titles a stored title may be asked for.

    That is `wide_title`, and the one in which each of its signs is a question mark.
    """
    return {_plain(stored, ""), _plain(stored, "?")}


def _plain(title: str, sign: str) -> str:
    if not title.isascii():
        apart = unicodedata.normalize("NFKD", title).translate(_ACCENTS)
        title = "".join(
            sign if unicodedata.category(each) == "So" else each
            for each in unicodedata.normalize("NFC", apart)
        )
    # A wide comma stands for a comma and the space after it.
    return " ".join(title.casefold().translate(_PLAIN).split()).replace(", ", ",")
