"""Text that speaks to a model rather than to a reader: found by the rules below, flagged, and kept only as a quotation.

The rules decide how a text is stored and how much of it is kept; that it is data holds for every text, flagged or not.
"""

import base64
import binascii
import re
from typing import NamedTuple

NAMED = r"AI|A\.I\.|LLM|language model|assistant|chatbot|copilot|agent|Claude|ChatGPT|GPT"
MODEL = rf"(?:an? |the |any |all |this )?(?:{NAMED})s?"
LINE = r"^[ \t#>*/\"'-]{0,20}"
"""The start of a line, of a comment or of an item."""
INVISIBLE = re.compile("[\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufff9-\ufffb\U000e0000-\U000e007f]|(?<=.)\ufeff")
"""Characters that show nothing, or turn the order of others round; joiners stay, scripts and emoji need them."""


class Rule(NamedTuple):
    """One way of speaking to a model."""

    flag: str
    says: str
    pattern: re.Pattern[str]


def _rule(flag: str, says: str, *patterns: str) -> Rule:
    return Rule(flag, says, re.compile("|".join(patterns), re.IGNORECASE | re.MULTILINE))


RULES = (
    _rule(
        "overrides-instructions",
        "asks to put instructions aside",
        r"\b(?:ignore|disregard|forget|override|bypass)\b[^.\n]{0,40}"
        r"\b(?:previous|prior|above|earlier|preceding|system|your|all)\b[^.\n]{0,30}"
        r"\b(?:instructions?|prompts?|rules|guidelines|directions|orders|messages?)\b",
    ),
    _rule(
        "gives-a-role",
        "tells the reader who it is",
        r"\byou are now (?:an?|the|in|free|dan|no longer)\b",
        r"\bfrom now on,? you\b",
        LINE + r"you are (?:an?|the) [^.\n]{0,90}\b(?:assistant|agent|expert|specialist|AI|chatbot|language model)\b",
        r"\b(?:act|behave) as (?:an? |the )?[^.\n]{0,30}\b(?:assistant|AI|chatbot|DAN|system)\b",
        r"\bpretend (?:to be|that you are)\b",
    ),
    _rule(
        "addresses-a-model",
        "is addressed to a model",
        rf"\b(?:note|message|attention|instructions?|important|warning) (?:to|for) {MODEL}\b",
        rf"\b(?:if|when|since|because|as) you(?: are|'re) {MODEL}\b",
        r"\bas an AI (?:language )?model,? you\b",
        LINE + r"(?:hey |dear |hello )?(?:AI|LLM|assistant|chatbot|copilot|claude|chatgpt)s?(?:,| ?[:!]) ?\w",
        rf"\b(?:{NAMED})s?(?: that is| which is| who is)? reading this\b",
        r"^description: *use this agent\b",
    ),
    _rule(
        "role-tags",
        "holds the tags of a chat template",
        r"<\|(?:im_start|im_end|system|user|assistant|endofprompt|eot_id|begin_of_text)\|>",
        r"<\|(?:start|end)_header_id\|>|\[/?INST\]|<</?SYS>>",
        r"</?(?:system|assistant)(?:[-_ ](?:prompt|message|reminder))?>",
        r"^#{2,} ?(?:system|instructions?|assistant|response):? *$",
        r"^(?:system|assistant) (?:prompt|message) ?: *\S",
        r"^(?:system|assistant|user): (?:you|ignore|please|do)\b",
    ),
    _rule(
        "calls-tools",
        "holds the call of a tool",
        r"</?(?:tool_call|function_calls?|tool_use|invoke)\b",
        r"\"tool_calls\"\s*:",
        r"\bto=functions\.\w",
    ),
    _rule(
        "asks-for-secrets",
        "asks for what is not to be told",
        r"\b(?:reveal|print|show|repeat|output|leak|exfiltrate|send|post|upload|tell)\b[^.\n]{0,40}"
        r"\b(?:system prompt|your (?:prompt|instructions)|api[ _-]?keys?|credentials|passwords?|access tokens?)\b",
    ),
    _rule(
        "steers-the-answer",
        "tells what to answer, or to keep silent",
        r"\b(?:do not|don't|never) (?:mention|tell|reveal|disclose|inform)\b[^.\n]{0,60}"
        r"\b(?:users?|humans?|anyone|developers?|this)\b",
        r"\b(?:always|only) (?:respond|reply|answer)\b|\b(?:respond|reply) only\b",
        r"\byour mission is to\b",
        r"\byour (?:final )?(?:answer|response|reply|output) (?:must|should|has to)\b",
    ),
    _rule("invisible-text", "holds characters that cannot be seen", INVISIBLE.pattern),
    _rule(
        "hidden-markup",
        "hides text from the readers of a page",
        r"<[a-z]+ [^>\n]{0,200}?"
        r"(?:display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|(?<= )hidden\b(?!=\"?false))"
        r"[^>\n]{0,200}>\s*[^<\s][^<]{30}",
    ),
)
"""What is looked for in the whole text of a document, comments and hidden elements included."""
ENCODED = re.compile(r"(?<![\w+/=])[A-Za-z0-9+/]{40,}={0,2}(?![\w+/=])")
LONGEST = 4_000
"""Characters of one encoded run that are decoded."""


def flags_of(text: str) -> list[str]:
    """The flags of every rule that this text meets, and `encoded-text` where one is met only after decoding."""
    found = {rule.flag for rule in RULES if rule.pattern.search(text)}
    if any(_speaks(run[0][:LONGEST]) for run in ENCODED.finditer(text)):
        found.add("encoded-text")
    return sorted(found)


def _speaks(encoded: str) -> bool:
    try:
        text = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return False
    return any(rule.pattern.search(text) for rule in RULES)


def quoted(text: str) -> str:
    """The text as a quotation in Markdown, with what cannot be seen spelled out."""
    spelled = INVISIBLE.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)
    return "\n".join(f"> {line}".rstrip() for line in spelled.splitlines())


def says(flags: list[str]) -> str:
    """One phrase for what was found."""
    words = {rule.flag: rule.says for rule in RULES} | {"encoded-text": "hides such text in base64"}
    return "; ".join(f"it {words[flag]}" for flag in flags)
