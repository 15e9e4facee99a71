#!/usr/bin/env tsx
/** A protoc plugin in front of protoc-gen-es: leaves out the options of the contracts, which the services enforce and a
 * browser only would have to load. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { CodeGeneratorRequestSchema, type DescriptorProto } from "@bufbuild/protobuf/wkt";

const request = fromBinary(CodeGeneratorRequestSchema, new Uint8Array(readFileSync(0)));
const lean = (holder: { options?: { $unknown?: unknown } | undefined }) => delete holder.options?.$unknown;

function leanMessage(message: DescriptorProto) {
  lean(message);
  message.field.forEach(lean);
  message.nestedType.forEach(leanMessage);
}
for (const file of [...request.protoFile, ...request.sourceFileDescriptors]) {
  if (!file.package.startsWith("carillon.")) continue;
  file.messageType.forEach(leanMessage);
  for (const service of file.service) service.method.forEach(lean);
}
const made = spawnSync("protoc-gen-es", { input: toBinary(CodeGeneratorRequestSchema, request), maxBuffer: 1 << 28 });
process.stderr.write(made.stderr);
process.stdout.write(made.stdout);
process.exitCode = made.status ?? 1;
