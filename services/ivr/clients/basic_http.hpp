#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "ivr/domain/interpreter.hpp"

/// The Basic HTTP event processor of SCXML (appendix C.2), on loopback only.
///
/// For documents run from the command line: a running service has no such door, since whoever may post could
/// play a caller. One thread; a message to ourselves is sent, taken and answered inside one Post().
namespace carillon::ivr::clients {

class BasicHttp {
 public:
  /// Listens at 127.0.0.1, a free port. Messages go there and to the `allowed` places ("127.0.0.1:8080"),
  /// which must be on loopback; INVALID_ARGUMENT ADDRESS_NOT_LOCAL when one is not, UNAVAILABLE when no port
  /// is free.
  static Result<std::unique_ptr<BasicHttp>> Listen(const std::vector<std::string>& allowed);
  virtual ~BasicHttp() = default;

  /// "http://127.0.0.1:40123/"; a session listens at this and its id.
  virtual std::string location() const = 0;
  /// Sends an event: its name as _scxmleventname, params as form fields, content as the body. Returns what
  /// came in meanwhile. UNAVAILABLE when the target is not allowed, does not answer within two seconds or
  /// refuses.
  virtual Result<std::vector<Received>> Post(const Effect& effect) = 0;
};

/// A request's bytes as an event: named by _scxmleventname or HTTP.POST, form fields as data, all of it as
/// raw. INVALID_ARGUMENT HTTP_MALFORMED for anything but a POST with a length.
Result<Received> ReadMessage(std::string_view request);

}  // namespace carillon::ivr::clients
