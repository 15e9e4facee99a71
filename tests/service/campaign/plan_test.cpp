#include <pqxx/pqxx>
#include <set>

#include "world.hpp"

namespace carillon::campaign {
namespace {

using Campaign = pb::Campaign;
using TargetBuild = pb::Campaign::TargetBuild;

/// One step of a campaign, by its method's word.
template <class Request>
Result<Campaign> Step(World& w, rpc::Peer& as, const std::string& word, const std::string& name) {
  return w.On<Campaign, Request>(as, "CampaignService/" + word + "Campaign", name);
}
/// The same where it needs a reason.
template <class Request>
Result<Campaign> StepFor(World& w, const std::string& word, const std::string& name,
                         const std::string& reason) {
  Request in;
  in.set_name(name);
  in.set_reason(reason);
  return w.Ask<Campaign>(*w.manager, "CampaignService/" + word + "Campaign", in);
}

Result<Campaign> Update(World& w, const Campaign& wish, const std::string& field) {
  pb::UpdateCampaignRequest in;
  *in.mutable_campaign() = wish;
  in.mutable_update_mask()->add_paths(field);
  return w.Ask<Campaign>(*w.planner, "CampaignService/UpdateCampaign", in);
}

Result<pb::Script> ChangeWords(World& w, const std::string& script, const std::string& display_name) {
  pb::UpdateScriptRequest in;
  in.mutable_script()->set_name(script);
  in.mutable_script()->set_display_name(display_name);
  in.mutable_update_mask()->add_paths("display_name");
  return w.Ask<pb::Script>(*w.planner, "ScriptService/UpdateScript", in);
}

Result<pb::Script> SubmitScript(World& w, rpc::Peer& as, const std::string& script) {
  return w.On<pb::Script, pb::SubmitScriptRequest>(as, "ScriptService/SubmitScript", script);
}
Result<pb::Script> ApproveScript(World& w, rpc::Peer& as, const std::string& script) {
  return w.On<pb::Script, pb::ApproveScriptRequest>(as, "ScriptService/ApproveScript", script);
}
Result<pb::Script> RejectScript(World& w, rpc::Peer& as, const std::string& script) {
  pb::RejectScriptRequest in;
  in.set_name(script);
  in.set_reason("too long");
  return w.Ask<pb::Script>(as, "ScriptService/RejectScript", in);
}

/// What may be changed in the state the campaign is in: the priority until it is over, the objective in a
/// draft.
void CheckChanges(World& w, const std::string& name, Campaign::State state, bool open = true,
                  bool draft = false) {
  INFO(Campaign::State_Name(state));
  auto wish = w.Get(name);
  REQUIRE(wish.state() == state);
  wish.clear_etag();
  wish.set_priority(wish.priority() == 3 ? 4 : 3);
  const auto priority = Update(w, wish, "priority");
  CHECK(priority.has_value() == open);
  wish.set_objective(wish.objective() + "+");
  const auto objective = Update(w, wish, "objective");
  CHECK(objective.has_value() == draft);
  if (draft) return;
  CHECK(objective.error().reason == "CAMPAIGN_STATE");
  CHECK(objective.error().metadata.at("state") == Campaign::State_Name(state));
  if (open) CHECK(objective.error().metadata.at("field") == "objective");
}

TEST_CASE("a script is whole, read by another and spoken in the version the campaign was planned with") {
  World w;
  w.Customer(true);
  auto both = w.on.As(w.on.Hire("both", {"CAMPAIGN_PLANNER", "OUTBOUND_MANAGER"}), "campaign");

  // Half a script is not read, nobody reads their own.
  pb::CreateScriptRequest half;
  half.mutable_script()->set_client(w.on.client);
  half.mutable_script()->set_display_name("半");
  const auto incomplete = w.Ask<pb::Script>(*w.planner, "ScriptService/CreateScript", half).value().name();
  CHECK(SubmitScript(w, *w.planner, incomplete).error().reason == "SCRIPT_INCOMPLETE");
  CHECK(SubmitScript(w, *w.planner, incomplete).error().metadata.at("field") == "steps.OPENING");
  const auto own = w.Written(*both);
  REQUIRE(SubmitScript(w, *both, own));
  CHECK(ApproveScript(w, *both, own).error().reason == "APPROVER_IS_AUTHOR");
  CHECK(RejectScript(w, *both, own).error().reason == "APPROVER_IS_AUTHOR");

  // Rejected, then changed: the next version. A campaign does not begin before one is approved.
  const auto script = w.Written(*w.planner);
  auto plan = w.Plan("words", script);
  *plan.mutable_campaign()->mutable_start_time() = ToProto(kTen + 1h);
  const auto campaign = w.Built(plan).name();
  REQUIRE(Step<pb::SubmitCampaignRequest>(w, *w.planner, "Submit", campaign));
  REQUIRE(Step<pb::ApproveCampaignRequest>(w, *w.manager, "Approve", campaign));
  CHECK(ChangeWords(w, script, "二稿").value().version() == 1);
  REQUIRE(SubmitScript(w, *w.planner, script));
  CHECK(ChangeWords(w, script, "三稿").error().reason == "SCRIPT_STATE");
  const auto rejected = RejectScript(w, *w.manager, script).value();
  CHECK(rejected.state() == pb::Script::REJECTED);
  CHECK(rejected.reject_reason() == "too long");
  const auto refused = Step<pb::ScheduleCampaignRequest>(w, *w.manager, "Schedule", campaign);
  CHECK(refused.error().reason == "SCRIPT_NOT_APPROVED");
  CHECK(refused.error().metadata.at("script") == script);
  CHECK(Step<pb::StartCampaignRequest>(w, *w.manager, "Start", campaign).error().reason ==
        "SCRIPT_NOT_APPROVED");
  CHECK(ChangeWords(w, script, "三稿").value().version() == 2);
  REQUIRE(SubmitScript(w, *w.planner, script));
  REQUIRE(ApproveScript(w, *w.manager, script));

  // Scheduled with version 2; version 3 does not change what its agents say.
  CHECK(Step<pb::ScheduleCampaignRequest>(w, *w.manager, "Schedule", campaign).value().script_version() == 2);
  CHECK(ChangeWords(w, script, "四稿").value().version() == 3);
  REQUIRE(SubmitScript(w, *w.planner, script));
  REQUIRE(ApproveScript(w, *w.manager, script));
  pb::GetScriptRequest older;
  older.set_name(script);
  older.set_version(2);
  const auto second = w.Ask<pb::Script>(*w.planner, "ScriptService/GetScript", older).value();
  CHECK(second.state() == pb::Script::RETIRED);
  CHECK(second.display_name() == "三稿");
  older.set_version(4);
  CHECK(w.Ask<pb::Script>(*w.planner, "ScriptService/GetScript", older).error().reason == "SCRIPT_UNKNOWN");
  const auto listed =
      w.Ask<pb::ListScriptsResponse>(*w.planner, "ScriptService/ListScripts", pb::ListScriptsRequest())
          .value();
  CHECK(listed.scripts_size() == 3);
  CHECK(listed.scripts(0).version() == 3);
  w.file.clock.Advance(kTen + 1h - 1min);
  CHECK(w.Get(campaign).state() == Campaign::SCHEDULED);
  CHECK(w.Work().empty());
  w.file.clock.Advance(kTen + 1h);
  const auto begun = w.Until<Campaign>([&] { return w.Get(campaign); },
                                       [](const auto& one) { return one.state() == Campaign::RUNNING; });
  CHECK(begun.state() == Campaign::RUNNING);
  CHECK(begun.script_version() == 2);
  const auto lease = w.Lease(campaign, 1).value();
  REQUIRE(lease.leases_size() == 1);
  const auto redeemed = w.Redeem(lease.leases(0).dial_token(), "calls/" + testing::SomeId()).value();
  CHECK(redeemed.attached_data().at("script_version") == "2");
}

TEST_CASE("a campaign takes in each state the changes and the steps of that state only") {
  World w;
  w.Customer(true);
  auto both = w.on.As(w.on.Hire("both", {"CAMPAIGN_PLANNER", "OUTBOUND_MANAGER"}), "campaign");
  const auto script = w.Script();
  auto plan = w.Plan("life", script);
  *plan.mutable_campaign()->mutable_start_time() = ToProto(kTen + 1h);
  const auto name = w.Built(plan).name();

  CheckChanges(w, name, Campaign::DRAFT, true, true);
  CHECK(Step<pb::FinishCampaignRequest>(w, *w.manager, "Finish", name).error().reason == "CAMPAIGN_STATE");
  REQUIRE(Step<pb::SubmitCampaignRequest>(w, *w.planner, "Submit", name));
  CheckChanges(w, name, Campaign::SUBMITTED);
  const auto refused = StepFor<pb::RefuseCampaignRequest>(w, "Refuse", name, "too many").value();
  CHECK(refused.state() == Campaign::REFUSED);
  CHECK(refused.reason() == "too many");
  auto again = refused;
  again.set_objective("fewer");
  CHECK(Update(w, again, "objective").value().state() == Campaign::DRAFT);
  CHECK(Update(w, again, "objective").error().reason == "ETAG_MISMATCH");
  REQUIRE(Step<pb::SubmitCampaignRequest>(w, *w.planner, "Submit", name));
  REQUIRE(Step<pb::ApproveCampaignRequest>(w, *w.manager, "Approve", name));
  CheckChanges(w, name, Campaign::APPROVED);
  REQUIRE(Step<pb::ScheduleCampaignRequest>(w, *w.manager, "Schedule", name));
  CheckChanges(w, name, Campaign::SCHEDULED);
  REQUIRE(Step<pb::StartCampaignRequest>(w, *w.manager, "Start", name));
  CheckChanges(w, name, Campaign::RUNNING);
  REQUIRE(StepFor<pb::PauseCampaignRequest>(w, "Pause", name, "storm"));
  CheckChanges(w, name, Campaign::PAUSED);
  REQUIRE(Step<pb::ResumeCampaignRequest>(w, *w.manager, "Resume", name));

  // The end makes tokens that are out worthless; the evaluation closes it.
  const auto lease = w.Lease(name, 1).value();
  REQUIRE(lease.leases_size() == 1);
  CHECK(Step<pb::SummariseCampaignRequest>(w, *w.manager, "Summarise", name).error().reason ==
        "CAMPAIGN_STATE");
  REQUIRE(Step<pb::FinishCampaignRequest>(w, *w.manager, "Finish", name));
  CHECK(w.Redeem(lease.leases(0).dial_token(), "calls/" + testing::SomeId()).error().reason ==
        "DIAL_TOKEN_EXPIRED");
  CheckChanges(w, name, Campaign::FOLLOW_UP);
  CHECK(StepFor<pb::CancelCampaignRequest>(w, "Cancel", name, "late").error().reason == "CAMPAIGN_STATE");
  auto learnt = w.Get(name);
  learnt.clear_etag();
  for (const auto& [field, set] : std::vector<std::pair<std::string, void (*)(Campaign::Evaluation&)>>{
           {"sales", [](auto& to) { to.set_sales("+3%"); }},
           {"feedback", [](auto& to) { to.set_feedback("2 complaints"); }},
           {"share", [](auto& to) { to.set_share("none"); }},
           {"problems", [](auto& to) { to.set_problems("too early"); }},
           {"improvements", [](auto& to) { to.set_improvements("after ten"); }}}) {
    const auto early = Step<pb::SummariseCampaignRequest>(w, *w.manager, "Summarise", name);
    CHECK(early.error().reason == "EVALUATION_INCOMPLETE");
    CHECK(early.error().metadata.at("field") == "evaluation." + field);
    set(*learnt.mutable_evaluation());
    REQUIRE(Update(w, learnt, "evaluation"));
  }
  CHECK(Step<pb::CloseCampaignRequest>(w, *w.manager, "Close", name).error().reason == "CAMPAIGN_STATE");
  REQUIRE(Step<pb::SummariseCampaignRequest>(w, *w.manager, "Summarise", name));
  CheckChanges(w, name, Campaign::SUMMARISED);
  REQUIRE(Step<pb::CloseCampaignRequest>(w, *w.manager, "Close", name));
  CheckChanges(w, name, Campaign::CLOSED, false);

  // Two give up: one whose calls are leased, one that nobody but its author would approve.
  const auto second = w.Running("given-up").name();
  const auto out = w.Lease(second, 1).value();
  REQUIRE(out.leases_size() == 1);
  const auto cancelled = StepFor<pb::CancelCampaignRequest>(w, "Cancel", second, "no stock").value();
  CHECK(cancelled.reason() == "no stock");
  CHECK(w.Redeem(out.leases(0).dial_token(), "calls/" + testing::SomeId()).error().reason ==
        "DIAL_TOKEN_EXPIRED");
  CHECK(w.Work().empty());
  CheckChanges(w, second, Campaign::CANCELLED, false);
  const auto own = w.Ask<Campaign>(*both, "CampaignService/CreateCampaign", w.Plan("own", script)).value();
  w.Build(own.name());
  REQUIRE(w.UntilBuild(own.name(), TargetBuild::BUILT).build().targets() == 1);
  REQUIRE(Step<pb::SubmitCampaignRequest>(w, *both, "Submit", own.name()));
  CHECK(Step<pb::ApproveCampaignRequest>(w, *both, "Approve", own.name()).error().reason ==
        "APPROVER_IS_AUTHOR");
  auto late = w.Plan("late", script);
  *late.mutable_campaign()->mutable_start_time() = ToProto(kTen - 1h);
  const auto past = w.Built(late).name();
  REQUIRE(Step<pb::SubmitCampaignRequest>(w, *w.planner, "Submit", past));
  REQUIRE(Step<pb::ApproveCampaignRequest>(w, *w.manager, "Approve", past));
  CHECK(Step<pb::ScheduleCampaignRequest>(w, *w.manager, "Schedule", past).error().reason ==
        "START_TIME_PAST");
}

TEST_CASE("caps and the do-not-call list say whether somebody may be called, for every campaign at once") {
  World w;
  const auto customer = w.Customer(true);
  const auto campaign = w.Running("first").name();
  const auto check = [&](pb::ContactClass contact_class) {
    pb::CheckContactRequest in;
    in.set_customer(customer);
    in.set_contact_class(contact_class);
    return w.Ask<pb::GateResult>(*w.planner, "ContactPolicyService/CheckContact", in).value();
  };
  const auto set = [&](int max_count, int days, pb::FrequencyRule::OnHit on_hit) {
    pb::SetFrequencyRuleRequest in;
    auto& rule = *in.mutable_frequency_rule();
    rule.set_contact_class(pb::MARKETING);
    rule.set_max_count(max_count);
    rule.set_period_days(days);
    rule.set_on_hit(on_hit);
    return w.Ask<pb::FrequencyRule>(*w.manager, "ContactPolicyService/SetFrequencyRule", in).value();
  };
  const auto remove = [&](const std::string& name) {
    return w.On<pb::FrequencyRule, pb::DeleteFrequencyRuleRequest>(
        *w.manager, "ContactPolicyService/DeleteFrequencyRule", name);
  };
  const auto rules = [&] {
    return w
        .Ask<pb::ListFrequencyRulesResponse>(*w.planner, "ContactPolicyService/ListFrequencyRules",
                                             pb::ListFrequencyRulesRequest())
        .value()
        .frequency_rules();
  };
  CHECK(check(pb::MARKETING).refusal() == pb::REFUSAL_UNSPECIFIED);

  // One conversation.
  const auto lease = w.Lease(campaign, 1).value();
  REQUIRE(lease.leases_size() == 1);
  CHECK(check(pb::CARE).frequency_rule() == "in_progress");
  const auto call = "calls/" + testing::SomeId();
  REQUIRE(w.Redeem(lease.leases(0).dial_token(), call));
  const auto line = w.TellConnected(call, "agents/" + testing::SomeId());
  w.UntilState(lease.leases(0).attempt(), pb::Attempt::CONNECTED);
  pb::RecordDispositionRequest no;
  no.set_name(lease.leases(0).attempt());
  no.set_disposition(pb::REFUSED);
  REQUIRE(w.Ask<pb::Attempt>(*w.manager, "CampaignService/RecordDisposition", no));
  w.TellCleared(line, telephony::Call::CUSTOMER_HUNG_UP);
  const auto ended = w.UntilState(lease.leases(0).attempt(), pb::Attempt::ENDED);
  REQUIRE(ended.state() == pb::Attempt::ENDED);

  // The defaults, then the tenant's own rules in their place, then the defaults again.
  const auto by_default = check(pb::MARKETING);
  CHECK(by_default.refusal() == pb::FREQUENCY);
  CHECK(by_default.frequency_rule() == "default");
  CHECK(by_default.next_time().seconds() == ended.answer_time().seconds() + 7 * 86400);
  CHECK(check(pb::CARE).refusal() == pb::REFUSAL_UNSPECIFIED);
  CHECK(rules().size() == 9);
  const auto two = set(2, 7, pb::FrequencyRule::DEFER);
  CHECK(check(pb::MARKETING).refusal() == pb::REFUSAL_UNSPECIFIED);
  const auto month = set(1, 30, pb::FrequencyRule::DEFER);
  CHECK(check(pb::MARKETING).frequency_rule() == month.name());
  CHECK(check(pb::MARKETING).next_time().seconds() == ended.answer_time().seconds() + 30 * 86400);
  CHECK(set(1, 30, pb::FrequencyRule::REFUSE).name() == month.name());
  CHECK_FALSE(check(pb::MARKETING).has_next_time());
  CHECK(rules().size() == 8);
  CHECK(remove(month.name())->period_days() == 30);
  CHECK(check(pb::MARKETING).refusal() == pb::REFUSAL_UNSPECIFIED);
  REQUIRE(remove(two.name()));
  CHECK(remove(two.name()).error().reason == "FREQUENCY_RULE_UNKNOWN");
  CHECK(check(pb::MARKETING).frequency_rule() == "default");
  CHECK(rules().size() == 9);
  REQUIRE(set(9, 7, pb::FrequencyRule::DEFER).max_count() == 9);

  // A number on the list, and off it again.
  const auto add = [&](const std::string& whom, const std::string& number) {
    pb::AddDoNotCallRequest in;
    in.mutable_do_not_call_entry()->set_customer(whom);
    in.mutable_do_not_call_entry()->set_number(number);
    return w.Ask<pb::DoNotCallEntry>(*w.manager, "ContactPolicyService/AddDoNotCall", in);
  };
  const auto take = [&](const std::string& name) {
    return w.On<pb::DoNotCallEntry, pb::RemoveDoNotCallRequest>(*w.manager,
                                                                "ContactPolicyService/RemoveDoNotCall", name);
  };
  const auto list = [&](const std::string& whom, int size, const std::string& token) {
    pb::ListDoNotCallRequest in;
    in.set_customer(whom);
    in.set_page_size(size);
    in.set_page_token(token);
    return w.Ask<pb::ListDoNotCallResponse>(*w.planner, "ContactPolicyService/ListDoNotCall", in).value();
  };
  CHECK(add("", "").error().reason == "DO_NOT_CALL_SUBJECT");
  CHECK(add(customer, "+8613810000001").error().reason == "DO_NOT_CALL_SUBJECT");
  const auto number = add("", "+8613810000001").value();
  CHECK(add("", "+8613810000001")->name() == number.name());
  CHECK(check(pb::MARKETING).refusal() == pb::ON_DO_NOT_CALL);
  CHECK(check(pb::CARE).refusal() == pb::REFUSAL_UNSPECIFIED);
  CHECK(take(number.name())->name() == number.name());
  CHECK(take(number.name()).error().reason == "DO_NOT_CALL_UNKNOWN");
  CHECK(check(pb::MARKETING).refusal() == pb::REFUSAL_UNSPECIFIED);

  // The customer, of whom a second campaign has a target.
  const auto second = w.Running("second").name();
  const auto whole = add(customer, "").value();
  CHECK(whole.customer() == customer);
  CHECK(add(customer, "")->name() == whole.name());
  CHECK(check(pb::MARKETING).refusal() != pb::REFUSAL_UNSPECIFIED);
  CHECK(w.Targets(second)[0].state() == pb::TargetRecord::SUPPRESSED);
  CHECK(w.Targets(second)[0].refusal() == pb::ON_DO_NOT_CALL);
  REQUIRE(add("", "+8613900000001"));
  REQUIRE(add("", "+8613900000002"));
  CHECK(list(customer, 10, "").do_not_call_entries_size() == 1);
  const auto page = list("", 2, "");
  REQUIRE(page.do_not_call_entries_size() == 2);
  const auto rest = list("", 2, page.next_page_token());
  REQUIRE(rest.do_not_call_entries_size() == 1);
  CHECK(rest.do_not_call_entries(0).name() == whole.name());
  CHECK(rest.next_page_token().empty());
  REQUIRE(take(whole.name()));
  CHECK(list(customer, 10, "").do_not_call_entries().empty());
}

TEST_CASE("a list is made page by page, whoever is away or killed meanwhile, and counts everybody once") {
  constexpr int kRows = 600;
  World w;
  customer::ImportCustomersRequest rows;
  rows.set_client(w.on.client);
  for (int i = 0; i < kRows; ++i) {
    auto& row = *rows.add_customers();
    row.mutable_source()->set_system("edw");
    row.mutable_source()->set_key(std::to_string(i));
    auto& person = *row.mutable_person();
    person.set_full_name("李明");
    // Twenty to thirty-nine years old, thirty of each age; on this day each has had the birthday.
    person.mutable_birth_date()->set_year(2006 - i % 20);
    person.mutable_birth_date()->set_month(4);
    person.mutable_birth_date()->set_day(1);
    // Of each hundred: five have no number, ten said no, twenty no word, one wants no contact at all.
    const int n = i * 37 % 100;
    if (n >= 5) {
      auto& medium = *row.add_contacts();
      medium.set_type(customer::ContactMedium::MOBILE);
      medium.set_number("139" + std::to_string(20000000 + i));
    }
    if (n == 99) row.set_do_not_contact(true);
    if (n >= 15 && n < 35) continue;
    auto& consent = *row.add_consents();
    consent.set_purpose(customer::Consent::MARKETING);
    consent.set_decision(n < 15 ? customer::Consent::WITHDRAWN : customer::Consent::GIVEN);
  }
  const auto imported = w.master
                            ->Ask<customer::ImportCustomersResponse>(
                                AnyCall(), "carillon.customer.v1.CustomerService/ImportCustomers", rows, 30s)
                            .value();
  REQUIRE(imported.created_count() == kRows);
  for (const int i : {1, 2}) {
    customer::RaiseAlertRequest alert;
    alert.set_parent(imported.results(i).name());
    alert.mutable_alert()->set_code(i == 1 ? "LITIGATION" : "DO_NOT_CALL");
    alert.mutable_alert()->set_severity(customer::Alert::WARN);
    REQUIRE(w.master->Ask<customer::Customer>(AnyCall(), "carillon.customer.v1.CustomerService/RaiseAlert",
                                              alert, 15s));
  }
  const auto script = w.Script();
  const auto all = w.Create(w.Plan("all", script)).name();
  pqxx::connection db(w.on.database("campaign").admin_url());
  const auto in_list = [&](const std::string& campaign) {
    pqxx::work tx(db);
    const auto row = tx.exec(
        "SELECT count(*) AS n, count(DISTINCT customer_id) AS customers FROM "
        "target_records WHERE campaign_id = '" +
        campaign.substr(10) + "'")[0];
    CHECK(row["n"].as<int>() == row["customers"].as<int>());
    return row["n"].as<int>();
  };

  // The customer master is away: the list waits for it. Killed between two pages, with the next one read.
  w.on.service("customer").Stop();
  w.Build(all);
  CHECK(w.Get(all).build().state() == TargetBuild::BUILDING);
  CHECK(w.On<Campaign, pb::BuildTargetsRequest>(*w.planner, "CampaignService/BuildTargets", all)
            .error()
            .reason == "BUILD_RUNNING");
  w.on.service("customer").CrashAndRestart();
  int killed_at = 0;
  const auto end = std::chrono::steady_clock::now() + 20s;
  while (killed_at == 0 && std::chrono::steady_clock::now() < end) {
    pqxx::work tx(db);
    const auto row = tx.exec(
        "SELECT build_page, body -> 'build' ->> 'state' AS state FROM campaigns "
        "WHERE campaign_id = '" +
        all.substr(10) + "' FOR UPDATE")[0];
    if (row["state"].as<std::string>() != "BUILDING") break;
    if (row["build_page"].as<int>() < 1) continue;
    killed_at = row["build_page"].as<int>();
    w.on.service("campaign").CrashAndRestart();
  }
  CHECK(killed_at > 0);
  const auto built = w.UntilBuild(all, TargetBuild::BUILT).build();
  REQUIRE(built.state() == TargetBuild::BUILT);
  CHECK(built.found() == kRows);
  CHECK(built.targets() + built.refused().at("NO_NUMBER") + built.refused().at("NO_CONSENT") +
            built.refused().at("ON_DO_NOT_CALL") + built.refused().at("BLOCKED") ==
        kRows);
  CHECK(built.refused().at("ON_DO_NOT_CALL") == 1);
  CHECK(built.refused().at("BLOCKED") == 1);
  CHECK(built.refused().at("NO_NUMBER") == 30);
  CHECK(built.refused().at("NO_CONSENT") == 186);
  CHECK(in_list(all) == built.targets());

  // Made anew it is the same; a limit ends it on the target.
  w.Build(all);
  CHECK(w.UntilBuild(all, TargetBuild::BUILT).build().targets() == built.targets());
  CHECK(in_list(all) == built.targets());
  auto few = w.Plan("few", script);
  few.mutable_campaign()->mutable_criteria()->set_limit(250);
  const auto limited = w.Built(few);
  CHECK(limited.build().targets() == 250);
  CHECK(in_list(limited.name()) == 250);

  // Ages on the day of the list.
  const auto of_age = [&](const std::string& code, int min_age, int max_age) {
    auto plan = w.Plan(code, script);
    plan.mutable_campaign()->mutable_criteria()->set_min_age(min_age);
    plan.mutable_campaign()->mutable_criteria()->set_max_age(max_age);
    return w.Built(plan).build().found();
  };
  CHECK(of_age("thirty", 30, 30) == 30);
  CHECK(of_age("young", 0, 24) == 150);
  CHECK(of_age("old", 38, 0) == 60);

  // What the customer master calls nonsense is given up, and mended by other criteria.
  auto nonsense = w.Plan("nonsense", script);
  nonsense.mutable_campaign()->mutable_criteria()->add_holds("SAVINGS");
  nonsense.mutable_campaign()->mutable_criteria()->add_lacks("SAVINGS");
  auto failed = w.Create(nonsense);
  w.Build(failed.name());
  failed = w.UntilBuild(failed.name(), TargetBuild::FAILED);
  REQUIRE(failed.build().state() == TargetBuild::FAILED);
  CHECK_FALSE(failed.build().failure().empty());
  CHECK(
      Step<pb::SubmitCampaignRequest>(w, *w.planner, "Submit", failed.name()).error().metadata.at("field") ==
      "build");
  failed.mutable_criteria()->clear_lacks();
  REQUIRE(Update(w, failed, "criteria"));
  w.Build(failed.name());
  CHECK(w.UntilBuild(failed.name(), TargetBuild::BUILT).build().state() == TargetBuild::BUILT);
}

}  // namespace
}  // namespace carillon::campaign
