"""HTML to PDF by WeasyPrint, which is optional: `mailbot[pdf]`."""

from collections.abc import Callable

from mailbot.errors import ConfigError


def printer() -> Callable[[str], bytes] | None:
    """What makes a PDF of a whole HTML document, or None when WeasyPrint is not installed. The same HTML gives the same octets.

    Nothing is fetched: a picture can only stand in the document itself, as a data: URL.
    Raises ConfigError when WeasyPrint is there and its libraries are not.
    """
    try:
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher
    except ImportError:
        return None
    except OSError as error:  # cffi found no Pango
        said = str(error).split("\n")[0]
        raise ConfigError(f"WeasyPrint: {said}; apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0") from error

    def write(html: str) -> bytes:
        return bytes(HTML(string=html, url_fetcher=URLFetcher(allowed_protocols=("data",))).write_pdf())

    return write
