#include "knowledge/service.hpp"

#include "knowledge/api/methods.hpp"
#include "knowledge/domain/phrase.hpp"
#include "knowledge/jobs/sweep.hpp"

namespace carillon::knowledge {

struct Service::Parts {
  api::Deps deps;
};

Service::Service(host::Host& host, const Settings& settings)
    : parts_(std::make_unique<Parts>(
          Parts{{host.db(), host::Required(calendar::TimeZone::Load(settings.time_zone)),
                 std::chrono::days{settings.review_days}}})) {
  domain::ShippedPhrases();  // what cannot be read stops the process here
  auto& deps = parts_->deps;
  rpc::Binder articles(host.server(), "carillon.knowledge.v1.ArticleService", deps);
  articles.Unary("CreateArticle", api::CreateArticle);
  articles.Unary("GetArticle", api::GetArticle);
  articles.Unary("ListArticles", api::ListArticles);
  articles.Unary("ListArticleVersions", api::ListArticleVersions);
  articles.Unary("EditArticle", api::EditArticle);
  articles.Unary("SubmitArticle", api::SubmitArticle);
  articles.Unary("ApproveArticle", api::ApproveArticle);
  articles.Unary("RejectArticle", api::RejectArticle);
  articles.Unary("PublishArticle", api::PublishArticle);
  articles.Unary("SetArticleValidity", api::SetArticleValidity);
  articles.Unary("ArchiveArticle", api::ArchiveArticle);
  articles.Unary("RollBackArticle", api::RollBackArticle);
  articles.Unary("ConfirmArticle", api::ConfirmArticle);
  articles.Unary("SearchArticles", api::SearchArticles);
  articles.Unary("SuggestArticles", api::SuggestArticles);
  articles.Unary("RateArticle", api::RateArticle);
  rpc::Binder phrases(host.server(), "carillon.knowledge.v1.PhraseService", deps);
  phrases.Unary("ListPhrases", api::ListPhrases);
  phrases.Unary("SetPhrase", api::SetPhrase);
  phrases.Unary("ResetPhrase", api::ResetPhrase);
  phrases.Unary("CheckTaboo", api::CheckTaboo);
  rpc::Binder gaps(host.server(), "carillon.knowledge.v1.GapService", deps);
  gaps.Unary("ReportGap", api::ReportGap);
  gaps.Unary("GetGap", api::GetGap);
  gaps.Unary("ListGaps", api::ListGaps);
  gaps.Unary("AssignGap", api::AssignGap);
  gaps.Unary("AnswerGap", api::AnswerGap);
  gaps.Unary("CloseGap", api::CloseGap);

  host.Every("articles", std::chrono::milliseconds{settings.sweep_ms}, [&deps, &host](Call& call) {
    const auto call_for = [&](const std::string& tenant) {
      return host.CallFor(tenant, std::chrono::seconds{10});
    };
    // What could not be done now is found again at the next turn.
    (void)jobs::SweepArticles(call, host.worker_db(), deps.review, call_for);
  });
  host.Every("log", std::chrono::minutes{1}, [&host, days = settings.log_days](Call& call) {
    (void)jobs::ForgetSearches(call, host.worker_db(), std::chrono::days{days});
  });
}

Service::~Service() = default;

}  // namespace carillon::knowledge
