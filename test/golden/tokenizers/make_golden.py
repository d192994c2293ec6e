"""What Hugging Face Transformers encodes, decodes and renders, for tiny tokenizers of the kinds that models ship with.

    pip install transformers tokenizers
    python make_golden.py

Writes a folder per tokenizer (tokenizer.json, tokenizer_config.json) and golden.json beside this script.
"""
import json
import shutil
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

here = Path(__file__).parent

TEXTS = [
    "The backup runs every weekday at half past nine, doesn't it? They've said so; I'm sure they'll check.",
    "Der Zug fährt täglich außer Sonntag um halb zehn, und der nächste fährt um zehn Uhr.",
    "El tren sale todos los días a las nueve y media; ¿mañana también?",
    "Le train part chaque jour à neuf heures et demie, l'été comme l'hiver.",
    "Поезд отправляется каждый день в половине десятого, каждую ночь.",
    "Το τρένο φεύγει κάθε μέρα στις εννέα και μισή.",
    "电车每天九点半出发，每天晚上十点到达。每天都一样。",
    "電車は毎日九時半に出発します。毎日、同じ時間に出発します。",
    "기차는 매일 아홉 시 반에 출발합니다. 매일 출발합니다.",
    "ट्रेन हर दिन साढ़े नौ बजे चलती है, हर रात।",
    "القطار يغادر كل يوم في التاسعة والنصف.",
    "def schedule(hour: int) -> str:\n    return f\"0 {hour} * * *\"\n",
]

PROBES = TEXTS + [
    "",
    " ",
    "   leading and trailing   ",
    "a  b   c    d",
    "1 12 123 1234 12345 3.14159 2026-11-22",
    "line\nline\r\nline\n\n\n  indented\ttab",
    "HE'S she'll WE'RE o'clock rock'n'roll",
    "emoji 🚂🚃 and 👩‍👩‍👧 and flags 🇫🇷",
    "e\u0301te\u0301 is été, A\u030angstro\u0308m is Ångström",
    "ไทย ქართული ᏣᎳᎩ unseen scripts ☃ ∑∂",
    "<|user|>every day<|end|>",
    "mid<|end|>dle and <|end|> alone",
    "nul\u0000 and \ufeff mark and \u00a0 space and \u200b zero",
    "((((!!!!))))----____====",
    "x" * 40,
    "▁ already there ▁▁",
]

CONTRACTIONS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
SPECIAL = ["<|begin|>", "<|end|>", "<|user|>", "<|assistant|>"]


def added(token):
    return AddedToken(token, special=True, normalized=False)


def byte_level():
    """As Llama 3 and Qwen: NFC, words cut by a pattern, bytes, a first token put before the text."""
    tokenizer = Tokenizer(models.BPE(ignore_merges=True))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(CONTRACTIONS), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokenizer.train_from_iterator(
        TEXTS, trainers.BpeTrainer(vocab_size=500, initial_alphabet=alphabet, show_progress=False)
    )
    tokenizer.add_special_tokens([added(token) for token in SPECIAL])
    begin = tokenizer.token_to_id("<|begin|>")
    tokenizer.post_processor = processors.TemplateProcessing(single="<|begin|> $A", special_tokens=[("<|begin|>", begin)])
    return tokenizer, {"bos_token": "<|begin|>", "eos_token": "<|end|>"}


def with_bytes(merged, first):
    """The vocabulary of a model that falls back to bytes: special tokens, <0x00> to <0xFF>, then what was learnt."""
    learnt = sorted(merged["vocab"], key=merged["vocab"].get)
    names = first + [f"<0x{byte:02X}>" for byte in range(256)] + learnt
    merges = [tuple(pair) for pair in merged["merges"]]
    return {name: i for i, name in enumerate(names)}, merges


def byte_fallback(replace_only):
    """As Llama 2 and TinyLlama (a mark before the text), or as Gemma (marks for spaces alone)."""
    learner = Tokenizer(models.BPE())
    learner.normalizer = normalizers.Replace(" ", "▁")
    learner.pre_tokenizer = pre_tokenizers.Split("▁", "merged_with_next")
    learner.train_from_iterator(
        TEXTS[:4], trainers.BpeTrainer(vocab_size=200, limit_alphabet=60, show_progress=False)
    )
    merged = json.loads(learner.to_str())["model"]
    vocabulary, merges = with_bytes(merged, ["<unk>", "<s>", "</s>"])
    tokenizer = Tokenizer(
        models.BPE(vocabulary, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True)
    )
    marks = [normalizers.Replace(" ", "▁")]
    tokenizer.normalizer = marks[0] if replace_only else normalizers.Sequence([normalizers.Prepend("▁")] + marks)
    if replace_only:
        tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    decoding = [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    tokenizer.decoder = decoders.Sequence(decoding if replace_only else decoding + [decoders.Strip(" ", 1, 0)])
    return finish(tokenizer)


def metaspace():
    """As newer conversions of SentencePiece: Metaspace before the first word only."""
    learner = Tokenizer(models.BPE())
    learner.pre_tokenizer = pre_tokenizers.Metaspace()
    learner.train_from_iterator(TEXTS[:4], trainers.BpeTrainer(vocab_size=200, limit_alphabet=60, show_progress=False))
    vocabulary, merges = with_bytes(json.loads(learner.to_str())["model"], ["<unk>", "<s>", "</s>"])
    tokenizer = Tokenizer(models.BPE(vocabulary, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    return finish(tokenizer)


def finish(tokenizer):
    tokenizer.add_special_tokens([added(token) for token in ["<unk>", "<s>", "</s>"] + SPECIAL[1:]])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", special_tokens=[("<s>", tokenizer.token_to_id("<s>"))]
    )
    return tokenizer, {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}


TEMPLATES = {
    "chatml": """{%- for message in messages %}
    {%- if loop.first and messages[0]['role'] != 'system' %}
        {{- '<|im_start|>system\\nYou are helpful.<|im_end|>\\n' }}
    {%- endif %}
    {{- '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
""",
    "headers": """{{- bos_token }}
{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content'] | trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system_message = "" %}
{%- endif %}
{%- if not date_string is defined %}
    {%- set date_string = "26 Jul 2024" %}
{%- endif %}
{{- "<|start_header_id|>system<|end_header_id|>\\n\\n" }}
{{- "Cutting Knowledge Date: December 2023\\nToday Date: " + date_string + "\\n\\n" + system_message + "<|eot_id|>" }}
{%- for message in messages %}
    {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' + message['content'] | trim + '<|eot_id|>' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
{%- endif %}
""",
    "bars": """{% for message in messages %}
{% if message['role'] == 'user' %}
{{ '<|user|>\\n' + message['content'] + eos_token }}
{% elif message['role'] == 'system' %}
{{ '<|system|>\\n' + message['content'] + eos_token }}
{% elif message['role'] == 'assistant' %}
{{ '<|assistant|>\\n'  + message['content'] + eos_token }}
{% endif %}
{% if loop.last and add_generation_prompt %}
{{ '<|assistant|>' }}
{% endif %}
{% endfor %}""",
    "instructions": """{{ bos_token }}{% set ns = namespace(index=0) %}
{%- if messages[0].role == 'system' %}{% set system = messages[0].content %}{% set rest = messages[1:] %}
{%- else %}{% set system = none %}{% set rest = messages %}{% endif %}
{%- for message in rest %}
    {%- if (message.role == 'user') != (ns.index % 2 == 0) %}{{ raise_exception('roles must alternate') }}{% endif %}
    {%- set ns.index = ns.index + 1 %}
    {%- if message.role == 'user' %}
        {%- if system and loop.last %}{{ '[INST] ' ~ system ~ '\\n\\n' ~ message.content ~ '[/INST]' }}
        {%- else %}{{ '[INST] ' ~ message.content ~ '[/INST]' }}{% endif %}
    {%- else %}{{ ' ' ~ message.content.strip() ~ eos_token }}{% endif %}
{%- endfor %}""",
    "turns": """{{ bos_token }}{% if messages[0]['role'] == 'system' %}
{%- set first = messages[0]['content'] + '\\n\\n' -%}{%- set rest = messages[1:] -%}
{% else %}{%- set first = '' -%}{%- set rest = messages -%}{% endif %}
{%- macro render(role, text) -%}
{{ '<start_of_turn>' + role + '\\n' + text | trim + '<end_of_turn>\\n' }}
{%- endmacro -%}
{%- for message in rest -%}
    {%- set role = 'model' if message['role'] == 'assistant' else message['role'] -%}
    {{ render(role, (first if loop.first else '') + message['content']) }}
{%- endfor -%}
{%- if add_generation_prompt -%}{{ '<start_of_turn>model\\n' }}{%- endif -%}""",
    "thinking": """{%- set ns = namespace(last=-1) %}
{%- for message in messages[::-1] %}
    {%- if ns.last == -1 and message.role == 'user' %}{%- set ns.last = (messages | length - 1) - loop.index0 %}{%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- set content = message.content %}
    {%- if message.role == 'assistant' and '</think>' in content %}
        {%- if loop.index0 < ns.last %}{%- set content = content.split('</think>')[-1].lstrip('\\n') %}{%- endif %}
    {%- endif %}
    {{- '<|im_start|>' + message.role + '\\n' + content + '<|im_end|>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}{{- '<think>\\n\\n</think>\\n\\n' }}{%- endif %}
{%- endif %}""",
    "loss": """{%- for message in messages %}
    {%- if message.role == 'assistant' %}
        {{- '<|assistant|>' }}{% generation %}{{ message.content + eos_token }}{% endgeneration %}
    {%- else %}
        {{- '<|' + message.role + '|>' + message.content | replace('\\n', ' ') | upper }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}""",
}

CHATS = [
    [{"role": "user", "content": "every day at noon"}],
    [
        {"role": "system", "content": "Turn the schedule into cron."},
        {"role": "user", "content": "  hourly \n"},
        {"role": "assistant", "content": "<think>\neasy\n</think>\n\n0 * * * *\n"},
        {"role": "user", "content": "täglich, 毎日 \"quoted\" & <b>"},
    ],
]


def transformers_tokenizer(tokenizer, tokens):
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, clean_up_tokenization_spaces=False, **tokens)


golden = {"probes": PROBES, "tokenizers": {}, "chats": []}
made = {
    "byte-level": byte_level(),
    "byte-fallback": byte_fallback(False),
    "byte-fallback-unprefixed": byte_fallback(True),
    "metaspace": metaspace(),
}
for name, (tokenizer, tokens) in made.items():
    folder = here / name
    shutil.rmtree(folder, ignore_errors=True)
    fast = transformers_tokenizer(tokenizer, tokens)
    fast.save_pretrained(folder)
    for extra in folder.iterdir():
        if extra.name not in ("tokenizer.json", "tokenizer_config.json"):
            extra.unlink()
    encodings = [fast(text)["input_ids"] for text in PROBES]
    golden["tokenizers"][name] = {
        "encodings": encodings,
        "bare": [fast(text, add_special_tokens=False)["input_ids"] for text in PROBES],
        "decodings": [fast.decode(ids, skip_special_tokens=True) for ids in encodings],
        "whole": [fast.decode(ids, skip_special_tokens=False) for ids in encodings],
    }

fast = transformers_tokenizer(*made["byte-fallback"])
for name, template in TEMPLATES.items():
    for messages in CHATS:
        for generation in (False, True):
            text = fast.apply_chat_template(
                messages, chat_template=template, add_generation_prompt=generation, tokenize=False
            )
            golden["chats"].append(
                {"name": name, "template": template, "messages": messages, "addGenerationPrompt": generation, "text": text}
            )
(here / "golden.json").write_text(json.dumps(golden, ensure_ascii=False) + "\n")
