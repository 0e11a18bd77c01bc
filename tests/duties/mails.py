"""Mails as people write them, for the tests of the duties."""

from email.message import EmailMessage
from email.policy import SMTP


def mail(number: int | str = 1, sender: str | None = "Anna <anna@rose.example>", text: str | None = None, **fields: str | None) -> bytes:
    """A request; its Message-ID, subject and words are told apart by `number`. A field that is None is left out."""
    message = EmailMessage()
    usual: dict[str, str | None] = {
        "From": sender,
        "To": "support@studio.example",
        "Subject": f"Request {number}",
        "Date": "Wed, 18 Nov 2026 11:00:00 +0000",
        "Message-ID": f"<request-{number}@rose.example>",
    }
    for name, value in (usual | {name.replace("_", "-"): value for name, value in fields.items()}).items():
        if value is not None:
            message[name] = value
    message.set_content(text if text is not None else f"Please look at page {number} of our catalogue, the price list moved there.")
    return message.as_bytes(policy=SMTP)


def mail_with_file(octets: bytes, filename: str = "plan.bin", number: int | str = 1, sender: str = "Anna <anna@rose.example>") -> bytes:
    """A request with an attachment."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "support@studio.example", f"Request {number}"
    message["Message-ID"] = f"<request-{number}@rose.example>"
    message.set_content("The file is attached, please put it on the site.")
    message.add_attachment(octets, maintype="application", subtype="octet-stream", filename=filename)
    return message.as_bytes(policy=SMTP)
