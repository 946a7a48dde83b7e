/*
 * Writes the tree of a tar archive: makes its folders, and opens, writes and closes its files, and nothing else. The
 * floor for whatever writes a file an image.
 *
 *     cc -O2 -pthread -o write_files write_files.c
 *     ./write_files TREE.tar OUTPUT THREADS [read]
 *
 * The archive is mapped into memory and its headers are gone through first; then each thread takes an equal share of the
 * folders. Files are written from the mapped memory, so their bytes are copied once, by the kernel. With `read` a thread
 * reads them into memory of its own, 8 MiB at a time, as a decoder must. It understands what tar makes of such a tree:
 * folders and files with names of up to 100 bytes, a folder in front of its files.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 512, SIZE_AT = 124, TYPE_AT = 156, MOST_THREADS = 64, CHUNK = 8 << 20 };

struct entry {
  const char *name;
  size_t offset, length;
  int is_folder;
};

struct share {
  const struct entry *first, *last;
};

/* The archive, and where it is mapped. */
static int archive;
static const char *tar;
static int is_read;

static void fail(const char *what) {
  fprintf(stderr, "write_files: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void write_file(const char *name, const char *bytes, size_t length) {
  int file = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0666);
  if (file < 0) fail(name);
  for (size_t written = 0; written < length;) {
    ssize_t n = write(file, bytes + written, length - written);
    if (n < 0) fail(name);
    written += n;
  }
  if (close(file) != 0) fail(name);
}

static void *write_share(void *argument) {
  const struct share *share = argument;
  char *chunk = is_read ? malloc(CHUNK) : NULL;
  size_t begin = 0, end = 0;
  if (is_read && chunk == NULL) fail("chunk");
  for (const struct entry *entry = share->first; entry < share->last; entry++) {
    if (entry->is_folder) {
      if (mkdir(entry->name, 0777) != 0 && errno != EEXIST) fail(entry->name);
      continue;
    }
    if (is_read && entry->offset + entry->length > end) {
      ssize_t n = pread(archive, chunk, CHUNK, entry->offset);
      if (n < 0 || (size_t) n < entry->length) fail("read");
      begin = entry->offset;
      end = begin + n;
    }
    write_file(entry->name, is_read ? chunk + (entry->offset - begin) : tar + entry->offset, entry->length);
  }
  free(chunk);
  return NULL;
}

int main(int argc, char **argv) {
  int threads = argc == 4 || argc == 5 ? atoi(argv[3]) : 0;
  is_read = argc == 5 && strcmp(argv[4], "read") == 0;
  if (threads < 1 || threads > MOST_THREADS || (argc == 5 && !is_read)) {
    fprintf(stderr, "usage: write_files TREE.tar OUTPUT THREADS [read]\n");
    return 2;
  }
  struct stat stat;
  archive = open(argv[1], O_RDONLY);
  if (archive < 0 || fstat(archive, &stat) != 0) fail(argv[1]);
  tar = mmap(NULL, stat.st_size, PROT_READ, MAP_SHARED, archive, 0);
  if (tar == MAP_FAILED) fail(argv[1]);
  if (mkdir(argv[2], 0777) != 0 && errno != EEXIST) fail(argv[2]);
  if (chdir(argv[2]) != 0) fail(argv[2]);

  size_t count = 0, room = 1 << 16, folders = 0;
  struct entry *entries = malloc(room * sizeof *entries);
  if (entries == NULL) fail("entries");
  for (size_t at = 0; at + BLOCK <= (size_t) stat.st_size && tar[at] != 0;) {
    if (count == room && (entries = realloc(entries, (room *= 2) * sizeof *entries)) == NULL) fail("entries");
    char type = tar[at + TYPE_AT];
    if (type != '0' && type != '5') {
      fprintf(stderr, "write_files: %s: an entry of type %c\n", argv[1], type);
      return 1;
    }
    size_t length = strtoul(tar + at + SIZE_AT, NULL, 8);
    entries[count++] = (struct entry) { tar + at, at + BLOCK, length, type == '5' };
    folders += type == '5';
    at += BLOCK + (length + BLOCK - 1) / BLOCK * BLOCK;
  }

  pthread_t ids[MOST_THREADS];
  struct share shares[MOST_THREADS];
  size_t at = 0, seen = 0;
  for (int i = 0; i < threads; i++) {
    size_t share = folders * (i + 1) / threads;
    shares[i].first = entries + at;
    for (; at < count && !(entries[at].is_folder && seen == share); at++) seen += entries[at].is_folder;
    shares[i].last = entries + at;
    if (pthread_create(&ids[i], NULL, write_share, &shares[i]) != 0) fail("pthread_create");
  }
  for (int i = 0; i < threads; i++) pthread_join(ids[i], NULL);
  return 0;
}
