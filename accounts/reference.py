"""The agency that a new installation starts with: Parsons, Kansas. Administrators change it on its page."""

from typing import Any

PARSONS = {
    "name": "Parsons Police Department",
    "city": "Parsons",
    "state": "KS",
    "phone": "(620) 421-7060",
    "tip_phone": "(620) 421-7057",
    "tip_email": "tips@parsonspd.com",
    "time_zone": "America/Chicago",
    "languages": ["en", "es"],
}
K_CAT = {
    "name": "Kansas Combined Anti-Drug Task Force",
    "short_name": "K-CAT",
    "members": "Labette County Sheriff's Office\nParsons Police Department\nLabette County Attorney's Office",
    "website": "https://www.kcatlabette.com",
}


def load_agency(agency_profiles: Any, partner_agencies: Any) -> None:
    """Make the default rows unless there is a profile. Takes managers: a migration has its own, of its own database."""
    if not agency_profiles.filter(pk=1).exists():
        agency_profiles.create(pk=1, **PARSONS)
        partner_agencies.get_or_create(name=K_CAT["name"], defaults=K_CAT)
