// SPDX-License-Identifier: Apache-2.0
#include "sim/board/line.hpp"

#include <arpa/inet.h>
#include <cstdlib>
#include <deque>
#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include "cmodel/link/stuffing.h"

namespace tern_bench {

namespace {

constexpr int kWaitMs = 20;

void wait_for(int file) {
    pollfd ready = {file, POLLIN, 0};
    (void)poll(&ready, 1, kWaitMs);
}

class UdpLine : public Line {
  public:
    ~UdpLine() override {
        close(file_);
    }
    bool open(uint16_t port) {
        sockaddr_in own{};
        own.sin_family = AF_INET;
        own.sin_port = htons(port);
        own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t bytes = sizeof own;
        file_ = socket(AF_INET, SOCK_DGRAM, 0);
        if (file_ < 0 || bind(file_, reinterpret_cast<sockaddr *>(&own), sizeof own) ||
            getsockname(file_, reinterpret_cast<sockaddr *>(&own), &bytes)) {
            return false;
        }
        port_ = ntohs(own.sin_port);
        return true;
    }
    std::string address() const override {
        return "udp:127.0.0.1:" + std::to_string(port_);
    }
    std::vector<uint8_t> receive() override {
        std::vector<uint8_t> frame(TERN_LINK_MAX_FRAME_BYTES);
        socklen_t bytes = sizeof host_;
        const ssize_t size =
            recvfrom(file_, frame.data(), frame.size(), MSG_DONTWAIT, reinterpret_cast<sockaddr *>(&host_), &bytes);
        frame.resize(size > 0 ? static_cast<size_t>(size) : 0);
        return frame;
    }
    void send(const std::vector<uint8_t> &frame) override {
        // A datagram that is not sent is one that is lost.
        (void)!sendto(file_, frame.data(), frame.size(), 0, reinterpret_cast<sockaddr *>(&host_), sizeof host_);
    }
    void wait() const override {
        wait_for(file_);
    }

  private:
    int file_ = -1;
    uint16_t port_ = 0;
    sockaddr_in host_{}; // the sender of the last frame gets the answers
};

class TtyLine : public Line {
  public:
    bool open() {
        return terminal_.open();
    }
    std::string address() const override {
        return terminal_.address();
    }
    std::vector<uint8_t> receive() override {
        if (bytes_.empty()) {
            const std::vector<uint8_t> come = terminal_.receive();
            bytes_.insert(bytes_.end(), come.begin(), come.end());
        }
        while (!bytes_.empty()) {
            const bool ended = tern_link_unstuff(&unstuffer_, bytes_.front());
            bytes_.pop_front();
            if (ended) {
                return {unstuffer_.frame, unstuffer_.frame + unstuffer_.size};
            }
        }
        return {};
    }
    void send(const std::vector<uint8_t> &frame) override {
        uint8_t stuffed[TERN_LINK_MAX_STUFFED_BYTES];
        // A frame for which the line has no room is cut.
        (void)terminal_.send(stuffed, tern_link_stuff(frame.data(), frame.size(), stuffed));
    }
    void wait() const override {
        terminal_.wait();
    }

  private:
    Terminal terminal_;
    std::deque<uint8_t> bytes_;
    tern_link_unstuffer unstuffer_{};
};

} // namespace

Terminal::~Terminal() {
    close(file_);
    close(other_end_);
}

bool Terminal::open() {
    file_ = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
    if (file_ < 0 || grantpt(file_) || unlockpt(file_) || !ptsname(file_)) {
        return false;
    }
    path_ = ptsname(file_);
    // An end of its own, so that a host that leaves does not hang up the line.
    other_end_ = ::open(path_.c_str(), O_RDWR | O_NOCTTY);
    termios line;
    if (other_end_ < 0 || tcgetattr(other_end_, &line)) {
        return false;
    }
    cfmakeraw(&line);
    return tcsetattr(other_end_, TCSANOW, &line) == 0;
}

std::string Terminal::address() const {
    return "tty:" + path_;
}

std::vector<uint8_t> Terminal::receive() {
    std::vector<uint8_t> bytes(4096);
    const ssize_t size = read(file_, bytes.data(), bytes.size());
    bytes.resize(size > 0 ? static_cast<size_t>(size) : 0);
    return bytes;
}

size_t Terminal::send(const uint8_t *bytes, size_t size) {
    const ssize_t sent = write(file_, bytes, size);
    return sent > 0 ? static_cast<size_t>(sent) : 0;
}

void Terminal::wait() const {
    wait_for(file_);
}

std::unique_ptr<Line> open_udp_line(uint16_t port) {
    std::unique_ptr<UdpLine> line(new UdpLine);
    return line->open(port) ? std::move(line) : nullptr;
}

std::unique_ptr<Line> open_tty_line() {
    std::unique_ptr<TtyLine> line(new TtyLine);
    return line->open() ? std::move(line) : nullptr;
}

} // namespace tern_bench
