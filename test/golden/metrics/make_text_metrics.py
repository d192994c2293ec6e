"""Writes text-metrics.json: sacreBLEU's and rouge-score's figures for generated sentences, and NLTK's stems.

    python3 -m venv venv && venv/bin/pip install sacrebleu==2.6.0 rouge-score==0.1.2
    venv/bin/python make_text_metrics.py
"""

import base64
import json
import pathlib
import struct

from nltk.stem.porter import PorterStemmer
from rouge_score import rouge_scorer
from sacrebleu.metrics import BLEU, CHRF, TER

from sentences import make_sentences, make_word_forms

COUNT = 2048
BLOCK = 8
sentences = make_sentences(COUNT)


def pack(numbers):
    return base64.b64encode(struct.pack(f"<{len(numbers)}d", *numbers)).decode()


def blocks():
    return [sentences[i : i + BLOCK] for i in range(0, COUNT, BLOCK)]


def streams(block, references):
    return [h for h, _, _ in block], [[s[1 + k] for s in block] for k in range(references)]


def sacrebleu_case(kind, options, references, each=False):
    metric = {"bleu": BLEU, "chrf": CHRF, "ter": TER}[kind](**options)
    figures = [metric.corpus_score(*streams(block, references)).score for block in blocks()]
    case = {"kind": kind, "options": options, "references": references, "signature": str(metric.get_signature()), "blocks": pack(figures)}
    if each:
        single = BLEU(effective_order=True, **options) if kind == "bleu" else metric
        case["each"] = pack([single.sentence_score(s[0], list(s[1 : 1 + references])).score for s in sentences])
    return case


def rouge_case(stemmer, references):
    types = ["rouge1", "rouge2", "rougeL", "rougeLsum"]
    scorer = rouge_scorer.RougeScorer(types, use_stemmer=stemmer)
    scores = [scorer.score_multi(list(s[1 : 1 + references]), s[0]) for s in sentences]
    means = {t: [sum(s[t].fmeasure for s in scores[i : i + BLOCK]) / BLOCK for i in range(0, COUNT, BLOCK)] for t in types}
    return {"stemmer": stemmer, "references": references, "blocks": {t: pack(v) for t, v in means.items()}}


cases = [sacrebleu_case("bleu", {}, 1, each=True), sacrebleu_case("bleu", {}, 2)]
for tokenize in ["none", "intl", "char", "zh"]:
    cases.append(sacrebleu_case("bleu", {"tokenize": tokenize}, 1))
cases += [
    sacrebleu_case("bleu", {"lowercase": True, "tokenize": "intl"}, 2),
    sacrebleu_case("bleu", {"smooth_method": "none"}, 1),
    sacrebleu_case("bleu", {"smooth_method": "floor"}, 1),
    sacrebleu_case("bleu", {"smooth_method": "floor", "smooth_value": 0.5}, 1),
    sacrebleu_case("bleu", {"smooth_method": "add-k"}, 1),
    sacrebleu_case("bleu", {"smooth_method": "add-k", "smooth_value": 2, "effective_order": True}, 1),
    sacrebleu_case("chrf", {}, 1, each=True),
    sacrebleu_case("chrf", {"word_order": 2}, 1),
    sacrebleu_case("chrf", {"word_order": 2, "lowercase": True, "whitespace": True}, 2),
    sacrebleu_case("chrf", {"eps_smoothing": True, "beta": 3, "char_order": 4, "word_order": 1}, 1),
    sacrebleu_case("ter", {}, 1, each=True),
    sacrebleu_case("ter", {"normalized": True}, 1),
    sacrebleu_case("ter", {"normalized": True, "asian_support": True}, 1),
    sacrebleu_case("ter", {"no_punct": True, "asian_support": True, "case_sensitive": True}, 1),
    sacrebleu_case("ter", {"normalized": True, "no_punct": True}, 2),
]
rouge = [rouge_case(False, 1), rouge_case(True, 1), rouge_case(True, 2)]
stemmer = PorterStemmer()
stems = " ".join(stemmer.stem(word) for word in make_word_forms())
text = json.dumps({"count": COUNT, "block": BLOCK, "cases": cases, "rouge": rouge, "stems": stems}, ensure_ascii=False, indent=0)
(pathlib.Path(__file__).parent / "text-metrics.json").write_text(text + "\n", encoding="utf-8")
