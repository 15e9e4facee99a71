#pragma once
#include "carillon/knowledge/v1/knowledge_service.pb.h"
#include "knowledge/api/deps.hpp"

/// The methods of ArticleService, PhraseService and GapService; what each promises is said in the .proto.
namespace carillon::knowledge::api {

Result<pb::Article> CreateArticle(Call& call, Deps& deps, const pb::CreateArticleRequest& in);
Result<pb::Article> GetArticle(Call& call, Deps& deps, const pb::GetArticleRequest& in);
Result<pb::ListArticlesResponse> ListArticles(Call& call, Deps& deps, const pb::ListArticlesRequest& in);
Result<pb::ListArticleVersionsResponse> ListArticleVersions(Call& call, Deps& deps,
                                                            const pb::ListArticleVersionsRequest& in);
Result<pb::Article> EditArticle(Call& call, Deps& deps, const pb::EditArticleRequest& in);
Result<pb::Article> SubmitArticle(Call& call, Deps& deps, const pb::SubmitArticleRequest& in);
Result<pb::Article> ApproveArticle(Call& call, Deps& deps, const pb::ApproveArticleRequest& in);
Result<pb::Article> RejectArticle(Call& call, Deps& deps, const pb::RejectArticleRequest& in);
Result<pb::Article> PublishArticle(Call& call, Deps& deps, const pb::PublishArticleRequest& in);
Result<pb::Article> SetArticleValidity(Call& call, Deps& deps, const pb::SetArticleValidityRequest& in);
Result<pb::Article> ArchiveArticle(Call& call, Deps& deps, const pb::ArchiveArticleRequest& in);
Result<pb::Article> RollBackArticle(Call& call, Deps& deps, const pb::RollBackArticleRequest& in);
Result<pb::Article> ConfirmArticle(Call& call, Deps& deps, const pb::ConfirmArticleRequest& in);
Result<pb::SearchArticlesResponse> SearchArticles(Call& call, Deps& deps,
                                                  const pb::SearchArticlesRequest& in);
Result<pb::SuggestArticlesResponse> SuggestArticles(Call& call, Deps& deps,
                                                    const pb::SuggestArticlesRequest& in);
Result<pb::Article> RateArticle(Call& call, Deps& deps, const pb::RateArticleRequest& in);

Result<pb::ListPhrasesResponse> ListPhrases(Call& call, Deps& deps, const pb::ListPhrasesRequest& in);
Result<pb::Phrase> SetPhrase(Call& call, Deps& deps, const pb::SetPhraseRequest& in);
Result<pb::Phrase> ResetPhrase(Call& call, Deps& deps, const pb::ResetPhraseRequest& in);
Result<pb::CheckTabooResponse> CheckTaboo(Call& call, Deps& deps, const pb::CheckTabooRequest& in);

Result<pb::Gap> ReportGap(Call& call, Deps& deps, const pb::ReportGapRequest& in);
Result<pb::Gap> GetGap(Call& call, Deps& deps, const pb::GetGapRequest& in);
Result<pb::ListGapsResponse> ListGaps(Call& call, Deps& deps, const pb::ListGapsRequest& in);
Result<pb::Gap> AssignGap(Call& call, Deps& deps, const pb::AssignGapRequest& in);
Result<pb::Gap> AnswerGap(Call& call, Deps& deps, const pb::AnswerGapRequest& in);
Result<pb::Gap> CloseGap(Call& call, Deps& deps, const pb::CloseGapRequest& in);

}  // namespace carillon::knowledge::api
