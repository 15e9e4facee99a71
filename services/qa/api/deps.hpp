#pragma once
#include <string>

#include "base/call.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "pg/pool.hpp"
#include "qa/domain/errors.hpp"
#include "qa/domain/score.hpp"
#include "qa/store/evaluations.hpp"

namespace carillon::qa::api {

namespace pb = carillon::qa::v1;

/// What every method has at hand.
struct Deps {
  pg::Pool& db;
  std::string time_zone;  ///< of plans that name none
  std::string night;      ///< the NIGHT band, "22:30-08:00"
};

inline domain::Actor ActorOf(const Call& call) { return {call.principal.Name(), call.now}; }

/// The served enterprise a new thing belongs to: the one named, or the only one the caller serves.
inline Result<std::string> ClientOf(const Call& call, const std::string& named) {
  if (!named.empty()) return named;
  if (call.principal.clients.size() == 1) return "clients/" + call.principal.clients.front();
  return errors::ClientRequired();
}

/// Everything for who may qa.read; for others what is theirs and published.
inline store::Sight SightOf(const Call& call) {
  if (call.principal.May("qa.read")) return {};
  return {"agents/" + call.principal.user};
}

}  // namespace carillon::qa::api
