"""Fields of `data:` that name columns of text."""

TEXTS = ("text", "text_pair", "prompt", "completion", "messages", "tokens")
