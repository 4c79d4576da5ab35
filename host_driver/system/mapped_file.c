// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "host_driver/system/mapped_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static enum tern_status map_descriptor(int descriptor, const char *path, struct tern_error *error,
                                       struct tern_mapped_file *file) {
    struct stat status;
    if (fstat(descriptor, &status) != 0) {
        return tern_error_set(error, TERN_STATUS_IO, "%s: %s", path, strerror(errno));
    }
    if (!S_ISREG(status.st_mode)) {
        return tern_error_set(error, TERN_STATUS_IO, "%s: not a regular file", path);
    }
    if (status.st_size == 0) {
        return TERN_STATUS_OK;
    }
    void *data = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_SHARED, descriptor, 0);
    if (data == MAP_FAILED) {
        return tern_error_set(error, TERN_STATUS_IO, "%s: cannot be mapped: %s", path, strerror(errno));
    }
    file->data = data;
    file->bytes = (size_t)status.st_size;
    return TERN_STATUS_OK;
}

enum tern_status tern_mapped_file_open(const char *path, struct tern_error *error, struct tern_mapped_file *file) {
    *file = (struct tern_mapped_file){NULL, 0};
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) {
        return tern_error_set(error, TERN_STATUS_IO, "%s: %s", path, strerror(errno));
    }
    enum tern_status status = map_descriptor(descriptor, path, error, file);
    close(descriptor);
    return status;
}

void tern_mapped_file_close(struct tern_mapped_file *file) {
    if (file->data) {
        munmap((void *)file->data, file->bytes);
    }
    *file = (struct tern_mapped_file){NULL, 0};
}

void tern_mapped_file_release(const struct tern_mapped_file *file, const void *data, uint64_t bytes) {
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), start = (uintptr_t)file->data, first = (uintptr_t)data;
    if (!file->data || first < start || first - start > file->bytes || bytes > file->bytes - (first - start)) {
        return;
    }
    uintptr_t from = (first + page - 1) / page * page, to = (uintptr_t)(first + bytes) / page * page;
    if (from < to) {
        madvise((void *)from, to - from, MADV_DONTNEED); // a hint: failing costs only memory
    }
}
