// What `bench migrate` moves: a program with memory of its own, of which it writes to a hundredth in a second.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PAGE_BYTES 65536
#define TICK_MS 2

static uint32_t seed = 1;

static uint32_t draw(void) {
  return seed = seed * 1664525 + 1013904223;
}

static uint32_t *make(size_t words) {
  uint32_t *memory = malloc(words * 4);
  for (size_t i = 0; i < words; i++) memory[i] = draw();
  return memory;
}

// Tells the time of every tick, by a clock that goes on while it is moved.
static int tick(int megabytes) {
  size_t words = (size_t)megabytes << 18;
  uint32_t *memory = make(words);
  size_t pages = words * 4 / PAGE_BYTES;
  double due = 0;
  for (unsigned n = 1;; n++) {
    struct timespec now, pause = {0, TICK_MS * 1000000};
    clock_gettime(CLOCK_REALTIME, &now);
    printf("%u %.3f\n", n, now.tv_sec * 1e3 + now.tv_nsec / 1e6);
    fflush(stdout);
    for (due += pages * 0.01 * TICK_MS / 1000; due >= 1; due--) memory[draw() % words]++;
    nanosleep(&pause, NULL);
  }
}

// Writes what follows from its memory alone, so that what it writes is the same wherever it runs.
static int digest(int megabytes, int lines) {
  size_t words = (size_t)megabytes << 18;
  uint32_t *memory = make(words);
  uint32_t sum = 0;
  for (int line = 1; line <= lines; line++) {
    for (int step = 0; step < 2000000; step++) {
      sum = (sum << 5 | sum >> 27) ^ memory[draw() % words];
      if (step % 100000 == 0) memory[draw() % words] ^= sum;
    }
    printf("%d %08x\n", line, sum);
    fflush(stdout);
  }
  return 0;
}

int main(int argc, char **argv) {
  if (argc == 3 && strcmp(argv[1], "tick") == 0) return tick(atoi(argv[2]));
  if (argc == 4 && strcmp(argv[1], "digest") == 0) return digest(atoi(argv[2]), atoi(argv[3]));
  fputs("steady tick MEGABYTES | steady digest MEGABYTES LINES\n", stderr);
  return 2;
}
