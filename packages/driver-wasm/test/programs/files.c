// What the WASI layer has to do with files: every line that begins with "no" is one that went wrong.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void is(const char *what, int good) { printf("%s: %s\n", good ? "yes" : "no", what); }
static int fails(int result, int with) { return result == -1 && errno == with; }

static int names(const char *path) {
  DIR *directory = opendir(path);
  int count = 0;
  if (directory == NULL) return -1;
  for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) count++;
  }
  closedir(directory);
  return count;
}

static void directories(void) {
  is("a directory is made", mkdir("d", 0777) == 0);
  is("and not twice", fails(mkdir("d", 0777), EEXIST));
  is("one below nothing is not", fails(mkdir("none/d", 0777), ENOENT));
  for (int i = 0; i < 300; i++) {
    char path[40];
    sprintf(path, "d/file-with-a-rather-long-name-%d", i);
    close(open(path, O_CREAT | O_WRONLY, 0666));
  }
  is("all names are listed", names("d") == 300);
  is("what is not empty stays", fails(rmdir("d"), ENOTEMPTY));
  DIR *directory = opendir("d");
  for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
    char path[300];
    sprintf(path, "d/%s", entry->d_name);
    if (entry->d_name[0] != '.') unlink(path);
  }
  closedir(directory);
  is("names go while they are listed", names("d") == 0);
  is("an empty directory goes", rmdir("d") == 0);
  is("and is gone", fails(rmdir("d"), ENOENT));
}

static void contents(void) {
  char buffer[200] = {0};
  struct stat status;
  int file = open("f", O_CREAT | O_RDWR | O_EXCL, 0666);
  is("a file is made", file >= 0);
  is("and not twice", fails(open("f", O_CREAT | O_EXCL | O_WRONLY, 0666), EEXIST));
  is("it is written", write(file, "hello world", 11) == 11);
  is("in the middle", pwrite(file, "W", 1, 6) == 1);
  is("which moves nothing", lseek(file, 0, SEEK_CUR) == 11);
  is("read from the beginning", pread(file, buffer, 100, 0) == 11 && memcmp(buffer, "hello World", 11) == 0);
  is("beyond its end", lseek(file, 200000, SEEK_SET) == 200000 && write(file, "!", 1) == 1);
  is("it is as long", fstat(file, &status) == 0 && status.st_size == 200001 && S_ISREG(status.st_mode));
  is("with zeros between", pread(file, buffer, 100, 100000) == 100 && buffer[0] == 0 && buffer[99] == 0);
  is("it is cut", ftruncate(file, 3) == 0 && lseek(file, 0, SEEK_END) == 3);
  is("and longer again", ftruncate(file, 100) == 0 && pread(file, buffer, 100, 0) == 100 && buffer[3] == 0);
  is("nothing stands before it", fails(lseek(file, -1, SEEK_SET), EINVAL));
  is("synced", fsync(file) == 0 && fdatasync(file) == 0);
  is("closed", close(file) == 0 && fails(close(file), EBADF));
  file = open("f", O_RDONLY);
  is("what is open to be read is not written", write(file, "x", 1) == -1);
  close(file);
  file = open("f", O_WRONLY | O_APPEND);
  is("appended", write(file, "end", 3) == 3 && lseek(file, 0, SEEK_CUR) == 103);
  close(file);
  is("emptied", (file = open("f", O_WRONLY | O_TRUNC)) >= 0 && fstat(file, &status) == 0 && status.st_size == 0);
  is("an open file has no name", unlink("f") == 0 && write(file, "x", 1) == 1);
  close(file);
  is("and is gone", fails(open("f", O_RDONLY), ENOENT));
  is("no file is a directory", fails(open("f/x", O_RDONLY), ENOENT));
}

static void large(void) {
  static char block[1000];
  int file = open("large", O_CREAT | O_RDWR, 0666), good = 1;
  for (int i = 0; i < 20000; i++) {
    memset(block, i, sizeof block);
    good &= write(file, block, sizeof block) == sizeof block;
  }
  is("twenty million bytes are written", good && lseek(file, 0, SEEK_END) == 20000000);
  for (int i = 0; i < 20000; i += 777) {
    good &= pread(file, block, sizeof block, i * 1000) == sizeof block && block[0] == (char)i && block[999] == (char)i;
  }
  is("and are there", good);
  close(file);
  unlink("large");
}

static void namesChange(void) {
  char buffer[20] = {0};
  struct stat status;
  mkdir("a", 0777);
  mkdir("a/b", 0777);
  close(open("a/f", O_CREAT | O_WRONLY, 0666));
  is("a file is renamed", rename("a/f", "a/g") == 0 && stat("a/g", &status) == 0);
  is("a directory is", rename("a", "c") == 0 && stat("c/b", &status) == 0 && S_ISDIR(status.st_mode));
  is("but not into itself", fails(rename("c", "c/b/c"), EINVAL));
  is("no file in place of a directory", fails(rename("c/g", "c/b"), EISDIR));
  is("no directory in place of a file", fails(rename("c/b", "c/g"), ENOTDIR));
  is("a second name", link("c/g", "h") == 0 && stat("h", &status) == 0 && status.st_nlink == 2);
  is("a symbolic link", symlink("c/g", "s") == 0 && readlink("s", buffer, 19) == 3 && strcmp(buffer, "c/g") == 0);
  is("which is followed", stat("s", &status) == 0 && S_ISREG(status.st_mode));
  is("or not", lstat("s", &status) == 0 && S_ISLNK(status.st_mode));
  is("links in a circle are not", symlink("t", "t") == 0 && fails(open("t", O_RDONLY), ELOOP));
  is("nothing is above the root", open("../x", O_CREAT | O_WRONLY, 0666) == -1);
  is("nor through a link", symlink("../../etc", "up") == 0 && open("up/passwd", O_RDONLY) == -1);
  is("no absolute link leads out", symlink("/etc/passwd", "abs") == 0 && open("abs", O_RDONLY) == -1);
  is("there is room of its own", (close(open("/tmp/own", O_CREAT | O_WRONLY, 0666)), stat("/tmp/own", &status) == 0));
  unlink("h"), unlink("s"), unlink("t"), unlink("up"), unlink("abs");
}

int main(void) {
  directories();
  contents();
  large();
  namesChange();
  int count = 0;
  while (open("c/g", O_RDONLY) >= 0) count++;
  is("open files have a limit", errno == EMFILE && count > 3);
  return 0;
}
