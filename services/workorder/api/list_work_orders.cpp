#include "rpc/page.hpp"
#include "workorder/api/methods.hpp"
#include "workorder/store/orders.hpp"

namespace carillon::workorder::api {

Result<pb::ListWorkOrdersResponse> ListWorkOrders(Call& call, Deps& deps,
                                                  const pb::ListWorkOrdersRequest& in) {
  pb::ListWorkOrdersRequest question = in;
  question.clear_page_size();
  question.clear_page_token();
  const auto filter = question.SerializeAsString();
  TRY(const auto after, rpc::PageKey(in.page_token(), filter));
  TRY(auto page, deps.db.Read(call, [&](pg::Tx& tx) {
    return store::List(tx, in, after, rpc::PageSize(in.page_size()));
  }));
  pb::ListWorkOrdersResponse out;
  for (auto& order : page.orders) *out.add_work_orders() = std::move(order);
  if (page.next) out.set_next_page_token(rpc::PageToken(*page.next, filter));
  return out;
}

}  // namespace carillon::workorder::api
