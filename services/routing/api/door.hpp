#pragma once
#include "routing/api/deps.hpp"
#include "routing/clients/owner.hpp"

namespace carillon::routing::api {

inline std::string FeedKey(const pb::Desk&) { return "desk"; }
inline std::string FeedKey(const pb::QueueState& state) { return state.queue(); }

/// Binds the handlers of one service as rpc::Binder does, for any instance: a call whose shard another
/// instance writes goes one hop on to it.
class Door {
 public:
  Door(rpc::Server& server, std::string service, Deps& deps)
      : server_(server), service_(std::move(service)), deps_(deps), unary_(server, service_, deps, HandOn) {}

  template <class Response, class Request>
  void Unary(const std::string& method, Result<Response> (*handler)(Call&, Deps&, const Request&)) {
    unary_.Unary(method, handler);
  }

  template <class Response, class Request>
  void Stream(const std::string& method,
              Result<std::shared_ptr<rpc::Feed<Response>>> (*handler)(Call&, Deps&, const Request&)) {
    server_.AddStream(service_, method,
                      [handler, &deps = deps_](
                          Call& call, const rpc::AnyMessage& in) -> Result<std::shared_ptr<rpc::FeedCore>> {
                        CARILLON_CHECK(in.GetDescriptor() == Request::descriptor());
                        std::shared_ptr<rpc::Feed<Response>> feed;
                        if (const auto owner = OwnerFor(call, deps); !owner.empty()) {
                          feed = std::make_shared<rpc::Feed<Response>>();
                          deps.owners.Watch<Response>(owner, call, in, feed, [](const Response& message) {
                            return FeedKey(message);
                          });
                        } else {
                          TRY(feed, handler(call, deps, static_cast<const Request&>(in)));
                        }
                        return std::shared_ptr<rpc::FeedCore>(std::move(feed));
                      });
  }

 private:
  static std::string OwnerFor(const Call& call, Deps& deps) {
    return IsUuid(call.principal.tenant) ? deps.shards.Of(call.principal.tenant)->Elsewhere() : std::string();
  }
  static Result<void> HandOn(Call& call, Deps& deps, const rpc::AnyMessage& in, rpc::AnyMessage& out,
                             const std::function<Result<void>()>& serve) {
    const auto owner = OwnerFor(call, deps);
    return owner.empty() || clients::HandedOn() ? serve() : deps.owners.Ask(owner, call, in, out);
  }
  rpc::Server& server_;
  std::string service_;
  Deps& deps_;
  rpc::Binder<Deps> unary_;
};

}  // namespace carillon::routing::api
