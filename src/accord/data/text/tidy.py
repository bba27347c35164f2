"""One text, tidied: a pure function, and doing it twice changes nothing more."""

from __future__ import annotations

import html
import re
import unicodedata

from accord.recipe.text import Tidy

INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ufff9-\ufffb]"
)
"""Controls, soft hyphens, zero-width spaces, marks of direction; not the joiners of emoji."""
HIDDEN = re.compile(r"(?is)<(script|style|noscript)\b.*?</\1\s*>|<!--.*?-->")
BLOCK = re.compile(r"(?i)</?(?:p|div|br|li|ul|ol|tr|table|h[1-6]|section|article|hr)\b[^<>]*>")
TAG = re.compile(r"</?[A-Za-z][^<>]*>")
BLANKS = re.compile(r"[^\S\n]+")
NEWLINES = re.compile(r" ?\n ?")
MANY = re.compile(r"\n{3,}")
BOILERPLATE = re.compile(
    r"(?i)\b(?:all rights reserved|terms of (?:use|service)|privacy policy|accept (?:all )?cookies|"
    r"(?:uses|use of) cookies|subscribe to our newsletter|share (?:this|on) (?:facebook|twitter)|"
    r"sign up for|read more|skip to (?:main )?content|powered by)\b|"
    r"版权所有|未经授权.*转载|点击(?:查看|阅读)更多|扫一扫|关注.*公众号|责任编辑"
)
LONGEST_BOILERPLATE = 120
"""Characters of a line that may be boilerplate; a longer one says something else too."""


def tidied(text: str, spec: Tidy) -> str:
    """The text as `clean.text` wants it."""
    before = None
    while before != text:
        before = text
        text = _once(text, spec)
    return text


def _once(text: str, spec: Tidy) -> str:
    if spec.html:
        text = html.unescape(TAG.sub("", BLOCK.sub("\n", HIDDEN.sub(" ", text))))
    if spec.invisible:
        text = INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if spec.unicode is not None:
        text = unicodedata.normalize(spec.unicode, text)
    if spec.boilerplate:
        lines = text.split("\n")
        text = "\n".join(line for line in lines if not _boilerplate(line))
    if spec.blanks:
        text = MANY.sub("\n\n", NEWLINES.sub("\n", BLANKS.sub(" ", text))).strip()
    return text


def _boilerplate(line: str) -> bool:
    return len(line) <= LONGEST_BOILERPLATE and BOILERPLATE.search(line) is not None
