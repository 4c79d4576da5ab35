// SPDX-License-Identifier: Apache-2.0
// rtl.sdr_sdram: the model of the SDRAM chip keeps what is written, and says each rule that a sequence of commands
// breaks.
#include <cstdio>
#include <cstring>
#include <memory>

#include "sim/boards/sdr_sdram.hpp"

using namespace tern_bench;

namespace {

constexpr double kCycleNs = 12.5;
constexpr unsigned kAll = 0x400, kMode = 0x21; // latency 2, bursts of 2

enum Command { kSetMode, kRefresh, kPrecharge, kActivate, kWrite, kRead, kStop, kNothing };

class Driver {
  public:
    Driver() : chip(new SdrSdram(kCycleNs)) {
    }
    void give(Command command, unsigned bank = 0, unsigned address = 0, unsigned data = 0, unsigned mask = 0) {
        const unsigned code = command == kNothing ? 7 : static_cast<unsigned>(command);
        chip->tick({true, false, (code & 4) != 0, (code & 2) != 0, (code & 1) != 0, bank, address, mask,
                    static_cast<uint16_t>(data), drives});
    }
    void wait(unsigned clocks) {
        for (unsigned i = 0; i < clocks; i++) {
            give(kNothing);
        }
    }
    void set_up() {
        wait(16000);
        give(kPrecharge, 0, kAll);
        wait(2);
        give(kSetMode, 0, kMode);
        wait(2);
        for (unsigned i = 0; i < 2; i++) {
            give(kRefresh);
            wait(6);
        }
    }
    void open(unsigned clocks = 2) {
        set_up();
        give(kActivate, 1, 5);
        wait(clocks - 1);
    }
    void write() {
        drives = true;
        give(kWrite, 1, 8, 0x1234);
        give(kNothing, 0, 0, 0x5678, 2);
        drives = false;
    }

    std::unique_ptr<SdrSdram> chip;
    bool drives = false;
};

struct Case {
    const char *sentence; // empty: no rule is broken
    void (*run)(Driver &);
};

const Case cases[] = {
    {"",
     [](Driver &d) {
         d.open();
         d.write();
         d.wait(2);
         d.give(kPrecharge, 1);
     }},
    {"within 200 us of power-up", [](Driver &d) { d.give(kPrecharge, 0, kAll); }},
    {"neither 2 nor 3",
     [](Driver &d) {
         d.set_up();
         d.give(kSetMode, 0, 0x11);
     }},
    {"within tRFC",
     [](Driver &d) {
         d.set_up();
         d.give(kRefresh);
         d.give(kActivate);
     }},
    {"before the chip is set up",
     [](Driver &d) {
         d.wait(16000);
         d.give(kActivate);
     }},
    {"within tRCD",
     [](Driver &d) {
         d.open(1);
         d.give(kRead, 1);
     }},
    {"a read of a closed row",
     [](Driver &d) {
         d.open();
         d.give(kRead, 2);
     }},
    {"while one is open",
     [](Driver &d) {
         d.open(8);
         d.give(kActivate, 1, 6);
     }},
    {"within tRAS",
     [](Driver &d) {
         d.open();
         d.give(kPrecharge, 1);
     }},
    {"within tWR",
     [](Driver &d) {
         d.open(4);
         d.write();
         d.give(kPrecharge, 1);
     }},
    {"within tRP",
     [](Driver &d) {
         d.open(6);
         d.give(kPrecharge, 1);
         d.give(kActivate, 1);
     }},
    {"within tRRD",
     [](Driver &d) {
         d.open(1);
         d.give(kActivate, 2);
     }},
    {"a refresh while a row is open",
     [](Driver &d) {
         d.open(8);
         d.give(kRefresh);
     }},
    {"no refresh for nine intervals",
     [](Driver &d) {
         d.set_up();
         d.wait(6000);
         d.give(kActivate);
     }},
    {"nobody drives",
     [](Driver &d) {
         d.open();
         d.give(kWrite, 1);
     }},
    {"drive the data pins at once",
     [](Driver &d) {
         d.open();
         d.give(kRead, 1);
         d.drives = true;
         d.wait(3);
     }},
};

unsigned check(const Case &one) {
    Driver driver;
    one.run(driver);
    const std::string &said = driver.chip->broken();
    const bool right = *one.sentence ? said.find(one.sentence) != std::string::npos : said.empty();
    if (!right) {
        std::printf("FAIL: '%s' instead of '%s'\n", said.c_str(), one.sentence);
    }
    return !right;
}

// A word comes out after the latency, and its masked byte is what was there before.
unsigned check_data() {
    Driver driver;
    driver.open();
    driver.write();
    driver.give(kRead, 1, 8);
    driver.wait(2);
    const unsigned first = driver.chip->data();
    driver.wait(1);
    const bool right = first == 0x1234 && driver.chip->data() == 0x0078 && driver.chip->broken().empty();
    if (!right) {
        std::printf("FAIL: read 0x%04x and 0x%04x\n", first, driver.chip->data());
    }
    return !right;
}

} // namespace

int main() {
    unsigned failures = check_data();
    for (const Case &one : cases) {
        failures += check(one);
    }
    std::printf("rtl.sdr_sdram: %zu sequences, %u failures\n", sizeof cases / sizeof *cases, failures);
    return failures != 0;
}
