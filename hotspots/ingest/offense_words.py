"""What the words of an offense suggest as its NIBRS code: a start for a mapping, for somebody to check."""

import re

# What the words of an offense suggest, the more special first.
OFFENSE_WORDS = [
    (re.compile(pattern), code)
    for pattern, code in (
        (r"justif", "09C"), (r"homicide|murder|manslaught", "09A"), (r"kidnap|abduct|false impris", "100"),
        (r"statutory", "36B"), (r"incest", "36A"), (r"sodomy", "11B"), (r"\brape\b", "11A"),
        (r"fondl|molest|sex.*(abuse|battery|misconduct)|indecent liberties", "11D"), (r"traffick", "64A"),
        (r"robbery|carjack", "120"), (r"agg\w*\W*.*(assault|asslt|batt)|assault.*agg|assault.*(weapon|firearm|knife)", "13A"),
        (r"intimidat|threat|stalk|harass", "13C"), (r"assault|battery", "13B"), (r"arson", "200"), (r"extort|blackmail", "210"),
        (r"burgl|break.*enter|b ?& ?e\b", "220"), (r"pocket", "23A"), (r"purse", "23B"), (r"shop ?lif", "23C"),
        (r"(from|of).*(motor|mtr|auto|veh).*part|veh.*parts", "23G"), (r"(from|frm).*(motor|mtr|auto|veh)|vehicle break", "23F"),
        (r"(auto|vehicle|mv|motor\w*).*theft|stolen veh|theft of (motor )?veh|unauthorized use.*veh", "240"),
        (r"from build|from bldg", "23D"), (r"coin", "23E"), (r"identity", "26F"), (r"credit|atm\b", "26B"),
        (r"impersonat", "26C"),
        (r"forg|counterf", "250"), (r"bad check|worthless", "90A"), (r"embezz", "270"), (r"hack|computer", "26G"),
        (r"fraud|deceit|swindle|false pret", "26A"), (r"stolen prop|receiving", "280"), (r"larc|theft|steal|stlg", "23H"),
        (r"vandal|destruct|damage|mischief|graffiti", "290"), (r"parapher|drug equip", "35B"),
        (r"drug|narcot|marij|cocaine|heroin|meth\b|controlled sub", "35A"), (r"promot.*prostit|pimp|pander", "40B"),
        (r"patroni|solicit.*prostit", "40C"), (r"prostit", "40A"), (r"gambl|betting", "39A"), (r"porn|obscen", "370"),
        (r"weapon|firearm|gun\b|shots fired|wpn", "520"), (r"animal cruel", "720"), (r"curfew|loiter|vagran", "90B"),
        (r"\bdu?i\b|dwi|driving (under|while)", "90D"), (r"drunk|intoxic", "90E"), (r"liquor|alcohol", "90G"),
        (r"trespass", "90J"),
        (r"peep", "90H"), (r"child (neglect|endanger|abuse)|family", "90F"),
        (r"disorder|disturb|indecent exp|expos|affray", "90C"),
        (r"runaway", "90I"), (r"bribe", "510"), (r"perjur", "90M"), (r"fail\w* to appear", "90K"),
    )
]  # fmt: skip


def guess_offense(words: str) -> str:
    """The NIBRS code that the words of an offense suggest; empty where they suggest none."""
    lower = words.lower()
    return next((code for pattern, code in OFFENSE_WORDS if pattern.search(lower)), "")
