"""The desk that every benchmark configures; each adds its own mailbox and the rest."""

DESK = """\
[desk]
name = "Benchmark"
address = "support@helpdesk.example"
operators = ["operator@operators.example"]
[automatic]
per_address_per_hour = 10000000
per_ticket_per_day = 10000000
total_per_hour = 10000000
"""
