"""Which passwords are refused: known ones, in any of their usual disguises. No composition rules.

Lists of breached passwords are mostly a few hundred words with digits and marks around them, so
a password is undressed (case, look-alike characters, digits, marks, runs) before it is compared.
"""

import re
import unicodedata
from functools import cache
from importlib.resources import files

_LOOK_ALIKES = str.maketrans(
    {"@": "a", "4": "a", "3": "e", "1": "i", "!": "i", "0": "o", "$": "s", "5": "s", "7": "t"}
)
_RUNS = (
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "1q2w3e4r5t6y7u8i9o0p",
)
_RUN_CHARS = 4  # shorter pieces of the alphabet occur in ordinary words
_MINIMUM_REST = 4
_MINIMUM_DISTINCT = 5
_MINIMUM_LOCAL_PART = 4
_NOT_LETTERS = re.compile(r"[\W\d_]+")


def weakness(password: str, email: str) -> str | None:
    """Return why a password is refused, or None."""
    folded = unicodedata.normalize("NFKC", password).casefold()
    if len(set(folded)) < _MINIMUM_DISTINCT:
        return "It repeats too few characters."
    local_part = email.partition("@")[0].casefold()
    if email.casefold() in folded or (
        len(local_part) >= _MINIMUM_LOCAL_PART and local_part in folded
    ):
        return "It contains your e-mail address."
    if any(_is_known(shape) for shape in (folded, folded.translate(_LOOK_ALIKES))):
        return "It is among the passwords attackers try first."
    return None


@cache
def known_words() -> tuple[str, ...]:
    """Return the words of known passwords, longest first."""
    text = files("ct_auth").joinpath("data/known_passwords.txt").read_text("utf-8")
    return tuple(sorted({line for line in text.split() if line}, key=len, reverse=True))


def _is_known(shape: str) -> bool:
    """Say whether nothing of substance is left without runs, at most two known words, and marks."""
    rest = _without_runs(shape)
    removed = 0
    for word in known_words():
        if word in rest:
            rest = rest.replace(word, " ")
            removed += 1
            if removed > 2:
                return False
    return len(_NOT_LETTERS.sub("", rest)) < _MINIMUM_REST


def _without_runs(text: str) -> str:
    for row in _RUNS:
        for run in (row, row[::-1]):
            for length in range(len(run), _RUN_CHARS - 1, -1):
                for start in range(len(run) - length + 1):
                    text = text.replace(run[start : start + length], " ")
    return text
