#pragma once
#include "access/api/tenants.hpp"
#include "access/domain/errors.hpp"
#include "access/store/audit.hpp"
#include "access/store/users.hpp"
#include "base/clock.hpp"
#include "pg/pool.hpp"
#include "testing/database.hpp"

namespace carillon::access {

/// One database for the binary, and tenants in it.
struct Store {
  testing::Database database{"access"};
  pg::Pool app{database.app_url(), 4, "test"};
  pg::Pool worker{database.worker_url(), 4, "test"};

  Store() {
    for (auto* pool : {&app, &worker})
      pool->OnAudit([](pg::Tx& tx, const type::v1::AuditEntry& entry) {
        store::TakeIn(tx, "access", testing::SomeId(), entry);
      });
  }
};

inline Store& TheStore() {
  static Store store;
  return store;
}

/// A fresh tenant with its administrator (login "admin"); returns a call of it.
inline Call MakeTenant(const std::string& slug, Store& store = TheStore()) {
  const auto call = testing::CallOf(testing::SomeId());
  const auto made = store.app.Write(call, [&](pg::Tx& tx) {
    api::pb::Tenant tenant;
    tenant.set_slug(slug);
    api::pb::Administrator administrator;
    administrator.set_login("admin");
    return api::MakeTenant(tx, tenant, administrator, "$argon2id$none", "TENANT_ADMIN", RealNow());
  });
  if (!made) throw std::runtime_error(made.error().message);
  return call;
}

/// A slug nobody else of this binary uses.
inline std::string SomeSlug() { return "t" + testing::SomeId().substr(24); }

}  // namespace carillon::access
