"""Ready projects that `accord init` writes: one file a modality."""
