// What the specs of letters run: sends one, or reads them, and writes them in hexadecimal, until one says "end".
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WELKIN(name) __attribute__((import_module("welkin"), import_name(name)))
WELKIN("reply") int32_t welkin_reply(char *into, size_t size);
WELKIN("signal") int32_t welkin_signal(void);
WELKIN("send") int32_t welkin_send(const char *args, size_t args_length, const void *body, size_t length);
WELKIN("receive")
int32_t welkin_receive(const char *mailbox, size_t mailbox_length, const char *ack, size_t ack_length,
                       int32_t patience_ms);

static char reply[(1 << 20) + 256];

static int failed(void) {
  reply[welkin_reply(reply, sizeof reply - 1)] = 0;
  printf("no: %s\n", reply);
  return 1;
}

static int send(const char *args, const void *body, size_t length) {
  if (welkin_send(args, strlen(args), body, length) < 0) return failed();
  reply[welkin_reply(reply, sizeof reply - 1)] = 0;
  printf("sent: %s\n", reply);
  return 0;
}

// Bytes of every value.
static int send_bytes(const char *args) {
  uint8_t body[256];
  for (int i = 0; i < 256; i++) body[i] = i;
  return send(args, body, sizeof body);
}

// Each letter is acknowledged when the next is asked for, and the last one by itself.
static int read_all(const char *mailbox, int patience_ms) {
  char id[65] = "";
  for (;;) {
    int32_t length = welkin_receive(mailbox, strlen(mailbox), id, strlen(id), patience_ms);
    if (length < 0) return failed();
    if (length == 0) return puts("none"), 0;
    length = welkin_reply(reply, sizeof reply);
    const char *from = reply + strlen(reply) + 1;
    const char *body = from + strlen(from) + 1;
    size_t size = reply + length - body;
    strcpy(id, reply);
    printf("%s from %s: ", id, from);
    for (size_t i = 0; i < size; i++) printf("%02x", (uint8_t)body[i]);
    puts("");
    fflush(stdout);
    if (size == 3 && memcmp(body, "end", 3) == 0) patience_ms = 0;
  }
}

// Waits for a letter or a signal.
static int await_signal(void) {
  welkin_signal();
  puts("ready");
  fflush(stdout);
  int32_t length = welkin_receive("", 0, "", 0, -1);
  return printf("length %d, signal %d\n", length, welkin_signal()) < 0;
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  const char *first = argc > 2 ? argv[2] : "";
  const char *second = argc > 3 ? argv[3] : "";
  if (strcmp(what, "send") == 0) return send(first, second, strlen(second));
  if (strcmp(what, "send-bytes") == 0) return send_bytes(first);
  if (strcmp(what, "read") == 0) return read_all(first, argc > 3 ? atoi(second) : -1);
  if (strcmp(what, "await-signal") == 0) return await_signal();
  fprintf(stderr, "what is \"%s\"?\n", what);
  return 2;
}
