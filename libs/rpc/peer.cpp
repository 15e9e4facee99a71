#include "rpc/peer.hpp"

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/client_unary_call.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/support/client_callback.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "obs/log.hpp"
#include "rpc/pem.hpp"
#include "rpc/status.hpp"

namespace carillon::rpc {
namespace {

void Dress(grpc::ClientContext& context, const Call& call, const std::string& token) {
  if (!token.empty()) context.AddMetadata("authorization", "Bearer " + token);
  if (!call.principal.tenant.empty()) context.AddMetadata("x-carillon-tenant", call.principal.tenant);
  context.AddMetadata("traceparent",
                      obs::IsTraceparent(call.traceparent) ? call.traceparent : obs::NewTraceparent());
}

class StreamReader final : public Watching, public grpc::ClientReadReactor<grpc::ByteBuffer> {
 public:
  StreamReader(const std::function<std::unique_ptr<google::protobuf::Message>()>& make,
               std::function<void(const google::protobuf::Message&)> on_message,
               std::function<void(std::optional<Error>)> on_end)
      : message_(make()), on_message_(std::move(on_message)), on_end_(std::move(on_end)) {}
  ~StreamReader() override {
    context.TryCancel();
    std::unique_lock lock(mutex_);
    done_wake_.wait(lock, [this] { return done_; });
  }

  void Open(grpc::ChannelInterface* channel, const std::string& path,
            const google::protobuf::Message& request) {
    path_ = path;
    grpc::ByteBuffer bytes;
    bool own = false;
    CARILLON_CHECK(
        grpc::SerializationTraits<google::protobuf::Message>::Serialize(request, &bytes, &own).ok());
    grpc::internal::ClientCallbackReaderFactory<grpc::ByteBuffer>::Create(
        channel, grpc::internal::RpcMethod(path_.c_str(), grpc::internal::RpcMethod::SERVER_STREAMING),
        &context, &bytes, this);
    StartRead(&buffer_);
    StartCall();
  }

  void OnReadDone(bool ok) override {
    if (!ok) return;
    message_->Clear();
    if (grpc::SerializationTraits<google::protobuf::Message>::Deserialize(&buffer_, message_.get()).ok())
      on_message_(*message_);
    StartRead(&buffer_);
  }

  void OnDone(const grpc::Status& status) override {
    on_end_(status.ok() ? std::nullopt : std::optional(FromStatus(status)));
    const std::lock_guard lock(mutex_);
    done_ = true;
    done_wake_.notify_all();
  }

  grpc::ClientContext context;

 private:
  std::string path_;
  std::unique_ptr<google::protobuf::Message> message_;
  std::function<void(const google::protobuf::Message&)> on_message_;
  std::function<void(std::optional<Error>)> on_end_;
  grpc::ByteBuffer buffer_;
  std::mutex mutex_;
  std::condition_variable done_wake_;
  bool done_ = false;
};

/// A stream that could not be opened.
class NoStream final : public Watching {};

}  // namespace

struct Peer::State {
  std::shared_ptr<grpc::Channel> channel;
  Token token;
};

Peer::Peer(const std::string& target, const Tls& tls, Token token) : state_(std::make_unique<State>()) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 15000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5000);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
  // Not a pause but the time a connection attempt has: a TLS handshake on a busy machine takes longer than
  // one pause.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 5000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  // A name may stand for several processes, and for others a moment later.
  arguments.SetLoadBalancingPolicyName("round_robin");
  arguments.SetInt(GRPC_ARG_DNS_MIN_TIME_BETWEEN_RESOLUTIONS_MS, 1000);
  state_->channel = grpc::CreateCustomChannel(target, CallerCredentialsOf(tls), arguments);
  state_->token = std::move(token);
}
Peer::~Peer() = default;

Result<void> Peer::AskInto(const Call& call, const std::string& method,
                           const google::protobuf::Message& request, google::protobuf::Message& response,
                           std::chrono::milliseconds timeout) {
  const auto deadline = std::min(call.deadline, std::chrono::steady_clock::now() + timeout);
  const std::string path = "/" + method;
  auto pause = std::chrono::milliseconds(20);
  for (;;) {
    Result<std::string> token = std::string();
    if (state_->token) token = state_->token(deadline);
    grpc::Status status;
    std::optional<Error> error;
    if (token) {
      grpc::ClientContext context;
      Dress(context, call, *token);
      context.set_deadline(std::chrono::system_clock::now() + (deadline - std::chrono::steady_clock::now()));
      status = grpc::internal::BlockingUnaryCall<google::protobuf::Message, google::protobuf::Message,
                                                 google::protobuf::Message, google::protobuf::Message>(
          state_->channel.get(),
          grpc::internal::RpcMethod(path.c_str(), grpc::internal::RpcMethod::NORMAL_RPC), &context, request,
          &response);
      if (status.ok()) return Ok();
      error = FromStatus(status);
      // Nobody here cancels a call: a server that is going does, with those it has not begun.
      if (status.error_code() == grpc::StatusCode::CANCELLED)
        error = Unavailable("PEER_DOWN", "The service is being restarted.");
    } else {
      error = token.error();
    }
    if (error->code != Code::kUnavailable) return *error;
    const auto again = std::chrono::steady_clock::now() + pause;
    if (again >= deadline) return *error;
    std::this_thread::sleep_until(again);
    pause = std::min(pause * 2, std::chrono::milliseconds(500));
  }
}

std::unique_ptr<Watching> Peer::WatchAny(
    const Call& call, const std::string& method, const google::protobuf::Message& request,
    const std::function<std::unique_ptr<google::protobuf::Message>()>& make,
    std::function<void(const google::protobuf::Message&)> on_message,
    std::function<void(std::optional<Error>)> on_end) {
  Result<std::string> token = std::string();
  if (state_->token) token = state_->token(std::chrono::steady_clock::now() + std::chrono::seconds(5));
  if (!token) {
    on_end(token.error());
    return std::make_unique<NoStream>();
  }
  auto reader = std::make_unique<StreamReader>(make, std::move(on_message), std::move(on_end));
  Dress(reader->context, call, *token);
  reader->context.set_wait_for_ready(true);
  reader->Open(state_->channel.get(), "/" + method, request);
  return reader;
}

}  // namespace carillon::rpc
