#include "customer/domain/distribution.hpp"

#include <array>
#include <charconv>

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "customer/domain/customers.hpp"

namespace carillon::customer::domain {
namespace {

constexpr std::string_view kHeading =
    "customer,client,version,state,merged_into,organisation,masked_name,grade,life_cycle_stage,home_region,"
    "brand,preferred_language,birth_year,do_not_contact,alerts,account_types,changed_at\r\n";

std::string Cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

template <class Texts>
std::string Joined(const Texts& texts) {
  std::string out;
  for (const auto& text : texts) out += (out.empty() ? "" : ";") + text;
  return out;
}

}  // namespace

std::string CursorOf(const ChangePlace& place) {
  return std::to_string(place.transaction) + "." + place.customer_id;
}

std::optional<ChangePlace> PlaceOf(std::string_view cursor) {
  const auto dot = cursor.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  ChangePlace place;
  const auto* const end = cursor.data() + dot;
  const auto [at, error] = std::from_chars(cursor.data(), end, place.transaction);
  place.customer_id = cursor.substr(dot + 1);
  if (error != std::errc() || at != end || !IsUuid(place.customer_id)) return std::nullopt;
  return place;
}

std::string ChangesFile(const std::vector<pb::Customer>& customers) {
  std::string out(kHeading);
  const auto truth = [](bool is) { return std::string(is ? "true" : "false"); };
  for (const auto& customer : customers) {
    const auto state = StateOf(customer);
    const std::array<std::string, 17> cells{state.name(),
                                            state.client(),
                                            state.etag(),
                                            pb::Customer::State_Name(state.state()),
                                            customer.merged_into(),
                                            truth(state.organisation()),
                                            state.masked_display_name(),
                                            pb::Customer::Grade_Name(state.grade()),
                                            pb::Customer::LifeCycleStage_Name(state.life_cycle_stage()),
                                            state.home_region(),
                                            state.brand(),
                                            state.preferred_language(),
                                            state.birth_year() == 0 ? "" : std::to_string(state.birth_year()),
                                            truth(state.do_not_contact()),
                                            Joined(state.alert_codes()),
                                            Joined(state.account_types()),
                                            FormatRfc3339(FromProto(state.update_time()))};
    for (std::size_t n = 0; n < cells.size(); ++n) out += (n == 0 ? "" : ",") + Cell(cells.at(n));
    out += "\r\n";
  }
  return out;
}

}  // namespace carillon::customer::domain
