"""Training and decoding rates of a Llama written in plain PyTorch: python3 torch_rates.py OPTIONS_AS_JSON."""
import json
import os
import sys
import time

if "avx512f" in open("/proc/cpuinfo").read():
    os.environ.setdefault("OPENBLAS_CORETYPE", "SKYLAKEX")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as the engine: idle threads sleep on shared cores

import torch
import torch.nn.functional as F

o = json.loads(sys.argv[1])
hidden, layers, heads = o["hidden_size"], o["num_hidden_layers"], o["num_attention_heads"]
feed_forward, vocabulary, rank = o["intermediate_size"], o["vocab_size"], o["rank"]
rows, tokens, new_tokens = o["rows"], o["sequenceTokens"], o["newTokens"]
size = hidden // heads
torch.manual_seed(0)

shapes = {"q": (hidden, hidden), "k": (hidden, hidden), "v": (hidden, hidden), "o": (hidden, hidden),
          "gate": (feed_forward, hidden), "up": (feed_forward, hidden), "down": (hidden, feed_forward)}
weights = {"embed": torch.randn(vocabulary, hidden), "head": torch.randn(vocabulary, hidden) / hidden**0.5,
           "norm": torch.ones(hidden)}
adapters = {}
for layer in range(layers):
    for name, shape in shapes.items():
        weights[f"{layer}.{name}"] = torch.randn(shape) / shape[1] ** 0.5
    weights[f"{layer}.norm1"], weights[f"{layer}.norm2"] = torch.ones(hidden), torch.ones(hidden)
    for name in ["q", "v"]:
        adapters[f"{layer}.{name}.a"] = torch.randn(rank, hidden) / hidden**0.5
        adapters[f"{layer}.{name}.b"] = torch.zeros(hidden, rank)

angles = torch.outer(torch.arange(512.0), 1 / 10000 ** (torch.arange(0, size, 2) / size))
cosines, sines = torch.cat([angles.cos()] * 2, -1), torch.cat([angles.sin()] * 2, -1)
causal = torch.triu(torch.full((tokens, tokens), -1e9), 1)


def norm(x, scale):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5) * scale


def rotate(x, start):
    end = start + x.shape[-2]
    half = torch.cat([-x[..., size // 2:], x[..., : size // 2]], -1)
    return x * cosines[start:end] + half * sines[start:end]


def forward(ids, lora=False, cache=None):
    count, length = ids.shape
    start = 0 if cache is None or not cache else cache[0][0].shape[2]
    x = F.embedding(ids, weights["embed"])
    for layer in range(layers):
        h = norm(x, weights[f"{layer}.norm1"])

        def project(name):
            y = F.linear(h, weights[f"{layer}.{name}"])
            if lora and f"{layer}.{name}.a" in adapters:
                y = y + 2.0 * F.linear(F.linear(h, adapters[f"{layer}.{name}.a"]), adapters[f"{layer}.{name}.b"])
            return y.view(count, length, heads, size).transpose(1, 2)

        q, k, v = rotate(project("q"), start), rotate(project("k"), start), project("v")
        if cache is not None:
            if len(cache) > layer:
                k, v = torch.cat([cache[layer][0], k], 2), torch.cat([cache[layer][1], v], 2)
                cache[layer] = (k, v)
            else:
                cache.append((k, v))
        scores = (q / size**0.5) @ k.transpose(-1, -2)
        if length > 1:
            scores = scores + causal[:length, :length]
        mixed = (torch.softmax(scores, -1) @ v).transpose(1, 2).reshape(count, length, hidden)
        x = x + F.linear(mixed, weights[f"{layer}.o"])
        h = norm(x, weights[f"{layer}.norm2"])
        x = x + F.linear(F.silu(F.linear(h, weights[f"{layer}.gate"])) * F.linear(h, weights[f"{layer}.up"]),
                         weights[f"{layer}.down"])
    return F.linear(norm(x, weights["norm"]), weights["head"])


def training_rate(trained, lora):
    for tensor in [*weights.values(), *adapters.values()]:
        tensor.requires_grad_(False)
    for tensor in trained:
        tensor.requires_grad_(True)
    ids = torch.randint(0, vocabulary, (rows, tokens))
    labels = torch.randint(0, vocabulary, (rows, tokens))
    adamw = torch.optim.AdamW(trained, lr=1e-3, betas=(0.9, 0.99), weight_decay=0.01)
    seconds = []
    for _ in range(12):
        start = time.perf_counter()
        adamw.zero_grad()
        F.cross_entropy(forward(ids, lora).view(-1, vocabulary), labels.view(-1)).backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        adamw.step()
        seconds.append(time.perf_counter() - start)
    return rows * tokens / sorted(seconds[2:])[5]


@torch.no_grad()
def decoding_rate():
    rates = []
    for _ in range(3):
        start = time.perf_counter()
        cache, ids = [], torch.arange(32).view(1, 32)
        for _ in range(new_tokens):
            ids = forward(ids, cache=cache)[:, -1].argmax(-1, keepdim=True)
        rates.append(new_tokens / (time.perf_counter() - start))
    return sorted(rates)[1]


print(json.dumps({
    "lora": training_rate(list(adapters.values()), True),
    "full": training_rate(list(weights.values()), False),
    "decode": decoding_rate(),
}))
