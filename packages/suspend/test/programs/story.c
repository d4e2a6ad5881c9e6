// A command as they are: arguments, lines read and written, memory that grows, functions by pointer, recursion.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef long (*step)(long);
static long doubled(long x) { return 2 * x; }
static long next(long x) { return x + 1; }
static long squared(long x) { return x * x; }
static const step steps[] = {doubled, next, squared};

static long ackermann(long m, long n) {
  return m == 0 ? n + 1 : n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1));
}

static int by_text(const void *one, const void *other) { return strcmp(*(char *const *)one, *(char *const *)other); }

int main(int argc, char **argv) {
  char line[256], **lines = 0;
  size_t count = 0;
  while (fgets(line, sizeof line, stdin)) {
    line[strcspn(line, "\n")] = 0;
    lines = realloc(lines, (count + 1) * sizeof *lines);
    lines[count++] = strdup(line);
  }
  qsort(lines, count, sizeof *lines, by_text);
  for (size_t i = 0; i < count; i++) printf("%zu: %s\n", i, lines[i]);
  long x = argc > 1 ? strtol(argv[1], 0, 10) : 3;
  for (int i = 0; i < 7; i++) x = steps[(i + x) % 3](x) % 100003;
  printf("%s: %ld, %ld, %.6f\n", argv[0], x, ackermann(2, 6), x / 7.0);
  char *blocks[24];
  size_t total = 0;
  for (int i = 0; i < 24; i++) {
    size_t size = (size_t)(i + 1) * 9973;
    memset(blocks[i] = malloc(size), i, size);
    total += size;
  }
  unsigned sum = 0;
  for (int i = 0; i < 24; i++) for (size_t at = 0; at < (size_t)(i + 1) * 9973; at += 997) sum = sum * 31 + blocks[i][at];
  printf("%zu bytes, %u\n", total, sum);
  return (int)(x % 100);
}
