#include <sqlite3.h>
#include <stdio.h>

static int row(void *none, int count, char **values, char **names) {
  for (int i = 0; i < count; i++) printf("%s%s", i > 0 ? "|" : "", values[i] == NULL ? "" : values[i]);
  puts("");
  fflush(stdout);
  return 0;
}

int main(int argc, char **argv) {
  static char text[65536];
  sqlite3 *database;
  char *error = NULL;
  FILE *file = argc > 2 ? fopen(argv[2], "r") : NULL;
  if (file == NULL) return fputs("sql DATABASE SCRIPT\n", stderr), 2;
  text[fread(text, 1, sizeof text - 1, file)] = 0;
  if (sqlite3_open(argv[1], &database) == SQLITE_OK) sqlite3_exec(database, text, row, NULL, &error);
  if (error != NULL || sqlite3_errcode(database) != SQLITE_OK) {
    return fprintf(stderr, "%s\n", error ? error : sqlite3_errmsg(database)), 1;
  }
  return sqlite3_close(database);
}
