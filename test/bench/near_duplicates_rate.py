"""Prints {"rate"}: texts per second that datasketch takes into a MinHash LSH index and asks about, 128 permutations."""

import json
import sys
import time

from datasketch import MinHash, MinHashLSH

file, threshold = sys.argv[1], float(sys.argv[2])
with open(file, encoding="utf-8") as lines:
    texts = [" ".join(line.lower().split()) for line in lines]

start = time.perf_counter()
index = MinHashLSH(threshold=threshold, num_perm=128)
for row, text in enumerate(texts):
    signature = MinHash(num_perm=128)
    signature.update_batch([text[i : i + 5].encode() for i in range(max(1, len(text) - 4))])
    if not index.query(signature):
        index.insert(row, signature)
print(json.dumps({"rate": len(texts) / (time.perf_counter() - start)}))
