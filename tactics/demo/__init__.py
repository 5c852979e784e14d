"""What the police of the made-up town plan and do: three hot spots over half a year, made up from a seed."""
