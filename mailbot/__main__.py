"""`python -m mailbot` is the command `mailbot`."""

from mailbot.cli.main import main

main()
