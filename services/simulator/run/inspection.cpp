#include "simulator/run/inspection.hpp"

#include <atomic>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/ids.hpp"
#include "carillon/access/v1/access_service.pb.h"
#include "carillon/qa/v1/qa_service.pb.h"
#include "simulator/clients/pages.hpp"
#include "simulator/domain/call_log.hpp"
#include "simulator/domain/judgement.hpp"
#include "simulator/files/lines.hpp"

namespace carillon::simulator {
namespace {

namespace access = carillon::access::v1;
namespace qa = carillon::qa::v1;

constexpr int kJudges = 4;  // at once
constexpr auto kZoneOfDay = std::chrono::hours{8};

struct Sheet {
  std::vector<SheetItem> items;
  std::string hold_checked;  ///< the item the length of hold speaks to
  std::vector<std::string> vetoes;
};

Sheet SheetOf(const qa::ScorecardContent& content) {
  Sheet out;
  for (const auto& section : content.sections())
    for (const auto& item : section.items()) {
      out.items.push_back({item.code(), item.not_applicable_allowed(), ""});
      if (item.hold_checked()) out.hold_checked = item.code();
    }
  for (const auto& veto : content.vetoes()) out.vetoes.push_back(veto.code());
  return out;
}

class Inspector {
 public:
  explicit Inspector(const InspectionSettings& settings) : settings_(settings), random_(settings.seed) {
    platform_.tls = settings.tls;
  }

  Result<void> Run() {
    TRY(platform_.addresses, ReadPeers(settings_.peers));
    manager_ = Login("quality-manager");
    for (const char* login : kEvaluators) evaluators_.push_back(Login(login));
    TRY_VOID(FindAgents());
    TRY(auto plan,
        Ask<qa::GetSamplePlanRequest, qa::SamplePlan>("SamplingService/GetSamplePlan", settings_.plan));
    if (plan.state() == qa::SamplePlan::DRAFT) {
      TRY(plan,
          Ask<qa::OpenSamplePlanRequest, qa::SamplePlan>("SamplingService/OpenSamplePlan", settings_.plan));
    }
    TRY(plan, Ask<qa::DrawSamplesRequest, qa::SamplePlan>("SamplingService/DrawSamples", settings_.plan));
    for (const auto& quota : plan.quotas()) {
      planned_ += quota.planned();
      drawn_ += quota.drawn();
    }
    std::vector<qa::Evaluation> all;
    qa::ListEvaluationsRequest list;
    list.set_plan(settings_.plan);
    TRY_VOID(ForEachPage<qa::ListEvaluationsResponse>(
        *manager_, "qa", "EvaluationService/ListEvaluations", list, [&](const auto& page) {
          all.insert(all.end(), page.evaluations().begin(), page.evaluations().end());
        }));
    for (const auto& evaluation : all) TRY_VOID(LearnSheet(evaluation.scorecard_revision()));
    JudgeAll(all);
    return Ok();
  }

  nlohmann::ordered_json Said() const {
    return {{"plan", settings_.plan},    {"planned", planned_},      {"drawn", drawn_},
            {"judged", judged_.load()},  {"vetoed", vetoed_.load()}, {"acknowledged", acknowledged_.load()},
            {"refused", refused_.load()}};
  }
  bool good() const { return refused_ == 0; }

 private:
  std::unique_ptr<User> Login(const std::string& login) const {
    return std::make_unique<User>(platform_, settings_.tenant, login, PasswordOf(settings_.secret, login));
  }

  template <class Request, class Response>
  Result<Response> Ask(const char* method, const std::string& name) {
    Request request;
    request.set_name(name);
    if constexpr (requires { request.set_request_id(""); }) request.set_request_id(DerivedId(name, method));
    return manager_->Ask<Response>("qa", method, request);
  }

  Result<void> FindAgents() {
    const auto administrator = Login("admin");
    return ForEachPage<access::ListUsersResponse>(
        *administrator, "access", "AccessService/ListUsers", access::ListUsersRequest(),
        [&](const auto& page) {
          for (const auto& user : page.users())
            if (!user.agent_number().empty())
              agents_["agents/" + user.name().substr(std::string_view("users/").size())] =
                  Login(user.login());
        });
  }

  Result<void> LearnSheet(const std::string& revision) {
    if (sheets_.contains(revision)) return Ok();
    TRY(const auto found, Ask<qa::GetScorecardRevisionRequest, qa::ScorecardRevision>(
                              "ScorecardService/GetScorecardRevision", revision));
    sheets_[revision] = SheetOf(found.content());
    return Ok();
  }

  void JudgeAll(const std::vector<qa::Evaluation>& all) {
    std::atomic<std::size_t> next = 0;
    std::vector<std::thread> judges;
    for (int i = 0; i < kJudges; ++i)
      judges.emplace_back([&] {
        for (auto at = next++; at < all.size(); at = next++) {
          const auto done = Judge(all[at], at);
          if (done) continue;
          if (++refused_ <= 5)
            std::fprintf(stderr, "refused: %s (%s)\n", done.error().message.c_str(),
                         done.error().reason.c_str());
        }
      });
    for (auto& judge : judges) judge.join();
  }

  Result<void> Judge(const qa::Evaluation& evaluation, std::size_t number) {
    auto& evaluator = *evaluators_[number % evaluators_.size()];
    const auto& sheet = sheets_.at(evaluation.scorecard_revision());
    auto items = sheet.items;
    for (auto& item : items)
      if (item.code == sheet.hold_checked && evaluation.hold_hint() != qa::Evaluation::LEVEL_UNSPECIFIED)
        item.hint = qa::Evaluation::Level_Name(evaluation.hold_hint());
    const auto agent = agents_.find(evaluation.agent());
    const auto judged = Judged(items, sheet.vetoes, random_,
                               agent == agents_.end() ? "" : agent->second->login(), std::to_string(number));
    if (evaluation.state() == qa::Evaluation::DRAWN) {
      qa::SubmitScoreRequest score;
      score.set_name(evaluation.name());
      for (const auto& [code, word] : judged.answers) {
        auto* answer = score.add_answers();
        answer->set_item(code);
        qa::Evaluation::Level level = qa::Evaluation::FULL;
        qa::Evaluation::Level_Parse(word, &level);
        answer->set_level(level);
      }
      for (const auto& veto : judged.vetoes) score.add_vetoes(veto);
      score.set_comment(judged.vetoes.empty() ? "继续保持，注意逐项改进。"
                                              : "触犯一票否决项，请与班长面谈。");
      score.set_request_id(DerivedId(evaluation.name(), "score"));
      TRY_VOID(evaluator.Ask<qa::Evaluation>("qa", "EvaluationService/SubmitScore", score));
      ++judged_;
      vetoed_ += judged.vetoes.empty() ? 0 : 1;
    }
    qa::PublishEvaluationRequest publish;
    publish.set_name(evaluation.name());
    publish.set_request_id(DerivedId(evaluation.name(), "publish"));
    TRY_VOID(evaluator.Ask<qa::Evaluation>("qa", "EvaluationService/PublishEvaluation", publish));
    if (agent == agents_.end()) return Ok();  // of none of the day's people: that one reads it another time
    qa::AcknowledgeEvaluationRequest seen;
    seen.set_name(evaluation.name());
    seen.set_comment("已阅。");
    seen.set_request_id(DerivedId(evaluation.name(), "acknowledge"));
    TRY_VOID(agent->second->Ask<qa::Evaluation>("qa", "EvaluationService/AcknowledgeEvaluation", seen));
    ++acknowledged_;
    return Ok();
  }

  const InspectionSettings& settings_;
  const Random random_;
  Platform platform_;
  std::unique_ptr<User> manager_;
  std::vector<std::unique_ptr<User>> evaluators_;
  std::map<std::string, std::unique_ptr<User>> agents_;  // by agents/{uuid}
  std::map<std::string, Sheet> sheets_;                  // by revision
  int planned_ = 0, drawn_ = 0;
  std::atomic<int> judged_ = 0, vetoed_ = 0, acknowledged_ = 0, refused_ = 0;
};

google::type::Date DateOf(TimePoint midnight) {
  const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(midnight + kZoneOfDay)};
  google::type::Date out;
  out.set_year(static_cast<int>(day.year()));
  out.set_month(static_cast<int>(static_cast<unsigned>(day.month())));
  out.set_day(static_cast<int>(static_cast<unsigned>(day.day())));
  return out;
}

}  // namespace

Result<std::string> PlanSamples(Stage& stage, const StageSettings& settings,
                                const std::string& complaint_queue) {
  auto& manager = *stage.quality_manager;
  const auto run = NewId(RealNow());
  std::map<std::string, qa::Scorecard> known;
  TRY_VOID(ForEachPage<qa::ListScorecardsResponse>(manager, "qa", "ScorecardService/ListScorecards",
                                                   qa::ListScorecardsRequest(), [&](const auto& page) {
                                                     for (const auto& card : page.scorecards())
                                                       known[card.code()] = card;
                                                   }));
  const std::tuple<const char*, const char*, qa::Scorecard::Kind> wanted[] = {
      {"csr", "客户服务评分表", qa::Scorecard::CSR},
      {"tsr", "电话销售评分表", qa::Scorecard::TSR},
      {"complaint", "投诉处理评分表", qa::Scorecard::COMPLAINT}};
  for (const auto& [code, display_name, kind] : wanted) {
    if (!known.contains(code)) {
      qa::CreateScorecardRequest create;
      create.mutable_scorecard()->set_client(stage.client);
      create.mutable_scorecard()->set_code(code);
      create.mutable_scorecard()->set_display_name(display_name);
      create.mutable_scorecard()->set_kind(kind);
      create.set_template_(code);
      create.set_request_id(DerivedId(run, code));
      TRY(known[code], manager.Ask<qa::Scorecard>("qa", "ScorecardService/CreateScorecard", create));
    }
    if (known[code].active_revision() > 0) continue;
    qa::ActivateScorecardRequest activate;
    activate.set_name(known[code].name());
    activate.set_request_id(DerivedId(run, std::string("activate") + code));
    TRY(known[code], manager.Ask<qa::Scorecard>("qa", "ScorecardService/ActivateScorecard", activate));
  }
  qa::CreateSamplePlanRequest create;
  auto& plan = *create.mutable_sample_plan();
  plan.set_client(stage.client);
  plan.set_display_name(FormatDay(std::chrono::floor<std::chrono::days>(settings.midnight + kZoneOfDay)));
  *plan.mutable_start_date() = DateOf(settings.midnight);
  *plan.mutable_end_date() = DateOf(settings.midnight);
  plan.set_time_zone("Asia/Shanghai");
  auto* sales = plan.add_scorecards();
  sales->set_direction(qa::OUTBOUND);
  sales->set_scorecard(known["tsr"].name());
  auto* complaints = plan.add_scorecards();
  complaints->set_queue(complaint_queue);
  complaints->set_scorecard(known["complaint"].name());
  plan.add_scorecards()->set_scorecard(known["csr"].name());
  plan.set_target_count(20);
  plan.set_focus_count(20);
  plan.set_target_minutes(90);
  plan.set_seed("seed-" + std::to_string(settings.seed));
  create.set_request_id(DerivedId(run, "plan"));
  TRY(const auto made, manager.Ask<qa::SamplePlan>("qa", "SamplingService/CreateSamplePlan", create));
  return made.name();
}

int RunInspection(const InspectionSettings& settings) {
  Inspector inspector(settings);
  const auto done = inspector.Run();
  if (!done) {
    std::fprintf(stderr, "carillon-simulator: %s (%s)\n", done.error().message.c_str(),
                 done.error().reason.c_str());
    return 1;
  }
  const auto said = inspector.Said().dump(1) + "\n";
  if (settings.json.empty()) {
    std::printf("%s", said.c_str());
  } else if (const auto written = WriteText(settings.json, said); !written) {
    std::fprintf(stderr, "carillon-simulator: %s\n", written.error().message.c_str());
    return 1;
  }
  return inspector.good() ? 0 : 1;
}

}  // namespace carillon::simulator
