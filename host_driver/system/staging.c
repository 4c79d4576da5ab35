// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "host_driver/system/staging.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host_driver/system/path.h"
#include "host_driver/system/write_file.h"

#define JOURNAL_NAME "tern.journal"

static enum tern_status system_error(const char *path, struct tern_error *error) {
    return tern_error_set(error, TERN_STATUS_IO, "%s: %s", path, strerror(errno));
}

static enum tern_status no_memory(const char *path, struct tern_error *error) {
    return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s: no memory", path);
}

static bool directory_is_empty(const char *path) {
    DIR *directory = opendir(path);
    if (!directory) {
        return false;
    }
    int entries = 0;
    for (struct dirent *entry = readdir(directory); entry; entry = readdir(directory)) {
        entries += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    }
    closedir(directory);
    return entries == 0;
}

static enum tern_status name_parts(const char *final_path, struct tern_error *error, struct tern_staging *staging) {
    *staging = (struct tern_staging){.descriptor = -1};
    size_t length = strlen(final_path);
    while (length > 1 && final_path[length - 1] == '/') {
        length--;
    }
    staging->final_path = tern_text_format("%.*s", (int)length, final_path);
    staging->path = tern_text_format("%.*s.partial", (int)length, final_path);
    return staging->final_path && staging->path ? TERN_STATUS_OK : no_memory(final_path, error);
}

static enum tern_status make_directory(const char *final_path, struct tern_error *error, struct tern_staging *staging) {
    struct stat status;
    TERN_TRY(name_parts(final_path, error, staging));
    bool exists = lstat(staging->final_path, &status) == 0;
    if (staging->final_path[0] == '\0') {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "the name of the output is empty");
    }
    if (exists && !(S_ISDIR(status.st_mode) && directory_is_empty(staging->final_path))) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "%s: already exists; name another one, or remove it",
                              staging->final_path);
    }
    // An empty directory is replaced at the end. One that cannot be replaced (`.`, a mount point) is refused now.
    if (exists && (rmdir(staging->final_path) != 0 || mkdir(staging->final_path, 0777) != 0)) {
        return tern_error_set(error, TERN_STATUS_IO, "%s: cannot be replaced: %s; name a new directory",
                              staging->final_path, strerror(errno));
    }
    if (mkdir(staging->path, 0777) == 0 || errno == EEXIST) {
        return TERN_STATUS_OK;
    }
    return system_error(staging->path, error);
}

static enum tern_status lock_journal(struct tern_staging *staging, const char *path, struct tern_error *error) {
    if (access(path, F_OK) != 0 && !directory_is_empty(staging->path)) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "%s: already exists and is no unfinished run of tern",
                              staging->path);
    }
    staging->descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (staging->descriptor < 0) {
        return system_error(path, error);
    }
    if (flock(staging->descriptor, LOCK_EX | LOCK_NB) != 0) {
        return tern_error_set(error, TERN_STATUS_IO, "%s: another run of tern is working there", staging->path);
    }
    return TERN_STATUS_OK;
}

static enum tern_status open_journal(struct tern_staging *staging, struct tern_error *error) {
    char *path = tern_path_join(staging->path, JOURNAL_NAME);
    if (!path) {
        return no_memory(staging->path, error);
    }
    enum tern_status status = lock_journal(staging, path, error);
    if (status != TERN_STATUS_OK) {
        rmdir(staging->path); // succeeds only when this call made it
    }
    free(path);
    return status;
}

// Keeps whole lines only. A run that was killed may leave part of a line.
static enum tern_status read_journal(struct tern_staging *staging, struct tern_error *error) {
    struct stat status;
    if (fstat(staging->descriptor, &status) != 0) {
        return system_error(staging->path, error);
    }
    staging->journal = calloc(1, (size_t)status.st_size + 1);
    if (!staging->journal) {
        return no_memory(staging->path, error);
    }
    ssize_t bytes = pread(staging->descriptor, staging->journal, (size_t)status.st_size, 0);
    if (bytes < 0) {
        return system_error(staging->path, error);
    }
    staging->journal[bytes] = '\0';
    char *last = strrchr(staging->journal, '\n');
    *(last ? last + 1 : staging->journal) = '\0';
    if (ftruncate(staging->descriptor, (off_t)strlen(staging->journal)) != 0) {
        return system_error(staging->path, error);
    }
    return TERN_STATUS_OK;
}

static enum tern_status append_text(const struct tern_staging *staging, const char *text, struct tern_error *error) {
    struct stat found;
    if (fstat(staging->descriptor, &found) != 0) {
        return system_error(staging->path, error);
    }
    TERN_TRY(tern_write_at(staging->descriptor, staging->path, (uint64_t)found.st_size, text, strlen(text), error));
    return fsync(staging->descriptor) == 0 ? TERN_STATUS_OK : system_error(staging->path, error);
}

static enum tern_status append_line(const struct tern_staging *staging, const char *line, struct tern_error *error) {
    char *text = tern_text_format("%s\n", line);
    enum tern_status status = text ? append_text(staging, text, error) : no_memory(staging->path, error);
    free(text);
    return status;
}

static enum tern_status match_fingerprint(struct tern_staging *staging, const char *fingerprint,
                                          struct tern_error *error) {
    size_t length = strlen(fingerprint);
    if (staging->journal[0] == '\0') {
        return append_line(staging, fingerprint, error);
    }
    if (strncmp(staging->journal, fingerprint, length) == 0 && staging->journal[length] == '\n') {
        return TERN_STATUS_OK;
    }
    return tern_error_set(
        error, TERN_STATUS_BAD_ARGUMENT,
        "%s: holds an unfinished run with another input or other options; finish it with those or remove it",
        staging->path);
}

// Removes the files of OUT.partial except `kept`. Returns false when one of them stays.
// A file, or a folder of files.
static bool remove_entry(int directory, const char *name) {
    if (unlinkat(directory, name, 0) == 0) {
        return true;
    }
    const int descriptor = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *folder = descriptor >= 0 ? fdopendir(descriptor) : NULL;
    if (!folder) {
        return false;
    }
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        unlinkat(dirfd(folder), entry->d_name, 0);
    }
    closedir(folder);
    return unlinkat(directory, name, AT_REMOVEDIR) == 0;
}

static bool remove_files(const struct tern_staging *staging, const char *kept) {
    DIR *directory = opendir(staging->path);
    if (!directory) {
        return false;
    }
    bool good = true;
    for (struct dirent *entry = readdir(directory); entry; entry = readdir(directory)) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 && strcmp(entry->d_name, kept) != 0) {
            good &= remove_entry(dirfd(directory), entry->d_name);
        }
    }
    closedir(directory);
    return good;
}

static void discard(struct tern_staging *staging) {
    if (remove_files(staging, "")) {
        rmdir(staging->path);
    }
}

// Does not change a partial directory of another run or one that another process holds.
static enum tern_status open_parts(const char *final_path, const char *fingerprint, struct tern_error *error,
                                   struct tern_staging *staging) {
    TERN_TRY(make_directory(final_path, error, staging));
    TERN_TRY(open_journal(staging, error));
    TERN_TRY(read_journal(staging, error));
    bool is_new = staging->journal[0] == '\0';
    enum tern_status status = match_fingerprint(staging, fingerprint, error);
    if (status != TERN_STATUS_OK && is_new) {
        discard(staging);
    }
    return status;
}

// Frees *staging; the files stay as they are.
static void close_parts(struct tern_staging *staging) {
    if (staging->descriptor >= 0) {
        close(staging->descriptor);
    }
    free(staging->final_path);
    free(staging->path);
    free(staging->journal);
    *staging = (struct tern_staging){.descriptor = -1};
}

enum tern_status tern_staging_check(const char *final_path, struct tern_error *error) {
    struct tern_staging staging;
    enum tern_status status = make_directory(final_path, error, &staging);
    if (status == TERN_STATUS_OK) {
        rmdir(staging.path); // fails for an unfinished run, which is not empty
    }
    close_parts(&staging);
    return status;
}

enum tern_status tern_staging_open(const char *final_path, const char *fingerprint, struct tern_error *error,
                                   struct tern_staging *staging) {
    enum tern_status status = open_parts(final_path, fingerprint, error, staging);
    if (status != TERN_STATUS_OK) {
        close_parts(staging);
    }
    return status;
}

bool tern_staging_is_done(const struct tern_staging *staging, const char *name) {
    size_t length = strlen(name);
    const char *line = strchr(staging->journal, '\n');
    while (line && line[1]) {
        const char *next = strchr(line + 1, '\n');
        if (next && (size_t)(next - line - 1) == length && memcmp(line + 1, name, length) == 0) {
            return true;
        }
        line = next;
    }
    return false;
}

enum tern_status tern_staging_mark(struct tern_staging *staging, const char *name, struct tern_error *error) {
    return append_line(staging, name, error);
}

static void sync_directory(const char *path) {
    int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor >= 0) {
        fsync(descriptor); // some file systems cannot; the data are on disk already
        close(descriptor);
    }
}

static void sync_parent(const char *path) {
    char *copy = strdup(path);
    char *slash = copy ? strrchr(copy, '/') : NULL;
    if (slash) {
        *(slash == copy ? slash + 1 : slash) = '\0';
    }
    sync_directory(slash ? copy : ".");
    free(copy);
}

static enum tern_status publish(struct tern_staging *staging, struct tern_error *error) {
    sync_directory(staging->path);
    if (rename(staging->path, staging->final_path) != 0) {
        return system_error(staging->final_path, error);
    }
    // The journal goes last: without it a killed run would repeat all the work.
    char *journal = tern_path_join(staging->final_path, JOURNAL_NAME);
    if (journal) {
        unlink(journal);
    }
    free(journal);
    sync_parent(staging->final_path);
    return TERN_STATUS_OK;
}

enum tern_status tern_staging_clear(struct tern_staging *staging, struct tern_error *error) {
    return remove_files(staging, JOURNAL_NAME)
               ? TERN_STATUS_OK
               : tern_error_set(error, TERN_STATUS_IO, "%s: cannot be emptied: %s", staging->path, strerror(errno));
}

enum tern_status tern_staging_finish(struct tern_staging *staging, enum tern_status work, struct tern_error *error) {
    enum tern_status status = work == TERN_STATUS_OK ? publish(staging, error) : work;
    if (status != TERN_STATUS_OK) {
        discard(staging);
    }
    close_parts(staging);
    return status;
}
