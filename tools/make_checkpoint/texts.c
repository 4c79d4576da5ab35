// SPDX-License-Identifier: Apache-2.0
#include "tools/make_checkpoint/texts.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "host_driver/formats/json.h"
#include "host_driver/model/config.h"
#include "host_driver/unicode/byte_alphabet.h"

static enum tern_status print(cJSON *root, bool good, struct tern_error *error, char **text) {
    *text = good ? cJSON_Print(root) : NULL;
    cJSON_Delete(root);
    return *text ? TERN_STATUS_OK : tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no memory for a JSON file");
}

static bool set_number(cJSON *root, const char *key, double value) {
    cJSON_DeleteItemFromObjectCaseSensitive(root, key);
    return cJSON_AddNumberToObject(root, key, value) != NULL;
}

// layer_types names the kind of every layer.
static bool set_layers(cJSON *root, int layers) {
    cJSON *types = cJSON_GetObjectItemCaseSensitive(root, "layer_types");
    while (cJSON_GetArraySize(types) > layers) {
        cJSON_DeleteItemFromArray(types, layers);
    }
    while (types && types->child && cJSON_GetArraySize(types) < layers) {
        if (!cJSON_AddItemToArray(types, cJSON_Duplicate(types->child, true))) {
            return false;
        }
    }
    return set_number(root, "num_hidden_layers", layers);
}

// An id outside the vocabulary becomes its last id.
static void move_ids(cJSON *item, double vocabulary) {
    if (cJSON_IsNumber(item) && item->valuedouble >= vocabulary) {
        cJSON_SetNumberValue(item, vocabulary - 1);
    }
    if (cJSON_IsArray(item)) {
        for (cJSON *id = item->child; id; id = id->next) {
            move_ids(id, vocabulary);
        }
    }
}

static bool set_vocabulary(cJSON *root, double vocabulary) {
    static const char *const ids[] = {"bos_token_id", "eos_token_id", "pad_token_id"};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        move_ids(cJSON_GetObjectItemCaseSensitive(root, ids[i]), vocabulary);
    }
    return set_number(root, "vocab_size", vocabulary);
}

enum tern_status checkpoint_config(const char *path, uint64_t layers, uint64_t vocabulary, const char *dtype_name,
                                   struct tern_error *error, char **text) {
    cJSON *root;
    TERN_TRY(tern_json_load(path, error, &root));
    bool good = !layers || set_layers(root, (int)layers);
    good = good && (!vocabulary || set_vocabulary(root, (double)vocabulary));
    good = good && tern_config_set_dtype(root, strcmp(dtype_name, "F16") ? "bfloat16" : "float16");
    return print(root, good, error, text);
}

static bool is_stop(uint32_t id, const uint32_t *stop_ids, uint32_t stop_count) {
    for (uint32_t i = 0; i < stop_count; i++) {
        if (stop_ids[i] == id) {
            return true;
        }
    }
    return false;
}

#define NAME_BYTES 32

static char *stop_name(uint32_t id, char name[NAME_BYTES]) {
    snprintf(name, NAME_BYTES, "<|stop %u|>", id);
    return name;
}

static char *token_name(uint32_t id, uint32_t byte, char name[NAME_BYTES]) {
    if (byte < 256) {
        name[tern_byte_symbol_write((uint8_t)byte, name)] = '\0';
    } else {
        snprintf(name, NAME_BYTES, "\u0120%u", id); // the dotted G is the byte-level symbol of a blank
    }
    return name;
}

// It has the stop tokens too: `tokenizers` gives an added token that it lacks the next id.
static bool add_vocabulary(cJSON *model, uint32_t vocabulary, const uint32_t *stop_ids, uint32_t stop_count) {
    cJSON *list = cJSON_AddObjectToObject(model, "vocab");
    char name[NAME_BYTES];
    bool good = list != NULL;
    for (uint32_t id = 0, byte = 0; id < vocabulary && good; id++) {
        const bool stops = is_stop(id, stop_ids, stop_count);
        good = cJSON_AddNumberToObject(list, stops ? stop_name(id, name) : token_name(id, byte++, name), id) != NULL;
    }
    return good && cJSON_AddArrayToObject(model, "merges");
}

static bool add_special(cJSON *root, const uint32_t *stop_ids, uint32_t stop_count) {
    cJSON *list = cJSON_AddArrayToObject(root, "added_tokens");
    bool good = list != NULL;
    for (uint32_t i = 0; i < stop_count && good; i++) {
        char name[NAME_BYTES];
        cJSON *token = cJSON_CreateObject();
        good = cJSON_AddItemToArray(list, token) && cJSON_AddNumberToObject(token, "id", stop_ids[i]) &&
               cJSON_AddStringToObject(token, "content", stop_name(stop_ids[i], name)) &&
               cJSON_AddTrueToObject(token, "special");
    }
    return good;
}

enum tern_status checkpoint_tokenizer(uint32_t vocabulary, const uint32_t *stop_ids, uint32_t stop_count,
                                      struct tern_error *error, char **text) {
    if (vocabulary < 256 + stop_count) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT,
                              "a byte-level vocabulary has at least %u ids, vocab_size is %u", 256 + stop_count,
                              vocabulary);
    }
    cJSON *root = cJSON_Parse("{\"version\":\"1.0\",\"pre_tokenizer\":{\"type\":\"ByteLevel\",\"add_prefix_space\":"
                              "false,\"trim_offsets\":false,\"use_regex\":true},\"decoder\":{\"type\":\"ByteLevel\"}}");
    cJSON *model = cJSON_AddObjectToObject(root, "model");
    bool good = cJSON_AddStringToObject(model, "type", "BPE") && add_special(root, stop_ids, stop_count) &&
                add_vocabulary(model, vocabulary, stop_ids, stop_count);
    return print(root, good, error, text);
}
