-- Give blocks the numbers and names made from their addresses; without any, their source's name again.
UPDATE hotspots_place AS place
SET name = made.name, source_name = made.source_name, number_low = made.low, number_high = made.high
FROM
    UNNEST(%(ids)s::bigint[], %(names)s::varchar[], %(source_names)s::varchar[], %(lows)s::int[], %(highs)s::int[])
    AS made (id, name, source_name, low, high)
WHERE
    place.id = made.id
    AND (place.name, place.source_name, place.number_low, place.number_high)
    IS DISTINCT FROM (made.name, made.source_name, made.low, made.high)
