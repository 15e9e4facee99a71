#pragma once
#include <memory>
#include <string>

#include "base/check.hpp"
#include "customer/deps.hpp"
#include "rpc/server.hpp"

/// Personal values are shown to a user only by a request that says why, in its field `purpose` or the header
/// carillon-purpose: a code of the list UNMASK_PURPOSE, which the audit trail keeps with what was shown
/// before the answer leaves. Everything else a user asks is answered masked, whatever the user may; our own
/// processes get what they need to dial and print.
namespace carillon::customer::api {

/// Takes customer.unmask away from a call that gives no purpose. CODE_UNKNOWN for a purpose that is none.
Result<void> Narrow(Call& call, Deps& deps, const google::protobuf::Message& in);
/// Masks the operator's masked fields of every customer in the answer.
Result<void> MaskOwnFields(const Call& call, Deps& deps, google::protobuf::Message& out);

/// rpc::Binder with the veil around every method.
class VeiledBinder {
 public:
  VeiledBinder(rpc::Server& server, std::string service, Deps& deps)
      : server_(server), service_(std::move(service)), deps_(deps) {}

  template <class Response, class Request>
  void Unary(const std::string& method, Result<Response> (*handler)(Call&, Deps&, const Request&)) {
    server_.AddUnary(service_, method,
                     [handler, &deps = deps_](
                         Call& call, const rpc::AnyMessage& in) -> Result<std::unique_ptr<rpc::AnyMessage>> {
                       CARILLON_CHECK(in.GetDescriptor() == Request::descriptor());
                       TRY_VOID(Narrow(call, deps, in));
                       TRY(Response out, handler(call, deps, static_cast<const Request&>(in)));
                       TRY_VOID(MaskOwnFields(call, deps, out));
                       return std::unique_ptr<rpc::AnyMessage>(std::make_unique<Response>(std::move(out)));
                     });
  }

 private:
  rpc::Server& server_;
  std::string service_;
  Deps& deps_;
};

}  // namespace carillon::customer::api
