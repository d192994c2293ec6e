"""The sentences of text-metrics.json, as `sentences.ts` makes them: same vocabulary, same random numbers."""

import json
import pathlib

vocabulary = json.loads((pathlib.Path(__file__).parent / "vocabulary.json").read_text(encoding="utf-8"))


class Random:
    """Marsaglia's xorshift32."""

    def __init__(self, seed):
        self.state = seed

    def below(self, limit):
        x = self.state
        x ^= (x << 13) & 0xFFFFFFFF
        x ^= x >> 17
        x ^= (x << 5) & 0xFFFFFFFF
        self.state = x
        return x % limit

    def pick(self, items):
        return items[self.below(len(items))]


def make_word(random, language):
    if language == "en" and random.below(3) == 0:
        return random.pick(vocabulary["stems"]) + random.pick(vocabulary["suffixes"])
    return random.pick(vocabulary["languages"][language]["words"])


def make_words(random, language):
    return [make_word(random, language) for _ in range(1 + random.below(1 + random.below(40)))]


def mutate(random, words, language):
    words = list(words)
    for _ in range(random.below(6)):
        place = random.below(len(words) + 1)
        action = random.below(6)
        if action == 0:
            words[place:place] = [make_word(random, language)]
        elif action == 1:
            words = words[:place] + words[place + 1 :]
        elif action == 2:
            words[place : place + 1] = [make_word(random, language)]
        elif action == 3:
            words = [w.upper() if i == place else w for i, w in enumerate(words)]
        elif action == 4:
            end = place + 1 + random.below(5)
            run, rest = words[place:end], words[:place] + words[end:]
            target = random.below(len(rest) + 1)
            words = rest[:target] + run + rest[target:]
        else:
            words[place:place] = words[max(0, place - 2) : place]
    return words


def join(random, words, language):
    joiner = vocabulary["languages"][language]["joiner"]
    text = ""
    for i, word in enumerate(words):
        if i > 0:
            chance = random.below(24)
            text += random.pick(vocabulary["punctuation"]) + joiner if chance < 3 else "\n" if chance == 3 else joiner
        text += word
    return text + random.pick(["", ".", " .", "!", "。", "\n"])


def make_sentences(count, seed=20261122):
    """[hypothesis, reference, second reference], languages in turn; every 16th is made of edge cases."""
    random = Random(seed)
    languages = list(vocabulary["languages"])
    sentences = []
    for i in range(count):
        language = languages[i % len(languages)]
        if i % 16 == 0:
            sentences.append([random.pick(vocabulary["edges"]) for _ in range(3)])
            continue
        words = make_words(random, language)
        texts = [mutate(random, words, language), words, mutate(random, words, language)]
        sentences.append([join(random, text, language) for text in texts])
    return sentences


def make_word_forms():
    """Every stem with every third suffix."""
    return [s + e for i, s in enumerate(vocabulary["stems"]) for k, e in enumerate(vocabulary["suffixes"]) if (i + k) % 3 == 0]
