"""Writes pairs.json and intervals.json: texts and the reference implementations' numbers for them.

    python3 -m venv venv && venv/bin/pip install sacrebleu==2.6.0 rouge-score==0.1.2 scipy
    venv/bin/python make_golden.py
"""

import collections
import json
import pathlib
import random
import re
import string

import sacrebleu
from rouge_score import rouge_scorer
from scipy import stats

here = pathlib.Path(__file__).parent
random.seed(20)

WORDS = (
    "the a an cat sat on mat quickly every weekday at half past nine it's re-run 3.14 1,000 U.S. state-of-the-art "
    "e-mail (see below) \"quoted\" 50% $5 a/b C++ @user #tag x=1; naïve café straße Ångström don't 10-12 ... -- "
    "[MASK] {json} `code` <b> &amp; &quot; 3-4-5 no. yes, end. \\path ~tilde ^hat _under_ | pipe"
).split(" ")

EDGES = [
    ("", ""),
    ("", "a reference"),
    ("a hypothesis", ""),
    ("one", "one"),
    ("one", "two"),
    ("two words", "two words"),
    ("three little words", "three little words"),
    ("the the the the", "the cat"),
    ("a an the", "the"),
    ("...", "..."),
    ("!?", "."),
    ("   ", " "),
    ("trailing space   ", "trailing space"),
    ("tab\there", "tab here"),
    ("line\nbreak", "line break"),
    ("hyphen-\nated", "hyphenated"),
    ("<skipped> text", "text"),
    ("&lt;b&gt; &amp;amp; &quot;x&quot;", "<b> &amp; \"x\""),
    ("30 9 * * 1-5", "30 9 * * 1-5"),
    ("30 9 * * 1-5", "30 9 * * MON-FRI"),
    ("*/15 0,12 1 */2 *", "*/15 0,12 1 */3 *"),
    ("1,234.5", "1,234.5"),
    ("a.b,c", "a . b , c"),
    ("$5.00, please.", "$ 5.00 , please ."),
    ("今天天气很好。", "今天天气不好。"),
    ("東京は今日も雨です", "東京は明日も雨です"),
    ("오늘 날씨가 좋네요", "오늘은 날씨가 좋아요"),
    ("🙂", "🙂"),
    ("👩‍👩‍👧 family 🙂.", "👩‍👩‍👧 family 🙃."),
    ("Ünïcödé wörds", "ünïcödé wörds"),
    ("İstanbul", "i̇stanbul"),
    ("Καλημέρα σας", "Καλησπέρα σας"),
    ("Привет, мир!", "Привет мир"),
    ("مرحبا بالعالم", "مرحبا بكم في العالم"),
    ("नमस्ते दुनिया", "नमस्ते, दुनिया।"),
    ("สวัสดีชาวโลก", "สวัสดีโลก"),
    ("Le chat est sur le tapis.", "Le chat était sur le tapis !"),
    ("Der Hund läuft schnell.", "Der Hund rennt schnell."),
    ("El perro corre rápido", "El perro corre muy rápido"),
    ("O gato dorme", "O gato está dormindo"),
    ("non\u00a0breaking space", "non breaking space"),
    ("zero\u200bwidth", "zerowidth"),
    ("thin\u2009space", "thin space"),
    ("ideographic\u3000space", "ideographic space"),
    ("unit\x1fseparator", "unit separator"),
    ("next\x85line", "next line"),
    ("\ufeffbom", "bom"),
    ("The quick, brown fox -- it jumped!", "the quick brown fox; it jumped."),
    ("CAPITALS MATTER", "capitals matter"),
    ("an answer: the Eiffel Tower", "Eiffel Tower"),
]


def sentence(length):
    return " ".join(random.choice(WORDS) for _ in range(length))


def mutate(text):
    words = text.split(" ")
    for _ in range(random.randint(0, 4)):
        action = random.random()
        place = random.randrange(len(words)) if words else 0
        if action < 0.3 and words:
            words.pop(place)
        elif action < 0.6:
            words.insert(place, random.choice(WORDS))
        elif action < 0.8 and words:
            words[place] = words[place].upper()
        elif len(words) > 1:
            random.shuffle(words[max(0, place - 2) : place + 2])
            words[place - 1], words[place] = words[place], words[place - 1]
    return " ".join(words)


def make_pairs():
    pairs = list(EDGES)
    for i in range(200):
        reference = sentence(1 + i % 23)
        pairs.append((mutate(reference) if i % 11 else sentence(5), reference))
    return pairs


# Normalisation and F1 as the SQuAD 2.0 evaluation script defines them.
def squad_tokens(text):
    text = "".join(c for c in text.lower() if c not in set(string.punctuation))
    return re.sub(r"\b(a|an|the)\b", " ", text).split()


def squad_f1(prediction, reference):
    predicted, wanted = squad_tokens(prediction), squad_tokens(reference)
    if not predicted or not wanted:
        return float(predicted == wanted)
    shared = sum((collections.Counter(predicted) & collections.Counter(wanted)).values())
    if shared == 0:
        return 0.0
    precision, recall = shared / len(predicted), shared / len(wanted)
    return 2 * precision * recall / (precision + recall)


def bleu_numbers(score):
    return {"score": score.score, "precisions": score.precisions, "bp": score.bp, "sys": score.sys_len, "ref": score.ref_len}


def corpus(pairs):
    return bleu_numbers(sacrebleu.corpus_bleu([h for h, _ in pairs], [[r for _, r in pairs]]))


def pairs_golden():
    pairs = make_pairs()
    scorer = rouge_scorer.RougeScorer(["rouge1", "rouge2", "rougeL"], use_stemmer=False)
    metric = sacrebleu.BLEU()
    metric.corpus_score([h for h, _ in pairs], [[r for _, r in pairs]])
    samples = []
    for hypothesis, reference in pairs:
        rouge = scorer.score(reference, hypothesis)
        samples.append(
            {
                "hypothesis": hypothesis,
                "reference": reference,
                "bleu": sacrebleu.sentence_bleu(hypothesis, [reference]).score,
                "rouge": {k: [v.precision, v.recall, v.fmeasure] for k, v in rouge.items()},
                "f1": squad_f1(hypothesis, reference),
            }
        )
    second = [mutate(r) if r else "other" for _, r in pairs]
    both = sacrebleu.corpus_bleu([h for h, _ in pairs], [[r for _, r in pairs], second])
    return {
        "signature": str(metric.get_signature()),
        "samples": samples,
        "corpora": [
            {"from": a, "to": b, **corpus(pairs[a:b])} for a, b in [(0, len(pairs)), (0, 50), (50, 60), (0, 1), (3, 4), (5, 7)]
        ],
        "secondReferences": second,
        "twoReferences": bleu_numbers(both),
    }


def intervals_golden():
    wilson = []
    for successes, trials in [(0, 10), (1, 10), (5, 10), (10, 10), (931, 1000), (2712, 3080), (1, 1)]:
        for level in (0.9, 0.95, 0.99):
            interval = stats.binomtest(successes, trials).proportion_ci(level, method="wilson")
            wilson.append([successes, trials, level, interval.low, interval.high])
    points = [1e-300, 1e-12, 1e-5, 0.001, 0.025, 0.074, 0.076, 0.3, 0.5, 0.8, 0.925, 0.975, 0.999, 1 - 1e-9]
    return {"wilson": wilson, "normalQuantile": [[p, stats.norm.ppf(p)] for p in points]}


def write(name, value):
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    (here / name).write_text(text + "\n", encoding="utf-8")


write("pairs.json", pairs_golden())
write("intervals.json", intervals_golden())
