"""Decisions. No clock, socket, file, database, log or random here: time and ids are arguments."""
