"""What people type; the only room that prints."""
