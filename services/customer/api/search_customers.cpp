#include <algorithm>

#include "customer/api/api.hpp"
#include "customer/api/steps.hpp"
#include "customer/domain/identifiers.hpp"
#include "rpc/page.hpp"
#include "text/text.hpp"

namespace carillon::customer::api {

Result<pb::SearchCustomersResponse> SearchCustomers(Call& call, Deps& deps,
                                                    const pb::SearchCustomersRequest& in) {
  const int given = (in.text().empty() ? 0 : 1) + (in.phone_suffix().empty() ? 0 : 1) +
                    (in.has_identifier() ? 1 : 0) + (in.account_number().empty() ? 0 : 1) +
                    (in.has_custom_field() ? 1 : 0) + (in.service_address().empty() ? 0 : 1);
  if (given != 1) return errors::QueryRequired();
  pb::SearchCustomersRequest query = in;
  query.clear_page_token();
  query.clear_page_size();
  // The token must not tell the query, so its fingerprint is keyed.
  const std::string fingerprint = deps.vault.NumberTag(query.SerializeAsString());
  TRY(const std::string after, rpc::PageKey(in.page_token(), fingerprint));
  const int size = in.page_size() <= 0 ? 20 : rpc::PageSize(in.page_size());

  const auto terms = text::QueryTerms(in.text());
  if (!in.text().empty() &&
      std::none_of(terms.begin(), terms.end(), [](const std::string& term) { return term.size() >= 2; })) {
    return errors::QueryTooShort("text");
  }
  // A character alone may end what it is part of, and only beginnings are found.
  auto places = text::QueryTerms(in.service_address());
  std::erase_if(places, [](const std::string& term) { return term.size() > 1 && text::Length(term) == 1; });
  if (!in.service_address().empty() && places.empty()) return errors::QueryTooShort("service_address");
  // A whole number may be typed in any form, an end of it only as digits.
  const auto whole = text::ToE164(in.phone_suffix());
  const std::string reversed = text::SuffixQuery(whole ? *whole : in.phone_suffix());
  if (!in.phone_suffix().empty() && reversed.size() < 4) return errors::QueryTooShort("phone_suffix");
  pb::Identifier identifier = in.identifier();
  identifier.set_number(domain::NormalizedNumber(identifier.type(), identifier.number()));
  pb::Account account;
  account.set_number(domain::NormalizedNumber(pb::Identifier::OTHER, in.account_number()));

  pb::SearchCustomersResponse out;
  TRY(auto found, deps.db.Read(call, [&](pg::Tx& tx) -> Result<std::vector<pb::Customer>> {
    std::vector<std::string> ids;
    if (!in.text().empty()) {
      ids = store::FindByName(tx, terms, after, size + 1);
    } else if (!in.phone_suffix().empty()) {
      ids = store::FindByPhoneEnd(tx, reversed, after, size + 1);
    } else if (!places.empty()) {
      ids = store::FindByAddress(tx, places, after, size + 1);
    } else if (in.has_identifier()) {
      ids = store::FindByIdentifier(tx, deps.vault, identifier, after, size + 1);
    } else if (in.has_custom_field()) {
      const auto fields = store::CustomFields(tx);
      if (std::none_of(fields.begin(), fields.end(), [&](const auto& field) {
            return field.indexed() && IdOf(field.name()) == in.custom_field().key();
          })) {
        return errors::FieldNotIndexed(in.custom_field().key());
      }
      ids = store::FindByField(tx, deps.vault, in.custom_field().key() + "=" + in.custom_field().value(),
                               after, size + 1);
    } else {
      ids = store::FindByAccount(tx, deps.vault, account, after, size + 1);
    }
    out.clear_next_page_token();
    if (ids.size() > static_cast<std::size_t>(size)) {
      ids.pop_back();
      out.set_next_page_token(rpc::PageToken(ids.back(), fingerprint));
    }
    return store::LoadAll(tx, deps.vault, ids);
  }));
  for (auto& customer : found) *out.add_customers() = std::move(customer);
  return out;
}

}  // namespace carillon::customer::api
