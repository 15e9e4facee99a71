#include "simulator/run/shelving.hpp"

#include <google/protobuf/util/json_util.h>

#include <map>
#include <nlohmann/json.hpp>

#include "base/ids.hpp"
#include "carillon/knowledge/v1/knowledge_service.pb.h"
#include "simulator/clients/pages.hpp"
#include "simulator/files/lines.hpp"

namespace carillon::simulator {
namespace {

namespace knowledge = carillon::knowledge::v1;

Result<std::vector<knowledge::CreateArticleRequest>> ReadArticles(const std::string& file) {
  TRY(const auto text, ReadText(file));
  const auto list = nlohmann::json::parse(text, nullptr, false);
  std::vector<knowledge::CreateArticleRequest> articles;
  for (const auto& each : list) {
    knowledge::CreateArticleRequest article;
    if (!google::protobuf::util::JsonStringToMessage(each.dump(), &article).ok())
      return InvalidArgument("ARTICLES_MALFORMED", file + " holds what is no article");
    articles.push_back(std::move(article));
  }
  if (articles.empty()) return InvalidArgument("ARTICLES_MALFORMED", file + " holds no article");
  return articles;
}

/// One step of an article's life.
template <class Request>
Result<knowledge::Article> Step(User& who, const char* method, const knowledge::Article& article,
                                const std::string& run) {
  Request request;
  request.set_name(article.name());
  request.set_request_id(DerivedId(run, std::string(method) + article.name()));
  return who.Ask<knowledge::Article>("knowledge", std::string("ArticleService/") + method, request);
}

}  // namespace

Result<void> ShelveArticles(User& editor, User& approver, const std::string& file, const std::string& run,
                            const std::function<void(const std::string&)>& say) {
  TRY(const auto wanted, ReadArticles(file));
  std::map<std::string, knowledge::Article> there;  // by code and language
  TRY_VOID(ForEachPage<knowledge::ListArticlesResponse>(
      editor, "knowledge", "ArticleService/ListArticles", knowledge::ListArticlesRequest(),
      [&](const auto& page) {
        for (const auto& article : page.articles())
          there[article.code() + "/" + article.language()] = article;
      }));
  using Version = knowledge::ArticleVersion;
  for (auto request : wanted) {
    const auto key = request.article().code() + "/" + request.article().language();
    auto& article = there[key];
    if (article.name().empty()) {
      request.set_request_id(DerivedId(run, "article." + key));
      TRY(article, editor.Ask<knowledge::Article>("knowledge", "ArticleService/CreateArticle", request));
    }
    if (article.latest().number() > 1) continue;
    if (article.latest().state() == Version::DRAFT) {
      TRY(article, Step<knowledge::SubmitArticleRequest>(editor, "SubmitArticle", article, run));
    }
    if (article.latest().state() == Version::IN_REVIEW) {
      TRY(article, Step<knowledge::ApproveArticleRequest>(approver, "ApproveArticle", article, run));
    }
    if (article.latest().state() == Version::APPROVED) {
      TRY(article, Step<knowledge::PublishArticleRequest>(approver, "PublishArticle", article, run));
    }
  }
  say(std::to_string(wanted.size()) + " articles in the knowledge base");
  return Ok();
}

}  // namespace carillon::simulator
