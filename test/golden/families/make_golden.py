"""Reference values of tiny models of every family, from PyTorch, Hugging Face Transformers and PEFT.

    pip install torch transformers peft safetensors tokenizers
    python make_golden.py [NAME ...]

For each model a folder beside this script: config.json and model.safetensors (or shards) as Transformers saves them,
adapter/ as PEFT saves it (its matrices B moved away from zero), tensors.safetensors (logits and gradients, with and
without the adapter) and golden.json (batch, losses of 20 AdamW steps, 64 greedy tokens).
"""
import json
import shutil
import sys
from pathlib import Path

import peft
import torch
import transformers
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file

here = Path(__file__).parent
rows, tokens, vocabulary = 2, 12, 48
optimizer = {"learningRate": 3e-3, "beta1": 0.9, "beta2": 0.98, "epsilon": 1e-8, "weightDecay": 0.1, "maxGradientNorm": 1.0}

sizes = dict(
    vocab_size=vocabulary, hidden_size=32, intermediate_size=40, num_hidden_layers=2, num_attention_heads=4,
    num_key_value_heads=2, max_position_embeddings=128, initializer_range=0.25,
    bos_token_id=None, eos_token_id=None, pad_token_id=None,
)
gated = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
llama3 = dict(
    rope_type="llama3", rope_theta=10000.0, factor=4.0, low_freq_factor=1.0, high_freq_factor=4.0,
    original_max_position_embeddings=32,
)
yarn = dict(rope_type="yarn", rope_theta=10000.0, factor=4.0, original_max_position_embeddings=32)

# name: (config class, changes, adapted modules, dtype of the saved weights, largest shard)
models = {
    "llama": ("LlamaConfig", {**sizes, "rope_parameters": llama3}, gated, torch.float32, "5GB"),
    "llama-biased": (
        "LlamaConfig",
        {**sizes, "attention_bias": True, "mlp_bias": True, "tie_word_embeddings": True,
         "rope_parameters": dict(rope_type="linear", rope_theta=5000.0, factor=2.0)},
        ["q_proj", "v_proj"], torch.bfloat16, "20KB",
    ),
    "mistral": ("MistralConfig", {**sizes, "head_dim": 16, "sliding_window": 7}, gated, torch.float16, "5GB"),
    "qwen2": ("Qwen2Config", {**sizes, "tie_word_embeddings": True}, gated, torch.bfloat16, "5GB"),
    "qwen3": ("Qwen3Config", {**sizes, "head_dim": 16, "rope_parameters": yarn}, gated, torch.bfloat16, "5GB"),
    "gpt2": (
        "GPT2Config",
        dict(vocab_size=vocabulary, n_positions=128, n_embd=32, n_layer=2, n_head=4, n_inner=64, initializer_range=0.25,
             resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0, bos_token_id=None, eos_token_id=None),
        ["c_attn", "c_proj", "c_fc"], torch.float32, "5GB",
    ),
    "gemma": ("GemmaConfig", {**sizes, "head_dim": 16}, gated, torch.bfloat16, "5GB"),
    "gemma2": (
        "Gemma2Config",
        {**sizes, "head_dim": 16, "query_pre_attn_scalar": 24, "sliding_window": 7, "attn_logit_softcapping": 4.0,
         "final_logit_softcapping": 6.0},
        gated, torch.bfloat16, "5GB",
    ),
    "gemma3": (
        "Gemma3TextConfig",
        {**sizes, "head_dim": 16, "query_pre_attn_scalar": 24, "sliding_window": 7,
         "layer_types": ["sliding_attention", "full_attention"],
         "rope_parameters": {
             "sliding_attention": dict(rope_type="default", rope_theta=10000.0),
             "full_attention": dict(rope_type="linear", rope_theta=1000000.0, factor=8.0)}},
        gated, torch.bfloat16, "5GB",
    ),
}


def new_model(name):
    """Weights are rounded to the saved type first, so that both sides start from the same numbers."""
    config_class, changes, _, dtype, _ = models[name]
    torch.manual_seed(0)
    config = getattr(transformers, config_class)(**changes)
    model = transformers.AutoModelForCausalLM.from_config(config, attn_implementation="eager", dtype=torch.float32)
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            if parameter.ndim == 1:
                parameter += 0.2 * torch.randn_like(parameter)
            if config.tie_word_embeddings and ("embed_tokens" in key or "wte" in key):
                parameter *= 0.05 if "Gemma" in config_class else 0.2  # else the most likely token is always the one before
            parameter.copy_(parameter.to(dtype).to(torch.float32))
    return model


def new_adapter(name):
    torch.manual_seed(1)
    adapted = get_peft_model(
        new_model(name), LoraConfig(r=2, lora_alpha=6, lora_dropout=0.0, target_modules=models[name][2], task_type="CAUSAL_LM")
    )
    with torch.no_grad():
        for key, parameter in adapted.named_parameters():
            if "lora_B" in key:
                parameter += 0.2 * torch.randn_like(parameter)
    return adapted


torch.manual_seed(2)
ids = torch.randint(0, vocabulary, (rows, tokens))
labels = torch.randint(0, vocabulary, (rows, tokens))
weights = torch.ones(rows, tokens)
weights[:, :4] = 0.1
weights[1, 9:] = 0.0


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
    return {"losses": losses, "gradientNorms": norms}


def greedy(model):
    prompt = ids[:1, :5]
    made = model.generate(prompt, attention_mask=torch.ones_like(prompt), max_new_tokens=64, do_sample=False, pad_token_id=0)
    return made[0, 5:].tolist()


def reference(make):
    model = make().eval()
    loss, logits = weighted_loss(model)
    loss.backward()
    gradients = {n.replace(".default.", "."): p.grad for n, p in model.named_parameters() if p.requires_grad}
    numbers = {"loss": loss.item(), "greedy": greedy(make().eval()), **train(make().eval())}
    return numbers, logits.detach(), gradients


def write(name):
    folder = here / name
    shutil.rmtree(folder, ignore_errors=True)
    _, _, modules, dtype, shard = models[name]
    new_model(name).to(dtype).save_pretrained(folder, max_shard_size=shard)
    (folder / "generation_config.json").unlink(missing_ok=True)
    new_adapter(name).save_pretrained(folder / "adapter")
    (folder / "adapter" / "README.md").unlink(missing_ok=True)
    full, full_logits, full_gradients = reference(lambda: new_model(name))
    lora, lora_logits, lora_gradients = reference(lambda: new_adapter(name))
    tensors = {"full.logits": full_logits, "lora.logits": lora_logits}
    tensors |= {f"full.{key}": value for key, value in full_gradients.items()}
    tensors |= {f"lora.{key}": value for key, value in lora_gradients.items()}
    save_file({key: value.contiguous().clone() for key, value in tensors.items()}, folder / "tensors.safetensors")
    golden = {
        "versions": {m.__name__: m.__version__ for m in (torch, transformers, peft)},
        "optimizer": optimizer,
        "adapter": {"rank": 2, "alpha": 6, "dropout": 0, "targetModules": modules},
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
    (folder / "golden.json").write_text(json.dumps(golden) + "\n")


torch.set_num_threads(1)
for name in sys.argv[1:] or models:
    write(name)
    greedy_tokens = json.loads((here / name / "golden.json").read_text())["full"]["greedy"]
    print(name, len(set(greedy_tokens)), "different greedy tokens,", sum(f.stat().st_size for f in (here / name).rglob("*") if f.is_file()) // 1024, "KB")
