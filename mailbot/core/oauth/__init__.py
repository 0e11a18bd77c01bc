"""OAuth 2.0 for mail servers: grants, what a token endpoint says of them, and how a token opens a mailbox. Nothing here asks anybody."""
