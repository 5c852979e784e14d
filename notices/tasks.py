"""Work that a page does not wait for: making PDFs, sending mail, reminders."""
