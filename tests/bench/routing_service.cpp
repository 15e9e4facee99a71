// Routing as its users meet it: the real process on a real PostgreSQL, over gRPC, with streams.
//
//   carillon-bench-routing-service [--seconds S] [--agents N] [--waiting N] [--day CALLS] [--streams N]
//                                  [--commits C --commit-p99 MS] [--only FIGURE,...]
//
// The load client is one process with a few connections and no thread per agent; it signs the agents' tokens
// itself and answers routing's question for the keys, since what access takes to log a thousand people in is
// not asked here. Every agent acts on what its stream shows. Whatever the speed: each call brought has one
// outcome at the end, none acknowledged is lost, no order is inverted, else the exit code says so.
//
//   carillon-bench-routing-service --only chaos --seconds S --every E     two instances; kill -9 of the one
//   that writes each
//                                  E seconds, the database cut and its disk full meanwhile, commands doubled,
//                                  late and out of order, clients whose clocks are wrong; at the end one of
//                                  the two is drained
//
// Figures: cycles latency overload waiting idle freed kill, day and streams on demand, chaos alone.

#include <absl/synchronization/mutex.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <map>
#include <mutex>
#include <pqxx/pqxx>
#include <set>
#include <sstream>
#include <thread>
#include <vector>

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "bench/measure.hpp"
#include "carillon/access/v1/access_service.pb.h"
#include "carillon/routing/v1/agent_service.pb.h"
#include "carillon/routing/v1/interaction_service.pb.h"
#include "carillon/routing/v1/queue_service.pb.h"
#include "crypto/token.hpp"
#include "obs/log.hpp"
#include "rpc/status.hpp"
#include "testing/database.hpp"

namespace carillon::bench {
namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;
using google::protobuf::Message;
namespace access = carillon::access::v1;
namespace pb = carillon::routing::v1;

const std::string kWork = "/carillon.routing.v1.InteractionService/";
const std::string kDesk = "/carillon.routing.v1.AgentService/";
const std::string kRules = "/carillon.routing.v1.QueueService/";
constexpr int kQueues = 20;
constexpr auto kComeBack = std::chrono::milliseconds(200);  // as RetryInfo says

double Ms(Steady::duration length) { return std::chrono::duration<double, std::milli>(length).count(); }

/// The value below which so many of a hundred are; 0 of nothing.
double Percentile(std::vector<double> all, double percent) {
  if (all.empty()) return 0;
  const auto at =
      all.begin() + static_cast<std::ptrdiff_t>(static_cast<double>(all.size() - 1) * percent / 100);
  std::nth_element(all.begin(), at, all.end());
  return *at;
}

grpc::ByteBuffer Pack(const Message& message) {
  const grpc::Slice slice(message.SerializeAsString());
  return {&slice, 1};
}

template <class T>
T Unpack(const grpc::ByteBuffer& bytes) {
  grpc::Slice slice;
  T out;
  if (bytes.Valid() && bytes.DumpToSingleSlice(&slice).ok())
    out.ParseFromArray(slice.begin(), static_cast<int>(slice.size()));
  return out;
}

/// Signs tokens, and tells routing with which key.
class Issuer final : public grpc::CallbackGenericService {
 public:
  Issuer() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterCallbackGenericService(this);
    server_ = builder.BuildAndStart();
  }
  ~Issuer() override { server_->Shutdown(); }
  std::string target() const { return "127.0.0.1:" + std::to_string(port_); }
  std::string Token(const std::string& subject, const std::string& tenant, bool service) const {
    crypto::Claims claims;
    claims.issuer = claims.audience = "carillon";
    claims.subject = subject;
    claims.tenant = tenant;
    claims.id = Fresh();
    claims.service = service;
    claims.permissions = {"routing.desk", "routing.read", "routing.admin", "routing.supervise"};
    claims.clients = {client_};
    claims.issued = RealNow();
    claims.expires = RealNow() + std::chrono::hours(4);
    return key_.Sign(claims);
  }
  const std::string& client() const { return client_; }

  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* context) override {
    class Reactor final : public grpc::ServerGenericBidiReactor {
     public:
      explicit Reactor(const Message& answer) : answer_(Pack(answer)) { StartRead(&asked_); }
      void OnReadDone(bool) override { StartWriteAndFinish(&answer_, {}, grpc::Status::OK); }
      void OnDone() override { delete this; }

     private:
      grpc::ByteBuffer asked_, answer_;
    };
    if (context->method().ends_with("IssueServiceToken")) {
      access::Tokens tokens;
      tokens.set_access_token(Token("services/routing", "", true));
      *tokens.mutable_expire_time() = ToProto(RealNow() + std::chrono::hours(4));
      return new Reactor(tokens);
    }
    access::JsonWebKeySet keys;
    const auto jwk = key_.PublicJwk();
    auto& key = *keys.add_keys();
    key.set_kty(jwk.kty);
    key.set_crv(jwk.crv);
    key.set_x(jwk.x);
    key.set_y(jwk.y);
    key.set_kid(jwk.kid);
    key.set_alg(jwk.alg);
    key.set_use(jwk.use);
    return new Reactor(keys);
  }

 private:
  crypto::SigningKey key_ = crypto::SigningKey::Generate(crypto::Provider::kIntl, "bench");
  std::string client_ = Fresh();
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

/// Nobody said what became of it.
bool InDoubt(const grpc::Status& status) {
  return std::set{grpc::StatusCode::UNAVAILABLE, grpc::StatusCode::CANCELLED,
                  grpc::StatusCode::DEADLINE_EXCEEDED, grpc::StatusCode::UNKNOWN, grpc::StatusCode::INTERNAL}
      .contains(status.error_code());
}

/// Connections to routing, used in turn; nothing blocks.
class Lines {
 public:
  Lines(const std::string& target, int count) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetLoadBalancingPolicyName("round_robin");
    arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 200);
    arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 1000);
    for (int i = 0; i < count; ++i)
      stubs_.push_back(std::make_unique<grpc::GenericStub>(
          grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments)));
  }
  grpc::GenericStub& any() { return *stubs_[next_++ % stubs_.size()]; }

  ~Lines() {
    timer_.request_stop();
    wake_.notify_all();
  }

  /// Runs `work` a little later, on one thread for all.
  void Later(std::chrono::milliseconds pause, std::function<void()> work) {
    ++flying_;
    {
      const std::lock_guard lock(mutex_);
      later_.emplace(Steady::now() + pause, std::move(work));
    }
    wake_.notify_one();
  }

  /// `then` runs on a thread of the network.
  template <class T>
  void Send(const std::string& token, const std::string& tenant, const std::string& method,
            const Message& request, std::function<void(const grpc::Status&, const T&)> then) {
    struct Flight {
      grpc::ClientContext context;
      grpc::ByteBuffer request, answer;
    };
    auto flight = std::make_shared<Flight>();
    flight->context.AddMetadata("authorization", "Bearer " + token);
    if (!tenant.empty()) flight->context.AddMetadata("x-carillon-tenant", tenant);
    flight->context.set_deadline(std::chrono::system_clock::now() + 20s);
    flight->request = Pack(request);
    ++flying_;
    any().UnaryCall(&flight->context, method, {}, &flight->request, &flight->answer,
                    [this, flight, then = std::move(then)](const grpc::Status& status) {
                      then(status, status.ok() ? Unpack<T>(flight->answer) : T());
                      --flying_;
                    });
  }

  /// The same, again and again while nobody is there to answer.
  template <class T>
  void SendSurely(const std::string& token, const std::string& tenant, const std::string& method,
                  const std::shared_ptr<const Message>& request,
                  std::function<void(const grpc::Status&, const T&)> then) {
    Send<T>(token, tenant, method, *request,
            [this, token, tenant, method, request, then](const grpc::Status& status, const T& answer) {
              if (!InDoubt(status)) return then(status, answer);
              Later(50ms, [this, token, tenant, method, request, then] {
                SendSurely<T>(token, tenant, method, request, then);
              });
            });
  }

  template <class T>
  T Ask(const std::string& token, const std::string& tenant, const std::string& method,
        const Message& request) {
    std::promise<std::pair<grpc::Status, T>> answer;
    auto kept = std::shared_ptr<Message>(request.New());
    kept->CopyFrom(request);
    SendSurely<T>(token, tenant, method, kept,
                  [&](const grpc::Status& status, const T& said) { answer.set_value({status, said}); });
    auto [status, said] = answer.get_future().get();
    if (!status.ok()) throw std::runtime_error(method + ": " + rpc::FromStatus(status).reason);
    return said;
  }
  int flying() const { return flying_; }
  std::atomic<bool> closing = false;  ///< what is to be done later is not

 private:
  void Run(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (!stop.stop_requested()) {
      if (later_.empty()) {
        wake_.wait(lock, stop, [this] { return !later_.empty(); });
      } else if (const auto first = later_.begin(); Steady::now() < first->first) {
        const auto at = first->first;
        wake_.wait_until(lock, stop, at, [this, at] { return later_.begin()->first < at; });
      } else {
        const auto work = std::move(first->second);
        later_.erase(first);
        lock.unlock();
        if (!closing) work();
        --flying_;
        lock.lock();
      }
    }
  }
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<int> flying_ = 0;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::multimap<Steady::time_point, std::function<void()>> later_;
  std::jthread timer_{[this](const std::stop_token& stop) { Run(stop); }};
};

/// Two numbers that /proc knows of a process.
struct Use {
  double cpu = 0;  ///< seconds
  double rss = 0;  ///< bytes
  int threads = 0;
};
Use UseOf(int pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  std::getline(in, line);
  std::istringstream rest(line.substr(line.rfind(')') + 2));
  std::vector<std::string> f;
  for (std::string word; rest >> word;) f.push_back(word);
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  return {(std::stod(f.at(11)) + std::stod(f.at(12))) / ticks,
          std::stod(f.at(21)) * static_cast<double>(::sysconf(_SC_PAGESIZE)), std::stoi(f.at(17))};
}

/// Seconds of processor that PostgreSQL took, all of it on this cluster.
double DatabaseCpu(const testing::Database& database) {
  pqxx::connection connection(database.admin_url());
  const auto stat = [](const std::string& pid) {
    std::ifstream in("/proc/" + pid + "/stat");
    std::string line;
    std::getline(in, line);
    std::istringstream rest(line.substr(std::min(line.size(), line.rfind(')') + 2)));
    std::vector<std::string> f;
    for (std::string word; rest >> word;) f.push_back(word);
    f.resize(20, "0");
    return f;
  };
  const auto parent = stat(std::to_string(connection.backendpid()))[1];
  const auto own = stat(parent);
  double ticks = 0;
  for (const auto field : {11U, 12U, 13U, 14U}) ticks += std::stod(own[field]);  // those that ended, too
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const auto name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    if (const auto f = stat(name); f[1] == parent) ticks += std::stod(f[11]) + std::stod(f[12]);
  }
  return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

/// What was brought: when, and when it rang somewhere, by its number.
struct Ledger {
  explicit Ledger(std::size_t most) : sent(most), offered(most), order(most), arrived(most) {}
  std::vector<Steady::time_point> sent;
  std::vector<std::atomic<Steady::rep>> offered;  // 0 = not yet
  std::vector<std::string> order;                 // where the reservation's time goes, for inversions
  std::vector<std::string> arrived;  // when routing had it, by its own clock: the order of the line
  std::atomic<int> newest = -1;      // of those acknowledged
  std::atomic<int> latest = -1;      // whose offer came last
  std::atomic<int> next = 0, acknowledged = 0, rung = 0, completed = 0;
  std::mutex mutex;
  std::set<std::string> names, finished;
  std::map<std::string, int> refused;
  std::function<void()> on_completed;  // set before the first call is brought
  std::atomic<bool> closed = false;    // then it is not asked any more
  void Refuse(const grpc::Status& status) {
    const auto error = rpc::FromStatus(status);
    const std::lock_guard lock(mutex);
    ++refused[error.reason.empty() ? "code " + std::to_string(status.error_code()) : error.reason];
  }
};

/// Of a call in its ledger.
std::size_t Number(const std::string& reason) {
  return static_cast<std::size_t>(std::atoi(reason.c_str() + 1));
}

class Floor;

/// An agent who does what the desk shows: takes what rings, talks for no time, completes.
class Robot : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  Robot(Floor& floor, int number, std::string id, std::string token, std::string profile)
      : floor_(floor),
        number_(number),
        id_(std::move(id)),
        token_(std::move(token)),
        profile_(std::move(profile)) {}
  void Open();
  void Close() { context_->TryCancel(); }
  bool ended() const { return ended_; }
  void Status(pb::AgentStatus status, std::function<void()> then = {});
  void Look();
  const std::string& id() const { return id_; }
  const std::string& token() const { return token_; }
  const std::string& profile() const { return profile_; }
  bool signed_in() const { return seen_; }
  std::atomic<bool> works = true;  ///< takes what rings
  Steady::time_point freed{};      ///< when it said that it is free

  void OnReadDone(bool ok) override;
  void OnDone(const grpc::Status&) override { ended_ = true; }

 private:
  template <class T>
  void Act(const std::string& key, const std::string& token, const std::string& method,
           const Message& request);
  template <class T>
  void Attempt(const std::string& key, const std::string& token, const std::string& method,
               const std::shared_ptr<Message>& request);
  template <class T>
  void Answered(const std::string& key, const grpc::Status& status, const T& answer);
  Floor& floor_;
  const int number_;
  const std::string id_, token_, profile_;
  std::unique_ptr<grpc::ClientContext> context_;
  grpc::ByteBuffer request_, buffer_;
  std::mutex mutex_;
  pb::Desk desk_;
  std::string handled_;
  bool busy_ = false;
  std::atomic<bool> ended_ = false, seen_ = false;
};

/// One instance of routing, or two of which one stands by.
std::vector<std::unique_ptr<testing::ServiceProcess>> Instances(int count, const testing::Database& database,
                                                                const std::string& issuer) {
  std::vector<std::unique_ptr<testing::ServiceProcess>> out;
  for (int i = 1; i <= count; ++i)
    out.push_back(std::make_unique<testing::ServiceProcess>(
        "routing", database,
        std::map<std::string, std::string>{
            {"PEERS", "access=" + issuer + ",telephony=127.0.0.1:" + std::to_string(testing::FreePort())},
            {"INSTANCE", "routing-" + std::to_string(i)},
            {"KAFKA_BROKERS", std::getenv("BENCH_EVENTS")
                                  ? testing::ServerSetting("CARILLON_TEST_KAFKA_BROKERS")
                                  : std::string()},
            {"AUTH_SECRET", "of this bench only"},
            {"RPC_THREADS", std::getenv("BENCH_THREADS") ? std::getenv("BENCH_THREADS") : "32"},
            {"RPC_QUEUE", "8192"},
            {"LOG_LEVEL", "warn"}}));
  return out;
}

class Floor {
 public:
  Floor(int agents, int line_agents, int instances = 1)
      : database("routing"),
        all(Instances(instances, database, issuer.target())),
        routing(*all.front()),
        lines(Target(), 4),
        streams(Target(), 16) {
    Furnish();
    for (int i = 0; i < agents; ++i) AddAgent("p" + std::to_string(i % kQueues));
    for (int i = 0; i < line_agents; ++i) AddAgent("line");
    SignIn(0, robots.size());
    keeper_ = std::jthread([this](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        {
          const std::lock_guard lock(robots_mutex_);
          for (auto& robot : robots) {
            if (robot->ended()) robot->Open();
            robot->Look();
          }
        }
        std::this_thread::sleep_for(100ms);
      }
    });
  }
  ~Floor() {
    keeper_ = {};
    lines.closing = true;
    for (const auto& each : all)
      if (each->process().pid() > 0) each->process().Kill(SIGKILL);
    for (const auto& robot : robots) robot->Close();
    Within(30s, [&] {
      return lines.flying() == 0 &&
             std::all_of(robots.begin(), robots.end(), [](const auto& robot) { return robot->ended(); });
    });
  }

  std::string service() const { return service_; }
  void AddAgent(const std::string& profile) {
    const auto id = Fresh();
    const std::lock_guard lock(robots_mutex_);
    robots.push_back(std::make_unique<Robot>(*this, static_cast<int>(robots.size()), id,
                                             issuer.Token(id, tenant, false), profile));
  }

  /// Agents are made, their streams opened, their sessions begun, many at once.
  void SignIn(std::size_t from, std::size_t to) {
    Many(from, to, [&](std::size_t i, const std::function<void(bool)>& done) {
      auto asked = std::make_shared<pb::CreateAgentRequest>();
      auto& make = *asked;
      make.mutable_agent()->set_user("users/" + robots[i]->id());
      make.mutable_agent()->set_code("b" + std::to_string(i));
      make.mutable_agent()->set_routing_profile("routingProfiles/" + robots[i]->profile());
      make.set_request_id(Fresh());
      lines.SendSurely<pb::Agent>(
          admin_, "", kRules + "CreateAgent", asked,
          [done](const grpc::Status& status, const pb::Agent&) { done(status.ok()); });
    });
    Many(from, to, [&](std::size_t i, const std::function<void(bool)>& done) {
      auto asked = std::make_shared<pb::SignInRequest>();
      auto& in = *asked;
      in.set_seat("s" + std::to_string(i));
      in.set_extension(std::to_string(100000 + i));
      in.set_request_id(Fresh());
      lines.SendSurely<pb::AgentSession>(
          robots[i]->token(), "", kDesk + "SignIn", asked,
          [done](const grpc::Status& status, const pb::AgentSession&) { done(status.ok()); });
    });
    for (auto i = from; i < to; ++i) robots[i]->Open();
    Await("every stream shows its desk", [&] {
      for (auto i = from; i < to; ++i)
        if (!robots[i]->signed_in()) return false;
      return true;
    });
  }

  void Status(std::size_t from, std::size_t to, pb::AgentStatus status) {
    Many(from, to, [&](std::size_t i, const std::function<void(bool)>& done) {
      robots[i]->Status(status, [done] { done(true); });
    });
  }

  /// Brings one call; its number in the ledger goes with it as the reason. Again after a refusal when
  /// `again`.
  void Ring(const std::shared_ptr<Ledger>& into, const std::string& queue, bool again = true) {
    const int n = into->next++;
    CARILLON_CHECK(static_cast<std::size_t>(n) < into->sent.size());
    auto request = std::make_shared<pb::CreateInteractionRequest>();
    request->mutable_interaction()->set_queue("queues/" + queue);
    request->mutable_interaction()->set_reason("n" + std::to_string(n));
    request->set_request_id(Id());
    into->sent[static_cast<std::size_t>(n)] = Steady::now();
    Bring(into, request, again);
  }

  void Offered(const std::string& reason, Steady::time_point at, const std::string& time) {
    const auto into = Current();
    if (!into || !reason.starts_with("n")) return;
    const auto n = Number(reason);
    if (n >= into->offered.size()) return;
    Steady::rep none = 0;
    if (into->offered[n].compare_exchange_strong(none, at.time_since_epoch().count())) {
      into->order[n] = time;
      into->latest = static_cast<int>(n);
      ++into->rung;
    }
  }
  void Completed(const std::string& name) {
    const auto into = Current();
    if (!into) return;
    {
      const std::lock_guard lock(into->mutex);
      into->finished.insert(name);
    }
    ++into->completed;
    if (into->on_completed && !into->closed) into->on_completed();
  }

  std::shared_ptr<Ledger> Begin(std::size_t most) {
    const std::lock_guard lock(mutex_);
    return ledger_ = std::make_shared<Ledger>(most);
  }
  void Resume(const std::shared_ptr<Ledger>& ledger) {
    const std::lock_guard lock(mutex_);
    ledger_ = ledger;
  }
  /// The instance that writes the shard now.
  testing::ServiceProcess& Writer() {
    for (const auto& each : all)
      if (Count("SELECT count(*) FROM shards WHERE holder LIKE '%@" + each->target() + "'") == 1)
        return *each;
    throw std::runtime_error("nobody writes the shard");
  }
  /// A request id; with mischief one of a clock that is wrong by hours.
  std::string Id() const {
    return mischief ? NewId(RealNow() + std::chrono::minutes(std::rand() % 600 - 300)) : Fresh();
  }
  /// Now; with mischief sometimes later, sometimes twice.
  void Deliver(const std::function<void(bool second)>& send) {
    const int lot = mischief ? std::rand() % 10 : 9;
    const auto later = [this, send](bool second) {
      lines.Later(std::chrono::milliseconds(std::rand() % 100), [send, second] { send(second); });
    };
    if (lot < 2) return later(false);
    send(false);
    if (lot < 4) later(true);
  }
  std::shared_ptr<Ledger> Current() {
    const std::lock_guard lock(mutex_);
    return ledger_;
  }

  static bool Within(std::chrono::milliseconds limit, const std::function<bool()>& done) {
    const auto until = Steady::now() + limit;
    while (!done()) {
      if (Steady::now() > until) return false;
      std::this_thread::sleep_for(5ms);
    }
    return true;
  }
  static void Await(const char* what, const std::function<bool()>& done) {
    if (!Within(180s, done)) throw std::runtime_error(std::string("not in time: ") + what);
  }
  std::int64_t Count(const std::string& sql) const {
    pqxx::connection connection(database.admin_url());
    return pqxx::nontransaction(connection).exec(sql)[0][0].as<std::int64_t>();
  }
  /// Every call that was brought is over: its one outcome is in the records and in the events.
  void Reconcile(const char* what, const Ledger& of) {
    const auto open = Count("SELECT count(*) FROM interactions WHERE ended_at IS NULL");
    const auto lost = Missing(of.names, "true"), undone = Missing(of.finished, "state = 'COMPLETED'");
    const bool gapless = Count("SELECT (max(seq) = count(*))::int FROM journal") == 1;
    const auto twice = Count(
        "SELECT count(*) - count(DISTINCT key) FROM outbox WHERE type LIKE "
        "'%.InteractionCompleted' OR type LIKE '%.InteractionAbandoned' OR type LIKE "
        "'%.InteractionCanceled'");
    const auto stuck = Count(
        "SELECT count(*) FROM agent_sessions WHERE ended_at IS NULL AND state NOT IN ('READY', "
        "'NOT_READY')");
    if (open == 0 && lost == 0 && undone == 0 && twice == 0 && stuck == 0 && gapless) return;
    std::printf(
        "%s: %ld still open, %ld acknowledged lost, %ld completions lost, %ld ended twice, %ld agents "
        "stuck%s\n",
        what, open, lost, undone, twice, stuck, gapless ? "" : ", a gap in the journal");
    ++failures;
  }
  std::int64_t Missing(const std::set<std::string>& names, const std::string& condition) const {
    std::string ids;
    for (const auto& name : names) ids += (ids.empty() ? "" : ",") + IdOf(name);
    return Count("SELECT count(*) FROM unnest('{" + ids +
                 "}'::uuid[]) AS n (id) WHERE NOT EXISTS (SELECT FROM "
                 "interactions WHERE interaction_id = id AND " +
                 condition + ")");
  }

  Issuer issuer;
  testing::Database database;
  std::vector<std::unique_ptr<testing::ServiceProcess>> all;
  testing::ServiceProcess& routing;  ///< the first
  Lines lines, streams;
  std::atomic<bool> mischief =
      false;  ///< commands come twice, late and out of order, by clocks that are wrong
  const std::string tenant = Fresh();
  std::vector<std::unique_ptr<Robot>> robots;

 private:
  std::string Target() const {
    std::string out = "ipv4:";
    for (const auto& each : all) out += (out.ends_with(':') ? "" : ",") + each->target();
    return out;
  }
  void Bring(const std::shared_ptr<Ledger>& into,
             const std::shared_ptr<pb::CreateInteractionRequest>& request, bool again) {
    Deliver([this, into, request, again](bool second) { BringNow(into, request, again, second); });
  }
  void BringNow(const std::shared_ptr<Ledger>& into,
                const std::shared_ptr<pb::CreateInteractionRequest>& request, bool again, bool second) {
    lines.Send<pb::Interaction>(
        service_, tenant, kWork + "CreateInteraction", *request,
        [this, into, request, again, second](const grpc::Status& status, const pb::Interaction& made) {
          if (second) return;
          if (status.ok()) {
            const std::lock_guard lock(into->mutex);
            into->names.insert(made.name());
            into->arrived[Number(made.reason())] = FormatRfc3339(FromProto(made.queue_time()));
            into->newest = std::max(into->newest.load(), static_cast<int>(Number(made.reason())));
            ++into->acknowledged;
            return;
          }
          into->Refuse(status);
          if (!again) return;
          lines.Later(kComeBack, [this, into, request] { Bring(into, request, true); });
        });
  }
  template <class Each>
  void Many(std::size_t from, std::size_t to, Each each) {
    std::mutex mutex;
    std::condition_variable changed;
    std::size_t flying = 0, failed = 0;
    for (auto i = from; i < to; ++i) {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return flying < 256; });
      ++flying;
      lock.unlock();
      each(i, [&](bool ok) {
        const std::lock_guard again(mutex);
        --flying;
        if (!ok) ++failed;
        changed.notify_all();
      });
    }
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return flying == 0; });
    if (failed > 0) throw std::runtime_error(std::to_string(failed) + " agents could not be set up");
  }
  void Furnish() {
    const auto ask = [&](const std::string& method, const auto& request, auto answer) {
      (void)lines.Ask<decltype(answer)>(admin_, "", kRules + method, request);
    };
    const auto queue = [&](const std::string& code) {
      pb::CreateQueueRequest in;
      in.mutable_queue()->set_code(code);
      in.mutable_queue()->set_client("clients/" + issuer.client());
      in.mutable_queue()->mutable_offer_timeout()->set_seconds(3600);
      in.mutable_queue()->mutable_wrap_up()->set_seconds(3600);
      in.set_request_id(Fresh());
      ask("CreateQueue", in, pb::Queue());
    };
    const auto profile = [&](const std::string& code, const std::vector<std::string>& queues) {
      pb::CreateRoutingProfileRequest in;
      in.mutable_routing_profile()->set_code(code);
      for (const auto& each : queues)
        in.mutable_routing_profile()->add_entries()->set_queue("queues/" + each);
      in.set_request_id(Fresh());
      ask("CreateRoutingProfile", in, pb::RoutingProfile());
    };
    for (int i = 0; i < kQueues; ++i) queue("q" + std::to_string(i));
    queue("line");
    for (int i = 0; i < kQueues; ++i) {
      std::vector<std::string> five;
      for (int each = 0; each < 5; ++each) five.push_back("q" + std::to_string((i + each) % kQueues));
      profile("p" + std::to_string(i), five);
    }
    profile("line", {"line"});
  }
  const std::string admin_ = issuer.Token(Fresh(), tenant, false);
  const std::string service_ = issuer.Token("services/telephony", "", true);
  std::mutex mutex_, robots_mutex_;
  std::shared_ptr<Ledger> ledger_;
  std::jthread keeper_;
};

void Robot::Open() {
  ended_ = false;
  {
    const std::lock_guard lock(mutex_);
    desk_.Clear();
  }
  context_ = std::make_unique<grpc::ClientContext>();
  context_->AddMetadata("authorization", "Bearer " + token_);
  context_->set_wait_for_ready(true);
  floor_.streams.any().PrepareBidiStreamingCall(context_.get(), kDesk + "WatchDesk", {}, this);
  request_ = Pack(pb::WatchDeskRequest());
  StartWriteLast(&request_, {});
  StartRead(&buffer_);
  StartCall();
}

void Robot::OnReadDone(bool ok) {
  if (!ok) return;
  const auto now = Steady::now();
  auto desk = Unpack<pb::Desk>(buffer_);
  StartRead(&buffer_);
  for (const auto& offer : desk.offers())
    floor_.Offered(offer.interaction().reason(), now,
                   FormatRfc3339(FromProto(offer.reservation().create_time())));
  {
    const std::lock_guard lock(mutex_);
    if (desk.version() > desk_.version()) desk_.Swap(&desk);
    seen_ = true;
  }
  Look();
}

void Robot::Status(pb::AgentStatus status, std::function<void()> then) {
  auto request = std::make_shared<pb::SetStatusRequest>();
  request->set_status(status);
  freed = Steady::now();
  floor_.lines.SendSurely<pb::AgentSession>(
      token_, "", kDesk + "SetStatus", request,
      [then = std::move(then)](const grpc::Status&, const pb::AgentSession&) {
        if (then) then();
      });
}

void Robot::Look() {
  std::unique_lock lock(mutex_);
  if (busy_ || !works) return;
  if (desk_.offers_size() > 0) {
    const auto& ring = desk_.offers(0).reservation();
    pb::AcceptReservationRequest request;
    request.set_name(ring.name());
    request.set_version(ring.version());
    request.set_request_id(floor_.Id());
    const std::string key = "accept " + ring.name();
    if (handled_ == key) return;
    busy_ = true;
    handled_ = key;
    lock.unlock();
    Act<pb::Interaction>(key, token_, kDesk + "AcceptReservation", request);
  } else if (desk_.interactions_size() > 0) {
    const auto& work = desk_.interactions(0);
    const bool talks = work.state() == pb::Interaction::ASSIGNED;
    const std::string name = work.name(), key = (talks ? "end " : "complete ") + name;
    if (handled_ == key) return;
    busy_ = true;
    handled_ = key;
    lock.unlock();
    if (talks) {
      pb::ReportMediaEndedRequest request;
      request.set_name(name);
      request.set_party("CUSTOMER");
      request.set_request_id(floor_.Id());
      Act<pb::Interaction>(key, floor_.service(), kWork + "ReportMediaEnded", request);
    } else {
      pb::CompleteInteractionRequest request;
      request.set_name(name);
      request.set_disposition("RESOLVED");
      request.set_request_id(floor_.Id());
      freed = Steady::now();
      Act<pb::Interaction>(key, token_, kDesk + "CompleteInteraction", request);
    }
  }
}

template <class T>
void Robot::Act(const std::string& key, const std::string& token, const std::string& method,
                const Message& request) {
  const auto kept = std::shared_ptr<Message>(request.New());
  kept->CopyFrom(request);
  Attempt<T>(key, token, method, kept);
}

/// Until there is an answer: whether it was done nobody else can say.
template <class T>
void Robot::Attempt(const std::string& key, const std::string& token, const std::string& method,
                    const std::shared_ptr<Message>& request) {
  floor_.Deliver([this, key, token, method, request](bool second) {
    floor_.lines.Send<T>(
        token, token == token_ ? std::string() : floor_.tenant, method, *request,
        [this, key, token, method, request, second](const grpc::Status& status, const T& answer) {
          if (second) return;
          if (!status.ok()) {
            if (const auto into = floor_.Current()) into->Refuse(status);
            if (InDoubt(status)) {
              floor_.lines.Later(
                  20ms, [this, key, token, method, request] { Attempt<T>(key, token, method, request); });
              return;
            }
          }
          Answered(key, status, answer);
        });
  });
}

template <class T>
void Robot::Answered(const std::string& key, const grpc::Status& status, const T& answer) {
  const bool done = status.ok() && key.starts_with("complete ");
  {
    const std::lock_guard lock(mutex_);
    busy_ = false;
    if (!status.ok()) handled_.clear();  // the keeper looks again
  }
  if (!status.ok()) return;
  if (done) floor_.Completed(answer.name());
  Look();
}

struct Limits {
  double echo = 0, echo_p99 = 0, commits = 0, commit_p50 = 0, commit_p99 = 0;
};

std::string Queue(int n) { return "q" + std::to_string(n % kQueues); }

/// Brings `rate` calls a second for so long, on time; what is late is brought at once.
void AtRate(Floor& floor, const std::shared_ptr<Ledger>& into, double rate, double length, bool again) {
  const auto began = Steady::now();
  for (int n = 0; n < static_cast<int>(rate * length); ++n) {
    std::this_thread::sleep_until(
        began + std::chrono::duration_cast<Steady::duration>(std::chrono::duration<double>(n / rate)));
    floor.Ring(into, Queue(n), again);
  }
}

std::vector<double> Waits(const Ledger& of) {
  std::vector<double> out;
  for (int n = 0; n < of.next; ++n) {
    const auto i = static_cast<std::size_t>(n);
    const Steady::time_point at{Steady::duration{of.offered[i].load()}};
    if (of.offered[i] != 0) out.push_back(Ms(at - of.sent[i]));
  }
  return out;
}

std::string Refusals(Ledger& of) {
  const std::lock_guard lock(of.mutex);
  std::string out;
  for (const auto& [reason, count] : of.refused) out += " " + reason + " " + std::to_string(count);
  return out.empty() ? " none" : out;
}

/// As many whole lives as `flying` at once give; life cycles a second.
double Cycles(Floor& floor, int calls, int flying, const Limits& limits, const char* what) {
  const auto into = floor.Begin(static_cast<std::size_t>(calls));
  const auto before = UseOf(floor.routing.process().pid());
  const double database = DatabaseCpu(floor.database), client = UseOf(::getpid()).cpu;
  const auto began = Steady::now();
  into->on_completed = [&floor, weak = std::weak_ptr(into), calls] {
    if (const auto own = weak.lock(); own && own->next < calls - 64) floor.Ring(own, Queue(own->next));
  };
  for (int i = 0; i < std::min(flying, calls); ++i) floor.Ring(into, Queue(i));
  const auto enough = [&] { return into->completed >= into->next; };
  if (std::string(what) == "day") {
    if (!Floor::Within(3600s, enough)) ++failures;
  } else {
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  }
  const double rate = into->completed / (Ms(Steady::now() - began) / 1000);
  const double passed = Ms(Steady::now() - began) / 1000;
  const auto after = UseOf(floor.routing.process().pid());
  const int done = std::max(1, into->completed.load());
  const double database_took = DatabaseCpu(floor.database) - database;
  const double client_took = UseOf(::getpid()).cpu - client;
  into->closed = true;
  Floor::Await("the last lives", enough);
  std::printf(
      "%s: %d whole lives in %.1f s: %.0f/s; processor for each: routing %.2f ms, database %.2f, this client "
      "%.2f; "
      "routing %.2f cores, %.0f MB; a third of the echo's rate is %.0f/s: ratio %.2f; refused:%s\n",
      what, done, passed, rate, (after.cpu - before.cpu) * 1000 / done, database_took * 1000 / done,
      client_took * 1000 / done, (after.cpu - before.cpu) / passed, after.rss / 1e6, limits.echo / 3,
      rate / (limits.echo / 3), Refusals(*into).c_str());
  floor.Reconcile(what, *into);
  return rate;
}

void Latency(Floor& floor, double rate, const Limits& limits) {
  const auto into = floor.Begin(static_cast<std::size_t>(rate * seconds) + 1);
  AtRate(floor, into, rate, seconds, true);
  Floor::Await("the last lives", [&] { return into->completed >= into->next; });
  const auto waits = Waits(*into);
  std::printf(
      "latency: agents free, %.0f calls/s: create to offer on the stream p50 %.1f ms, p99 %.1f ms; commits "
      "of the "
      "run p50 %.1f p99 %.1f ms, echo p99 %.1f ms\n",
      rate, Percentile(waits, 50), Percentile(waits, 99), limits.commit_p50, limits.commit_p99,
      limits.echo_p99);
  floor.Reconcile("latency", *into);
}

void Overload(Floor& floor, double peak) {
  const auto into = floor.Begin(static_cast<std::size_t>(1.7 * peak * seconds) + 1);
  const auto before = UseOf(floor.routing.process().pid());
  const auto began = Steady::now();
  AtRate(floor, into, 1.7 * peak, seconds, false);
  const double rate = into->completed / (Ms(Steady::now() - began) / 1000);
  const auto after = UseOf(floor.routing.process().pid());
  int refused = 0;
  {
    const std::lock_guard lock(into->mutex);
    for (const auto& [reason, count] : into->refused) refused += count;
  }
  Floor::Await("the last lives", [&] { return into->completed >= into->acknowledged; });
  std::printf(
      "overload: 1.7 x peak brought (%.0f/s): %.0f lives/s, %.0f %% of peak; refused %d:%s; %.0f MB more\n",
      1.7 * peak, rate, 100 * rate / peak, refused, Refusals(*into).c_str(), (after.rss - before.rss) / 1e6);
  floor.Reconcile("overload", *into);
}

/// One agent serves the line again and again while `waiting` wait.
void Waiting(Floor& floor, const std::shared_ptr<Ledger>& into, std::size_t robot, int waiting) {
  while (into->next - into->rung < waiting) {
    floor.Ring(into, "line");
    Floor::Await("callers are brought", [&] { return into->next - into->acknowledged < 200; });
  }
  Floor::Await("all callers are in the line", [&] { return into->acknowledged == into->next; });
  std::vector<double> took;
  auto& agent = *floor.robots[robot];
  const auto until = Steady::now() + std::chrono::duration<double>(seconds);
  int rung = into->rung;
  agent.Status(pb::READY);
  while (Steady::now() < until || took.size() < 20) {
    if (!Floor::Within(10s, [&] { return into->rung > rung; })) {
      ++failures;
      break;
    }
    const Steady::time_point at{
        Steady::duration{into->offered[static_cast<std::size_t>(into->latest.load())].load()}};
    took.push_back(Ms(at - agent.freed));
    ++rung;
    floor.Ring(into, "line");
  }
  agent.works = false;
  std::printf(
      "waiting: an agent frees with %d waiting: offer on the stream p50 %.1f ms, p99 %.1f ms (%zu times)\n",
      waiting, Percentile(took, 50), Percentile(took, 99), took.size());
}

void Idle(Floor& floor, int waiting, double rss_before, int threads_before) {
  std::this_thread::sleep_for(2s);
  const int pid = floor.routing.process().pid();
  const auto before = UseOf(pid);
  const auto began = Steady::now();
  std::this_thread::sleep_for(std::chrono::duration<double>(std::max(2.0, seconds)));
  const auto after = UseOf(pid);
  std::printf(
      "idle: %d waiting, %zu agents, nothing happening: %.3f cores, %.0f bytes more for each who waits, %d "
      "threads "
      "more (%d in all)\n",
      waiting, floor.robots.size(), (after.cpu - before.cpu) / (Ms(Steady::now() - began) / 1000),
      std::max(0.0, after.rss - rss_before) / waiting, after.threads - threads_before, after.threads);
}

/// All agents of the line become free at once.
void Freed(Floor& floor, const std::shared_ptr<Ledger>& into, std::size_t from, std::size_t to) {
  Floor::Await("all callers are in the line", [&] { return into->acknowledged == into->next; });
  const int first = into->rung, count = static_cast<int>(to - from);
  for (auto i = from; i < to; ++i) floor.robots[i]->works = false;
  const auto began = Steady::now();
  for (auto i = from; i < to; ++i) floor.robots[i]->Status(pb::READY);
  Floor::Await("all freed agents have an offer", [&] { return into->rung >= first + count; });
  Steady::rep last = 0;
  int inversions = 0;
  std::vector<std::pair<std::string, std::string>> line;  // arrived, offered ("~" = waits on)
  for (int n = 0; n < into->next; ++n) {
    const auto i = static_cast<std::size_t>(n);
    const auto at = into->offered[i].load();
    if (at != 0 && at < began.time_since_epoch().count()) continue;
    last = std::max(last, at);
    line.emplace_back(into->arrived[i], at == 0 ? "~" : into->order[i]);
  }
  std::sort(line.begin(), line.end());
  for (std::size_t i = 1; i < line.size(); ++i)
    if (line[i].first != line[i - 1].first && line[i].second < line[i - 1].second) ++inversions;
  std::printf("freed: %d agents at once, %d waiting: all offered within %.0f ms, %d inversions\n", count,
              into->next - first, Ms(Steady::time_point{Steady::duration{last}} - began), inversions);
  if (inversions > 0) ++failures;
}

void Kill(Floor& floor, double rate) {
  const auto into = floor.Begin(static_cast<std::size_t>(rate * (seconds + 8)) + 1);
  std::jthread load([&] { AtRate(floor, into, rate, seconds + 4, true); });
  std::this_thread::sleep_for(std::chrono::duration<double>(std::max(1.0, seconds / 2)));
  const auto at = Steady::now();
  const int before = into->completed;
  floor.routing.CrashAndRestart();
  const double up = Ms(Steady::now() - at);
  const int seen = into->acknowledged;
  Floor::Await("calls are taken again", [&] { return into->acknowledged > seen; });
  const double again = Ms(Steady::now() - at);
  load.join();
  Floor::Await("the last lives", [&] { return into->completed >= into->next; });
  std::printf(
      "kill: -9 at %.0f calls/s after %d lives: serving after %.1f s, the next call taken %.1f s after the "
      "kill; "
      "refused meanwhile:%s\n",
      rate, before, up / 1000, again / 1000, Refusals(*into).c_str());
  floor.Reconcile("kill", *into);
}

void Streams(Floor& floor, std::size_t count, int calls, const Limits& limits) {
  const int pid = floor.routing.process().pid();
  const auto before = UseOf(pid);
  const auto from = floor.robots.size();
  floor.robots.reserve(count);
  while (floor.robots.size() < count) floor.AddAgent("p" + std::to_string(floor.robots.size() % kQueues));
  const auto began = Steady::now();
  floor.SignIn(from, count);
  floor.Status(from, count, pb::READY);
  const auto in = UseOf(pid);
  std::printf(
      "streams: %zu agents signed in with live streams on 16 connections in %.0f s; %.0f MB, %.1f kB each, "
      "%d "
      "threads\n",
      count, Ms(Steady::now() - began) / 1000, in.rss / 1e6,
      (in.rss - before.rss) / 1000 / static_cast<double>(std::max<std::size_t>(1, count - from)), in.threads);
  Cycles(floor, 1 << 20, std::min(calls, static_cast<int>(count) / 2), limits, "streams");
}

/// What the database does for a while: `sql` as its superuser, then `back`.
void Trouble(Floor& floor, const std::string& sql, const std::string& back, double length, bool inside) {
  auto url = testing::ServerSetting("CARILLON_TEST_PG_ADMIN_URL");
  if (inside) url = floor.database.admin_url();
  pqxx::connection connection(url);
  pqxx::nontransaction(connection).exec(sql);
  std::this_thread::sleep_for(std::chrono::duration<double>(length));
  pqxx::nontransaction(connection).exec(back);
}

/// How long until a call is taken that was brought after now, ms.
double Again(Ledger& of) {
  const auto at = Steady::now();
  const int before = of.next;
  Floor::Await("calls are taken again", [&] { return of.newest >= before; });
  return Ms(Steady::now() - at);
}

void Chaos(int agents, double every, double rate) {
  constexpr int kLine = 40;
  Floor floor(agents, kLine, 2);
  const auto from = static_cast<std::size_t>(agents);
  // They wait through all of it, and are served in their order when it is over.
  const auto line = floor.Begin(2 * kLine);
  for (int i = 0; i < kLine; ++i) {
    floor.Ring(line, "line");
    Floor::Await("callers come one after the other", [&] { return line->acknowledged == i + 1; });
  }
  floor.Status(0, from, pb::READY);
  const auto into = floor.Begin(static_cast<std::size_t>(rate * (2 * seconds + 120)) + 1);
  floor.mischief = true;
  std::atomic<bool> over = false;
  std::jthread load([&] {
    const auto began = Steady::now();
    for (int n = 0; !over && n < static_cast<int>(into->sent.size()); ++n) {
      std::this_thread::sleep_until(
          began + std::chrono::duration_cast<Steady::duration>(std::chrono::duration<double>(n / rate)));
      floor.Ring(into, Queue(n));
    }
  });
  std::vector<double> gaps;
  const auto until = Steady::now() + std::chrono::duration<double>(seconds);
  const double trouble = std::min(30.0, seconds / 4);
  for (int round = 0; Steady::now() < until || round < 3; ++round) {
    std::this_thread::sleep_for(std::chrono::duration<double>(every));
    if (round == 1) {
      const auto name = floor.database.name();
      Trouble(floor,
              "UPDATE pg_database SET datallowconn = false WHERE datname = '" + name +
                  "'; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + name + "'",
              "UPDATE pg_database SET datallowconn = true WHERE datname = '" + name + "'", trouble, false);
      std::printf("chaos: the database was cut for %.0f s, calls taken again %.1f s after\n", trouble,
                  Again(*into) / 1000);
    } else if (round == 2) {
      Trouble(floor,
              "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no "
              "space' "
              "USING ERRCODE = 'disk_full'; END $$; CREATE TRIGGER full_disk BEFORE INSERT ON journal FOR "
              "EACH ROW "
              "EXECUTE FUNCTION full_disk()",
              "DROP TRIGGER full_disk ON journal; DROP FUNCTION full_disk()", trouble / 2, true);
      std::printf("chaos: the journal's disk was full for %.0f s, calls taken again %.1f s after\n",
                  trouble / 2, Again(*into) / 1000);
    } else {
      auto& writer = floor.Writer();
      writer.process().Kill(SIGKILL);
      gaps.push_back(Again(*into));
      writer.CrashAndRestart();
    }
  }
  // One is told to end: the other has the shard before callers notice.
  auto& writer = floor.Writer();
  const auto at = Steady::now();
  writer.Stop();
  const double stopped = Ms(Steady::now() - at), drained = Again(*into);
  over = true;
  load.join();
  if (!Floor::Within(180s, [&] { return into->completed >= into->next; })) {
    std::printf("chaos: %d of %d completed, %d acknowledged; refused:%s\n", into->completed.load(),
                into->next.load(), into->acknowledged.load(), Refusals(*into).c_str());
    floor.Reconcile("chaos", *into);
    ++failures;
    return;
  }
  floor.mischief = false;
  std::printf(
      "chaos: %d lives, the writer killed %zu times: the next call taken after %.1f s (median), %.1f s "
      "(longest); "
      "drained in %.1f s, the next call taken %.1f s after; refused meanwhile:%s\n",
      into->completed.load(), gaps.size(), Percentile(gaps, 50) / 1000, Percentile(gaps, 100) / 1000,
      stopped / 1000, drained / 1000, Refusals(*into).c_str());
  floor.Resume(line);
  for (std::size_t i = 0; i < kLine; ++i) floor.robots[from + i]->works = false;
  for (std::size_t i = 0; i < kLine; ++i) {
    floor.robots[from + i]->Status(pb::READY);
    Floor::Await("the line goes on", [&] { return line->rung > static_cast<int>(i); });
    if (line->offered[i] == 0) {
      std::printf("chaos: caller %zu of the line was passed by\n", i);
      ++failures;
      return;
    }
  }
  for (std::size_t i = 0; i < kLine; ++i) floor.robots[from + i]->works = true;
  Floor::Await("the line is served", [&] { return line->completed == kLine; });
  floor.Reconcile("chaos", *into);
  if (const auto made = floor.Count("SELECT count(*) FROM interactions"); made != into->next + kLine) {
    std::printf("chaos: %ld calls there, %d brought\n", made, into->next + kLine);
    ++failures;
  }
}

struct Arguments {
  double every = 10;
  int agents = 1000, waiting = 5000, day = 0;
  std::size_t streams = 0;
  std::set<std::string> only;
  Limits limits;
};

void Run(const Arguments& given) {
  if (given.only.contains("chaos")) return Chaos(given.agents, given.every, std::min(100, given.agents));
  const auto wanted = [&](const char* figure) { return given.only.empty() || given.only.contains(figure); };
  auto limits = given.limits;
  const auto echo = EchoServer::Bare()->MeasureTimed();
  limits.echo = echo.rate;
  limits.echo_p99 = echo.p99.count();
  std::printf(
      "limits: bare gRPC echo %.0f/s, p99 %.1f ms; one-row commits (pgbench) %.0f/s, p50 %.1f p99 %.1f ms\n",
      limits.echo, limits.echo_p99, limits.commits, limits.commit_p50, limits.commit_p99);
  const int line = std::max(2, given.agents / 5);
  const auto agents = static_cast<std::size_t>(given.agents), all = agents + static_cast<std::size_t>(line);
  Floor floor(given.agents, line);
  floor.Status(0, agents, pb::READY);
  double peak = 100;
  if (wanted("cycles") || wanted("latency") || wanted("overload") || wanted("kill"))
    peak = std::max(10.0, Cycles(floor, 1 << 20, std::min(given.agents, 256), limits, "cycles"));
  if (wanted("latency"))
    for (const double share : {0.3, 0.6}) Latency(floor, share * peak, limits);
  if (wanted("overload")) Overload(floor, peak);
  if (wanted("kill")) Kill(floor, peak / 2);
  if (given.day > 0) Cycles(floor, given.day + 64, std::min(given.agents, 600), limits, "day");
  if (given.streams > 0) Streams(floor, given.streams, 3000, limits);
  if (wanted("waiting") || wanted("idle") || wanted("freed")) {
    const auto use = UseOf(floor.routing.process().pid());
    const auto into = floor.Begin(1 << 20);
    Waiting(floor, into, agents, std::min(100, given.waiting));
    Waiting(floor, into, agents + 1, given.waiting);
    if (wanted("idle")) Idle(floor, given.waiting, use.rss, use.threads);
    Freed(floor, into, agents + 2, all);
  }
}

}  // namespace
}  // namespace carillon::bench

int main(int argc, char** argv) {
  using namespace carillon::bench;
  ReadArguments(argc, argv);
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  Arguments given;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string key = argv[i], value = argv[i + 1];
    if (key == "--agents") given.agents = std::stoi(value);
    if (key == "--every") given.every = std::stod(value);
    if (key == "--waiting") given.waiting = std::stoi(value);
    if (key == "--day") given.day = std::stoi(value);
    if (key == "--streams") given.streams = std::stoul(value);
    if (key == "--commits") given.limits.commits = std::stod(value);
    if (key == "--commit-p50") given.limits.commit_p50 = std::stod(value);
    if (key == "--commit-p99") given.limits.commit_p99 = std::stod(value);
    if (key == "--only") {
      std::istringstream in(value);
      for (std::string one; std::getline(in, one, ',');) given.only.insert(one);
    }
  }
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  Run(given);
  return Verdict();
}
