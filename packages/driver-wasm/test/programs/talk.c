// What the specs of conversations run: a server that serves all who dial it at a time, and one who dials.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WELKIN(name) __attribute__((import_module("welkin"), import_name(name)))
WELKIN("reply") int32_t welkin_reply(char *into, size_t size);
WELKIN("listen") int32_t welkin_listen(const char *port, size_t port_length);
WELKIN("dial") int32_t welkin_dial(const char *to, size_t to_length, int32_t flags);
WELKIN("from") int32_t welkin_from(int32_t fd, char *into, size_t size);

#define TALKS_MAX 64
static char buffer[1 << 16];

static int failed(const char *what) {
  printf("%s: %s\n", what, strerror(errno));
  return 1;
}

// Why the last call of ours was refused.
static int refused(const char *what, int32_t given) {
  if (given <= -0x40000000) errno = -0x40000000 - given;
  else {
    buffer[welkin_reply(buffer, sizeof buffer - 1)] = 0;
    printf("%s: %s\n", what, buffer);
    return 1;
  }
  return failed(what);
}

static int listen_on(const char *port) {
  int fd = welkin_listen(port, strlen(port));
  if (fd < 0) exit(refused("listen", fd));
  return fd;
}

static int dial(const char *to) {
  int fd = welkin_dial(to, strlen(to), 0);
  if (fd < 0) exit(refused("dial", fd));
  return fd;
}

static int write_all(int fd, const char *from, size_t size) {
  for (size_t done = 0; done < size;) {
    ssize_t part = write(fd, from + done, size - done);
    if (part < 0) return -1;
    done += part;
  }
  return 0;
}

// Gives back what each who has dialled says, until it has ended; to all at once. Ends with its input.
static int echo(const char *port) {
  struct pollfd polled[2 + TALKS_MAX] = {{.fd = 0, .events = POLLIN}, {.fd = listen_on(port), .events = POLLIN}};
  int count = 2;
  puts("listening");
  fflush(stdout);
  for (;;) {
    if (poll(polled, count, -1) < 0) return failed("poll");
    if (polled[0].revents != 0 && read(0, buffer, sizeof buffer) <= 0) return puts("over"), 0;
    for (int i = 2; i < count; i++) {
      if (polled[i].revents == 0) continue;
      ssize_t size = read(polled[i].fd, buffer, sizeof buffer);
      if (size > 0 && write_all(polled[i].fd, buffer, size) == 0) continue;
      if (size != 0) failed("talk");
      close(polled[i].fd);
      polled[i--] = polled[--count];
    }
    if (polled[1].revents == 0 || count == 2 + TALKS_MAX) continue;
    int fd = accept(polled[1].fd, 0, 0);
    if (fd < 0) return failed("accept");
    char from[128] = "";
    welkin_from(fd, from, sizeof from - 1);
    printf("accepted %s\n", from);
    fflush(stdout);
    polled[count++] = (struct pollfd){.fd = fd, .events = POLLIN};
  }
}

// Serves one after the other: waits in accept, and then in read. Each line is answered by its number.
static int count_lines(const char *port) {
  int listening = listen_on(port);
  puts("listening");
  fflush(stdout);
  for (int lines = 0;;) {
    int fd = accept(listening, 0, 0);
    if (fd < 0) return failed("accept");
    puts("accepted");
    fflush(stdout);
    ssize_t size;
    for (char c; (size = read(fd, &c, 1)) == 1;) {
      if (c != '\n') continue;
      int length = snprintf(buffer, sizeof buffer, "%d\n", ++lines);
      if (write_all(fd, buffer, length) < 0) return failed("write");
    }
    if (size < 0) failed("read");
    close(fd);
    puts("closed");
    fflush(stdout);
  }
}

// Says so many lines, one when the one before has come back, then ends, and hears the end.
static int say_lines(const char *to, int lines) {
  int fd = dial(to);
  puts("dialled");
  fflush(stdout);
  for (int n = 1; n <= lines; n++) {
    char line[32];
    int length = snprintf(line, sizeof line, "line %d\n", n);
    if (write_all(fd, line, length) < 0) return failed("write");
    if (recv(fd, buffer, length, MSG_WAITALL) != length) return failed("recv");
    if (memcmp(buffer, line, length) != 0) return puts("other than what was said"), 1;
    if (n % 100 == 0) printf("%d\n", n), fflush(stdout);
  }
  shutdown(fd, SHUT_WR);
  if (read(fd, buffer, 1) != 0) return failed("end");
  puts("ended");
  return close(fd);
}

// Says more than anybody reads, without waiting: how much is taken.
static int flood(const char *to) {
  int fd = dial(to);
  if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0) return failed("fcntl");
  long total = 0;
  struct pollfd polled = {.fd = fd, .events = POLLOUT};
  while (poll(&polled, 1, 500) == 1) {
    ssize_t size = write(fd, buffer, sizeof buffer);
    if (size < 0 && errno != EAGAIN) return failed("write");
    if (size > 0) total += size;
  }
  printf("taken %ld\n", total);
  if (write(fd, buffer, 1) == 1) puts("and more");
  else failed("write");
  return fflush(stdout);
}

// So many bytes come, of which the nth is n, and are counted; then the sum.
static int swallow(const char *port, int pause_every) {
  int listening = listen_on(port);
  puts("listening");
  fflush(stdout);
  int fd = accept(listening, 0, 0);
  if (fd < 0) return failed("accept");
  long total = 0;
  for (ssize_t size; (size = read(fd, buffer, sizeof buffer)) != 0; total += size) {
    if (size < 0) return failed("read");
    for (ssize_t i = 0; i < size; i++) if ((uint8_t)buffer[i] != (uint8_t)(total + i)) return puts("wrong"), 1;
    if (pause_every > 0 && total / pause_every != (total + size) / pause_every) usleep(1000);
  }
  int length = snprintf(buffer, sizeof buffer, "swallowed %ld\n", total);
  return write_all(fd, buffer, length); // and ends with what it said on its way
}

// What is no good, each by its error number.
static int wrong(void) {
  int listening = listen_on("here");
  printf("twice: %d\n", welkin_listen("here", 4) < 0);
  printf("name: %d\n", welkin_listen("NOT A NAME", 10) < 0);
  printf("pointer: %d\n", -0x40000000 - welkin_listen((const char *)-16, 16));
  printf("dialled: %d\n", -0x40000000 - welkin_dial((const char *)-16, 16, 0));
  printf("flags: %d\n", -0x40000000 - welkin_dial("x:y", 3, 1));
  errno = 0;
  printf("read: %zd %d\n", read(listening, buffer, 1), errno);
  printf("write: %zd %d\n", write(listening, buffer, 1), errno);
  printf("recv: %zd %d\n", recv(1, buffer, 1, 0), errno);
  printf("shutdown: %d %d\n", shutdown(listening, SHUT_RD), errno);
  printf("accept: %d %d\n", accept(0, 0, 0), errno);
  fcntl(listening, F_SETFL, O_NONBLOCK);
  printf("now: %d %d\n", accept(listening, 0, 0), errno);
  int type = 0;
  socklen_t size = sizeof type;
  printf("type: %d %d\n", getsockopt(listening, SOL_SOCKET, SO_TYPE, &type, &size), type == SOCK_STREAM);
  printf("closed: %d\n", close(listening));
  return printf("again: %d\n", welkin_listen("here", 4) >= 0) < 0;
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  const char *first = argc > 2 ? argv[2] : "";
  int second = argc > 3 ? atoi(argv[3]) : 0;
  if (strcmp(what, "echo") == 0) return echo(first);
  if (strcmp(what, "count") == 0) return count_lines(first);
  if (strcmp(what, "say") == 0) return say_lines(first, second);
  if (strcmp(what, "flood") == 0) return flood(first);
  if (strcmp(what, "swallow") == 0) return swallow(first, second);
  if (strcmp(what, "wrong") == 0) return wrong();
  fprintf(stderr, "what is \"%s\"?\n", what);
  return 2;
}
