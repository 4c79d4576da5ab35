// SPDX-License-Identifier: Apache-2.0
// Text to token ids and back, from a Hugging Face tokenizer.json of byte-level BPE (Qwen2, Llama 3, GPT-2 layouts).
// The ids are those of Hugging Face `tokenizers`; testvectors/tokenizer holds the cases that prove it.
//
// Understood: normalizer null, NFC or a Sequence of them; pre_tokenizer ByteLevel, or a Sequence of Split
// (behaviour Isolated) that ends in ByteLevel; model BPE; post_processor null, ByteLevel, TemplateProcessing or a
// Sequence of them; decoder null or ByteLevel. Everything else is refused by name with TERN_STATUS_UNSUPPORTED.
// `truncation` and `padding` are not applied.
//
// An open tokenizer is constant: any number of threads may use it at once.
#ifndef TERN_HOST_DRIVER_TEXT_TOKENIZER_H
#define TERN_HOST_DRIVER_TEXT_TOKENIZER_H

#include "cmodel/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TERN_NO_TOKEN UINT32_MAX
#define TERN_TEXT_MAX_BYTES ((size_t)1 << 28)

enum tern_encode_flags {
    TERN_ENCODE_DEFAULT = 0,          // as Hugging Face encodes: special tokens found, template tokens added
    TERN_ENCODE_SPECIAL_AS_TEXT = 1,  // "<|im_end|>" in the text is ten characters: for text of strangers
    TERN_ENCODE_WITHOUT_TEMPLATE = 2, // leave out what post_processor adds (a beginning-of-text token, say)
};

enum tern_decode_flags {
    TERN_DECODE_DEFAULT = 0,
    TERN_DECODE_SKIP_SPECIAL = 1, // special tokens yield no text
};

struct tern_tokenizer;

// Read and check a tokenizer.json (at most 64 MiB). BAD_FILE, UNSUPPORTED, IO or OUT_OF_MEMORY with a sentence that
// names the file and the part. Close what it gives with tern_tokenizer_close.
enum tern_status tern_tokenizer_open(const char *tokenizer_json_path, struct tern_error *error,
                                     struct tern_tokenizer **out);
void tern_tokenizer_close(struct tern_tokenizer *tokenizer); // NULL allowed

// Text of `len_bytes` bytes (zero bytes allowed inside) to `*count` ids; free `*ids` with free(); it is never NULL on
// success. BAD_ARGUMENT with the byte offset where the text is not UTF-8 or where it is too long.
enum tern_status tern_tokenizer_encode(const struct tern_tokenizer *tokenizer, const char *utf8, size_t len_bytes,
                                       struct tern_error *error, uint32_t **ids, size_t *count);
enum tern_status tern_tokenizer_encode_with(const struct tern_tokenizer *tokenizer, unsigned encode_flags,
                                            const char *utf8, size_t len_bytes, struct tern_error *error,
                                            uint32_t **ids, size_t *count);

// Ids to the bytes they stand for, exactly: any sequence of ids is legal, so the bytes need not be UTF-8 (a stream
// below makes them so). Ids without a token (the padding rows of an embedding) yield nothing. `*bytes` is ended by a
// zero byte that `*len_bytes` does not count; free it with free().
enum tern_status tern_tokenizer_decode(const struct tern_tokenizer *tokenizer, unsigned decode_flags,
                                       const uint32_t *ids, size_t count, struct tern_error *error, char **bytes,
                                       size_t *len_bytes);

// One past the largest id.
uint32_t tern_tokenizer_vocabulary_size(const struct tern_tokenizer *tokenizer);
// Id of an added token by its exact content, "<|im_end|>" say; TERN_NO_TOKEN if there is none.
uint32_t tern_tokenizer_special_id(const struct tern_tokenizer *tokenizer, const char *content);
bool tern_tokenizer_is_special(const struct tern_tokenizer *tokenizer, uint32_t id);

// Text as it is generated, id by id. What comes out is always UTF-8 and never part of a character: the bytes of an
// unfinished one wait, bytes that cannot become one turn into U+FFFD each, as Hugging Face prints them.
struct tern_text_stream {
    const struct tern_tokenizer *tokenizer;
    unsigned decode_flags;
    unsigned char waiting[4]; // start of a character, waiting_bytes of it
    size_t waiting_bytes;
    char *text; // what the last call gave, ended by a zero byte
    size_t capacity_bytes;
};

// `stream` is plain memory; end it with tern_text_stream_end.
void tern_text_stream_begin(struct tern_text_stream *stream, const struct tern_tokenizer *tokenizer,
                            unsigned decode_flags);
// `*text` (never NULL on success, often empty) belongs to the stream and lasts until its next call.
enum tern_status tern_text_stream_push(struct tern_text_stream *stream, uint32_t id, struct tern_error *error,
                                       const char **text, size_t *len_bytes);
// What still waits, as U+FFFD. The stream may be pushed again afterwards.
enum tern_status tern_text_stream_flush(struct tern_text_stream *stream, struct tern_error *error, const char **text,
                                        size_t *len_bytes);
void tern_text_stream_end(struct tern_text_stream *stream);

#ifdef __cplusplus
}
#endif
#endif
