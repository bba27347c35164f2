"""De-identification: identifiers are found in text and columns, and acted on, row by row."""
