// Eight kinds of work, each an export that gives a checksum; the argument says how much of it.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT(name) __attribute__((export_name(name)))

static uint32_t seed;
static uint32_t draw(void) { return seed = seed * 1664525u + 1013904223u; }

EXPORT("fib") uint32_t fib(uint32_t n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }

EXPORT("sieve") uint32_t sieve(uint32_t n) {
  uint8_t *composite = calloc(n, 1);
  uint32_t count = 0;
  for (uint32_t i = 2; i < n; i++) {
    if (composite[i]) continue;
    count++;
    for (uint32_t j = 2 * i; j < n; j += i) composite[j] = 1;
  }
  free(composite);
  return count;
}

EXPORT("matmul") double matmul(uint32_t n) {
  double *a = malloc(n * n * 8), *b = malloc(n * n * 8), *c = malloc(n * n * 8), sum = 0;
  for (uint32_t i = 0; i < n * n; i++) a[i] = i % 17 / 3.0, b[i] = i % 13 / 7.0;
  for (uint32_t i = 0; i < n; i++)
    for (uint32_t j = 0; j < n; j++) {
      double dot = 0;
      for (uint32_t k = 0; k < n; k++) dot += a[i * n + k] * b[k * n + j];
      c[i * n + j] = dot;
    }
  for (uint32_t i = 0; i < n * n; i++) sum += c[i];
  free(a), free(b), free(c);
  return sum;
}

static const uint32_t K[64] = {
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01,
  0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
  0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
  0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08,
  0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
  0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2
};
#define ROTATE(x, n) ((x) >> (n) | (x) << (32 - (n)))
static void sha_block(uint32_t *h, const uint8_t *p) {
  uint32_t w[64], s[8];
  for (int i = 0; i < 16; i++) w[i] = p[4 * i] << 24 | p[4 * i + 1] << 16 | p[4 * i + 2] << 8 | p[4 * i + 3];
  for (int i = 16; i < 64; i++) {
    uint32_t a = w[i - 15], b = w[i - 2];
    w[i] = w[i - 16] + (ROTATE(a, 7) ^ ROTATE(a, 18) ^ a >> 3) + w[i - 7] + (ROTATE(b, 17) ^ ROTATE(b, 19) ^ b >> 10);
  }
  memcpy(s, h, 32);
  for (int i = 0; i < 64; i++) {
    uint32_t t = s[7] + (ROTATE(s[4], 6) ^ ROTATE(s[4], 11) ^ ROTATE(s[4], 25)) + ((s[4] & s[5]) ^ (~s[4] & s[6])) + K[i] + w[i];
    uint32_t u = (ROTATE(s[0], 2) ^ ROTATE(s[0], 13) ^ ROTATE(s[0], 22)) + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
    memmove(s + 1, s, 28);
    s[4] += t;
    s[0] = t + u;
  }
  for (int i = 0; i < 8; i++) h[i] += s[i];
}
EXPORT("sha") uint32_t sha(uint32_t blocks) {
  uint32_t h[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  uint8_t block[64];
  for (int i = 0; i < 64; i++) block[i] = i;
  for (uint32_t i = 0; i < blocks; i++) sha_block(h, block);
  return h[0] ^ h[7];
}

static int ascending(const void *one, const void *other) {
  uint32_t a = *(const uint32_t *)one, b = *(const uint32_t *)other;
  return a < b ? -1 : a > b;
}
EXPORT("sort") uint32_t sort(uint32_t n) {
  uint32_t *items = malloc(n * 4), sum = 0;
  seed = 7;
  for (uint32_t i = 0; i < n; i++) items[i] = draw();
  qsort(items, n, 4, ascending);
  for (uint32_t i = 0; i < n; i++) sum = sum * 31 + items[i];
  free(items);
  return sum;
}

struct tree { struct tree *left, *right; };
static struct tree *grow(uint32_t depth) {
  struct tree *tree = malloc(sizeof *tree);
  tree->left = depth ? grow(depth - 1) : 0;
  tree->right = depth ? grow(depth - 1) : 0;
  return tree;
}
static uint32_t fell(struct tree *tree) {
  if (!tree) return 0;
  uint32_t count = 1 + fell(tree->left) + fell(tree->right);
  free(tree);
  return count;
}
EXPORT("trees") uint32_t trees(uint32_t depth) { return fell(grow(depth)) + fell(grow(depth / 2)); }

EXPORT("text") uint32_t text(uint32_t n) {
  char line[128];
  uint32_t sum = 0;
  for (uint32_t i = 0; i < n; i++) {
    int length = snprintf(line, sizeof line, "%u %s %08x %.3f %-5d|%lld", i, "words", i * 2654435761u, i / 7.0, (int)i - 50, -77ll * i);
    for (int at = 0; at < length; at++) sum = sum * 33 + line[at];
  }
  return sum;
}

EXPORT("collatz") uint32_t collatz(uint32_t n) {
  uint32_t longest = 0;
  for (uint32_t i = 1; i < n; i++) {
    uint32_t steps = 0;
    for (uint64_t at = i; at != 1; at = at & 1 ? 3 * at + 1 : at / 2) steps++;
    if (steps > longest) longest = steps;
  }
  return longest;
}
