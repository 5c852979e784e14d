-- What the drawn map of the tip form is made of: streets and the city's outline, and nothing else of a place.
CREATE VIEW tips_street AS
SELECT
    regexp_replace(regexp_replace(regexp_replace(regexp_replace(
        initcap(street), '\mNe\M', 'NE'), '\mNw\M', 'NW'), '\mSe\M', 'SE'), '\mSw\M', 'SW') AS name,
    geometry AS line
FROM hotspots_place
WHERE kind = 'block' AND retired_on IS NULL;

-- Areas are dated by whole days, so the session's time zone matters for hours after a boundary changed, and not else.
CREATE VIEW tips_outline AS
SELECT geometry AS shape
FROM hotspots_area
WHERE kind = 'boundary' AND valid @> CURRENT_DATE;
