UPDATE hotspots_incident AS e SET retraction_id = p.new FROM paired AS p WHERE e.id = p.id AND p.new IS NOT NULL;
