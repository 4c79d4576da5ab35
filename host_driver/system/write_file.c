// SPDX-License-Identifier: Apache-2.0
#include "host_driver/system/write_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host_driver/system/mapped_file.h"
#include "host_driver/system/path.h"

#define LARGEST_WRITE_BYTES ((uint64_t)1 << 30) // one system call takes at most 2 GiB

enum tern_status tern_write_at(int descriptor, const char *path, uint64_t offset, const void *data, uint64_t bytes,
                               struct tern_error *error) {
    const char *from = data;
    while (bytes > 0) {
        uint64_t now = bytes < LARGEST_WRITE_BYTES ? bytes : LARGEST_WRITE_BYTES;
        ssize_t written = pwrite(descriptor, from, now, (off_t)offset);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return tern_error_set(error, TERN_STATUS_IO, "%s: %llu bytes cannot be written at %llu: %s", path,
                                  (unsigned long long)now, (unsigned long long)offset,
                                  strerror(written == 0 ? ENOSPC : errno));
        }
        from += written;
        offset += (uint64_t)written;
        bytes -= (uint64_t)written;
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_write_file(const char *path, const void *data, uint64_t bytes, struct tern_error *error) {
    int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (descriptor < 0) {
        return tern_error_set(error, TERN_STATUS_IO, "%s: %s", path, strerror(errno));
    }
    enum tern_status status = tern_write_at(descriptor, path, 0, data, bytes, error);
    if (status == TERN_STATUS_OK && fsync(descriptor) != 0) {
        status = tern_error_set(error, TERN_STATUS_IO, "%s: %s", path, strerror(errno));
    }
    if (close(descriptor) != 0 && status == TERN_STATUS_OK) {
        status = tern_error_set(error, TERN_STATUS_IO, "%s: %s", path, strerror(errno));
    }
    return status;
}

// A trial would close a pipe, which its reader takes for the end of the data.
static bool is_pipe(const char *path) {
    struct stat found;
    return stat(path, &found) == 0 && S_ISFIFO(found.st_mode);
}

// The path that is written first, free(): PATH.partial, or PATH itself when that is not a regular file. A link is none:
// another file in its place would end it, such as /dev/stdout, also when it leads to a regular file.
static char *first_place(const char *path, bool *is_direct) {
    struct stat found;
    *is_direct = lstat(path, &found) == 0 && !S_ISREG(found.st_mode);
    return tern_text_format(*is_direct ? "%s" : "%s.partial", path);
}

enum tern_status tern_replace_file_check(const char *path, struct tern_error *error) {
    bool is_direct;
    if (!*path) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "the name of the output is empty");
    }
    if (is_pipe(path)) {
        return TERN_STATUS_OK;
    }
    char *place = first_place(path, &is_direct);
    int descriptor = place ? open(place, O_WRONLY | (is_direct ? 0 : O_CREAT) | O_CLOEXEC, 0666) : -1;
    int reason = errno;
    if (descriptor >= 0) {
        close(descriptor);
        if (!is_direct) {
            remove(place);
        }
    }
    free(place);
    return descriptor >= 0 ? TERN_STATUS_OK
                           : tern_error_set(error, TERN_STATUS_IO, "%s: cannot be written: %s", path, strerror(reason));
}

static enum tern_status cannot_write(const char *path, int reason, struct tern_error *error) {
    return tern_error_set(error, TERN_STATUS_IO, "%s: cannot be written: %s", path, strerror(reason));
}

enum tern_status tern_replacement_open(const char *path, struct tern_error *error,
                                       struct tern_replacement *replacement) {
    *replacement = (struct tern_replacement){.path = path};
    replacement->place = first_place(path, &replacement->is_direct);
    replacement->file = replacement->place ? fopen(replacement->place, "wb") : NULL;
    if (!replacement->file) {
        const int reason = errno;
        free(replacement->place);
        return cannot_write(path, reason, error);
    }
    return TERN_STATUS_OK;
}

// Errors of earlier writes stay with the stream; their reason may be lost.
static bool flush(struct tern_replacement *replacement) {
    FILE *file = replacement->file;
    errno = 0;
    bool is_good = fflush(file) == 0 && (replacement->is_direct || fsync(fileno(file)) == 0);
    is_good = is_good && !ferror(file);
    const int reason = errno ? errno : EIO;
    is_good &= fclose(file) == 0;
    errno = reason;
    return is_good;
}

enum tern_status tern_replacement_close(struct tern_replacement *replacement, bool is_kept, struct tern_error *error) {
    if (!replacement->file) {
        return TERN_STATUS_OK;
    }
    bool is_good = flush(replacement);
    is_good = is_good && (!is_kept || replacement->is_direct || rename(replacement->place, replacement->path) == 0);
    const int reason = errno;
    if (!(is_good && is_kept) && !replacement->is_direct) {
        remove(replacement->place);
    }
    free(replacement->place);
    replacement->file = NULL;
    return is_good || !is_kept ? TERN_STATUS_OK : cannot_write(replacement->path, reason, error);
}

enum tern_status tern_replace_file(const char *path, const void *head, size_t head_bytes, const void *data,
                                   size_t bytes, struct tern_error *error) {
    struct tern_replacement replacement;
    TERN_TRY(tern_replacement_open(path, error, &replacement));
    FILE *file = replacement.file;
    errno = 0;
    const bool is_good =
        (!head || fwrite(head, 1, head_bytes, file) == head_bytes) && fwrite(data, 1, bytes, file) == bytes;
    const int reason = errno;
    const enum tern_status status = tern_replacement_close(&replacement, is_good, error);
    return is_good ? status : cannot_write(path, reason, error);
}

static enum tern_status copy(const char *from, const char *to, struct tern_error *error) {
    struct tern_mapped_file file;
    if (!tern_path_exists(from)) {
        return TERN_STATUS_OK;
    }
    TERN_TRY(tern_mapped_file_open(from, error, &file));
    enum tern_status status = tern_write_file(to, file.data, file.bytes, error);
    tern_mapped_file_close(&file);
    return status;
}

enum tern_status tern_copy_file(const char *from_directory, const char *to_directory, const char *name,
                                struct tern_error *error) {
    char *from = tern_path_join(from_directory, name), *to = tern_path_join(to_directory, name);
    enum tern_status status =
        from && to ? copy(from, to, error) : tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s: no memory", name);
    free(from);
    free(to);
    return status;
}
