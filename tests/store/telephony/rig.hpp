#pragma once
#include <optional>
#include <set>

#include "base/ids.hpp"
#include "calls.hpp"
#include "obs/log.hpp"
#include "telephony/api/handlers.hpp"
#include "testing/database.hpp"

/// The handlers over a real database, with peers at an address where nobody listens.
namespace carillon::telephony::test {

inline testing::Database& Db() {
  static testing::Database db("telephony");
  return db;
}

struct Rig {
  pg::Pool db{Db().app_url(), 8, "telephony-test"};
  pg::Pool worker{Db().worker_url(), 2, "telephony-test"};
  clients::SwitchLink link;
  rpc::Peer nobody{"127.0.0.1:1", {}, [](auto) -> Result<std::string> { return std::string("token"); }};
  Deps deps{db,
            link,
            {nobody, std::chrono::milliseconds(200)},
            {nobody, std::chrono::milliseconds(200)},
            {nobody, std::chrono::milliseconds(200)},
            {APrompt("请稍候")}};
  std::string tenant = testing::SomeId();

  Call At(TimePoint now) const {
    auto call = testing::CallOf(tenant, {IdOf(AnOrder().destination.client())});
    call.now = now;
    return call;
  }
  pb::Call Arrive(const std::string& switch_call_id, TimePoint now) {
    pb::ReportCallArrivedRequest report;
    report.set_switch_call_id(switch_call_id);
    report.set_calling_number("+8613800000001");
    report.set_called_number("10000");
    auto call = At(now);
    return api::ReportCallArrived(call, deps, report).value();
  }
  /// Lets `decide` (pb::Call -> Result<Change>) change the call.
  template <class Decide>
  pb::Call Do(const pb::Call& call, TimePoint now, Decide decide) {
    return Step(At(now), deps, call.name(), decide).value();
  }
  pb::Call Load(const std::string& name) {
    return db.Read(At(kMorning), [&](pg::Tx& tx) { return store::Load(tx, name); }).value();
  }
  std::vector<pb::CallEvent> Events(const std::string& name) {
    return db
        .Read(At(kMorning),
              [&](pg::Tx& tx) -> Result<std::vector<pb::CallEvent>> {
                return store::Events(tx, name, 0, 1000);
              })
        .value();
  }
  /// One row of one column, as the worker sees it.
  std::string Look(const std::string& sql) {
    const std::string name = "look." + DerivedId("look", sql);
    const pg::Statement statement{name.c_str(), sql.c_str()};
    return worker
        .Read(At(kMorning),
              [&](pg::Tx& tx) -> Result<std::string> {
                const auto rows = tx.Exec(statement);
                return rows.empty() || rows[0][0].is_null() ? std::string() : std::string(rows[0][0].c_str());
              })
        .value();
  }
};

}  // namespace carillon::telephony::test
