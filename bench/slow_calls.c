/*
 * Makes a disk slow: every call that opens a file for writing, writes to it or closes it waits first, as on a network file
 * system. Loaded into any program that calls the C library:
 *
 *     cc -O2 -shared -fPIC -o slow_calls.so slow_calls.c -ldl
 *     SLOW_MICROSECONDS=1000 SLOW_FOLDER=/dev/shm/output LD_PRELOAD=./slow_calls.so PROGRAM
 *
 * Only files below the folder are slow, and making folders there.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#define MOST_FILES 65536

/* Whether a descriptor is of a slow file. */
static char slow[MOST_FILES];

static void wait_a_call(void) {
  static long microseconds = -1;
  if (microseconds < 0) {
    const char *text = getenv("SLOW_MICROSECONDS");
    microseconds = text ? atol(text) : 0;
  }
  struct timespec time = {microseconds / 1000000, microseconds % 1000000 * 1000};
  nanosleep(&time, NULL);
}

static int is_slow_path(const char *path) {
  const char *folder = getenv("SLOW_FOLDER");
  return folder && strncmp(path, folder, strlen(folder)) == 0;
}

static int open_slowly(const char *name, const char *path, int flags, mode_t mode) {
  int (*next)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, name);
  int waits = is_slow_path(path);
  if (waits) wait_a_call();
  int file = next(path, flags, mode);
  if (file >= 0 && file < MOST_FILES) slow[file] = waits;
  return file;
}

#define OPEN(name)                              \
  int name(const char *path, int flags, ...) {  \
    va_list rest;                               \
    va_start(rest, flags);                      \
    mode_t mode = va_arg(rest, int);            \
    va_end(rest);                               \
    return open_slowly(#name, path, flags, mode); \
  }

OPEN(open)
OPEN(open64)

ssize_t write(int file, const void *bytes, size_t count) {
  static ssize_t (*next)(int, const void *, size_t);
  if (!next) next = (ssize_t(*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
  if (file >= 0 && file < MOST_FILES && slow[file]) wait_a_call();
  return next(file, bytes, count);
}

int close(int file) {
  static int (*next)(int);
  if (!next) next = (int (*)(int))dlsym(RTLD_NEXT, "close");
  if (file >= 0 && file < MOST_FILES && slow[file]) {
    slow[file] = 0;
    wait_a_call();
  }
  return next(file);
}

int mkdir(const char *path, mode_t mode) {
  static int (*next)(const char *, mode_t);
  if (!next) next = (int (*)(const char *, mode_t))dlsym(RTLD_NEXT, "mkdir");
  if (is_slow_path(path)) wait_a_call();
  return next(path, mode);
}
