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
ANYWHERE = re.compile(
    r"(?i)\b(?:all rights reserved|accept (?:all )?cookies|(?:uses|use of) cookies|"
    r"subscribe to our newsletter|skip to (?:main )?content)\b|"
    r"^(?:copyright|©).{0,60}\b(?:19|20)\d\d\b|"
    r"版权所有|未经(?:授权|许可).*转载|点击(?:查看|阅读)更多|关注.*公众号|ICP备\d+号"
)
"""What nobody says but pages do."""
BEGINNING = re.compile(
    r"(?i)\W*(?:(?:terms of (?:use|service)|privacy policy|cookie (?:policy|settings)|read more|"
    r"sign up for|share (?:this |it )?on|share this|powered by|follow us on|back to top|"
    r"related (?:articles|posts|stories)|leave a (?:comment|reply)|(?:log|sign) in)\b|"
    r"扫一扫|责任编辑|返回顶部|相关阅读|上一篇|下一篇)"
)
"""Furniture where a short line, or a piece of a menu, begins with it; elsewhere people say so."""
MENU = re.compile(r"[|·•»›]")
LONGEST_BOILERPLATE, LONGEST_BEGUN = 120, 40
"""Characters of a line, or piece of a menu, that may be boilerplate; a longer one says something
else too."""


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
        text = _without_boilerplate(text)
    if spec.blanks:
        text = MANY.sub("\n\n", NEWLINES.sub("\n", BLANKS.sub(" ", text))).strip()
    return text


def _without_boilerplate(text: str) -> str:
    """What stands between lines of a page; a text of one line is no page."""
    lines = text.split("\n")
    if sum(not line.isspace() for line in lines if line) < 2:
        return text
    return "\n".join(line for line in lines if not _boilerplate(line))


def _boilerplate(line: str) -> bool:
    if len(line) > LONGEST_BOILERPLATE:
        return False
    begun = (piece for piece in MENU.split(line) if len(piece) <= LONGEST_BEGUN)
    return ANYWHERE.search(line) is not None or any(map(BEGINNING.match, begun))
