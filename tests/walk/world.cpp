#include "world.hpp"

#include <filesystem>
#include <fstream>
#include <future>
#include <iostream>
#include <pqxx/pqxx>
#include <regex>
#include <sstream>
#include <thread>

#include "crypto/envelope.hpp"
#include "crypto/token.hpp"
#include "filling.hpp"
#include "rows.hpp"

namespace carillon::walk {
namespace {

using namespace std::chrono_literals;

constexpr const char* kAccess = "carillon.access.v1.AccessService/";
constexpr const char* kCustomers = "carillon.customer.v1.CustomerService/";
constexpr const char* kQueues = "carillon.routing.v1.QueueService/";
constexpr const char* kDesk = "carillon.routing.v1.AgentService/";
constexpr const char* kWork = "carillon.routing.v1.InteractionService/";
constexpr const char* kFlows = "carillon.ivr.v1.FlowService/";
constexpr const char* kSwitch = "carillon.telephony.v1.SwitchService/";
constexpr const char* kOrders = "carillon.workorder.v1.WorkOrderService/";

bool IsBuilt(const std::string& service) {
  const auto folder = std::filesystem::canonical("/proc/self/exe").parent_path();
  return std::filesystem::exists(folder / ("carillon-" + service));
}

std::string TextOf(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// Waits for what another service does by itself; throws when it does not.
template <class Done>
void Await(const std::string& what, Done done) {
  for (const auto end = std::chrono::steady_clock::now() + 30s; !done();) {
    if (std::chrono::steady_clock::now() > end) throw std::runtime_error("never happened: " + what);
    std::this_thread::sleep_for(50ms);
  }
}

}  // namespace

World& World::The() {
  static World world;
  if (!world.begun_) {
    world.begun_ = true;
    try {
      for (const auto& [who, mark] : {std::pair{&world.ours_, "alpha"}, {&world.theirs_, "bravo"}}) {
        world.Found(*who, mark);
        world.Furnish(*who);
      }
    } catch (const std::exception& e) {
      world.problem_ = e.what();
    }
  }
  if (!world.problem_.empty()) throw std::runtime_error(world.problem_);
  return world;
}

World::World() {
  protobuf::SetLogHandler(nullptr);  // it complains about the broken texts that are sent on purpose
  for (const auto& service : Contracts::The().services())
    if (IsBuilt(service)) services_.push_back(service);
  platform_ = std::make_unique<testing::Platform>(
      services_, testing::Platform::Settings{{"access", {{"TOKEN_LIFE_S", "86400"}}},
                                             {"workorder", {{"WATCH_INTERVAL_MS", "50"}}}});
  for (const auto& service : services_) {
    lines_[service] = std::make_unique<Line>(platform_->target(service));
    service_tokens_[service] = platform_->ServiceToken(service);
  }
  operator_ = platform_->admin_token();
}

void World::Furnish(Tenant& who) {
  FurnishCentre(who);
  FurnishCalls(who);
  FurnishOrders(who);
  FurnishCampaigns(who);
  if (lines_.contains("knowledge")) FurnishKnowledge(who);
  AwaitEvents(Announce(who.id, who));
  const auto already = succeeded_;
  Roam(who);
  if (&who == &ours_) succeeded_ = already;  // the other tenant gets the same
}

Answer World::Ask(const Method& method, const protobuf::Message& request, const std::string& token,
                  const std::string& tenant) {
  const auto patience =
      method.streaming() ? std::chrono::milliseconds(300) : std::chrono::milliseconds(20000);
  return line(method.service)
      .Ask(method.path, request.SerializeAsString(), token, tenant, patience, method.streaming());
}

void World::Harvest(Tenant& who, const Json& answer) {
  static const std::regex kName("[a-z][A-Za-z]+/[0-9a-f]{8}-[0-9a-f-]{27}(/[a-z][A-Za-z]+/[0-9a-z-]+)?");
  const auto note = [&](const std::string& name) {
    const auto last = name.rfind('/');
    const auto before = name.rfind('/', last - 1);
    auto& all = who.names[name.substr(before == std::string::npos ? 0 : before + 1,
                                      last - (before == std::string::npos ? 0 : before + 1))];
    if (std::find(all.begin(), all.end(), name) == all.end()) all.push_back(name);
  };
  if (answer.is_string()) {
    const auto text = answer.get<std::string>();
    if (std::regex_match(text, kName)) note(text);
  } else if (answer.is_structured()) {
    for (const auto& each : answer) Harvest(who, each);
    if (!answer.is_object() || !answer.contains("code") || !answer.contains("name")) return;
    const auto name = answer["name"].get<std::string>();
    if (std::count(name.begin(), name.end(), '/') == 1 && answer["code"].is_string())
      note(name.substr(0, name.find('/') + 1) + answer["code"].get<std::string>());
  }
}

Json World::Do(Tenant& who, const std::string& token, const std::string& name, const Json& request) {
  const auto& method = Contracts::The().Find(name);
  const auto message = Contracts::The().FromJson(method.request(), request.dump());
  const auto answer = Ask(method, *message, token, token == operator_ ? "" : who.id);
  if (!answer.ok()) {
    std::string fields;
    for (const auto& violation : answer.error->violations)
      fields += " " + violation.field + ": " + violation.description;
    throw std::runtime_error(name + ": " + answer.reason() + " " + answer.error->message + fields);
  }
  succeeded_.insert(method.path);
  const auto out = Contracts::The().New(method.descriptor->output_type());
  out->ParseFromString(answer.messages.at(0));
  auto json = Json::parse(ToJson(*out));
  Harvest(who, json);
  return json;
}

Json World::DoAsService(Tenant& who, const std::string& service, const std::string& name,
                        const Json& request) {
  return Do(who, service_tokens_.at(service), name, request);
}

crypto::Claims World::ClaimsOf(const Tenant& who) const {
  crypto::Claims claims;
  claims.issuer = "carillon";
  claims.audience = "carillon";
  claims.subject = testing::SomeId();
  claims.tenant = who.id;
  for (const auto& client : who.clients) claims.clients.push_back(client.substr(8));
  claims.unit = "/";
  claims.permissions = who.permissions;
  claims.issued = std::chrono::floor<std::chrono::seconds>(RealNow());
  claims.expires = claims.issued + 24h;
  claims.id = testing::SomeId();
  return claims;
}

std::string World::Signed(const crypto::Claims& claims) {
  if (!key_) {
    const auto envelope = crypto::Envelope::Make(crypto::Provider::kIntl, {{"m1", testing::kMasterKey}}, "m1",
                                                 "access signing keys");
    const auto row =
        Sql("access",
            "SELECT kid || ' ' || sealed_key FROM signing_keys WHERE active_from <= now() ORDER BY "
            "active_from DESC LIMIT 1")
            .at(0);
    const auto kid = row.substr(0, row.find(' '));
    const auto pem = envelope.value().Open(row.substr(row.find(' ') + 1), "signing_keys/" + kid);
    key_ = crypto::SigningKey::FromPem(pem.value(), kid).value();
  }
  return key_->Sign(claims);
}

void World::Found(Tenant& who, const std::string& mark) {
  who.mark = mark;
  const auto tenant = Do(who, operator_, std::string(kAccess) + "CreateTenant",
                         {{"tenant", {{"slug", mark}, {"display_name", mark + " centre"}}},
                          {"administrator", {{"login", "admin"}, {"password", testing::kPassword}}}});
  who.id = tenant["name"].get<std::string>().substr(8);
  who.admin = platform_->Login("admin", mark);
  const auto roles = Do(who, who.admin, std::string(kAccess) + "ListRoles", {{"page_size", 200}});
  for (const auto& role : roles["roles"])
    if (role["code"] == "TENANT_ADMIN") who.permissions = role["permissions"].get<std::vector<std::string>>();
  const auto known = Do(who, who.admin, std::string(kAccess) + "ListClients", Json::object());
  who.clients.push_back(known["clients"][0]["name"]);
  const auto added = Do(who, who.admin, std::string(kAccess) + "CreateClient",
                        {{"client", {{"code", mark + "-two"}, {"display_name", mark + " two"}}}});
  who.clients.push_back(added["name"]);
  // The names A walks with begin with its own client.
  std::string code = mark;
  for (char& c : code) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  Do(who, who.admin, std::string(kAccess) + "CreateRole",
     {{"role",
       {{"code", code + "_ALL"},
        {"display_name", mark + " all"},
        {"permissions", who.permissions},
        {"data_scopes", {{{"data", "ORDER"}, {"reach", "TENANT"}, {"clear", true}}}}}}});
  Do(who, who.admin, std::string(kAccess) + "CreateOrgUnit",
     {{"org_unit", {{"code", mark + "-unit"}, {"display_name", mark + " unit"}, {"type", "DEPARTMENT"}}}});
  const auto hire = [&](const std::string& login, const Json& beside) {
    Json user{{"login", login}, {"display_name", mark + " " + login}, {"roles", {code + "_ALL"}}};
    user.update(beside);
    Do(who, who.admin, std::string(kAccess) + "CreateUser",
       {{"user", user}, {"password", testing::kPassword}, {"permanent_password", true}});
    return platform_->Login(login, mark);
  };
  who.all = hire(mark + ".all", {{"all_clients", true}, {"phone_number", "+8613900000001"}});
  who.one = hire(mark + ".one", {{"clients", {who.clients[0]}}});
  who.second = hire(mark + ".second", {{"all_clients", true}});
}

void World::FurnishCentre(Tenant& who) {
  const auto digit = std::string(who.mark == "alpha" ? "1" : "2");
  for (std::size_t i = 0; i < 2; ++i) {
    const auto which = std::to_string(i);
    const auto customer =
        Do(who, who.all, std::string(kCustomers) + "CreateCustomer",
           {{"request_id", testing::SomeId()},
            {"customer",
             {{"client", who.clients[i]},
              {"person", {{"full_name", who.mark + " customer " + which}}},
              {"identifiers", {{{"type", "PASSPORT"}, {"number", "E1234567" + digit + which}}}},
              {"contacts",
               {{{"type", "MOBILE"}, {"number", "+861380013800" + digit}, {"own_line", true}},
                {{"type", "EMAIL"}, {"address", who.mark + which + "@example.com"}}}},
              {"accounts", {{{"number", "62250000" + digit + which}, {"type", "SAVINGS"}}}},
              {"segments", {{{"dimension", "VALUE"}, {"value", who.mark}}}},
              {"consents", {{{"purpose", "MARKETING"}, {"decision", "GIVEN"}, {"evidence", who.mark}}}},
              {"source", {{"system", "walk"}, {"key", who.mark + which}}}}}});
    Do(who, who.all, std::string(kCustomers) + "SetServicePassword",
       {{"name", customer["name"]}, {"password", "24681" + which}});
    Do(who, who.all, std::string(kCustomers) + "RaiseAlert",
       {{"parent", customer["name"]},
        {"request_id", testing::SomeId()},
        {"alert", {{"code", "FRAUD"}, {"severity", "WARN"}, {"reason", who.mark + " alert"}}}});
    Do(who, who.all, std::string(kQueues) + "CreateQueue",
       {{"queue",
         {{"code", who.mark + "-queue-" + which},
          {"display_name", who.mark + " queue"},
          {"client", who.clients[i]},
          {"channels", {"VOICE"}},
          {"offer_timeout", "3600s"},
          {"wrap_up", "3600s"}}}});
  }
  Do(who, who.all, std::string(kQueues) + "CreateSkill",
     {{"skill", {{"code", who.mark + "-skill"}, {"display_name", who.mark}}}});
  Do(who, who.all, std::string(kQueues) + "CreateRoutingProfile",
     {{"routing_profile",
       {{"code", who.mark + "-profile"},
        {"entries",
         {{{"queue", "queues/" + who.mark + "-queue-0"}},
          {{"queue", "queues/" + who.mark + "-queue-1"}}}}}}});
  const auto me = Do(who, who.admin, std::string(kAccess) + "ListUsers", {{"login", who.mark + ".all"}});
  Do(who, who.all, std::string(kQueues) + "CreateAgent",
     {{"agent",
       {{"user", me["users"][0]["name"]},
        {"code", who.mark + "-agent"},
        {"routing_profile", "routingProfiles/" + who.mark + "-profile"}}}});
}

void World::FurnishCalls(Tenant& who) {
  const auto flow = Do(who, who.all, std::string(kFlows) + "CreateFlow",
                       {{"flow",
                         {{"code", who.mark + "-flow"},
                          {"display_name", who.mark},
                          {"document", TextOf(std::string(CARILLON_FLOWS) + "/10000.scxml")},
                          {"tests", TextOf(std::string(CARILLON_FLOWS) + "/10000.flowtest")}}}});
  Do(who, who.second, std::string(kFlows) + "PublishFlow", {{"name", flow["name"]}});
  for (std::size_t i = 0; i < 2; ++i)
    Do(who, who.all, std::string(kFlows) + "SetServiceNumber",
       {{"service_number",
         {{"number", "1000" + std::to_string(i)},
          {"display_name", who.mark},
          {"flow", flow["name"]},
          {"client", who.clients[i]},
          {"default_queue", "queues/" + who.mark + "-queue-" + std::to_string(i)},
          {"queues", {{"fault", "queues/" + who.mark + "-queue-" + std::to_string(i)}}},
          {"menus", {{{"menu", "default"}}}}}}});
  for (std::size_t i = 0; i < 2; ++i) {
    const auto call = Do(who, who.all, std::string(kSwitch) + "ReportCallArrived",
                         {{"switch_call_id", who.mark + "-" + std::to_string(i)},
                          {"switch_id", who.mark + "-switch"},
                          {"calling_number", who.mark == "alpha" ? "+8613800138001" : "+8613800138002"},
                          {"called_number", "1000" + std::to_string(i)},
                          {"trunk", who.mark + "-trunk"},
                          {"request_id", testing::SomeId()}});
    Await("the menu answers " + call["name"].get<std::string>(), [&] {
      const auto sessions =
          Do(who, who.all, "carillon.ivr.v1.SessionService/ListSessions", {{"call", call["name"]}});
      return sessions.contains("sessions");
    });
    const auto made = DoAsService(who, "ivr", std::string(kWork) + "CreateInteraction",
                                  {{"interaction",
                                    {{"queue", "queues/" + who.mark + "-queue-" + std::to_string(i)},
                                     {"call", call["name"]},
                                     {"customer", who.names["customers"].at(i)},
                                     {"calling_number", "+8613800138000"},
                                     {"attached_data", {{"note", who.mark + " data"}}}}},
                                   {"request_id", testing::SomeId()}});
    static_cast<void>(made);
  }
  // An agent sits down, is offered the older of the two and lets it ring.
  const auto& watch = Contracts::The().Find(std::string(kDesk) + "WatchDesk");
  auto desk = std::async(std::launch::async,
                         [&] { return line("routing").Ask(watch.path, "", who.all, "", 2500ms, true); });
  Do(who, who.all, std::string(kDesk) + "SignIn",
     {{"seat", who.mark + "-seat"}, {"extension", "8001"}, {"request_id", testing::SomeId()}});
  Do(who, who.all, std::string(kDesk) + "SetStatus",
     {{"status", "READY"}, {"request_id", testing::SomeId()}});
  for (const auto& bytes : desk.get().messages) {
    const auto shown = Contracts::The().New(watch.descriptor->output_type());
    shown->ParseFromString(bytes);
    Harvest(who, Json::parse(ToJson(*shown)));
  }
}

void World::FurnishOrders(Tenant& who) {
  const auto desk = Do(who, who.all, std::string(kOrders) + "CreateDesk",
                       {{"desk", {{"display_name", who.mark + " desk"}}}});
  for (std::size_t i = 0; i < 3; ++i) {
    auto order = Do(who, who.all, std::string(kOrders) + "CreateWorkOrder",
                    {{"work_order",
                      {{"client", who.clients[i % 2]},
                       {"type", "COMPLAINT"},
                       {"title", who.mark + " order"},
                       {"contact_name", who.mark + " caller"},
                       {"contact_number", who.mark == "alpha" ? "+8613800138001" : "+8613800138002"},
                       {"customer", who.names["customers"].at(i % 2)}}},
                     {"request_id", testing::SomeId()}});
    const auto step = [&](const std::string& method, Json with = Json::object(), const std::string& as = "") {
      with["name"] = order["name"];
      with["request_id"] = testing::SomeId();
      order = Do(who, as.empty() ? who.all : as, kOrders + method, with);
    };
    step("DispatchWorkOrder", {{"desk", desk["name"]}, {"note", who.mark}});
    if (i == 2) continue;
    step("AcceptWorkOrder");
    step("RecordReply", {{"channel", "REPLY_PHONE"}, {"note", who.mark}});
    step("CompleteWorkOrder", {{"result", who.mark + " done"},
                               {"root_cause", "HUMAN_DELAY"},
                               {"validity", "VALID"},
                               {"seven_steps",
                                {{"accept", true},
                                 {"apologize", true},
                                 {"acknowledge", true},
                                 {"analyze", true},
                                 {"alternatives", true},
                                 {"agreement", true},
                                 {"assure", true}}}});
    step("RecordRevisit",
         {{"reached", true}, {"satisfaction", "NOT_SATISFIED"}, {"solved", "NO"}, {"comment", who.mark}},
         who.second);
  }
  Do(who, who.all, std::string(kOrders) + "SetSlaPolicy",
     {{"policy", {{"type", "FAULT"}, {"priority", "P2"}, {"handle_minutes", 120}}}});
  Do(who, who.all, std::string(kOrders) + "SetCustomField",
     {{"field", {{"key", who.mark + "_field"}, {"kind", "TEXT"}}}});
}

void World::FurnishCampaigns(Tenant& who) {
  const std::string campaigns = "carillon.campaign.v1.CampaignService/";
  const std::string scripts = "carillon.campaign.v1.ScriptService/";
  const std::string scorecards = "carillon.qa.v1.ScorecardService/";
  for (std::size_t i = 0; i < 2 && lines_.contains("campaign"); ++i) {
    Json steps = Json::array();
    for (const char* kind : {"OPENING", "NEED", "PROPOSAL", "COMMITMENT", "OBJECTION", "CLOSE", "ENDING"})
      steps.push_back({{"kind", kind}, {"wording", who.mark + " wording"}});
    const auto script = Do(who, who.all, scripts + "CreateScript",
                           {{"script",
                             {{"client", who.clients[i]},
                              {"display_name", who.mark + " script"},
                              {"steps", steps},
                              {"must_say", {who.mark}}}}});
    Do(who, who.all, scripts + "SubmitScript", {{"name", script["name"]}});
    Do(who, who.second, scripts + "ApproveScript", {{"name", script["name"]}});
    Do(who, who.all, campaigns + "CreateCampaign",
       {{"campaign",
         {{"client", who.clients[i]},
          {"code", who.mark + "-campaign-" + std::to_string(i)},
          {"display_name", who.mark + " campaign"},
          {"purpose", "PROMOTION"},
          {"contact_class", "MARKETING"},
          {"offer", who.mark},
          {"script", script["name"]},
          {"queue", who.names["queues"].front()},
          {"caller_number", "10000"},
          {"reserved_agents", 1}}}});
  }
  for (std::size_t i = 0; i < 2 && lines_.contains("qa"); ++i)
    Do(who, who.all, scorecards + "CreateScorecard",
       {{"scorecard",
         {{"client", who.clients[i]},
          {"code", who.mark + "-card-" + std::to_string(i)},
          {"display_name", who.mark + " card"},
          {"kind", "CSR"}}},
        {"template", "csr"}});
}

void World::FurnishKnowledge(Tenant& who) {
  const std::string articles = "carillon.knowledge.v1.ArticleService/";
  for (std::size_t i = 0; i < 2; ++i) {
    const auto article = Do(who, who.all, articles + "CreateArticle",
                            {{"article",
                              {{"client", who.clients[i]},
                               {"code", who.mark + "-article-" + std::to_string(i)},
                               {"language", "zh-CN"}}},
                             {"content",
                              {{"type", "FAQ"},
                               {"category", who.mark},
                               {"title", who.mark + " article"},
                               {"summary", who.mark + " summary"},
                               {"keywords", {who.mark}}}}});
    Do(who, who.all, articles + "SubmitArticle", {{"name", article["name"]}});
    Do(who, who.second, articles + "ApproveArticle", {{"name", article["name"]}});
    Do(who, who.second, articles + "PublishArticle", {{"name", article["name"]}});
    Do(who, who.all, articles + "RateArticle", {{"name", article["name"]}, {"helpful", true}});
    Do(who, who.all, articles + "SearchArticles",
       {{"query", who.mark + " nobody knows " + std::to_string(i)},
        {"language", "zh-CN"},
        {"client", who.clients[i]}});
    Do(who, who.all, "carillon.knowledge.v1.PhraseService/SetPhrase",
       {{"phrase",
         {{"name", "phrases/opening"},
          {"client", who.clients[i]},
          {"language", "zh-CN"},
          {"scene", "opening"},
          {"kind", "REQUIRED"},
          {"text", who.mark + " phrase"}}}});
    Do(who, who.all, "carillon.knowledge.v1.GapService/ReportGap",
       {{"gap",
         {{"client", who.clients[i]},
          {"question", who.mark + " gap"},
          {"language", "zh-CN"},
          {"note", who.mark}}}});
  }
}

std::vector<SentEvent> World::Announce(const std::string& tenant, const Tenant& named) {
  kafka::Producer producer(testing::Brokers());
  std::vector<kafka::Envelope> events;
  std::vector<SentEvent> sent;
  const auto topics = Json::parse(TextOf("deploy/kafka/topics.json"))["topics"];
  for (const auto& [topic, groups] : topics.items()) {
    const auto service = topic.substr(9, topic.find('.', 9) - 9);
    std::vector<std::string> readers;
    for (const auto& group : groups)
      if (lines_.contains(group)) readers.push_back(group);
    if (readers.empty()) continue;
    for (const auto* type : Contracts::The().Events(service)) {
      kafka::Envelope out;
      out.topic = topic;
      out.key = testing::SomeId();
      out.event_id = testing::SomeId();
      out.type = type->full_name();
      out.source = "/carillon/walk";
      out.tenant = tenant;
      out.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
      out.time = RealNow();
      out.payload = FullMessage(type, named)->SerializeAsString();
      sent.push_back({topic, out.type, out.event_id, readers});
      events.push_back(std::move(out));
    }
  }
  if (!producer.Send(events)) throw std::runtime_error("the broker took no events");
  return sent;
}

void World::AwaitEvents(const std::vector<SentEvent>& events) {
  // An event that a service took has a row in its inbox; one it has no handler for, or that a rule refused,
  // has none. So: until no inbox has grown for a second.
  std::size_t before = 0;
  int patience = 0;
  for (int still = 0; still < 10; std::this_thread::sleep_for(100ms)) {
    std::size_t now = 0;
    for (const auto& service : services_) {
      std::string ids = "NULL";
      for (const auto& event : events)
        if (std::find(event.readers.begin(), event.readers.end(), service) != event.readers.end())
          ids += ",'" + event.id + "'";
      now += std::stoul(Sql(service, "SELECT count(*) FROM inbox WHERE event_id IN (" + ids + ")").at(0));
    }
    if (now == 0 && still == 0 && ++patience < 200) continue;
    still = now == before ? still + 1 : 0;
    before = now;
  }
  if (before == 0) throw std::runtime_error("no event was taken by anybody");
}

void World::Roam(Tenant& who) {
  // Whatever is not reached yet is tried with what is known by now, until a round brings nothing new.
  for (bool more = true; more;) {
    more = false;
    for (const auto& method : Contracts::The().methods()) {
      if (succeeded_.contains(method.path) || method.streaming() || method.permission == "public" ||
          method.descriptor->name().starts_with("Delete") || method.service == "access" ||
          !lines_.contains(method.service))
        continue;
      const bool service = method.permission == "service";
      const auto answer = Ask(method, *Needed(method, who),
                              service ? service_tokens_.begin()->second : who.all, service ? who.id : "");
      if (!answer.ok()) continue;
      more = true;
      succeeded_.insert(method.path);
      const auto out = Contracts::The().New(method.descriptor->output_type());
      out->ParseFromString(answer.messages.at(0));
      Harvest(who, Json::parse(ToJson(*out)));
    }
  }
}

}  // namespace carillon::walk
