from accounts.roles import EVERYBODY, Role, capability

SEE_MAP = capability("hotspots.see_map", *EVERYBODY)
DESIGNATE = capability("hotspots.designate", Role.COMMANDER)
RECOMPUTE = capability("hotspots.recompute", Role.COMMANDER, Role.ADMINISTRATOR)
SEE_INCIDENTS = capability("hotspots.see_incidents", Role.COMMANDER, Role.OFFICER, Role.DETECTIVE, Role.CLERK)
EXPORT_SCORES = capability("hotspots.export_scores", Role.COMMANDER, Role.ADMINISTRATOR)
IMPORT_DATA = capability("hotspots.import_data", Role.ADMINISTRATOR)
PLACE_LOCATIONS = capability("hotspots.place_locations", Role.CLERK, Role.ADMINISTRATOR)
