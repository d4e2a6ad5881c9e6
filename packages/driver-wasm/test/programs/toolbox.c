// What the driver's specs run: one program with many faces, chosen by its first argument.
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <wasi/api.h>

__attribute__((import_module("welkin"), import_name("signal"))) int32_t welkin_signal(void);
__attribute__((import_module("welkin"), import_name("sys")))
int32_t welkin_sys(const char *name, size_t name_length, const char *args, size_t args_length);
__attribute__((import_module("welkin"), import_name("reply"))) int32_t welkin_reply(char *into, size_t size);

static int copy(FILE *from) {
  char buffer[4096];
  ssize_t size;
  while ((size = read(fileno(from), buffer, sizeof buffer)) > 0) {
    for (ssize_t done = 0; done < size;) done += write(1, buffer + done, size - done);
  }
  return size < 0;
}

static void pause_ms(long ms) {
  struct timespec time = {ms / 1000, ms % 1000 * 1000000};
  nanosleep(&time, NULL);
}

// Rabinowitz and Wagon's spigot.
static int pi(int digits) {
  int length = digits * 10 / 3 + 1;
  int *remainders = malloc(length * sizeof(int));
  for (int i = 0; i < length; i++) remainders[i] = 2;
  int nines = 0, previous = 0, printed = 0;
  for (int j = 0; j <= digits; j++) {
    int carry = 0;
    for (int i = length - 1; i >= 0; i--) {
      int x = 10 * remainders[i] + carry * (i + 1);
      remainders[i] = x % (2 * i + 1 > 1 ? 2 * i + 1 : 1);
      carry = x / (2 * i + 1);
    }
    remainders[0] = carry % 10;
    carry /= 10;
    if (carry == 9) nines++;
    else if (carry == 10) {
      printf("%d", previous + 1);
      for (; nines > 0; nines--) printf("0");
      previous = 0;
    } else {
      if (j > 0) printf("%d", previous);
      for (; nines > 0; nines--) printf("9");
      previous = carry;
    }
    if (++printed % 50 == 0) printf("\n");
  }
  printf("%d\n", previous);
  return 0;
}

// Until so much CPU time is used up: clock() of wasi-libc counts the time that passes.
static int burn(double seconds) {
  volatile uint32_t sum = 0;
  __wasi_timestamp_t used;
  do {
    for (int i = 0; i < 1000000; i++) sum += i * sum;
    if (__wasi_clock_time_get(__WASI_CLOCKID_PROCESS_CPUTIME_ID, 1000, &used) != 0) return 1;
  } while (used < seconds * 1e9);
  return 0;
}

static int spin(void) {
  for (volatile uint32_t sum = 0;;) sum++;
}

static char *volatile kept;

static int hog(void) {
  for (size_t total = 0;; total += 1 << 20) {
    char *part = malloc(1 << 20);
    if (part == NULL) {
      fprintf(stderr, "no memory after %zu\n", total);
      return 1;
    }
    memset(part, 1, 1 << 20);
    kept = part;
  }
}

// Memory that is half full of what cannot be guessed, then rest.
static int fill(int megabytes) {
  uint32_t seed = 1;
  size_t words = (size_t)megabytes << 18;
  uint32_t *memory = malloc(words * 4);
  for (size_t i = 0; i < words; i += (i & 16383) == 16383 ? 16385 : 1) memory[i] = seed = seed * 1664525 + 1013904223;
  puts("ready");
  fflush(stdout);
  for (;;) {
    pause_ms(20);
    memory[(seed = seed * 1664525 + 1013904223) % words]++;
  }
}

static int ignore_term(void) {
  welkin_signal();
  puts("ready");
  fflush(stdout);
  for (;;) sleep(1000);
}

static int tell_signals(void) {
  int32_t signal = welkin_signal();
  puts("ready");
  fflush(stdout);
  while (signal != 15) {
    if (signal != 0) printf("signal %d\n", signal);
    fflush(stdout);
    signal = welkin_signal();
    if (signal == 0) sleep(1000);
  }
  puts("bye");
  return 0;
}

static int call(const char *name, const char *args) {
  int32_t length = welkin_sys(name, strlen(name), args, strlen(args));
  size_t size = length < 0 ? -length : length;
  char *reply = malloc(size + 1);
  reply[welkin_reply(reply, size)] = 0;
  printf("%s %s\n", length < 0 ? "no:" : "yes:", reply);
  return length < 0;
}

static int count(int ms) {
  static char memory[300000];
  for (unsigned i = 1;; i++) {
    memory[i * 7919 % sizeof memory]++;
    printf("%u\n", i);
    fflush(stdout);
    pause_ms(ms);
  }
}

static int write_file(const char *path, const char *text) {
  FILE *file = fopen(path, "w");
  if (file == NULL) return perror(path), 1;
  fputs(text, file);
  return fclose(file) != 0;
}

static int print_file(const char *path) {
  FILE *file = fopen(path, "r");
  if (file == NULL) return perror(path), 1;
  return copy(file);
}

static int deep(int n) {
  volatile char room[64];
  room[n & 63] = n;
  return n == 0 ? 0 : 1 + deep(n - 1) + room[0] * 0;
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  const char *first = argc > 2 ? argv[2] : "";
  const char *second = argc > 3 ? argv[3] : "";
  if (strcmp(what, "exit") == 0) return atoi(first);
  if (strcmp(what, "print") == 0) return fputs(first, stdout) < 0;
  if (strcmp(what, "complain") == 0) return fputs(first, stderr) < 0;
  if (strcmp(what, "variable") == 0) return puts(getenv(first) == NULL ? "" : getenv(first)) < 0;
  if (strcmp(what, "write") == 0) return write_file(first, second);
  if (strcmp(what, "show") == 0) return print_file(first);
  if (strcmp(what, "cat") == 0) return copy(stdin);
  if (strcmp(what, "sleep") == 0) for (;;) sleep(1000);
  if (strcmp(what, "nap") == 0) return pause_ms(atoi(first)), 0;
  if (strcmp(what, "ignore") == 0) return ignore_term();
  if (strcmp(what, "signals") == 0) return tell_signals();
  if (strcmp(what, "burn") == 0) return burn(atof(first));
  if (strcmp(what, "spin") == 0) return spin();
  if (strcmp(what, "hog") == 0) return hog();
  if (strcmp(what, "fill") == 0) return fill(atoi(first));
  if (strcmp(what, "count") == 0) return count(atoi(first));
  if (strcmp(what, "pi") == 0) return pi(atoi(first));
  if (strcmp(what, "call") == 0) return call(first, second);
  if (strcmp(what, "deep") == 0) return deep(atoi(first)) & 1;
  if (strcmp(what, "trap") == 0) __builtin_trap();
  if (strcmp(what, "abort") == 0) abort();
  fprintf(stderr, "what is \"%s\"?\n", what);
  return 2;
}
