-- What began on the same day never held: it goes.
DELETE FROM notices_ownership USING ended WHERE ended.id = notices_ownership.id AND lower(valid) = %(day)s;
UPDATE notices_ownership SET valid = daterange(lower(valid), %(day)s)
FROM ended WHERE ended.id = notices_ownership.id
