"""What a tipster reads about a reward, in the tip's language. It is sealed; nobody else reads the second code."""

from datetime import date
from decimal import Decimal

from django.conf import settings
from django.utils import formats, translation

from accounts.models import AgencyProfile

OFFER = {
    "en": """Your tip helped. A reward of {amount} is waiting for you.

Code number: {number}
Second code: {second}

Where: {where}
Until: {until}

How to collect it:
1. Write both numbers down. Do not send them to anybody, and do not take this page's picture.
2. Go to the place above. Say: "I have two numbers for a reward."
3. Say the code number and the second code. You are paid in cash.

Nobody will ask for your name, an ID, a phone number or a signature. If somebody does, leave, and write to us here.
You may send somebody else: whoever says both numbers is paid.
You do not have to take the reward. If nobody comes by that day, the money goes back.""",
    "es": """Su información ayudó. Le espera una recompensa de {amount}.

Número de código: {number}
Segundo código: {second}

Dónde: {where}
Hasta: {until}

Cómo cobrarla:
1. Anote los dos números. No se los envíe a nadie y no tome una foto de esta página.
2. Vaya al lugar indicado arriba. Diga: «Tengo dos números para una recompensa».
3. Diga el número de código y el segundo código. Se le paga en efectivo.

Nadie le pedirá su nombre, una identificación, un teléfono ni una firma. Si alguien lo hace, váyase y escríbanos aquí.
Puede enviar a otra persona: se le paga a quien diga los dos números.
No está obligado a aceptar la recompensa. Si nadie viene hasta ese día, el dinero se devuelve.""",
}
HIDDEN = {"en": "(only the tipster reads it)", "es": "(solo lo lee quien envió la información)"}


def offer_words(
    language: str, *, number: str, second: str, amount: Decimal, until: date, agency: AgencyProfile
) -> tuple[str, str]:
    """The text for the tipster, and the same without the second code for those who read the tip."""
    language = language if language in OFFER else "en"
    with translation.override(language):
        day = formats.date_format(until, "DATE_FORMAT")
    facts = {"number": number, "amount": f"${amount:,.2f}", "where": collect_at(agency), "until": day}
    words = OFFER[language]
    return words.format(second=second, **facts), words.format(second=HIDDEN[language], **facts)


def collect_at(agency: AgencyProfile) -> str:
    """The setting, else the agency's own counter."""
    address = f"{agency.city}, {agency.state} {agency.zip_code}".strip()
    parts = [agency.name, agency.street, address, agency.phone]
    return settings.REWARD_COLLECT_AT or ", ".join(part for part in parts if part)
