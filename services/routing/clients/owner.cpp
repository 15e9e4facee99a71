#include "routing/clients/owner.hpp"

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/client_unary_call.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/support/client_callback.h>

#include "obs/log.hpp"
#include "rpc/headers.hpp"
#include "rpc/pem.hpp"
#include "rpc/status.hpp"

namespace carillon::routing::clients {
namespace {

using google::protobuf::Message;
constexpr const char* kHandedOn = "x-carillon-handed-on";

void AddressTo(grpc::ClientContext& context, const Call& call) {
  context.AddMetadata("authorization", "Bearer " + call.token);
  context.AddMetadata("traceparent", call.traceparent);
  context.AddMetadata(kHandedOn, "1");
  if (call.principal.service) context.AddMetadata("x-carillon-tenant", call.principal.tenant);
}

Error ErrorOf(const grpc::Status& status) {
  auto error = rpc::FromStatus(status);
  if (error.code == Code::kUnavailable || status.error_code() == grpc::StatusCode::CANCELLED)
    return Unavailable("SHARD_RECOVERING", "The shard's writer cannot be reached; try again.");
  return error;
}

}  // namespace

bool HandedOn() { return !rpc::RequestHeader(kHandedOn).empty(); }

/// Lives until the owner's end of it is done.
class Owners::Stream final : public grpc::ClientReadReactor<grpc::ByteBuffer> {
 public:
  Stream(Owners& owners, std::shared_ptr<rpc::FeedCore> feed, std::function<std::unique_ptr<Message>()> make,
         std::function<void(rpc::FeedCore&, std::unique_ptr<Message>)> put)
      : owners_(owners), feed_(std::move(feed)), make_(std::move(make)), put_(std::move(put)) {}

  static void Open(const std::shared_ptr<Stream>& self, grpc::Channel* channel, const std::string& method,
                   const Message& request) {
    self->self_ = self;
    self->method_ = method;
    grpc::ByteBuffer bytes;
    bool own = false;
    CARILLON_CHECK(grpc::SerializationTraits<Message>::Serialize(request, &bytes, &own).ok());
    grpc::internal::ClientCallbackReaderFactory<grpc::ByteBuffer>::Create(
        channel,
        grpc::internal::RpcMethod(self->method_.c_str(), grpc::internal::RpcMethod::SERVER_STREAMING),
        &self->context, &bytes, self.get());
    self->StartRead(&self->buffer_);
    self->StartCall();
    self->feed_->OnClosed([weak = std::weak_ptr(self)] {
      if (const auto open = weak.lock()) open->context.TryCancel();
    });
  }

  void OnReadDone(bool ok) override {
    if (!ok) return;
    auto message = make_();
    if (grpc::SerializationTraits<Message>::Deserialize(&buffer_, message.get()).ok())
      put_(*feed_, std::move(message));
    StartRead(&buffer_);
  }

  void OnDone(const grpc::Status& status) override {
    const auto last = std::move(self_);
    if (status.ok())
      feed_->Close();
    else
      feed_->Close(ErrorOf(status));
    const std::lock_guard lock(owners_.mutex_);
    --owners_.streams_;
    owners_.closed_.notify_all();
  }

  grpc::ClientContext context;

 private:
  Owners& owners_;
  std::shared_ptr<Stream> self_;
  std::shared_ptr<rpc::FeedCore> feed_;
  std::function<std::unique_ptr<Message>()> make_;
  std::function<void(rpc::FeedCore&, std::unique_ptr<Message>)> put_;
  std::string method_;
  grpc::ByteBuffer buffer_;
};

Owners::Owners(rpc::Tls tls) : tls_(std::move(tls)) {}

Owners::~Owners() {
  std::unique_lock lock(mutex_);
  closed_.wait(lock, [this] { return streams_ == 0; });
}

std::shared_ptr<grpc::Channel> Owners::ChannelTo(const std::string& address) {
  const std::lock_guard lock(mutex_);
  auto& channel = channels_[address];
  if (!channel) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
    arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 5000);
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 15000);
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5000);
    channel = grpc::CreateCustomChannel(address, rpc::CallerCredentialsOf(tls_), arguments);
  }
  return channel;
}

Result<void> Owners::Ask(const std::string& address, const Call& call, const Message& request,
                         Message& response) {
  grpc::ClientContext context;
  AddressTo(context, call);
  context.set_deadline(std::chrono::system_clock::now() + (call.deadline - std::chrono::steady_clock::now()));
  const auto channel = ChannelTo(address);
  const auto status = grpc::internal::BlockingUnaryCall<Message, Message, Message, Message>(
      channel.get(), grpc::internal::RpcMethod(call.method.c_str(), grpc::internal::RpcMethod::NORMAL_RPC),
      &context, request, &response);
  if (!status.ok()) return ErrorOf(status);
  return Ok();
}

void Owners::WatchAny(const std::string& address, const Call& call, const Message& request,
                      const std::shared_ptr<rpc::FeedCore>& feed,
                      std::function<std::unique_ptr<Message>()> make,
                      std::function<void(rpc::FeedCore&, std::unique_ptr<Message>)> put) {
  {
    const std::lock_guard lock(mutex_);
    ++streams_;
  }
  const auto stream = std::make_shared<Stream>(*this, feed, std::move(make), std::move(put));
  AddressTo(stream->context, call);
  Stream::Open(stream, ChannelTo(address).get(), call.method, request);
}

}  // namespace carillon::routing::clients
