// SPDX-License-Identifier: Apache-2.0
// Operators between two values, as Python has them.
#include "host_driver/jinja/builtins/builtin.h"
#include "host_driver/jinja/evaluate.h"

static enum tern_status no_operation(struct tern_jinja_run *run, int operation, const struct tern_jinja_value *left,
                                     const struct tern_jinja_value *right) {
    const struct tern_jinja_value *undefined = left->kind == TERN_JINJA_UNDEFINED    ? left
                                               : right->kind == TERN_JINJA_UNDEFINED ? right
                                                                                     : NULL;
    if (undefined) {
        return tern_jinja_refuse(run, "\"%.*s\" is undefined", TERN_JINJA_NAME(undefined->text));
    }
    char name[3] = {(char)(operation > 0xFF ? operation >> 8 : operation), (char)(operation > 0xFF ? operation : 0), 0};
    return tern_jinja_refuse(run, "the operator %s does not go with %s and %s",
                             operation == 'i' || operation == 'n' ? "in" : name, tern_jinja_kind_name(left),
                             tern_jinja_kind_name(right));
}

// Floor division and its rest, as Python rounds.
static enum tern_status divide(struct tern_jinja_run *run, bool wants_rest, int64_t left, int64_t right,
                               struct tern_jinja_value *value) {
    if (right == 0) {
        return tern_jinja_refuse(run, "a division by zero");
    }
    int64_t quotient = left / right, rest = left % right;
    bool is_below = rest != 0 && (rest < 0) != (right < 0);
    *value = tern_jinja_number(wants_rest ? rest + (is_below ? right : 0) : quotient - is_below);
    return TERN_STATUS_OK;
}

// Numbers stay within 2^53 or are refused: Python's have no limit.
static enum tern_status calculate(struct tern_jinja_run *run, int operation, int64_t left, int64_t right,
                                  struct tern_jinja_value *value) {
    const int64_t most = (int64_t)1 << 53;
    bool is_product_large = operation == '*' && left != 0 &&
                            (right > most / (left < 0 ? -left : left) || right < -most / (left < 0 ? -left : left));
    int64_t number = 0;
    switch (operation) {
    case '+': number = left + right; break;
    case '-': number = left - right; break;
    case '*': number = is_product_large ? most + 1 : left * right; break;
    case '%': return divide(run, true, left, right, value);
    case TERN_JINJA_OPERATOR('/', '/'): return divide(run, false, left, right, value);
    default: return tern_jinja_refuse(run, "the operators / and ** are not known");
    }
    *value = tern_jinja_number(number);
    return number <= most && number >= -most ? TERN_STATUS_OK : tern_jinja_refuse(run, "a number beyond 2^53");
}

static enum tern_status concatenate(struct tern_jinja_run *run, struct tern_jinja_text left,
                                    struct tern_jinja_text right, struct tern_jinja_value *value) {
    struct tern_jinja_builder joined = {0};
    TERN_TRY(tern_jinja_append(run, &joined, left));
    TERN_TRY(tern_jinja_append(run, &joined, right));
    *value = tern_jinja_text_value(tern_jinja_built(&joined));
    return TERN_STATUS_OK;
}

static enum tern_status chain_lists(struct tern_jinja_run *run, const struct tern_jinja_list *left,
                                    const struct tern_jinja_list *right, struct tern_jinja_value *value) {
    TERN_TRY(tern_jinja_new_list(run, left->row, left->count + right->count, value));
    for (size_t i = 0; i < left->count + right->count; i++) {
        value->list->items[i] = i < left->count ? left->items[i] : right->items[i - left->count];
    }
    return TERN_STATUS_OK;
}

static enum tern_status repeat(struct tern_jinja_run *run, struct tern_jinja_text text, int64_t times,
                               struct tern_jinja_value *value) {
    struct tern_jinja_builder repeated = {0};
    for (int64_t i = 0; i < times && text.length > 0; i++) {
        TERN_TRY(tern_jinja_append(run, &repeated, text));
    }
    *value = tern_jinja_text_value(tern_jinja_built(&repeated));
    return TERN_STATUS_OK;
}

enum tern_status tern_jinja_binary(struct tern_jinja_run *run, int operation, const struct tern_jinja_value *left,
                                   const struct tern_jinja_value *right, struct tern_jinja_value *value) {
    bool are_texts = left->kind == TERN_JINJA_TEXT && right->kind == TERN_JINJA_TEXT;
    bool are_lists = left->kind == TERN_JINJA_LIST && right->kind == TERN_JINJA_LIST;
    if (tern_jinja_is_number(left) && tern_jinja_is_number(right)) {
        return calculate(run, operation, left->number, right->number, value);
    }
    if (operation == '+' && are_texts) {
        return concatenate(run, left->text, right->text, value);
    }
    if (operation == '+' && are_lists && left->list->row == right->list->row &&
        left->list->row <= TERN_JINJA_ROW_TUPLE) {
        return chain_lists(run, left->list, right->list, value);
    }
    if (operation == '*' && left->kind == TERN_JINJA_TEXT && tern_jinja_is_number(right)) {
        return repeat(run, left->text, right->number, value);
    }
    if (operation == '*' && right->kind == TERN_JINJA_TEXT && tern_jinja_is_number(left)) {
        return repeat(run, right->text, left->number, value);
    }
    return no_operation(run, operation, left, right);
}

static enum tern_status lists_equal(struct tern_jinja_run *run, const struct tern_jinja_list *a,
                                    const struct tern_jinja_list *b, bool *is_equal) {
    if (a->row > TERN_JINJA_ROW_TUPLE || b->row > TERN_JINJA_ROW_TUPLE) {
        return tern_jinja_refuse(run, "iterators are compared");
    }
    *is_equal = a->row == b->row && a->count == b->count;
    for (size_t i = 0; *is_equal && i < a->count; i++) {
        TERN_TRY(tern_jinja_equals(run, &a->items[i], &b->items[i], is_equal));
    }
    return TERN_STATUS_OK;
}

static enum tern_status mappings_equal(struct tern_jinja_run *run, const struct tern_jinja_mapping *a,
                                       const struct tern_jinja_mapping *b, bool *is_equal) {
    *is_equal = a->count == b->count;
    for (const struct tern_jinja_entry *entry = a->first; *is_equal && entry; entry = entry->next) {
        const struct tern_jinja_value *other = tern_jinja_mapping_find(b, entry->key);
        TERN_TRY(tern_jinja_work(run, b->count));
        *is_equal = other;
        if (other) {
            TERN_TRY(tern_jinja_equals(run, &entry->value, other, is_equal));
        }
    }
    return TERN_STATUS_OK;
}

static enum tern_status same_kind_equal(struct tern_jinja_run *run, const struct tern_jinja_value *a,
                                        const struct tern_jinja_value *b, bool *is_equal) {
    switch (a->kind) {
    case TERN_JINJA_UNDEFINED:
    case TERN_JINJA_NONE: *is_equal = true; return TERN_STATUS_OK;
    case TERN_JINJA_TEXT: *is_equal = tern_jinja_text_equals(a->text, b->text); return TERN_STATUS_OK;
    case TERN_JINJA_LIST: return lists_equal(run, a->list, b->list, is_equal);
    case TERN_JINJA_MAPPING: return mappings_equal(run, a->mapping, b->mapping, is_equal);
    default: return tern_jinja_refuse(run, "%s is compared", tern_jinja_kind_name(a));
    }
}

enum tern_status tern_jinja_equals(struct tern_jinja_run *run, const struct tern_jinja_value *a,
                                   const struct tern_jinja_value *b, bool *is_equal) {
    TERN_TRY(tern_jinja_enter(run));
    *is_equal = false;
    if (tern_jinja_is_number(a) && tern_jinja_is_number(b)) {
        *is_equal = a->number == b->number;
    } else if (a->kind == b->kind) {
        TERN_TRY(tern_jinja_work(run, a->kind == TERN_JINJA_TEXT ? a->text.length : 1));
        TERN_TRY(same_kind_equal(run, a, b, is_equal));
    }
    run->depth--;
    return TERN_STATUS_OK;
}

// left in right
static enum tern_status is_in(struct tern_jinja_run *run, const struct tern_jinja_value *left,
                              const struct tern_jinja_value *right, bool *is_so) {
    const struct tern_jinja_list *items;
    *is_so = false;
    if (right->kind == TERN_JINJA_TEXT && left->kind == TERN_JINJA_TEXT) {
        TERN_TRY(tern_jinja_work(run, right->text.length));
        *is_so = tern_jinja_text_find(right->text, left->text, 0) != SIZE_MAX;
        return TERN_STATUS_OK;
    }
    if (right->kind == TERN_JINJA_MAPPING && left->kind == TERN_JINJA_TEXT) {
        TERN_TRY(tern_jinja_work(run, right->mapping->count));
        *is_so = tern_jinja_mapping_find(right->mapping, left->text);
        return TERN_STATUS_OK;
    }
    if (right->kind != TERN_JINJA_LIST && right->kind != TERN_JINJA_UNDEFINED) {
        return no_operation(run, 'i', left, right);
    }
    TERN_TRY(tern_jinja_items(run, right, &items));
    for (size_t i = 0; !*is_so && i < items->count; i++) {
        TERN_TRY(tern_jinja_equals(run, left, &items->items[i], is_so));
    }
    return TERN_STATUS_OK;
}

static enum tern_status order(struct tern_jinja_run *run, int operation, const struct tern_jinja_value *left,
                              const struct tern_jinja_value *right, bool *is_so) {
    int sign;
    if (tern_jinja_is_number(left) && tern_jinja_is_number(right)) {
        sign = (left->number > right->number) - (left->number < right->number);
    } else if (left->kind == TERN_JINJA_TEXT && right->kind == TERN_JINJA_TEXT) {
        TERN_TRY(tern_jinja_work(run, left->text.length));
        sign = tern_jinja_text_compare(left->text, right->text);
    } else {
        return no_operation(run, operation, left, right);
    }
    switch (operation) {
    case '<': *is_so = sign < 0; break;
    case '>': *is_so = sign > 0; break;
    case TERN_JINJA_OPERATOR('<', '='): *is_so = sign <= 0; break;
    default: *is_so = sign >= 0;
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_jinja_compare(struct tern_jinja_run *run, int operation, const struct tern_jinja_value *left,
                                    const struct tern_jinja_value *right, bool *is_so) {
    switch (operation) {
    case 'i': return is_in(run, left, right, is_so);
    case 'n': TERN_TRY(is_in(run, left, right, is_so)); break;
    case TERN_JINJA_OPERATOR('=', '='): return tern_jinja_equals(run, left, right, is_so);
    case TERN_JINJA_OPERATOR('!', '='): TERN_TRY(tern_jinja_equals(run, left, right, is_so)); break;
    default: return order(run, operation, left, right, is_so);
    }
    *is_so = !*is_so;
    return TERN_STATUS_OK;
}
