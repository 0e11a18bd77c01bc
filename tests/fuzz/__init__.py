"""Coverage-guided fuzzing (`make fuzz`), a file a target. A find becomes a row of `test_finds.py`; a mail, an .eml in tests/parse/mails."""
