import { Code, ConnectError } from "@connectrpc/connect";
import { createRegistry, fromBinary } from "@bufbuild/protobuf";
import { BadRequestSchema, ErrorInfoSchema, type BadRequest, type ErrorInfo } from "../gen/google/rpc/error_details_pb";

const registry = createRegistry(ErrorInfoSchema, BadRequestSchema);

export interface Refusal {
  code: Code;
  /** UPPER_SNAKE, the service's word for it; empty when it gave none. */
  reason: string;
  message: string;
  metadata: Record<string, string>;
  /** Path of the field and what is wrong with it. */
  violations: { field: string; description: string }[];
}

export function refusal(error: unknown): Refusal {
  const it = ConnectError.from(error);
  const out: Refusal = { code: it.code, reason: "", message: it.rawMessage, metadata: {}, violations: [] };
  for (const detail of it.details) {
    if (!("type" in detail)) continue;
    const schema = registry.getMessage(detail.type);
    if (!schema || !(detail.value instanceof Uint8Array)) continue;
    if (detail.type === ErrorInfoSchema.typeName) {
      const info = fromBinary(ErrorInfoSchema, detail.value) as ErrorInfo;
      out.reason = info.reason;
      out.metadata = info.metadata;
    } else {
      const bad = fromBinary(BadRequestSchema, detail.value) as BadRequest;
      out.violations = bad.fieldViolations.map(({ field, description }) => ({ field, description }));
    }
  }
  return out;
}
