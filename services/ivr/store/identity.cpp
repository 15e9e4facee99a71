#include "ivr/store/identity.hpp"

#include "base/ids.hpp"
#include "ivr/store/statements.hpp"

namespace carillon::ivr::store {
namespace {

constexpr std::chrono::hours kTriesKept{24};

}  // namespace

int TakeTry(pg::Tx& tx, const std::string& customer, const std::string& method, int most) {
  const auto rows = tx.Exec(sql::kTakeTry, IdOf(customer), method, pg::Time(tx.now()),
                            pg::Time(tx.now() - kTriesKept), most);
  return rows.empty() ? 0 : rows[0]["tries"].as<int>();
}

void ForgetTries(pg::Tx& tx, const std::string& customer, const std::string& method) {
  tx.Exec(sql::kForgetTries, IdOf(customer), method);
}

void DropTries(pg::Tx& tx) { tx.Exec(sql::kDropTries, pg::Time(tx.now() - kTriesKept)); }

}  // namespace carillon::ivr::store
