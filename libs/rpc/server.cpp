#include "rpc/server.hpp"

#include <absl/synchronization/mutex.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/impl/codegen/rpc_service_method.h>
#include <grpcpp/impl/codegen/server_callback_handlers.h>
#include <grpcpp/impl/codegen/service_type.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <limits>
#include <map>
#include <set>
#include <stdexcept>
#include <utility>

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "carillon/options/v1/options.pb.h"
#include "carillon/type/v1/audit.pb.h"
#include "crypto/digest.hpp"
#include "obs/log.hpp"
#include "obs/metrics.hpp"
#include "rpc/headers.hpp"
#include "rpc/later.hpp"
#include "rpc/pem.hpp"
#include "rpc/plan.hpp"
#include "rpc/status.hpp"
#include "runtime/executor.hpp"

namespace carillon::rpc {
inline namespace serving {

namespace protobuf = google::protobuf;
namespace options_pb = carillon::options::v1;

constexpr std::size_t kRefusalsKept = 1000;  // in a minute
constexpr int kLateThreads = 4;
constexpr auto kShut = std::chrono::milliseconds(20);
constexpr std::size_t kMostShut = 1000;

using SteadyClock = std::chrono::steady_clock;

/// The same bytes for equal messages: plain serialisation writes the entries of a map in any order.
std::string Canonical(const protobuf::Message& message) {
  std::string bytes;
  {
    protobuf::io::StringOutputStream stream(&bytes);
    protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    CARILLON_CHECK(message.SerializeToCodedStream(&coded));
  }
  return bytes;
}

struct Method {
  const protobuf::MethodDescriptor* descriptor;
  std::string path;  // "/package.Service/Method"
  std::string permission;
  bool read_only;
  UnaryHandler unary;
  StreamHandler stream;
  const protobuf::FieldDescriptor* request_id;
  obs::Timing timing;
};

std::string Metadata(const grpc::CallbackServerContext& context, const char* key) {
  const auto& all = context.client_metadata();
  const auto it = all.find(key);
  return it == all.end() ? std::string() : std::string(it->second.data(), it->second.size());
}

/// One unary call, from its arrival to its answer.
struct Served : std::enable_shared_from_this<Served> {
  using Give = std::function<void(const std::shared_ptr<Served>&, LateAnswer)>;
  Served(const Method& m, grpc::CallbackServerContext& c, const grpc::ByteBuffer& i, grpc::ByteBuffer& o,
         const Give& g)
      : method(m), context(c), in(i), out(o), give(g), reactor(*c.DefaultReactor()) {}
  const Method& method;
  grpc::CallbackServerContext& context;
  const grpc::ByteBuffer& in;
  grpc::ByteBuffer& out;
  const Give& give;
  grpc::ServerUnaryReactor& reactor;
  const SteadyClock::time_point arrived = SteadyClock::now();
  SteadyClock::time_point deadline;
  std::unique_ptr<protobuf::Message> request;
  Call call;
  bool later = false;
  std::function<LateAnswer(LateAnswer)> then;
};

thread_local Served* served_now = nullptr;

/// The handler of one call runs on this thread: its headers are at hand.
class ServedScope {
 public:
  explicit ServedScope(Served& served) { served_now = &served; }
  ~ServedScope() { served_now = nullptr; }
  ServedScope(const ServedScope&) = delete;
  ServedScope& operator=(const ServedScope&) = delete;
};

bool Parse(const grpc::ByteBuffer& bytes, protobuf::Message& message) {
  grpc::ByteBuffer copy = bytes;
  return grpc::SerializationTraits<protobuf::Message>::Deserialize(&copy, &message).ok();
}

grpc::ByteBuffer Serialize(const protobuf::Message& message) {
  grpc::ByteBuffer out;
  bool own = false;
  CARILLON_CHECK(grpc::SerializationTraits<protobuf::Message>::Serialize(message, &out, &own).ok());
  return out;
}

/// A service built from its descriptor: what generated code would do, without generated code.
class DescribedService final : public grpc::Service {
 public:
  void Add(std::string path, grpc::internal::RpcMethod::RpcType type,
           grpc::internal::MethodHandler* handler) {
    paths_.push_back(std::move(path));
    AddMethod(new grpc::internal::RpcServiceMethod(paths_.back().c_str(), type, nullptr));
    MarkMethodCallback(static_cast<int>(paths_.size()) - 1, handler);
  }

 private:
  std::deque<std::string> paths_;  // the methods point into it
};

struct OpenStreams;

class StreamReactor final : public grpc::ServerWriteReactor<grpc::ByteBuffer>,
                            public std::enable_shared_from_this<StreamReactor> {
 public:
  /// Makes it known what a message shows, then calls `then`; may come back before.
  using Tell = std::function<void(const Shown&, std::function<void(const Result<void>&)> then)>;

  explicit StreamReactor(std::shared_ptr<OpenStreams> open) : open_(std::move(open)) {}
  void Hold() { self_ = shared_from_this(); }

  void Begin(std::shared_ptr<FeedCore> feed, Principal who, Tell tell) {
    bool cancelled = false;
    {
      const std::lock_guard lock(mutex_);
      feed_ = feed;
      who_ = std::move(who);
      tell_ = std::move(tell);
      cancelled = cancelled_;
    }
    if (cancelled) {
      feed->ReaderGone();
      End(grpc::Status::CANCELLED);
      return;
    }
    feed->Attach([weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->Pump();
    });
  }

  void End(const grpc::Status& status) {
    std::unique_lock lock(mutex_);
    if (finished_) return;
    if (writing_) {
      ending_ = status;
      return;
    }
    finished_ = true;
    lock.unlock();
    Finish(status);
  }

  void Pump() {
    std::unique_lock lock(mutex_);
    if (writing_ || finished_ || !feed_) return;
    if (ending_ || cancelled_) {
      const auto status = ending_.value_or(grpc::Status::CANCELLED);
      lock.unlock();
      return End(status);
    }
    if (const auto message = feed_->Take()) {
      const std::unique_ptr<protobuf::Message> shown(message->New());
      shown->CopyFrom(*message);
      const auto clear = Mask(*shown, who_);
      buffer_ = Serialize(*shown);
      writing_ = true;
      const bool news = !clear.fields.empty() && clear != told_;
      if (news) told_ = clear;
      lock.unlock();
      if (!news) return StartWrite(&buffer_);
      tell_(clear, [self = shared_from_this()](const Result<void>& told) {
        if (told) return self->StartWrite(&self->buffer_);
        {
          const std::lock_guard again(self->mutex_);
          self->writing_ = false;
        }
        self->End(ToStatus(told.error()));
      });
      return;
    }
    if (const auto end = feed_->End()) {
      lock.unlock();
      End(*end ? ToStatus(**end) : grpc::Status::OK);
    }
  }

  void OnWriteDone(bool ok) override {
    {
      const std::lock_guard lock(mutex_);
      writing_ = false;
      if (!ok) cancelled_ = true;
    }
    Pump();
  }

  void OnCancel() override {
    std::shared_ptr<FeedCore> feed;
    bool idle = false;
    {
      const std::lock_guard lock(mutex_);
      cancelled_ = true;
      feed = feed_;
      idle = !writing_;
    }
    if (feed) {
      feed->ReaderGone();
      if (idle) End(grpc::Status::CANCELLED);
    }
  }

  void OnDone() override;

 private:
  friend struct OpenStreams;
  std::shared_ptr<OpenStreams> open_;
  std::mutex mutex_;
  std::shared_ptr<StreamReactor> self_;
  std::shared_ptr<FeedCore> feed_;
  Principal who_;
  Tell tell_;
  Shown told_;  // what the last entry said: a stream repeats itself
  grpc::ByteBuffer buffer_;
  bool writing_ = false, finished_ = false, cancelled_ = false;
  std::optional<grpc::Status> ending_;
};

/// The streams that are open, so that shutdown and lost rights can end them.
struct OpenStreams {
  struct Entry {
    std::shared_ptr<StreamReactor> reactor;
    std::string token, permission;
  };
  std::mutex mutex;
  std::map<StreamReactor*, Entry> all;
  obs::Gauge count = obs::GaugeOf("carillon_rpc_streams", "open server streams");

  void Add(const std::shared_ptr<StreamReactor>& reactor, std::string token, std::string permission) {
    const std::lock_guard lock(mutex);
    all[reactor.get()] = {reactor, std::move(token), std::move(permission)};
    count.Set(static_cast<double>(all.size()));
  }
  void Remove(StreamReactor* reactor) {
    const std::lock_guard lock(mutex);
    all.erase(reactor);
    count.Set(static_cast<double>(all.size()));
  }
  std::vector<Entry> List() {
    const std::lock_guard lock(mutex);
    std::vector<Entry> out;
    for (const auto& [key, entry] : all) out.push_back(entry);
    return out;
  }
};

void StreamReactor::OnDone() {
  std::shared_ptr<FeedCore> feed;
  {
    const std::lock_guard lock(mutex_);
    feed = feed_;
  }
  if (feed) feed->ReaderGone();
  open_->Remove(this);
  const auto last = std::move(self_);
}

}  // namespace serving

struct Server::State {
  State(ServerOptions o, const Clock& c, Authenticate a)
      : options(std::move(o)), clock(c), authenticate(std::move(a)) {}
  ServerOptions options;
  const Clock& clock;
  Authenticate authenticate;
  std::map<std::string, std::vector<std::shared_ptr<Method>>> services;
  std::vector<std::unique_ptr<DescribedService>> described;
  std::shared_ptr<OpenStreams> streams = std::make_shared<OpenStreams>();
  std::unique_ptr<runtime::Executor> executor;
  std::unique_ptr<runtime::Executor> late;  // answers: never behind calls that begin
  const Served::Give give = [this](const std::shared_ptr<Served>& served, LateAnswer answer) {
    if (!late->Submit([this, served, answer] { ServeLate(*served, answer); })) ServeLate(*served, answer);
  };
  std::unique_ptr<grpc::Server> server;
  std::unique_ptr<runtime::Periodic> watch_rights;
  int port = 0;
  std::mutex refusing;
  std::set<std::string> refused;  // user and method, in this minute
  std::mutex shutting;
  std::map<std::string, SteadyClock::time_point> shut;  // method and tenant
  std::atomic<SteadyClock::rep> shut_until = 0;         // the latest of them
  const grpc::Status overloaded =
      ToStatus(ResourceExhausted("OVERLOADED", "The service has more work than it can do in time."));
  std::int64_t refused_minute = 0;
  obs::Counter shed = obs::CounterOf("carillon_rpc_shed_total", "calls refused because the queue was full");

  Method& Find(const std::string& service, const std::string& name) {
    const auto* pool = protobuf::DescriptorPool::generated_pool();
    const auto* descriptor = pool->FindServiceByName(service);
    const auto* method = descriptor == nullptr ? nullptr : descriptor->FindMethodByName(name);
    if (method == nullptr)
      throw std::runtime_error("no method " + service + "/" + name + " in the .proto files");
    const auto path = "/" + service + "/" + name;
    const auto& method_options = method->options();
    auto entry = std::make_shared<Method>(Method{
        method,
        path,
        method_options.GetExtension(options_pb::permission),
        method_options.GetExtension(options_pb::read_only),
        {},
        {},
        method->input_type()->FindFieldByName("request_id"),
        obs::TimingOf("carillon_rpc_handling_seconds", "time from arrival to answer", {{"method", path}})});
    services[service].push_back(entry);
    return *entry;
  }

  /// What the audit trail says of a call before anybody knows what came of it.
  static type::v1::AuditEntry EntryOf(const Call& call, const grpc::CallbackServerContext& context,
                                      const protobuf::Message* request) {
    type::v1::AuditEntry entry;
    if (!call.principal.user.empty()) entry.set_subject("users/" + call.principal.user);
    entry.set_action(call.method);
    entry.set_token_id(call.principal.token_id);
    // The gateway adds the address it saw at the end of what the client claims.
    auto address = Metadata(context, "x-forwarded-for");
    if (address.empty()) address = context.peer();
    address = address.substr(address.find_last_of(", ") + 1).substr(0, 64);
    std::erase_if(address, [](char c) { return c <= ' ' || c > '~'; });
    entry.set_address(address);
    if (request == nullptr) return entry;
    const std::unique_ptr<protobuf::Message> masked(request->New());
    masked->CopyFrom(*request);
    MaskAll(*masked);
    entry.set_request_hash(Hex(crypto::Sha256(Canonical(*masked))));
    for (auto& name : ResourceNames(*request)) {
      if (name.starts_with("clients/")) entry.set_client(name);
      entry.add_resources(std::move(name));
    }
    if (entry.client().empty() && call.principal.clients.size() == 1)
      entry.set_client("clients/" + call.principal.clients[0]);
    // Why it was asked: a code, never a personal value.
    auto purpose = Metadata(context, "carillon-purpose");
    if (const auto* field = request->GetDescriptor()->FindFieldByName("purpose");
        field != nullptr && !field->is_repeated() &&
        field->cpp_type() == protobuf::FieldDescriptor::CPPTYPE_STRING)
      if (auto said = request->GetReflection()->GetString(*request, field); !said.empty())
        purpose = std::move(said);
    const auto is_code = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; };
    if (!purpose.empty() && purpose.size() <= 63 && std::all_of(purpose.begin(), purpose.end(), is_code))
      entry.set_detail("purpose " + purpose);
    if (const auto* field = request->GetDescriptor()->FindFieldByName("request_id"); field != nullptr)
      if (auto id = request->GetReflection()->GetString(*request, field); IsUuid(id))
        entry.set_request_id(std::move(id));
    return entry;
  }

  /// Committed when it returns, or UNAVAILABLE.
  Result<void> KeepShown(const Call& call, type::v1::AuditEntry entry, const Shown& shown) {
    if (!options.audit) return Ok();
    for (const auto& field : shown.fields) entry.add_shown_fields(field);
    for (const auto& name : shown.resources)
      if (std::find(entry.resources().begin(), entry.resources().end(), name) == entry.resources().end())
        entry.add_resources(name);
    if (const auto kept = options.audit(call, entry); !kept)
      return Unavailable("AUDIT_UNAVAILABLE", "What the answer shows in clear cannot be recorded now.");
    return Ok();
  }

  /// Counts what was refused or failed, and keeps the refusals of users, bounded: asking again and again
  /// fills no trail.
  void Note(const Method& method, const Call& call, const grpc::CallbackServerContext& context,
            const protobuf::Message* request, const Error& error) {
    obs::CounterOf("carillon_rpc_errors_total", "calls that were refused or failed, by canonical code",
                   {{"method", method.path}, {"code", std::to_string(static_cast<int>(error.code))}})
        .Add();
    if (error.code != Code::kPermissionDenied || !options.audit || call.principal.service ||
        !IsUuid(call.principal.tenant))
      return;
    {
      const auto minute =
          std::chrono::floor<std::chrono::minutes>(SteadyClock::now()).time_since_epoch().count();
      const std::lock_guard lock(refusing);
      if (std::exchange(refused_minute, minute) != minute) refused.clear();
      if (refused.size() >= kRefusalsKept || !refused.insert(call.principal.user + method.path).second)
        return;
    }
    auto entry = EntryOf(call, context, request);
    entry.set_result(error.reason);
    if (const auto kept = options.audit(call, entry); !kept)
      obs::Warn("a refusal was not recorded", {{"method", method.path}, {"reason", kept.error().reason}});
  }

  /// Who calls, and the frame of the call, which is filled as far as it came; everything that can be refused
  /// without the handler is refused here.
  Result<void> Admit(const Method& method, const grpc::CallbackServerContext& context,
                     SteadyClock::time_point deadline, const protobuf::Message* request, Call& call) {
    call.method = method.path;
    call.deadline = deadline;
    call.now = clock.Now();
    call.traceparent = Metadata(context, "traceparent");
    if (!obs::IsTraceparent(call.traceparent)) call.traceparent = obs::NewTraceparent();
    if (method.permission != "public") {
      const auto header = Metadata(context, "authorization");
      if (!header.starts_with("Bearer ") && !header.starts_with("bearer "))
        return Unauthenticated("TOKEN_MISSING", "The call carries no bearer token.");
      call.token = header.substr(7);
      TRY(call.principal, authenticate(call.token));
      if (call.principal.service) {
        if (const auto tenant = Metadata(context, "x-carillon-tenant"); !tenant.empty())
          call.principal.tenant = tenant;
      } else if (method.permission == "service") {
        return PermissionDenied("SERVICE_ONLY", "Only a service of the platform may call this method.");
      }
      if (method.permission != "service" && method.permission != "authenticated" &&
          !call.principal.May(method.permission)) {
        auto error = PermissionDenied("PERMISSION_MISSING",
                                      "The caller lacks the permission " + method.permission + ".");
        error.metadata["permission"] = method.permission;
        return error;
      }
    }
    if (request == nullptr)
      return InvalidArgument("MESSAGE_MALFORMED", "The request is not a message of its type.");
    if (auto violations = Check(*request); !violations.empty())
      return InvalidArgument("FIELD_INVALID", "A field of the request is not as it must be.",
                             std::move(violations));
    if (method.request_id != nullptr && !method.read_only) {
      call.request_id = request->GetReflection()->GetString(*request, method.request_id);
      if (!call.request_id.empty()) {
        const auto whole = Canonical(*request);
        call.request_hash = crypto::HmacSha256(options.replay_key, whole);
        call.replay_key = crypto::HmacSha256(options.replay_key, "answer of " + whole);
      }
    }
    if (!method.read_only && !call.principal.service)
      call.audit = std::make_shared<const type::v1::AuditEntry>(EntryOf(call, context, request));
    return Ok();
  }

  SteadyClock::time_point DeadlineOf(const grpc::CallbackServerContext& context) const {
    const auto left = context.deadline() - std::chrono::system_clock::now();
    const auto longest =
        std::chrono::duration_cast<std::chrono::system_clock::duration>(options.longest_call);
    return SteadyClock::now() + std::min<std::chrono::system_clock::duration>(left, longest);
  }

  static std::unique_ptr<protobuf::Message> NewRequest(const Method& method) {
    const auto* prototype =
        protobuf::MessageFactory::generated_factory()->GetPrototype(method.descriptor->input_type());
    return std::unique_ptr<protobuf::Message>(prototype->New());
  }

  void Finish(Served& served, const grpc::Status& status) {
    served.method.timing.Observe(std::chrono::duration<double>(SteadyClock::now() - served.arrived).count());
    served.reactor.Finish(status);
  }

  /// A method that is overloaded for a tenant is shut for a moment, for services that call in its name: they
  /// are refused at the door, where it costs next to nothing.
  void Shut(const Served& served) {
    if (!served.call.principal.service || served.call.principal.tenant.empty()) return;
    const auto until = SteadyClock::now() + kShut;
    const std::lock_guard lock(shutting);
    if (shut.size() > kMostShut) shut.clear();
    shut[served.method.path + served.call.principal.tenant] = until;
    shut_until = until.time_since_epoch().count();
  }
  bool IsShut(const Method& method, const grpc::CallbackServerContext& context) {
    const auto now = SteadyClock::now();
    if (now.time_since_epoch().count() >= shut_until) return false;
    const std::lock_guard lock(shutting);
    const auto found = shut.find(method.path + Metadata(context, "x-carillon-tenant"));
    return found != shut.end() && now < found->second;
  }

  void Fail(Served& served, const Error& error) {
    if (error.reason == "OVERLOADED") Shut(served);
    Note(served.method, served.call, served.context, served.request.get(), error);
    Finish(served, ToStatus(error));
  }

  /// Sends the answer, masked; what it shows in clear is recorded before.
  void Send(Served& served, AnyMessage& answer) {
    if (served.method.permission != "public") {
      if (const auto shown = Mask(answer, served.call.principal); !shown.fields.empty())
        if (const auto kept =
                KeepShown(served.call, EntryOf(served.call, served.context, served.request.get()), shown);
            !kept)
          return Fail(served, kept.error());
    }
    served.out = Serialize(answer);
    Finish(served, grpc::Status::OK);
  }

  void Serve(Served& served) {
    if (SteadyClock::now() >= served.deadline)
      return Finish(served,
                    {grpc::StatusCode::DEADLINE_EXCEEDED, "the deadline passed before the call could start"});
    served.request = NewRequest(served.method);
    if (!Parse(served.in, *served.request)) served.request.reset();
    const auto admitted =
        Admit(served.method, served.context, served.deadline, served.request.get(), served.call);
    const obs::TraceScope trace(served.call.traceparent);
    if (!admitted) return Fail(served, admitted.error());
    const ServedScope scope(served);
    // A client whose timers count business time needs to know what time it is.
    AddAnswerHeader(
        "carillon-time",
        std::to_string(
            std::chrono::floor<std::chrono::milliseconds>(served.call.now.time_since_epoch()).count()));
    auto answer = served.method.unary(served.call, *served.request);
    if (served.later) return;  // the call may be over
    if (!answer) return Fail(served, answer.error());
    Send(served, **answer);
  }

  /// The answer of a call whose handler has returned.
  void ServeLate(Served& served, LateAnswer answer) {
    const obs::TraceScope trace(served.call.traceparent);
    if (served.then) answer = served.then(std::move(answer));
    if (!answer) return Fail(served, answer.error());
    const std::unique_ptr<protobuf::Message> own((*answer)->New());
    own->CopyFrom(**answer);
    Send(served, *own);
  }

  grpc::ServerUnaryReactor* OnUnary(const Method& method, grpc::CallbackServerContext* context,
                                    const grpc::ByteBuffer* request, grpc::ByteBuffer* response) {
    auto served = std::make_shared<Served>(method, *context, *request, *response, give);
    auto* reactor = &served->reactor;
    served->deadline = DeadlineOf(*context);
    if (IsShut(method, *context) || !executor->Submit([this, served] { Serve(*served); })) {
      shed.Add();
      reactor->Finish(overloaded);
    }
    return reactor;
  }

  grpc::ServerWriteReactor<grpc::ByteBuffer>* OnStream(const Method& method,
                                                       grpc::CallbackServerContext* context,
                                                       const grpc::ByteBuffer* request) {
    auto reactor = std::make_shared<StreamReactor>(streams);
    reactor->Hold();
    const auto deadline = SteadyClock::now() + options.longest_call;
    const bool taken = executor->Submit([this, &method, context, request, reactor, deadline] {
      auto message = NewRequest(method);
      const bool parsed = Parse(*request, *message);
      Call call;
      const auto fail = [&](const Error& error) {
        Note(method, call, *context, parsed ? message.get() : nullptr, error);
        reactor->End(ToStatus(error));
      };
      const auto admitted = Admit(method, *context, deadline, parsed ? message.get() : nullptr, call);
      const obs::TraceScope trace(call.traceparent);
      if (!admitted) return fail(admitted.error());
      auto feed = method.stream(call, *message);
      if (!feed) return fail(feed.error());
      streams->Add(reactor, call.token, method.permission);
      const auto who = call.principal;
      const auto entry = who.service ? type::v1::AuditEntry() : EntryOf(call, *context, message.get());
      // A reactor must not block: what a message shows is kept on the executor.
      reactor->Begin(*feed, who, [this, call, entry](const Shown& shown, const auto& then) {
        const bool queued = executor->Submit([this, call, entry, shown, then]() mutable {
          call.now = clock.Now();
          call.deadline = SteadyClock::now() + options.longest_call;
          then(KeepShown(call, entry, shown));
        });
        if (!queued)
          then(ResourceExhausted("OVERLOADED", "The service has more work than it can do in time."));
      });
    });
    if (!taken) {
      shed.Add();
      reactor->End(overloaded);
    }
    return reactor.get();
  }

  // A token that expired or a right that was lost ends the stream (architecture §3: within 60 s).
  void EndUnrightful() {
    for (const auto& entry : streams->List()) {
      if (entry.permission == "public") continue;
      const auto who = authenticate(entry.token);
      if (!who && who.error().code == Code::kUnauthenticated) {
        entry.reactor->End(ToStatus(who.error()));
      } else if (who && entry.permission != "service" && entry.permission != "authenticated" &&
                 !who->May(entry.permission)) {
        entry.reactor->End(ToStatus(PermissionDenied("PERMISSION_LOST", "The caller lost the permission.")));
      }
    }
  }
};

Server::Server(ServerOptions options, const Clock& clock, Authenticate authenticate)
    : state_(std::make_unique<State>(std::move(options), clock, std::move(authenticate))) {}
Server::~Server() { Shutdown(std::chrono::milliseconds(0)); }

void Server::AddUnary(const std::string& service, const std::string& method, UnaryHandler handler) {
  state_->Find(service, method).unary = std::move(handler);
}

void Server::AddStream(const std::string& service, const std::string& method, StreamHandler handler) {
  state_->Find(service, method).stream = std::move(handler);
}

void Server::Start() {
  auto& state = *state_;
  // gRPC's locks of this build look for cycles at each turn, else.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  for (auto& [name, methods] : state.services) {
    const auto* descriptor = protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
    std::set<const protobuf::MethodDescriptor*> served;
    auto described = std::make_unique<DescribedService>();
    for (const auto& entry : methods) {
      const auto* method = entry->descriptor;
      if (entry->permission.empty()) throw std::runtime_error(entry->path + " has no permission");
      if (method->client_streaming())
        throw std::runtime_error(entry->path + ": client streams are not served");
      if (method->server_streaming() != static_cast<bool>(entry->stream))
        throw std::runtime_error(entry->path + " is bound as the wrong kind of method");
      served.insert(method);
      if (method->server_streaming()) {
        described->Add(
            entry->path, grpc::internal::RpcMethod::SERVER_STREAMING,
            new grpc::internal::CallbackServerStreamingHandler<grpc::ByteBuffer, grpc::ByteBuffer>(
                [&state, entry](grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) {
                  return state.OnStream(*entry, context, request);
                }));
      } else {
        described->Add(entry->path, grpc::internal::RpcMethod::NORMAL_RPC,
                       new grpc::internal::CallbackUnaryHandler<grpc::ByteBuffer, grpc::ByteBuffer>(
                           [&state, entry](grpc::CallbackServerContext* context,
                                           const grpc::ByteBuffer* request, grpc::ByteBuffer* response) {
                             return state.OnUnary(*entry, context, request, response);
                           }));
      }
    }
    for (int i = 0; i < descriptor->method_count(); ++i)
      if (!served.contains(descriptor->method(i)))
        throw std::runtime_error("/" + name + "/" + descriptor->method(i)->name() + " has no handler");
    builder.RegisterService(described.get());
    state.described.push_back(std::move(described));
  }
  builder.AddListeningPort(state.options.address, CredentialsOf(state.options.tls), &state.port);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 15000);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 5000);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, 0);
  state.executor = std::make_unique<runtime::Executor>("rpc", state.options.threads,
                                                       static_cast<std::size_t>(state.options.queue_limit));
  state.late =
      std::make_unique<runtime::Executor>("rpc-late", kLateThreads, std::numeric_limits<std::size_t>::max());
  state.server = builder.BuildAndStart();
  if (!state.server || state.port == 0) throw std::runtime_error("cannot listen on " + state.options.address);
  SetServing(false);
  state.watch_rights = std::make_unique<runtime::Periodic>("rights", std::chrono::seconds(20),
                                                           [&state] { state.EndUnrightful(); });
}

int Server::port() const { return state_->port; }

void Server::SetServing(bool serving) {
  if (!state_->server) return;
  if (auto* health = state_->server->GetHealthCheckService()) health->SetServingStatus(serving);
}

void Server::Shutdown(std::chrono::milliseconds grace) {
  auto& state = *state_;
  if (!state.server) return;
  state.watch_rights.reset();
  const auto ending = ToStatus(Unavailable("SHUTTING_DOWN", "The service is being restarted."));
  for (const auto& entry : state.streams->List()) entry.reactor->End(ending);
  state.server->Shutdown(std::chrono::system_clock::now() + grace);
  state.executor.reset();
  state.late.reset();
  state.server->Wait();
  state.server.reset();
}

std::string RequestHeader(const std::string& name) {
  return served_now == nullptr ? std::string() : Metadata(served_now->context, name.c_str());
}

std::string RequestCookie(std::string_view name) {
  const auto all = RequestHeader("cookie");
  std::string_view rest = all;
  while (!rest.empty()) {
    const auto end = std::min(rest.find(';'), rest.size());
    auto pair = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    pair.remove_prefix(std::min(pair.find_first_not_of(' '), pair.size()));
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=')
      return std::string(pair.substr(name.size() + 1));
  }
  return {};
}

void AddAnswerHeader(const std::string& name, const std::string& value) {
  if (served_now != nullptr) served_now->context.AddInitialMetadata(name, value);
}

Answer AnswerLater(std::function<LateAnswer(LateAnswer)> then) {
  if (served_now == nullptr) return nullptr;
  served_now->later = true;
  served_now->then = std::move(then);
  return [served = served_now->shared_from_this()](LateAnswer answer) {
    served->give(served, std::move(answer));
  };
}

}  // namespace carillon::rpc
