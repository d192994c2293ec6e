"""Makes golden.json: what Hugging Face's `tokenizers` (Rust) trains and encodes, and what Jinja2 renders as Transformers sets it up.

    pip install tokenizers==0.22.1 jinja2
    python make_golden.py > golden.json
"""

import json
import sys

from jinja2.sandbox import ImmutableSandboxedEnvironment
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

SPECIAL = ["<|pad|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>"]

TEXTS = [
    "Every weekday at half past nine, the backup runs; every weekend it doesn't.",
    "every weekday at 09:30 -> 30 9 * * 1-5",
    "I'm sure they'll say we've asked the same questions, haven't they? They've said so.",
    "Der Zug fährt täglich außer Sonntag um halb zehn, und der nächste Zug fährt täglich um zehn.",
    "El tren sale todos los días a las nueve y media; mañana también sale a las nueve.",
    "Le train part chaque jour à neuf heures et demie, l'été comme l'hiver, chaque jour.",
    "Поезд отправляется каждый день в половине десятого, каждый день и каждую ночь.",
    "Το τρένο φεύγει κάθε μέρα στις εννέα και μισή, κάθε μέρα.",
    "电车每天九点半出发，每天晚上十点到达。每天都一样。",
    "電車は毎日九時半に出発します。毎日、毎日、同じ時間に出発します。",
    "기차는 매일 아홉 시 반에 출발합니다. 매일 매일 출발합니다.",
    "ट्रेन हर दिन साढ़े नौ बजे चलती है, हर दिन, हर रात।",
    "القطار يغادر كل يوم في التاسعة والنصف، كل يوم.",
    "def schedule(hour: int) -> str:\n    return f\"0 {hour} * * *\"\n\n\n    # twice\tindented\n",
    "aaaa aaaaaa aaa   spaces      and   more    spaces",
    "emoji 🚂🚃🚃 and 👩‍👩‍👧 and e\u0301 combining",
]

PROBES = TEXTS[:3] + [
    "",
    " ",
    "   leading and trailing   ",
    "every other tuesday at 17:45, please!",
    "UPPER case, Straße, ÉTÉ",
    "unseen ☃ symbols ∑∂ and ไทย text\r\nnew\u00a0line",
    "<|user|>every day<|end|><|assistant|>0 0 * * *<|end|>",
    "aaaaa aaaaaaa a",
]

TEMPLATES = {
    "roles": "{% for message in messages %}{{ '<|' + message.role + '|>' + message.content + eos_token }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}",
    "chatml": "{%- for message in messages %}\n    {{- '<|im_start|>' + message['role'] + '\\n' }}\n"
    "    {{- message['content'] | trim + '<|im_end|>\\n' }}\n{%- endfor %}\n"
    "{%- if add_generation_prompt %}\n    {{- '<|im_start|>assistant\\n' }}\n{%- endif %}\n",
    "llama2": "{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}"
    "{% set system_message = messages[0]['content'] %}{% else %}{% set loop_messages = messages %}"
    "{% set system_message = false %}{% endif %}{% for message in loop_messages %}"
    "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('roles must alternate') }}{% endif %}"
    "{% if loop.index0 == 0 and system_message != false %}"
    "{% set content = '<<SYS>>\\n' + system_message + '\\n<</SYS>>\\n\\n' + message['content'] %}"
    "{% else %}{% set content = message['content'] %}{% endif %}"
    "{% if message['role'] == 'user' %}{{ bos_token + '[INST] ' + content | trim + ' [/INST]' }}"
    "{% elif message['role'] == 'assistant' %}{{ ' ' + content | trim + ' ' + eos_token }}{% endif %}{% endfor %}",
}

MESSAGES = [
    [{"role": "user", "content": "every day at noon"}],
    [
        {"role": "system", "content": "Turn the schedule into cron."},
        {"role": "user", "content": "  hourly \n"},
        {"role": "assistant", "content": "0 * * * *"},
        {"role": "user", "content": "daily"},
    ],
]


def train(pattern, lowercase, size):
    tokenizer = Tokenizer(models.BPE())
    if lowercase:
        tokenizer.normalizer = normalizers.Lowercase()
    if pattern == "words":
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Split(Regex(r" ?[\p{L}\p{M}]+|[^\p{L}\p{M}]"), "isolated"),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
            ]
        )
    else:
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = [AddedToken(token, special=True, normalized=False) for token in SPECIAL]
    tokenizer.train_from_iterator(
        TEXTS,
        trainers.BpeTrainer(
            vocab_size=size,
            min_frequency=2,
            special_tokens=special,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    model = json.loads(tokenizer.to_str())["model"]
    encodings = [tokenizer.encode(text, add_special_tokens=False).ids for text in PROBES]
    return {
        "options": {"pattern": pattern, "lowercase": lowercase, "vocabularySize": size},
        "vocab": model["vocab"],
        "merges": model["merges"],
        "encodings": encodings,
        "decodings": [tokenizer.decode(ids, skip_special_tokens=True) for ids in encodings],
    }


def render(template, messages, generation):
    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(template).render(
        messages=messages, add_generation_prompt=generation, bos_token="<s>", eos_token="</s>", pad_token="<pad>"
    )


json.dump(
    {
        "texts": TEXTS,
        "probes": PROBES,
        "tokenizers": [train("gpt2", False, 420), train("words", True, 384), train("words", False, 600)],
        "chats": [
            {
                "template": template,
                "messages": messages,
                "addGenerationPrompt": generation,
                "text": render(template, messages, generation),
            }
            for template in TEMPLATES.values()
            for messages in MESSAGES
            for generation in (False, True)
        ],
    },
    sys.stdout,
    ensure_ascii=False,
    separators=(",", ":"),
)
