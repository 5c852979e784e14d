"""A made-up town in the real outline of Parsons, Kansas. None of its streets, addresses and crimes exist."""

SOURCE = "demo (made up)"
