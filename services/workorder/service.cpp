#include "workorder/service.hpp"

#include "workorder/api/methods.hpp"
#include "workorder/events/on_customers.hpp"
#include "workorder/jobs/sweep_overdue.hpp"

namespace carillon::workorder {
namespace {

domain::Hours HoursOf(const Settings& settings) {
  return host::Required(domain::Hours::Parse(host::Required(calendar::TimeZone::Load(settings.time_zone)),
                                             settings.office_hours, settings.holidays));
}

}  // namespace

struct Service::Parts {
  domain::Hours hours;
  api::DeskFeeds feeds;
  api::Deps deps;
  Parts(host::Host& host, const Settings& settings)
      : hours(HoursOf(settings)), feeds(host.db()), deps{host.db(), hours, feeds} {}
};

Service::Service(host::Host& host, const Settings& settings)
    : parts_(std::make_unique<Parts>(host, settings)) {
  rpc::Binder bind(host.server(), "carillon.workorder.v1.WorkOrderService", parts_->deps);
  bind.Unary("CreateWorkOrder", api::CreateWorkOrder);
  bind.Unary("GetWorkOrder", api::GetWorkOrder);
  bind.Unary("ListWorkOrders", api::ListWorkOrders);
  bind.Unary("SearchWorkOrders", api::SearchWorkOrders);
  bind.Unary("UpdateWorkOrder", api::UpdateWorkOrder);
  bind.Unary("AnswerWorkOrder", api::AnswerWorkOrder);
  bind.Unary("DispatchWorkOrder", api::DispatchWorkOrder);
  bind.Unary("AcceptWorkOrder", api::AcceptWorkOrder);
  bind.Unary("ReturnWorkOrder", api::ReturnWorkOrder);
  bind.Unary("SuspendWorkOrder", api::SuspendWorkOrder);
  bind.Unary("ResumeWorkOrder", api::ResumeWorkOrder);
  bind.Unary("CompleteWorkOrder", api::CompleteWorkOrder);
  bind.Unary("RecordReply", api::RecordReply);
  bind.Unary("RecordRevisit", api::RecordRevisit);
  bind.Unary("CancelWorkOrder", api::CancelWorkOrder);
  bind.Unary("EscalateWorkOrder", api::EscalateWorkOrder);
  bind.Unary("PrioritizeWorkOrder", api::PrioritizeWorkOrder);
  bind.Unary("ForceCloseWorkOrder", api::ForceCloseWorkOrder);
  bind.Unary("ConvertWorkOrder", api::ConvertWorkOrder);
  bind.Unary("RejectWorkOrder", api::RejectWorkOrder);
  bind.Unary("ListHistory", api::ListHistory);
  bind.Unary("CreateDesk", api::CreateDesk);
  bind.Unary("ListDesks", api::ListDesks);
  bind.Unary("SetSlaPolicy", api::SetSlaPolicy);
  bind.Unary("ListSlaPolicies", api::ListSlaPolicies);
  bind.Unary("SetCustomField", api::SetCustomField);
  bind.Unary("ListCustomFields", api::ListCustomFields);
  bind.Stream("WatchDesk", api::WatchDesk);

  events::OnCustomers(host, parts_->deps);
  host.Every("overdue", std::chrono::milliseconds{settings.sweep_ms}, [this, &host](Call& call) {
    const auto call_for = [&](const std::string& tenant) {
      return host.CallFor(tenant, std::chrono::seconds{10});
    };
    // What could not be marked now is found again at the next turn.
    (void)jobs::SweepOverdue(call, host.worker_db(), parts_->hours, call_for);
  });
  host.Every("desks", std::chrono::milliseconds{settings.watch_ms},
             [this](Call&) { parts_->feeds.Refresh(); });
}

Service::~Service() = default;

}  // namespace carillon::workorder
