#pragma once
#include <cstdint>
#include <optional>
#include <queue>
#include <utility>
#include <vector>

#include "base/clock.hpp"

namespace carillon::simulator {

/// What is to happen when, by due business time; equal times in the order they were put in. One thread.
template <class Item>
class Agenda {
 public:
  void Put(TimePoint due, Item item) { heap_.push(Entry{due, next_++, std::move(item)}); }
  bool empty() const { return heap_.empty(); }
  std::size_t size() const { return heap_.size(); }
  std::optional<TimePoint> NextDue() const {
    if (heap_.empty()) return std::nullopt;
    return heap_.top().due;
  }
  /// The next item when it is due at `now`.
  std::optional<std::pair<TimePoint, Item>> TakeDue(TimePoint now) {
    if (heap_.empty() || heap_.top().due > now) return std::nullopt;
    std::pair<TimePoint, Item> out{heap_.top().due, heap_.top().item};
    heap_.pop();
    return out;
  }

 private:
  struct Entry {
    TimePoint due;
    std::uint64_t order;
    Item item;
    bool operator<(const Entry& other) const {
      return std::pair(other.due, other.order) < std::pair(due, order);
    }
  };
  std::priority_queue<Entry> heap_;
  std::uint64_t next_ = 0;
};

}  // namespace carillon::simulator
