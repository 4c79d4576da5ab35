// SPDX-License-Identifier: Apache-2.0
// Text to token ids and back, with a Hugging Face tokenizer.json of byte-level BPE (docs/text.md).
// The ids equal those of Hugging Face `tokenizers`; testvectors/tokenizer has test cases.
//
// Supported parts; UNSUPPORTED names any other:
//     normalizer      null, NFC or a Sequence of them
//     pre_tokenizer   ByteLevel, or a Sequence of it and Split, Digits, Punctuation
//     model           BPE
//     post_processor  null, ByteLevel, TemplateProcessing or a Sequence of them
//     decoder         null or ByteLevel
// `truncation` and `padding` are not applied.
//
// An open tokenizer is constant: any number of threads may use it at once.
#ifndef TERN_HOST_DRIVER_TEXT_TOKENIZER_H
#define TERN_HOST_DRIVER_TEXT_TOKENIZER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmodel/error.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TERN_NO_TOKEN UINT32_MAX
#define TERN_TEXT_MAX_BYTES ((size_t)1 << 28)

enum tern_encode_flags {
    TERN_ENCODE_DEFAULT = 0,          // as Hugging Face: finds special tokens, adds the tokens of post_processor
    TERN_ENCODE_SPECIAL_AS_TEXT = 1,  // "<|im_end|>" in the text is ten characters, for untrusted text
    TERN_ENCODE_WITHOUT_TEMPLATE = 2, // without the tokens of post_processor, such as beginning-of-text
};

enum tern_decode_flags {
    TERN_DECODE_DEFAULT = 0,
    TERN_DECODE_SKIP_SPECIAL = 1, // special tokens give no text
};

struct tern_tokenizer;

// Reads and checks a tokenizer.json of at most 64 MiB. BAD_FILE, UNSUPPORTED, IO or OUT_OF_MEMORY names the file and
// the part.
enum tern_status tern_tokenizer_open(const char *tokenizer_json_path, struct tern_error *error,
                                     struct tern_tokenizer **out);
// Opens `directory`/tokenizer.json. The added tokens that tokenizer_config.json lists must be in it. Without that file
// it reads vocab.json, merges.txt and the files of added tokens beside them, as transformers does for the classes
// Qwen2Tokenizer and GPT2Tokenizer. UNSUPPORTED also for split_special_tokens in tokenizer_config.json.
enum tern_status tern_tokenizer_open_directory(const char *directory, struct tern_error *error,
                                               struct tern_tokenizer **out);

enum tern_bos {
    TERN_BOS_AUTO, // as tokenizer.json says
    TERN_BOS_YES,
    TERN_BOS_NO
};
// Says whether texts begin with BOS, before other threads use the tokenizer. The bos_token is that of the files beside
// `directory`/tokenizer.json; BAD_ARGUMENT without one, unless `wanted` is TERN_BOS_AUTO. There *note may be a
// sentence: the tokenizer class of transformers 4 does otherwise. free(); else it is NULL.
enum tern_status tern_tokenizer_set_bos(struct tern_tokenizer *tokenizer, const char *directory, enum tern_bos wanted,
                                        struct tern_error *error, char **note);
void tern_tokenizer_close(struct tern_tokenizer *tokenizer); // NULL allowed

// Encodes text of `len_bytes` bytes, which may contain zero bytes, to *count ids. Release *ids with free(); it is never
// NULL on success. BAD_ARGUMENT for a text that is longer than TERN_TEXT_MAX_BYTES or not UTF-8, with the byte offset.
enum tern_status tern_tokenizer_encode(const struct tern_tokenizer *tokenizer, const char *utf8, size_t len_bytes,
                                       struct tern_error *error, uint32_t **ids, size_t *count);
enum tern_status tern_tokenizer_encode_with(const struct tern_tokenizer *tokenizer, unsigned encode_flags,
                                            const char *utf8, size_t len_bytes, struct tern_error *error,
                                            uint32_t **ids, size_t *count);
// Encodes without the tokens of post_processor. A special token is found only where plain[i], of [len_bytes], is 0 for
// each of its bytes: a text of which strangers wrote a part. UNSUPPORTED when special tokens are looked for in the
// normalized text and NFC changes this one.
enum tern_status tern_tokenizer_encode_plain(const struct tern_tokenizer *tokenizer, const char *utf8,
                                             const uint8_t *plain, size_t len_bytes, struct tern_error *error,
                                             uint32_t **ids, size_t *count);

// Decodes ids to their exact bytes. Any sequence of ids is allowed, so that the bytes need not be UTF-8; those of a
// stream below are. Ids without a token (padding rows of an embedding) give nothing. *bytes ends with a zero byte,
// which *len_bytes does not count; free().
enum tern_status tern_tokenizer_decode(const struct tern_tokenizer *tokenizer, unsigned decode_flags,
                                       const uint32_t *ids, size_t count, struct tern_error *error, char **bytes,
                                       size_t *len_bytes);

// The largest id plus one.
uint32_t tern_tokenizer_vocabulary_size(const struct tern_tokenizer *tokenizer);
// The id of an added token by its exact content, such as "<|im_end|>"; TERN_NO_TOKEN without one.
uint32_t tern_tokenizer_special_id(const struct tern_tokenizer *tokenizer, const char *content);
bool tern_tokenizer_is_special(const struct tern_tokenizer *tokenizer, uint32_t id);

// Text as it is generated, id by id. The text is always UTF-8 and whole characters. The bytes of an unfinished
// character wait. Bytes that cannot become a character turn into U+FFFD each, as in Hugging Face.
struct tern_text_stream {
    const struct tern_tokenizer *tokenizer;
    unsigned decode_flags;
    unsigned char waiting[4]; // the start of a character
    size_t waiting_bytes;
    char *text; // of the last call, with a zero byte at its end
    size_t capacity_bytes;
};

// Initializes *stream; release it with tern_text_stream_end.
void tern_text_stream_begin(struct tern_text_stream *stream, const struct tern_tokenizer *tokenizer,
                            unsigned decode_flags);
// *text belongs to the stream and is valid until its next call. It is never NULL on success and often empty.
enum tern_status tern_text_stream_push(struct tern_text_stream *stream, uint32_t id, struct tern_error *error,
                                       const char **text, size_t *len_bytes);
// Gives waiting bytes as U+FFFD. The stream may be used again afterwards.
enum tern_status tern_text_stream_flush(struct tern_text_stream *stream, struct tern_error *error, const char **text,
                                        size_t *len_bytes);
void tern_text_stream_end(struct tern_text_stream *stream);

#ifdef __cplusplus
}
#endif
#endif
