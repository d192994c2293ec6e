"""Pairs per second of sacreBLEU's corpus BLEU and of rouge-score on a JSON Lines file of [hypothesis, reference]."""

import json
import sys
import time

from rouge_score import rouge_scorer
from sacrebleu.metrics import BLEU

pairs = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]


def rate(work):
    start = time.perf_counter()
    figure = work()
    return {"rate": len(pairs) / (time.perf_counter() - start), "figure": figure}


def rouge():
    scorer = rouge_scorer.RougeScorer(["rouge1", "rouge2", "rougeL"])
    return sum(scorer.score(r, h)["rougeL"].fmeasure for h, r in pairs) / len(pairs)


def bleu():
    return BLEU().corpus_score([h for h, _ in pairs], [[r for _, r in pairs]]).score


print(json.dumps({"bleu": rate(bleu), "rouge": rate(rouge)}))
