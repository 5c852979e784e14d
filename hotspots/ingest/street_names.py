"""One spelling for one street: the standard of USPS Publication 28, as far as a street name alone tells."""

import re
import unicodedata
from functools import lru_cache

DIRECTIONS = {
    "NORTH": "N", "SOUTH": "S", "EAST": "E", "WEST": "W",
    "NORTHEAST": "NE", "NORTHWEST": "NW", "SOUTHEAST": "SE", "SOUTHWEST": "SW",
    "NO": "N", "SO": "S",
    "NORTHBOUND": "N", "SOUTHBOUND": "S", "EASTBOUND": "E", "WESTBOUND": "W", "NB": "N", "SB": "S", "EB": "E", "WB": "W",
}  # fmt: skip
DIRECTIONALS = frozenset(DIRECTIONS.values())

# Standard abbreviation: the word itself, then other spellings in use (Publication 28, appendix C1, and what
# dispatch systems write).
_SUFFIXES = """
ALY ALLEY ALLEE ALLY   ANX ANNEX ANEX ANNX   ARC ARCADE   AVE AVENUE AV AVEN AVENU AVN AVNUE   BYU BAYOU BAYOO
BCH BEACH   BND BEND   BLF BLUFF BLUF   BTM BOTTOM BOT BOTTM   BLVD BOULEVARD BLV BOUL BOULV BVD BV BL   BR BRANCH BRNCH
BRG BRIDGE BRDGE   BRK BROOK   BYP BYPASS BYPA BYPAS BYPS   CP CAMP CMP   CYN CANYON CANYN CNYN   CPE CAPE
CSWY CAUSEWAY CAUSWA   CTR CENTER CEN CENT CENTR CENTRE CNTER CNTR   CIR CIRCLE CIRC CIRCL CRCL CRCLE   CLF CLIFF
CLB CLUB   CMN COMMON   CMNS COMMONS   COR CORNER   CRSE COURSE   CT COURT CRT   CTS COURTS   CV COVE   CRK CREEK
CRES CRESCENT CRSENT CRSNT   CRST CREST   XING CROSSING CRSSNG CROSSNG   XRD CROSSROAD   CURV CURVE   DL DALE   DM DAM
DV DIVIDE DIV DVD   DR DRIVE DRIV DRV   EST ESTATE   ESTS ESTATES   EXPY EXPRESSWAY EXP EXPR EXPRESS EXPW
EXT EXTENSION EXTN EXTNSN   FLS FALLS   FRY FERRY FRRY   FLD FIELD   FLDS FIELDS   FLT FLAT   FRD FORD   FRST FOREST
FRG FORGE FORG   FRK FORK   FRKS FORKS   FWY FREEWAY FREEWY FRWAY FRWY   GDN GARDEN GARDN GRDEN GRDN
GDNS GARDENS GRDNS   GTWY GATEWAY GATEWY GATWAY GTWAY   GLN GLEN   GRN GREEN   GRV GROVE GROV
HBR HARBOR HARB HARBR HRBOR   HVN HAVEN   HTS HEIGHTS HT   HWY HIGHWAY HIGHWY HIWAY HIWY HWAY HY   HL HILL   HLS HILLS
HOLW HOLLOW HLLW HOLWS   INLT INLET   IS ISLAND ISLND   ISLE ISLES   JCT JUNCTION JCTION JCTN JUNCTN JUNCTON   KY KEY
KNL KNOLL KNOL   LK LAKE   LNDG LANDING LNDNG   LN LANE LA   LGT LIGHT   LF LOAF   LCK LOCK   LDG LODGE LDGE LODG
LOOP LOOPS   MALL MALLS   MNR MANOR   MDW MEADOW   MDWS MEADOWS MEDOWS   MEWS MEWS   ML MILL   MLS MILLS
MTWY MOTORWAY   MT MOUNT MNT   MTN MOUNTAIN MNTAIN MNTN MOUNTIN MTIN   NCK NECK   ORCH ORCHARD ORCHRD   OVAL OVL
OPAS OVERPASS   PARK PK PRK   PKWY PARKWAY PARKWY PKWAY PKY   PASS PASSES   PSGE PASSAGE   PATH PATHS   PIKE PIKES
PL PLACE PLC   PLN PLAIN   PLNS PLAINS   PLZ PLAZA PLZA   PT POINT   PTS POINTS   PRT PORT   PR PRAIRIE PRR
RADL RADIAL RAD RADIEL   RAMP RAMPS   RNCH RANCH RANCHES RNCHS   RPD RAPID   RST REST   RDG RIDGE RDGE
RIV RIVER RVR RIVR   RD ROAD   RTE ROUTE RT   ROW ROWS   RUN RUNS   SHL SHOAL   SHR SHORE SHOAR   SKWY SKYWAY
SPG SPRING SPNG SPRNG   SPGS SPRINGS SPNGS SPRNGS   SPUR SPURS   SQ SQUARE SQR SQRE SQU   STA STATION STATN STN
STRA STRAVENUE STRAV   STRM STREAM STREME   ST STREET STR STRT   SMT SUMMIT SUMIT SUMITT   TER TERRACE TERR TE
TRWY THROUGHWAY   TRCE TRACE   TRAK TRACK TRK   TRFY TRAFFICWAY   TRL TRAIL TR   TUNL TUNNEL TUNEL TUNNL
TPKE TURNPIKE TRNPK TURNPK   UPAS UNDERPASS   UN UNION   VLY VALLEY VALLY VLLY   VIA VIADUCT VDCT VIADCT   VW VIEW
VLG VILLAGE VILL VILLAG VILLG   VL VILLE   VIS VISTA VIST VST VSTA   WALK WALKS   WALL WALLS   WAY WY   WAYS WAYES
WL WELL   WLS WELLS
"""
_ENTRIES = [entry.split() for entry in re.split(r"\s{2,}|\n", _SUFFIXES.strip())]
SUFFIXES = {word: entry[0] for entry in _ENTRIES for word in entry}
# Inside a name a suffix is spelled out ("LOCUST LANE CT"), but only where it cannot be another word (LA, DR, IS, VIA).
_SUFFIX_WORDS = {entry[0]: entry[1] for entry in _ENTRIES}
_SPELLED_OUT = {
    short: _SUFFIX_WORDS[short]
    for short in [
        *["AVE", "BLVD", "CIR", "CT", "CTR", "GDNS", "HTS", "HWY", "LN", "MT", "MTN", "PKWY", "PL", "PLZ", "RD", "RDG"],
        *["SPGS", "SQ", "TER", "TRL", "VLY", "VW", "XING"],
    ]
} | {"AV": "AVENUE", "FT": "FORT"}

# "5 ST" is 5TH ST, but "250 BYPASS" stays
_AFTER_NUMBERS = frozenset(["ST", "AVE", "BLVD", "CIR", "CT", "DR", "LN", "PKWY", "PL", "RD", "TER", "WAY"])

_TENS = ["TWENTY", "THIRTY", "FORTY", "FIFTY", "SIXTY", "SEVENTY", "EIGHTY", "NINETY"]
_ONES = ["FIRST", "SECOND", "THIRD", "FOURTH", "FIFTH", "SIXTH", "SEVENTH", "EIGHTH", "NINTH"]
_TEENS = ["TENTH", "ELEVENTH", "TWELFTH", "THIRTEENTH", "FOURTEENTH", "FIFTEENTH", "SIXTEENTH", "SEVENTEENTH"]
_ORDINALS = {word: number for number, word in enumerate([*_ONES, *_TEENS, "EIGHTEENTH", "NINETEENTH"], start=1)}
_ORDINALS |= {tens[:-1] + "IETH": 10 * number for number, tens in enumerate(_TENS, start=2)}
_COMPOUND_TENS = {tens: 10 * number for number, tens in enumerate(_TENS, start=2)}

# Without NE and WY, which are also a direction and WAY
_STATES = (
    "AL|AK|AZ|AR|CA|CO|CT|DE|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NV|NH|NJ|NM|NY|NC|ND|OH|OK|OR|PA"
    "|RI|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI"
)
_WAY = r"(?:HWY|HIGHWAY|HIWAY|HY|ROUTE|RTE|RT|ROAD|RD)"
_NUMBERED = [
    (re.compile(rf"^(?:INTERSTATE|IH?)(?: {_WAY})? (\d+[A-Z]?)(?: {_WAY})?\b"), r"INTERSTATE \1"),
    (re.compile(rf"^(?:US|U S)(?: {_WAY})? (\d+[A-Z]?)(?: {_WAY})?\b"), r"US HIGHWAY \1"),
    (re.compile(rf"^(?:(?:STATE|ST) {_WAY}|SR|SH|STHY) (\d+[A-Z]?)\b"), r"STATE HIGHWAY \1"),
    (re.compile(rf"^(?:(?:COUNTY|CO|CNTY) {_WAY}|CR) (\d+[A-Z]?)\b"), r"COUNTY ROAD \1"),
    (re.compile(rf"^({_STATES}|NE|WY) {_WAY} (\d+[A-Z]?)\b"), r"\1 HIGHWAY \2"),
    (re.compile(rf"^({_STATES}) (\d+[A-Z]?)(?: {_WAY})?\b"), r"\1 HIGHWAY \2"),
    (re.compile(rf"^K(?: {_WAY})? (\d+)(?: {_WAY})?\b"), r"KS HIGHWAY \1"),
    (re.compile(r"^(?:HWY|HIGHWAY|HIWAY|HY|ROUTE|RTE|RT) (\d+[A-Z]?)\b"), r"HIGHWAY \1"),
]
_KING = re.compile(
    r"\b(?:(?:DR|DOCTOR|REV|REVEREND) )?(?:(?:MARTIN (?:LUTHER|LUTH|L)|M L|ML) K(?:I|IN|ING)?|MLK)(?: (?:JR|JUNIOR))?\b"
)
_NOT_IN_NAMES = re.compile(r"(?<!\d)/|/(?!\d)|[^A-Z0-9/ ]")
_ORDINAL_NUMBER = re.compile(r"\b(\d+) ?(?:ST|ND|RD|TH)\b(?= |$)")


@lru_cache(maxsize=200_000)
def normalize_street(text: str) -> str:
    """The standard form of a street's name: "North Maple Avenue" → "N MAPLE AVE".

    Directionals and the suffix are abbreviated, but only where they are that: "NORTH ST", "AVENUE B", "PARK PL".
    Saints are SAINT, ordinals are numbers (5TH), highways tell their kind (US HIGHWAY 59). Normalising again
    changes nothing.
    """
    words = _clean(text)
    for pattern, form in _NUMBERED:
        numbered, found = pattern.subn(form, words)
        if found:
            return _with_directions(numbered.split(), is_highway=True)
    return _with_directions(_with_ordinals(words).split())


def _clean(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().upper()
    plain = plain.replace("'", "").replace("`", "").replace("&", " AND ")
    plain = re.sub(r"\b([NSEW])\.([NSEW])\.?(?= |$)", r"\1\2", plain)
    plain = " ".join(_NOT_IN_NAMES.sub(" ", plain.replace("U.S.", "US ")).split())
    return _KING.sub("MARTIN LUTHER KING JR", plain)


def _with_ordinals(words: str) -> str:
    """FIFTH, 5 TH and 5ST are 5TH; TWENTY FIRST is 21ST."""
    tokens: list[str] = []
    for word in words.split():
        number = _ORDINALS.get(word)
        if number and number < 10 and tokens and tokens[-1] in _COMPOUND_TENS:
            number += _COMPOUND_TENS[tokens.pop()]
        tokens.append(_ordinal(number) if number else word)
    return _ORDINAL_NUMBER.sub(_mended_ordinal, " ".join(tokens))


def _mended_ordinal(found: re.Match[str]) -> str:
    # "5 ST" is a number and a suffix; "5 TH" is one ordinal; "5ST" a slip for 5TH.
    if " " in found[0] and not found[0].endswith("TH"):
        return found[0]
    return _ordinal(int(found[1]))


def _ordinal(number: int) -> str:
    ending = "TH" if number % 100 in (11, 12, 13) else {1: "ST", 2: "ND", 3: "RD"}.get(number % 10, "TH")
    return f"{number}{ending}"


def _with_directions(tokens: list[str], *, is_highway: bool = False) -> str:
    before, tokens = _leading_direction(tokens)
    after: list[str] = []
    if len(tokens) > 1 and (tokens[-1] in DIRECTIONS or tokens[-1] in DIRECTIONALS):
        direction = DIRECTIONS.get(tokens[-1], tokens[-1])
        is_letter_street = len(tokens) == 2 and tokens[0] in SUFFIXES
        tokens, after = ([tokens[0], direction], []) if is_letter_street else (tokens[:-1], [direction])
    return " ".join(before + (tokens if is_highway else _name_and_suffix(tokens)) + after)


def _leading_direction(tokens: list[str]) -> tuple[list[str], list[str]]:
    """The directional in front, where a name is left behind it: not in NORTH ST, but in W SOUTH ST."""
    if len(tokens) > 3 or (len(tokens) == 3 and tokens[2] not in SUFFIXES):
        pair = DIRECTIONS.get(tokens[0], tokens[0]) + DIRECTIONS.get(tokens[1], tokens[1])
        if pair in DIRECTIONALS:
            return [pair], tokens[2:]
    if len(tokens) < 2 or (tokens[0] not in DIRECTIONS and tokens[0] not in DIRECTIONALS):
        return [], tokens
    name_follows = len(tokens) > 2 or tokens[1] not in SUFFIXES
    return ([DIRECTIONS.get(tokens[0], tokens[0])], tokens[1:]) if name_follows else ([], tokens)


def _name_and_suffix(tokens: list[str]) -> list[str]:
    if len(tokens) == 2 and tokens[0] in SUFFIXES and re.fullmatch(r"[A-Z]|\d+", tokens[1]):
        return [_SUFFIX_WORDS[SUFFIXES[tokens[0]]], tokens[1]]  # AVENUE B
    if len(tokens) < 2:
        return tokens
    *name, last = tokens
    suffix = [SUFFIXES[last]] if last in SUFFIXES else [_SPELLED_OUT.get(last, last)]
    if suffix[0] in _AFTER_NUMBERS and len(name) == 1 and name[0].isdigit():
        name = [_ordinal(int(name[0]))]
    spelled = [
        _spelled_out(word, position, name, is_before_suffix=last in SUFFIXES) for position, word in enumerate(name)
    ]
    return spelled + suffix


def _spelled_out(word: str, position: int, name: list[str], *, is_before_suffix: bool) -> str:
    is_last = position == len(name) - 1
    if word == "ST":
        return "STREET" if position and is_last and is_before_suffix else "SAINT"
    if word == "DR" and position and is_last and is_before_suffix:
        return "DRIVE"
    return _SPELLED_OUT.get(word, word)
