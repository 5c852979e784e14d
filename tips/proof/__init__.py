"""The proof that a tip leaves no trace of who sent it: sends some with canaries, searches everything, says what was found."""
