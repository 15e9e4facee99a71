import { createClient } from "@connectrpc/connect";
import { requestId } from "../api/clients";
import { transport } from "../api/session";
import { timestamp } from "../api/time";
import { Disposition } from "../gen/carillon/campaign/v1/campaign_pb";
import { CampaignService } from "../gen/carillon/campaign/v1/campaign_service_pb";

/** What became of a campaign's call; with CALLBACK_BOOKED, when to call again. */
export const recordAttempt = (name: string, disposition: string, workOrder: string, callback: number) =>
  createClient(CampaignService, transport).recordDisposition({
    name,
    disposition: Disposition[disposition as keyof typeof Disposition],
    workOrder,
    ...(callback ? { nextCallbackTime: timestamp(callback) } : {}),
    requestId: requestId(),
  });
