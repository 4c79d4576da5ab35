// SPDX-License-Identifier: Apache-2.0
#include <math.h>

#include "cmodel/reference/reference.h"

void tern_reference_rmsnorm(const double *input, const double *weight, size_t length, double epsilon, double *output) {
    double sum = 0;
    for (size_t i = 0; i < length; i++) {
        sum += input[i] * input[i];
    }
    double root = sqrt(sum / (double)length + epsilon);
    for (size_t i = 0; i < length; i++) {
        output[i] = input[i] / root * weight[i];
    }
}

void tern_reference_rotary(const double *input, size_t heads, size_t head_size, const double *cosine,
                           const double *sine, double *output) {
    size_t half = head_size / 2;
    for (size_t head = 0; head < heads; head++) {
        for (size_t i = 0; i < half; i++) {
            double a = input[head * head_size + i];
            double b = input[head * head_size + half + i];
            output[head * head_size + i] = a * cosine[i] - b * sine[i];
            output[head * head_size + half + i] = b * cosine[i] + a * sine[i];
        }
    }
}

static double dot(const double *a, const double *b, size_t length) {
    double sum = 0;
    for (size_t i = 0; i < length; i++) {
        sum += a[i] * b[i];
    }
    return sum;
}

static void softmax(double *scores, size_t count) {
    double largest = scores[0];
    for (size_t i = 1; i < count; i++) {
        largest = fmax(largest, scores[i]);
    }
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        scores[i] = exp(scores[i] - largest);
        sum += scores[i];
    }
    for (size_t i = 0; i < count; i++) {
        scores[i] /= sum;
    }
}

void tern_reference_attention(const double *query, const double *keys, const double *values, size_t heads,
                              size_t kv_heads, size_t head_size, size_t capacity, size_t positions, double scale,
                              double *scores, double *output) {
    for (size_t head = 0; head < heads; head++) {
        size_t first = head / (heads / kv_heads) * capacity * head_size;
        for (size_t t = 0; t < positions; t++) {
            scores[t] = dot(query + head * head_size, keys + first + t * head_size, head_size) * scale;
        }
        softmax(scores, positions);
        for (size_t i = 0; i < head_size; i++) {
            double sum = 0;
            for (size_t t = 0; t < positions; t++) {
                sum += scores[t] * values[first + t * head_size + i];
            }
            output[head * head_size + i] = sum;
        }
    }
}
