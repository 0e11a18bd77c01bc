"""Pages as a reader's program shows them: HTML by Chromium, PDF by Poppler."""

import html
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.servers import missing

A4 = (595, 842)  # points
# Measured inside a frame of that width, because a window of Chromium is never narrower than 500 pixels.
_FRAME = """<!DOCTYPE html><body><iframe id="page" style="border:0;width:{width}px;height:3000px" srcdoc="{page}"></iframe><p id="said"></p>
<script>
document.getElementById("page").onload = function () {{
  const there = this.contentDocument;
  const beyond = [...there.body.querySelectorAll("*")].filter(one => {{
    const box = one.getBoundingClientRect();
    return box.width && (box.right > {width} + 0.5 || box.left < -0.5) || one.scrollWidth > one.clientWidth + 1 && one.clientWidth;
  }});
  document.getElementById("said").textContent =
    "cut:" + beyond.map(one => one.tagName + " " + one.textContent.trim().slice(0, 40)).join(";") + "!" + there.body.innerText.length;
}};
</script>"""


def needs(program: str) -> str:
    """The path of a program, or the test is left out."""
    found = shutil.which(program)
    if found is None:
        missing(program)
    return str(found)


def cut_off(page: str, width: int, folder: Path) -> list[str]:
    """The elements of a page that stick out of a window of that many pixels, or hold more than they show."""
    frame = folder / f"frame-{width}.html"
    frame.write_text(_FRAME.format(width=width, page=html.escape(page)), "utf-8")
    words = [needs("chromium"), "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'chromium'}"]
    ran = subprocess.run([*words, "--dump-dom", frame.as_uri()], capture_output=True, text=True, timeout=120, check=True)
    said = re.search(r'<p id="said">cut:(.*)!(\d+)</p>', ran.stdout, re.DOTALL)
    assert said is not None, ran.stdout[-500:]
    assert int(said[2]) > 100, "the page is empty"
    return [one for one in said[1].split(";") if one]


@dataclass(frozen=True)
class Word:
    """A word on a page, with the place of its box in points."""

    page: int
    text: str
    left: float
    top: float
    right: float
    bottom: float


def pdf_words(octets: bytes, folder: Path) -> tuple[list[tuple[float, float]], list[Word]]:
    """The sizes of a PDF's pages, and the words on them, as Poppler reads them."""
    file = folder / "read.pdf"
    file.write_bytes(octets)
    ran = subprocess.run([needs("pdftotext"), "-bbox", str(file), "-"], capture_output=True, text=True, timeout=60, check=True)
    sizes: list[tuple[float, float]] = []
    words: list[Word] = []
    number = r'"([0-9.]+)"'
    for line in ran.stdout.splitlines():
        if page := re.search(rf"<page width={number} height={number}", line):
            sizes.append((float(page[1]), float(page[2])))
        elif word := re.search(rf"<word xMin={number} yMin={number} xMax={number} yMax={number}>(.*)</word>", line):
            left, top, right, bottom = (float(one) for one in word.groups()[:4])
            words.append(Word(len(sizes), html.unescape(word[5]), left, top, right, bottom))
    return sizes, words


def inked(octets: bytes, folder: Path) -> list[tuple[int, int, int, int]]:
    """Of each page of a PDF, drawn at one pixel a point, the box of what is not white: left, top, right, bottom."""
    file = folder / "drawn.pdf"
    file.write_bytes(octets)
    subprocess.run([needs("pdftoppm"), "-r", "72", "-gray", str(file), str(folder / "drawn")], timeout=60, check=True)
    return [_box(page.read_bytes()) for page in sorted(folder.glob("drawn*.pgm"))]


def _box(pgm: bytes) -> tuple[int, int, int, int]:
    kind, width, height, _most, pixels = re.match(rb"(P5)\s(\d+)\s(\d+)\s(\d+)\s(.*)", pgm, re.DOTALL).groups()  # type: ignore[union-attr]
    assert kind == b"P5"
    across = int(width)
    rows = [pixels[start : start + across] for start in range(0, across * int(height), across)]
    dark = [[place for place, shade in enumerate(row) if shade < 250] for row in rows]
    lines = [number for number, row in enumerate(dark) if row]
    return min(row[0] for row in dark if row), lines[0], max(row[-1] for row in dark if row), lines[-1]
