"""Loads what we write in PEFT and Transformers, and compares log-probabilities with ours.

    node test/run.mjs test/golden/families/write-models.ts /tmp/interop
    python test/golden/families/check_interop.py /tmp/interop

Per golden model: our adapter on the base model in PEFT, our merged model and our fully trained model in Transformers,
in float32 (to 1e-4) and as float16 files (to 2e-2, the rounding of the weights). Exit code 1 if any differs.
"""
import json
import sys
from pathlib import Path

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

torch.set_num_threads(1)
failed = False


def load(folder):
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()


def compare(what, model, expected, tolerance):
    global failed
    ids = torch.tensor(expected["sequences"])
    with torch.no_grad():
        scores = torch.log_softmax(model(ids).logits.double(), -1)
    ours = torch.tensor(expected["scores"], dtype=torch.float64)
    theirs = scores[:, :-1].gather(-1, ids[:, 1:, None])[..., 0]
    worst = (ours - theirs).abs().max().item()
    failed |= not worst < tolerance
    print(f"{what:48} {'ok ' if worst < tolerance else 'BAD'} worst difference {worst:.1e}")


for folder in sorted(Path(sys.argv[1]).iterdir()):
    for mode in ("lora", "full"):
        expected = json.loads((folder / mode / "scores.json").read_text())
        compare(f"{folder.name} {mode}: model in Transformers", load(folder / mode / "model"), expected, 1e-4)
        compare(f"{folder.name} {mode}: float16 files", load(folder / mode / "half"), expected, 2e-2)
    expected = json.loads((folder / "lora" / "scores.json").read_text())
    base = json.loads((folder / "lora" / "adapter" / "adapter_config.json").read_text())["base_model_name_or_path"]
    adapted = PeftModel.from_pretrained(load(base), folder / "lora" / "adapter")
    compare(f"{folder.name} lora: adapter in PEFT", adapted.eval(), expected, 1e-4)
sys.exit(failed)
