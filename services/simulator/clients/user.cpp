#include "simulator/clients/user.hpp"

#include <thread>

#include "carillon/access/v1/access_service.pb.h"

namespace carillon::simulator {
namespace {

namespace access = carillon::access::v1;

constexpr auto kOneTry = std::chrono::milliseconds{5000};
constexpr auto kBetweenTries = std::chrono::milliseconds{100};

}  // namespace

Result<std::map<std::string, std::string, std::less<>>> ReadPeers(const std::string& text) {
  std::map<std::string, std::string, std::less<>> peers;
  std::size_t start = 0;
  while (start < text.size()) {
    const auto end = std::min(text.find(',', start), text.size());
    const auto entry = text.substr(start, end - start);
    const auto equals = entry.find('=');
    if (equals == std::string::npos)
      return InvalidArgument("PEERS_MALFORMED", "'" + entry + "' is not service=host:port");
    peers[entry.substr(0, equals)] = entry.substr(equals + 1);
    start = end + 1;
  }
  return peers;
}

User::User(const Platform& platform, std::string tenant, std::string login, std::string password)
    : platform_(platform),
      tenant_(std::move(tenant)),
      login_(std::move(login)),
      password_(std::move(password)) {}

Call User::NewCall(std::chrono::milliseconds timeout) {
  Call call;
  call.deadline = std::chrono::steady_clock::now() + timeout;
  return call;
}

std::string User::PathOf(const std::string& service, const std::string& method) {
  return "carillon." + service + ".v1." + method;
}

rpc::Peer& User::PeerOf(const std::string& service) {
  const std::lock_guard lock(mutex_);
  auto& peer = peers_[service];
  if (!peer) {
    const auto found = platform_.addresses.find(service);
    const std::string target = found == platform_.addresses.end() ? "" : found->second;
    // A login carries no token; everything else does.
    rpc::Token token;
    if (service != "access.login") token = [this](std::chrono::steady_clock::time_point) { return Token(); };
    peer = std::make_unique<rpc::Peer>(service == "access.login" ? platform_.addresses.at("access") : target,
                                       platform_.tls, std::move(token));
  }
  return *peer;
}

Result<void> User::LogIn() {
  access::LoginRequest request;
  request.set_tenant(tenant_);
  request.set_login(login_);
  {
    const std::lock_guard lock(mutex_);
    request.set_password(password_);
  }
  TRY(const auto tokens,
      PeerOf("access.login")
          .Ask<access::Tokens>(NewCall(kOneTry), PathOf("access", "AccessService/Login"), request, kOneTry));
  const std::lock_guard lock(mutex_);
  token_ = tokens.access_token();
  name_ = tokens.user().name();
  must_change_ = tokens.must_change_password();
  const auto lasts = FromProto(tokens.expire_time()) - RealNow();
  renew_at_ =
      std::chrono::steady_clock::now() + std::chrono::duration_cast<std::chrono::milliseconds>(lasts * 2 / 3);
  return Ok();
}

std::string User::name() const {
  const std::lock_guard lock(mutex_);
  return name_;
}

bool User::must_change_password() const {
  const std::lock_guard lock(mutex_);
  return must_change_;
}

Result<std::string> User::Token() {
  const std::lock_guard one(logging_in_);
  {
    const std::lock_guard lock(mutex_);
    if (!token_.empty() && std::chrono::steady_clock::now() < renew_at_) return token_;
  }
  TRY_VOID(LogIn());
  const std::lock_guard lock(mutex_);
  return token_;
}

Result<void> User::ChangePassword(const std::string& password) {
  access::ChangePasswordRequest request;
  {
    const std::lock_guard lock(mutex_);
    request.set_old_password(password_);
  }
  request.set_new_password(password);
  TRY_VOID(Ask<access::Tokens>("access", "AccessService/ChangePassword", request));
  {
    const std::lock_guard lock(mutex_);
    password_ = password;
  }
  return LogIn();
}

Result<void> User::AskInto(const std::string& service, const std::string& method,
                           const google::protobuf::Message& request, google::protobuf::Message& response,
                           std::chrono::seconds patience) {
  const auto give_up = std::chrono::steady_clock::now() + patience;
  bool logged_in_again = false;
  for (;;) {
    const auto asked =
        PeerOf(service).AskInto(NewCall(kOneTry), PathOf(service, method), request, response, kOneTry);
    if (asked) return asked;
    const auto& error = asked.error();
    if (error.code == Code::kUnauthenticated && !logged_in_again && service != "access.login") {
      logged_in_again = true;
      const std::lock_guard lock(mutex_);
      token_.clear();
      continue;
    }
    if (!IsTransient(error) || std::chrono::steady_clock::now() >= give_up) return error;
    std::this_thread::sleep_for(kBetweenTries);
  }
}

}  // namespace carillon::simulator
