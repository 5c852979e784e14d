import pytest

from hotspots.models import Offense
from hotspots.reference import load_offenses

pytestmark = pytest.mark.django_db

# Group A and B of the NIBRS user manual that local agencies report, by the letters after each number.
GROUP_A = (
    "09A 09B 09C 100 11A 11B 11C 11D 120 13A 13B 13C 200 210 220 23A 23B 23C 23D 23E 23F 23G 23H 240 250 26A 26B 26C 26D 26E"
    " 26F 26G 26H 270 280 290 35A 35B 360 36A 36B 370 39A 39B 39C 39D 40A 40B 40C 510 520 521 522 526 64A 64B 720"
)
GROUP_B = "90A 90B 90C 90D 90E 90F 90G 90H 90I 90J 90K 90L 90M 90Z"


def test_offenses_of_nibrs_are_all_there():
    assert set(f"{GROUP_A} {GROUP_B}".split()) <= set(Offense.objects.values_list("code", flat=True))


def test_loading_again_keeps_what_an_agency_changed():
    Offense.objects.filter(code="220").update(harm_weight=99, victim_sensitive=True)
    Offense.objects.filter(code="90Z").delete()
    assert load_offenses(Offense.objects.all()) == 1
    assert Offense.objects.get(code="220").harm_weight == 99
    assert Offense.objects.filter(code="90Z").exists()


def test_worse_offenses_weigh_more():
    weight = dict(Offense.objects.values_list("code", "harm_weight"))
    order = ["90C", "290", "23C", "240", "220", "120", "100", "11A", "09A"]
    assert [weight[code] for code in order] == sorted(weight[code] for code in order)


@pytest.mark.parametrize(
    ("flag", "codes"),
    [
        ("enforcement_generated", {"35A", "35B", "40A", "520", "90D", "90E", "90G"}),
        ("victim_sensitive", {"11A", "11B", "11C", "11D", "36A", "36B", "64A", "64B"}),
    ],
)
def test_flags(flag, codes):
    flagged = set(Offense.objects.filter(**{flag: True}).values_list("code", flat=True))
    assert codes <= flagged
    assert flagged.isdisjoint({"220", "120", "13A", "240", "23F"})
