"""The week: rows in, summary out."""
