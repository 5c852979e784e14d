-- Only what changed, so that the trail holds changes alone.
UPDATE hotspots_location AS l
SET point = n.point, method = n.method, score = n.score, distance_m = n.distance_m,
    problem = n.problem, address_id = n.address_id, block_id = n.block_id, complex_id = n.complex_id
FROM located_location AS n
WHERE l.digest = n.digest AND l.placed_by_id IS NULL
  AND (l.method, l.problem, l.address_id, l.block_id, l.complex_id, round(l.score::numeric, 6), round(l.distance_m::numeric, 3))
      IS DISTINCT FROM
      (n.method, n.problem, n.address_id, n.block_id, n.complex_id, round(n.score::numeric, 6), round(n.distance_m::numeric, 3));
