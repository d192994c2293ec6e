"""Reference embeddings of the tiny models in ../families, from Hugging Face Transformers and PEFT.

    pip install torch transformers peft
    python make_golden.py

Writes embeddings.json beside this script: for every family, with and without its adapter, the mean of the last hidden
states over the attention mask of one right-padded batch (Reimers and Gurevych 2019), and the cosine of every two of
its sequences. Positions before `from` are attended to but not averaged, as a beginning-of-text token is.
"""
import json
from pathlib import Path

import peft
import torch
import transformers

here = Path(__file__).parent
families = here.parent / "families"
vocabulary = 48
lengths = [1, 12, 5, 30]
starts = [0, 0, 1, 2]

torch.set_num_threads(1)
torch.manual_seed(5)
sequences = [torch.randint(0, vocabulary, (length,)).tolist() for length in lengths]
longest = max(lengths)
ids = torch.tensor([sequence + [0] * (longest - len(sequence)) for sequence in sequences])
attention = torch.tensor([[1] * length + [0] * (longest - length) for length in lengths])
pooled = attention.clone()
for row, start in enumerate(starts):
    pooled[row, :start] = 0


def embed(model):
    with torch.no_grad():
        hidden = model(input_ids=ids, attention_mask=attention, output_hidden_states=True).hidden_states[-1]
    mask = pooled.unsqueeze(-1).to(hidden.dtype)
    means = (hidden * mask).sum(1) / mask.sum(1)
    unit = torch.nn.functional.normalize(means, dim=-1)
    return {
        "embeddings": [[round(value, 6) for value in row] for row in means.tolist()],
        "cosines": [[round(value, 7) for value in row] for row in (unit @ unit.T).tolist()],
    }


def reference(folder):
    load = lambda: transformers.AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager"
    ).eval()
    return {"full": embed(load()), "lora": embed(peft.PeftModel.from_pretrained(load(), folder / "adapter").eval())}


golden = {
    "versions": {module.__name__: module.__version__ for module in (torch, transformers, peft)},
    "sequences": [{"ids": sequence, "from": start} for sequence, start in zip(sequences, starts)],
    "models": {folder.name: reference(folder) for folder in sorted(families.iterdir()) if folder.is_dir()},
}
(here / "embeddings.json").write_text(json.dumps(golden) + "\n")
