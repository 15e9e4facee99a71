#pragma once
#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace carillon::ivr {

/// Carries what several callers want of the database at the same time in one round trip. A caller who comes
/// while a round of the same key is on waits for the next, which takes all who wait; one who comes alone
/// waits for nobody. Thread-safe.
template <class Item>
class Rounds {
 public:
  /// `carry` gets `item` and those of others; it runs in the thread of one of them, once at a time for each
  /// key, and must not throw. On return somebody's `carry` has had the item.
  template <class Carry>
  void Join(const std::string& key, Item& item, const Carry& carry) {
    Waiter self{&item};
    std::unique_lock lock(mutex_);
    Lane& lane = lanes_[key];
    lane.waiting.push_back(&self);
    self.woken.wait(lock, [&] { return self.carried || !lane.running; });
    if (self.carried) return;
    lane.running = true;
    // Oneself first: who leads came earliest of those that nobody has taken.
    std::vector<Waiter*> taken(
        lane.waiting.begin(),
        lane.waiting.begin() + std::min<std::ptrdiff_t>(std::ssize(lane.waiting), kMost));
    if (std::find(taken.begin(), taken.end(), &self) == taken.end()) taken.back() = &self;
    std::erase_if(lane.waiting,
                  [&](Waiter* each) { return std::find(taken.begin(), taken.end(), each) != taken.end(); });
    lock.unlock();
    std::vector<Item*> items;
    for (Waiter* const each : taken) items.push_back(each->item);
    carry(items);
    lock.lock();
    for (Waiter* const each : taken) {
      each->carried = true;
      if (each != &self) each->woken.notify_one();
    }
    lane.running = false;
    if (!lane.waiting.empty()) lane.waiting.front()->woken.notify_one();
  }

 private:
  static constexpr std::ptrdiff_t kMost = 64;
  struct Waiter {
    Item* item;
    bool carried = false;
    std::condition_variable woken = {};
  };
  struct Lane {
    bool running = false;
    std::vector<Waiter*> waiting;
  };
  std::mutex mutex_;
  std::map<std::string, Lane> lanes_;
};

}  // namespace carillon::ivr
