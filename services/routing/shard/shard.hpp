#pragma once
#include <carillon/routing/v1/agent.pb.h>
#include <carillon/routing/v1/journal.pb.h>
#include <carillon/routing/v1/queue.pb.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/call.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "pg/pool.hpp"
#include "routing/domain/engine.hpp"
#include "routing/store/journal.hpp"
#include "rpc/feed.hpp"
#include "rpc/later.hpp"
#include "runtime/executor.hpp"

/// One tenant's engine, its journal and its streams, on one thread.
///
/// Commands from many callers are applied in the order of their arrival, new work after what is done with the
/// old: so who is overloaded still finishes what was begun. What they changed is appended to the
/// journal in one transaction for all that waited (group commit); only then are callers answered and desks
/// and queue streams told. State ahead of the journal never leaves this class: when an append fails or its
/// outcome is unknown, the memory is dropped, the callers get UNAVAILABLE SHARD_RECOVERING, and the engine is
/// built anew from snapshot and journal.
///
/// A shard whose lease another instance holds follows: it reads the journal as it grows into an engine that
/// nobody hears of, and takes the lease when it is given up or not renewed in time. Until then callers get
/// UNAVAILABLE SHARD_RECOVERING here, and Elsewhere() says where to go.
///
/// Deadlines of the engine run on business time: while any is near the clock is looked at each millisecond.
/// Lease, desk life and time-outs of the database run on real time.
namespace carillon::routing::shard {

namespace pb = carillon::routing::v1;
using google::protobuf::Message;

struct Options {
  std::chrono::milliseconds append_limit{5000};   ///< longest append before it counts as failed
  std::chrono::milliseconds lease{1500};          ///< a lease not renewed for so long may be taken
  std::chrono::milliseconds desk_expiry{120000};  ///< a desk gone for so long is signed out
  int snapshot_every =
      5000;                 ///< journal rows between snapshots, at least; a large one is apart by its records
  int most_in_batch = 256;  ///< and a quarter more of new work
  int most_queued = 16384;  ///< commands that wait; more are refused
  std::chrono::milliseconds longest_arrival{2000};  ///< new work is refused while the oldest waits for longer
  std::chrono::milliseconds answers_at_hand{600000};  ///< a repeat after that costs a read
  std::string self = {};  ///< "instance@host:port"; empty = the pool's instance, reached by nobody
};

class Shard : public std::enable_shared_from_this<Shard> {
 public:
  /// `own_call` makes a call of this service for the tenant, with a limit from now.
  Shard(std::string tenant, pg::Pool& db, const Clock& clock,
        std::function<Call(std::chrono::milliseconds)> own_call, Options options);
  ~Shard();
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  /// Applies a command and waits until it is committed. With a request_id the answer is kept for 24 hours.
  /// UNAVAILABLE SHARD_RECOVERING | SHARD_STOPPING, DEADLINE_EXCEEDED, or the command's own errors.
  template <class T>
  Result<T> Do(const Call& call, pb::Command command) {
    TRY(const auto answer, Submit(call, T::default_instance(), std::move(command)));
    return static_cast<const T&>(*answer);
  }

  /// The same as the end of a handler: the call is answered after the commit and no thread waits for it; what
  /// comes back here is for nobody. `unknown`, on a thread that may block, answers when the interaction is
  /// none that lives.
  template <class T>
  Result<T> Answer(const Call& call, pb::Command command, std::function<Result<T>()> unknown = nullptr) {
    auto answer = rpc::AnswerLater([unknown = std::move(unknown)](rpc::LateAnswer late) -> rpc::LateAnswer {
      if (late || !unknown || late.error().reason != "INTERACTION_UNKNOWN") return late;
      TRY(const T other, unknown());
      return std::shared_ptr<const Message>(std::make_shared<T>(other));
    });
    CARILLON_CHECK(answer);
    Submit(call, T::default_instance(), std::move(command), std::move(answer));
    return T();
  }

  /// Runs `fn(engine)` on the shard's thread, when all that the engine knows is committed; waits for it.
  template <class Fn>
  auto Ask(const Call& call, Fn fn) -> Result<std::invoke_result_t<Fn, const domain::Engine&>> {
    using T = std::invoke_result_t<Fn, const domain::Engine&>;
    auto answer = std::make_shared<std::optional<T>>();
    TRY_VOID(View(call, [answer, fn](const domain::Engine& engine) { answer->emplace(fn(engine)); }));
    return std::move(**answer);
  }

  /// The full state follows at once, then each change, until the feed is closed.
  void WatchDesk(const std::string& agent, const std::shared_ptr<rpc::Feed<pb::Desk>>& feed);
  /// `may_see` says for a client's name whether the watcher may see its queues.
  void WatchQueues(const std::shared_ptr<rpc::Feed<pb::QueueState>>& feed,
                   std::function<bool(const std::string&)> may_see);

  /// "host:port" of the instance that writes this shard, empty while that is this one or nobody known.
  std::string Elsewhere() const;

  /// Finishes what waits, gives up the lease, ends the thread. Later calls get UNAVAILABLE SHARD_STOPPING.
  void Stop();

 private:
  struct Item {
    enum class Kind { kCommand, kView, kJoinDesk, kLeaveDesk, kJoinQueues };
    Kind kind = Kind::kCommand;
    pb::Command command;
    const Message* type = nullptr;  // of the answer
    std::string principal, method, request_id, request_hash, replay_key;
    std::shared_ptr<const type::v1::AuditEntry> audit;
    std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
    rpc::Answer answer = [](const rpc::LateAnswer&) {};
    std::chrono::steady_clock::time_point came = std::chrono::steady_clock::now();
    std::function<void(const domain::Engine&)> view;
    std::string agent;
    std::shared_ptr<rpc::Feed<pb::Desk>> desk;
    std::shared_ptr<rpc::Feed<pb::QueueState>> queues;
    std::function<bool(const std::string&)> may_see;
  };
  struct KeptReply {
    std::string hash, response;  // an answer of some age is in the database alone
  };
  struct QueueWatcher {
    std::shared_ptr<rpc::Feed<pb::QueueState>> feed;
    std::function<bool(const std::string&)> may_see;
  };
  struct Round;

  rpc::LateAnswer Submit(const Call& call, const Message& type, pb::Command command);
  void Submit(const Call& call, const Message& type, pb::Command command, rpc::Answer answer);
  Result<void> View(const Call& call, std::function<void(const domain::Engine&)> fn);
  Result<void> Enqueue(std::shared_ptr<Item> item);

  // All below: the shard's thread only.
  void Run();
  std::vector<std::shared_ptr<Item>> Collect();
  std::chrono::microseconds Patience() const;
  void Process(std::vector<std::shared_ptr<Item>> items);
  domain::Applied Apply(Round& round, const pb::Command& command);
  void Handle(Round& round, const std::shared_ptr<Item>& item);
  Result<void> Commit(Round& round);
  void Publish(const Round& round);
  Result<void> Load();
  Result<store::Holder> Follow(bool replies);
  void Keep(const store::Reply& reply);
  rpc::LateAnswer AnswerOf(const Item& item, const KeptReply& kept);
  void ForgetReplies();
  void SendAway();
  void Drop(const Error& why);
  void KeepLease();
  void KeepDesks(Round& round);
  void PushDesk(const std::string& agent);
  void PushQueue(const std::string& queue);

  const std::string tenant_;
  pg::Pool& db_;
  const Clock& clock_;
  const std::function<Call(std::chrono::milliseconds)> own_call_;
  const Options options_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::shared_ptr<Item>> inbox_;
  std::deque<std::shared_ptr<Item>> arrivals_;  // new work: after what agents and lines do with the old
  std::string elsewhere_;
  bool stopping_ = false;

  std::unique_ptr<domain::Engine> engine_;
  std::unique_ptr<domain::Engine> following_;  // not settled; nobody else's business
  store::Position read_;
  std::chrono::steady_clock::time_point replies_read_{};
  std::int64_t epoch_ = 0;
  std::int64_t seq_ = 0;
  std::int64_t snapshot_seq_ = 0;
  std::int64_t snapshot_size_ = 0;  // records
  TimePoint snapshot_at_{};
  std::atomic<bool> saving_ = false;  // one
  std::int64_t version_ = 0;          // of desks and queue states: epoch, then a count; grows for ever
  std::string month_;
  std::chrono::steady_clock::time_point renewed_{};
  std::chrono::steady_clock::time_point next_load_{};
  std::deque<pb::Command> own_commands_;                      // what a load found to be done
  std::unordered_map<std::string, KeptReply> replies_;        // by ReplyKey
  std::deque<std::pair<TimePoint, std::string>> reply_ages_;  // oldest first, with their keys
  std::size_t set_aside_ = 0;                                 // of these, from the front: answer not at hand
  std::map<std::string, std::vector<std::shared_ptr<rpc::Feed<pb::Desk>>>> desks_;
  std::map<std::string, std::chrono::steady_clock::time_point> lost_desks_;
  std::vector<QueueWatcher> queue_watchers_;
  std::unique_ptr<runtime::Executor> aside_;  // writes snapshots
  std::unique_ptr<runtime::Executor> thread_;
};

/// The shards of this process: one for each tenant, made when first asked for.
class Shards {
 public:
  Shards(pg::Pool& db, const Clock& clock,
         std::function<Call(const std::string& tenant, std::chrono::milliseconds)> call_for, Options options);
  ~Shards();
  Shards(const Shards&) = delete;
  Shards& operator=(const Shards&) = delete;
  /// Opens the shards that exist, so that their deadlines run from the start.
  Result<void> Open(const Call& call, pg::Pool& worker_db);
  std::shared_ptr<Shard> Of(const std::string& tenant);
  /// Those that are open now.
  std::vector<std::shared_ptr<Shard>> All();
  void Stop();

 private:
  pg::Pool& db_;
  const Clock& clock_;
  const std::function<Call(const std::string&, std::chrono::milliseconds)> call_for_;
  const Options options_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Shard>> shards_;
};

}  // namespace carillon::routing::shard
