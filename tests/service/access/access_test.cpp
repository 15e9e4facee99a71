#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/client_unary_call.h>
#include <grpcpp/impl/codegen/proto_utils.h>

#include <catch2/catch.hpp>
#include <pqxx/pqxx>
#include <thread>

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "carillon/access/v1/access_service.pb.h"
#include "crypto/bytes.hpp"
#include "crypto/token.hpp"
#include "rpc/peer.hpp"
#include "testing/database.hpp"

namespace carillon::access {
namespace {

using namespace std::chrono_literals;
namespace pb = carillon::access::v1;

const std::string kPassword = "bootstrap-Pass-2026";
const std::string kAgentPassword = "seat twelve rings";

/// The real binary on a fresh database, and calls to it as the outside makes them.
struct Platform {
  testing::Database database{"access"};
  testing::ServiceProcess service{"access",
                                  database,
                                  {{"BOOTSTRAP_PASSWORD", kPassword},
                                   {"KEYS_MASTER", std::string(32, 'k')},
                                   {"AUDIT_CHAIN_MS", "50"},
                                   {"SERVICES_SECRETS", "routing=routing-secret-0123456789"}}};

  template <class Response, class Request>
  Result<Response> Ask(const std::string& token, const std::string& method, const Request& request) {
    rpc::Token bearer;
    if (!token.empty()) bearer = [token](auto) { return Result<std::string>(token); };
    rpc::Peer peer(service.target(), {}, bearer);
    auto call = testing::CallOf("");
    return peer.Ask<Response>(call, "carillon.access.v1.AccessService/" + method, request, 10s);
  }
  Result<pb::Tokens> Login(const std::string& login, const std::string& password,
                           const std::string& tenant = "platform", bool replace = false) {
    pb::LoginRequest request;
    request.set_tenant(tenant);
    request.set_login(login);
    request.set_password(password);
    request.set_replace_session(replace);
    return Ask<pb::Tokens>("", "Login", request);
  }
  Result<pb::Tokens> Refresh(const std::string& token) {
    pb::RefreshTokensRequest request;
    request.set_refresh_token(token);
    return Ask<pb::Tokens>("", "RefreshTokens", request);
  }
  std::string Admin() {
    if (admin_.empty()) admin_ = Login("admin", kPassword).value().access_token();
    return admin_;
  }
  Result<pb::User> AddUser(const std::string& token, const std::string& login,
                           std::vector<std::string> roles = {"CSR"}, bool permanent = true) {
    pb::CreateUserRequest request;
    request.mutable_user()->set_login(login);
    for (auto& role : roles) request.mutable_user()->add_roles(std::move(role));
    request.set_password(kAgentPassword);
    request.set_permanent_password(permanent);
    request.set_request_id(testing::SomeId());
    return Ask<pb::User>(token, "CreateUser", request);
  }
  /// The records that fit, newest first, as soon as there are `count`, or what there is after ten seconds.
  std::vector<pb::AuditRecord> Trail(const pb::ListAuditRecordsRequest& request, int count) {
    const auto until = std::chrono::steady_clock::now() + 10s;
    for (;;) {
      const auto page = Ask<pb::ListAuditRecordsResponse>(Admin(), "ListAuditRecords", request).value();
      if (page.audit_records_size() >= count || std::chrono::steady_clock::now() > until)
        return {page.audit_records().begin(), page.audit_records().end()};
      std::this_thread::sleep_for(20ms);
    }
  }
  std::string Column(const std::string& sql) {
    pqxx::connection connection(database.admin_url());
    pqxx::work work(connection);
    return work.exec(sql)[0][0].as<std::string>(std::string());
  }

 private:
  std::string admin_;
};

Platform& ThePlatform() {
  static Platform platform;
  return platform;
}

crypto::KeySet FetchKeys() {
  const auto set =
      ThePlatform().Ask<pb::JsonWebKeySet>("", "GetJsonWebKeySet", pb::GetJsonWebKeySetRequest()).value();
  std::vector<crypto::Jwk> keys;
  for (const auto& key : set.keys())
    keys.push_back({key.kty(), key.crv(), key.x(), key.y(), key.kid(), key.alg(), key.use()});
  return crypto::KeySet::FromJwks(keys).value();
}

TEST_CASE("the first start makes one platform tenant whose administrator logs in", "[access][service]") {
  auto& platform = ThePlatform();
  const auto tokens = platform.Login("ADMIN", kPassword);
  REQUIRE(tokens);
  CHECK(tokens->token_type() == "Bearer");
  CHECK(tokens->user().unit_path() == "/platform/");
  const auto claims = FetchKeys().Verify(tokens->access_token(), RealNow(), "carillon", "carillon");
  REQUIRE(claims);
  CHECK("users/" + claims->subject == tokens->user().name());
  CHECK(IsUuid(claims->tenant));
  CHECK(claims->clients.size() == 1);
  CHECK(claims->unit == "/platform/");
  CHECK(claims->expires - claims->issued == 30min);
  CHECK(std::find(claims->permissions.begin(), claims->permissions.end(), "access.admin") !=
        claims->permissions.end());
  const auto before = platform.Column("SELECT count(*) FROM tenants");
  platform.service.CrashAndRestart();
  CHECK(platform.Column("SELECT count(*) FROM tenants") == before);
  CHECK(platform.Column("SELECT count(*) FROM tenants WHERE slug = 'platform'") == "1");
  CHECK(platform.Column("SELECT count(*) FROM signing_keys") == "1");
  CHECK(FetchKeys().Verify(tokens->access_token(), RealNow(), "carillon", "carillon"));
}

TEST_CASE("five wrong passwords lock the account, and the right one does not help then",
          "[access][service]") {
  auto& platform = ThePlatform();
  const auto user = platform.AddUser(platform.Admin(), "locked.out").value();
  for (int i = 0; i < 5; ++i) CHECK(platform.Login("locked.out", "wrong").error().reason == "LOGIN_FAILED");
  const auto locked = platform.Login("locked.out", kAgentPassword);
  CHECK(locked.error().reason == "ACCOUNT_LOCKED");
  CHECK(locked.error().code == Code::kFailedPrecondition);
  CHECK(locked.error().metadata.contains("locked_until"));
  pb::GetUserRequest get;
  get.set_name(user.name());
  CHECK(platform.Ask<pb::User>(platform.Admin(), "GetUser", get)->state() == pb::User::LOCKED);
  pb::EnableUserRequest enable;
  enable.set_name(user.name());
  CHECK(platform.Ask<pb::User>(platform.Admin(), "EnableUser", enable)->state() == pb::User::ACTIVE);
  CHECK(platform.Login("locked.out", kAgentPassword));
  pb::ListAuditRecordsRequest request;
  request.set_resource(user.name());
  request.set_action("login");
  std::string results;
  for (const auto& record : platform.Trail(request, 6)) results = record.result() + " " + results;
  CHECK(results == "LOGIN_FAILED LOGIN_FAILED LOGIN_FAILED LOGIN_FAILED ACCOUNT_LOCKED OK ");
  CHECK(platform.Column("SELECT count(*) FROM outbox WHERE key = '" + user.name().substr(6) +
                        "' AND type = 'carillon.access.v1.AccountLocked'") == "1");
}

TEST_CASE("many guesses at once get no more tries than five", "[access][service]") {
  auto& platform = ThePlatform();
  const auto user = platform.AddUser(platform.Admin(), "rushed").value();
  std::vector<std::thread> guesses;
  for (int i = 0; i < 12; ++i)
    guesses.emplace_back([&] { static_cast<void>(platform.Login("rushed", "wrong")); });
  for (auto& guess : guesses) guess.join();
  CHECK(platform.Column("SELECT failures FROM users WHERE login = 'rushed'") == "5");
  CHECK(platform.Login("rushed", kAgentPassword).error().reason == "ACCOUNT_LOCKED");
}

TEST_CASE("unknown tenant, login and password look the same", "[access][service]") {
  auto& platform = ThePlatform();
  for (const auto& answer : {platform.Login("admin", "wrong"), platform.Login("nobody", kPassword),
                             platform.Login("admin", kPassword, "elsewhere")}) {
    CHECK(answer.error().code == Code::kUnauthenticated);
    CHECK(answer.error().reason == "LOGIN_FAILED");
    CHECK(answer.error().metadata.empty());
  }
  CHECK(platform.Login("admin", kPassword));  // and clears the count
}

TEST_CASE("a refresh token is good once, and its second use ends the session", "[access][service]") {
  auto& platform = ThePlatform();
  const auto user = platform.AddUser(platform.Admin(), "refresher").value();
  const auto first = platform.Login("refresher", kAgentPassword).value();
  const auto second = platform.Refresh(first.refresh_token());
  REQUIRE(second);
  CHECK(second->refresh_token() != first.refresh_token());
  CHECK(second->access_token() != first.access_token());
  const auto third = platform.Refresh(second->refresh_token());
  REQUIRE(third);
  CHECK(platform.Refresh(first.refresh_token()).error().reason == "REFRESH_TOKEN_REUSED");
  CHECK(platform.Refresh(third->refresh_token()).error().reason == "SESSION_ENDED");
  for (const auto* bad : {"x", "a.b.c", "....."})
    CHECK(platform.Refresh(bad).error().reason == "REFRESH_TOKEN_UNKNOWN");
  auto forged = third->refresh_token();
  forged.back() = forged.back() == 'A' ? 'B' : 'A';
  CHECK(platform.Refresh(forged).error().reason == "REFRESH_TOKEN_UNKNOWN");
  CHECK(platform.Column("SELECT count(*) FROM refresh_tokens WHERE encode(token_hash, 'escape') LIKE '%" +
                        third->refresh_token().substr(74) + "%'") == "0");
}

TEST_CASE("a browser's session lives in a cookie that no answer shows", "[access]") {
  Platform platform;
  const auto channel = grpc::CreateChannel(platform.service.target(), grpc::InsecureChannelCredentials());
  std::string cookie;
  const auto ask = [&](const std::string& method, const google::protobuf::Message& in, pb::Tokens* out) {
    const auto path = "/carillon.access.v1.AccessService/" + method;
    const grpc::internal::RpcMethod rpc(path.c_str(), nullptr, grpc::internal::RpcMethod::NORMAL_RPC,
                                        channel);
    grpc::ClientContext context;
    if (!cookie.empty()) context.AddMetadata("cookie", "other=1; " + cookie.substr(0, cookie.find(';')));
    pb::LogoutResponse nothing;
    google::protobuf::Message* answer =
        out != nullptr ? static_cast<google::protobuf::Message*>(out) : &nothing;
    const auto status =
        grpc::internal::BlockingUnaryCall<google::protobuf::Message, google::protobuf::Message>(
            channel.get(), rpc, &context, in, answer);
    const auto& headers = context.GetServerInitialMetadata();
    const auto set = headers.find("set-cookie");
    cookie = set == headers.end() ? "" : std::string(set->second.data(), set->second.size());
    return status.error_code();
  };
  pb::LoginRequest login;
  login.set_tenant("platform");
  login.set_login("admin");
  login.set_password(kPassword);
  login.set_session_cookie(true);
  pb::Tokens tokens;
  REQUIRE(ask("Login", login, &tokens) == grpc::StatusCode::OK);
  CHECK_FALSE(tokens.access_token().empty());
  CHECK(tokens.refresh_token().empty());
  for (const auto* word :
       {"; HttpOnly", "; Secure", "; SameSite=Strict", "; Path=/carillon.access.v1.AccessService/"})
    CHECK(cookie.find(word) != std::string::npos);
  const auto first = cookie;
  REQUIRE(ask("RefreshTokens", pb::RefreshTokensRequest(), &tokens) == grpc::StatusCode::OK);
  CHECK(tokens.refresh_token().empty());
  CHECK(cookie != first);
  REQUIRE(ask("Logout", pb::LogoutRequest(), nullptr) == grpc::StatusCode::OK);
  CHECK(cookie.find("; Max-Age=0") != std::string::npos);
  cookie = first;
  CHECK(ask("RefreshTokens", pb::RefreshTokensRequest(), &tokens) == grpc::StatusCode::UNAUTHENTICATED);
  CHECK(cookie.find("; Max-Age=0") != std::string::npos);
}

TEST_CASE("who logged out or was switched off cannot refresh", "[access][service]") {
  auto& platform = ThePlatform();
  const auto user = platform.AddUser(platform.Admin(), "leaver").value();
  const auto gone = platform.Login("leaver", kAgentPassword).value();
  pb::LogoutRequest logout;
  logout.set_refresh_token(gone.refresh_token());
  CHECK(platform.Ask<pb::LogoutResponse>("", "Logout", logout));
  CHECK(platform.Ask<pb::LogoutResponse>("", "Logout", logout));
  CHECK(platform.Refresh(gone.refresh_token()).error().reason == "SESSION_ENDED");
  const auto still = platform.Login("leaver", kAgentPassword).value();
  pb::DisableUserRequest disable;
  disable.set_name(user.name());
  disable.set_left(true);
  CHECK(platform.Ask<pb::User>(platform.Admin(), "DisableUser", disable)->state() == pb::User::LEFT);
  CHECK(platform.Refresh(still.refresh_token()).error().reason == "SESSION_ENDED");
  CHECK(platform.Login("leaver", kAgentPassword).error().reason == "ACCOUNT_DISABLED");
  CHECK(platform.Login("leaver", "wrong").error().reason == "LOGIN_FAILED");
}

TEST_CASE("a forged, foreign or missing token is UNAUTHENTICATED", "[access][service]") {
  auto& platform = ThePlatform();
  const pb::ListUsersRequest list;
  const auto reason = [&](const std::string& token) {
    const auto answer = platform.Ask<pb::ListUsersResponse>(token, "ListUsers", list);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == Code::kUnauthenticated);
    return answer.error().reason;
  };
  CHECK(reason("") == "TOKEN_MISSING");
  CHECK(reason("nonsense") == "TOKEN_MALFORMED");
  auto token = platform.Admin();
  const auto dot = token.find('.');
  auto changed = token;
  changed[dot + 20] = changed[dot + 20] == 'A' ? 'B' : 'A';
  CHECK(reason(changed) == "TOKEN_SIGNATURE");
  const auto kid = ThePlatform().Column("SELECT kid FROM signing_keys");
  const auto thief = crypto::SigningKey::Generate(crypto::Provider::kIntl, kid);
  crypto::Claims claims;
  claims.issuer = claims.audience = "carillon";
  claims.subject = "services/routing";
  claims.service = true;
  claims.issued = RealNow();
  claims.expires = RealNow() + 1h;
  CHECK(reason(thief.Sign(claims)) == "TOKEN_SIGNATURE");
  CHECK(reason(crypto::Base64Url(R"({"alg":"none"})") + token.substr(dot, token.rfind('.') - dot + 1)) ==
        "TOKEN_MALFORMED");
}

TEST_CASE("an agent has no administrator's rights", "[access][service]") {
  auto& platform = ThePlatform();
  REQUIRE(platform.AddUser(platform.Admin(), "agent.1001"));
  const auto token = platform.Login("agent.1001", kAgentPassword).value().access_token();
  const auto refused = platform.AddUser(token, "made.by.agent");
  CHECK(refused.error().code == Code::kPermissionDenied);
  CHECK(refused.error().reason == "PERMISSION_MISSING");
  CHECK(refused.error().metadata.at("permission") == "tenant.admin");
  pb::ListTenantsRequest list;
  CHECK(platform.Ask<pb::ListTenantsResponse>(token, "ListTenants", list).error().code ==
        Code::kPermissionDenied);
}

TEST_CASE("a service gets a token for its secret", "[access][service]") {
  auto& platform = ThePlatform();
  pb::IssueServiceTokenRequest request;
  request.set_service("routing");
  request.set_secret("routing-secret-0123456789");
  const auto tokens = platform.Ask<pb::Tokens>("", "IssueServiceToken", request);
  REQUIRE(tokens);
  const auto claims = FetchKeys().Verify(tokens->access_token(), RealNow(), "carillon", "carillon").value();
  CHECK(claims.service);
  CHECK(claims.subject == "services/routing");
  CHECK(claims.tenant.empty());
  request.set_secret("guess");
  CHECK(platform.Ask<pb::Tokens>("", "IssueServiceToken", request).error().reason == "SERVICE_UNKNOWN");
}

TEST_CASE("a temporary password allows nothing but to change it", "[access][service]") {
  auto& platform = ThePlatform();
  REQUIRE(platform.AddUser(platform.Admin(), "wu.meishan", {"TENANT_ADMIN"}, false));
  const auto first = platform.Login("wu.meishan", kAgentPassword).value();
  CHECK(first.must_change_password());
  CHECK(platform.AddUser(first.access_token(), "too.early").error().code == Code::kPermissionDenied);
  pb::ChangePasswordRequest change;
  change.set_old_password(kAgentPassword);
  change.set_new_password("short");
  const auto refused = platform.Ask<pb::Tokens>(first.access_token(), "ChangePassword", change);
  CHECK(refused.error().reason == "PASSWORD_POLICY");
  CHECK(refused.error().violations.at(0).field == "new_password");
  change.set_new_password("my very own password");
  const auto second = platform.Ask<pb::Tokens>(first.access_token(), "ChangePassword", change);
  REQUIRE(second);
  CHECK_FALSE(second->must_change_password());
  CHECK(platform.AddUser(second->access_token(), "not.too.early"));
  CHECK(platform.Refresh(first.refresh_token()).error().reason == "SESSION_ENDED");
  CHECK(platform.Login("wu.meishan", kAgentPassword).error().reason == "LOGIN_FAILED");
}

TEST_CASE("a repeated request makes one user, another under its id is refused", "[access][service]") {
  auto& platform = ThePlatform();
  pb::CreateUserRequest request;
  request.mutable_user()->set_login("only.once");
  request.set_request_id(testing::SomeId());
  const auto first = platform.Ask<pb::User>(platform.Admin(), "CreateUser", request).value();
  CHECK(first.state() == pb::User::INVITED);
  CHECK(platform.Ask<pb::User>(platform.Admin(), "CreateUser", request)->SerializeAsString() ==
        first.SerializeAsString());
  request.mutable_user()->set_login("only.twice");
  CHECK(platform.Ask<pb::User>(platform.Admin(), "CreateUser", request).error().reason ==
        "REQUEST_ID_REUSED");
  request.mutable_user()->set_login("only.once");
  request.set_request_id(testing::SomeId());
  CHECK(platform.Ask<pb::User>(platform.Admin(), "CreateUser", request).error().reason == "LOGIN_EXISTS");
}

TEST_CASE("tenants are walls: made by the platform, closed to each other", "[access][service]") {
  auto& platform = ThePlatform();
  pb::CreateTenantRequest request;
  request.mutable_tenant()->set_slug("guolv");
  request.mutable_tenant()->set_seat_quota(2);
  request.mutable_tenant()->set_single_session(true);
  request.mutable_administrator()->set_login("boss");
  request.mutable_administrator()->set_password("travel agency 1999");
  request.set_request_id(testing::SomeId());
  const auto tenant = platform.Ask<pb::Tenant>(platform.Admin(), "CreateTenant", request).value();
  CHECK(platform.Ask<pb::Tenant>(platform.Admin(), "CreateTenant", request)->name() == tenant.name());
  request.set_request_id("");
  CHECK(platform.Ask<pb::Tenant>(platform.Admin(), "CreateTenant", request).error().reason ==
        "TENANT_EXISTS");

  const auto boss = platform.Login("boss", "travel agency 1999", "guolv").value();
  CHECK(platform.Login("admin", kPassword, "guolv").error().reason == "LOGIN_FAILED");
  const auto users =
      platform.Ask<pb::ListUsersResponse>(boss.access_token(), "ListUsers", pb::ListUsersRequest()).value();
  CHECK(users.users_size() == 1);
  pb::GetUserRequest get;
  get.set_name(platform.Login("admin", kPassword)->user().name());
  CHECK(platform.Ask<pb::User>(boss.access_token(), "GetUser", get).error().reason == "USER_UNKNOWN");
  CHECK(platform.AddUser(boss.access_token(), "evil", {"ADMIN"}).error().reason == "ROLE_OUT_OF_REACH");

  // Two seats, one session a person.
  CHECK(platform.Login("boss", "travel agency 1999", "guolv").error().reason == "SESSION_EXISTS");
  CHECK(platform.Login("boss", "travel agency 1999", "guolv", true));
  for (const auto* login : {"g1", "g2"}) REQUIRE(platform.AddUser(boss.access_token(), login));
  CHECK(platform.Login("g1", kAgentPassword, "guolv"));
  const auto full = platform.Login("g2", kAgentPassword, "guolv");
  CHECK(full.error().code == Code::kResourceExhausted);
  CHECK(full.error().reason == "SEAT_QUOTA");

  pb::UpdateTenantRequest suspend;
  suspend.mutable_tenant()->set_name(tenant.name());
  suspend.mutable_tenant()->set_state(pb::Tenant::SUSPENDED);
  suspend.mutable_tenant()->set_etag("0");
  CHECK(platform.Ask<pb::Tenant>(platform.Admin(), "UpdateTenant", suspend).error().reason ==
        "ETAG_MISMATCH");
  suspend.mutable_tenant()->set_etag(tenant.etag());
  CHECK(platform.Ask<pb::Tenant>(platform.Admin(), "UpdateTenant", suspend)->state() ==
        pb::Tenant::SUSPENDED);
  CHECK(platform.Login("g2", kAgentPassword, "guolv").error().reason == "TENANT_SUSPENDED");
}

TEST_CASE("an organisation of centre, departments and teams bounds what its leaders administer",
          "[access][service]") {
  auto& platform = ThePlatform();
  const auto unit = [&](const std::string& token, const std::string& parent, const std::string& code,
                        pb::OrgUnit::Type type) {
    pb::CreateOrgUnitRequest request;
    request.mutable_org_unit()->set_parent(parent);
    request.mutable_org_unit()->set_code(code);
    request.mutable_org_unit()->set_type(type);
    return platform.Ask<pb::OrgUnit>(token, "CreateOrgUnit", request);
  };
  const auto complaints = unit(platform.Admin(), "", "complaints", pb::OrgUnit::DEPARTMENT).value();
  const auto outbound = unit(platform.Admin(), "", "outbound", pb::OrgUnit::DEPARTMENT).value();
  CHECK(complaints.path() == "/platform/complaints/");
  CHECK(unit(platform.Admin(), "", "complaints", pb::OrgUnit::DEPARTMENT).error().reason == "UNIT_EXISTS");

  pb::CreateUserRequest head;
  head.mutable_user()->set_login("head.complaints");
  head.mutable_user()->set_unit(complaints.name());
  head.mutable_user()->add_roles("TENANT_ADMIN");
  head.set_password(kAgentPassword);
  head.set_permanent_password(true);
  const auto made = platform.Ask<pb::User>(platform.Admin(), "CreateUser", head).value();
  const auto token = platform.Login("head.complaints", kAgentPassword).value().access_token();
  const auto team = unit(token, complaints.name(), "team1", pb::OrgUnit::TEAM).value();
  const auto seat = unit(token, team.name(), "seat12", pb::OrgUnit::SEAT).value();
  CHECK(seat.path() == "/platform/complaints/team1/seat12/");
  CHECK(unit(token, seat.name(), "drawer", pb::OrgUnit::SEAT).error().reason == "UNIT_TOO_DEEP");
  CHECK(unit(token, outbound.name(), "team1", pb::OrgUnit::TEAM).error().reason == "UNIT_OUT_OF_SCOPE");

  // Nobody gives themselves rights, and nobody reaches beyond their unit.
  pb::UpdateUserRequest change;
  change.mutable_user()->set_name(made.name());
  change.mutable_user()->add_roles("CSR");
  CHECK(platform.Ask<pb::User>(token, "UpdateUser", change).error().reason == "OWN_ROLES");
  const auto agent = platform.AddUser(platform.Admin(), "agent.of.centre").value();
  change.mutable_user()->set_name(agent.name());
  CHECK(platform.Ask<pb::User>(token, "UpdateUser", change).error().reason == "UNIT_OUT_OF_SCOPE");

  // The team moves to another department: its people go along, and the old head loses them.
  pb::UpdateOrgUnitRequest move;
  move.mutable_org_unit()->set_name(team.name());
  move.mutable_org_unit()->set_parent(outbound.name());
  CHECK(platform.Ask<pb::OrgUnit>(platform.Admin(), "UpdateOrgUnit", move)->path() ==
        "/platform/outbound/team1/");
  pb::GetOrgUnitRequest get;
  get.set_name(seat.name());
  CHECK(platform.Ask<pb::OrgUnit>(token, "GetOrgUnit", get)->path() == "/platform/outbound/team1/seat12/");
  CHECK(unit(token, team.name(), "seat13", pb::OrgUnit::SEAT).error().reason == "UNIT_OUT_OF_SCOPE");

  pb::ResolveDataScopeRequest scope;
  scope.set_user(made.name());
  scope.set_data(pb::DataScope::CALL);
  CHECK(platform.Ask<pb::ResolvedDataScope>(token, "ResolveDataScope", scope)->unit_prefix() == "/");
}

TEST_CASE("lists are walked page by page, and a page token belongs to its filter", "[access][service]") {
  auto& platform = ThePlatform();
  pb::ListRolesRequest request;
  request.set_page_size(10);
  std::vector<std::string> codes;
  do {
    const auto page = platform.Ask<pb::ListRolesResponse>(platform.Admin(), "ListRoles", request).value();
    for (const auto& role : page.roles()) codes.push_back(role.code());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  CHECK(codes.size() >= 28);
  CHECK(std::is_sorted(codes.begin(), codes.end()));
  CHECK(std::adjacent_find(codes.begin(), codes.end()) == codes.end());
  REQUIRE(platform.AddUser(platform.Admin(), "second.on.the.list"));
  pb::ListUsersRequest users;
  users.set_page_size(1);
  const auto first = platform.Ask<pb::ListUsersResponse>(platform.Admin(), "ListUsers", users).value();
  REQUIRE_FALSE(first.next_page_token().empty());
  users.set_role("CSR");
  users.set_page_token(first.next_page_token());
  CHECK(platform.Ask<pb::ListUsersResponse>(platform.Admin(), "ListUsers", users).error().reason ==
        "PAGE_TOKEN_INVALID");
}

TEST_CASE("the audit trail tells who did what, page by page, newest first", "[access][service]") {
  auto& platform = ThePlatform();
  REQUIRE(platform.AddUser(platform.Admin(), "audited"));
  pb::ListAuditRecordsRequest request;
  request.set_action("user.create");
  const auto made = platform.Trail(request, 1);
  REQUIRE_FALSE(made.empty());
  CHECK(made[0].service() == "access");
  CHECK(made[0].request_hash().size() == 64);
  request.set_page_size(2);
  request.clear_action();
  std::vector<pb::AuditRecord> all;
  do {
    const auto page =
        platform.Ask<pb::ListAuditRecordsResponse>(platform.Admin(), "ListAuditRecords", request).value();
    all.insert(all.end(), page.audit_records().begin(), page.audit_records().end());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty() && all.size() < 1000);
  for (std::size_t i = 0; i < all.size(); ++i)
    CHECK(all[i].sequence() == static_cast<std::int64_t>(all.size() - i));
  CHECK(all.back().action() == "tenant.create");
}

}  // namespace
}  // namespace carillon::access
