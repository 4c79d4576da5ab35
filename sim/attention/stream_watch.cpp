// SPDX-License-Identifier: Apache-2.0
#include "stream_watch.hpp"

#include <cstddef>

#include "attention_bench.hpp"

namespace tern_bench {

namespace {

// Cycles from one event to the next (headers of rtl/bus/tern_memory_reader.v, rtl/bus/tern_fifo.v, rtl/attention).
constexpr uint64_t request_latency = 4; // request of the stream to its address on the bus
constexpr uint64_t beat_latency = 2;    // beat on the bus to the item that may be taken: reader, then queue
constexpr uint64_t read_latency = 10;   // item taken to the read of its sums
constexpr uint64_t done_latency = 14;   // last item of a batch to finish
constexpr uint64_t line_words = 16;

constexpr unsigned item_bytes = bus_bytes < 32 ? bus_bytes : 32;
constexpr unsigned items_per_beat = bus_bytes / item_bytes;
constexpr unsigned items_per_group = 32 / item_bytes;

struct Item {
    bool beat_last, batch_begins, batch_last, reads_sums;
    size_t last_beat; // of its portion: all of them must be there
};

// The items of a run in the order in which they are taken, without ghosts.
class Items {
  public:
    explicit Items(const Run &run) : shape_(run.shape), values_(run.shape.kind == TERN_CACHE_VALUES) {
        for (uint32_t head = 0; head < shape_.kv_heads; head++) {
            add_head();
        }
    }
    std::vector<Item> list;

  private:
    void add(uint64_t bytes) {
        for (uint64_t i = 0; i < bytes / item_bytes; i++) {
            list.push_back({++in_beat_ % items_per_beat == 0, false, false, false, beats_});
            beats_ += in_beat_ % items_per_beat == 0;
        }
    }

    void add_head() {
        const uint32_t records = tern_cache_records(shape_.positions);
        const uint64_t image = tern_activation_bytes(shape_.length());
        for (uint32_t record = 0; record < records; record++) {
            if (record == 0) {
                add(shape_.vectors * image); // parts have the same bytes in another order; only their sum matters
            }
            add(tern_cache_mantissas_offset(shape_.kind, shape_.head_size));
            add_mantissas(record, record == records - 1);
        }
        list.back().beat_last = true;
        beats_ += in_beat_ % items_per_beat != 0;
        in_beat_ = 0;
    }

    void add_mantissas(uint32_t record, bool record_last) {
        const size_t first = list.size();
        const uint32_t groups = tern_cache_groups(shape_.kind, shape_.head_size);
        add(tern_align_up(TERN_CACHE_GROUP_BYTES * groups, 64));
        const uint32_t unit_groups = values_ ? 1 : tern_cache_head_groups(shape_.head_size);
        const size_t pair = size_t{2} * unit_groups * items_per_group; // items
        for (size_t begin = first; begin < list.size(); begin += pair) {
            const size_t last_beat = list[begin + pair - 1].last_beat;
            for (size_t i = 0; i < pair; i++) {
                list[begin + i].last_beat = last_beat;
            }
        }
        list[first].batch_begins = !values_ || record == 0;
        list.back().batch_last = !values_ || record_last;
        for (uint32_t group = 0; values_ && record > 0 && group < groups; group++) {
            list[first + group / 2 * pair + pair - 2 + group % 2].reads_sums = true;
        }
    }

    const Shape shape_;
    const bool values_;
    uint64_t in_beat_ = 0;
    size_t beats_ = 0; // before the item
};

// Rounds batches: a line takes a cycle to begin and one for each result.
class Finish {
  public:
    explicit Finish(const Shape &shape)
        : results_(shape.vectors * (shape.kind == TERN_CACHE_KEYS ? TERN_CACHE_POSITIONS : shape.head_size)) {
    }

    bool wants_read() const {
        return in_line_;
    }

    // One cycle. port_free: no group reads its sums. Returns whether the bank is read.
    bool step(bool port_free, bool batch_done) {
        bool released = false;
        if (in_line_ && port_free) {
            result_++;
            released = result_ == results_;
            in_line_ = result_ % line_words != 0;
            result_ = released ? 0 : result_;
        } else if (!in_line_) {
            in_line_ = waiting_ > 0;
        }
        waiting_ += batch_done;
        waiting_ -= released;
        return released;
    }

  private:
    const uint64_t results_; // of a batch
    uint64_t result_ = 0;
    unsigned waiting_ = 0;
    bool in_line_ = false;
};

} // namespace

void StreamWatch::begin() {
    cycle_ = first_request_ = 0;
    beats_.clear();
}

void StreamWatch::look(const Vtern_attention_unit &top) {
    cycle_++;
    if (top.m_axi_arvalid && !first_request_) {
        first_request_ = cycle_;
    }
    if (top.m_axi_rvalid) {
        beats_.push_back(cycle_);
    }
}

StreamCounts StreamWatch::counts(const Run &run) const {
    const std::vector<Item> items = Items(run).list;
    const uint64_t first = first_request_ - request_latency + 1;
    Finish finish(run.shape);
    StreamCounts counts = {};
    std::vector<size_t> taken_in; // of each cycle, the item taken, from 1 on
    const auto item_of = [&](uint64_t cycles_ago) -> const Item * {
        const size_t now = taken_in.size();
        const size_t item = now >= cycles_ago ? taken_in[now - cycles_ago] : 0;
        return item ? &items[item - 1] : nullptr;
    };
    unsigned held = 0;
    for (size_t next = 0; next < items.size();) {
        const uint64_t cycle = first + taken_in.size();
        const Item &item = items[next];
        const bool present = beats_.at(item.last_beat) + beat_latency <= cycle;
        const Item *reader = item_of(read_latency), *done = item_of(done_latency);
        const bool port_free = !(reader && reader->reads_sums);
        const bool waits = items_per_group == 1 && finish.wants_read() && !port_free;
        const bool take = present && !waits && !(item.batch_begins && held == 2);
        counts.taken += take && item.beat_last;
        counts.starved += !present;
        counts.stalled += present && !(take && item.beat_last);
        held += take && item.batch_begins;
        held -= finish.step(port_free, done && done->batch_last);
        taken_in.push_back(take ? ++next : 0);
    }
    return counts;
}

} // namespace tern_bench
