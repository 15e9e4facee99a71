#include "rpc/closed_door.hpp"

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>

#include <stdexcept>

#include "rpc/pem.hpp"
#include "rpc/status.hpp"

namespace carillon::rpc {
inline namespace refusing {

class Refusal final : public grpc::ServerGenericBidiReactor {
 public:
  Refusal() { Finish(ToStatus(Unavailable("SERVICE_STARTING", "The service waits for what it needs."))); }
  void OnDone() override { delete this; }
};

class Refusing final : public grpc::CallbackGenericService {
  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext*) override {
    return new Refusal;  // NOLINT: it ends itself
  }
};

}  // namespace refusing

struct ClosedDoor::State {
  Refusing refusing;
  std::unique_ptr<grpc::Server> server;
  int port = 0;
};

ClosedDoor::ClosedDoor(const std::string& address, const Tls& tls) : state_(std::make_unique<State>()) {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::ServerBuilder builder;
  builder.AddListeningPort(address, CredentialsOf(tls), &state_->port);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.RegisterCallbackGenericService(&state_->refusing);
  state_->server = builder.BuildAndStart();
  if (!state_->server || state_->port == 0) throw std::runtime_error("cannot listen on " + address);
  state_->server->GetHealthCheckService()->SetServingStatus(false);
}

ClosedDoor::~ClosedDoor() {
  state_->server->Shutdown(std::chrono::system_clock::now() + std::chrono::milliseconds(200));
  state_->server->Wait();
}

int ClosedDoor::port() const { return state_->port; }

}  // namespace carillon::rpc
