"""Reference values of a tiny Llama from PyTorch, Hugging Face Transformers and PEFT.

    pip install torch transformers peft safetensors
    python make_golden.py

Writes next to itself: model/ (config.json, model.safetensors), adapter.safetensors (a LoRA that is not zero),
gradients.safetensors, adapter_gradients.safetensors, logits.safetensors and golden.json.
The committed files were made with torch 1.13.0, transformers 4.40.2 and peft 0.10.0.
"""
import json
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model, get_peft_model_state_dict
from safetensors.torch import save_file
from transformers import LlamaConfig, LlamaForCausalLM

here = Path(__file__).parent
rows, tokens, vocabulary = 3, 16, 48
optimizer = {"learningRate": 3e-3, "beta1": 0.9, "beta2": 0.98, "epsilon": 1e-8, "weightDecay": 0.1, "maxGradientNorm": 1.0}
modules = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def new_model():
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=vocabulary, hidden_size=24, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=128, rms_norm_eps=1e-5, initializer_range=0.3,
        tie_word_embeddings=False, bos_token_id=None, eos_token_id=None, pad_token_id=None, attn_implementation="eager",
    )
    model = LlamaForCausalLM(config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "norm" in name:
                parameter += 0.2 * torch.randn_like(parameter)
    return model


def new_adapter(model):
    torch.manual_seed(1)
    adapted = get_peft_model(model, LoraConfig(r=4, lora_alpha=8, lora_dropout=0.0, target_modules=modules, task_type="CAUSAL_LM"))
    with torch.no_grad():
        for name, parameter in adapted.named_parameters():
            if "lora_B" in name:
                parameter += 0.2 * torch.randn_like(parameter)
    return adapted


torch.manual_seed(2)
ids = torch.randint(0, vocabulary, (rows, tokens))
labels = torch.randint(0, vocabulary, (rows, tokens))
weights = torch.ones(rows, tokens)
weights[:, :5] = 0.1
weights[1, 11:] = 0.0


def weighted_loss(model):
    logits = model(ids).logits
    losses = torch.nn.functional.cross_entropy(logits.view(-1, vocabulary), labels.view(-1), reduction="none")
    return (losses * weights.view(-1)).sum() / weights.sum(), logits


def train(model, steps=20):
    trained = [p for p in model.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in trained if p.ndim > 1], "weight_decay": optimizer["weightDecay"]},
        {"params": [p for p in trained if p.ndim == 1], "weight_decay": 0.0},
    ]
    adamw = torch.optim.AdamW(
        groups, lr=optimizer["learningRate"], betas=(optimizer["beta1"], optimizer["beta2"]), eps=optimizer["epsilon"]
    )
    losses, norms = [], []
    for _ in range(steps):
        adamw.zero_grad()
        loss, _ = weighted_loss(model)
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(trained, optimizer["maxGradientNorm"]).item())
        adamw.step()
        losses.append(loss.item())
    return losses, norms


def greedy(model):
    prompt = ids[:1, :5]
    return model.generate(prompt, max_new_tokens=64, do_sample=False)[0, 5:].tolist()


def gradients(model):
    model.zero_grad()
    loss, logits = weighted_loss(model)
    loss.backward()
    return loss.item(), logits.detach(), {n: p.grad.clone() for n, p in model.named_parameters() if p.requires_grad}


def peft_name(name):
    return name.replace(".default.", ".")


def result(make):
    loss, logits, grads = gradients(make())
    tokens_made = greedy(make().eval())
    losses, norms = train(make())
    return {"loss": loss, "losses": losses, "gradientNorms": norms, "greedy": tokens_made}, logits, grads


base = new_model()
base.save_pretrained(here / "model", safe_serialization=True)
(here / "model" / "generation_config.json").unlink(missing_ok=True)
full, full_logits, full_gradients = result(new_model)
lora, lora_logits, lora_gradients = result(lambda: new_adapter(new_model()))
adapter = get_peft_model_state_dict(new_adapter(new_model()))
save_file({k: v.contiguous() for k, v in adapter.items()}, here / "adapter.safetensors")
save_file(full_gradients, here / "gradients.safetensors")
save_file({peft_name(k): v for k, v in lora_gradients.items()}, here / "adapter_gradients.safetensors")
save_file({"full": full_logits, "lora": lora_logits}, here / "logits.safetensors")
golden = {
    "optimizer": optimizer,
    "adapter": {"rank": 4, "alpha": 8, "dropout": 0, "targetModules": modules},
    "batch": {
        "rows": rows,
        "sequenceTokens": tokens,
        "inputIds": ids.flatten().tolist(),
        "labels": labels.flatten().tolist(),
        "weights": [round(w, 1) for w in weights.flatten().tolist()],
    },
    "full": full,
    "lora": lora,
}
(here / "golden.json").write_text(json.dumps(golden, indent=1) + "\n")
