"""The normal form of labels and headers, and which of them are spellings of one name."""

import re
import unicodedata
from collections.abc import Iterable

_INVISIBLE = "\u200b\u200e\u200f\u2060\ufeff"
BLANKS = "".join(filter(str.isspace, map(chr, range(0x3001)))) + _INVISIBLE
"""What is not to be seen of a text: Unicode's white space, and characters without width."""

_QUOTATION_MARKS = "\"'\u201c\u201d\u2018\u2019"
_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.0+)?", re.ASCII)
_FRACTION_OF_ZEROS = re.compile(r"[+-]?[0-9]+\.0+", re.ASCII)


def normal_name(text: str) -> str:
    """Composed letters (Unicode's NFC), and no blanks or invisible characters around them."""
    return unicodedata.normalize("NFC", text).strip(BLANKS)


def normal_label(text: str) -> str:
    """The normal form of a label that is text: that of a name, and a whole number without a fraction."""
    name = normal_name(text)
    return str(int(name.partition(".")[0])) if _FRACTION_OF_ZEROS.fullmatch(name) else name


def whole(text: str) -> int | None:
    """The whole number that a text is: digits, with or without a sign, and a fraction of zeros at most."""
    return int(text.partition(".")[0]) if _WHOLE_NUMBER.fullmatch(text) else None


def two_spellings(names: Iterable[str]) -> tuple[str, str] | None:
    """The first two different names of one spelling: case, blanks, quotation marks and zeros in front aside."""
    first: dict[str, str] = {}
    for name in names:
        if (other := first.setdefault(_spelling(name), name)) != name:
            return other, name
    return None


def same_but_spelling(name: str, names: Iterable[str]) -> str | None:
    """The one of ``names`` that is ``name`` in another spelling."""
    return next((other for other in names if _spelling(other) == _spelling(name)), None)


def _spelling(name: str) -> str:
    """What all spellings of a name have in common."""
    if (number := whole(name)) is not None:
        return str(number)
    visible = name.translate(dict.fromkeys(map(ord, _INVISIBLE))).strip(_QUOTATION_MARKS)
    return " ".join(unicodedata.normalize("NFC", visible.casefold()).split())
