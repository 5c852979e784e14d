"""Reading of addresses as departments write them."""

from hotspots.ingest.street_names import normalize_street

__all__ = ["normalize_street"]
