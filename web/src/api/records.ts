/** The services that a desk needs once there is work, and not before. */
import { createClient } from "@connectrpc/connect";
import { CustomerService } from "../gen/carillon/customer/v1/customer_service_pb";
import { QueueService } from "../gen/carillon/routing/v1/queue_service_pb";
import { WorkOrderService } from "../gen/carillon/workorder/v1/workorder_service_pb";
import { streams, transport } from "./session";

export const customers = createClient(CustomerService, transport);
export const queues = createClient(QueueService, transport);
export const queueStream = createClient(QueueService, streams);
export const orders = createClient(WorkOrderService, transport);
