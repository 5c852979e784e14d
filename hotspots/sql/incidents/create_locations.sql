INSERT INTO hotspots_location (
    digest, address_text, reported, point, method, score, distance_m, problem, address_id, block_id, complex_id
)
SELECT
    digest, address_text, ST_SetSRID(ST_Point(reported_x, reported_y), 4326), ST_SetSRID(ST_Point(point_x, point_y), 4326),
    method, score, distance_m, problem, address_id, block_id, complex_id
FROM located_location;
