"""How easy a letter reads: the Flesch–Kincaid grade for English, INFLESZ for Spanish.

Only running text counts: a line that ends without a stop (a heading, a label, a signature) is no sentence. Addresses of the
web and of e-mail and whatever has digits are no words.

Sources: Kincaid, Fishburne, Rogers and Chissom (1975), Navy Research Branch Report 8-75; Szigriszt Pazos (1993) with the scale
INFLESZ of Barrio Cantalejo (2008); Fernández Huerta (1959).

Error: Spanish syllables follow from spelling, but for foreign names and prefixes. English ones do not; they are counted by
groups of vowels, corrected for silent and for separate vowels, and by hyphenation where that finds more, so that the grade is
an estimate. The rules were fitted to the hand-counted words of `tests/unit/notices/test_readability.py`; how often they are
wrong on other words was not measured.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

MOST_GRADE = 8.0
LEAST_EASE = 55.0  # INFLESZ: from here on “normal”

STOPS = ".!?:"
ABBREVIATED = re.compile(
    r"\b(a|p)\. ?m\.|\b(Sgt|Lt|Cpt|Capt|Det|Ofc|Mr|Mrs|Ms|Dr|St|Ave|Sr|Sra|Srta|Dra|Ud|Uds)\.", re.IGNORECASE
)
NOT_WORDS = re.compile(r"\S*(?:@|www\.|://|\w\.\w{2,})\S*|\S*\d\S*")
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
SENTENCE_END = re.compile(r"[.!?:]+(?=\s|$)")


@dataclass(frozen=True)
class Reading:
    language: str
    words: int
    sentences: int
    syllables: int

    @property
    def grade(self) -> float:
        """Flesch–Kincaid: the school year of the United States that reads it with ease. English only."""
        if not self.words:
            return 0.0
        return 0.39 * self.words / self.sentences + 11.8 * self.syllables / self.words - 15.59

    @property
    def ease(self) -> float:
        """INFLESZ, from 0 (hard) to 100 (easy). Spanish only."""
        if not self.words:
            return 100.0
        return 206.835 - 62.3 * self.syllables / self.words - self.words / self.sentences

    @property
    def huerta(self) -> float:
        """Fernández Huerta, who counts sentences of the same text in another way; 60 to 70 are grades 7 and 8."""
        if not self.words:
            return 100.0
        return 206.84 - 60 * self.syllables / self.words - 1.02 * self.words / self.sentences

    @property
    def is_plain(self) -> bool:
        if self.language == "es":
            return self.ease >= LEAST_EASE
        return self.grade <= MOST_GRADE

    def __str__(self) -> str:
        if not self.words:
            return _("Nothing to measure yet")
        if self.language == "es":
            return _("INFLESZ %(ease)d: %(words)s") % {"ease": round(self.ease), "words": _scale(self.ease)}
        return _("Grade %(grade).1f") % {"grade": max(self.grade, 0.0)}


def measure(text: str, language: str) -> Reading:
    """Of plain text, a paragraph a line, as `fields.plain` makes it."""
    words: list[str] = []
    sentences = 0
    for line in text.splitlines():
        line = ABBREVIATED.sub(lambda match: match[0].replace(".", ""), line.strip())
        if not line or line[-1] not in STOPS:
            continue
        for sentence in SENTENCE_END.split(line):
            found = WORD.findall(NOT_WORDS.sub(" ", sentence))
            words += found
            sentences += bool(found)
    count = syllables_es if language == "es" else syllables_en
    return Reading(language, len(words), sentences, sum(count(word.lower()) for word in words))


def _scale(ease: float) -> str:
    """The words of INFLESZ."""
    steps = [(80, _("very easy")), (65, _("quite easy")), (55, _("normal")), (40, _("somewhat hard"))]
    return next((words for least, words in steps if ease >= least), _("very hard"))


STRONG = "aeoáéó"
SILENT_U = re.compile(r"(?<=q)u(?=[eéií])|(?<=g)u(?=[eéií])")
FINAL_Y = re.compile(r"y(?![aeiouáéíóúü])")
# A vowel with what melts into it: weak vowels beside a strong one, or two weak ones.
NUCLEUS = re.compile(rf"[iuü]?[{STRONG}](?:h?[iuü](?![{STRONG}]))?|[íú]|[iuü]h?[iuüíú]|[iuü]")


@lru_cache(maxsize=4096)
def syllables_es(word: str) -> int:
    """By the rules of Spanish spelling: an accent on í or ú parts it from its neighbor."""
    word = SILENT_U.sub("", word)
    return max(1, len(NUCLEUS.findall(FINAL_Y.sub("i", word))))


VOWELS = re.compile(r"[aeiouy]+")
SEPARATE = [
    re.compile(pattern)
    for pattern in (
        r"(?<![tscgx])i[ao](?!u)",  # ra-di-o, li-ar; not spe-cial, na-tion
        r"(?<=[aeo])ing",  # be-ing, do-ing
        r"(?<=[rd])ea$",  # a-re-a, i-de-a
        r"(?<=r)eas$",
        r"[^aeiouqg]ua",  # ac-tu-al; not qua-, gua-
        r"(?<!q)ui(?=ty|d$|n$)",  # an-nu-i-ty, flu-id
        r"(?:^|[^aeiou])rea(?=[cl]t|ppl)",
        r"(?<=[cr])rea(?=t[eio])",  # cre-ate
        r"io?et|(?<![tc])ie(?=nc|nt|ty)",  # sci-ence, cli-ent, so-ci-e-ty
        r"eo(?!u|p)",  # vid-e-o
        r"(?<=[a-z])iu",
        r"(?<=[^aeiou])[yi]e(?=r$|st$)",
    )
]
SILENT = [
    re.compile(pattern)
    for pattern in (
        r"(?<=[^aeiouyl])e$",  # late
        r"(?<=[aeiouyrw]l)e$",  # whole, while
        r"(?<=[gq])ue$",  # league
        r"(?<=[^aeiouy])e(?=s$)(?<![cgszx]e)(?<![cs]he)",  # lives; not places, watches
        r"(?<=[^aeiouytd])e(?=d$)",  # locked; not wanted
        r"(?<=[^aeiouyl])e(?=(?:ly|ment|ful|less|where|thing|time|body)s?$)",  # safely
        r"(?<=[aeiou][^aeiouy])e(?=(?:how|what|one|place|land|side|line|hold)s?$)",
    )
]


# What the rules get wrong and letters say often.
IRREGULAR = {
    "business": 2, "businesses": 3, "people": 2, "every": 2, "everyone": 3, "everybody": 4, "several": 2,
    "evening": 2, "evenings": 2, "vehicle": 3, "vehicles": 3, "science": 2, "being": 2, "idea": 3, "ideas": 3,
    "area": 3, "areas": 3, "violence": 3, "violation": 4, "something": 2, "sometimes": 2, "someone": 2, "somebody": 3,
    "the": 1, "video": 3, "interpreter": 4, "neighborhood": 3, "neighborhoods": 3, "trial": 2, "quiet": 2, "poem": 2,
    "client": 2, "clients": 2, "society": 4, "creature": 2, "creatures": 2, "museum": 3, "reality": 4, "player": 2,
    "players": 2, "buyer": 2, "buyers": 2, "safety": 2, "eyes": 1, "suite": 1, "theater": 3, "real": 1, "really": 2,
}  # fmt: skip


@lru_cache(maxsize=4096)
def syllables_en(word: str) -> int:
    if "-" in word:
        return sum(syllables_en(part) for part in word.split("-"))
    word = re.sub(r"['’](s|d|ll|ve|re|m|t)?$", "", word.replace("’", "'")).replace("'", "")
    if word in IRREGULAR:
        return IRREGULAR[word]
    groups = len(VOWELS.findall(word))
    groups += sum(len(pattern.findall(word)) for pattern in SEPARATE)
    groups -= sum(len(pattern.findall(word)) for pattern in SILENT)
    return max(1, groups, len(_hyphenated(word)))


def _hyphenated(word: str) -> list[str]:
    return str(_hyphens().inserted(word)).split("-")


@lru_cache(maxsize=1)
def _hyphens() -> Any:
    from pyphen import Pyphen  # reads its patterns from a file: not for plain commands

    return Pyphen(lang="en_US", left=2, right=3)
