#pragma once
#include <memory>
#include <string>

#include "rpc/server.hpp"

/// What stands at a service's address while the service cannot work yet.
namespace carillon::rpc {

/// Answers every call UNAVAILABLE SERVICE_STARTING with RetryInfo, and health NOT_SERVING, until destroyed;
/// then the address is free for the server. Throws std::runtime_error when the address is taken.
class ClosedDoor {
 public:
  ClosedDoor(const std::string& address, const Tls& tls);
  ~ClosedDoor();
  ClosedDoor(const ClosedDoor&) = delete;
  ClosedDoor& operator=(const ClosedDoor&) = delete;
  /// The port that was bound.
  int port() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace carillon::rpc
