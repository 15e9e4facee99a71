#include "routing/shard/shard.hpp"

#include <algorithm>
#include <cmath>

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "carillon/type/v1/audit.pb.h"
#include "crypto/digest.hpp"
#include "obs/log.hpp"
#include "obs/metrics.hpp"
#include "pg/replay.hpp"

namespace carillon::routing::shard {
namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

Error Recovering() {
  return Unavailable("SHARD_RECOVERING", "The shard is being rebuilt from its journal; try again.");
}
Error Stopping() { return Unavailable("SHARD_STOPPING", "The process is going; try again elsewhere."); }
Error Overloaded() {
  return ResourceExhausted("OVERLOADED", "The shard has more work than it can do in time.");
}
Error TooLate() {
  return {Code::kDeadlineExceeded, "DEADLINE_EXCEEDED", "The deadline of the call has passed.", {}, {}};
}

/// What `ask` answers, awaited until the deadline.
template <class Ask>
rpc::LateAnswer Waited(const Call& call, const Ask& ask) {
  const auto promise = std::make_shared<std::promise<rpc::LateAnswer>>();
  auto answer = promise->get_future();
  ask([promise](rpc::LateAnswer late) { promise->set_value(std::move(late)); });
  if (answer.wait_until(call.deadline) != std::future_status::ready) return TooLate();
  return answer.get();
}

/// As much of a digest as a string holds without memory of its own: there are hundreds of thousands a day.
std::string Short(const std::string& digest) { return digest.substr(0, 15); }
std::string ReplyKey(const std::string& principal, const std::string& method, const std::string& id) {
  return Short(crypto::Sha256(principal + "\n" + method + "\n" + id));
}

/// Nobody asked for it, so no call leaves an entry.
std::shared_ptr<const type::v1::AuditEntry> TakenBack(const pb::Canary& canary) {
  auto entry = std::make_shared<type::v1::AuditEntry>();
  entry->set_subject("services/routing");
  entry->set_client(canary.policy().client());
  entry->set_action("canary.roll_back");
  entry->add_resources(canary.name());
  entry->set_detail(canary.end_reason());
  return entry;
}

}  // namespace

/// What one turn of the thread does: commands, their rows, and what is to be said after the commit.
struct Shard::Round {
  store::Batch batch;
  std::vector<std::pair<std::shared_ptr<Item>, rpc::LateAnswer>> answers;
  std::vector<std::shared_ptr<Item>> views;
  std::set<std::string> agents, queues;
  std::vector<std::shared_ptr<Item>> new_queue_watchers;
};

Shard::Shard(std::string tenant, pg::Pool& db, const Clock& clock,
             std::function<Call(std::chrono::milliseconds)> own_call, Options options)
    : tenant_(std::move(tenant)),
      db_(db),
      clock_(clock),
      own_call_(std::move(own_call)),
      options_(options),
      aside_(std::make_unique<runtime::Executor>("snapshot", 1, 1)),
      thread_(std::make_unique<runtime::Executor>("shard", 1, 1)) {
  CARILLON_CHECK(thread_->Submit([this] { Run(); }));
}

Shard::~Shard() { Stop(); }

void Shard::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.reset();
  aside_.reset();
}

// ---- the callers' side
// --------------------------------------------------------------------------------------

Result<void> Shard::Enqueue(std::shared_ptr<Item> item) {
  const bool arrives = item->command.has_create_interaction();
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return Stopping();
    if (arrives && !arrivals_.empty() && item->came - arrivals_.front()->came > options_.longest_arrival)
      return Overloaded();
    auto& lane = arrives ? arrivals_ : inbox_;
    if (item->type != nullptr && lane.size() >= static_cast<std::size_t>(options_.most_queued))
      return Overloaded();
    lane.push_back(std::move(item));
  }
  wake_.notify_one();
  return Ok();
}

std::string Shard::Elsewhere() const {
  const std::lock_guard lock(mutex_);
  return elsewhere_;
}

void Shard::Submit(const Call& call, const Message& type, pb::Command command, rpc::Answer answer) {
  auto item = std::make_shared<Item>();
  item->type = &type;
  item->command = std::move(command);
  item->command.set_actor(call.principal.Name());
  item->principal = call.principal.user;
  item->method = call.method;
  item->request_id = call.request_id;
  item->request_hash = call.request_hash;
  item->replay_key = call.replay_key;
  item->audit = call.audit;
  item->deadline = call.deadline;
  item->answer = std::move(answer);
  if (const auto taken = Enqueue(item); !taken) item->answer(taken.error());
}

rpc::LateAnswer Shard::Submit(const Call& call, const Message& type, pb::Command command) {
  return Waited(call, [&](rpc::Answer answer) { Submit(call, type, std::move(command), std::move(answer)); });
}

Result<void> Shard::View(const Call& call, std::function<void(const domain::Engine&)> fn) {
  auto item = std::make_shared<Item>();
  item->kind = Item::Kind::kView;
  item->view = std::move(fn);
  item->deadline = call.deadline;
  TRY_VOID(Waited(call, [&](rpc::Answer answer) {
    item->answer = std::move(answer);
    if (const auto taken = Enqueue(item); !taken) item->answer(taken.error());
  }));
  return Ok();
}

void Shard::WatchDesk(const std::string& agent, const std::shared_ptr<rpc::Feed<pb::Desk>>& feed) {
  auto item = std::make_shared<Item>();
  item->kind = Item::Kind::kJoinDesk;
  item->agent = agent;
  item->desk = feed;
  if (const auto taken = Enqueue(item); !taken) {
    feed->Close(taken.error());
    return;
  }
  feed->OnClosed([self = weak_from_this(), agent, weak = std::weak_ptr(feed)] {
    const auto shard = self.lock();
    const auto closed = weak.lock();
    if (!shard || !closed) return;
    auto leave = std::make_shared<Item>();
    leave->kind = Item::Kind::kLeaveDesk;
    leave->agent = agent;
    leave->desk = closed;
    (void)shard->Enqueue(leave);
  });
}

void Shard::WatchQueues(const std::shared_ptr<rpc::Feed<pb::QueueState>>& feed,
                        std::function<bool(const std::string&)> may_see) {
  auto item = std::make_shared<Item>();
  item->kind = Item::Kind::kJoinQueues;
  item->queues = feed;
  item->may_see = std::move(may_see);
  if (const auto taken = Enqueue(item); !taken) feed->Close(taken.error());
}

// ---- the thread
// ---------------------------------------------------------------------------------------------

void Shard::Run() {
  for (;;) {
    auto items = Collect();
    bool stop = false;
    {
      const std::lock_guard lock(mutex_);
      stop = stopping_ && inbox_.empty() && arrivals_.empty();
    }
    if (!engine_ && Steady::now() >= next_load_) {
      if (auto loaded = Load(); !loaded) {
        const bool follows = loaded.error().reason == "SHARD_HELD";
        if (!follows)
          obs::Warn(
              "shard not loaded",
              {{"tenant", tenant_}, {"reason", loaded.error().reason}, {"detail", loaded.error().message}});
        engine_.reset();
        next_load_ = Steady::now() + (follows ? 100ms : 200ms);
      }
    }
    if (engine_) {
      Process(std::move(items));
      if (engine_) KeepLease();
    } else {
      for (const auto& item : items) {
        // Streams stay: they hear from the shard when it is back.
        if (item->kind == Item::Kind::kJoinDesk) desks_[item->agent].push_back(item->desk);
        if (item->kind == Item::Kind::kLeaveDesk) std::erase(desks_[item->agent], item->desk);
        if (item->kind == Item::Kind::kJoinQueues) queue_watchers_.push_back({item->queues, item->may_see});
        item->answer(Recovering());
      }
    }
    if (stop) break;
  }
  if (engine_) {
    const auto released = db_.Write(own_call_(1000ms), [&](pg::Tx& tx) -> Result<void> {
      store::GiveUpLease(tx, epoch_, clock_.Now());
      return Ok();
    });
    if (!released)
      obs::Warn("lease not given up", {{"tenant", tenant_}, {"reason", released.error().reason}});
  }
}

/// How long the thread may sleep: until the next deadline is near, then a millisecond at a time, since the
/// clock may run hundreds of times faster than the wall and change its pace.
std::chrono::microseconds Shard::Patience() const {
  if (!engine_) return 50ms;
  if (!own_commands_.empty()) return 0us;
  const auto next = engine_->NextDeadline();
  if (!next) return 100ms;
  const auto left = *next - clock_.Now();
  if (left <= Duration{0}) return 0us;
  const double rate = std::max(1.0, clock_.Rate());
  const auto real = static_cast<std::int64_t>(std::ceil(static_cast<double>(left.count()) / rate));
  return std::chrono::microseconds{std::clamp<std::int64_t>(real, 1000, 20000)};
}

std::vector<std::shared_ptr<Shard::Item>> Shard::Collect() {
  const auto patience = Patience();
  std::unique_lock lock(mutex_);
  if (patience > 0us)
    wake_.wait_for(lock, patience, [&] { return stopping_ || !inbox_.empty() || !arrivals_.empty(); });
  std::vector<std::shared_ptr<Item>> out;
  const auto most = static_cast<std::size_t>(options_.most_in_batch);
  const auto take = [&](std::deque<std::shared_ptr<Item>>& lane, std::size_t count) {
    for (; !lane.empty() && count > 0; --count) {
      out.push_back(std::move(lane.front()));
      lane.pop_front();
    }
  };
  take(inbox_, most);
  take(arrivals_, std::max(most - out.size(), most / 4 + 1));
  return out;
}

domain::Applied Shard::Apply(Round& round, const pb::Command& command) {
  const auto now = std::max(clock_.Now(), engine_->last());
  auto applied = engine_->Apply(command, now);
  if (applied.error) return applied;
  if (applied.changed())
    round.batch.rows.push_back({++seq_, engine_->last(), engine_->rule_version(), command.SerializeAsString(),
                                std::move(applied.records)});
  for (const auto& event : applied.events) {
    round.batch.events.emplace_back(event, engine_->last());
    const auto* ended = dynamic_cast<const pb::CanaryEnded*>(event.message.get());
    if (ended != nullptr && ended->canary().state() == pb::Canary::ROLLED_BACK)
      round.batch.audits.push_back(TakenBack(ended->canary()));
  }
  for (const auto& task : applied.tasks) round.batch.tasks.push_back(task);
  round.agents.insert(applied.agents.begin(), applied.agents.end());
  round.queues.insert(applied.queues.begin(), applied.queues.end());
  return applied;
}

void Shard::Handle(Round& round, const std::shared_ptr<Item>& item) {
  switch (item->kind) {
    case Item::Kind::kView:
      round.views.push_back(item);
      return;
    case Item::Kind::kJoinDesk: {
      desks_[item->agent].push_back(item->desk);
      lost_desks_.erase(item->agent);
      pb::Command command;
      command.set_actor("system");
      command.set_desk_connected(item->agent);
      Apply(round, command);
      round.agents.insert(item->agent);
      return;
    }
    case Item::Kind::kLeaveDesk: {
      auto& feeds = desks_[item->agent];
      std::erase(feeds, item->desk);
      if (!feeds.empty()) return;
      desks_.erase(item->agent);
      lost_desks_[item->agent] = Steady::now();
      pb::Command command;
      command.set_actor("system");
      command.set_desk_lost(item->agent);
      Apply(round, command);
      return;
    }
    case Item::Kind::kJoinQueues:
      round.new_queue_watchers.push_back(item);
      return;
    case Item::Kind::kCommand:
      break;
  }
  if (Steady::now() >= item->deadline) {
    round.answers.emplace_back(item, TooLate());
    return;
  }
  const auto key = ReplyKey(item->principal, item->method, item->request_id);
  if (!item->request_id.empty()) {
    if (const auto kept = replies_.find(key); kept != replies_.end()) {
      if (kept->second.hash != Short(item->request_hash))
        round.answers.emplace_back(
            item, InvalidArgument("REQUEST_ID_REUSED", "Another request was sent under this request_id.",
                                  {{"request_id", "used for another request in the last 24 hours"}}));
      else
        round.answers.emplace_back(item, AnswerOf(*item, kept->second));
      return;
    }
  }
  if (item->command.has_sign_in())
    item->command.mutable_sign_in()->set_desk_connected(desks_.contains(item->command.sign_in().agent()));
  const auto rows = round.batch.rows.size();
  auto applied = Apply(round, item->command);
  if (applied.error) {
    round.answers.emplace_back(item, *applied.error);
    return;
  }
  if (item->audit && round.batch.rows.size() > rows) round.batch.audits.push_back(item->audit);
  if (item->command.has_sign_in() && !item->command.sign_in().desk_connected())
    lost_desks_.try_emplace(item->command.sign_in().agent(), Steady::now());
  if (!item->request_id.empty()) {
    const auto bytes = applied.answer ? applied.answer->SerializeAsString() : std::string();
    auto sealed = pg::SealedAnswer(item->replay_key, item->request_id, bytes);
    Keep({item->principal, item->method, item->request_id, item->request_hash, sealed, RealNow()});
    round.batch.replies.push_back(
        {item->principal, item->method, item->request_id, item->request_hash, std::move(sealed), {}});
  }
  if (!applied.answer) applied.answer.reset(item->type->New());
  CARILLON_CHECK(applied.answer->GetDescriptor() == item->type->GetDescriptor());
  round.answers.emplace_back(item, std::move(applied.answer));
}

void Shard::Process(std::vector<std::shared_ptr<Item>> items) {
  Round round;
  const auto tick = [&] {
    const auto next = engine_->NextDeadline();
    if (!next || *next > clock_.Now()) return;
    pb::Command command;
    command.set_actor("system");
    command.mutable_tick();
    Apply(round, command);
  };
  while (!own_commands_.empty()) {
    Apply(round, own_commands_.front());
    own_commands_.pop_front();
  }
  KeepDesks(round);
  ForgetReplies();
  for (const auto& item : items) {
    tick();
    Handle(round, item);
  }
  tick();
  if (auto committed = Commit(round); !committed) {
    Drop(committed.error());
    for (auto& [item, answer] : round.answers) item->answer(Recovering());
    for (const auto& item : round.views) item->answer(Recovering());
    for (const auto& item : round.new_queue_watchers)
      queue_watchers_.push_back({item->queues, item->may_see});
    return;
  }
  Publish(round);
}

Result<void> Shard::Commit(Round& round) {
  if (round.batch.rows.empty() && round.batch.replies.empty() && round.batch.events.empty() &&
      round.batch.tasks.empty())
    return Ok();
  static const auto kTiming =
      obs::TimingOf("carillon_routing_append_seconds", "length of a group commit of the journal");
  static const auto kRows =
      obs::CounterOf("carillon_routing_journal_rows_total", "commands that changed something");
  round.batch.epoch = epoch_;
  round.batch.now = engine_->last();
  round.batch.renew = Steady::now() - renewed_ >= options_.lease / 3;
  const auto started = Steady::now();
  const auto month = FormatRfc3339(round.batch.now).substr(0, 7);
  TRY_VOID(db_.Write(own_call_(options_.append_limit), [&](pg::Tx& tx) -> Result<void> {
    if (month != month_) store::EnsureMonth(tx, round.batch.now);
    return store::Append(tx, round.batch);
  }));
  month_ = month;
  if (round.batch.renew) renewed_ = started;
  kTiming.Observe(std::chrono::duration<double>(Steady::now() - started).count());
  kRows.Add(static_cast<double>(round.batch.rows.size()));
  // By number, so that a rebuild is quick; by time, so that old journal rows can go. A large state is saved
  // as often as its size allows: each record costs as much as a journal row.
  if (!saving_ && (seq_ - snapshot_seq_ >= std::max<std::int64_t>(options_.snapshot_every, snapshot_size_) ||
                   engine_->last() - snapshot_at_ >= std::chrono::hours{24})) {
    // A copy, written beside: a large floor is many megabytes, and nobody waits for them.
    auto state = std::make_shared<pb::Transitions>(engine_->Snapshot());
    snapshot_seq_ = seq_;
    snapshot_at_ = engine_->last();
    snapshot_size_ = state->transitions_size();
    saving_ = true;
    const bool taken = aside_->Submit([this, state, seq = seq_, at = engine_->last()] {
      const auto saved = db_.Write(own_call_(60000ms), [&](pg::Tx& tx) -> Result<void> {
        store::SaveSnapshot(tx, seq, at, *state);
        return Ok();
      });
      saving_ = false;
      if (saved) return;
      obs::Warn("snapshot not saved", {{"tenant", tenant_}, {"reason", saved.error().reason}});
    });
    if (!taken) saving_ = false;
  }
  return Ok();
}

/// After the commit: streams first, so that a caller who was answered finds them up to date.
void Shard::Publish(const Round& round) {
  for (const auto& agent : round.agents) PushDesk(agent);
  for (const auto& item : round.new_queue_watchers) {
    queue_watchers_.push_back({item->queues, item->may_see});
    for (const auto& queue : engine_->QueueIds()) {
      auto state = engine_->StateOf(queue);
      const auto* rules = engine_->FindQueue(queue);
      if (!item->may_see(rules->client())) continue;
      state.set_version(++version_);
      item->queues->Put(queue, state);
    }
  }
  for (const auto& queue : round.queues) PushQueue(queue);
  for (const auto& item : round.views) {
    item->view(*engine_);
    item->answer(rpc::LateAnswer(nullptr));
  }
  for (const auto& [item, answer] : round.answers) item->answer(answer);
}

void Shard::PushDesk(const std::string& agent) {
  const auto feeds = desks_.find(agent);
  if (feeds == desks_.end()) return;
  const auto desk = std::make_shared<pb::Desk>(engine_->DeskOf(agent, clock_.Now()));
  desk->set_version(++version_);
  for (const auto& feed : feeds->second) feed->PutMessage("desk", desk);
}

void Shard::PushQueue(const std::string& queue) {
  std::erase_if(queue_watchers_, [](const auto& watcher) { return watcher.feed->closed(); });
  if (queue_watchers_.empty()) return;
  const auto* rules = engine_->FindQueue(queue);
  if (rules == nullptr) return;
  auto state = engine_->StateOf(queue);
  state.set_version(++version_);
  for (const auto& watcher : queue_watchers_)
    if (watcher.may_see(rules->client())) watcher.feed->Put(queue, state);
}

// ---- life of the shard
// --------------------------------------------------------------------------------------

/// Reads on; who holds the lease.
Result<store::Holder> Shard::Follow(bool replies) {
  if (!following_) {
    following_ = std::make_unique<domain::Engine>();
    read_ = {};
    replies_.clear();
    reply_ages_.clear();
    set_aside_ = 0;
    replies = true;
  }
  store::Holder holder;
  std::vector<store::Reply> answers;
  const auto before = read_;
  // A read that fails in the middle may have put some of it already: that engine is of no use.
  const auto read = db_.Read(own_call_(60000ms), [&](pg::Tx& tx) -> Result<void> {
    if (read_.seq != before.seq) {
      *following_ = domain::Engine();
      read_ = {};
    }
    holder = store::HolderOf(tx, options_.lease);
    if (replies) answers = store::RepliesAfter(tx, read_, options_.append_limit);
    return store::ReadOn(tx, *following_, read_);
  });
  if (!read) {
    following_.reset();
    return read.error();
  }
  for (const auto& answer : answers) Keep(answer);
  ForgetReplies();
  if (replies) replies_read_ = Steady::now();
  return holder;
}

Result<void> Shard::Load() {
  const auto started = Steady::now();
  const auto self = options_.self.empty() ? db_.instance() : options_.self;
  TRY(const auto holder, Follow(Steady::now() - replies_read_ > 5s));
  if (!holder.name.empty() && holder.name != self && !holder.gone) {
    const auto at = holder.name.find('@');
    const auto address = at == std::string::npos ? std::string() : holder.name.substr(at + 1);
    const bool news = [&] {
      const std::lock_guard lock(mutex_);
      return std::exchange(elsewhere_, address) != address;
    }();
    if (news) obs::Info("shard followed", {{"tenant", tenant_}, {"writer", holder.name}});
    SendAway();
    return Unavailable("SHARD_HELD", "Another process writes this shard.");
  }
  {
    const std::lock_guard lock(mutex_);
    elsewhere_.clear();
  }
  TRY(const auto lease, db_.Write(own_call_(options_.append_limit), [&](pg::Tx& tx) -> Result<store::Lease> {
    store::EnsureMonth(tx, clock_.Now());
    return store::TakeLease(tx, self, options_.lease);
  }));
  renewed_ = Steady::now();
  TRY_VOID(Follow(true));
  following_->Settle(read_.at);
  epoch_ = lease.epoch;
  seq_ = read_.seq;
  snapshot_seq_ = seq_;
  snapshot_at_ = following_->last();
  // Above all that an earlier writer may have shown, however much that was.
  version_ = std::max(version_, epoch_ << 40);
  month_.clear();
  engine_ = std::move(following_);

  // Time without a writer does not count; streams that are not here any more are lost.
  own_commands_.clear();
  lost_desks_.clear();
  const auto alive = std::max(engine_->last(), lease.business);
  if (const auto gap = clock_.Now() - alive; gap > Duration{0} && alive > TimePoint{}) {
    auto& resume = own_commands_.emplace_back();
    resume.set_actor("system");
    *resume.mutable_resume()->mutable_gap() = ToProto(gap);
  }
  std::erase_if(desks_, [](const auto& desk) { return desk.second.empty(); });
  for (const auto& session : engine_->Sessions()) {
    const auto agent = IdOf(session.agent());
    const bool here = desks_.contains(agent);
    if (!here) lost_desks_[agent] = Steady::now();
    if (here == session.desk_connected()) continue;
    auto& change = own_commands_.emplace_back();
    change.set_actor("system");
    if (here)
      change.set_desk_connected(agent);
    else
      change.set_desk_lost(agent);
  }
  // What streams showed may have been ahead of what is known now.
  Round round;
  for (const auto& [agent, feeds] : desks_) round.agents.insert(agent);
  for (const auto& queue : engine_->QueueIds()) round.queues.insert(queue);
  Publish(round);
  obs::Info("shard loaded",
            {{"tenant", tenant_},
             {"epoch", epoch_},
             {"seq", seq_},
             {"ms", std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now() - started).count()}});
  return Ok();
}

void Shard::Keep(const store::Reply& reply) {
  auto key = ReplyKey(reply.principal, reply.method, reply.request_id);
  if (!replies_.insert_or_assign(key, KeptReply{Short(reply.request_hash), reply.response}).second) return;
  reply_ages_.emplace_back(reply.at, std::move(key));
}

rpc::LateAnswer Shard::AnswerOf(const Item& item, const KeptReply& kept) {
  auto sealed = kept.response;
  if (sealed.empty()) {
    TRY(sealed, db_.Read(own_call_(options_.append_limit), [&](pg::Tx& tx) {
      return store::AnswerTo(tx, item.principal, item.method, item.request_id);
    }));
  }
  TRY(const std::string bytes, pg::OpenedAnswer(item.replay_key, item.request_id, sealed));
  std::shared_ptr<Message> answer(item.type->New());
  CARILLON_CHECK(answer->ParseFromString(bytes));
  return std::shared_ptr<const Message>(std::move(answer));
}

void Shard::ForgetReplies() {
  const auto now = RealNow();
  for (; !reply_ages_.empty() && reply_ages_.front().first < now - std::chrono::hours{24};
       reply_ages_.pop_front()) {
    replies_.erase(reply_ages_.front().second);
    if (set_aside_ > 0) --set_aside_;
  }
  for (; set_aside_ < reply_ages_.size() && reply_ages_[set_aside_].first < now - options_.answers_at_hand;
       ++set_aside_)
    replies_[reply_ages_[set_aside_].second].response = std::string();
}

/// Whose stream came here before it was known where the shard is opens it again, there.
void Shard::SendAway() {
  for (const auto& [agent, feeds] : desks_)
    for (const auto& feed : feeds) feed->Close(Recovering());
  for (const auto& watcher : queue_watchers_) watcher.feed->Close(Recovering());
  desks_.clear();
  queue_watchers_.clear();
}

void Shard::Drop(const Error& why) {
  obs::LogError("shard dropped its memory",
                {{"tenant", tenant_}, {"reason", why.reason}, {"detail", why.message}});
  static const auto kDrops =
      obs::CounterOf("carillon_routing_shard_drops_total", "rebuilds after a failed append");
  kDrops.Add();
  engine_.reset();
  following_.reset();
  next_load_ = Steady::now();
}

void Shard::KeepLease() {
  if (Steady::now() - renewed_ < options_.lease / 3) return;
  const auto renewed = db_.Write(own_call_(options_.append_limit), [&](pg::Tx& tx) -> Result<void> {
    return store::RenewLease(tx, epoch_, clock_.Now());
  });
  if (renewed) {
    renewed_ = Steady::now();
  } else if (renewed.error().reason == "SHARD_FENCED") {
    Drop(renewed.error());
  } else {
    obs::Warn("lease not renewed", {{"tenant", tenant_}, {"reason", renewed.error().reason}});
    renewed_ = Steady::now() - options_.lease / 3 + 200ms;
  }
}

void Shard::KeepDesks(Round& round) {
  for (auto at = lost_desks_.begin(); at != lost_desks_.end();) {
    if (Steady::now() - at->second < options_.desk_expiry) {
      ++at;
      continue;
    }
    pb::Command command;
    command.set_actor("system");
    command.set_desk_expired(at->first);
    Apply(round, command);
    at = lost_desks_.erase(at);
  }
}

// ---- the shards of a process
// --------------------------------------------------------------------------------

Shards::Shards(pg::Pool& db, const Clock& clock,
               std::function<Call(const std::string&, std::chrono::milliseconds)> call_for, Options options)
    : db_(db), clock_(clock), call_for_(std::move(call_for)), options_(options) {}

Shards::~Shards() { Stop(); }

Result<void> Shards::Open(const Call& call, pg::Pool& worker_db) {
  TRY(const auto tenants, worker_db.Read(call, [](pg::Tx& tx) -> Result<std::vector<std::string>> {
    return store::ShardTenants(tx);
  }));
  for (const auto& tenant : tenants) Of(tenant);
  return Ok();
}

std::shared_ptr<Shard> Shards::Of(const std::string& tenant) {
  const std::lock_guard lock(mutex_);
  auto& shard = shards_[tenant];
  if (!shard)
    shard = std::make_shared<Shard>(
        tenant, db_, clock_,
        [this, tenant](std::chrono::milliseconds limit) { return call_for_(tenant, limit); }, options_);
  return shard;
}

std::vector<std::shared_ptr<Shard>> Shards::All() {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<Shard>> out;
  for (const auto& [tenant, shard] : shards_) out.push_back(shard);
  return out;
}

void Shards::Stop() {
  const std::lock_guard lock(mutex_);
  for (const auto& [tenant, shard] : shards_) shard->Stop();
}

}  // namespace carillon::routing::shard
