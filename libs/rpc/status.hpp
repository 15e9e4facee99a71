#pragma once
#include <grpcpp/support/status.h>

#include "base/result.hpp"

/// The one place where an Error becomes a gRPC status, and back.
namespace carillon::rpc {

/// ErrorInfo always (domain "carillon"); BadRequest for violations; ResourceInfo for NOT_FOUND;
/// PreconditionFailure for FAILED_PRECONDITION; RetryInfo for UNAVAILABLE and RESOURCE_EXHAUSTED. An INTERNAL
/// error is logged under an incident id, and only that id leaves the process.
grpc::Status ToStatus(const Error& error);

/// What a peer said. A status without details keeps its code and message, with reason "PEER_ERROR" (or
/// "PEER_DOWN" for UNAVAILABLE).
Error FromStatus(const grpc::Status& status);

}  // namespace carillon::rpc
