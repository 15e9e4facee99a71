import { useQuery } from "@tanstack/react-query";
import { idOf } from "../api/clients";
import { orders } from "../api/records";
import { millis } from "../api/time";
import { WorkOrder_StateSchema, WorkOrder_TypeSchema } from "../gen/carillon/workorder/v1/work_order_pb";
import { useT } from "../i18n";
import { Answer, Pill, Time } from "../ui/kit";
import { Link } from "../ui/router";
import { orderTone } from "./order-tone";

/** Orders of a customer, newest first. */
export function CustomerOrders({ customer }: { customer: string }) {
  const { t, word } = useT();
  const list = useQuery({
    queryKey: ["orders-of", customer],
    queryFn: () => orders.listWorkOrders({ customer, pageSize: 20 }),
    enabled: Boolean(customer),
  });
  if (!customer) return <p className="quiet">{t("customer.none")}</p>;
  return (
    <Answer of={list}>
      {({ workOrders }) =>
        workOrders.length === 0 ? (
          <p className="quiet">{t("order.none")}</p>
        ) : (
          <table className="plain">
            <thead>
              <tr>
                <th scope="col">{t("order.number")}</th>
                <th scope="col">{t("order.type")}</th>
                <th scope="col">{t("order.title")}</th>
                <th scope="col">{t("order.state")}</th>
                <th scope="col">{t("order.created")}</th>
              </tr>
            </thead>
            <tbody>
              {workOrders.map((one) => (
                <tr key={one.name}>
                  <td><Link to={`/orders/${idOf(one.name)}`}>{one.number}</Link></td>
                  <td>{word(WorkOrder_TypeSchema, one.type)}</td>
                  <td>{one.title || "—"}</td>
                  <td><Pill tone={orderTone(one)}>{word(WorkOrder_StateSchema, one.state)}</Pill></td>
                  <td><Time at={millis(one.createTime)} /></td>
                </tr>
              ))}
            </tbody>
          </table>
        )
      }
    </Answer>
  );
}
