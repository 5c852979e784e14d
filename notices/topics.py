"""The prevention library: what owners, managers and neighbors can do, by topic, and the list to walk a place with.

Public pages, letters and meetings take from here. Sources: Jeffery (1971), Crowe, Crime Prevention Through Environmental
Design (2013); 24 CFR part 100 (fair housing). A call for help is never held against anybody, and screening is the same
for everybody.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Topic:
    """`careful` says what to watch for, such as what the law asks."""

    title: str | Promise
    intro: str | Promise
    points: tuple[str | Promise, ...]
    careful: str | Promise = ""


@dataclass(frozen=True)
class Check:
    """One question of the walk-through; yes is good. `topic` names the topic that helps where the answer is no."""

    group: str | Promise
    question: str | Promise
    topic: str


TOPICS: dict[str, Topic] = {
    "lighting": Topic(
        _("Lighting"),
        _("Even light lets people see who is near, and be seen. Very bright spots beside dark ones help less."),
        (
            _("Light the ways that people use after dark: parking, walks, stairs, mail, laundry and trash areas."),
            _("Aim lights down and shield them, so that they do not blind drivers or shine into bedrooms."),
            _("Choose white LED lights. Colors and faces are easier to tell in white light."),
            _("Let lights turn on by themselves, with a light sensor or a timer."),
            _("Protect lamps that get broken with a hard cover, or mount them out of reach."),
            _("Cut back branches that grow in front of lamps."),
            _("Walk the place once a month after dark. Write down each dark spot and each lamp that is out."),
            _("Give every lamp a number, so that anyone can say which one is out."),
            _("Report a street light that is out to the city or the electric company. Give the pole number."),
        ),
    ),
    "cameras": Topic(
        _("Cameras"),
        _("Cameras work best together with good light and people who look after the place."),
        (
            _("Start with the ways in and out, the parking lot, and the mail and laundry rooms."),
            _("Mount one camera at face height at each door. A camera that is too high shows only hats."),
            _("Check the picture at night. Headlights and lamps must not blind the camera."),
            _("Set the correct date and time, and check them twice a year."),
            _("Keep recordings for at least 14 days, and know how to save a copy."),
            _("Put up a sign that says that cameras record."),
            _("Change the password that came with the camera, and install updates."),
            _("You may tell the police where your cameras are. Police get no live view. They ask before they copy."),
        ),
        _("Never aim a camera into a home, a bathroom or a changing room. Recording sound can break the law."),
    ),
    "permits": Topic(
        _("Parking permits"),
        _("When every car that belongs has a permit, a car that does not belong is easy to see."),
        (
            _("Number the permits, and write down the number, the plate and the unit."),
            _("Give each unit the same number of permits, by a rule that is written down."),
            _("Give visitors a dated pass."),
            _("Put signs at each entrance before anybody is towed. Use the words that state law and the city ask for."),
            _("Give one warning before the first tow."),
            _("Use the same rule for every car, each time."),
            _("Give out new permits each year, and when a resident moves in or out."),
            _("Report a car that has not moved for weeks to the non-emergency line."),
        ),
    ),
    "lease-terms": Topic(
        _("Lease terms"),
        _("A clear lease says what is expected before there is trouble. Ask a lawyer to read yours."),
        (
            _("Put every rule in writing, in words that tenants can read. Offer it in their language."),
            _(
                "Say that proven crime on the property by a tenant or a guest can end the lease, never that of a victim."
            ),
            _("Name the people who live in the unit, and say how long a guest may stay."),
            _("Go through the rules with each new tenant. Both sign, and both keep a copy."),
            _("Act on violations soon, in writing, and the same way for every tenant."),
            _("Keep records: what happened, when, who saw it, and what you did."),
            _("Give the notices that state law asks for, and use the court. Never lock out a tenant yourself."),
            _("Repair what you promised to repair. A tenant who is heard tells you what goes on."),
        ),
        _(
            "A call to the police for help is never a violation of the lease. The law protects people who were hurt by"
            " violence at home, in dating, by sexual assault or by stalking from losing their home because of it."
        ),
    ),
    "screening": Topic(
        _("Tenant screening"),
        _("Good screening is fair. Everybody meets the same written standard, in the same order, every time."),
        (
            _("Write down your standards before you advertise, and give them to everybody who asks."),
            _("Use the same form, the same fee and the same checks for every applicant."),
            _("Take applications in the order in which they come, and note the date and the time."),
            _("Ask for a photo ID, and check income and rental history with earlier landlords."),
            _("Get written consent before you order a credit or background report."),
            _("Look at each record by itself: what it was, how long ago, and what happened since."),
            _("Do not use arrests that did not lead to a conviction."),
            _("If a report is a reason to refuse, say so in writing and name the company that made the report."),
            _("Keep every application and the reason for your decision."),
        ),
        _(
            "Fair housing law: never choose by race, color, national origin, religion, sex, disability, or because there"
            " are children. This covers gender identity and sexual orientation in many places. A person with a"
            " disability may ask for a change of a rule."
        ),
    ),
    "landscaping": Topic(
        _("Landscaping"),
        _("People look after what they can see. Plants can frame a place without hiding anybody."),
        (
            _("Keep bushes below 3 feet near doors, windows, walks and parked cars."),
            _("Trim trees so that branches begin 7 feet above the ground."),
            _("Keep trees and trash bins away from walls, where they help people climb."),
            _("Plant thorny bushes below windows that are hard to see, but not below those of bedrooms."),
            _("Use low fences, hedges or a change of pavement to show where private ground begins."),
            _("Choose fences that people can see through at the front and along parking lots."),
            _("Remove trash and paint over graffiti soon, within two days if you can."),
            _("Mow, and pick up what lies around. It shows that somebody cares for the place."),
        ),
    ),
    "doors-and-windows": Topic(
        _("Doors and windows"),
        _("Most burglars look for a door or window that opens fast. A few minutes of work stops many of them."),
        (
            _("Use solid doors at the outside, with a deadbolt that reaches one inch into the frame."),
            _("Hold the strike plate with 3-inch screws that reach the stud behind the frame."),
            _("Put a wide door viewer in each front door."),
            _("Secure sliding doors with a rod in the track and a pin, so that they cannot be lifted out."),
            _("Lock windows on the ground floor and beside stairs."),
            _("Change or re-key locks each time a tenant moves out. Know who has every key."),
            _("Let shared doors close and lock by themselves, and mend them the same week they break."),
            _("Show the house number and the unit, in figures that can be read from the street at night."),
            _("Lock your car, and leave nothing in sight. Never leave a gun in a car."),
        ),
        _("Each bedroom needs a way out in a fire. Bars and locks must open from the inside without a key."),
    ),
    "neighbors": Topic(
        _("Neighbors"),
        _("Neighbors who know each other notice sooner when something is wrong, and help sooner."),
        (
            _("Learn the names of the people next door, and trade phone numbers."),
            _("Ask a neighbor to take in mail and packages when you are away."),
            _("Meet: a cookout, a clean-up day, or a short meeting is enough to begin."),
            _("Report what people do, not what they look like."),
            _("Write down the time, the place, the plate and the direction. Never follow or stop anybody."),
            _("Tell the owner or manager in writing about broken lights, doors and locks."),
            _("Ask your city about youth programs, help with addiction, and help for families."),
            _("Ask the police to come to a meeting. It costs nothing."),
        ),
    ),
    "vacant-places": Topic(
        _("Vacant homes and lots"),
        _("An empty home or lot draws trouble when nobody looks after it."),
        (
            _("Look at the place each week, inside and out."),
            _("Shut off the water, and lock or board every opening. Paint the boards like the house."),
            _("Mow, shovel, and pick up mail and flyers, so that the place does not look empty."),
            _("Keep one light on a timer, and ask a neighbor to call you when something changes."),
            _("Put a sign with a phone number that somebody answers."),
            _("Give the police a signed trespass authorization, so that officers may send people away."),
            _("Lend the lot for a garden or for parking until it is used again."),
        ),
    ),
}


_TERRITORY = _("Whose place it is")
_SIGHT = _("Who can see")
_ACCESS = _("Who can get in")
_LIGHT = _("Light")
_UPKEEP = _("Upkeep")

CHECKLIST: dict[str, Check] = {
    "border": Check(_TERRITORY, _("Can people tell where public ground ends and private ground begins?"), "landscaping"),
    "rules-posted": Check(_TERRITORY, _("Do signs at the entrances name the place, the rules and a phone number?"), "permits"),
    "numbers": Check(
        _TERRITORY, _("Can building and unit numbers be read from the street at night?"), "doors-and-windows"
    ),
    "parking-known": Check(_TERRITORY, _("Can a car that does not belong be told from one that does?"), "permits"),
    "shared-used": Check(_TERRITORY, _("Do residents use the yards, playgrounds and benches?"), "neighbors"),
    "entrance-seen": Check(_SIGHT, _("Can the front doors be seen from the street and from windows?"), "landscaping"),
    "bushes-low": Check(_SIGHT, _("Are bushes below 3 feet and branches above 7 feet?"), "landscaping"),
    "corners": Check(_SIGHT, _("Can people see into stairs, halls and corners before they walk in?"), "lighting"),
    "parking-seen": Check(_SIGHT, _("Can the parking lot be seen from homes, the office or the street?"), "landscaping"),
    "cameras-work": Check(_SIGHT, _("Do the cameras work, with the right time and a picture that shows faces?"), "cameras"),
    "doors-lock": Check(_ACCESS, _("Do shared doors and gates close and lock by themselves?"), "doors-and-windows"),
    "unit-doors": Check(
        _ACCESS, _("Do outside doors have deadbolts, solid frames and door viewers?"), "doors-and-windows"
    ),
    "windows-lock": Check(_ACCESS, _("Do windows on the ground floor and beside stairs lock?"), "doors-and-windows"),
    "keys-known": Check(_ACCESS, _("Is it known who has every key, and are locks changed between tenants?"), "doors-and-windows"),
    "vacant-shut": Check(_ACCESS, _("Are vacant units, sheds and utility rooms locked?"), "vacant-places"),
    "ways-through": Check(_ACCESS, _("Are there only as many ways in and out as people need?"), "landscaping"),
    "walks-lit": Check(_LIGHT, _("Are walks, stairs and doors lit after dark?"), "lighting"),
    "parking-lit": Check(_LIGHT, _("Is the parking lot lit evenly, without dark spots?"), "lighting"),
    "lamps-work": Check(_LIGHT, _("Do all lamps work, and is no lamp hidden by branches?"), "lighting"),
    "trash": Check(_UPKEEP, _("Is the place free of trash, old furniture and cars that do not run?"), "landscaping"),
    "graffiti": Check(_UPKEEP, _("Is graffiti removed, and is what breaks repaired soon?"), "landscaping"),
    "manager-known": Check(_UPKEEP, _("Can residents reach somebody who answers, day and night?"), "lease-terms"),
}  # fmt: skip
