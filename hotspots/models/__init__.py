from hotspots.models.concentration import ConcentrationRun, Score
from hotspots.models.hotspots import HotSpot, HotSpotBoundary
from hotspots.models.incidents import ImportBatch, Incident, Location, Offense, Reject, Retraction
from hotspots.models.places import Area, Place

__all__ = [
    "Area",
    "ConcentrationRun",
    "HotSpot",
    "HotSpotBoundary",
    "ImportBatch",
    "Incident",
    "Location",
    "Offense",
    "Place",
    "Reject",
    "Retraction",
    "Score",
]
