class InputError(Exception):
    """A file or mapping that somebody can mend: the message says which, what is wrong and what to do."""
