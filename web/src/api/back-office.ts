/** The services that only other pages than the desk need. */
import { createClient } from "@connectrpc/connect";
import { CampaignService } from "../gen/carillon/campaign/v1/campaign_service_pb";
import { ScriptService } from "../gen/carillon/campaign/v1/script_service_pb";
import { StewardService } from "../gen/carillon/customer/v1/steward_service_pb";
import { ReportService } from "../gen/carillon/insight/v1/insight_service_pb";
import { FlowService } from "../gen/carillon/ivr/v1/flow_service_pb";
import { EvaluationService, SamplingService, ScorecardService } from "../gen/carillon/qa/v1/qa_service_pb";
import { CallService } from "../gen/carillon/telephony/v1/call_service_pb";
import { transport } from "./session";

export const campaigns = createClient(CampaignService, transport);
export const scripts = createClient(ScriptService, transport);
export const stewards = createClient(StewardService, transport);
export const reports = createClient(ReportService, transport);
export const flows = createClient(FlowService, transport);
export const evaluations = createClient(EvaluationService, transport);
export const sampling = createClient(SamplingService, transport);
export const calls = createClient(CallService, transport);
export const scorecards = createClient(ScorecardService, transport);
