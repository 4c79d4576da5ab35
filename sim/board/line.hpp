// SPDX-License-Identifier: Apache-2.0
// The end of a board's line to its host: a UDP socket of this host, or a terminal that stands for a serial line. Line
// is about frames, Terminal about the bytes of a serial line.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace tern_bench {

class Line {
  public:
    virtual ~Line() = default;
    // Where the host finds the board: the part behind "fpga:".
    virtual std::string address() const = 0;
    // The next frame that has come; empty for none.
    virtual std::vector<uint8_t> receive() = 0;
    virtual void send(const std::vector<uint8_t> &frame) = 0;
    // Returns when something has come, or after some time.
    virtual void wait() const = 0;
};

class Terminal {
  public:
    ~Terminal();
    // False: the system refuses.
    bool open();
    std::string address() const;
    // What has come, at most 4096 bytes; empty for nothing.
    std::vector<uint8_t> receive();
    // Returns how many bytes the terminal took.
    size_t send(const uint8_t *bytes, size_t size);
    void wait() const;

  private:
    int file_ = -1;
    int other_end_ = -1;
    std::string path_;
};

// At a port of the loopback address; 0 for a free one. Null when the system refuses.
std::unique_ptr<Line> open_udp_line(uint16_t port);
std::unique_ptr<Line> open_tty_line();

} // namespace tern_bench
