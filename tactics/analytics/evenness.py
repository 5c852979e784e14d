"""Whether what police do falls at the hours and places at which incidents do, and what chance alone would give.

The measure is the dissimilarity index (Duncan and Duncan 1955): half the sum of the absolute differences of two sets of
shares, which is the part of the one that would have to lie elsewhere to lie as the other does. It is never 0 in small
numbers, so it stands beside what two draws from one common pattern would give.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

DRAWS = 999
LEAST = 20  # of either: with fewer nothing can be said
MIDDLE = (0.025, 0.975)


@dataclass(frozen=True)
class Compared:
    """`difference` is the index, 0 (alike) to 1; `chance` the middle 95 % of it by chance.

    shares, incident_shares: (k,) of actions and of incidents. band: (k, 2) between which the shares of actions lie by
    chance, 19 times of 20, where they follow the incidents.
    """

    actions: int
    incidents: float
    shares: Floats
    incident_shares: Floats
    difference: float
    chance: tuple[float, float]
    band: Floats

    @property
    def is_enough(self) -> bool:
        return self.actions >= LEAST and self.incidents >= LEAST

    @property
    def beyond_chance(self) -> bool:
        return self.is_enough and self.difference > self.chance[1]


def compare(actions: ArrayLike, incidents: ArrayLike, rng: np.random.Generator) -> Compared | None:
    """Both (k,) counts by the same hours or places; None where there is nothing of one of them."""
    done, happened = np.asarray(actions, dtype=float), np.asarray(incidents, dtype=float)
    if done.shape != happened.shape or done.ndim != 1:
        raise ValueError(f"actions of shape {done.shape} do not fit incidents of shape {happened.shape}")
    if done.sum() < 1 or happened.sum() < 1:
        return None
    number, of_incidents = round(done.sum()), round(happened.sum())
    pooled = (done + happened) / (done.sum() + happened.sum())
    gaps = rng.multinomial(number, pooled, DRAWS) / number - rng.multinomial(of_incidents, pooled, DRAWS) / of_incidents
    shares, incident_shares = done / done.sum(), happened / happened.sum()
    low, high = np.quantile(np.abs(gaps).sum(axis=1) / 2, MIDDLE)
    return Compared(
        actions=number,
        incidents=float(happened.sum()),
        shares=shares,
        incident_shares=incident_shares,
        difference=float(np.abs(shares - incident_shares).sum() / 2),
        chance=(float(low), float(high)),
        band=np.clip(incident_shares[:, None] + np.quantile(gaps, MIDDLE, axis=0).T, 0, 1),
    )
