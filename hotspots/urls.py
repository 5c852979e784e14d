from django.urls import path

from hotspots.views import basemap as basemap_views
from hotspots.views import charts as chart_views
from hotspots.views import concentration as concentration_views
from hotspots.views import hotspots as hot_spot_views
from hotspots.views import imports as import_views
from hotspots.views import locations as location_views
from hotspots.views import map as map_views
from hotspots.views import places as place_views
from hotspots.views import search as search_views
from hotspots.views import tiles as tile_views

urlpatterns = [
    path("map/", map_views.map_page, name="map"),
    path("map/results/", map_views.map_results, name="map_results"),
    path("map/list/", map_views.ranked_list, name="map_list"),
    path("map/card/<int:place_id>/", map_views.place_card, name="map_card"),
    path("map/charts/", chart_views.map_charts, name="map_charts"),
    path("map/within/", map_views.places_within, name="map_within"),
    path("map/areas/<str:version>.geojson", tile_views.areas, name="map_areas"),
    path("basemap/<slug:name>.pmtiles", basemap_views.basemap_file, name="basemap"),
    path("map/hot-spots.geojson", tile_views.hot_spots, name="map_hot_spots"),
    path("places/<int:place_id>/", place_views.place_page, name="place"),
    path("hotspots/", hot_spot_views.hot_spot_list, name="hot_spots"),
    path("hotspots/new/", hot_spot_views.hot_spot_new, name="hot_spot_new"),
    path("hotspots/<int:hot_spot_id>/", hot_spot_views.hot_spot_page, name="hot_spot"),
    path("hotspots/<int:hot_spot_id>/redraw/", hot_spot_views.hot_spot_redraw, name="hot_spot_redraw"),
    path("hotspots/<int:hot_spot_id>/review/", hot_spot_views.hot_spot_review, name="hot_spot_review"),
    path("hotspots/<int:hot_spot_id>/end/", hot_spot_views.hot_spot_end, name="hot_spot_end"),
    path("hotspots/<int:hot_spot_id>/withdraw/", hot_spot_views.hot_spot_withdraw, name="hot_spot_withdraw"),
    path("runs/", concentration_views.run_list, name="runs"),
    path("runs/compute/", concentration_views.run_ask, name="run_ask"),
    path("exports/scores/", concentration_views.score_export, name="score_export"),
    path("tiles/<int:run>/<int:z>/<int:x>/<int:y>.mvt", tile_views.tile, name="tile"),
    path("places/search/", search_views.place_search, name="place_search"),
    path("unlocated/", location_views.unlocated, name="unlocated"),
    path("unlocated/streets.geojson", location_views.location_streets, name="location_streets"),
    path("unlocated/<int:location_id>/", location_views.place_location, name="place_location"),
    path("unlocated/<int:location_id>/fit/", location_views.location_fit, name="location_fit"),
    path("unlocated/<int:location_id>/undo/", location_views.unplace_location, name="unplace_location"),
    path("imports/", import_views.import_list, name="imports"),
    path("imports/new/", import_views.import_new, name="import_new"),
    path("imports/<int:batch_id>/", import_views.import_page, name="import"),
    path("imports/<int:batch_id>/progress/", import_views.import_progress, name="import_progress"),
    path("imports/<int:batch_id>/discard/", import_views.import_discard, name="import_discard"),
    path("imports/<int:batch_id>/rejects.csv", import_views.import_rejects, name="import_rejects"),
]
