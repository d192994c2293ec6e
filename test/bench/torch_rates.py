"""A training as people run it on PyTorch: python3 torch_rates.py JOB_AS_JSON (a TrainingJob of training.bench.ts).

    pip install torch transformers peft

Prints tokens per second of the median step and the process's peak memory as JSON. On any device but "cpu" it takes the
accelerator that PyTorch finds. Transformers' Llama with scaled dot
product attention, PEFT's LoRA, fused AdamW, clipped gradients; default settings but for the number of threads.
"""
import json
import resource
import sys
import time
import warnings

warnings.filterwarnings("ignore")

import torch
from peft import LoraConfig, get_peft_model
from transformers import LlamaConfig, LlamaForCausalLM

job = json.loads(sys.argv[1])
torch.set_num_threads(job["threads"])
torch.manual_seed(1)
device = torch.device("cpu") if job["device"] == "cpu" else torch.accelerator.current_accelerator()
rows, tokens = job["rows"], job["sequenceTokens"]
config = {key: value for key, value in job["config"].items() if key != "architectures"}
model = LlamaForCausalLM(LlamaConfig(**config, attn_implementation="sdpa"))
if job["mode"] == "lora":
    lora = LoraConfig(r=8, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
    model = get_peft_model(model, lora)
model.to(device).train()
trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
adamw = torch.optim.AdamW(trained, lr=1e-3, weight_decay=0.01, fused=True)

ids = torch.randint(0, config["vocab_size"], (rows, tokens), device=device)
labels = ids.clone()
labels[:, : int(job["promptShare"] * tokens)] = -100

seconds = []
for _ in range(job["steps"]):
    start = time.perf_counter()
    adamw.zero_grad()
    model(input_ids=ids, labels=labels).loss.backward()
    torch.nn.utils.clip_grad_norm_(trained, 1.0)
    adamw.step()
    if device.type != "cpu":
        torch.accelerator.synchronize()
    seconds.append(time.perf_counter() - start)

ordered = sorted(seconds[1:])
print(json.dumps({
    "tokensPerSecond": rows * tokens / ordered[len(ordered) // 2],
    "peakBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
}))
