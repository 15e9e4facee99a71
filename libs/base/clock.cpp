#include "base/clock.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <limits>
#include <mutex>
#include <stdexcept>

#include "base/check.hpp"

namespace carillon {

// What the file holds. A seqlock: odd while being written. Anchors are microseconds since 1970.
struct ClockPage {
  std::uint64_t magic;
  std::atomic<std::uint64_t> generation;
  std::atomic<std::int64_t> anchor_real;
  std::atomic<std::int64_t> anchor_simulated;
  std::atomic<std::uint64_t> rate_bits;
  std::atomic<std::int64_t> limit;
};

namespace {

constexpr std::uint64_t kMagic = 0x324b434f4c434143;  // "CACLOCK2"
static_assert(std::atomic<std::int64_t>::is_always_lock_free);

std::int64_t RealMicros() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

double AsDouble(std::uint64_t bits) {
  double d = 0;
  std::memcpy(&d, &bits, sizeof d);
  return d;
}

std::uint64_t AsBits(double d) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, &d, sizeof d);
  return bits;
}

struct Reading {
  std::int64_t now;
  double rate;
};

Reading Read(const ClockPage& page) {
  for (;;) {
    const auto before = page.generation.load(std::memory_order_acquire);
    if (before % 2 != 0) continue;
    const auto real = page.anchor_real.load(std::memory_order_relaxed);
    const auto simulated = page.anchor_simulated.load(std::memory_order_relaxed);
    const double rate = AsDouble(page.rate_bits.load(std::memory_order_relaxed));
    const auto limit = page.limit.load(std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_acquire);
    if (page.generation.load(std::memory_order_relaxed) != before) continue;
    const auto elapsed = static_cast<double>(std::max<std::int64_t>(0, RealMicros() - real));
    const auto now = simulated + static_cast<std::int64_t>(elapsed * rate);
    if (now >= limit) return {std::max(simulated, limit), 0};
    return {now, rate};
  }
}

constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max();

void Write(ClockPage& page, std::int64_t simulated, double rate, std::int64_t limit) {
  page.generation.fetch_add(1, std::memory_order_acq_rel);
  page.anchor_real.store(RealMicros(), std::memory_order_relaxed);
  page.anchor_simulated.store(simulated, std::memory_order_relaxed);
  page.rate_bits.store(AsBits(rate), std::memory_order_relaxed);
  page.limit.store(limit, std::memory_order_relaxed);
  page.generation.fetch_add(1, std::memory_order_release);
}

ClockPage* Map(const std::string& path, int flags, int protection) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC);
  if (fd < 0) throw std::runtime_error("clock file " + path + ": " + std::strerror(errno));
  void* memory = ::mmap(nullptr, sizeof(ClockPage), protection, MAP_SHARED, fd, 0);
  ::close(fd);
  if (memory == MAP_FAILED) throw std::runtime_error("clock file " + path + ": " + std::strerror(errno));
  auto* page = static_cast<ClockPage*>(memory);
  if (page->magic != kMagic) {
    ::munmap(memory, sizeof(ClockPage));
    throw std::runtime_error("clock file " + path + " is not of this version");
  }
  return page;
}

class SystemClock final : public Clock {
 public:
  TimePoint Now() const override { return RealNow(); }
  double Rate() const override { return 1; }
};

class MappedClock final : public Clock {
 public:
  explicit MappedClock(const std::string& path) : page_(Map(path, O_RDONLY, PROT_READ)) {}
  ~MappedClock() override { ::munmap(page_, sizeof(ClockPage)); }
  MappedClock(const MappedClock&) = delete;
  MappedClock& operator=(const MappedClock&) = delete;

  TimePoint Now() const override {
    const auto now = Read(*page_).now;
    auto last = last_.load(std::memory_order_relaxed);
    while (now > last && !last_.compare_exchange_weak(last, now, std::memory_order_relaxed)) {
    }
    return TimePoint{std::chrono::microseconds{std::max(now, last)}};
  }
  double Rate() const override { return Read(*page_).rate; }

 private:
  ClockPage* page_;
  mutable std::atomic<std::int64_t> last_{0};
};

}  // namespace

struct PacedClock::Mapping {
  ClockPage* page;
  std::mutex writing;
};

PacedClock::PacedClock(const std::string& path, TimePoint start) : mapping_(std::make_unique<Mapping>()) {
  if (::access(path.c_str(), F_OK) != 0) {
    ClockPage fresh{};
    fresh.magic = kMagic;
    Write(fresh, start.time_since_epoch().count(), 1, kNoLimit);
    const std::string temporary = path + "." + std::to_string(::getpid());
    std::FILE* file = std::fopen(temporary.c_str(), "wbe");
    if (file == nullptr) throw std::runtime_error("clock file " + path + ": " + std::strerror(errno));
    const bool written = std::fwrite(&fresh, sizeof fresh, 1, file) == 1;
    if (std::fclose(file) != 0 || !written || ::rename(temporary.c_str(), path.c_str()) != 0)
      throw std::runtime_error("clock file " + path + ": " + std::strerror(errno));
  }
  mapping_->page = Map(path, O_RDWR, PROT_READ | PROT_WRITE);
}

PacedClock::~PacedClock() { ::munmap(mapping_->page, sizeof(ClockPage)); }

TimePoint PacedClock::Now() const { return TimePoint{std::chrono::microseconds{Read(*mapping_->page).now}}; }

double PacedClock::Rate() const { return Read(*mapping_->page).rate; }

void PacedClock::SetRate(double rate, TimePoint until) {
  CARILLON_CHECK(rate >= 0 && std::isfinite(rate));
  const std::lock_guard lock(mapping_->writing);
  Write(*mapping_->page, Read(*mapping_->page).now, rate, until.time_since_epoch().count());
}

void PacedClock::Advance(TimePoint to) {
  const std::lock_guard lock(mapping_->writing);
  const auto reading = Read(*mapping_->page);
  Write(*mapping_->page, std::max(reading.now, to.time_since_epoch().count()), reading.rate, kNoLimit);
}

std::unique_ptr<Clock> MakeSystemClock() { return std::make_unique<SystemClock>(); }
std::unique_ptr<Clock> MakeMappedClock(const std::string& path) {
  return std::make_unique<MappedClock>(path);
}

TimePoint RealNow() { return TimePoint{std::chrono::microseconds{RealMicros()}}; }

std::string FormatRfc3339(TimePoint at) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(at);
  const auto micros = (at - whole).count();
  const std::time_t seconds = whole.time_since_epoch().count();
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%06ldZ", utc.tm_year + 1900, utc.tm_mon + 1,
                utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, micros);
  return text;
}

}  // namespace carillon
